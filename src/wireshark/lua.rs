//! Text and bytes of a description as Lua: every one passes through here on its way into a dissector.

use std::{collections::BTreeSet, fmt::Write};

/// A string literal. Quotes, backslashes and control characters cannot end it; a control character becomes `?`, for
/// Wireshark shows the string in one line.
pub(super) fn text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_unprintable(c) => quoted.push('?'),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Bytes as a string literal: `"\xCC\xDD"`.
pub(super) fn bytes(bytes: &[u8]) -> String {
    let mut quoted = String::from("\"");
    for byte in bytes {
        let _ = write!(quoted, "\\x{byte:02X}");
    }
    quoted.push('"');
    quoted
}

/// Text for the rest of a comment line that begins with `-- `.
pub(super) fn comment(text: &str) -> String {
    text.chars()
        .map(|c| if is_unprintable(c) { ' ' } else { c })
        .collect()
}

/// Control characters, line separators, and the marks that change the direction of text.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A number literal.
pub(super) fn number(value: f64) -> String {
    match value {
        value if value.is_finite() => format!("{value:?}"),
        value if value.is_nan() => "(0 / 0)".to_owned(),
        value if value > 0.0 => "math.huge".to_owned(),
        _ => "-math.huge".to_owned(),
    }
}

/// Text as a part of a name in Lua and in display filters: lower-case letters, digits and underscores, with no digit in
/// front.
pub(super) fn word(text: &str) -> String {
    let legal = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_alphanumeric() => c,
        _ => '_',
    };
    let word: String = text.chars().map(legal).collect();
    match word.chars().next() {
        Some('0'..='9') | None => format!("_{word}"),
        _ => word,
    }
}

/// The word, or the word and a number where another has it already.
pub(super) fn unique(used: &mut BTreeSet<String>, word: &str) -> String {
    let numbered = (2..).map(|n| format!("{word}_{n}"));
    let free = std::iter::once(word.to_owned())
        .chain(numbered)
        .find(|word| !used.contains(word))
        .unwrap_or_default();
    used.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_literal() {
        for (given, expected) in [
            ("plain", r#""plain""#),
            (
                r#"X"; os.execute("id") --"#,
                r#""X\"; os.execute(\"id\") --""#,
            ),
            ("\\", r#""\\""#),
            ("\\\"", r#""\\\"""#),
            ("a\nb\r\0\x1b[2J", r#""a?b???[2J""#),
            ("PROTO COLUMN", r#""PROTO COLUMN""#),
            ("\u{202e}abc\u{2028}", r#""?abc?""#),
            ("°C ]]", r#""°C ]]""#),
        ] {
            assert_eq!(text(given), expected, "{given:?}");
        }
    }

    #[test]
    fn no_comment_has_a_second_line() {
        assert_eq!(comment("a\nos.execute()\r\u{2028}"), "a os.execute()  ");
    }

    #[test]
    fn words_are_names_and_unique() {
        let mut used = BTreeSet::new();
        for (given, expected) in [
            ("Value A", "value_a"),
            ("value-a", "value_a_2"),
            ("VALUE A", "value_a_3"),
            ("190", "_190"),
            ("", "_"),
            ("é", "__2"),
        ] {
            assert_eq!(unique(&mut used, &word(given)), expected, "{given:?}");
        }
    }

    #[test]
    fn numbers_are_literals() {
        for (given, expected) in [
            (0.1, "0.1"),
            (f64::INFINITY, "math.huge"),
            (f64::NAN, "(0 / 0)"),
            (1e300, "1e300"),
        ] {
            assert_eq!(number(given), expected);
        }
    }
}
