//! Reading values out of a TOML table, with an error at the right place for each that does not fit.
//!
//! Knows TOML; nothing of what the keys mean.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    error::Error,
    nearest::nearest,
    source::{At, Result, Source, Span},
};

/// One table of the text.
#[derive(Clone, Copy)]
pub(super) struct TomlTable<'s> {
    pub source: Source<'s>,
    table: &'s DeTable<'s>,
    /// How errors name it: `[[frame]]`.
    name: &'s str,
    span: &'s Range<usize>,
}

impl<'s> TomlTable<'s> {
    pub fn new(
        source: Source<'s>,
        table: &'s DeTable<'s>,
        name: &'s str,
        span: &'s Range<usize>,
    ) -> Self {
        Self {
            source,
            table,
            name,
            span,
        }
    }

    /// Refuses every key but these, and says which known one was probably meant.
    pub fn only(&self, known: &[&str]) -> Result<()> {
        for key in self.table.keys() {
            let word: &str = key.get_ref();
            if known.contains(&word) {
                continue;
            }
            let fix = match nearest(word, known) {
                Some(near) => format!("write `{near}`"),
                None => format!("the keys here are {}", known.join(", ")),
            };
            return Err(self.source.error(
                &key.span(),
                format!("no key `{word}` in {}", self.name),
                fix,
            ));
        }
        Ok(())
    }

