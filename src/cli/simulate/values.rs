//! The values that options of `deframe simulate` take, where they are more than a number or a name.

use deframe::simulate::{Isn, StartOffset};

/// Milliseconds, as nanoseconds.
pub fn milliseconds(text: &str) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|time| (0.0..=86_400_000.0).contains(time))
        .map(|time: f64| (time * 1e6) as u64)
        .ok_or_else(|| "write a number from 0 to 86400000".to_owned())
}

/// How often of all times.
pub fn rate(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|rate| (0.0..=1.0).contains(rate))
        .ok_or_else(|| "write a number from 0 to 1: 0.05 is one in twenty".to_owned())
}

/// `64KiB`, `256MiB`, `1GiB`, or bytes.
pub fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match &text[digits.len()..] {
        "" | "B" => 0,
        "K" | "KiB" => 10,
        "M" | "MiB" => 20,
        "G" | "GiB" => 30,
        _ => return Err("write bytes, or a number with KiB, MiB or GiB".to_owned()),
    };
    let number: u64 = digits
        .trim()
        .parse()
        .map_err(|_| "write a number, as in 256MiB".to_owned())?;
    number
        .checked_mul(1 << shift)
        .ok_or_else(|| "too large".to_owned())
}

pub fn start_offset(text: &str) -> Result<StartOffset, String> {
    match text {
        "random" => Ok(StartOffset::Random),
        _ => text
            .parse()
            .map(StartOffset::At)
            .map_err(|_| "write a number of bytes, or random".to_owned()),
    }
}

pub fn isn(text: &str) -> Result<Isn, String> {
    match text {
        "random" => Ok(Isn::Random),
        "wrap" => Ok(Isn::Wrap),
        _ => text
            .parse()
            .map(Isn::Fixed)
            .map_err(|_| "write a number below 2^32, random or wrap".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, want) in [
            ("12", Some(12)),
            ("64KiB", Some(65_536)),
            ("1G", Some(1 << 30)),
            ("x", None),
            ("5 parsecs", None),
            ("99999999999GiB", None),
        ] {
            assert_eq!(size(text).ok(), want, "{text}");
        }
    }
}
