//! One `[[frame]]` table: the framer's layout of it, and what people call it and its fields.

use std::{collections::HashSet, ops::Range};

use super::{
    checksum,
    field::Field,
    field_text, length, marker,
    source::{At, Result, Span},
    table::TomlTable,
};
use crate::framing::{FrameLayout, Pattern, Size};

/// Largest size of a frame whose length field is not bounded by `max`, in bytes: 16 MiB.
pub const MAX_BY_LENGTH: u64 = 16 << 20;
/// Largest size of a frame whose end is searched and not bounded by `max`, in bytes: 64 KiB.
pub const MAX_BY_SEARCH: u64 = 64 << 10;
/// No frame may be larger than this, whatever a description says: the framer keeps up to one frame a stream. 1 GiB.
pub const MAX_FRAME: u64 = 1 << 30;

const KEYS: &[&str] = &[
    "name",
    "description",
    "header",
    "payload",
    "size",
    "length",
    "end",
    "min",
    "max",
    "blocks",
    "checksum",
    "field",
];

/// A frame type as people see it. What the framer needs of it stands at the same index in
/// [`Layout::frames`](crate::framing::Layout::frames).
#[derive(Clone, Debug, PartialEq)]
pub struct FrameType {
    /// Its name, unique in the protocol.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its fields, in the order of the description.
    pub fields: Vec<Field>,
    /// Bytes of its header, 0 without one; all alternatives of a header are of the same length.
    pub header_len: usize,
    /// Bytes of its end marker, 0 without one.
    pub end_len: usize,
    /// What the description gives as `payload`, if that is how its size is known.
    pub payload: Option<usize>,
}

impl FrameType {
    /// The bytes of a frame of this type between its header and its end marker, of `size` in all.
    pub fn payload_range(&self, size: usize) -> Range<usize> {
        let end = size.saturating_sub(self.end_len);
        self.header_len.min(end)..end
    }
}

/// A frame type, its layout and where it stands.
pub(super) struct Parsed {
    pub kind: FrameType,
    pub layout: FrameLayout,
    pub name_span: Span,
}

/// Reads one `[[frame]]`.
pub(super) fn parse(table: TomlTable<'_>) -> Result<Parsed> {
    table.only(KEYS)?;
    let name = table.name("report")?;
    let headers = headers(table)?;
    let header_len = headers.first().map_or(0, |header| header.value.len());
    let end = match table.text("end")? {
        Some(text) => marker::exact(table.source, &text, "end")?,
        None => Vec::new(),
    };
    let marks = header_len + end.len();
    let payload = table
        .index("payload", MAX_FRAME as usize - marks)?
        .map(|n| n.value);
    let size = size(table, payload.map(|n| n + marks), &end)?;
    let checksum = checksum::parse(table, &size, end.len())?;
    let (min, max) = limits(table, &size, header_len, end.len())?;
    let mut kind = FrameType {
        name: name.value.to_owned(),
        description: table.line("description")?,
        fields: Vec::new(),
        header_len,
        end_len: end.len(),
        payload,
    };
    let layout = FrameLayout {
        headers,
        size,
        end,
        min,
        max,
        checksum,
    };
    kind.fields = field_text::parse_all(table, &kind, &layout)?;
    Ok(Parsed {
        kind,
        layout,
        name_span: name.span,
    })
}

fn headers(table: TomlTable<'_>) -> Result<Vec<Pattern>> {
    let Some(texts) = table.texts("header")? else {
        return Ok(Vec::new());
    };
    if texts.is_empty() {
        return Err(table.error(
            "header",
            "`header` names no bytes",
            "leave `header` out, or write header = [\"01\", \"02\"]",
        ));
    }
    let mut headers: Vec<Pattern> = Vec::new();
    let mut known = HashSet::new();
    for text in &texts {
        let header = marker::pattern(table.source, text, "header")?;
        if header.mask.iter().all(|mask| *mask == 0) {
            let fix = "leave `header` out, or write the digits that are always the same";
            return Err(table
                .source
                .error(&text.span, "this header matches any bytes", fix));
        }
        if let Some(first) = headers.first()
            && first.value.len() != header.value.len()
        {
            let message = format!(
                "this header has {} bytes, the first one {}",
                header.value.len(),
                first.value.len()
            );
            let fix = "give headers of different length a [[frame]] each, or fill the shorter one up with ??";
            return Err(table.source.error(&text.span, message, fix));
        }
        if !known.insert((header.value.clone(), header.mask.clone())) {
            return Err(table.source.error(
                &text.span,
                "this header stands here twice",
                "leave one of them out",
            ));
        }
        headers.push(header);
    }
    Ok(headers)
}

