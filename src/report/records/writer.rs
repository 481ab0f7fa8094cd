//! Writes records: those of tables, and values of any shape.

use std::io::{self, Write};

use serde::Serialize;

use super::{
    column::{Cell, Table},
    json,
    layout::Layout,
    render::Renderer,
};
use crate::report::output::Output;

/// Text is handed on in blocks of this size.
const BLOCK_BYTES: usize = 64 * 1024;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One object a line.
    Ndjson,
    /// One document: an object with the records in an array.
    Json,
    /// A header line, then a line a record.
    Csv,
}

/// Writes rows of tables.
pub struct Writer {
    out: Output,
    shape: Shape,
    block: Vec<u8>,
    renderer: Renderer,
    written: u64,
    /// Text that a spreadsheet would take for a formula is marked.
    csv_safe: bool,
}

impl Writer {
    /// `schema` and `key` name the JSON document and the array in it; `columns` are those of CSV.
    pub fn new(out: Output, shape: Shape, (schema, key): (&str, &str), columns: &[String]) -> Self {
        let mut writer = Self {
            out,
            shape,
            block: Vec::with_capacity(BLOCK_BYTES + BLOCK_BYTES / 4),
            renderer: Renderer::default(),
            written: 0,
            csv_safe: false,
        };
        match shape {
            Shape::Ndjson => {}
            Shape::Json => {
                let begin = format!("{{\"schema\":\"{schema}\",\"{key}\":[");
                writer.block.extend_from_slice(begin.as_bytes());
            }
            Shape::Csv => {
                for (nth, name) in columns.iter().enumerate() {
                    writer.csv_field(nth, &Cell::Text(name), false);
                }
                writer.block.push(b'\n');
            }
        }
        writer
    }

    /// Marks text of CSV that begins with `=`, `+`, `-` or `@` by an apostrophe.
    pub fn csv_safe(mut self, safe: bool) -> Self {
        self.csv_safe = safe;
        self
    }

    /// Writes a row.
    pub fn write<T: Table>(&mut self, layout: &Layout<T>, row: &T::Row<'_>) {
        match self.shape {
            Shape::Ndjson => {
                object(&mut self.block, &mut self.renderer, layout, row);
                self.block.push(b'\n');
            }
            Shape::Json => {
                let before: &[u8] = if self.written == 0 { b"\n" } else { b",\n" };
                self.block.extend_from_slice(before);
                object(&mut self.block, &mut self.renderer, layout, row);
            }
            Shape::Csv => {
                for (nth, pick) in layout.picks.iter().enumerate() {
                    self.csv_field(nth, &pick.cell(row), self.csv_safe && pick.is_text());
                }
                self.block.push(b'\n');
            }
        }
        self.written += 1;
        if self.block.len() >= BLOCK_BYTES {
            self.hand_on();
        }
    }

    fn csv_field(&mut self, nth: usize, cell: &Cell<'_>, mark: bool) {
        if nth > 0 {
            self.block.push(b',');
        }
        let from = self.block.len();
        self.renderer.csv(&mut self.block, cell);
        let field = &self.block[from..];
        let formula = mark
            && matches!(field.first(), Some(b'=' | b'+' | b'-' | b'@'))
            && std::str::from_utf8(field).map_or(true, |text| text.parse::<f64>().is_err());
        if formula {
            self.block.insert(from, b'\'');
        }
        if self.block[from..]
            .iter()
            .any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r'))
        {
            quote(&mut self.block, from);
        }
    }

    fn hand_on(&mut self) {
        let block = &self.block;
        self.out.with(|out| out.write_all(block));
        self.block.clear();
    }

    /// Writes out what is buffered.
    pub fn flush(&mut self) {
        self.hand_on();
        self.out.flush();
    }

    /// Whether writing failed: further records would be lost.
    pub fn has_failed(&self) -> bool {
        self.out.has_failed()
    }

    /// Whether the reader of a pipe closed it.
    pub fn is_closed(&mut self) -> bool {
        self.flush();
        self.out.is_closed()
    }

    /// Ends the document.
    pub fn finish(mut self) -> io::Result<()> {
        if self.shape == Shape::Json {
            self.block.extend_from_slice(b"\n]}\n");
        }
        self.hand_on();
        self.out.finish()
    }
}

/// Puts the field from `from` on in quotes (RFC 4180).
fn quote(block: &mut Vec<u8>, from: usize) {
    let field = block.split_off(from);
    block.push(b'"');
    for byte in field {
        if byte == b'"' {
            block.push(b'"');
        }
        block.push(byte);
    }
    block.push(b'"');
}

fn object<T: Table>(
    block: &mut Vec<u8>,
    renderer: &mut Renderer,
    layout: &Layout<T>,
    row: &T::Row<'_>,
) {
    let begin = block.len();
    for pick in &layout.picks {
        block.extend_from_slice(&pick.key);
        renderer.json(block, &pick.cell(row));
    }
    // The comma before the first key.
    match block.get_mut(begin) {
        Some(comma) => *comma = b'{',
        None => block.push(b'{'),
    }
    block.push(b'}');
}

/// Writes one row as a line of JSON.
pub fn write_line<T: Table>(out: &mut dyn Write, row: &T::Row<'_>) -> io::Result<()> {
    let mut line = Vec::new();
    object(
        &mut line,
        &mut Renderer::default(),
        &Layout::<T>::all(),
        row,
    );
    line.push(b'\n');
    out.write_all(&line)
}

/// Writes values of any shape as JSON.
pub struct Records {
    out: Output,
    is_document: bool,
    written: u64,
}

impl Records {
    /// `schema` and `key` name the document and the array in it.
    pub fn new(mut out: Output, shape: Shape, (schema, key): (&str, &str)) -> Self {
        let is_document = shape == Shape::Json;
        if is_document {
            out.with(|out| write!(out, "{{\"schema\":\"{schema}\",\"{key}\":["));
        }
        Self {
            out,
            is_document,
            written: 0,
        }
    }

    /// Writes one.
    pub fn write(&mut self, record: &impl Serialize) {
        let (before, behind): (&[u8], &[u8]) = match (self.is_document, self.written) {
            (true, 0) => (b"\n", b""),
            (true, _) => (b",\n", b""),
            (false, _) => (b"", b"\n"),
        };
        self.out.with(|out| {
            out.write_all(before)?;
            json::write(out, record)?;
            out.write_all(behind)
        });
        self.written += 1;
    }

    /// Whether writing failed: further records would be lost.
    pub fn has_failed(&self) -> bool {
        self.out.has_failed()
    }

    /// Ends the document.
    pub fn finish(mut self) -> io::Result<()> {
        if self.is_document {
            self.out.with(|out| out.write_all(b"\n]}\n"));
        }
        self.out.finish()
    }
}
