//! Cells as JSON and as CSV text. Nothing is allocated for a cell, but for values of fields that are texts.

use std::{fmt::Write as _, io::Write};

use deframe::{capture::Time, protocol};

use super::{column::Cell, json};
use crate::report::text::{Escaped, Rfc3339};

/// Greatest whole number that every reader of JSON reads exactly.
const MAX_EXACT: u64 = 1 << 53;

/// Length of `2023-11-14T22:13:20.` in bytes.
const PREFIX_BYTES: usize = 20;

/// Appends cells to a buffer. It keeps the text of the latest second, which most records share with the one before.
#[derive(Default)]
pub struct Renderer {
    second: Option<i64>,
    prefix: String,
    scratch: String,
}

impl Renderer {
    /// Appends a cell as JSON.
    pub fn json(&mut self, out: &mut Vec<u8>, cell: &Cell<'_>) {
        match cell {
            Cell::Null => out.extend_from_slice(b"null"),
            Cell::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Cell::Unsigned(n) => unsigned(out, *n),
            Cell::Signed(n) => signed(out, *n),
            Cell::Name(name) => quoted(out, |out| out.extend_from_slice(name.as_bytes())),
            Cell::Text(text) => json_text(out, text),
            Cell::Time(time) => quoted(out, |out| self.time(out, *time)),
            Cell::Hex(bytes) => quoted(out, |out| hex(out, bytes)),
            Cell::Base64(bytes) => quoted(out, |out| base64(out, bytes)),
            Cell::Places(spans) => list(out, spans.iter().skip(1), |out, span| {
                unsigned(out, span.at.into());
            }),
            Cell::Ranges(ranges) => list(out, ranges.iter(), |out, (offset, length)| {
                list(out, [offset, length].into_iter(), |out, n| {
                    unsigned(out, *n)
                });
            }),
            Cell::Flags(flags) => list(out, flags.names().iter(), |out, name| json_text(out, name)),
            Cell::Fields(fields, frame) => {
                out.push(b'{');
                for (nth, field) in fields.iter().enumerate() {
                    if nth > 0 {
                        out.push(b',');
                    }
                    json_text(out, &field.name);
                    out.push(b':');
                    match field.read(frame) {
                        Some(value) => self.json_value(out, &value),
                        None => out.extend_from_slice(b"null"),
                    }
                }
                out.push(b'}');
            }
            Cell::Value(value) => self.json_value(out, value),
        }
    }

    /// A number where it is exact in every reader of JSON, else text.
    fn json_value(&mut self, out: &mut Vec<u8>, value: &protocol::Value<'_>) {
        match value {
            protocol::Value::Unsigned(n) if *n <= MAX_EXACT => unsigned(out, *n),
            protocol::Value::Signed(n) if n.unsigned_abs() <= MAX_EXACT => signed(out, *n),
            protocol::Value::Float(n) if n.is_finite() => float(out, *n),
            protocol::Value::Named(_, name) => json_text(out, name),
            other => {
                self.scratch.clear();
                let _ = write!(self.scratch, "{other}");
                json_text(out, &self.scratch);
            }
        }
    }

    /// Appends a cell as the text of a CSV field, not quoted: nothing for null, lists with blanks between.
    pub fn csv(&mut self, out: &mut Vec<u8>, cell: &Cell<'_>) {
        let text = |out: &mut Vec<u8>, text: &str| {
            let _ = write!(out, "{}", Escaped(text));
        };
        match cell {
            Cell::Null => {}
            Cell::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Cell::Unsigned(n) => unsigned(out, *n),
            Cell::Signed(n) => signed(out, *n),
            Cell::Name(name) => out.extend_from_slice(name.as_bytes()),
            Cell::Text(value) => text(out, value),
            Cell::Time(time) => self.time(out, *time),
            Cell::Hex(bytes) => hex(out, bytes),
            Cell::Base64(bytes) => base64(out, bytes),
            Cell::Places(spans) => spaced(out, spans.iter().skip(1), |out, span| {
                unsigned(out, span.at.into());
            }),
            Cell::Ranges(ranges) => spaced(out, ranges.iter(), |out, (offset, length)| {
                unsigned(out, *offset);
                out.push(b'+');
                unsigned(out, *length);
            }),
            Cell::Flags(flags) => spaced(out, flags.names().iter(), |out, name| {
                out.extend_from_slice(name.as_bytes());
            }),
            Cell::Fields(fields, frame) => spaced(out, fields.iter(), |out, field| {
                text(out, &field.name);
                out.push(b'=');
                if let Some(value) = field.read(frame) {
                    self.csv(out, &Cell::Value(value));
                }
            }),
            Cell::Value(protocol::Value::Named(_, name)) => text(out, name),
            Cell::Value(protocol::Value::Float(n)) if n.is_finite() => float(out, *n),
            Cell::Value(value) => {
                let _ = write!(out, "{value}");
            }
        }
    }

