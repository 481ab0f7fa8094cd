//! Rows of digests set against each other: which runs of frames have no equal on the other side.

use std::{collections::HashMap, ops::Range};

use foldhash::fast::FixedState;
use imara_diff::{Algorithm, Diff, InternedInput};

/// Frames of A where frames of B stand instead; either may be none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hunk {
    pub a: Range<usize>,
    pub b: Range<usize>,
}

/// All runs without an equal, in order. Time is about linear: the search gives up being minimal before it gets slow.
pub(super) fn hunks(a: impl Iterator<Item = u64>, b: impl Iterator<Item = u64>) -> Vec<Hunk> {
    let mut input = InternedInput::default();
    input.update_before(a);
    input.update_after(b);
    // The library counts in 31 bits and asserts it.
    let limit = i32::MAX as usize - 1;
    input.before.truncate(limit);
    input.after.truncate(limit);
    let diff = Diff::compute(Algorithm::Myers, &input);
    diff.hunks()
        .map(|hunk| Hunk {
            a: hunk.before.start as usize..hunk.before.end as usize,
            b: hunk.after.start as usize..hunk.after.end as usize,
        })
        .collect()
}

/// Frames without an equal in their place that have one elsewhere: from where in A to where in B. Only those that
/// are alone with their bytes on both sides, so that there is no doubt.
pub(super) fn moved(
    hunks: &[Hunk],
    a: impl Fn(usize) -> Option<u64>,
    b: impl Fn(usize) -> Option<u64>,
) -> HashMap<usize, usize, FixedState> {
    let mut left: HashMap<u64, Option<usize>, FixedState> = HashMap::default();
    for at in hunks.iter().flat_map(|hunk| hunk.a.clone()) {
        if let Some(digest) = a(at) {
            left.entry(digest)
                .and_modify(|found| *found = None)
                .or_insert(Some(at));
        }
    }
    let mut right: HashMap<u64, Option<usize>, FixedState> = HashMap::default();
    for at in hunks.iter().flat_map(|hunk| hunk.b.clone()) {
        if let Some(digest) = b(at)
            && left.contains_key(&digest)
        {
            right
                .entry(digest)
                .and_modify(|found| *found = None)
                .or_insert(Some(at));
        }
    }
    right
        .into_iter()
        .filter_map(|(digest, at)| Some(((*left.get(&digest)?)?, at?)))
        .collect()
}
