//! Fields of a frame, and how they are read out of its bytes.
//!
//! Knows the bytes of one frame; nothing of TOML (`field_text` reads the description).

use std::ops::Range;

use super::value::{Moment, Value};
use crate::framing::Endian;

/// A field of a frame type.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name, unique in the frame type.
    pub name: String,
    /// What it means.
    pub description: Option<String>,
    /// Its first byte, counted from the first byte of the frame.
    pub offset: usize,
    /// How its bytes are read.
    pub format: FieldFormat,
    /// Factor to the number on the wire; the value is then a [`Value::Float`].
    pub scale: Option<f64>,
    /// Unit of the value, scaled: `°C`.
    pub unit: Option<String>,
    /// Names of some of its values.
    pub names: Vec<(u64, String)>,
}

impl Field {
    /// The first number that is too large for it, where it is a whole number without sign and not scaled: there a counter
    /// starts again from 0.
    pub fn wraps_at(&self) -> Option<f64> {
        match self.format {
            FieldFormat::Unsigned { bits, .. } if self.scale.is_none() => {
                Some(2f64.powi(bits as i32))
            }
            _ => None,
        }
    }
}

/// How the bytes of a field are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldFormat {
    /// Unsigned integer of `width` bytes, of which `bits` bits from bit `bit` (0 is the lowest) are the field.
    Unsigned {
        /// Bytes, 1 to 8.
        width: usize,
        /// Byte order.
        endian: Endian,
        /// Lowest bit of the field.
        bit: u32,
        /// How many bits.
        bits: u32,
    },
    /// Signed integer, two's complement, of 1 to 8 bytes.
    Signed {
        /// Bytes.
        width: usize,
        /// Byte order.
        endian: Endian,
    },
    /// IEEE 754 number of 4 or 8 bytes.
    Float {
        /// Bytes.
        width: usize,
        /// Byte order.
        endian: Endian,
    },
    /// Decimal digits, two a byte.
    Bcd {
        /// Bytes, 1 to 8.
        width: usize,
        /// Order of its bytes.
        endian: Endian,
    },
    /// Text in ASCII; without a length up to the end marker.
    Ascii {
        /// Bytes, or all up to the end marker.
        extent: Extent,
    },
    /// Bytes as they are.
    Bytes {
        /// Bytes, or all up to the end marker.
        extent: Extent,
    },
    /// Units since 1970-01-01T00:00:00Z.
    Unix {
        /// Bytes, 1 to 8.
        width: usize,
        /// Byte order.
        endian: Endian,
        /// Units in a second: 1, 1,000, 1,000,000 or 1,000,000,000.
        per_second: i64,
    },
    /// CP56Time2a of IEC 60870-5-4, 6.8: seven bytes, taken as UTC.
    Cp56,
}

/// How far a text or bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// So many bytes.
    Length(usize),
    /// Up to the end marker, which has this many bytes.
    Rest(usize),
}

impl Field {
    /// Its value in a frame of its type; none where the frame is too short for it or its bytes mean nothing (a BCD
    /// digit above 9, month 13).
    pub fn read<'a>(&'a self, frame: &'a [u8]) -> Option<Value<'a>> {
        let bytes = self.bytes(frame)?;
        let value = match self.format {
            FieldFormat::Unsigned {
                endian, bit, bits, ..
            } => Value::Unsigned(unsigned(bytes, endian) >> bit & (u64::MAX >> (64 - bits))),
            FieldFormat::Signed { endian, .. } => Value::Signed(signed(bytes, endian)),
            FieldFormat::Float { endian, .. } => Value::Float(float(bytes, endian)?),
            FieldFormat::Bcd { endian, .. } => Value::Unsigned(bcd(bytes, endian)?),
            FieldFormat::Ascii { .. } => Value::Text(text(bytes)),
            FieldFormat::Bytes { .. } => Value::Bytes(bytes),
            FieldFormat::Unix {
                endian, per_second, ..
            } => Value::Time(Moment::from_count(
                i64::try_from(unsigned(bytes, endian)).ok()?,
                per_second,
            )),
            FieldFormat::Cp56 => Value::Time(cp56(bytes)?),
        };
        Some(self.dress(value))
    }

