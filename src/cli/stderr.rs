//! What is said on stderr: messages and progress. Nothing from outside gets there unescaped.

use std::{
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::report::text::{escape_lines, size};

/// Time before progress is shown: most captures are read by then.
const QUIET_TIME: Duration = Duration::from_millis(200);
/// Updates of the progress a second.
const UPDATES_PER_SECOND: u8 = 5;

/// Writes a message, which may hold names, paths and values from outside.
pub fn say(message: &str) {
    anstream::eprintln!("deframe: {}", escape_lines(message));
}

/// How much of the captures is read, while stderr is a terminal.
pub struct Progress {
    begun: Instant,
    total: Option<u64>,
    active: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Of `total` bytes, if that is known.
    pub fn new(total: Option<u64>, quiet: bool) -> Self {
        Self {
            begun: Instant::now(),
            total: total.filter(|total| *total > 0),
            active: !quiet && io::stderr().is_terminal(),
            bar: None,
        }
    }

    /// So many bytes are read.
    pub fn show(&mut self, read: u64) {
        if !self.active || self.bar.is_none() && self.begun.elapsed() < QUIET_TIME {
            return;
        }
        let total = self.total;
        self.bar
            .get_or_insert_with(|| bar(total))
            .set_position(read);
    }

    /// Removes the line.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let template = match total {
        Some(_) => "deframe: reading {percent:>3} %  {read} of {all}, {eta} left",
        None => "deframe: reading {read}",
    };
    let target = ProgressDrawTarget::stderr_with_hz(UPDATES_PER_SECOND);
    let bar = ProgressBar::with_draw_target(total, target);
    let style = ProgressStyle::with_template(template).map(|style| {
        style
            .with_key(
                "read",
                |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                    let _ = out.write_str(&size(state.pos()));
                },
            )
            .with_key(
                "all",
                |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                    let _ = out.write_str(&size(state.len().unwrap_or(0)));
                },
            )
    });
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
