//! What the streams hold: frames by type, messages, faults, gaps.

use std::io::{self, Write};

use anstyle::Style;
use deframe::analysis::Counts;

use super::{Report, items, title};
use crate::report::text::{
    Grouped, count, duration,
    grid::{Column, Grid},
    percent,
};

impl Report<'_> {
    pub(super) fn frames(&self, out: &mut dyn Write) -> io::Result<()> {
        let (total, all) = (&self.stats.total, self.stats.total.frame_count());
        title(out, &format!("Frames ({})", self.protocol.name))?;
        if all == 0 {
            return writeln!(out, "  none");
        }
        let mut grid = Grid::new(
            2,
            &[
                ("type", Column::End),
                ("frames", Column::Right),
                ("share", Column::Right),
                ("bytes", Column::Right),
                ("interval: min", Column::Right),
                ("median", Column::Right),
                ("99 %", Column::Right),
                ("max", Column::Right),
            ],
        );
        let kinds = self
            .protocol
            .frames
            .iter()
            .zip(total.frames.iter().zip(&total.frame_bytes));
        for ((kind, (n, bytes)), times) in kinds.zip(&self.stats.intervals) {
            let time = |nanos: Option<u64>| nanos.map_or("-".to_owned(), duration);
            grid.row(
                Style::new(),
                vec![
                    kind.name.clone(),
                    Grouped(*n).to_string(),
                    percent(*n, all),
                    Grouped(*bytes).to_string(),
                    time(times.min()),
                    time(times.quantile(0.5)),
                    time(times.quantile(0.99)),
                    time(times.max()),
                ],
            );
        }
        let bytes = Grouped(total.account.frames).to_string();
        let sum = [
            "all".to_owned(),
            Grouped(all).to_string(),
            percent(all, all),
            bytes,
        ];
        grid.row(Style::new(), sum.into());
        grid.write(out)?;
        self.messages(out, all)
    }

    /// Messages, and intervals that are not in the table.
    fn messages(&self, out: &mut dyn Write, all: u64) -> io::Result<()> {
        let total = &self.stats.total;
        let (protocol, mut messages) = (self.protocol, Vec::new());
        let shapes = protocol.messages.iter().zip(&protocol.layout.messages);
        for ((message, frames), n) in shapes.zip(&total.messages) {
            let in_them = percent(n * frames.len() as u64, all);
            messages.push(format!(
                "{} {} ({in_them} of the frames)",
                Grouped(*n),
                message.name
            ));
        }
        items(out, "messages", &messages)?;
        let negative: u64 = self
            .stats
            .intervals
            .iter()
            .map(|times| times.negative)
            .sum();
        if negative > 0 {
            let text = format!(
                "{} where time went backwards, not in the table",
                Grouped(negative)
            );
            items(out, "intervals", &[text])?;
        }
        Ok(())
    }

    pub(super) fn faults(&self, out: &mut dyn Write) -> io::Result<()> {
        let total = &self.stats.total;
        let kinds = Counts::KINDS
            .into_iter()
            .zip(total.faults)
            .filter(|(_, n)| *n > 0);
        let list: Vec<_> = kinds
            .map(|(kind, n)| format!("{} {}", Grouped(n), kind.name()))
            .collect();
        if list.is_empty() {
            return Ok(());
        }
        title(out, "Faults")?;
        items(out, &Grouped(total.fault_count()).to_string(), &list)
    }

    pub(super) fn gaps(&self, out: &mut dyn Write) -> io::Result<()> {
        let (total, all) = (&self.stats.total, self.stats.total.gap_total());
        if all.count == 0 {
            return Ok(());
        }
        title(out, "Gaps")?;
        let causes = Counts::CAUSES
            .into_iter()
            .zip(total.gaps)
            .filter(|(_, gaps)| gaps.count > 0);
        let mut list: Vec<_> = causes
            .map(|(cause, gaps)| {
                format!(
                    "{} {} ({})",
                    Grouped(gaps.count),
                    cause.name(),
                    count(gaps.bytes, "byte")
                )
            })
            .collect();
        if total.forced_gaps > 0 {
            list.push(format!(
                "{} given up early, to bound memory",
                Grouped(total.forced_gaps)
            ));
        }
        items(out, &Grouped(all.count).to_string(), &list)
    }
}
