//! Frames without an equal set against each other by their bytes: which of them are the same frame, changed.

use std::ops::Range;

use super::{
    Line, Setup, Side,
    align::{ascending, hunks},
    pair::cut,
    side::digest,
    span::distance,
};

/// Two rows are compared each with each up to so many pairs.
const EACH_WITH_EACH: usize = 1 << 12;

/// Up to so many frames, each is cut into [`PIECES`] to find its partner; above, into half of it.
const MANY: usize = 1 << 20;
const PIECES: usize = 8;

/// What becomes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The same frame on both sides.
    Both(usize, usize),
    /// Only in A.
    A(usize),
    /// Only in B.
    B(usize),
}

/// Both lines, and what counts.
pub(super) struct Rows<'s> {
    pub a: (&'s Side, &'s Line),
    pub b: (&'s Side, &'s Line),
    pub setup: &'s Setup,
}

impl Rows<'_> {
    fn kind(&self, (side, line): (&Side, &Line), at: usize) -> Option<u16> {
        Some(line.record(side, at)?.kind)
    }

    /// How alike two frames are, 1 to 1024; 0 if they are two frames and not one that changed: of different types, or
    /// with more than half of the bytes between header and end marker different.
    fn likeness(&self, a: usize, b: usize) -> u32 {
        let (Some(left), Some(right)) =
            (self.a.1.record(self.a.0, a), self.b.1.record(self.b.0, b))
        else {
            return 0;
        };
        if left.kind != right.kind {
            return 0;
        }
        if left.digest == right.digest {
            return 1024;
        }
        let (Some(x), Some(y)) = (self.a.0.bytes(left), self.b.0.bytes(right)) else {
            return 1;
        };
        let kind = usize::from(left.kind);
        let marks = self
            .setup
            .layout
            .frames
            .get(kind)
            .map_or(0, |frame| frame.header_len() + frame.end.len());
        let payload = x.len().max(y.len()).saturating_sub(marks);
        let differ = distance(x, y, self.setup.masks.of(kind));
        if 2 * differ > payload && differ > 4 {
            return 0;
        }
        (1023 - 1022 * differ.min(payload) / payload.max(1)) as u32
    }
}

/// Sets frames of A and B, given by their places, against each other; emits all of them, in order.
pub(super) fn refine(rows: &Rows<'_>, a: &[usize], b: &[usize], emit: &mut impl FnMut(Step)) {
    if a.is_empty() || b.is_empty() || a.len() * b.len() <= EACH_WITH_EACH {
        return each_with_each(rows, a, b, emit);
    }
    let (mut from_a, mut from_b) = (0, 0);
    for (x, y) in anchors(rows, a, b) {
        between(rows, &a[from_a..x], &b[from_b..y], emit);
        emit(Step::Both(a[x], b[y]));
        (from_a, from_b) = (x + 1, y + 1);
    }
    between(rows, &a[from_a..], &b[from_b..], emit);
}

/// Between frames whose partners are known.
fn between(rows: &Rows<'_>, a: &[usize], b: &[usize], emit: &mut impl FnMut(Step)) {
    if a.is_empty() || b.is_empty() || a.len() * b.len() <= EACH_WITH_EACH {
        return each_with_each(rows, a, b, emit);
    }
    let kinds = |row: (&Side, &Line), list: &[usize]| -> Vec<u64> {
        list.iter()
            .map(|at| rows.kind(row, *at).map_or(u64::MAX, u64::from))
            .collect()
    };
    let (left, right) = (kinds(rows.a, a), kinds(rows.b, b));
    let (mut x, mut y) = (0, 0);
    let end = super::align::Hunk {
        a: a.len()..a.len(),
        b: b.len()..b.len(),
    };
    for hunk in hunks(&left, &right).into_iter().chain([end]) {
        for (x, y) in (x..hunk.a.start).zip(y..hunk.b.start) {
            if rows.likeness(a[x], b[y]) > 0 {
                emit(Step::Both(a[x], b[y]));
            } else {
                emit(Step::A(a[x]));
                emit(Step::B(b[y]));
            }
        }
        a[hunk.a.clone()].iter().for_each(|at| emit(Step::A(*at)));
        b[hunk.b.clone()].iter().for_each(|at| emit(Step::B(*at)));
        (x, y) = (hunk.a.end, hunk.b.end);
    }
}

