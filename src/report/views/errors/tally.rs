//! The sums below the faults and gaps.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use deframe::{
    framing::FaultKind,
    tcp::{Gap, GapCause},
};

use crate::report::text::{
    Grouped, count,
    style::{MISSING, TITLE, WRONG},
};

/// What was found.
#[derive(Default)]
pub struct Tally {
    pub frames: u64,
    /// Found and not shown.
    pub hidden: u64,
    faults: BTreeMap<FaultKind, u64>,
    gaps: BTreeMap<GapCause, u64>,
    gap_bytes: u64,
    /// Streams without any frame, and their bytes.
    unrecognised: (u64, u64),
}

impl Tally {
    /// Counts a fault.
    pub fn fault(&mut self, kind: FaultKind) {
        *self.faults.entry(kind).or_default() += 1;
    }

    pub fn gap(&mut self, gap: &Gap) {
        *self.gaps.entry(gap.cause).or_default() += 1;
        self.gap_bytes += gap.length;
    }

    pub fn unrecognised(&mut self, bytes: u64) {
        self.unrecognised.0 += 1;
        self.unrecognised.1 += bytes;
    }

    /// All faults.
    pub fn faults(&self) -> u64 {
        self.faults.values().sum()
    }

    /// Faults and gaps so far, the last one counted.
    pub fn found(&self) -> u64 {
        self.faults() + self.gaps.values().sum::<u64>() - 1
    }

    /// The last lines.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (faults, gaps) = (self.faults(), self.gaps.values().sum());
        let frames = count(self.frames, "frame");
        if faults == 0 {
            writeln!(out, "{TITLE}no faults{TITLE:#} beside {frames}")?;
        } else {
            let kinds = each(self.faults.iter().map(|(kind, n)| (kind.name(), *n)));
            let faults = count(faults, "fault");
            writeln!(out, "{WRONG}{faults}{WRONG:#} beside {frames}: {kinds}")?;
        }
        if gaps > 0 {
            let causes = each(self.gaps.iter().map(|(cause, n)| (cause.name(), *n)));
            let (gaps, bytes) = (count(gaps, "gap"), count(self.gap_bytes, "byte"));
            writeln!(out, "{MISSING}{gaps}{MISSING:#} of {bytes}: {causes}")?;
        }
        let (streams, bytes) = self.unrecognised;
        if streams > 0 {
            let (streams, bytes) = (count(streams, "stream"), count(bytes, "byte"));
            writeln!(out, "{streams} without any frame, {bytes}: unrecognised")?;
        }
        if self.hidden > 0 {
            writeln!(out, "{} more, not shown: --limit", Grouped(self.hidden))?;
        }
        Ok(())
    }
}

fn each<'a>(counts: impl Iterator<Item = (&'a str, u64)>) -> String {
    let texts: Vec<String> = counts
        .map(|(name, n)| format!("{} {name}", Grouped(n)))
        .collect();
    texts.join(", ")
}
