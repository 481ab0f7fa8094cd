//! Both sides together: pairs of lines, and what differs in each.

use std::{collections::HashMap, ops::Range};

use foldhash::fast::FixedState;

use super::{
    Habit, Line, Pair, Setup, Side, Why,
    align::{Hunk, hunks, moved},
    habit::habits,
    hole::Hole,
    pair::pair,
    refine::{Rows, Step, refine},
};

/// A slide to a gap goes no farther than so many frames.
const SLIDE: usize = 4096;

/// So many places near a missing frame are searched for the reason.
const NEAR: usize = 64;

/// A difference; numbers are places in the lines of its pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The same frame, of the same type, with other bytes.
    Changed {
        /// Its place in A.
        a: usize,
        /// Its place in B.
        b: usize,
    },
    /// A frame of A that B does not have.
    OnlyA {
        /// Its place in A.
        a: usize,
        /// Before which frame of B it would stand.
        b: usize,
        /// Why B does not have it.
        why: Why,
    },
    /// A frame of B that A does not have.
    OnlyB {
        /// Before which frame of A it would stand.
        a: usize,
        /// Its place in B.
        b: usize,
        /// Why A does not have it.
        why: Why,
    },
    /// The same frame at another place.
    Moved {
        /// Its place in A.
        a: usize,
        /// Its place in B.
        b: usize,
    },
}

/// A pair and what differs in it.
#[derive(Clone, Debug)]
pub struct PairDiff {
    /// The lines.
    pub pair: Pair,
    /// Frames that are the same.
    pub equal: u64,
    /// Differences, in order.
    pub edits: Vec<Edit>,
}

/// Everything that differs in frames.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// By first connection of A.
    pub pairs: Vec<PairDiff>,
    /// Lines of A without a partner.
    pub only_a: Vec<Line>,
    /// Lines of B without a partner.
    pub only_b: Vec<Line>,
    /// Places at which many frames differ.
    pub habits: Vec<Habit>,
}

impl Comparison {
    /// Whether both sides sent the same frames, as far as they were captured, and no frame was missed.
    pub fn is_same(&self) -> bool {
        self.only_a.is_empty()
            && self.only_b.is_empty()
            && self.pairs.iter().all(|pair| pair.edits.is_empty())
    }
}

/// Compares two sides that were collected with the same setup.
pub fn compare(a: &Side, b: &Side, setup: &Setup) -> Comparison {
    let pairing = pair(a, b, setup);
    let pairs: Vec<PairDiff> = pairing
        .pairs
        .into_iter()
        .map(|pair| differences(a, b, pair, setup))
        .collect();
    Comparison {
        habits: habits(a, b, &pairs, setup),
        pairs,
        only_a: pairing.only_a,
        only_b: pairing.only_b,
    }
}

fn differences(a: &Side, b: &Side, pair: Pair, setup: &Setup) -> PairDiff {
    let digest_a = |at| pair.a.record(a, at).map(|record| record.digest);
    let digest_b = |at| pair.b.record(b, at).map(|record| record.digest);
    let digests = |side, line: &Line| -> Vec<u64> {
        line.records(side).map(|record| record.digest).collect()
    };
    let mut hunks = hunks(&digests(a, &pair.a), &digests(b, &pair.b));
    slide(
        &mut hunks,
        digest_b,
        |hunk| (&mut hunk.a, &mut hunk.b),
        |at, length| Hole::before(a, &pair.a, at).has_room(length),
        |at| {
            pair.b
                .record(b, at)
                .map_or(0, |record| record.length.into())
        },
    );
    slide(
        &mut hunks,
        digest_a,
        |hunk| (&mut hunk.b, &mut hunk.a),
        |at, length| Hole::before(b, &pair.b, at).has_room(length),
        |at| {
            pair.a
                .record(a, at)
                .map_or(0, |record| record.length.into())
        },
    );
    let moved = moved(&hunks, digest_a, digest_b);
    let arrived: HashMap<usize, usize, FixedState> = moved.iter().map(|(a, b)| (*b, *a)).collect();
    let rows = Rows {
        a: (a, &pair.a),
        b: (b, &pair.b),
        setup,
    };
    let mut edits = Vec::new();
    for hunk in hunks {
        let mut hunk_edits = HunkEdits::new(&rows, hunk.clone(), &mut edits);
        let stay_a: Vec<usize> = hunk
            .a
            .clone()
            .filter(|at| !moved.contains_key(at))
            .collect();
        let stay_b: Vec<usize> = hunk
            .b
            .clone()
            .filter(|at| !arrived.contains_key(at))
            .collect();
        refine(&rows, &stay_a, &stay_b, &mut |step| hunk_edits.emit(step));
        edits.extend(hunk.a.filter_map(|a| {
            let b = *moved.get(&a)?;
            Some(Edit::Moved { a, b })
        }));
    }
    let gone = |edit: &&Edit| !matches!(edit, Edit::OnlyB { .. });
    let equal = pair.a.len() - edits.iter().filter(gone).count();
    PairDiff {
        pair,
        equal: equal as u64,
        edits,
    }
}

