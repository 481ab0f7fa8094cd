//! What Wireshark shows of a frame: header, length, payload, end marker, checksum, and the described fields.

use std::fmt::Write;

use super::{
    lua,
    names::{Name, Names},
};
use crate::{
    framing::{Endian, LengthFormat, Size},
    protocol::{Extent, Field, FieldFormat, Protocol},
};

/// The declarations: filter names, types, names of values; as Lua.
pub(super) fn declare(protocol: &Protocol, names: &Names, id: &str) -> String {
    let frames = &protocol.layout.frames;
    let any = |f: fn(&crate::framing::FrameLayout) -> bool| frames.iter().any(f);
    let mut rows = vec![
        ("type", "string", "Frame type", true),
        ("size", "uint32", "Size on the wire", true),
        (
            "header",
            "bytes",
            "Header",
            any(|frame| !frame.headers.is_empty()),
        ),
        (
            "length",
            "uint64",
            "Length field",
            any(|frame| matches!(frame.size, Size::Length(_))),
        ),
        ("payload", "bytes", "Payload", true),
        (
            "checksum",
            "bytes",
            "Checksum",
            any(|frame| frame.checksum.as_ref().is_some_and(|sum| !sum.blocks)),
        ),
        (
            "ending",
            "bytes",
            "End marker",
            any(|frame| !frame.end.is_empty()),
        ),
    ];
    rows.retain(|row| row.3);
    let mut text = String::from("local f = {\n");
    for (name, kind, title, _) in rows {
        let _ = writeln!(
            text,
            "  {name} = ProtoField.{kind}(\"{id}.{name}\", \"{title}\"),"
        );
    }
    for (index, kind) in protocol.frames.iter().enumerate() {
        for (field, name) in kind.fields.iter().zip(names.of_frame(index)) {
            declare_one(&mut text, name, field);
        }
    }
    text.push_str("}\nproto.fields = f\n\n");
    let _ = writeln!(
        text,
        "local fault = ProtoExpert.new(\"{id}.no_frame\", \"No frame\", expert.group.MALFORMED, expert.severity.ERROR)"
    );
    if any(|frame| frame.checksum.is_some()) {
        let _ = write!(
            text,
            "local wrong_sum = ProtoExpert.new(\"{id}.bad_checksum\", \"Wrong checksum\", expert.group.CHECKSUM, \
             expert.severity.ERROR)\nproto.experts = {{ fault, wrong_sum }}\n"
        );
    } else {
        text.push_str("proto.experts = { fault }\n");
    }
    text
}

fn declare_one(text: &mut String, name: &Name, field: &Field) {
    let title = match &field.description {
        Some(description) => format!("{} ({description})", field.name),
        None => field.name.clone(),
    };
    let names = match &field.names[..] {
        [] => "nil".to_owned(),
        names => {
            let names: Vec<String> = (names.iter())
                .filter(|(value, _)| *value <= u64::from(u32::MAX))
                .map(|(value, name)| format!("[{value}] = {}", lua::text(name)))
                .collect();
            format!("{{ {} }}", names.join(", "))
        }
    };
    let _ = write!(
        text,
        "  {} = ProtoField.{}({}, {}",
        name.key,
        kind_of(field),
        lua::text(&name.filter),
        lua::text(&title)
    );
    match field.format {
        FieldFormat::Unsigned {
            width, bit, bits, ..
        } => {
            let all = bits == 8 * width as u32;
            let mask = if all {
                String::new()
            } else {
                format!(", 0x{:X}", (u64::MAX >> (64 - bits)) << bit)
            };
            if !all || names != "nil" {
                let _ = write!(text, ", base.DEC, {names}{mask}");
            }
        }
        FieldFormat::Unix { .. } => text.push_str(", base.UTC"),
        _ => {}
    }
    text.push_str("),\n");
}

/// Wireshark's type for a field.
fn kind_of(field: &Field) -> String {
    match field.format {
        FieldFormat::Unsigned { width, .. } => format!("uint{}", bits_of(width)),
        FieldFormat::Signed { width, .. } => format!("int{}", bits_of(width)),
        FieldFormat::Float { width: 4, .. } => "float".to_owned(),
        FieldFormat::Float { .. } => "double".to_owned(),
        FieldFormat::Ascii { .. } => "string".to_owned(),
        FieldFormat::Bcd { .. } | FieldFormat::Bytes { .. } | FieldFormat::Cp56 => {
            "bytes".to_owned()
        }
        FieldFormat::Unix { .. } => "absolute_time".to_owned(),
    }
}

/// The width of Wireshark's integer that holds so many bytes.
fn bits_of(width: usize) -> usize {
    if width <= 4 { 8 * width } else { 64 }
}

