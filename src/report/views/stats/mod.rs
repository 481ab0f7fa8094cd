//! `stats` for people: the findings, then the numbers that they stand on, part by part.

mod captures;
mod delivery;
mod fields;
mod findings;
mod frames;
mod json;
mod numbers;
mod streams;
mod transport;

use std::io::{self, Write};

use deframe::{
    analysis::Stats, capture::CaptureInfo, diagnosis::Finding, pipeline::Outcome,
    protocol::Protocol,
};

use crate::report::text::{
    Escaped,
    style::{TITLE, columns, width},
};

pub use fields::FieldRow;
pub use json::Document;

/// Everything that `stats` reports.
pub struct Report<'a> {
    pub captures: &'a [CaptureInfo],
    pub outcome: &'a Outcome,
    pub stats: &'a Stats,
    pub protocol: &'a Protocol,
    /// Who is to blame, most important first.
    pub findings: &'a [Finding],
    /// Why there is no frame, if there is none.
    pub nothing: Option<String>,
    /// What the streams speak then.
    pub identified: &'a [String],
    /// The fields that were asked for.
    pub fields: &'a [FieldRow],
    /// Show every stream.
    pub all: bool,
}

impl Report<'_> {
    /// Writes all of it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.findings(out)?;
        self.captures(out)?;
        self.packets(out)?;
        self.connections(out)?;
        if self.stats.total.transport.payload_bytes == 0 && self.stats.streams.is_empty() {
            return Ok(());
        }
        self.frames(out)?;
        self.fields(out)?;
        self.delivery(out)?;
        self.faults(out)?;
        self.gaps(out)?;
        self.transport(out)?;
        self.account(out)?;
        self.streams(out)
    }
}

/// The heading of a part.
fn title(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{TITLE}{}{TITLE:#}", Escaped(text))
}

/// Items after a heading of their own, in as many lines as they need.
fn items(out: &mut dyn Write, key: &str, items: &[String]) -> io::Result<()> {
    const KEY: usize = 14;
    let (mut key, mut line) = (key, String::new());
    for item in items {
        let item = Escaped(item).to_string();
        let length = columns(&line) + columns(&item) + 2;
        if !line.is_empty() && length + KEY + 2 > width() {
            writeln!(out, "  {key:<KEY$}{line},")?;
            (key, line) = ("", String::new());
        }
        if !line.is_empty() {
            line.push_str(", ");
        }
        line.push_str(&item);
    }
    if line.is_empty() {
        Ok(())
    } else {
        writeln!(out, "  {key:<KEY$}{line}")
    }
}
