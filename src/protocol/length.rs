//! `length = { … }` and `blocks = { … }`: a size that is written in the frame.

use super::{frame::MAX_FRAME, marker, source::Result, table::TomlTable};
use crate::framing::{Blocks, Endian, LengthField, LengthFormat};

/// Farthest place of a length field, in bytes from the first byte of the frame.
const FARTHEST: usize = 1024;
/// Bytes that a varint can have (MQTT 5.0, 1.5.5), and the largest value of one.
const VARINT: (usize, u64) = (4, 268_435_455);
/// Digits of a decimal length that the framer needs to take in for any size up to `MAX_FRAME`.
const MOST_DECIMAL: u64 = MAX_FRAME;

/// The byte orders by name.
pub(super) const ENDIANS: &[(&str, Endian)] = &[("big", Endian::Big), ("little", Endian::Little)];

#[derive(Clone, Copy)]
enum Format {
    Uint,
    Varint,
    Ascii,
}

const FORMATS: &[(&str, Format)] = &[
    ("uint", Format::Uint),
    ("varint", Format::Varint),
    ("ascii", Format::Ascii),
];

/// Reads the length field of a frame, if it has one.
pub(super) fn parse(frame: TomlTable<'_>) -> Result<Option<LengthField>> {
    let Some(inner) = frame.table("length", "length")? else {
        return Ok(None);
    };
    let table = inner.view();
    table.only(&[
        "offset", "width", "endian", "adjust", "mask", "format", "sep",
    ])?;
    let offset = match table.index("offset", FARTHEST)? {
        Some(offset) => offset.value,
        None => {
            return Err(table.missing("offset", "2, the place of the field in the frame, from 0"));
        }
    };
    let format = match table.word("format", FORMATS)?.unwrap_or(Format::Uint) {
        Format::Uint => uint(table)?,
        Format::Varint => {
            refuse(table, &["width", "endian", "mask", "sep"], "varint")?;
            LengthFormat::Varint
        }
        Format::Ascii => {
            refuse(table, &["width", "endian", "mask"], "ascii")?;
            LengthFormat::Ascii {
                sep: separator(table)?,
            }
        }
    };
    let adjust = table
        .int("adjust", -(MAX_FRAME as i128), MAX_FRAME.into())?
        .map_or(0, |n| n.value as i64);
    let field = LengthField {
        offset,
        format,
        adjust,
        blocks: blocks(frame)?,
    };
    let largest = largest(&field);
    if largest < smallest(&field, 0) {
        let message = format!(
            "with this length no frame is longer than {largest} bytes, and its field alone needs more"
        );
        return Err(table.error("adjust", message, "size = value + adjust counts from the first byte of the frame: write a larger `adjust`"));
    }
    Ok(Some(field))
}

fn uint(table: TomlTable<'_>) -> Result<LengthFormat> {
    refuse(table, &["sep"], "uint")?;
    let Some(width) = table.index("width", usize::MAX >> 1)? else {
        return Err(table.missing("width", "2, the bytes of the field"));
    };
    if !(1..=8).contains(&width.value) {
        let message = format!("a length field of {} bytes", width.value);
        return Err(table
            .source
            .error(&width.span, message, "write a width from 1 to 8"));
    }
    let all = u64::MAX >> (64 - 8 * width.value);
    let mask = match table.int("mask", 1, u64::MAX.into())? {
        Some(mask) if mask.value > all.into() => {
            let message = format!(
                "the mask has more bits than the field ({} bytes)",
                width.value
            );
            return Err(table.source.error(
                &mask.span,
                message,
                format!("write at most {all:#x}, or a larger `width`"),
            ));
        }
        // All bits of the field: the same as no mask, and compares as such.
        Some(mask) if mask.value == all.into() => u64::MAX,
        Some(mask) => mask.value as u64,
        None => u64::MAX,
    };
    Ok(LengthFormat::Uint {
        width: width.value,
        endian: table.word("endian", ENDIANS)?.unwrap_or_default(),
        mask,
    })
}

fn refuse(table: TomlTable<'_>, keys: &[&str], format: &str) -> Result<()> {
    match table.present(keys).first() {
        None => Ok(()),
        Some(key) => {
            let message = format!("`{key}` with a length of format \"{format}\"");
            Err(table.error(key, message, format!("leave `{key}` out")))
        }
    }
}

fn separator(table: TomlTable<'_>) -> Result<u8> {
    let Some(text) = table.text("sep")? else {
        return Err(table.missing("sep", "\"3A\", the byte behind the digits"));
    };
    match marker::exact(table.source, &text, "sep")?[..] {
        [byte] if !byte.is_ascii_digit() => Ok(byte),
        [_] => Err(table.source.error(
            &text.span,
            "the separator is itself a decimal digit",
            "write the byte behind the digits",
        )),
        _ => Err(table.source.error(
            &text.span,
            "the separator has several bytes",
            "write one byte: sep = \"3A\"",
        )),
    }
}

fn blocks(frame: TomlTable<'_>) -> Result<Option<Blocks>> {
    let Some(inner) = frame.table("blocks", "blocks")? else {
        return Ok(None);
    };
    let table = inner.view();
    table.only(&["after", "every", "add"])?;
    let number = |key, low: i128, example| match table.int(key, low, 65_535)? {
        Some(n) => Ok(n.value as u64),
        None => Err(table.missing(key, example)),
    };
    Ok(Some(Blocks {
        after: number(
            "after",
            0,
            "10, the first byte of the frame that is in a block",
        )?,
        every: number("every", 1, "16, the bytes of a block")?,
        add: number("add", 1, "2, the bytes added behind each block")?,
    }))
}

/// The smallest frame that can hold the field and an end marker of `end` bytes, and whose size the field can state.
pub(super) fn smallest(field: &LengthField, end: usize) -> u64 {
    let least = match field.format {
        LengthFormat::Uint { width, .. } => width,
        LengthFormat::Varint => 1,
        LengthFormat::Ascii { .. } => 2,
    };
    let (held, end) = ((field.offset + least) as u64, end as u64);
    let adjust = u64::try_from(field.adjust).unwrap_or(0);
    match field.format {
        LengthFormat::Uint { .. } => (held + end).max(adjust),
        _ => held + adjust.max(end),
    }
}

/// The largest size that the field can state.
pub(super) fn largest(field: &LengthField) -> u64 {
    let (value, before) = match field.format {
        LengthFormat::Uint { width, mask, .. } => (mask & (u64::MAX >> (64 - 8 * width)), 0),
        LengthFormat::Varint => (VARINT.1, field.offset + VARINT.0),
        LengthFormat::Ascii { .. } => (MOST_DECIMAL, field.offset),
    };
    let size = (i128::from(value) + i128::from(field.adjust) + before as i128)
        .clamp(0, u64::MAX.into()) as u64;
    match field.blocks {
        Some(Blocks { after, every, add }) => size.saturating_add(
            size.saturating_sub(after)
                .div_ceil(every)
                .saturating_mul(add),
        ),
        None => size,
    }
}
