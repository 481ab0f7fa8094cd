//! A plain table: text to the left, numbers to the right, two blanks between.

use std::io::{self, Write};

use crate::report::text::style::{DIM, columns};

/// Writes rows under their titles; columns from `right` on are numbers.
pub fn write(
    out: &mut dyn Write,
    titles: &[&str],
    right: usize,
    rows: &[Vec<String>],
) -> io::Result<()> {
    let wide = columns;
    let width = |at: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(at))
            .map(|cell| wide(cell));
        cells.chain([wide(titles[at])]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::from(" ");
        for (at, (cell, width)) in cells.zip(&widths).enumerate() {
            let fill = " ".repeat(width - wide(cell).min(*width));
            match at < right {
                true => text.extend([" ", cell, &fill, ""]),
                false => text.extend(["  ", &fill, cell, ""]),
            }
            if at + 1 < right {
                text.push(' ');
            }
        }
        text.trim_end().to_owned()
    };
    writeln!(out, "{DIM}{}{DIM:#}", line(&mut titles.iter().copied()))?;
    for row in rows {
        writeln!(out, "{}", line(&mut row.iter().map(String::as_str)))?;
    }
    Ok(())
}
