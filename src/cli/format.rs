//! Output formats: one type, of which each command names its part.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::report::records::Shape;

/// How a command writes its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text for people.
    Table,
    /// Records for programs.
    Records(Shape),
}

impl Format {
    pub const JSON: Format = Format::Records(Shape::Json);
    pub const NDJSON: Format = Format::Records(Shape::Ndjson);
    pub const CSV: Format = Format::Records(Shape::Csv);

    /// Its name as a value of `--format`, and its help.
    fn value(self) -> (&'static str, &'static str) {
        match self {
            Format::Table => ("table", "For people"),
            Format::JSON => ("json", "One document"),
            Format::NDJSON => ("ndjson", "One object a line"),
            Format::CSV => ("csv", "Comma-separated values"),
        }
    }
}

/// The parser of a `--format` for records alone: the first is the default.
pub fn records() -> impl TypedValueParser<Value = Shape> {
    one_of(&[Format::NDJSON, Format::JSON, Format::CSV]).try_map(|format| match format {
        Format::Records(shape) => Ok(shape),
        Format::Table => Err("no format for programs"),
    })
}

/// The parser of a `--format` that takes these.
pub fn one_of(formats: &'static [Format]) -> impl TypedValueParser<Value = Format> {
    let values = formats.iter().map(|format| {
        let (name, help) = format.value();
        PossibleValue::new(name).help(help)
    });
    PossibleValuesParser::new(values).try_map(move |text| {
        let format = formats.iter().find(|format| format.value().0 == text);
        format.copied().ok_or("no such format")
    })
}
