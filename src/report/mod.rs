//! What is printed: tables, hex views, JSON and CSV shapes. Values in, text out.
//!
//! Knows no arguments and reads no captures; it is the only place that names `csv`, `hex` and `serde_json`.

mod cells;
pub mod describe;
pub mod diff;
pub mod dump;
pub mod errors;
pub mod export;
mod finding;
pub mod findings;
pub mod frames;
mod grid;
mod heading;
mod hexview;
pub mod identify;
pub mod json;
mod marks;
pub mod output;
pub mod protocols;
pub mod records;
pub mod save;
pub mod stats;
pub mod streams;
mod tally;
pub mod text;
pub mod truth;
