//! Numbers and durations in sentences.

/// `1 frame`, `1,204 frames`.
pub(super) fn count(n: u64, noun: &str) -> String {
    let plural = match noun {
        _ if n == 1 => "",
        _ if noun.ends_with('s') => "es",
        _ => "s",
    };
    format!("{} {noun}{plural}", grouped(n))
}

/// `1,204`.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `0.0 %` to `100.0 %`; never 0 for a part that is there, never 100 for one that is not all.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1000 / u128::from(whole.max(1));
    let tenths = match tenths {
        0 if part > 0 => return "under 0.1 %".to_owned(),
        t => t.min(1000),
    };
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// `310 ms`, `8.0 s`, `20 min`, `1 h 5 min`, `2 d 3 h`.
pub(super) fn duration(ns: u64) -> String {
    let ms = ns / 1_000_000;
    match ms {
        0 => format!("{} µs", ns / 1000),
        1..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        60_000..3_600_000 => format!("{} min", ms / 60_000),
        3_600_000..86_400_000 => format!("{} h {} min", ms / 3_600_000, ms / 60_000 % 60),
        _ => format!("{} d {} h", ms / 86_400_000, ms / 3_600_000 % 24),
    }
}

/// `in packet 7`, `first in packet 7`.
pub(super) fn first_in(packet: u64, n: u64) -> String {
    match n {
        1 => format!("in packet {packet}"),
        _ => format!("first in packet {packet}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (n, want) in [
            (0, "0 frames"),
            (1, "1 frame"),
            (1204, "1,204 frames"),
            (1_000_000, "1,000,000 frames"),
        ] {
            assert_eq!(count(n, "frame"), want);
        }
        assert_eq!(count(2, "byte of address"), "2 byte of addresses");
        for (part, whole, want) in [
            (0, 7, "0.0 %"),
            (1, 3000, "under 0.1 %"),
            (1, 3, "33.3 %"),
            (5, 5, "100.0 %"),
            (0, 0, "0.0 %"),
        ] {
            assert_eq!(percent(part, whole), want);
        }
    }

    #[test]
    fn durations() {
        for (ns, want) in [
            (20_000, "20 µs"),
            (310_000_000, "310 ms"),
            (8_000_000_000, "8.0 s"),
            (1_200_000_000_000, "20 min"),
            (3_900_000_000_000, "1 h 5 min"),
            (183_600_000_000_000, "2 d 3 h"),
        ] {
            assert_eq!(duration(ns), want);
        }
    }
}
