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

/// Up to so many frames of both sides are compared as a whole.
const WHOLE: usize = 1 << 14;

/// More are compared between frames that are the only ones with their bytes; where there are none for so long, in
/// windows of so many, one after the other.
const WINDOW: usize = 1 << 11;

/// All runs without an equal, in order. Time is about linear in frames, whatever they are.
pub(super) fn hunks(a: &[u64], b: &[u64]) -> Vec<Hunk> {
    let mut found = Vec::new();
    if a.len() + b.len() <= WHOLE {
        whole(a, b, (0, 0), &mut found);
        return found;
    }
    let (mut x, mut y) = (0, 0);
    for (left, right) in anchors(a, b).into_iter().chain([(a.len(), b.len())]) {
        let (of_a, of_b) = (&a[x..left], &b[y..right]);
        if of_a.len() + of_b.len() <= WHOLE {
            whole(of_a, of_b, (x, y), &mut found);
        } else {
            windows(of_a, of_b, (x, y), &mut found);
        }
        (x, y) = (left + 1, right + 1);
    }
    found
}

/// Adds a run, to the one before if they touch.
fn push(found: &mut Vec<Hunk>, next: Hunk) {
    match found.last_mut() {
        Some(last) if last.a.end == next.a.start && last.b.end == next.b.start => {
            (last.a.end, last.b.end) = (next.a.end, next.b.end);
        }
        _ if next.a.is_empty() && next.b.is_empty() => {}
        _ => found.push(next),
    }
}

/// The runs of two rows that begin at these places.
fn whole(a: &[u64], b: &[u64], (x, y): (usize, usize), found: &mut Vec<Hunk>) {
    if a == b {
        return;
    }
    if a.is_empty() || b.is_empty() {
        return push(
            found,
            Hunk {
                a: x..x + a.len(),
                b: y..y + b.len(),
            },
        );
    }
    let mut input = InternedInput::default();
    input.update_before(a.iter().copied());
    input.update_after(b.iter().copied());
    for hunk in Diff::compute(Algorithm::Myers, &input).hunks() {
        let (before, after) = (hunk.before, hunk.after);
        push(
            found,
            Hunk {
                a: x + before.start as usize..x + before.end as usize,
                b: y + after.start as usize..y + after.end as usize,
            },
        );
    }
}

/// The same, a window after the other: of each, what stands before the last equal in its first three quarters.
fn windows(a: &[u64], b: &[u64], (x, y): (usize, usize), found: &mut Vec<Hunk>) {
    let (mut from_a, mut from_b) = (0, 0);
    loop {
        let of_a = &a[from_a..a.len().min(from_a + WINDOW)];
        let of_b = &b[from_b..b.len().min(from_b + WINDOW)];
        let mut here = Vec::new();
        whole(of_a, of_b, (0, 0), &mut here);
        let last = from_a + of_a.len() == a.len() && from_b + of_b.len() == b.len();
        let end = (of_a.len(), of_b.len());
        let (sure, to) = if last {
            (end, end)
        } else {
            settled(&here, end)
        };
        let (left, right) = (x + from_a, y + from_b);
        let rest = Hunk {
            a: sure.0..to.0,
            b: sure.1..to.1,
        };
        here.retain(|hunk| hunk.a.end <= sure.0 && hunk.b.end <= sure.1);
        for hunk in here.into_iter().chain([rest]) {
            push(
                found,
                Hunk {
                    a: left + hunk.a.start..left + hunk.a.end,
                    b: right + hunk.b.start..right + hunk.b.end,
                },
            );
        }
        (from_a, from_b) = (from_a + to.0, from_b + to.1);
        if last {
            return;
        }
    }
}

/// Up to where a window's runs are taken: behind its last equal frames in three quarters of either side. And where the
/// next one begins: there, but if that were hardly a step, behind half of it.
fn settled(hunks: &[Hunk], (a, b): (usize, usize)) -> ((usize, usize), (usize, usize)) {
    let (most_a, most_b) = (a - a / 4, b - b / 4);
    let mut sure = (0, 0);
    let (mut x, mut y) = (0, 0);
    let end = Hunk { a: a..a, b: b..b };
    for hunk in hunks.iter().chain([&end]) {
        let run = hunk.a.start - x;
        let fits = run
            .min(most_a.saturating_sub(x))
            .min(most_b.saturating_sub(y));
        if fits > 0 {
            sure = (x + fits, y + fits);
        }
        (x, y) = (hunk.a.end, hunk.b.end);
    }
    if sure.0.max(sure.1) >= WINDOW / 8 {
        return (sure, sure);
    }
    (sure, (a.div_ceil(2).max(sure.0), b.div_ceil(2).max(sure.1)))
}

/// Places of digests that stand once on either side, in order on both.
fn anchors(a: &[u64], b: &[u64]) -> Vec<(usize, usize)> {
    let once = |row: &[u64]| {
        let mut places: Vec<(u64, u32)> = row.iter().copied().zip(0..).collect();
        places.sort_unstable();
        let mut once = Vec::new();
        for same in places.chunk_by(|one, two| one.0 == two.0) {
            if let [only] = same {
                once.push(*only);
            }
        }
        once
    };
    let mut right = once(b).into_iter().peekable();
    let mut both = Vec::new();
    for (digest, x) in once(a) {
        while right.next_if(|(other, _)| *other < digest).is_some() {}
        if let Some((_, y)) = right.next_if(|(other, _)| *other == digest) {
            both.push((x, y));
        }
    }
    both.sort_unstable();
    let pairs = ascending(&both).into_iter();
    pairs.map(|(x, y)| (x as usize, y as usize)).collect()
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

/// The longest run of pairs, sorted by their first, whose second ascend too.
pub(super) fn ascending(pairs: &[(u32, u32)]) -> Vec<(u32, u32)> {
    // By length of run: the pair it ends with, the smallest there is.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![usize::MAX; pairs.len()];
    for (at, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < pair.1);
        if let Some(last) = length.checked_sub(1) {
            before[at] = ends[last];
        }
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut run = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(here) = at {
        run.push(pairs[here]);
        at = before
            .get(here)
            .copied()
            .filter(|before| *before < pairs.len());
    }
    run.reverse();
    run
}
