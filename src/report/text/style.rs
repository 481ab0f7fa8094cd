//! Widths and colours of text for people.

use std::sync::OnceLock;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

/// Columns of a line where there is no terminal.
const DEFAULT_WIDTH: usize = 100;
/// Columns of a line at least and at most, whatever the terminal.
const WIDTH_RANGE: (usize, usize) = (60, 200);

static WIDTH: OnceLock<usize> = OnceLock::new();

/// Sets the width of all text, once, before any is written.
pub fn set_width(columns: usize) {
    let _ = WIDTH.set(columns.clamp(WIDTH_RANGE.0, WIDTH_RANGE.1));
}

/// Columns of a line at most.
pub fn width() -> usize {
    *WIDTH.get_or_init(|| DEFAULT_WIDTH)
}

/// Columns that a text takes on a terminal.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// The title of a block.
pub const TITLE: Style = Style::new().bold();
/// Secondary text: titles of columns, numbers beside bytes.
pub const DIM: Style = Style::new().dimmed();
/// A fault.
pub const WRONG: Style = AnsiColor::Red.on_default().bold();
/// A row that counts a fault.
pub const FAULTY: Style = AnsiColor::Red.on_default();
/// Missing bytes.
pub const MISSING: Style = AnsiColor::Yellow.on_default().bold();
