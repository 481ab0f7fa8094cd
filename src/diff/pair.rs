//! Which device of one side is which of the other: by hand, by address, by what they say, by order.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use foldhash::fast::FixedState;

use super::{Line, Sent, Setup, Side, side::digest};
use crate::{decode::Addr, tcp::Dir};

/// Bytes of a frame that are looked at together when whole frames say nothing.
const PIECE: usize = 8;

/// So many pieces that two lines have in common are no accident.
const ALIKE: u32 = 4;

/// So many hashes of a line stand for it.
const SKETCH: usize = 1024;

/// Why two lines are a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PairedBy {
    /// Somebody said so.
    Hand,
    /// The same device address.
    Address,
    /// The same frames, or frames with the same bytes in them.
    Content,
    /// Nothing better.
    Order,
}

/// What makes a pair by hand: A's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// Connection numbers.
    Connections(u64, u64),
    /// Addresses of who sends the frames.
    Addresses(Addr, Addr),
}

/// Two lines that are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Of A.
    pub a: Line,
    /// Of B.
    pub b: Line,
    /// Why.
    pub by: PairedBy,
}

/// All pairs, and what has no partner.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairing {
    pub pairs: Vec<Pair>,
    pub only_a: Vec<Line>,
    pub only_b: Vec<Line>,
}

type Key = (Addr, Addr, Dir);

fn key(sent: &Sent) -> Key {
    (sent.begin.src.addr, sent.begin.dst.addr, sent.id.dir)
}

/// Pairs the streams of both sides.
pub(super) fn pair(a: &Side, b: &Side, setup: &Setup) -> Pairing {
    let (lines_a, lines_b) = lines(a, b, &setup.hands);
    let mut table = Matcher {
        a,
        b,
        free_a: lines_a.into_iter().map(Some).collect(),
        free_b: lines_b.into_iter().map(Some).collect(),
        pairs: Vec::new(),
    };
    for hand in &setup.hands {
        table.by_key(
            PairedBy::Hand,
            |sent| hand_key(sent, *hand, false),
            |sent| hand_key(sent, *hand, true),
        );
    }
    table.by_key(
        PairedBy::Address,
        |sent| Some(key(sent)),
        |sent| Some(key(sent)),
    );
    let device = |sent: &Sent| Some((sent.begin.src.addr, sent.id.dir));
    table.by_key(PairedBy::Address, device, device);
    table.by_content(None, PairedBy::Content);
    table.by_key(
        PairedBy::Order,
        |sent| Some(sent.id.dir),
        |sent| Some(sent.id.dir),
    );
    let mut pairs = table.pairs;
    pairs.sort_by_key(|pair| pair.a.streams.first().copied());
    Pairing {
        pairs,
        only_a: table.free_a.into_iter().flatten().collect(),
        only_b: table.free_b.into_iter().flatten().collect(),
    }
}

/// What a stream is called by a pair made by hand.
fn hand_key(sent: &Sent, hand: Hand, of_b: bool) -> Option<Dir> {
    let fits = match hand {
        Hand::Connections(a, b) => sent.id.connection == if of_b { b } else { a },
        Hand::Addresses(a, b) => sent.begin.src.addr == if of_b { b } else { a },
    };
    fits.then_some(sent.id.dir)
}

/// Streams of the same ends are one line where on neither side any two of them overlap in time: a device that
/// connected anew. Behind one address of a router they do overlap, and stay apart.
fn lines(a: &Side, b: &Side, hands: &[Hand]) -> (Vec<Line>, Vec<Line>) {
    let by_key = |side: &Side| {
        let mut groups: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for (at, sent) in side.streams.iter().enumerate() {
            groups.entry(key(sent)).or_default().push(at);
        }
        groups
    };
    let (groups_a, groups_b) = (by_key(a), by_key(b));
    let numbered = |sent: &Sent| {
        hands.iter().any(
            |hand| matches!(hand, Hand::Connections(a, b) if [a, b].contains(&&sent.id.connection)),
        )
    };
    let chained = |side: &Side, group: &[usize]| {
        let sent: Vec<&Sent> = group
            .iter()
            .filter_map(|at| side.streams.get(*at))
            .collect();
        sent.windows(2).all(follows) && !sent.iter().any(|sent| numbered(sent))
    };
    let make = |side: &Side, groups: &BTreeMap<Key, Vec<usize>>| {
        let mut lines = Vec::new();
        for (key, group) in groups {
            let both = groups_a.get(key).zip(groups_b.get(key));
            if both.is_some_and(|(of_a, of_b)| chained(a, of_a) && chained(b, of_b)) {
                lines.push(Line::new(side, group.clone()));
            } else {
                lines.extend(group.iter().map(|at| Line::new(side, vec![*at])));
            }
        }
        lines.sort_by_key(|line| line.streams.first().copied());
        lines
    };
    (make(a, &groups_a), make(b, &groups_b))
}

/// Whether the second of two streams began when the first was over.
fn follows(two: &[&Sent]) -> bool {
    let [first, second] = two else { return false };
    let begins = second.frames.first().and_then(|frame| frame.time());
    matches!((first.end_time, begins), (Some(end), Some(begin)) if end <= begin)
}

