//! The table of frame types: header, size, limits, end marker, checksum, and what is shown of a frame.

use std::fmt::Write;

use super::{checksum, fields, lua, names::Names};
use crate::{
    framing::{Blocks, Endian, FrameLayout, LengthField, LengthFormat, Pattern, Size},
    protocol::{FrameType, Protocol},
};

/// The table, as Lua.
pub(super) fn table(protocol: &Protocol, names: &Names) -> String {
    let mut text = String::from(
        "-- The frame types, in the order in which they are tried. Sizes are those on the wire.\n\
         local frame_types = {\n",
    );
    for (index, (kind, layout)) in protocol
        .frames
        .iter()
        .zip(&protocol.layout.frames)
        .enumerate()
    {
        one(&mut text, protocol, names, index, kind, layout);
    }
    text.push_str("}\n");
    text
}

fn one(
    text: &mut String,
    protocol: &Protocol,
    names: &Names,
    index: usize,
    kind: &FrameType,
    layout: &FrameLayout,
) {
    text.push_str("  {\n");
    let _ = writeln!(text, "    name = {},", lua::text(&kind.name));
    if !layout.headers.is_empty() {
        let headers: Vec<String> = layout.headers.iter().map(header).collect();
        let _ = writeln!(text, "    headers = {{ {} }},", headers.join(", "));
    }
    match &layout.size {
        Size::Fixed(size) => {
            let _ = writeln!(text, "    size = function() return {size} end,");
        }
        Size::Searched => {
            let _ = writeln!(
                text,
                "    size = function(bytes, at) return search(bytes, at, {}, {}, {}) end,",
                kind.header_len,
                lua::bytes(&layout.end),
                layout.max
            );
        }
        Size::Length(field) => size(text, field),
    }
    let _ = writeln!(text, "    min = {}, max = {},", layout.min, layout.max);
    if !layout.end.is_empty() {
        let _ = writeln!(text, "    ending = {},", lua::bytes(&layout.end));
    }
    if let Some(sum) = &layout.checksum {
        checksum::check(text, sum, layout);
    }
    fields::show(text, protocol, names.of_frame(index), index);
    text.push_str("  },\n");
}

/// A header in hex digits, `.` for any.
fn header(pattern: &Pattern) -> String {
    let digit = |value: u8, mask: u8| match mask {
        0 => '.',
        _ => char::from_digit(u32::from(value), 16)
            .unwrap_or('.')
            .to_ascii_uppercase(),
    };
    let digits: String = (pattern.value.iter().zip(&pattern.mask))
        .flat_map(|(value, mask)| [digit(value >> 4, mask >> 4), digit(value & 15, mask & 15)])
        .collect();
    lua::text(&digits)
}

/// The function that reads the size out of a length field.
fn size(text: &mut String, field: &LengthField) {
    let at = plus("at", field.offset as i64);
    let mut bits = None;
    let (read, counted) = match field.format {
        LengthFormat::Uint {
            width,
            endian,
            mask,
        } => {
            let name = if endian == Endian::Big {
                "uint"
            } else {
                "uint_le"
            };
            bits = masked(mask, width);
            (format!("{name}(bytes, {at}, {width})"), false)
        }
        LengthFormat::Varint => (format!("varint(bytes, {at})"), true),
        LengthFormat::Ascii { sep } => (format!("digits(bytes, {at}, {sep})"), true),
    };
    text.push_str("    size = function(bytes, at)\n");
    if counted {
        let _ = writeln!(text, "      local length, width = {read}");
    } else {
        let _ = writeln!(text, "      local length = {read}");
    }
    text.push_str("      if not length then return length end\n");
    if let Some(bits) = bits {
        let _ = writeln!(text, "      length = {bits}");
    }
    let base = plus("length", field.adjust);
    let base = if counted {
        plus(&format!("{base} + width"), field.offset as i64)
    } else {
        base
    };
    match field.blocks {
        None => {
            let _ = writeln!(text, "      return {base}");
        }
        Some(Blocks { after, every, add }) => {
            let _ = writeln!(text, "      local size = {base}");
            let _ = writeln!(
                text,
                "      -- {add} bytes more behind each started block of {every}, from byte {after} on\n      \
                 return size + {add} * math.ceil(math.max(size - {after}, 0) / {every})"
            );
        }
    }
    text.push_str("    end,\n");
}

/// The bits of `length` that are length, where not all are: as Lua.
fn masked(mask: u64, width: usize) -> Option<String> {
    let all = u64::MAX >> (64 - 8 * width);
    match mask & all {
        mask if mask == all => None,
        mask if is_low(mask) => Some(format!(
            "length % {}  -- its lowest {} bits",
            mask + 1,
            mask.trailing_ones()
        )),
        mask => Some(format!("masked(length, 0x{mask:X})")),
    }
}

/// Whether the bits of a mask are side by side, from the lowest on.
pub(super) fn is_low(mask: u64) -> bool {
    mask & mask.wrapping_add(1) == 0
}

/// `name + n`, `name - n` or `name`.
pub(super) fn plus(name: &str, n: i64) -> String {
    match n {
        0 => name.to_owned(),
        1.. => format!("{name} + {n}"),
        _ => format!("{name} - {}", n.unsigned_abs()),
    }
}
