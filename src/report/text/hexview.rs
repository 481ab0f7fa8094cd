//! Hex rows: runs of bytes with what they are and who brought them, 16 a row, a new row wherever that changes.
//!
//! Knows bytes, labels and packet numbers; nothing of frames or faults. Every row says in text what its colours say,
//! so that a pipe loses nothing. What is no printable ASCII shows as a dot: captured bytes never reach a terminal.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};
use deframe::pipeline::PacketSpan;

use super::{
    Escaped,
    style::{DIM, width},
};

/// Bytes in a row, and where the line is too narrow for them.
const ROW: (u64, u64) = (16, 8);

/// No label is cut below this.
const MIN_LABEL: usize = 8;

/// What bytes are, as far as colour goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Header,
    Payload,
    End,
    /// What is wrong.
    Bad,
    /// Good bytes around what is wrong.
    Context,
}

impl Role {
    fn style(self) -> Style {
        match self {
            Role::Header => AnsiColor::Cyan.on_default(),
            Role::Payload => Style::new(),
            Role::End => AnsiColor::Magenta.on_default(),
            Role::Bad => AnsiColor::Red.on_default().bold(),
            Role::Context => AnsiColor::Green.on_default(),
        }
    }
}

/// The packet number where a segment begins.
const BORDER: Style = AnsiColor::Yellow.on_default();

/// From here to the next mark the bytes are this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark<'a> {
    /// Place in the frame or fault.
    pub at: u64,
    pub label: Cow<'a, str>,
    pub role: Role,
}

impl<'a> Mark<'a> {
    pub fn new(at: u64, label: impl Into<Cow<'a, str>>, role: Role) -> Self {
        Self {
            at,
            label: label.into(),
            role,
        }
    }
}

/// A frame or fault to be shown, whole or in pieces.
#[derive(Clone, Copy, Debug)]
pub struct Thing<'a> {
    /// Stream offset of its first byte.
    pub offset: u64,
    /// Ascending, the first at 0.
    pub marks: &'a [Mark<'a>],
    /// Its runs by packet, ascending.
    pub spans: &'a [PacketSpan],
}

/// Writes rows whose columns stand below each other.
#[derive(Debug)]
pub struct HexView {
    /// Bytes in a row.
    row: u64,
    packet_width: usize,
    offset_width: usize,
    at_width: usize,
    label_width: usize,
    /// The packet that the row before named.
    packet: Option<u64>,
    line: String,
}

impl HexView {
    /// Wide enough for these.
    pub fn new(packet: u64, offset: u64, at: u64) -> Self {
        let packet_width = digits(packet).max(6);
        let offset_width = digits(offset).max(7);
        let at_width = (digits(at) + 1).max(4);
        let used = packet_width + 1 + offset_width + 1 + at_width + 2;
        let label_width = |row: u64| {
            // A row, two blanks, its text, two blanks.
            width().checked_sub(used + 3 * row as usize - 1 + 2 + row as usize + 2)
        };
        let fits = |row: &u64| label_width(*row) >= Some(MIN_LABEL);
        let row = Some(ROW.0).filter(fits).unwrap_or(ROW.1);
        Self {
            row,
            packet_width,
            offset_width,
            at_width,
            label_width: label_width(row).unwrap_or(0).max(MIN_LABEL),
            packet: None,
            line: String::new(),
        }
    }

    /// What the columns are.
    pub fn titles(&self, out: &mut dyn Write) -> io::Result<()> {
        let (packet, offset, at) = (self.packet_width, self.offset_width, self.at_width);
        let (hex, text) = (3 * self.row as usize - 1, self.row as usize);
        writeln!(
            out,
            "{DIM}{:>packet$} {:>offset$} {:>at$}  {:<hex$}  {:<text$}  part{DIM:#}",
            "packet", "offset", "at", "bytes", "text"
        )
    }

    /// The bytes of `thing` from its place `at` on.
    pub fn bytes(
        &mut self,
        out: &mut dyn Write,
        thing: &Thing<'_>,
        at: u64,
        bytes: &[u8],
    ) -> io::Result<()> {
        let end = at + bytes.len() as u64;
        let (mut mark, mut part) = (0, 0);
        let (mut from, mut new) = (at, true);
        while from < end {
            let before = (mark, part);
            let next_mark = forward(thing.marks, &mut mark, from, |mark| mark.at);
            let next_part = forward(thing.spans, &mut part, from, |span| span.at.into());
            new |= (mark, part) != before;
            let to = (from + self.row).min(end).min(next_mark).min(next_part);
            let row = &bytes[(from - at) as usize..(to - at) as usize];
            let packet = thing.spans.get(part).map(|span| span.packet);
            let mark = (thing.marks.get(mark), new);
            self.row(out, (thing.offset + from, from), row, packet, mark)?;
            (from, new) = (to, false);
        }
        Ok(())
    }

