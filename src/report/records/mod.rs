//! Records for programs: ndjson, one JSON document, or CSV.
//!
//! A table (`tables.rs`) describes its columns once; [`Writer`] writes the rows of any table by a [`Layout`].
//! [`Records`] writes values of any shape as JSON, for documents whose records have few rows.

mod column;
mod json;
mod layout;
mod render;
#[cfg(test)]
mod schema;
pub mod tables;
pub mod values;
mod writer;

pub use json::{write, write_pretty};
pub use layout::{Layout, error_columns, frame_columns, stream_columns, unknown};
pub use writer::{Records, Shape, Writer, write_line};
