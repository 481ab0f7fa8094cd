//! Split and coalesce: how TCP delivered the frames, and what that means for a reader.

use std::io::{self, Write};

use deframe::analysis::Histogram;

use super::{Report, items, title};
use crate::report::text::{Grouped, count, duration, percent, style::DIM};

/// Characters of the longest bar.
const BAR: usize = 20;

/// Characters of one of two columns.
const HALF: usize = 49;

impl Report<'_> {
    pub(super) fn delivery(&self, out: &mut dyn Write) -> io::Result<()> {
        let delivery = &self.stats.total.delivery;
        let frames = self.stats.total.frame_count();
        if frames == 0 {
            return Ok(());
        }
        title(out, "Split and coalesce")?;
        self.histograms(out, frames)?;
        let of_frames =
            |n: u64, what: &str| format!("{} {what} ({})", Grouped(n), percent(n, frames));
        items(
            out,
            "frames",
            &[
                of_frames(delivery.whole, "whole"),
                of_frames(delivery.split, "split"),
            ],
        )?;
        let of_all = |n: u64, what: &str| {
            format!("{} {what} ({})", Grouped(n), percent(n, delivery.segments))
        };
        let mut segments = vec![
            of_all(delivery.coalesced, "coalesced"),
            of_all(delivery.aligned, "begin with a frame"),
        ];
        if delivery.oversized > 0 {
            segments.push(of_all(delivery.oversized, "over 1,460 bytes"));
        }
        items(out, "segments", &segments)?;
        if delivery.cuts() > 0 {
            let cut = |n: u64, what: &str| {
                format!("{} in {what} ({})", Grouped(n), percent(n, delivery.cuts()))
            };
            let cuts = [
                cut(delivery.cuts_in_header, "a header"),
                cut(delivery.cuts_in_payload, "a payload"),
                cut(delivery.cuts_in_end, "an end marker"),
                format!("{} between frames", Grouped(delivery.aligned)),
            ];
            items(out, "cuts", &cuts)?;
        }
        self.one_read(out, frames)?;
        let took = &self.stats.completion;
        if let (Some(median), Some(p99), Some(max)) =
            (took.quantile(0.5), took.quantile(0.99), took.max())
        {
            let list = [
                format!("median {}", duration(median)),
                format!("99 % {}", duration(p99)),
                format!("longest {}", duration(max)),
            ];
            items(out, "split took", &list)?;
        }
        Ok(())
    }

    /// Both histograms, side by side.
    fn histograms(&self, out: &mut dyn Write, frames: u64) -> io::Result<()> {
        let delivery = &self.stats.total.delivery;
        let (left, right) = (
            delivery.segments_per_frame.counts,
            delivery.frames_per_segment.counts,
        );
        let (heads, rest) = (["segments of a frame", "frames in a segment"], HALF - 2);
        writeln!(out, "  {DIM}{:<rest$}{}{DIM:#}", heads[0], heads[1])?;
        let wide = |counts: &[u64]| {
            counts
                .iter()
                .map(|n| Grouped(*n).to_string().len())
                .max()
                .unwrap_or(1)
        };
        for (at, label) in Histogram::LABELS.iter().enumerate() {
            if left[at] + right[at] > 0 {
                // A frame has a segment: of none there is nothing to count.
                let left = match at {
                    0 => String::new(),
                    _ => bar(label, left[at], frames, wide(&left)),
                };
                let right = bar(label, right[at], delivery.segments, wide(&right));
                writeln!(out, "{}", format!("  {left:<rest$}{right}").trim_end())?;
            }
        }
        Ok(())
    }

    /// What servers would get that take one read for one frame, if they read whatever TCP has to deliver as soon as it can.
    fn one_read(&self, out: &mut dyn Write, frames: u64) -> io::Result<()> {
        let delivery = &self.stats.total.delivery;
        let reader = |gets: u64| {
            let lost = frames - gets.min(frames);
            format!(
                "gets {}, loses {} ({})",
                Grouped(gets),
                count(lost, "frame"),
                percent(lost, frames)
            )
        };
        items(
            out,
            "one read",
            &[format!(
                "that takes a segment's first frame {}",
                reader(delivery.first)
            )],
        )?;
        items(
            out,
            "",
            &[format!(
                "that takes only segments of one frame {}",
                reader(delivery.alone)
            )],
        )
    }
}

fn bar(label: &str, n: u64, all: u64, wide: usize) -> String {
    let eighths = (n as f64 / all.max(1) as f64 * (BAR * 8) as f64).ceil() as usize;
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    let share = if n == 0 {
        String::new()
    } else {
        percent(n, all)
    };
    let n = Grouped(n).to_string();
    format!(
        "{label:>5}  {n:>wide$}  {share:>7}  {}{part}",
        "█".repeat(eighths / 8)
    )
}