/// Runs of frames that only one side has may stand at several places, where like frames follow each other: moves each
/// to a place where the other side misses bytes, if there is one. `parts` gives the empty range first.
fn slide(
    hunks: &mut [Hunk],
    digest: impl Fn(usize) -> Option<u64>,
    parts: impl Fn(&mut Hunk) -> (&mut Range<usize>, &mut Range<usize>),
    has_room: impl Fn(usize, u64) -> bool,
    length: impl Fn(usize) -> u64,
) {
    let mut low = 0;
    for at in 0..hunks.len() {
        let high = hunks
            .get_mut(at + 1)
            .map_or(usize::MAX, |next| parts(next).1.start);
        let (empty, full) = parts(&mut hunks[at]);
        if empty.start == empty.end && !has_room(empty.start, length(full.start)) {
            let (from, run) = (empty.start, full.clone());
            let up = (1..SLIDE.min(run.start - low + 1))
                .take_while(|n| digest(run.start - n) == digest(run.end - n))
                .find(|n| has_room(from - n, length(run.start - n)));
            let down = || {
                (1..SLIDE.min(high.saturating_sub(run.end) + 1))
                    .take_while(|n| {
                        let next = digest(run.end + n - 1);
                        next.is_some() && digest(run.start + n - 1) == next
                    })
                    .find(|n| has_room(from + n, length(run.start + n)))
            };
            let shift = |range: Range<usize>, up: Option<usize>, down: usize| match up {
                Some(n) => range.start - n..range.end - n,
                None => range.start + down..range.end + down,
            };
            if let (up, Some(down)) = (up, up.map_or_else(down, |_| Some(0))) {
                *empty = shift(from..from, up, down);
                *full = shift(run, up, down);
            }
        }
        low = parts(&mut hunks[at]).1.end;
    }
}

/// Makes edits of steps, and says why a side does not have a frame.
struct HunkEdits<'t, 's> {
    rows: &'t Rows<'s>,
    hunk: Hunk,
    next: (usize, usize),
    holes_a: HashMap<usize, Hole, FixedState>,
    holes_b: HashMap<usize, Hole, FixedState>,
    edits: &'t mut Vec<Edit>,
}

impl<'t, 's> HunkEdits<'t, 's> {
    fn new(rows: &'t Rows<'s>, hunk: Hunk, edits: &'t mut Vec<Edit>) -> Self {
        Self {
            rows,
            next: (hunk.a.start, hunk.b.start),
            hunk,
            holes_a: HashMap::default(),
            holes_b: HashMap::default(),
            edits,
        }
    }

    fn emit(&mut self, step: Step) {
        let ((side_a, line_a), (side_b, line_b)) = (self.rows.a, self.rows.b);
        match step {
            Step::Both(a, b) => {
                self.next = (a + 1, b + 1);
                let digest = |record: &super::Record| record.digest;
                if line_a.record(side_a, a).map(digest) != line_b.record(side_b, b).map(digest) {
                    self.edits.push(Edit::Changed { a, b });
                }
            }
            Step::A(a) => {
                let length = line_a.record(side_a, a).map_or(0, |record| record.length);
                let (at, range) = (self.next.1, self.hunk.b.clone());
                let why = why(self.rows.b, &mut self.holes_b, at, range, length.into());
                self.edits.push(Edit::OnlyA { a, b: at, why });
                self.next.0 = a + 1;
            }
            Step::B(b) => {
                let length = line_b.record(side_b, b).map_or(0, |record| record.length);
                let (at, range) = (self.next.0, self.hunk.a.clone());
                let why = why(self.rows.a, &mut self.holes_a, at, range, length.into());
                self.edits.push(Edit::OnlyB { a: at, b, why });
                self.next.1 = b + 1;
            }
        }
    }
}

/// Looks at the place itself, then at those near it in the same hunk.
fn why(
    (side, line): (&Side, &Line),
    holes: &mut HashMap<usize, Hole, FixedState>,
    at: usize,
    range: Range<usize>,
    length: u64,
) -> Why {
    let near = range.start.max(at.saturating_sub(NEAR))..=range.end.min(at + NEAR);
    std::iter::once(at)
        .chain(near.filter(|near| *near != at))
        .map(|at| {
            holes
                .entry(at)
                .or_insert_with(|| Hole::before(side, line, at))
                .take(length)
        })
        .find(|why| *why != Why::NotSent)
        .unwrap_or(Why::NotSent)
}
