//! What a field holds, and how people read it.

use std::fmt;

/// The value of a field in one frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A whole number, bits and decimal digits (BCD) too.
    Unsigned(u64),
    /// A whole number with a sign.
    Signed(i64),
    /// A number with a point, or one that was scaled.
    Float(f64),
    /// A number that the description gives a name.
    Named(u64, &'a str),
    /// A text, without the NULs and spaces that fill it up at its end; what is no printable ASCII is escaped.
    Text(String),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A moment.
    Time(Moment),
}

impl Value<'_> {
    /// The number that it is, if it is one; a moment as seconds since 1970.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Unsigned(n) | Value::Named(n, _) => Some(*n as f64),
            Value::Signed(n) => Some(*n as f64),
            Value::Float(n) => Some(*n).filter(|n| n.is_finite()),
            Value::Time(moment) => Some(moment.sec as f64 + f64::from(moment.nsec) / 1e9),
            Value::Text(_) | Value::Bytes(_) => None,
        }
    }
}

/// A moment that a device states, as UTC; leap seconds not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub sec: i64,
    /// Nanoseconds above, 0 to 999,999,999.
    pub nsec: u32,
}

impl Moment {
    /// From a count of units of which `per_second` make a second.
    pub(super) fn from_count(count: i64, per_second: i64) -> Self {
        let rest = count.rem_euclid(per_second);
        Self {
            sec: count.div_euclid(per_second),
            nsec: (rest * (1_000_000_000 / per_second)) as u32,
        }
    }

    /// From a date of the Gregorian calendar and milliseconds of its day.
    pub(super) fn from_date(year: i64, month: i64, day: i64, millis: i64) -> Self {
        // Days by Howard Hinnant's formula, "chrono-compatible low-level date algorithms": years begin in March.
        let year = if month <= 2 { year - 1 } else { year };
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468;
        Self::from_count(days * 86_400_000 + millis, 1000)
    }

    /// Year, month, day.
    fn date(self) -> (i64, i64, i64) {
        let days = self.sec.div_euclid(86_400) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let day_of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        (year + era * 400 + i64::from(month <= 2), month, day)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let second = self.sec.rem_euclid(86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        if self.nsec > 0 {
            let digits = format!("{:09}", self.nsec);
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        write!(f, "Z")
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Unsigned(number) => number.fmt(f),
            Value::Signed(number) => number.fmt(f),
            Value::Float(number) => number.fmt(f),
            Value::Named(number, name) => write!(f, "{number} ({name})"),
            Value::Text(text) => text.fmt(f),
            Value::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Value::Time(time) => time.fmt(f),
        }
    }
}
