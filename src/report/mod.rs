//! What is printed: tables, hex views, JSON and CSV. Values in, text out.
//!
//! - `views`: one file (or folder) for each command. A view is an [`deframe::pipeline::Observer`] or takes what one
//!   collected.
//! - `records`: records for programs, as ndjson, JSON or CSV.
//! - `text`: what views for people are made of: numbers with units, grids, headings, hex rows, faults in words.
//! - `output`: where the bytes go.
//!
//! A view uses `records`, `text` and `output`; `records` uses `text`; nothing points back. The room knows no arguments
//! and reads no captures, and it alone names `serde_json`.

pub mod filter;
pub mod flags;
pub mod output;
pub mod records;
pub mod text;
pub mod views;
