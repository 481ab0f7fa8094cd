//! One `[[frame.field]]` table.

use super::{
    field::{Extent, Field, FieldFormat},
    frame::{FrameType, MAX_FRAME},
    length::ENDIANS,
    source::Result,
    table::TomlTable,
};
use crate::framing::{Endian, FrameLayout, Size};

const KEYS: &[&str] = &[
    "name",
    "description",
    "offset",
    "from",
    "type",
    "endian",
    "bit",
    "bits",
    "length",
    "format",
    "width",
    "scale",
    "unit",
    "values",
];

#[derive(Clone, Copy)]
enum Type {
    Unsigned(usize),
    Signed(usize),
    Float(usize),
    Bcd,
    Ascii,
    Bytes,
    Time,
}

const TYPES: &[(&str, Type)] = &[
    ("u8", Type::Unsigned(1)),
    ("u16", Type::Unsigned(2)),
    ("u24", Type::Unsigned(3)),
    ("u32", Type::Unsigned(4)),
    ("u48", Type::Unsigned(6)),
    ("u64", Type::Unsigned(8)),
    ("i8", Type::Signed(1)),
    ("i16", Type::Signed(2)),
    ("i24", Type::Signed(3)),
    ("i32", Type::Signed(4)),
    ("i48", Type::Signed(6)),
    ("i64", Type::Signed(8)),
    ("f32", Type::Float(4)),
    ("f64", Type::Float(8)),
    ("bcd", Type::Bcd),
    ("ascii", Type::Ascii),
    ("bytes", Type::Bytes),
    ("time", Type::Time),
];

#[derive(Clone, Copy)]
enum TimeFormat {
    Unix(i64),
    Cp56,
}

const TIMES: &[(&str, TimeFormat)] = &[
    ("unix", TimeFormat::Unix(1)),
    ("unix-ms", TimeFormat::Unix(1000)),
    ("unix-us", TimeFormat::Unix(1_000_000)),
    ("unix-ns", TimeFormat::Unix(1_000_000_000)),
    ("cp56", TimeFormat::Cp56),
];

/// Reads the fields of a frame.
pub(super) fn parse_all(
    frame: TomlTable<'_>,
    kind: &FrameType,
    layout: &FrameLayout,
) -> Result<Vec<Field>> {
    let mut fields: Vec<Field> = Vec::new();
    for inner in frame.tables("field", "[[frame.field]]")? {
        let table = inner.view();
        let field = parse(table, kind)?;
        if fields.iter().any(|earlier| earlier.name == field.name) {
            let message = format!(
                "a second field of `{}` is called `{}`",
                kind.name, field.name
            );
            return Err(table.error("name", message, "give each field a name of its own"));
        }
        if !field.fits(layout.max as usize) {
            let (always, size) = (
                if matches!(layout.size, Size::Fixed(_)) {
                    "has"
                } else {
                    "has at most"
                },
                layout.max,
            );
            let message = format!(
                "field `{}` is outside of the frame, which {always} {size} bytes",
                field.name
            );
            let fix = "`offset` counts from the first byte of the frame, or with from = \"payload\" from behind the header";
            return Err(table.error("offset", message, fix));
        }
        fields.push(field);
    }
    Ok(fields)
}

fn parse(table: TomlTable<'_>, kind: &FrameType) -> Result<Field> {
    table.only(KEYS)?;
    let name = table.name("voltage")?.value.to_owned();
    let Some(offset) = table.index("offset", MAX_FRAME as usize)? else {
        return Err(table.missing(
            "offset",
            "0, its first byte counted from the first byte of the frame",
        ));
    };
    let base = table
        .word("from", &[("frame", 0), ("payload", kind.header_len)])?
        .unwrap_or(0);
    let Some(read_as) = table.word("type", TYPES)? else {
        return Err(table.missing("type", "\"u16\""));
    };
    let format = format(table, read_as, kind.end_len)?;
    let number = !matches!(read_as, Type::Ascii | Type::Bytes | Type::Time);
    let unsigned = matches!(read_as, Type::Unsigned(_) | Type::Bcd);
    refuse(table, "scale", number, "has no number to scale")?;
    refuse(
        table,
        "values",
        unsigned,
        "has no whole unsigned number to name",
    )?;
    Ok(Field {
        name,
        description: table.line("description")?,
        offset: offset.value + base,
        format,
        scale: table.float("scale")?.map(|scale| scale.value),
        unit: table.line("unit")?,
        names: names(table)?,
    })
}

