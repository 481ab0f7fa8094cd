//! The text of a description, places in it, and errors at them.
//!
//! Knows text; nothing of TOML or of what the keys mean.

use std::ops::Range;

use super::error::{Error, Location};

/// Result of reading a description.
pub(super) type Result<T> = std::result::Result<T, Error>;

/// A range of bytes of the description's text.
pub(super) type Span = Range<usize>;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub value: T,
    pub span: Span,
}

/// The text that is being read.
#[derive(Clone, Copy)]
pub(super) struct Source<'s> {
    pub text: &'s str,
    pub origin: &'s str,
}

impl Source<'_> {
    /// An error at a place of the text.
    pub fn error(&self, span: &Span, message: impl Into<String>, fix: impl Into<String>) -> Error {
        Error {
            origin: self.origin.to_owned(),
            place: Some(Location::of(self.text, span.clone())),
            message: message.into(),
            fix: fix.into(),
        }
    }

    /// An error if the text has control characters, or others that are not seen but change how text is shown.
    pub fn one_line(&self, what: &str, text: &At<&str>) -> Result<()> {
        let unseen = |c: char| {
            let format = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
            c.is_control() || format || matches!(c, '\u{61c}' | '\u{feff}')
        };
        match text.value.chars().find(|c| unseen(*c)) {
            None => Ok(()),
            Some(c) => Err(self.error(
                &text.span,
                format!("the character U+{:04X} in {what}", u32::from(c)),
                "leave it out: write one line of characters that can be seen",
            )),
        }
    }
}
