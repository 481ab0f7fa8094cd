//! Tables for people: columns as wide as they need to be, lines that stay within a width.

use std::io::{self, Write};

use anstyle::Style;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use unicode_width::UnicodeWidthChar;

use super::{
    Escaped,
    style::{self, DIM, width},
};

/// Blanks between columns; one less where that saves cutting.
const BETWEEN: usize = 2;

/// Columns that are narrowed keep at least this many characters: those cut at their end, and those cut in the middle.
const NARROWEST: (usize, usize) = (8, 12);

/// How a column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Text.
    Left,
    /// Numbers.
    Right,
    /// Text that is cut in its middle where the line would be too long.
    Middle,
    /// Text that is cut at its end where the line would be too long.
    End,
}

/// Widths that columns need, for a table written in several grids.
pub struct Widths(Vec<usize>);

impl Widths {
    /// Those of the titles.
    pub fn new(columns: &[(&str, Column)]) -> Self {
        Self(
            columns
                .iter()
                .map(|column| style::columns(column.0))
                .collect(),
        )
    }

    /// Widens them for a row.
    pub fn fit(&mut self, cells: &[String]) {
        for (width, cell) in self.0.iter_mut().zip(cells) {
            *width = (*width).max(style::columns(cell));
        }
    }
}

/// Rows of text under a heading.
pub struct Grid {
    columns: Vec<Column>,
    header: Vec<String>,
    headed: bool,
    least: Widths,
    rows: Vec<(Style, Vec<String>)>,
    indent: usize,
}

impl Grid {
    /// With these columns; none of them without a heading means no heading at all.
    pub fn new(indent: usize, columns: &[(&str, Column)]) -> Self {
        Self {
            columns: columns.iter().map(|column| column.1).collect(),
            header: columns.iter().map(|column| column.0.to_owned()).collect(),
            headed: columns.iter().any(|column| !column.0.is_empty()),
            least: Widths::new(columns),
            rows: Vec::new(),
            indent,
        }
    }

    /// One of several grids that together are one table, whose columns need `widths`; the first is `headed`.
    pub fn with_widths(
        indent: usize,
        columns: &[(&str, Column)],
        widths: &Widths,
        headed: bool,
    ) -> Self {
        Self {
            headed,
            least: Widths(widths.0.clone()),
            ..Self::new(indent, columns)
        }
    }

    /// Adds a row, its cells escaped; a cell that is missing is empty.
    pub fn row(&mut self, style: Style, cells: Vec<String>) {
        let cells = cells.iter().map(|cell| Escaped(cell).to_string());
        self.rows.push((style, cells.collect()));
    }

