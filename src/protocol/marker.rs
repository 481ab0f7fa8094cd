//! Bytes written as hex digits: headers, end markers, separators.

use super::source::{At, Result, Source};
use crate::framing::Pattern;

/// Longest header or end marker, in bytes.
pub(super) const LONGEST: usize = 64;

/// A header: hex digits, `?` for any four bits, spaces anywhere.
pub(super) fn pattern(source: Source<'_>, text: &At<&str>, key: &str) -> Result<Pattern> {
    let mut nibbles = Vec::new();
    for c in text.value.chars().filter(|c| !c.is_ascii_whitespace()) {
        nibbles.push(match (c, c.to_digit(16)) {
            ('?', _) => (0, 0),
            (_, Some(digit)) => (digit as u8, 0xf),
            _ => {
                let message = format!("`{}` in `{key}` is no hex digit", c.escape_debug());
                return Err(source.error(
                    &text.span,
                    message,
                    "write bytes as two digits of 0-9 and A-F each: \"FD AA\"",
                ));
            }
        });
    }
    if nibbles.is_empty() {
        return Err(source.error(
            &text.span,
            format!("`{key}` is empty"),
            format!("leave `{key}` out, or write bytes: \"FD AA\""),
        ));
    }
    if nibbles.len() % 2 == 1 {
        let message = format!(
            "`{key}` has {} digits: half a byte too many or too few",
            nibbles.len()
        );
        return Err(source.error(
            &text.span,
            message,
            "write two digits for each byte: 0A, not A",
        ));
    }
    if nibbles.len() / 2 > LONGEST {
        let message = format!("`{key}` has {} bytes", nibbles.len() / 2);
        return Err(source.error(
            &text.span,
            message,
            format!("write at most {LONGEST} bytes"),
        ));
    }
    let byte = |pair: &[(u8, u8)]| {
        pair.iter()
            .fold((0, 0), |(v, m), (dv, dm)| (v << 4 | dv, m << 4 | dm))
    };
    let (value, mask) = nibbles.chunks(2).map(byte).unzip();
    Ok(Pattern { value, mask })
}

/// Bytes without any `?`.
pub(super) fn exact(source: Source<'_>, text: &At<&str>, key: &str) -> Result<Vec<u8>> {
    let pattern = pattern(source, text, key)?;
    if pattern.mask.iter().any(|mask| *mask != 0xff) {
        let message = format!("`?` in `{key}`");
        return Err(source.error(
            &text.span,
            message,
            "write all its digits: only a header may leave some open",
        ));
    }
    Ok(pattern.value)
}
