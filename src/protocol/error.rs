//! What is wrong with a description, where, and what to write instead.
//!
//! Knows text and places in it; nothing of protocols.

use std::{fmt, ops::Range};

/// A description that cannot be used. Its text (`Display`) is the whole report, in the manner of rustc:
///
/// ```text
/// plant.toml:7:1: no key `lenght` in [[frame]]
///   |
/// 7 | lenght = { offset = 2, width = 2 }
///   | ^^^^^^
///   = write `length`
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where the text came from, as the caller named it: a file name or the name of a library protocol.
    pub origin: String,
    /// Line and column of it, from 1, columns in characters; none where the error has no one place.
    pub place: Option<Location>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub fix: String,
}

/// A place in a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters of the line are meant, at least 1.
    pub width: usize,
    /// The line itself.
    pub text: String,
}

impl Location {
    /// The place of a range of bytes of `text`; of one over several lines, what stands on its first line.
    pub(super) fn of(text: &str, span: Range<usize>) -> Self {
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let (before, rest) = text.split_at(start);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = rest.find('\n').map_or(text.len(), |at| start + at);
        let line = text
            .get(line_start..line_end)
            .unwrap_or("")
            .trim_end_matches('\r');
        let meant = span.end.min(line_end).saturating_sub(start);
        let width = rest
            .char_indices()
            .take_while(|&(at, _)| at < meant)
            .count();
        Self {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or("").chars().count() + 1,
            width: width.max(1),
            text: line.to_owned(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(place) = &self.place else {
            writeln!(f, "{}: {}", self.origin, self.message)?;
            return write!(f, "  = {}", self.fix);
        };
        let number = place.line.to_string();
        let margin = " ".repeat(number.len());
        // A tab under the caret's line moves it as far as the tab above; other control bytes must not reach a terminal.
        let shown = |c: char| {
            if c == '\t' || !c.is_control() {
                c
            } else {
                '\u{fffd}'
            }
        };
        let indent: String = place
            .text
            .chars()
            .take(place.column - 1)
            .map(|c| if c == '\t' { c } else { ' ' })
            .collect();
        writeln!(
            f,
            "{}:{}:{}: {}",
            self.origin, place.line, place.column, self.message
        )?;
        writeln!(f, "{margin} |")?;
        writeln!(
            f,
            "{number} | {}",
            place.text.chars().map(shown).collect::<String>()
        )?;
        writeln!(f, "{margin} | {indent}{}", "^".repeat(place.width))?;
        write!(f, "{margin} = {}", self.fix)
    }
}

impl std::error::Error for Error {}