    /// Writes everything.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (widths, between) = self.widths();
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        let header = self.headed.then_some((DIM, &self.header));
        let rows = self.rows.iter().map(|(style, cells)| (*style, cells));
        let mut styles = Vec::with_capacity(self.rows.len() + 1);
        for (style, cells) in header.into_iter().chain(rows) {
            styles.push(style);
            table.add_row((0..widths.len()).map(|at| {
                let text = cells.get(at).map_or("", String::as_str);
                let text = cut(text, widths[at], self.columns[at]);
                // The first line makes the columns as wide as they are to be.
                match (styles.len(), self.columns[at]) {
                    (1, Column::Right) => format!("{text:>width$}", width = widths[at]),
                    (1, _) => format!("{text:<width$}", width = widths[at]),
                    _ => text,
                }
            }));
        }
        for (at, column) in table.column_iter_mut().enumerate() {
            let last = at + 1 == widths.len();
            column.set_padding((0, if last { 0 } else { between as u16 }));
            if self.columns[at] == Column::Right {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for (style, line) in styles.iter().zip(table.lines()) {
            writeln!(
                out,
                "{style}{:indent$}{}{style:#}",
                "",
                line.trim_end(),
                indent = self.indent
            )?;
        }
        Ok(())
    }

    /// Everything as text.
    pub fn to_text(&self) -> String {
        let mut text = Vec::new();
        // Writing to memory does not fail.
        let _ = self.write(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Widths of the columns and blanks between them: first the blanks give way, then ends, then middles.
    fn widths(&self) -> (Vec<usize>, usize) {
        let mut widths = Widths(self.least.0.clone());
        self.rows.iter().for_each(|(_, cells)| widths.fit(cells));
        let mut widths = widths.0;
        let total = |widths: &[usize], between| {
            self.indent + widths.iter().sum::<usize>() + between * (widths.len() - 1)
        };
        if total(&widths, BETWEEN) <= width() {
            return (widths, BETWEEN);
        }
        let between = BETWEEN - 1;
        for (column, narrowest) in [(Column::End, NARROWEST.0), (Column::Middle, NARROWEST.1)] {
            while total(&widths, between) > width() {
                let gives = |at: &usize| self.columns[*at] == column && widths[*at] > narrowest;
                match (0..widths.len()).filter(gives).max_by_key(|at| widths[*at]) {
                    Some(at) => widths[at] -= 1,
                    None => break,
                }
            }
        }
        (widths, between)
    }
}

/// Text in at most `width` columns.
pub fn cut(text: &str, width: usize, column: Column) -> String {
    if style::columns(text) <= width || width == 0 {
        return text.to_owned();
    }
    let front = match column {
        Column::Middle => (width - 1) / 2,
        _ => width - 1,
    };
    let head = prefix(text.chars(), front);
    let tail: String = prefix(text.chars().rev(), width - 1 - front)
        .chars()
        .rev()
        .collect();
    format!("{head}…{tail}")
}

/// As many characters as fit in `width` columns.
fn prefix(chars: impl Iterator<Item = char>, width: usize) -> String {
    let mut left = width;
    chars
        .take_while(|c| {
            let fits = c.width().unwrap_or(0) <= left;
            left = left.saturating_sub(c.width().unwrap_or(0));
            fits
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts() {
        for (text, width, column, want) in [
            ("abcdef", 6, Column::End, "abcdef"),
            ("abcdef", 5, Column::End, "abcd…"),
            ("abcdef", 5, Column::Middle, "ab…ef"),
            ("äöüäöü", 4, Column::Middle, "ä…öü"),
            ("ab", 1, Column::End, "…"),
            ("尺寸尺寸", 5, Column::End, "尺寸…"),
            ("尺寸尺寸", 4, Column::Middle, "…寸"),
        ] {
            assert_eq!(cut(text, width, column), want);
        }
    }

    #[test]
    fn several_grids_are_one_table() {
        let columns = [
            ("n", Column::Right),
            ("some", Column::Middle),
            ("b", Column::End),
        ];
        let rows: Vec<Vec<String>> = (0..9)
            .map(|n| vec!["7".repeat(n), "x".repeat(40 + n * 3), "yz ".repeat(9 - n)])
            .collect();
        let text = |grids: &[Grid]| {
            let mut out = Vec::new();
            grids.iter().for_each(|grid| grid.write(&mut out).unwrap());
            String::from_utf8(out).unwrap()
        };
        let (mut whole, mut widths) = (Grid::new(2, &columns), Widths::new(&columns));
        for cells in &rows {
            whole.row(Style::new(), cells.clone());
            widths.fit(cells);
        }
        let pieces = rows.chunks(4).enumerate().map(|(at, rows)| {
            let mut grid = Grid::with_widths(2, &columns, &widths, at == 0);
            rows.iter()
                .for_each(|cells| grid.row(Style::new(), cells.clone()));
            grid
        });
        assert_eq!(text(&pieces.collect::<Vec<_>>()), text(&[whole]));
    }

    #[test]
    fn lines_stay_within_the_width() {
        let columns = [
            ("n", Column::Right),
            ("a", Column::Middle),
            ("b", Column::End),
        ];
        let mut grid = Grid::new(2, &columns);
        grid.row(
            Style::new(),
            vec!["1".into(), "x".repeat(90), "y".repeat(30)],
        );
        grid.row(Style::new(), vec!["12345".into(), "x".into()]);
        let mut out = Vec::new();
        grid.write(&mut out).unwrap();
        let text = anstream::adapter::strip_bytes(&out).into_vec();
        let text = String::from_utf8(text).unwrap();
        let lengths: Vec<_> = text.lines().map(|line| line.chars().count()).collect();
        assert_eq!(lengths[1], 100);
        assert!(lengths.iter().all(|length| *length <= 100), "{text}");
    }
}