    fn time(&mut self, out: &mut Vec<u8>, time: Time) {
        if self.second != Some(time.sec()) {
            self.prefix.clear();
            let _ = write!(self.prefix, "{}", Rfc3339(time));
            let digits = self.prefix.find('.').map(|at| at + 1);
            // A year of more than four digits has a longer prefix.
            self.prefix.truncate(digits.unwrap_or(PREFIX_BYTES));
            self.second = Some(time.sec());
        }
        out.extend_from_slice(self.prefix.as_bytes());
        let mut digits = *b"000000000Z";
        let mut rest = time.nsec();
        for digit in digits[..9].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        out.extend_from_slice(&digits);
    }
}

/// Appends a text as a JSON string.
pub fn json_text(out: &mut Vec<u8>, text: &str) {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if text.as_bytes().iter().all(plain) {
        return quoted(out, |out| out.extend_from_slice(text.as_bytes()));
    }
    // Writing to memory does not fail.
    let _ = json::write(out, &text);
}

fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

fn list<T>(out: &mut Vec<u8>, items: impl Iterator<Item = T>, write: impl Fn(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (nth, item) in items.enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

fn spaced<T>(
    out: &mut Vec<u8>,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    for (nth, item) in items.enumerate() {
        if nth > 0 {
            out.push(b' ');
        }
        write(out, item);
    }
}

fn unsigned(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0; 20];
    let (mut at, mut rest) = (digits.len(), number);
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn signed(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    unsigned(out, number.unsigned_abs());
}

/// The shortest text that reads back as the same number, as JSON has it.
fn float(out: &mut Vec<u8>, number: f64) {
    let _ = json::write(out, &number);
}

fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    let from = out.len();
    out.resize(from + 2 * bytes.len(), 0);
    // The room is exactly what it needs.
    let _ = const_hex::encode_to_slice(bytes, &mut out[from..]);
}

fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    use base64::{Engine, encoded_len, engine::general_purpose::STANDARD};
    let from = out.len();
    out.resize(from + encoded_len(bytes.len(), true).unwrap_or(0), 0);
    let _ = STANDARD.encode_slice(bytes, &mut out[from..]);
}

#[cfg(test)]
mod tests {
    use deframe::pipeline::PacketSpan;

    use super::*;

    fn rendered(cell: &Cell<'_>) -> (String, String) {
        let (mut json, mut csv) = (Vec::new(), Vec::new());
        let mut renderer = Renderer::default();
        renderer.json(&mut json, cell);
        renderer.csv(&mut csv, cell);
        (
            String::from_utf8(json).unwrap(),
            String::from_utf8(csv).unwrap(),
        )
    }

    #[test]
    fn every_cell_in_both_formats() {
        let spans = [0, 100, 148].map(|at| PacketSpan { at, packet: 1 });
        for (cell, json, csv) in [
            (Cell::Null, "null", ""),
            (Cell::Bool(true), "true", "true"),
            (Cell::Unsigned(0), "0", "0"),
            (
                Cell::Unsigned(u64::MAX),
                "18446744073709551615",
                "18446744073709551615",
            ),
            (
                Cell::Signed(i64::MIN),
                "-9223372036854775808",
                "-9223372036854775808",
            ),
            (
                Cell::Text("a\"\\\n\u{7}ö"),
                r#""a\"\\\n\u0007ö""#,
                "a\"\\\\n\\u{7}ö",
            ),
            (
                Cell::Time(Time::from_nanos(-1)),
                "\"1969-12-31T23:59:59.999999999Z\"",
                "1969-12-31T23:59:59.999999999Z",
            ),
            (Cell::Hex(&[0, 0xfd]), "\"00fd\"", "00fd"),
            (Cell::Base64(&[1, 2]), "\"AQI=\"", "AQI="),
            (Cell::Places(&spans), "[100,148]", "100 148"),
            (Cell::Places(&[]), "[]", ""),
            (Cell::Ranges(&[(1, 2), (5, 9)]), "[[1,2],[5,9]]", "1+2 5+9"),
            (
                Cell::Value(protocol::Value::Unsigned(MAX_EXACT + 1)),
                "\"9007199254740993\"",
                "9007199254740993",
            ),
            (
                Cell::Value(protocol::Value::Unsigned(MAX_EXACT)),
                "9007199254740992",
                "9007199254740992",
            ),
            (Cell::Value(protocol::Value::Float(1.0)), "1.0", "1.0"),
            (Cell::Value(protocol::Value::Named(3, "on")), "\"on\"", "on"),
        ] {
            assert_eq!(rendered(&cell), (json.to_owned(), csv.to_owned()));
        }
    }

    #[test]
    fn times_are_those_of_rfc3339() {
        let mut renderer = Renderer::default();
        for nanos in [
            0,
            1,
            999_999_999,
            1_000_000_000,
            1_700_000_000_002_735_001,
            -1,
            -1_000_000_000,
            i64::MAX,
            i64::MIN,
        ] {
            let (time, mut out) = (Time::from_nanos(nanos), Vec::new());
            renderer.time(&mut out, time);
            assert_eq!(String::from_utf8(out).unwrap(), Rfc3339(time).to_string());
        }
    }
}
