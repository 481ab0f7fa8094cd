//! `diff`: what two captures differ in, for people and for programs.

mod columns;
mod edits;
mod hexrows;
mod human;
pub mod json;
mod measure;

use std::{
    io::{self, Write},
    rc::Rc,
};

use deframe::{
    diff::{Comparison, Edit, Mask, Masks, Setup, Side, Why},
    protocol::Protocol,
};

/// Everything there is to show.
pub struct View<'a> {
    pub comparison: &'a Comparison,
    pub a: &'a Side,
    pub b: &'a Side,
    pub masks: &'a Masks,
    pub protocol: &'a Protocol,
    pub names_a: Rc<[String]>,
    pub names_b: Rc<[String]>,
}

/// Differences in frames, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub equal: u64,
    pub changed: u64,
    pub only_a: u64,
    pub only_b: u64,
    /// Of `only_a` and `only_b`, those that the other capture may only have missed.
    pub unseen: u64,
    pub moved: u64,
    /// Frames of lines without a partner.
    pub unpaired_a: u64,
    pub unpaired_b: u64,
}

impl Sums {
    fn add(&mut self, edit: &Edit) {
        match edit {
            Edit::Changed { .. } => self.changed += 1,
            Edit::Moved { .. } => self.moved += 1,
            Edit::OnlyA { why, .. } => {
                self.only_a += 1;
                self.unseen += is_unseen(*why) as u64;
            }
            Edit::OnlyB { why, .. } => {
                self.only_b += 1;
                self.unseen += is_unseen(*why) as u64;
            }
        }
    }
}

/// Whether the capture, not the device, may be the reason.
fn is_unseen(why: Why) -> bool {
    matches!(why, Why::Gap | Why::Before | Why::After)
}

impl View<'_> {
    /// The sums of one pair, by its number.
    pub fn sums_of(&self, pair: usize) -> Sums {
        let mut sums = Sums::default();
        if let Some(pair) = self.comparison.pairs.get(pair) {
            sums.equal = pair.equal;
            pair.edits.iter().for_each(|edit| sums.add(edit));
        }
        sums
    }

    /// The sums of all.
    pub fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for pair in &self.comparison.pairs {
            sums.equal += pair.equal;
            pair.edits.iter().for_each(|edit| sums.add(edit));
        }
        sums.unpaired_a = self
            .comparison
            .only_a
            .iter()
            .map(|line| line.len() as u64)
            .sum();
        sums.unpaired_b = self
            .comparison
            .only_b
            .iter()
            .map(|line| line.len() as u64)
            .sum();
        sums
    }

    /// Whether both sides sent the same: frames and faults.
    pub fn is_same(&self) -> bool {
        self.comparison.is_same() && self.a.stats.total.faults == self.b.stats.total.faults
    }

    fn kind(&self, kind: usize) -> &str {
        self.protocol
            .frames
            .get(kind)
            .map_or("?", |kind| &kind.name)
    }

    /// A mask as `--ignore` takes it.
    fn ignore(&self, mask: &Mask) -> String {
        let range = match mask.to {
            Some(to) => format!("{}..{to}", mask.from),
            None => format!("{}..", mask.from),
        };
        match mask.kind {
            Some(kind) => format!("{}:{range}", self.kind(kind)),
            None => range,
        }
    }

    /// Writes it for people: the summary, and differences up to a limit.
    pub fn write(&self, out: &mut dyn Write, limit: u64) -> io::Result<()> {
        human::summary(self, out)?;
        edits::write(self, out, limit)
    }
}

/// The setup of a comparison for a protocol.
pub fn setup(protocol: &Protocol) -> Setup {
    Setup {
        layout: protocol.layout.clone(),
        budget: Setup::BUDGET,
        ..Setup::default()
    }
}

/// Why the other side does not have a frame, by name.
fn why_name(why: Why) -> Option<&'static str> {
    match why {
        Why::NotSent => None,
        Why::Gap => Some("gap"),
        Why::Fault(_) => Some("fault"),
        Why::Before => Some("before"),
        Why::After => Some("after"),
    }
}

/// The same in words; `side` is the one that does not have it.
fn why_text(why: Why, side: char) -> Option<String> {
    Some(match why {
        Why::NotSent => return None,
        Why::Gap => format!("lies in a gap of {side}: not captured there"),
        Why::Fault(kind) => format!("{side} has a {} there", kind.name()),
        Why::Before => format!("capture {side} begins behind it"),
        Why::After => format!("capture {side} ends before it"),
    })
}