/// How the size is known; `whole` is what `payload` makes of it.
fn size(table: TomlTable<'_>, whole: Option<usize>, end: &[u8]) -> Result<Size> {
    if let [first, second, ..] = table.present(&["payload", "size", "length"])[..] {
        let message = format!("`{second}` beside `{first}`: the size of a frame has one source");
        let fix = format!("leave out `{second}` or `{first}`");
        return Err(table.error(second, message, fix));
    }
    if table.has("blocks") && !table.has("length") {
        return Err(table.error(
            "blocks",
            "`blocks` without `length`",
            "leave `blocks` out: it adds to a length field",
        ));
    }
    if let Some(whole) = whole {
        if whole == 0 {
            return Err(table.error(
                "payload",
                "a frame of no bytes at all",
                "write its payload, or its header and end marker",
            ));
        }
        return Ok(Size::Fixed(whole));
    }
    if let Some(size) = table.index("size", MAX_FRAME as usize)? {
        return fixed(table, size, end.len());
    }
    if let Some(field) = length::parse(table)? {
        return Ok(Size::Length(field));
    }
    if end.is_empty() {
        let fix = "write payload = 150, size = 154, length = { offset = 2, width = 2 }, or end = \"0D 0A\"";
        return Err(table
            .source
            .error(&table.span(), "nothing says how long this frame is", fix));
    }
    Ok(Size::Searched)
}

fn fixed(table: TomlTable<'_>, size: At<usize>, end: usize) -> Result<Size> {
    let header = headers(table)?
        .first()
        .map_or(0, |header| header.value.len());
    if size.value == 0 {
        return Err(table.source.error(
            &size.span,
            "a frame of no bytes at all",
            "write the bytes of the whole frame",
        ));
    }
    if size.value < header + end {
        let message = format!(
            "header ({header}) and end marker ({end}) are longer than the frame ({})",
            size.value
        );
        let fix = format!(
            "`size` counts the whole frame: write at least {}; `payload` counts what is between",
            header + end
        );
        return Err(table.source.error(&size.span, message, fix));
    }
    Ok(Size::Fixed(size.value))
}

/// Smallest and largest size on the wire.
fn limits(table: TomlTable<'_>, size: &Size, header: usize, end: usize) -> Result<(u64, u64)> {
    let field = match size {
        Size::Fixed(size) => {
            if let Some(key) = table.present(&["min", "max"]).first() {
                let message = format!("`{key}` on a frame that is always {size} bytes long");
                return Err(table.error(key, message, format!("leave `{key}` out")));
            }
            return Ok((*size as u64, *size as u64));
        }
        Size::Length(field) => Some(field),
        Size::Searched => None,
    };
    let natural_min = field
        .map_or(0, |field| length::smallest(field, end))
        .max((header + end) as u64);
    let natural_max = field.map_or(MAX_BY_SEARCH, |field| {
        length::largest(field).min(MAX_BY_LENGTH)
    });
    let min = table.int("min", 1, MAX_FRAME.into())?;
    let max = table.int("max", 1, MAX_FRAME.into())?;
    let low = min.as_ref().map_or(natural_min, |min| min.value as u64);
    let high = max.as_ref().map_or(natural_max, |max| max.value as u64);
    if low < natural_min {
        let message = format!(
            "no frame can have {low} bytes: header, length field and end marker need {natural_min}"
        );
        return Err(table.error(
            "min",
            message,
            format!("write min = {natural_min} or more, or leave `min` out"),
        ));
    }
    if low > high {
        let key = if max.is_some() { "max" } else { "min" };
        let message = format!("the smallest size, {low}, is over the largest, {high}");
        let fix = if max.is_some() {
            format!("write max = {low} or more")
        } else {
            format!("write min = {high} or less, or a `max`")
        };
        return Err(table.error(key, message, fix));
    }
    Ok((low, high))
}