    /// A row of words in place of bytes.
    pub fn note(&mut self, out: &mut dyn Write, text: &str) -> io::Result<()> {
        self.packet = None;
        let indent = self.packet_width + self.offset_width + self.at_width + 4;
        writeln!(out, "{:indent$}{DIM}… {text} …{DIM:#}", "")
    }

    fn row(
        &mut self,
        out: &mut dyn Write,
        (offset, at): (u64, u64),
        bytes: &[u8],
        packet: Option<u64>,
        (mark, new): (Option<&Mark<'_>>, bool),
    ) -> io::Result<()> {
        let style = mark.map_or(Role::Payload, |mark| mark.role).style();
        let line = &mut self.line;
        line.clear();
        let named = packet.filter(|_| packet != self.packet);
        self.packet = packet;
        let (pw, ow, aw) = (self.packet_width, self.offset_width, self.at_width);
        let _ = match named {
            Some(packet) => write!(line, "{BORDER}{packet:>pw$}{BORDER:#}"),
            None => write!(line, "{:pw$}", ""),
        };
        let _ = write!(
            line,
            " {DIM}{offset:>ow$} {:>aw$}{DIM:#}  {style}",
            Place(at)
        );
        for (nth, byte) in bytes.iter().enumerate() {
            line.push_str(if nth == 0 { "" } else { " " });
            for digit in [byte >> 4, byte & 15] {
                line.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
            }
        }
        let missing = (self.row as usize).saturating_sub(bytes.len());
        let _ = write!(line, "{style:#}{:1$}  {style}", "", 3 * missing);
        line.extend(bytes.iter().map(|byte| match byte {
            0x20..=0x7e => char::from(*byte),
            _ => '.',
        }));
        let _ = write!(line, "{style:#}");
        if let Some(mark) = mark.filter(|_| new) {
            let _ = write!(
                line,
                "{:missing$}  {style}{}{style:#}",
                "",
                Cut(&mark.label, self.label_width)
            );
        }
        line.push('\n');
        out.write_all(line.as_bytes())
    }
}

/// `+12`, to any width.
struct Place(u64);

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = digits(self.0) + 1;
        let width = f.width().unwrap_or(0).saturating_sub(digits);
        write!(f, "{:width$}+{}", "", self.0)
    }
}

/// A label, cut where the row is full.
struct Cut<'a>(&'a str, usize);

impl std::fmt::Display for Cut<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.char_indices().nth(self.1) {
            None => Escaped(self.0).fmt(f),
            Some(_) => {
                let kept: String = self.0.chars().take(self.1 - 1).collect();
                write!(f, "{}…", Escaped(&kept))
            }
        }
    }
}

/// Goes to the last one that begins at `from` or before; returns where the next one begins, always behind `from`.
fn forward<T>(list: &[T], at: &mut usize, from: u64, of: impl Fn(&T) -> u64) -> u64 {
    while let Some(next) = list.get(*at + 1) {
        if of(next) > from {
            return of(next);
        }
        *at += 1;
    }
    u64::MAX
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(thing: &Thing<'_>, at: u64, bytes: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        let mut view = HexView::new(9, thing.offset, 99);
        view.bytes(&mut out, thing, at, bytes).unwrap();
        let text = anstream::adapter::strip_bytes(&out).into_vec();
        String::from_utf8(text)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_row_ends_where_label_or_packet_changes() {
        let marks = [
            Mark::new(0, "header", Role::Header),
            Mark::new(2, "payload", Role::Payload),
        ];
        let spans = [
            PacketSpan { at: 0, packet: 4 },
            PacketSpan { at: 5, packet: 7 },
        ];
        let thing = Thing {
            offset: 1000,
            marks: &marks,
            spans: &spans,
        };
        let bytes: Vec<u8> = (0x3e..0x3e + 24).collect();
        let want = [
            "     4    1000   +0  3e 3f                                            >?                header",
            "          1002   +2  40 41 42                                         @AB               payload",
            "     7    1005   +5  43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50 51 52  CDEFGHIJKLMNOPQR  payload",
            "          1021  +21  53 54 55                                         STU",
        ];
        assert_eq!(shown(&thing, 0, &bytes), want);
        // From the middle on, label and packet are said again.
        let want = "     7    1021  +21  53 54 55                                         STU               payload";
        assert_eq!(shown(&thing, 21, &bytes[21..]), [want]);
    }

    #[test]
    fn bytes_stay_harmless_and_labels_short() {
        let marks = [Mark::new(
            0,
            "a label that is far too long for it",
            Role::Bad,
        )];
        let thing = Thing {
            offset: 5_000_000_000,
            marks: &marks,
            spans: &[],
        };
        let rows = shown(&thing, 0, b"\x1b[2J\x7f\x80~ ");
        assert!(rows[0].contains("  .[2J..~   "), "{}", rows[0]);
        assert!(rows[0].ends_with("a label …"), "{}", rows[0]);
        assert!(rows[0].chars().count() <= 100, "{}", rows[0]);
    }
}
