//! The streams one by one: those with faults and the busiest first, the rest in one row.

use std::io::{self, Write};

use anstyle::Style;
use deframe::analysis::Counts;

use super::{Report, title};
use crate::report::text::{
    Grouped,
    grid::{Column, Grid},
    percent,
    style::FAULTY,
};

/// So many are shown if not all are asked for.
const SHOWN: usize = 20;

impl Report<'_> {
    pub(super) fn streams(&self, out: &mut dyn Write) -> io::Result<()> {
        let streams = if self.all {
            self.stats.by_connection()
        } else {
            self.stats.by_faults()
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
        // Streams that are not in the list have nothing of all this.
        let mut rest = Sums::from(&self.stats.total);
        for stream in shown {
            let numbers = stream.numbers();
            let begin = &numbers.begin;
            let who = [
                stream.id.connection.to_string(),
                stream.id.dir.name().to_owned(),
                begin.src.to_string(),
                begin.dst.to_string(),
            ];
            let sums = Sums::from(&numbers.counts);
            rest.take(&sums);
            grid.row(sums.style(), sums.row(who));
        }
        self.rest(&mut grid, hidden.len(), &rest);
        grid.write(out)
    }

    fn rest(&self, grid: &mut Grid, hidden: usize, sums: &Sums) {
        let more = self.stats.dropped.streams + hidden as u64;
        if more == 0 {
            return;
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
        grid.row(sums.style(), sums.row(who));
    }
}

/// What the table shows of one stream, or of several.
struct Sums {
    frames: u64,
    faults: u64,
    gaps: u64,
    bytes: u64,
    split: u64,
    coalesced: u64,
    segments: u64,
}

impl From<&Counts> for Sums {
    fn from(counts: &Counts) -> Self {
        Self {
            frames: counts.frame_count(),
            faults: counts.fault_count(),
            gaps: counts.gap_total().count,
            bytes: counts.transport.bytes,
            split: counts.delivery.split,
            coalesced: counts.delivery.coalesced,
            segments: counts.delivery.segments,
        }
    }
}

impl Sums {
    /// Without a part of it.
    fn take(&mut self, part: &Sums) {
        self.frames -= part.frames;
        self.faults -= part.faults;
        self.gaps -= part.gaps;
        self.bytes -= part.bytes;
        self.split -= part.split;
        self.coalesced -= part.coalesced;
        self.segments -= part.segments;
    }

    fn style(&self) -> Style {
        if self.faults > 0 {
            FAULTY
        } else {
            Style::new()
        }
    }

    fn row(&self, who: [String; 4]) -> Vec<String> {
        let mut cells = Vec::from(who);
        cells.extend([
            Grouped(self.frames).to_string(),
            Grouped(self.faults).to_string(),
            Grouped(self.gaps).to_string(),
            Grouped(self.bytes).to_string(),
            percent(self.split, self.frames),
            if self.frames > 0 {
                percent(self.coalesced, self.segments)
            } else {
                "-".to_owned()
            },
        ]);
        cells
    }
}
