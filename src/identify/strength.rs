//! How much a frame proves: bits of information by which it could have been no frame.
//!
//! Knows layouts and fields. A header that is matched, a length that ends where a segment does, an end marker in its
//! place, a checksum: each says "no" to all but one in so many random bytes. Zeros are everywhere, so they count less.

use crate::{
    framing::{FrameLayout, LengthFormat, Pattern, Size},
    protocol::{FrameType, Value},
};

/// What a byte that must be 0 is worth, of 8 bits.
const ZERO: f64 = 3.0;
/// What a length is worth that ends where a segment does.
const ALIGNED: f64 = 7.0;

/// What the frames of one type prove.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strength {
    /// By its header and end marker, a frame at a place where one should start.
    pub marks: f64,
    /// By its checksum, if it is right.
    pub checksum: f64,
    /// If it ends where a segment does.
    pub aligned: f64,
    /// Whether nothing but a searched end marker makes it: then any text is frames.
    pub bare: bool,
}

impl Strength {
    pub fn of(layout: &FrameLayout) -> Self {
        let headers = layout
            .headers
            .iter()
            .map(header)
            .fold(f64::INFINITY, f64::min);
        let header = match layout.headers.len() {
            0 => 0.0,
            n => (headers - (n as f64).log2()).max(0.0),
        };
        let end: f64 = layout.end.iter().map(|&byte| byte_bits(byte, 0xFF)).sum();
        let checksum = match &layout.checksum {
            None => 0.0,
            Some(sum) => 8.0 * sum.kind.width() as f64,
        };
        let (length, aligned) = match &layout.size {
            Size::Fixed(_) => (end, ALIGNED),
            // An end marker that is searched is found sooner or later; behind a header it proves a little.
            Size::Searched if layout.headers.is_empty() => (0.0, 0.0),
            Size::Searched => (end / 2.0, 2.0),
            Size::Length(field) => match field.format {
                LengthFormat::Uint { width, mask, .. } => {
                    let bits = f64::from((mask & (u64::MAX >> (64 - 8 * width))).count_ones());
                    let range = ((layout.max - layout.min + 1) as f64).log2();
                    (end + (bits - range).max(0.0) * 0.4, ALIGNED)
                }
                LengthFormat::Varint => (end, ALIGNED - 2.0),
                LengthFormat::Ascii { .. } => (end + 12.0, ALIGNED),
            },
        };
        Self {
            marks: header + length,
            checksum,
            aligned,
            bare: layout.headers.is_empty() && layout.size == Size::Searched,
        }
    }

    /// Whether something in the bytes themselves proves it, not only lengths that add up.
    pub fn is_solid(&self) -> bool {
        self.marks >= 5.0 || self.checksum > 0.0
    }
}

fn header(pattern: &Pattern) -> f64 {
    pattern
        .value
        .iter()
        .zip(&pattern.mask)
        .map(|(&value, &mask)| byte_bits(value, mask))
        .sum()
}

fn byte_bits(value: u8, mask: u8) -> f64 {
    let share = f64::from(mask.count_ones()) / 8.0;
    share * if value == 0 { ZERO } else { 8.0 }
}

/// What the named values of a frame's fields prove: a field of many values that always has one of the few known ones.
/// Less than nothing where it has another.
pub(super) fn fields(kind: &FrameType, frame: &[u8]) -> f64 {
    let mut bits = 0.0;
    for field in kind.fields.iter().filter(|field| !field.names.is_empty()) {
        let crate::protocol::FieldFormat::Unsigned { bits: width, .. } = field.format else {
            continue;
        };
        let known = f64::from(width) - (field.names.len() as f64).log2();
        match field.read(frame) {
            Some(Value::Named(0, _)) | None => {}
            Some(Value::Named(..)) => bits += (known * 0.5).clamp(0.0, 4.0),
            Some(_) => bits -= (known * 0.5).clamp(0.0, 4.0),
        }
    }
    bits
}
