//! What views for people are made of. Nothing here knows a command.

pub mod describe;
pub mod grid;
pub mod heading;
pub mod hexview;
mod marks;
pub mod rows;
pub mod style;
mod values;

pub use values::{
    Escaped, Grouped, Rfc3339, count, duration, escape_lines, is_active, percent, size,
};
