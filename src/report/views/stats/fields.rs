//! The part on the fields that were asked for.

use std::io::{self, Write};

use anstyle::Style;
use deframe::analysis::{FieldCounts, FieldStats};
use serde::Serialize;

use super::{Report, title};
use crate::report::text::{
    Grouped,
    grid::{Column, Grid},
};

/// A field that was asked for.
pub struct FieldRow {
    pub name: String,
    /// The frame type that it is of.
    pub kind: String,
    pub unit: Option<String>,
    pub stats: FieldStats,
}

/// The same in JSON.
#[derive(Serialize)]
pub struct Field<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    unit: Option<&'a str>,
    #[serde(flatten)]
    total: Counts,
    median: Option<f64>,
    streams: Vec<FieldStream>,
}

#[derive(Serialize)]
struct FieldStream {
    connection: u64,
    dir: &'static str,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Serialize)]
struct Counts {
    count: u64,
    min: Option<f64>,
    max: Option<f64>,
    changes: u64,
    /// Steps of a counter that are not by one; null if it is none.
    counter_gaps: Option<u64>,
}

impl From<&FieldCounts> for Counts {
    fn from(counts: &FieldCounts) -> Self {
        Self {
            count: counts.count,
            min: counts.min,
            max: counts.max,
            changes: counts.changes,
            counter_gaps: counts.gaps(),
        }
    }
}

impl<'a> From<&'a FieldRow> for Field<'a> {
    fn from(row: &'a FieldRow) -> Self {
        Self {
            name: &row.name,
            kind: &row.kind,
            unit: row.unit.as_deref(),
            total: (&row.stats.total).into(),
            median: row.stats.median(),
            streams: (row.stats.streams.iter())
                .map(|((connection, dir), counts)| FieldStream {
                    connection: *connection,
                    dir: dir.name(),
                    counts: counts.into(),
                })
                .collect(),
        }
    }
}

impl Report<'_> {
    pub(super) fn fields(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.fields.is_empty() {
            return Ok(());
        }
        title(out, "Fields")?;
        let mut grid = Grid::new(
            2,
            &[
                ("field", Column::End),
                ("type", Column::End),
                ("stream", Column::Left),
                ("frames", Column::Right),
                ("min", Column::Right),
                ("median", Column::Right),
                ("max", Column::Right),
                ("unit", Column::Left),
                ("changes", Column::Right),
                ("counter gaps", Column::Right),
            ],
        );
        for row in self.fields {
            let mut line = |stream: String, counts: &FieldCounts, median: Option<f64>| {
                let number = |n: Option<f64>| n.map_or(String::new(), |n| format!("{n}"));
                grid.row(
                    Style::new(),
                    vec![
                        row.name.clone(),
                        row.kind.clone(),
                        stream,
                        Grouped(counts.count).to_string(),
                        number(counts.min),
                        number(median),
                        number(counts.max),
                        row.unit.clone().unwrap_or_default(),
                        Grouped(counts.changes).to_string(),
                        counts
                            .gaps()
                            .map_or("-".to_owned(), |n| Grouped(n).to_string()),
                    ],
                );
            };
            line("all".to_owned(), &row.stats.total, row.stats.median());
            let shown = if self.all { usize::MAX } else { 20 };
            for ((connection, dir), counts) in row.stats.streams.iter().take(shown) {
                line(format!("{connection} {}", dir.name()), counts, None);
            }
        }
        grid.write(out)
    }
}
