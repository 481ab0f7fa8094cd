//! Records as ndjson, as one JSON document or as CSV.

mod csv;
mod json;
pub mod shapes;
pub mod values;

use std::io::{self, Write};

use serde::Serialize;

pub use json::{write, write_pretty};

use super::output::Output;

/// Enough for most lines of CSV.
const LINE: usize = 1024;

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

/// Writes records of one kind, or, without columns, of several.
pub struct Records {
    out: Output,
    shape: Shape,
    written: u64,
    columns: &'static [&'static str],
    line: Vec<String>,
}

impl Records {
    /// `schema` and `key` name the document and the array in it; `columns` are those of CSV.
    pub fn new(
        out: Output,
        shape: Shape,
        (schema, key): (&str, &str),
        columns: &'static [&'static str],
    ) -> Self {
        let mut records = Self {
            out,
            shape,
            written: 0,
            columns,
            line: Vec::new(),
        };
        match shape {
            Shape::Ndjson => {}
            Shape::Json => records
                .out
                .with(|out| write!(out, "{{\"schema\":\"{schema}\",\"{key}\":[")),
            Shape::Csv => {
                records
                    .line
                    .extend(columns.iter().map(|name| (*name).to_owned()));
                records.csv_line();
            }
        }
        records
    }

    /// Writes one.
    pub fn write(&mut self, record: &impl Serialize) {
        match self.shape {
            Shape::Csv => {
                csv::cells(record, self.columns, &mut self.line);
                self.csv_line();
            }
            Shape::Ndjson => self.out.with(|out| {
                write(&mut *out, record)?;
                out.write_all(b"\n")
            }),
            Shape::Json => {
                let before: &[u8] = if self.written == 0 { b"\n" } else { b",\n" };
                self.out.with(|out| {
                    out.write_all(before)?;
                    write(out, record)
                });
            }
        }
        self.written += 1;
    }

    fn csv_line(&mut self) {
        let (line, columns) = (&mut self.line, self.columns.len());
        line.resize(columns, String::new());
        self.out.with(|out| {
            let mut writer = ::csv::WriterBuilder::new()
                .buffer_capacity(LINE)
                .from_writer(Unflushed(out));
            writer.write_record(line.iter())?;
            writer.flush()
        });
        line.clear();
    }

    /// Whether writing failed: nothing more need be made.
    pub fn has_failed(&self) -> bool {
        self.out.has_failed()
    }

    /// Whether nobody reads any more.
    pub fn is_closed(&mut self) -> bool {
        self.out.is_closed()
    }

    /// Ends the document.
    pub fn finish(mut self) -> io::Result<()> {
        if self.shape == Shape::Json {
            self.out.with(|out| out.write_all(b"\n]}\n"));
        }
        self.out.finish()
    }
}

/// A writer whose lines leave when its buffer is full, not one by one.
struct Unflushed<'a>(&'a mut dyn Write);

impl Write for Unflushed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
