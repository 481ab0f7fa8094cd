//! What is printed: tables, hex views, JSON and CSV shapes. Values in, text out.
//!
//! Knows no arguments and reads no captures; it is the only place that names `comfy-table`, `hex` and `serde_json`.

mod cells;
pub mod describe;
pub mod export;
pub mod identify;
pub mod json;
pub mod output;
pub mod protocols;
pub mod records;
pub mod streams;
pub mod text;
pub mod truth;
