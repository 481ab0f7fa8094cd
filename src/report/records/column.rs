//! Columns of records: each is described once, and ndjson, JSON, CSV, the JSON schemas and the docs come from that.

use deframe::{capture::Time, pipeline::PacketSpan, protocol};

use crate::report::flags::Flags;

/// A kind of record: its schema and its columns, in their order.
pub trait Table: Sized + 'static {
    /// What one record is made from.
    type Row<'a>;
    /// Name and version, `deframe.frame/1`.
    const SCHEMA: &'static str;
    /// What a record is, in a sentence.
    // Read where the schemas and the docs are made.
    #[cfg_attr(not(test), expect(dead_code))]
    const ABOUT: &'static str;
    /// The columns.
    const COLUMNS: &'static [Column<Self>];

    /// The value of a field of the protocol.
    fn field<'r>(_row: &'r Self::Row<'_>, _name: &str) -> Cell<'r> {
        Cell::Null
    }
}

/// A column of a table.
pub struct Column<T: Table> {
    /// Its name in every format.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it is null where unknown.
    // Read where the schemas and the docs are made.
    #[cfg_attr(not(test), expect(dead_code))]
    pub nullable: bool,
    /// What it says; empty where its name says all.
    // Read where the schemas and the docs are made.
    #[cfg_attr(not(test), expect(dead_code))]
    pub about: &'static str,
    /// Its value in a record.
    pub get: for<'r, 'a> fn(&'r T::Row<'a>) -> Cell<'r>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The name of the schema.
    Schema,
    /// A text of a closed list.
    Name(&'static [&'static str]),
    /// A text.
    Text,
    /// A number of things, a place or a size in bytes: 0 to 2^53.
    Count,
    /// A number with a sign, within 2^53.
    Signed,
    /// 0 to 65,535.
    Port,
    /// Nanoseconds above whole seconds.
    Nanoseconds,
    /// True or false.
    Bool,
    /// RFC 3339 in UTC with nine digits.
    Time,
    /// Bytes in lower-case hex.
    Hex,
    /// Bytes in lower-case hex or base64.
    Bytes,
    /// SHA-256 in lower-case hex.
    Sha256,
    /// Places in a frame.
    Places,
    /// Offsets with lengths.
    Ranges,
    /// Names of what is unusual.
    Flags,
    /// Fields of the protocol by name.
    Fields,
}

/// A value of a record.
pub enum Cell<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    /// A text without any character that a format escapes.
    Name(&'static str),
    /// Any text.
    Text(&'a str),
    Time(Time),
    Hex(&'a [u8]),
    Base64(&'a [u8]),
    /// Places where a new segment begins: all spans but the first.
    Places(&'a [PacketSpan]),
    Ranges(&'a [(u64, u64)]),
    Flags(Flags),
    /// The fields and the frame that holds them.
    Fields(&'a [protocol::Field], &'a [u8]),
    /// One value of a field.
    Value(protocol::Value<'a>),
}

impl<'a> Cell<'a> {
    /// Null for none.
    pub fn of<T>(value: Option<T>, cell: impl FnOnce(T) -> Cell<'a>) -> Self {
        value.map_or(Cell::Null, cell)
    }
}

/// A column: name, kind, value, what it says.
macro_rules! column {
    ($name:literal, $kind:expr, $get:expr) => {
        column!($name, $kind, $get, "")
    };
    ($name:literal, $kind:expr, $get:expr, $about:literal) => {
        Column {
            name: $name,
            kind: $kind,
            nullable: false,
            about: $about,
            get: $get,
        }
    };
}
pub(super) use column;

/// A column that is null where unknown.
macro_rules! nullable {
    ($name:literal, $kind:expr, $get:expr, $about:literal) => {
        Column {
            nullable: true,
            ..column!($name, $kind, $get, $about)
        }
    };
}
pub(super) use nullable;