fn format(table: TomlTable<'_>, read_as: Type, end_len: usize) -> Result<FieldFormat> {
    let (unsigned, bcd) = (
        matches!(read_as, Type::Unsigned(_)),
        matches!(read_as, Type::Bcd),
    );
    let (text, time) = (
        matches!(read_as, Type::Ascii | Type::Bytes),
        matches!(read_as, Type::Time),
    );
    refuse(table, "bit", unsigned, "has no bits to pick")?;
    refuse(table, "bits", unsigned, "has no bits to pick")?;
    refuse(table, "length", text || bcd, "has a length of its own")?;
    refuse(table, "format", time, "is always written one way")?;
    refuse(table, "width", time, "has a width of its own")?;
    refuse(table, "endian", !text, "has no byte order")?;
    let endian = table.word("endian", ENDIANS)?.unwrap_or_default();
    Ok(match read_as {
        Type::Unsigned(width) => bits(table, width, endian)?,
        Type::Signed(width) => FieldFormat::Signed { width, endian },
        Type::Float(width) => FieldFormat::Float { width, endian },
        Type::Bcd => match table.int("length", 1, 8)? {
            Some(width) => FieldFormat::Bcd {
                width: width.value as usize,
                endian,
            },
            None => return Err(table.missing("length", "4, its bytes of two digits each")),
        },
        Type::Ascii => FieldFormat::Ascii {
            extent: extent(table, end_len)?,
        },
        Type::Bytes => FieldFormat::Bytes {
            extent: extent(table, end_len)?,
        },
        Type::Time => moment(table, endian)?,
    })
}

/// An error where a key stands that this type of field has no use for.
fn refuse(table: TomlTable<'_>, key: &str, allowed: bool, why: &str) -> Result<()> {
    if allowed || !table.has(key) {
        return Ok(());
    }
    Err(table.error(
        key,
        format!("`{key}` on a field whose type {why}"),
        format!("leave `{key}` out, or choose another `type`"),
    ))
}

fn bits(table: TomlTable<'_>, width: usize, endian: Endian) -> Result<FieldFormat> {
    let all = 8 * width as i128;
    let bit = table.int("bit", 0, all - 1)?.map_or(0, |n| n.value);
    let default = if table.has("bit") { 1 } else { all };
    let bits = table.int("bits", 1, all)?.map_or(default, |n| n.value);
    if bit + bits > all {
        let message = format!("bits {bit} to {} of a number of {all} bits", bit + bits - 1);
        return Err(table.error(
            "bits",
            message,
            format!("write at most bits = {}, or a wider `type`", all - bit),
        ));
    }
    Ok(FieldFormat::Unsigned {
        width,
        endian,
        bit: bit as u32,
        bits: bits as u32,
    })
}

fn extent(table: TomlTable<'_>, end_len: usize) -> Result<Extent> {
    let length = table.int("length", 1, MAX_FRAME.into())?;
    Ok(length.map_or(Extent::Rest(end_len), |length| {
        Extent::Length(length.value as usize)
    }))
}

fn moment(table: TomlTable<'_>, endian: Endian) -> Result<FieldFormat> {
    match table.word("format", TIMES)?.unwrap_or(TimeFormat::Unix(1)) {
        TimeFormat::Cp56 => match table.present(&["width", "endian"]).first() {
            None => Ok(FieldFormat::Cp56),
            Some(key) => Err(table.error(
                key,
                format!("`{key}` with the time format \"cp56\""),
                format!("leave `{key}` out"),
            )),
        },
        TimeFormat::Unix(per_second) => {
            let default = if per_second == 1 { 4 } else { 8 };
            let width = table
                .int("width", 1, 8)?
                .map_or(default, |n| n.value as usize);
            Ok(FieldFormat::Unix {
                width,
                endian,
                per_second,
            })
        }
    }
}

/// `values = { 1 = "connect", 0x0E = "disconnect" }`
fn names(table: TomlTable<'_>) -> Result<Vec<(u64, String)>> {
    let Some(inner) = table.table("values", "values")? else {
        return Ok(Vec::new());
    };
    let mut names: Vec<(u64, String)> = Vec::new();
    for (key, name) in inner.view().entries()? {
        let number = match key.value.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => key.value.parse(),
        };
        let Ok(number) = number else {
            let message = format!("`{}` is no whole number", key.value.escape_debug());
            return Err(table.source.error(
                &key.span,
                message,
                "write values = { 1 = \"on\", 0x0E = \"off\" }",
            ));
        };
        if names.iter().any(|(earlier, _)| *earlier == number) {
            let message = format!("a second name for {number}");
            return Err(table
                .source
                .error(&key.span, message, "give each number one name"));
        }
        table.source.one_line("the name of a value", &name)?;
        names.push((number, name.value.to_owned()));
    }
    names.sort_by_key(|(number, _)| *number);
    Ok(names)
}
