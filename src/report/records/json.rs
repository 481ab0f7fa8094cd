//! JSON in which no character can act on a terminal: those are written as `\u` escapes, which every reader decodes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use crate::report::text::is_active;

/// Writes one value without line breaks.
pub fn write(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut to = serde_json::Serializer::with_formatter(out, Safe);
    Ok(value.serialize(&mut to)?)
}

/// Writes one value in indented lines.
pub fn write_pretty(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    // Outside of its strings, JSON has no active character but the line break.
    for line in text.split_inclusive('\n') {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        write_escaped(out, line)?;
        out.write_all(end.as_bytes())?;
    }
    Ok(())
}

/// Compact JSON.
struct Safe;

impl Formatter for Safe {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        write_escaped(out, text)
    }
}

/// Writes text of a JSON string, active characters as escapes.
pub fn write_escaped<W: ?Sized + Write>(out: &mut W, text: &str) -> io::Result<()> {
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_active(*c)) {
        out.write_all(&rest.as_bytes()[..at])?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.write_all(rest.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn active_characters_are_escaped_and_read_back() {
        for text in [
            "plain",
            "\u{1b}[2J\u{7}",
            "a\u{202e}b\u{7f}",
            "\u{9b}31m",
            "x\u{e0001}y",
            "größe\n",
        ] {
            for write in [
                |out: &mut Vec<u8>, text: &str| write(out, &text),
                |out: &mut Vec<u8>, text: &str| write_pretty(out, &text),
            ] {
                let mut out = Vec::new();
                write(&mut out, text).unwrap();
                let json = String::from_utf8(out).unwrap();
                assert!(!json.contains(is_active), "{json:?}");
                assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            }
        }
    }
}
