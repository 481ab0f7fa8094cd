//! Lua literals.

use std::fmt::Write;

/// A string in quotes.
pub(super) fn text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            c if c.is_control() => quoted.push('?'),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Bytes as a string in quotes: `"\xCC\xDD"`.
pub(super) fn bytes(bytes: &[u8]) -> String {
    let mut quoted = String::from("\"");
    for byte in bytes {
        let _ = write!(quoted, "\\x{byte:02X}");
    }
    quoted.push('"');
    quoted
}

/// Text in one line of a comment.
pub(super) fn comment(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Text as a name in display filters: lower-case letters, digits and underscores.
pub(super) fn word(text: &str) -> String {
    let legal = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_alphanumeric() => c,
        _ => '_',
    };
    text.chars().map(legal).collect()
}