    /// The number scaled or named.
    fn dress<'a>(&'a self, value: Value<'a>) -> Value<'a> {
        match (value, self.scale) {
            (Value::Unsigned(number), Some(scale)) => Value::Float(number as f64 * scale),
            (Value::Signed(number), Some(scale)) => Value::Float(number as f64 * scale),
            (Value::Float(number), Some(scale)) => Value::Float(number * scale),
            (Value::Unsigned(number), None) => {
                match self.names.iter().find(|(named, _)| *named == number) {
                    Some((_, name)) => Value::Named(number, name),
                    None => Value::Unsigned(number),
                }
            }
            (value, _) => value,
        }
    }

    fn bytes<'a>(&self, frame: &'a [u8]) -> Option<&'a [u8]> {
        frame.get(self.range(frame.len())?)
    }

    /// Its bytes in a frame of `size` bytes; they may lie behind its end.
    pub fn range(&self, size: usize) -> Option<Range<usize>> {
        let end = match self.extent() {
            Extent::Length(length) => self.offset.checked_add(length)?,
            Extent::Rest(marker) => size.checked_sub(marker)?,
        };
        Some(self.offset..end)
    }

    fn extent(&self) -> Extent {
        match self.format {
            FieldFormat::Unsigned { width, .. }
            | FieldFormat::Signed { width, .. }
            | FieldFormat::Float { width, .. }
            | FieldFormat::Bcd { width, .. }
            | FieldFormat::Unix { width, .. } => Extent::Length(width),
            FieldFormat::Ascii { extent } | FieldFormat::Bytes { extent } => extent,
            FieldFormat::Cp56 => Extent::Length(7),
        }
    }

    /// Whether it lies within a frame of `size` bytes.
    pub(super) fn fits(&self, size: usize) -> bool {
        match self.extent() {
            Extent::Length(length) => self
                .offset
                .checked_add(length)
                .is_some_and(|end| end <= size),
            Extent::Rest(marker) => self
                .offset
                .checked_add(marker)
                .is_some_and(|end| end <= size),
        }
    }
}

/// The bytes, highest first.
fn ordered(bytes: &[u8], endian: Endian) -> impl Iterator<Item = u8> {
    let last = bytes.len().wrapping_sub(1);
    (0..bytes.len()).filter_map(move |at| {
        let at = if endian == Endian::Big { at } else { last - at };
        bytes.get(at).copied()
    })
}

fn unsigned(bytes: &[u8], endian: Endian) -> u64 {
    ordered(bytes, endian).fold(0, |number, byte| number << 8 | u64::from(byte))
}

fn signed(bytes: &[u8], endian: Endian) -> i64 {
    let unused = 64u32.saturating_sub(8 * bytes.len() as u32);
    (unsigned(bytes, endian).checked_shl(unused).unwrap_or(0) as i64) >> unused.min(63)
}

fn float(bytes: &[u8], endian: Endian) -> Option<f64> {
    let bits = unsigned(bytes, endian);
    match bytes.len() {
        4 => Some(f32::from_bits(bits as u32).into()),
        8 => Some(f64::from_bits(bits)),
        _ => None,
    }
}

fn bcd(bytes: &[u8], endian: Endian) -> Option<u64> {
    ordered(bytes, endian).try_fold(0u64, |number, byte| {
        let (high, low) = (byte >> 4, byte & 0xf);
        (high <= 9 && low <= 9).then(|| number * 100 + u64::from(high) * 10 + u64::from(low))
    })
}

fn text(bytes: &[u8]) -> String {
    let filling = |byte: &&u8| matches!(**byte, 0 | b' ');
    let length = bytes.len() - bytes.iter().rev().take_while(filling).count();
    bytes
        .iter()
        .take(length)
        .flat_map(|byte| byte.escape_ascii())
        .map(char::from)
        .collect()
}

fn cp56(bytes: &[u8]) -> Option<Moment> {
    let &[low, high, minute, hour, day, month, year] = bytes else {
        return None;
    };
    let millis = i64::from(u16::from_le_bytes([low, high]));
    let part = |byte: u8, mask: u8| i64::from(byte & mask);
    let (minute, hour) = (part(minute, 0x3f), part(hour, 0x1f));
    let (day, month, year) = (part(day, 0x1f), part(month, 0x0f), part(year, 0x7f));
    let legal = millis < 60_000
        && minute < 60
        && hour < 24
        && (1..=31).contains(&day)
        && (1..=12).contains(&month);
    legal.then(|| {
        Moment::from_date(
            2000 + year,
            month,
            day,
            (hour * 60 + minute) * 60_000 + millis,
        )
    })
}
