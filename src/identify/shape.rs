//! A guessed frame type, and its text.
//!
//! Knows what a description can say; nothing of how the guess was made.

use std::fmt::Write;

use crate::{
    framing::{Endian, FrameLayout, LengthField, LengthFormat, Pattern, Size},
    protocol::{MAX_BY_LENGTH, MAX_BY_SEARCH},
};

/// How the size of a guessed frame is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    /// Always so many bytes.
    Fixed(usize),
    /// By a length field.
    Length(Field),
    /// Up to the end marker.
    Delimited,
}

/// A guessed length field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Field {
    pub offset: usize,
    pub width: usize,
    pub little: bool,
    pub adjust: i64,
}

impl Field {
    /// The byte order by its name.
    pub fn endian(&self) -> Endian {
        if self.little {
            Endian::Little
        } else {
            Endian::Big
        }
    }

    /// What it says at the beginning of these bytes.
    pub fn value(&self, bytes: &[u8]) -> Option<u64> {
        let field = bytes.get(self.offset..self.offset + self.width)?;
        let join = |value: u64, &byte: &u8| value << 8 | u64::from(byte);
        Some(match self.endian() {
            Endian::Big => field.iter().fold(0, join),
            Endian::Little => field.iter().rev().fold(0, join),
        })
    }

    /// The size of the frame at the beginning of these bytes.
    pub fn size(&self, bytes: &[u8]) -> Option<usize> {
        let size = i64::try_from(self.value(bytes)?)
            .ok()?
            .checked_add(self.adjust)?;
        usize::try_from(size)
            .ok()
            .filter(|&size| size >= self.offset + self.width)
    }
}

/// A guessed frame type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shape {
    /// Its headers, all of one length; none: no header.
    pub headers: Vec<Vec<u8>>,
    pub extent: Extent,
    pub end: Vec<u8>,
}

impl Shape {
    /// What the framer makes of it.
    pub fn layout(&self) -> FrameLayout {
        let pattern = |header: &Vec<u8>| Pattern {
            value: header.clone(),
            mask: vec![0xFF; header.len()],
        };
        let marks = (self.headers.first().map_or(0, Vec::len) + self.end.len()) as u64;
        let (size, min, max) = match &self.extent {
            Extent::Fixed(size) => (Size::Fixed(*size), *size as u64, *size as u64),
            Extent::Delimited => (Size::Searched, marks, MAX_BY_SEARCH),
            Extent::Length(field) => {
                let format = LengthFormat::Uint {
                    width: field.width,
                    endian: field.endian(),
                    mask: u64::MAX,
                };
                let behind = (field.offset + field.width + self.end.len()) as u64;
                let largest =
                    (u64::MAX >> (64 - 8 * field.width)).saturating_add_signed(field.adjust);
                let length = LengthField {
                    offset: field.offset,
                    format,
                    adjust: field.adjust,
                    blocks: None,
                };
                (
                    Size::Length(length),
                    behind.max(marks),
                    largest.min(MAX_BY_LENGTH),
                )
            }
        };
        FrameLayout {
            headers: self.headers.iter().map(pattern).collect(),
            size,
            end: self.end.clone(),
            min,
            max,
            checksum: None,
        }
    }
}

/// Bytes in hex: `FD AA`.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    digits.join(" ")
}

/// The description of these frame types.
pub(super) fn toml(name: &str, port: u16, shapes: &[Shape]) -> String {
    let mut text = format!(
        "# Drafted by deframe from what was seen on port {port}: check it against the device's manual.\n\
         name        = \"{name}\"\n\
         description = \"Unknown protocol on port {port}\"\n\
         ports       = [{port}]\n"
    );
    for (index, shape) in shapes.iter().enumerate() {
        let _ = write!(text, "\n[[frame]]\nname   = \"frame{}\"\n", index + 1);
        match &shape.headers[..] {
            [] => {}
            [one] => {
                let _ = writeln!(text, "header = \"{}\"", hex(one));
            }
            several => {
                let headers: Vec<String> = several
                    .iter()
                    .map(|header| format!("\"{}\"", hex(header)))
                    .collect();
                let _ = writeln!(text, "header = [{}]", headers.join(", "));
            }
        }
        match &shape.extent {
            Extent::Fixed(size) => {
                let _ = writeln!(text, "size   = {size}");
            }
            Extent::Length(field) => {
                let endian = if field.little && field.width > 1 {
                    ", endian = \"little\""
                } else {
                    ""
                };
                let _ = writeln!(
                    text,
                    "length = {{ offset = {}, width = {}{endian}, adjust = {} }}",
                    field.offset, field.width, field.adjust
                );
            }
            Extent::Delimited => {}
        }
        if !shape.end.is_empty() {
            let _ = writeln!(text, "end    = \"{}\"", hex(&shape.end));
        }
    }
    text
}