/// The function of a frame type that shows a frame; `frame` is its range of bytes, `item` its place in the tree.
pub(super) fn show(text: &mut String, protocol: &Protocol, names: &[Name], index: usize) {
    let (Some(kind), Some(layout)) = (
        protocol.frames.get(index),
        protocol.layout.frames.get(index),
    ) else {
        return;
    };
    text.push_str("    show = function(frame, item)\n");
    if kind.header_len > 0 {
        let _ = writeln!(
            text,
            "      item:add(f.header, frame(0, {}))",
            kind.header_len
        );
    }
    if let Size::Length(field) = &layout.size {
        show_length(text, field.offset, &field.format);
    }
    let marks = kind.header_len + kind.end_len;
    let payload = format!("frame({}, frame:len() - {marks})", kind.header_len);
    if layout.min > marks as u64 {
        let _ = writeln!(text, "      item:add(f.payload, {payload})");
    } else {
        let _ = writeln!(
            text,
            "      if frame:len() > {marks} then item:add(f.payload, {payload}) end"
        );
    }
    for (field, name) in kind.fields.iter().zip(names) {
        show_field(text, &name.key, field, layout.min);
    }
    if let Some(sum) = layout.checksum.as_ref().filter(|sum| !sum.blocks) {
        let width = sum.kind.width();
        let at = match sum.at {
            0.. => sum.at.to_string(),
            _ => format!("frame:len() - {}", sum.at.unsigned_abs()),
        };
        let _ = writeln!(text, "      item:add(f.checksum, frame({at}, {width}))");
    }
    if kind.end_len > 0 {
        let _ = writeln!(
            text,
            "      item:add(f.ending, frame(frame:len() - {0}, {0}))",
            kind.end_len
        );
    }
    text.push_str("    end,\n");
}

fn show_length(text: &mut String, offset: usize, format: &LengthFormat) {
    let _ = match format {
        LengthFormat::Uint { width, endian, .. } => {
            writeln!(
                text,
                "      item:{}(f.length, frame({offset}, {width}))",
                add(*endian)
            )
        }
        LengthFormat::Varint => write!(
            text,
            "      local length, width = varint(frame:raw(), {})\n      \
             item:add(f.length, frame({offset}, width), UInt64(length))\n",
            offset + 1
        ),
        LengthFormat::Ascii { sep } => write!(
            text,
            "      local length, width = digits(frame:raw(), {}, {sep})\n      \
             item:add(f.length, frame({offset}, width), UInt64(length))\n",
            offset + 1
        ),
    };
}

fn add(endian: Endian) -> &'static str {
    match endian {
        Endian::Big => "add",
        Endian::Little => "add_le",
    }
}

fn show_field(text: &mut String, key: &str, field: &Field, min: u64) {
    let (range, needed) = range(field);
    let indent = if needed <= min {
        "      ".to_owned()
    } else {
        let _ = write!(text, "      if frame:len() >= {needed} then\n  ");
        "      ".to_owned()
    };
    let call = match field.format {
        FieldFormat::Unsigned { endian, .. }
        | FieldFormat::Signed { endian, .. }
        | FieldFormat::Float { endian, .. } => {
            format!(
                "item:{}(f.{key}, {range}){}",
                add(endian),
                scaled(field, &range, endian)
            )
        }
        FieldFormat::Unix {
            endian, per_second, ..
        } => {
            let read = if endian == Endian::Big {
                "uint64"
            } else {
                "le_uint64"
            };
            format!(
                "local time = {range}:{read}():tonumber()\n{indent}item:add(f.{key}, {range}, \
                 NSTime.new(math.floor(time / {per_second}), time % {per_second} * {}))",
                1_000_000_000 / per_second
            )
        }
        _ => format!("item:add(f.{key}, {range})"),
    };
    let _ = writeln!(text, "{indent}{call}");
    if needed > min {
        text.push_str("      end\n");
    }
}

/// The bytes of a field in Lua, and how long a frame must be to have them.
fn range(field: &Field) -> (String, u64) {
    let at = field.offset;
    let width = match field.format {
        FieldFormat::Unsigned { width, .. }
        | FieldFormat::Signed { width, .. }
        | FieldFormat::Float { width, .. }
        | FieldFormat::Bcd { width, .. }
        | FieldFormat::Unix { width, .. } => width,
        FieldFormat::Cp56 => 7,
        FieldFormat::Ascii { extent } | FieldFormat::Bytes { extent } => match extent {
            Extent::Length(length) => length,
            Extent::Rest(marker) => {
                let range = format!("frame({at}, frame:len() - {})", at + marker);
                return (range, (at + marker) as u64 + 1);
            }
        },
    };
    (format!("frame({at}, {width})"), (at + width) as u64)
}

/// What is added to the text of a field with a scale or a unit.
fn scaled(field: &Field, range: &str, endian: Endian) -> String {
    let unit = field.unit.as_deref().map_or(String::new(), |unit| {
        format!(" {}", unit.replace('%', "%%"))
    });
    let Some(scale) = field.scale else {
        return match unit.is_empty() {
            true => String::new(),
            false => format!(":append_text({})", lua::text(&unit.replace("%%", "%"))),
        };
    };
    let little = if endian == Endian::Little { "le_" } else { "" };
    let read = match field.format {
        FieldFormat::Float { .. } => format!("{range}:{little}float()"),
        FieldFormat::Signed { width: 5.., .. } => format!("{range}:{little}int64():tonumber()"),
        FieldFormat::Signed { .. } => format!("{range}:{little}int()"),
        FieldFormat::Unsigned {
            width, bit, bits, ..
        } if bits < 8 * width as u32 => {
            let read = if width <= 4 {
                format!("{range}:{little}uint()")
            } else {
                format!("{range}:{little}uint64():tonumber()")
            };
            format!("math.floor({read} / 2 ^ {bit}) % 2 ^ {bits}")
        }
        FieldFormat::Unsigned { width: 5.., .. } => format!("{range}:{little}uint64():tonumber()"),
        _ => format!("{range}:{little}uint()"),
    };
    format!(
        ":append_text(({}):format({read} * {}))",
        lua::text(&format!(" = %g{unit}")),
        lua::number(scale)
    )
}
