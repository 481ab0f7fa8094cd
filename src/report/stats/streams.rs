//! The streams one by one: those with faults and the busiest first, the rest in one row.

use std::io::{self, Write};

use anstyle::Style;
use deframe::analysis::{Counts, StreamStats};

use super::{Report, title};
use crate::report::{
    describe,
    grid::{Column, Grid},
    heading::FAULTY,
    text::{Grouped, percent},
};

/// So many are shown if not all are asked for.
const SHOWN: usize = 20;

impl Report<'_> {
    pub(super) fn streams(&self, out: &mut dyn Write) -> io::Result<()> {
        let streams = if self.all {
            self.stats.by_connection()
        } else {
            self.stats.by_interest()
        };
        let shown = if self.all {
            streams.len()
        } else {
            streams.len().min(SHOWN)
        };
        let (shown, hidden) = streams.split_at(shown);
        title(out, "Streams")?;
        let mut grid = Grid::new(
            2,
            &[
                ("conn", Column::Right),
                ("dir", Column::Left),
                ("from", Column::Middle),
                ("to", Column::Middle),
                ("frames", Column::Right),
                ("faults", Column::Right),
                ("gaps", Column::Right),
                ("bytes", Column::Right),
                ("split", Column::Right),
                ("coal.", Column::Right),
            ],
        );
        for stream in shown {
            let begin = &stream.begin;
            let who = [
                stream.id.connection.to_string(),
                describe::dir(stream.id.dir).to_owned(),
                begin.src.to_string(),
                begin.dst.to_string(),
            ];
            let counts = stream.numbers().counts;
            grid.row(style(&counts), row(who, &counts));
        }
        self.rest(&mut grid, hidden);
        grid.write(out)
    }

    fn rest(&self, grid: &mut Grid, hidden: &[&StreamStats]) {
        let rest = &self.stats.rest;
        let more = rest.streams + hidden.len() as u64;
        if more == 0 {
            return;
        }
        let mut sum = rest.counts.clone();
        for stream in hidden {
            sum += &stream.numbers().counts;
        }
        let hint = if self.all {
            "beyond what is kept"
        } else {
            "--all shows them"
        };
        let who = [
            String::new(),
            String::new(),
            format!("{} more", Grouped(more)),
            hint.to_owned(),
        ];
        grid.row(style(&sum), row(who, &sum));
    }
}

fn style(counts: &Counts) -> Style {
    if counts.fault_count() > 0 {
        FAULTY
    } else {
        Style::new()
    }
}

fn row(who: [String; 4], counts: &Counts) -> Vec<String> {
    let delivery = &counts.delivery;
    let mut cells = Vec::from(who);
    cells.extend([
        Grouped(counts.frame_count()).to_string(),
        Grouped(counts.fault_count()).to_string(),
        Grouped(counts.gap_total().count).to_string(),
        Grouped(counts.transport.bytes).to_string(),
        percent(delivery.split, counts.frame_count()),
        if counts.frame_count() > 0 {
            percent(delivery.coalesced, delivery.segments)
        } else {
            "-".to_owned()
        },
    ]);
    cells
}
