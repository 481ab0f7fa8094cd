//! Why a frame may be missing on one side without its device having kept silent.

use super::{Line, Side};
use crate::framing::FaultKind;

/// Why a side does not have a frame of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It was not sent.
    NotSent,
    /// Bytes are missing there in the capture, enough for it.
    Gap,
    /// Garbled bytes stand there.
    Fault(FaultKind),
    /// The capture begins behind it.
    Before,
    /// The capture ends before it.
    After,
}

/// What a side holds, instead of frames, between two frames of a line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hole {
    /// Bytes that may have been frames, at a place with a gap.
    room: u64,
    fault: Option<(FaultKind, u64)>,
    before: bool,
    after: bool,
}

impl Hole {
    /// Before the frame `at` of a line.
    pub fn before(side: &Side, line: &Line, at: usize) -> Self {
        let left = at.checked_sub(1).and_then(|at| line.get(side, at));
        let right = line.get(side, at);
        let mut hole = Self::default();
        match (left, right) {
            (Some((sent, frame, _)), Some((other, next, _))) if sent.id == other.id => {
                hole.look(sent, frame.end(), next.offset);
            }
            (left, right) => {
                if let Some((sent, frame, _)) = left {
                    hole.look(sent, frame.end(), u64::MAX);
                    hole.after = sent.open;
                }
                if let Some((sent, frame, _)) = right {
                    hole.look(sent, 0, frame.offset);
                    hole.before = !sent.begin.syn;
                }
            }
        }
        hole
    }

    fn look(&mut self, sent: &super::Sent, from: u64, to: u64) {
        let faults = from_here(&sent.faults, from, |fault| fault.offset);
        let faults = faults.iter().take_while(|fault| fault.offset < to);
        let garbled: u64 = faults.clone().map(|fault| fault.length).sum();
        self.fault = self
            .fault
            .or(faults.clone().next().map(|fault| (fault.kind, garbled)));
        let gaps = from_here(&sent.gaps, from, |gap| gap.0);
        let mut gaps = gaps.iter().take_while(|gap| gap.0 < to).peekable();
        if gaps.peek().is_some() {
            let end = gaps.map(|gap| gap.0 + gap.1).max().unwrap_or(from);
            // Frames cut by the gap were missed too, and their rests may look garbled: all between its frames counts.
            let end = if to == u64::MAX {
                end.saturating_add(1 << 16)
            } else {
                to
            };
            self.room += end.saturating_sub(from);
        }
    }

    /// Why the next frame of the other side, so long, is missing here.
    pub fn take(&mut self, length: u64) -> Why {
        if self.room >= length {
            self.room -= length;
            return Why::Gap;
        }
        if let Some((kind, garbled)) = self.fault.take() {
            // A run of garbled bytes may stand for several frames.
            let rest = garbled.saturating_sub(length);
            self.fault = (rest >= length / 2 && rest > 0).then_some((kind, rest));
            return Why::Fault(kind);
        }
        match (self.after, self.before) {
            (true, _) => Why::After,
            (false, true) => Why::Before,
            (false, false) => Why::NotSent,
        }
    }

    /// Whether bytes are missing here.
    pub fn has_room(&self, length: u64) -> bool {
        self.room >= length
    }
}

/// The part of a sorted list that begins at or behind an offset.
fn from_here<T>(list: &[T], from: u64, offset: impl Fn(&T) -> u64) -> &[T] {
    &list[list.partition_point(|item| offset(item) < from)..]
}
