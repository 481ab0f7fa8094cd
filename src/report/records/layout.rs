//! Which columns of a table are written, and in which order.

use super::{
    column::{Cell, Column, Kind, Table},
    render::json_text,
    tables::{Conflicts, Faults, Frames, Gaps, Streams},
};
use deframe::protocol::Protocol;

/// Before the name of a field of the protocol, as a column.
const FIELD: &str = "field.";

/// The columns of one table that are written.
pub struct Layout<T: Table> {
    pub(super) picks: Vec<Pick<T>>,
}

/// A column that is written.
pub(super) struct Pick<T: Table> {
    /// `,"name":`, for JSON.
    pub key: Vec<u8>,
    source: Source<T>,
}

enum Source<T: Table> {
    Column(&'static Column<T>),
    /// A field of the protocol.
    Field(String),
    /// A column of another table in the same output.
    Other,
}

impl<T: Table> Layout<T> {
    /// All columns, in their order.
    pub fn all() -> Self {
        let names = T::COLUMNS.iter().map(|column| column.name.to_owned());
        Self::new(&names.collect::<Vec<_>>())
    }

    /// The columns of these names; null for those that the table does not have.
    pub fn new(names: &[String]) -> Self {
        let pick = |name: &String| {
            let column = T::COLUMNS.iter().find(|column| column.name == name);
            let mut key = vec![b','];
            json_text(&mut key, name);
            key.push(b':');
            Pick {
                key,
                source: match (column, name.strip_prefix(FIELD)) {
                    (Some(column), _) => Source::Column(column),
                    (None, Some(field)) => Source::Field(field.to_owned()),
                    (None, None) => Source::Other,
                },
            }
        };
        Self {
            picks: names.iter().map(pick).collect(),
        }
    }
}

impl<T: Table> Pick<T> {
    pub fn cell<'r>(&self, row: &'r T::Row<'_>) -> Cell<'r> {
        match &self.source {
            Source::Column(column) => (column.get)(row),
            Source::Field(name) => T::field(row, name),
            Source::Other => Cell::Null,
        }
    }

    /// Whether it holds text from outside.
    pub fn is_text(&self) -> bool {
        match &self.source {
            Source::Column(column) => matches!(column.kind, Kind::Text),
            Source::Field(_) => true,
            Source::Other => false,
        }
    }
}

fn names<T: Table>(left_out: &[&str]) -> Vec<String> {
    let names = T::COLUMNS.iter().map(|column| column.name);
    names
        .filter(|name| !left_out.contains(name))
        .map(str::to_owned)
        .collect()
}

/// Columns of the fields of a protocol, each name once.
fn fields(protocol: &Protocol) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for field in protocol.frames.iter().flat_map(|kind| &kind.fields) {
        let name = format!("{FIELD}{}", field.name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Columns of frames as CSV, each field a column of its own.
pub fn frame_columns(protocol: &Protocol) -> Vec<String> {
    let mut columns = names::<Frames>(&["schema", "fields"]);
    columns.extend(fields(protocol));
    columns
}

/// Columns of faults, gaps and conflicts as CSV.
pub fn error_columns() -> Vec<String> {
    let mut columns = names::<Faults>(&[]);
    let only_gaps: Vec<String> = names::<Gaps>(&[])
        .into_iter()
        .filter(|name| !columns.contains(name))
        .collect();
    let only_conflicts: Vec<String> = names::<Conflicts>(&[])
        .into_iter()
        .filter(|name| !columns.contains(name))
        .collect();
    let behind_kind = columns.iter().position(|name| name == "kind");
    let at = behind_kind.map_or(columns.len(), |at| at + 1);
    columns.splice(at..at, only_gaps);
    columns.extend(only_conflicts);
    columns
}

/// Columns of streams as CSV.
pub fn stream_columns() -> Vec<String> {
    names::<Streams>(&["schema", "gaps"])
}

/// The names of `columns` that `known` does not have, `schema` and lists aside.
pub fn unknown<'a>(columns: &'a [String], known: &[String]) -> Option<&'a String> {
    let extra = ["schema", "fields", "gaps"];
    columns
        .iter()
        .find(|name| !known.contains(name) && !extra.contains(&name.as_str()))
}
