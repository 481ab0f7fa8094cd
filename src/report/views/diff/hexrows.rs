//! Two frames, one over the other, 16 bytes a row: rows that differ, and a row that points at the bytes.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use deframe::diff::Span;

use crate::report::text::style::DIM;

const ROW: usize = 16;
/// As git shows it.
const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();

/// Writes the rows in which something differs; others are counted.
pub fn write(out: &mut dyn Write, a: &[u8], b: &[u8], spans: &[Span]) -> io::Result<()> {
    let in_a = |at: usize| spans.iter().any(|span| span.a.contains(&at));
    let in_b = |at: usize| spans.iter().any(|span| span.b.contains(&at));
    let mut skipped = false;
    for from in (0..a.len().max(b.len())).step_by(ROW) {
        let row = from..from + ROW;
        let (left, right) = (row.clone().any(in_a), row.clone().any(in_b));
        if !left && !right {
            skipped = true;
            continue;
        }
        if skipped {
            writeln!(out, "       {DIM}…{DIM:#}")?;
            skipped = false;
        }
        if left {
            line(out, from, 'A', a, OLD, &in_a)?;
        }
        if left && !right {
            carets(out, from, &in_a)?;
        }
        if right {
            line(out, from, 'B', b, NEW, &in_b)?;
            carets(out, from, &|at| in_a(at) || in_b(at))?;
        }
    }
    Ok(())
}

/// The bytes of a frame that the other side does not have, the first rows.
pub fn whole(out: &mut dyn Write, name: char, bytes: &[u8], rows: usize) -> io::Result<()> {
    let style = if name == 'A' { OLD } else { NEW };
    for from in (0..bytes.len()).step_by(ROW).take(rows) {
        line(out, from, name, bytes, style, &|_| true)?;
    }
    match bytes.len().saturating_sub(rows * ROW) {
        0 => Ok(()),
        rest => writeln!(out, "       {DIM}… {rest} bytes more{DIM:#}"),
    }
}

fn line(
    out: &mut dyn Write,
    from: usize,
    name: char,
    bytes: &[u8],
    style: Style,
    marked: &dyn Fn(usize) -> bool,
) -> io::Result<()> {
    write!(out, "  {DIM}{from:04x}{DIM:#} {style}{name}{style:#} ")?;
    let row = bytes
        .get(from..(from + ROW).min(bytes.len()))
        .unwrap_or_default();
    for at in 0..ROW {
        match row.get(at) {
            Some(byte) if marked(from + at) => write!(out, " {style}{byte:02x}{style:#}")?,
            Some(byte) => write!(out, " {byte:02x}")?,
            None => write!(out, "   ")?,
        }
    }
    let shown = |byte: &u8| {
        if byte.is_ascii_graphic() || *byte == b' ' {
            char::from(*byte)
        } else {
            '.'
        }
    };
    let text: String = row.iter().map(shown).collect();
    writeln!(out, "  {text}")
}

fn carets(out: &mut dyn Write, from: usize, marked: &dyn Fn(usize) -> bool) -> io::Result<()> {
    let mut text = String::new();
    for at in from..from + ROW {
        text.push_str(if marked(at) { " ^^" } else { "   " });
    }
    writeln!(out, "         {}", text.trim_end())
}
