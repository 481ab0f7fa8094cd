//! Lengths that are written in frames: reading them, writing them.

use super::layout::{Endian, LengthField, LengthFormat};

/// What a length field states.
pub(super) enum Field {
    /// The size of the frame, and where the field ends in it.
    Size { size: u64, behind: usize },
    /// It is not complete: at least this many bytes are needed.
    More(usize),
    /// It is no number.
    Bad,
}

/// Digits that a length may have; more are no length.
const DIGITS_MAX: usize = 18;

impl LengthField {
    /// Reads the field of the frame that begins with these bytes.
    pub(super) fn read(&self, bytes: &[u8]) -> Field {
        let rest = bytes.get(self.offset..).unwrap_or_default();
        let (value, width, counted) = match self.format {
            LengthFormat::Uint {
                width,
                endian,
                mask,
            } => match rest.get(..width) {
                Some(field) => (uint(field, endian) & mask, width, 0),
                None => return Field::More(self.offset + width),
            },
            LengthFormat::Varint => match varint(rest) {
                Some(Ok((value, width))) => (value, width, self.offset + width),
                Some(Err(())) => return Field::Bad,
                None => return Field::More((self.offset + rest.len()).max(self.offset) + 1),
            },
            LengthFormat::Ascii { sep } => match digits(rest, sep) {
                Some(Ok((value, width))) => (value, width, self.offset + width),
                Some(Err(())) => return Field::Bad,
                None => return Field::More((self.offset + rest.len()).max(self.offset) + 1),
            },
        };
        let base = i128::from(value) + i128::from(self.adjust) + counted as i128;
        let added = self.blocks.map_or(0, |b| {
            let inside = (base - i128::from(b.after)).max(0) as u128;
            i128::try_from(
                inside
                    .div_ceil(u128::from(b.every.max(1)))
                    .saturating_mul(u128::from(b.add)),
            )
            .unwrap_or(i128::MAX)
        });
        let size = u64::try_from(base.saturating_add(added).max(0)).unwrap_or(u64::MAX);
        Field::Size {
            size,
            behind: self.offset + width,
        }
    }

    /// Writes the length of a frame into it.
    pub(super) fn write(&self, frame: &mut Vec<u8>) -> Option<()> {
        let size = i64::try_from(frame.len()).ok()?;
        match self.format {
            LengthFormat::Uint {
                width,
                endian,
                mask,
            } => {
                let value =
                    u64::try_from(self.without_blocks(size).checked_sub(self.adjust)?).ok()?;
                let room = frame.get_mut(self.offset..self.offset.checked_add(width)?)?;
                for (index, byte) in room.iter_mut().enumerate() {
                    let low = if endian == Endian::Little {
                        index
                    } else {
                        width - 1 - index
                    };
                    let (value, mask) = ((value >> (8 * low)) as u8, (mask >> (8 * low)) as u8);
                    *byte = *byte & !mask | value & mask;
                }
            }
            LengthFormat::Varint => {
                let counted = self
                    .without_blocks(size)
                    .checked_sub(i64::try_from(self.offset).ok()?)?;
                let mut value = u64::try_from(counted.checked_sub(self.adjust)?).ok()?;
                let mut digits = Vec::new();
                while value >= 0x80 {
                    digits.push(value as u8 | 0x80);
                    value >>= 7;
                }
                digits.push(value as u8);
                self.insert(frame, &digits)?;
            }
            LengthFormat::Ascii { sep } => {
                let counted = self
                    .without_blocks(size)
                    .checked_sub(i64::try_from(self.offset).ok()?)?;
                let mut digits = counted.checked_sub(self.adjust)?.to_string().into_bytes();
                digits.push(sep);
                self.insert(frame, &digits)?;
            }
        }
        Some(())
    }

    fn insert(&self, frame: &mut Vec<u8>, digits: &[u8]) -> Option<()> {
        frame.get(self.offset..)?;
        frame.splice(self.offset..self.offset, digits.iter().copied());
        Some(())
    }

    /// The size of a frame without what blocks add to it.
    fn without_blocks(&self, size: i64) -> i64 {
        let Some(b) = self.blocks else { return size };
        let inside = u64::try_from(size).unwrap_or(0).saturating_sub(b.after);
        let started = inside.div_ceil(b.every.saturating_add(b.add).max(1));
        size.saturating_sub_unsigned(started.saturating_mul(b.add))
    }
}

fn uint(bytes: &[u8], endian: Endian) -> u64 {
    let join = |value: u64, &byte: &u8| value << 8 | u64::from(byte);
    match endian {
        Endian::Big => bytes.iter().fold(0, join),
        Endian::Little => bytes.iter().rev().fold(0, join),
    }
}

/// MQTT 5.0, 1.5.5. `None` if it goes on behind these bytes.
fn varint(bytes: &[u8]) -> Option<Result<(u64, usize), ()>> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(4).enumerate() {
        value |= u64::from(byte & 0x7F) << (7 * index);
        if byte < 0x80 {
            return Some(Ok((value, index + 1)));
        }
    }
    (bytes.len() >= 4).then_some(Err(()))
}

/// Decimal digits without a leading zero, up to the separator. `None` if they may go on behind these bytes.
fn digits(bytes: &[u8], sep: u8) -> Option<Result<(u64, usize), ()>> {
    let mut value = 0u64;
    for (index, &byte) in bytes.iter().take(DIGITS_MAX + 1).enumerate() {
        match byte {
            b if b == sep && index > 0 => return Some(Ok((value, index + 1))),
            b'0'..=b'9' if index == 0 || bytes.first() != Some(&b'0') => {
                value = value
                    .saturating_mul(10)
                    .saturating_add(u64::from(byte - b'0'));
            }
            _ => return Some(Err(())),
        }
    }
    (bytes.len() > DIGITS_MAX).then_some(Err(()))
}
