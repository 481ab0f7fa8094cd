//! Numbers, times and foreign bytes as text for people.

use std::fmt;

use deframe::capture::Time;

/// A number in groups of three digits: `1,234,567`.
pub struct Grouped(pub u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}

/// A share of a whole in percent: `12.3 %`; a share that is not nothing never shows as 0.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let percent = part as f64 * 100.0 / whole as f64;
    match percent {
        p if part == 0 || p >= 0.05 && (p < 99.95 || part == whole) => format!("{p:.1} %"),
        p if p < 0.05 => "<0.1 %".to_owned(),
        _ => ">99.9 %".to_owned(),
    }
}

/// A duration with its unit, three digits: `1.25 ms`.
pub fn duration(nanos: u64) -> String {
    let units = [("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)];
    let n = nanos as f64;
    if n >= 100e9 {
        let seconds = nanos / 1_000_000_000;
        return match (
            seconds / 86_400,
            seconds / 3600 % 24,
            seconds / 60 % 60,
            seconds % 60,
        ) {
            (0, 0, m, s) => format!("{m} min {s} s"),
            (0, h, m, _) => format!("{h} h {m} min"),
            (d, h, _, _) => format!("{d} d {h} h"),
        };
    }
    let (unit, size) = units
        .into_iter()
        .rev()
        .find(|(_, size)| n >= *size)
        .unwrap_or(units[0]);
    let value = n / size;
    match value {
        v if size == 1.0 => format!("{v:.0} {unit}"),
        v if v < 9.995 => format!("{v:.2} {unit}"),
        v if v < 99.95 => format!("{v:.1} {unit}"),
        v => format!("{v:.0} {unit}"),
    }
}

/// Bytes with a unit: `1.3 MiB`, `1 MiB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    // From 1023.95 on it would show as 1024.0 of its unit.
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let value = format!("{value:.1}");
    format!(
        "{} {}",
        value.strip_suffix(".0").unwrap_or(&value),
        UNITS[unit]
    )
}

/// RFC 3339 in UTC with nine digits.
pub struct Rfc3339(pub Time);

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_nanosecond(self.0.nanos() as i128) {
            Ok(time) => write!(f, "{time:.9}"),
            Err(_) => write!(f, "{} ns", self.0.nanos()),
        }
    }
}

/// Text from a capture, a description, a file name or an option, as it may go to a terminal: every character that could
/// move the cursor, ring, colour, hide or reorder text is escaped as `\u{1b}`. Everything from outside passes here.
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.contains(is_active) {
            return f.pad(self.0);
        }
        let mut text = String::with_capacity(self.0.len() + 8);
        for c in self.0.chars() {
            match is_active(c) {
                true => text.extend(c.escape_default()),
                false => text.push(c),
            }
        }
        f.pad(&text)
    }
}

/// The same for a message, which may have several lines.
pub fn escape_lines(text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| Escaped(line).to_string())
        .collect();
    lines.join("\n")
}

/// Whether a terminal does something with a character but show it: controls (C0, DEL, C1), marks that reorder text,
/// characters without a width, and separators of lines.
pub fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `1 frame`, `2 frames`.
pub fn count(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", Grouped(n), if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (n, want) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(Grouped(n).to_string(), want);
        }
        assert_eq!(format!("{:>7}|", Grouped(1000)), "  1,000|");
    }

    #[test]
    fn percents_never_round_to_nothing_or_all() {
        for (part, whole, want) in [
            (0, 10, "0.0 %"),
            (1, 3, "33.3 %"),
            (1, 100_000, "<0.1 %"),
            (99_999, 100_000, ">99.9 %"),
            (5, 5, "100.0 %"),
            (1, 0, "-"),
        ] {
            assert_eq!(percent(part, whole), want);
        }
    }

    #[test]
    fn durations_and_sizes() {
        for (n, want) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_250, "1.25 µs"),
            (12_345_678, "12.3 ms"),
            (99_999_999_999, "100 s"),
            (100_000_000_000, "1 min 40 s"),
            (7_260_000_000_000, "2 h 1 min"),
            (180_000_000_000_000, "2 d 2 h"),
        ] {
            assert_eq!(duration(n), want);
        }
        for (n, want) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1536, "1.5 KiB"),
            (1 << 20, "1 MiB"),
            (1_048_575, "1 MiB"),
            (1 << 30, "1 GiB"),
        ] {
            assert_eq!(size(n), want);
        }
    }

    #[test]
    fn times() {
        for (nanos, want) in [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (1_700_000_000_002_735_001, "2023-11-14T22:13:20.002735001Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
        ] {
            assert_eq!(Rfc3339(Time::from_nanos(nanos)).to_string(), want);
        }
    }

    #[test]
    fn names_stay_on_their_line() {
        for (text, want) in [
            ("a\u{1b}[2Jb\n", "a\\u{1b}[2Jb\\n"),
            ("bell\u{7}", "bell\\u{7}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{202e}pacp.exe", "\\u{202e}pacp.exe"),
            ("\u{2067}x\u{2069}", "\\u{2067}x\\u{2069}"),
            ("größe 尺寸", "größe 尺寸"),
        ] {
            assert_eq!(Escaped(text).to_string(), want);
        }
        assert_eq!(escape_lines("a\nb\r"), "a\nb\\r");
    }
}
