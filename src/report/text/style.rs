//! Widths and colours of text for people.

use anstyle::{AnsiColor, Style};

/// Columns of a line at most.
pub const WIDTH: usize = 100;
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