struct Matcher<'s> {
    a: &'s Side,
    b: &'s Side,
    free_a: Vec<Option<Line>>,
    free_b: Vec<Option<Line>>,
    pairs: Vec<Pair>,
}

impl Matcher<'_> {
    /// Pairs lines of the same key: by content where there are several, the rest in order.
    fn by_key<K: Ord>(
        &mut self,
        by: PairedBy,
        of_a: impl Fn(&Sent) -> Option<K>,
        of_b: impl Fn(&Sent) -> Option<K>,
    ) {
        let mut groups: BTreeMap<K, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (at, line) in self.free_a.iter().enumerate() {
            if let Some(key) = first(self.a, line).and_then(&of_a) {
                groups.entry(key).or_default().0.push(at);
            }
        }
        for (at, line) in self.free_b.iter().enumerate() {
            if let Some(key) = first(self.b, line).and_then(&of_b) {
                groups.entry(key).or_default().1.push(at);
            }
        }
        for (_, (left, right)) in groups {
            if left.len() > 1 || right.len() > 1 {
                self.by_content(Some((&left, &right)), by);
            }
            let mut right = right.into_iter().filter(|at| self.free_b[*at].is_some());
            let left = left.into_iter().filter(|at| self.free_a[*at].is_some());
            let both: Vec<_> = left.zip(&mut right).collect();
            for (left, right) in both {
                self.take(left, right, by);
            }
        }
    }

    /// Pairs free lines that say the same things, the likest first.
    fn by_content(&mut self, among: Option<(&[usize], &[usize])>, by: PairedBy) {
        for pieces in [false, true] {
            let least = if pieces { ALIKE } else { 1 };
            let mut votes: Vec<_> = self.votes(among, pieces).into_iter().collect();
            votes.retain(|(_, votes)| *votes >= least);
            votes.sort_by_key(|((a, b), votes)| (std::cmp::Reverse(*votes), *a, *b));
            for ((left, right), _) in votes {
                self.take(left, right, by);
            }
        }
    }

    /// How much each two free lines have in common that no other line has.
    fn votes(
        &self,
        among: Option<(&[usize], &[usize])>,
        pieces: bool,
    ) -> HashMap<(usize, usize), u32, FixedState> {
        let (left, right) = match among {
            Some((left, right)) => (left.to_vec(), right.to_vec()),
            None => (
                (0..self.free_a.len()).collect(),
                (0..self.free_b.len()).collect(),
            ),
        };
        let a = owners(self.a, &self.free_a, &left, pieces);
        let b = owners(self.b, &self.free_b, &right, pieces);
        let mut votes = HashMap::default();
        for (hash, left) in a {
            if let (Some(left), Some(Some(right))) = (left, b.get(&hash)) {
                *votes.entry((left, *right)).or_insert(0) += 1;
            }
        }
        votes
    }

    fn take(&mut self, left: usize, right: usize, by: PairedBy) {
        let (Some(a), Some(b)) = (self.free_a.get_mut(left), self.free_b.get_mut(right)) else {
            return;
        };
        if a.is_none() || b.is_none() {
            return;
        }
        if let (Some(a), Some(b)) = (a.take(), b.take()) {
            self.pairs.push(Pair { a, b, by });
        }
    }
}

fn first<'s>(side: &'s Side, line: &Option<Line>) -> Option<&'s Sent> {
    side.streams.get(*line.as_ref()?.streams.first()?)
}

/// Which line says a thing; none where several do.
fn owners(
    side: &Side,
    lines: &[Option<Line>],
    among: &[usize],
    pieces: bool,
) -> HashMap<u64, Option<usize>, FixedState> {
    let mut owners: HashMap<u64, Option<usize>, FixedState> = HashMap::default();
    for at in among {
        let Some(line) = lines.get(*at).and_then(Option::as_ref) else {
            continue;
        };
        for hash in sketch(side, line, pieces) {
            owners
                .entry(hash)
                .and_modify(|owner| *owner = owner.filter(|owner| owner == at))
                .or_insert(Some(*at));
        }
    }
    owners
}

/// The smallest hashes of what a line says: a sample that is the same for the same things, wherever they stand.
fn sketch(side: &Side, line: &Line, pieces: bool) -> Vec<u64> {
    let mut hashes = Vec::with_capacity(2 * SKETCH);
    let mut add = |hash| {
        hashes.push(hash);
        if hashes.len() == 2 * SKETCH {
            smallest(&mut hashes);
        }
    };
    for record in line.records(side) {
        if !pieces {
            add(record.digest);
            continue;
        }
        let Some(bytes) = side.bytes(record) else {
            continue;
        };
        for (at, piece) in bytes.chunks_exact(PIECE).enumerate() {
            add(digest(record.kind.into(), at, std::iter::once(piece)));
        }
    }
    smallest(&mut hashes);
    hashes
}

fn smallest(hashes: &mut Vec<u64>) {
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(SKETCH);
}

/// Cuts a frame into at most so many pieces for [`super::refine`].
pub(super) fn cut(length: usize, most: usize) -> impl Iterator<Item = Range<usize>> {
    let step = length.div_ceil(most).max(PIECE);
    (0..length)
        .step_by(step)
        .map(move |from| from..(from + step).min(length))
}