/// The best of all ways to pair two short rows in order: most alike in sum.
fn each_with_each(rows: &Rows<'_>, a: &[usize], b: &[usize], emit: &mut impl FnMut(Step)) {
    let width = b.len() + 1;
    let mut likes = vec![0; a.len() * b.len()];
    // Best sum of what stands at and behind each place.
    let mut best = vec![0u32; (a.len() + 1) * width];
    for x in (0..a.len()).rev() {
        for y in (0..b.len()).rev() {
            let like = rows.likeness(a[x], b[y]);
            likes[x * b.len() + y] = like;
            let both = if like > 0 {
                like + best[(x + 1) * width + y + 1]
            } else {
                0
            };
            best[x * width + y] = both
                .max(best[(x + 1) * width + y])
                .max(best[x * width + y + 1]);
        }
    }
    let (mut x, mut y) = (0, 0);
    while x < a.len() && y < b.len() {
        let like = likes[x * b.len() + y];
        let here = best[x * width + y];
        if like > 0 && here == like + best[(x + 1) * width + y + 1] {
            emit(Step::Both(a[x], b[y]));
            (x, y) = (x + 1, y + 1);
        } else if here == best[(x + 1) * width + y] {
            emit(Step::A(a[x]));
            x += 1;
        } else {
            emit(Step::B(b[y]));
            y += 1;
        }
    }
    a[x..].iter().for_each(|at| emit(Step::A(*at)));
    b[y..].iter().for_each(|at| emit(Step::B(*at)));
}

/// Pairs of places that share bytes which no other frame of either row has, in order on both sides.
fn anchors(rows: &Rows<'_>, a: &[usize], b: &[usize]) -> Vec<(usize, usize)> {
    let most = if a.len() + b.len() <= MANY {
        PIECES
    } else {
        PIECES / 2
    };
    let left = unique_pieces(rows, rows.a, a, most);
    let right = unique_pieces(rows, rows.b, b, most);
    let mut shared = Vec::new();
    let mut right = right.into_iter().peekable();
    for (hash, x) in left {
        while right.next_if(|(other, _)| *other < hash).is_some() {}
        if let Some((_, y)) = right.next_if(|(other, _)| *other == hash) {
            shared.push((x, y));
        }
    }
    shared.sort_unstable();
    let mut found: Vec<(u32, u32)> = Vec::new();
    for of_one in shared.chunk_by(|one, two| one.0 == two.0) {
        let votes = of_one.chunk_by(|one, two| one == two);
        if let Some(most) = votes.max_by_key(|same| same.len())
            && rows.likeness(a[most[0].0 as usize], b[most[0].1 as usize]) > 0
        {
            found.push(most[0]);
        }
    }
    ascending(&found)
        .into_iter()
        .map(|(x, y)| (x as usize, y as usize))
        .collect()
}

/// Hashes of pieces that one frame of the row has and no other, sorted, with its place in the row.
fn unique_pieces(
    rows: &Rows<'_>,
    (side, line): (&Side, &Line),
    list: &[usize],
    most: usize,
) -> Vec<(u64, u32)> {
    let mut pieces = Vec::with_capacity(list.len() * most);
    for (place, at) in list.iter().enumerate() {
        let Some(record) = line.record(side, *at) else {
            continue;
        };
        let Some(bytes) = side.bytes(record) else {
            continue;
        };
        let kind = usize::from(record.kind);
        for (nth, range) in cut(bytes.len(), most).enumerate() {
            if !touches(rows.setup.masks.of(kind), &range) {
                let hash = digest(kind, nth, std::iter::once(&bytes[range]));
                pieces.push((hash, place as u32));
            }
        }
    }
    pieces.sort_unstable();
    let mut unique = 0;
    let mut at = 0;
    while let Some(&(hash, place)) = pieces.get(at) {
        let same = pieces[at..]
            .iter()
            .take_while(|piece| piece.0 == hash)
            .count();
        if same == 1 {
            pieces[unique] = (hash, place);
            unique += 1;
        }
        at += same;
    }
    pieces.truncate(unique);
    pieces
}

fn touches(masked: &[Range<usize>], range: &Range<usize>) -> bool {
    masked
        .iter()
        .any(|masked| masked.start < range.end && range.start < masked.end)
}
