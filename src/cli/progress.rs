//! How far reading is, on stderr while that is a terminal.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// Not more often than this, and not before so long.
const PERIOD: Duration = Duration::from_millis(200);

/// A line that is written over.
pub struct Progress {
    shown: bool,
    active: bool,
    last: Instant,
    total: Option<u64>,
}

impl Progress {
    pub fn new(total: Option<u64>, quiet: bool) -> Self {
        let active = !quiet && io::stderr().is_terminal();
        Self {
            shown: false,
            active,
            last: Instant::now(),
            total,
        }
    }

    pub fn show(&mut self, read: u64) {
        if !self.active || self.last.elapsed() < PERIOD {
            return;
        }
        (self.last, self.shown) = (Instant::now(), true);
        let read_text = crate::report::text::size(read);
        let text = match self.total {
            Some(total) if total > 0 => {
                let percent = (read as f64 * 100.0 / total as f64).min(100.0);
                format!(
                    "{percent:3.0} %  {read_text} of {}",
                    crate::report::text::size(total)
                )
            }
            _ => read_text,
        };
        let _ = write!(io::stderr(), "\r\x1b[Kdeframe: reading {text}");
    }

    pub fn clear(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