    /// The place of the table as a whole.
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// Where a key of it stands; the table itself, if it is not there.
    pub fn key_span(&self, key: &str) -> Span {
        self.table
            .get_key_value(key)
            .map_or(self.span(), |(key, _)| key.span())
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// An error at a key.
    pub fn error(&self, key: &str, message: impl Into<String>, fix: impl Into<String>) -> Error {
        self.source.error(&self.key_span(key), message, fix)
    }

    fn get(&self, key: &str) -> Option<&'s Spanned<DeValue<'s>>> {
        self.table.get(key)
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, want: &str, fix: &str) -> Error {
        let found = value.get_ref().type_str();
        self.source.error(
            &value.span(),
            format!("`{key}` takes {want}, not {} {found}", article(found)),
            fix,
        )
    }

    /// A text.
    pub fn text(&self, key: &str) -> Result<Option<At<&'s str>>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        match value.get_ref() {
            DeValue::String(text) => Ok(Some(At {
                value: text,
                span: value.span(),
            })),
            _ => Err(self.wrong(
                key,
                value,
                "a text",
                &format!("put it in quotes: {key} = \"…\""),
            )),
        }
    }

    /// A text that has to be there.
    pub fn required_text(&self, key: &str, example: &str) -> Result<At<&'s str>> {
        match self.text(key)? {
            Some(text) if text.value.trim().is_empty() => Err(self.source.error(
                &text.span,
                format!("`{key}` is empty"),
                format!("write {key} = \"{example}\""),
            )),
            Some(text) => Ok(text),
            None => Err(self.missing(key, &format!("\"{example}\""))),
        }
    }

    /// The name of what the table describes: letters, digits, `-`, `_`, `.` and spaces, so that it is safe wherever it is
    /// shown, and in generated code.
    pub fn name(&self, example: &str) -> Result<At<&'s str>> {
        let name = self.required_text("name", example)?;
        let allowed = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
        match name.value.chars().find(|c| !allowed(*c)) {
            None => Ok(name),
            Some(c) => Err(self.source.error(
                &name.span,
                format!("`{}` in a name", c.escape_debug()),
                "use letters, digits, `-`, `_`, `.` and spaces",
            )),
        }
    }

    /// A text of one line, without anything that a terminal would obey.
    pub fn line(&self, key: &str) -> Result<Option<String>> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        self.source.one_line(&format!("`{key}`"), &text)?;
        Ok(Some(text.value.to_owned()))
    }

    /// The error for a key that has to be there.
    pub fn missing(&self, key: &str, example: &str) -> Error {
        self.source.error(
            self.span,
            format!("{} has no `{key}`", self.name),
            format!("write {key} = {example}"),
        )
    }

    /// One of a few words.
    pub fn word<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Result<Option<T>> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        if let Some((_, found)) = words.iter().find(|(word, _)| *word == text.value) {
            return Ok(Some(*found));
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let fix = match nearest(text.value, &names) {
            Some(near) => format!("write {key} = \"{near}\""),
            None => format!("write one of \"{}\"", names.join("\", \"")),
        };
        Err(self.source.error(
            &text.span,
            format!("no {key} \"{}\"", text.value.escape_debug()),
            fix,
        ))
    }

    /// A whole number within bounds.
    pub fn int(&self, key: &str, low: i128, high: i128) -> Result<Option<At<i128>>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let number = self.number(key, value)?;
        if (low..=high).contains(&number.value) {
            return Ok(Some(number));
        }
        let message = format!("`{key}` cannot be {}", number.value);
        Err(self.source.error(
            &number.span,
            message,
            format!("write a number from {low} to {high}"),
        ))
    }

    /// A whole number from 0 to `high`, as an index.
    pub fn index(&self, key: &str, high: usize) -> Result<Option<At<usize>>> {
        let number = self.int(key, 0, high as i128)?;
        Ok(number.map(|n| At {
            value: n.value as usize,
            span: n.span,
        }))
    }

    fn number(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<At<i128>> {
        let DeValue::Integer(number) = value.get_ref() else {
            return Err(self.wrong(
                key,
                value,
                "a whole number",
                &format!("write {key} = 4, without quotes or point"),
            ));
        };
        match i128::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Ok(At {
                value: number,
                span: value.span(),
            }),
            Err(_) => Err(self.source.error(
                &value.span(),
                format!("`{key}` is too large"),
                "write a smaller number",
            )),
        }
    }

    /// A number with or without a point.
    pub fn float(&self, key: &str) -> Result<Option<At<f64>>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let number = match value.get_ref() {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(_) => self
                .int(key, i64::MIN.into(), u64::MAX.into())?
                .map(|n| n.value as f64),
            _ => {
                return Err(self.wrong(
                    key,
                    value,
                    "a number",
                    &format!("write {key} = 0.1, without quotes"),
                ));
            }
        };
        match number {
            Some(number) if f64::is_finite(number) => Ok(Some(At {
                value: number,
                span: value.span(),
            })),
            _ => Err(self.source.error(
                &value.span(),
                format!("`{key}` is no finite number"),
                format!("write {key} = 0.1"),
            )),
        }
    }

    /// `true` or `false`; false if not there.
    pub fn flag(&self, key: &str) -> Result<bool> {
        match self.get(key) {
            None => Ok(false),
            Some(value) => match value.get_ref() {
                DeValue::Boolean(flag) => Ok(*flag),
                _ => Err(self.wrong(key, value, "true or false", &format!("write {key} = true"))),
            },
        }
    }

    /// A text, or a list of texts.
    pub fn texts(&self, key: &str) -> Result<Option<Vec<At<&'s str>>>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let items = match value.get_ref() {
            DeValue::String(text) => {
                return Ok(Some(vec![At {
                    value: text,
                    span: value.span(),
                }]));
            }
            DeValue::Array(items) => items,
            _ => {
                return Err(self.wrong(
                    key,
                    value,
                    "a text or a list of texts",
                    &format!("write {key} = [\"…\", \"…\"]"),
                ));
            }
        };
        let text = |item: &'s Spanned<DeValue<'s>>| match item.get_ref() {
            DeValue::String(text) => Ok(At {
                value: &**text,
                span: item.span(),
            }),
            _ => Err(self.wrong(key, item, "texts", "put it in quotes")),
        };
        items.iter().map(text).collect::<Result<_>>().map(Some)
    }

    /// A list of whole numbers within bounds.
    pub fn ints(&self, key: &str, low: i128, high: i128) -> Result<Vec<At<i128>>> {
        let Some(value) = self.get(key) else {
            return Ok(Vec::new());
        };
        let DeValue::Array(items) = value.get_ref() else {
            let example = match value.get_ref() {
                DeValue::Integer(number) => number.to_string(),
                _ => low.to_string(),
            };
            return Err(self.wrong(
                key,
                value,
                "a list of numbers",
                &format!("write {key} = [{example}]"),
            ));
        };
        let number = |item| {
            let number = self.number(key, item)?;
            if (low..=high).contains(&number.value) {
                return Ok(number);
            }
            let message = format!("`{key}` cannot hold {}", number.value);
            Err(self.source.error(
                &number.span,
                message,
                format!("write numbers from {low} to {high}"),
            ))
        };
        items.iter().map(number).collect()
    }

    /// A table inside: `key = { … }`.
    pub fn table(&self, key: &str, name: &'s str) -> Result<Option<TableIn<'s>>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        match value.get_ref() {
            DeValue::Table(table) => Ok(Some(TableIn {
                source: self.source,
                table,
                name,
                span: value.span(),
            })),
            _ => Err(self.wrong(key, value, "a table", &format!("write {key} = {{ … }}"))),
        }
    }

    /// The tables `[[key]]`.
    pub fn tables(&self, key: &str, name: &'s str) -> Result<Vec<TableIn<'s>>> {
        let Some(value) = self.get(key) else {
            return Ok(Vec::new());
        };
        let fix = format!("head each one with {name}, in double brackets");
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.wrong(key, value, "a list of tables", &fix));
        };
        let table = |item: &'s Spanned<DeValue<'s>>| match item.get_ref() {
            DeValue::Table(table) => Ok(TableIn {
                source: self.source,
                table,
                name,
                span: item.span(),
            }),
            _ => Err(self.wrong(key, item, "tables", &fix)),
        };
        items.iter().map(table).collect()
    }

    /// The keys that are there, of these.
    pub fn present<'k>(&self, keys: &[&'k str]) -> Vec<&'k str> {
        keys.iter().copied().filter(|key| self.has(key)).collect()
    }

    /// All keys and their values as texts, for tables whose keys are data.
    pub fn entries(&self) -> Result<Vec<(At<&'s str>, At<&'s str>)>> {
        let entry = |(key, value): (
            &'s Spanned<std::borrow::Cow<'s, str>>,
            &'s Spanned<DeValue<'s>>,
        )| {
            let word: &'s str = key.get_ref();
            match value.get_ref() {
                DeValue::String(text) => Ok((
                    At {
                        value: word,
                        span: key.span(),
                    },
                    At {
                        value: &**text,
                        span: value.span(),
                    },
                )),
                _ => Err(self.wrong(word, value, "a text", "put it in quotes")),
            }
        };
        self.table.iter().map(entry).collect()
    }
}

/// A table found inside another.
pub(super) struct TableIn<'s> {
    source: Source<'s>,
    table: &'s DeTable<'s>,
    name: &'s str,
    span: Span,
}

impl TableIn<'_> {
    pub fn view(&self) -> TomlTable<'_> {
        TomlTable::new(self.source, self.table, self.name, &self.span)
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}
