//! Places at which many frames differ: what to mask, and whether it is a counter or a clock.

use std::ops::Range;

use super::{Edit, PairDiff, Setup, Side, Span, mask::Mask, spans};
use crate::framing::Endian;

/// Fewer changed frames of a type are no habit.
const FEW: u64 = 8;

/// A place counts where at least one in so many changed frames differs.
const ONE_IN: u64 = 10;

/// Frames looked at to know a counter or a clock.
const SAMPLE: usize = 2000;

/// A row of values is a counter or a clock if at most one in so many steps does not fit, or two: a frame in between that
/// is of another sort.
const SLIPS: usize = 10;

fn few(slips: usize, steps: usize) -> bool {
    slips <= (steps / SLIPS).max(2)
}

/// What a place looks like, on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nature {
    /// A number that grows from one frame of the type to the next.
    Counter {
        /// By how much, if by the same each time.
        step: Option<u64>,
        /// Order of its bytes.
        endian: Endian,
    },
    /// A number that grows with the time of capture.
    Clock {
        /// Units in a second.
        per_second: u64,
        /// Order of its bytes.
        endian: Endian,
    },
    /// The same bytes in all changed frames of A, and the same others in those of B.
    Fixed {
        /// In A.
        a: Vec<u8>,
        /// In B.
        b: Vec<u8>,
    },
    /// Neither.
    Varies,
}

/// Bytes at which many frames differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volatile {
    /// Counted from the first byte of the frame.
    pub range: Range<usize>,
    /// What they look like.
    pub nature: Nature,
}

/// Frames of one type that differ at the same places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Habit {
    /// Index of the frame type.
    pub kind: usize,
    /// Changed frames of it.
    pub changed: u64,
    /// How many of them differ there and nowhere else.
    pub only_there: u64,
    /// The places.
    pub places: Vec<Volatile>,
}

impl Habit {
    /// What to mask so that these frames are the same.
    pub fn masks(&self) -> Vec<Mask> {
        let mask = |place: &Volatile| Mask {
            kind: Some(self.kind),
            from: place.range.start,
            to: Some(place.range.end),
        };
        self.places.iter().map(mask).collect()
    }
}

/// What is counted of one frame type.
#[derive(Clone, Debug, Default)]
struct Tally {
    changed: u64,
    /// Changed frames that differ at each offset.
    differ: Vec<u64>,
}

/// All habits, by frame type.
pub(super) fn habits(a: &Side, b: &Side, pairs: &[PairDiff], setup: &Setup) -> Vec<Habit> {
    let mut tallies = vec![Tally::default(); setup.layout.frames.len()];
    changed(a, b, pairs, setup, |kind, _, _, spans| {
        let Some(tally) = tallies.get_mut(kind) else {
            return;
        };
        tally.changed += 1;
        for at in spans.iter().flat_map(|span| span.a.clone()) {
            if tally.differ.len() <= at {
                tally.differ.resize(at + 1, 0);
            }
            tally.differ[at] += 1;
        }
    });
    let mut habits: Vec<Habit> = tallies
        .iter()
        .enumerate()
        .filter(|(_, tally)| tally.changed >= FEW)
        .map(|(kind, tally)| Habit {
            kind,
            changed: tally.changed,
            only_there: 0,
            places: places(tally)
                .into_iter()
                .map(|range| known(a, b, pairs, kind, range, &tally.differ))
                .collect(),
        })
        .collect();
    for habit in &mut habits {
        merge(&mut habit.places);
    }
    changed(a, b, pairs, setup, |kind, _, _, spans| {
        if let Some(habit) = habits.iter_mut().find(|habit| habit.kind == kind) {
            let inside = |at: &usize| habit.places.iter().any(|place| place.range.contains(at));
            habit.only_there += spans
                .iter()
                .all(|span| span.a.clone().all(|at| inside(&at)))
                as u64;
        }
    });
    habits.retain(|habit| habit.only_there * 2 >= habit.changed && !habit.places.is_empty());
    for habit in &mut habits {
        fix(a, b, pairs, setup, habit);
    }
    habits
}

/// Tells the bytes and differences of every changed frame whose size did not change.
fn changed(
    a: &Side,
    b: &Side,
    pairs: &[PairDiff],
    setup: &Setup,
    mut emit: impl FnMut(usize, &[u8], &[u8], &[Span]),
) {
    for diff in pairs {
        for edit in &diff.edits {
            let Edit::Changed { a: x, b: y } = *edit else {
                continue;
            };
            let left = diff.pair.a.record(a, x);
            let right = diff.pair.b.record(b, y);
            if let (Some(left), Some(right)) = (left, right)
                && let (Some(x), Some(y)) = (a.bytes(left), b.bytes(right))
                && x.len() == y.len()
            {
                let kind = usize::from(left.kind);
                emit(kind, x, y, &spans(x, y, setup.masks.of(kind)));
            }
        }
    }
}

/// Runs of offsets at which enough frames differ.
fn places(tally: &Tally) -> Vec<Range<usize>> {
    let often = |at: usize| tally.differ[at] * ONE_IN >= tally.changed;
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(from) = (at..tally.differ.len()).find(|at| often(*at)) {
        at = (from..tally.differ.len())
            .find(|at| !often(*at))
            .unwrap_or(tally.differ.len());
        places.push(from..at);
    }
    places
}

/// Places that grew into each other are one.
fn merge(places: &mut Vec<Volatile>) {
    places.dedup_by(|next, last| {
        let touch = next.range.start < last.range.end;
        if touch && next.range.end > last.range.end {
            last.range.end = next.range.end;
            last.nature = Nature::Varies;
        }
        touch
    });
}

/// A place and what it looks like; a number has all its bytes, also those that seldom differ.
fn known(
    a: &Side,
    b: &Side,
    pairs: &[PairDiff],
    kind: usize,
    range: Range<usize>,
    differ: &[u64],
) -> Volatile {
    let sample = |side: &Side, of_b: bool| -> Vec<(Vec<u8>, Option<i64>)> {
        let busiest = pairs.iter().max_by_key(|diff| diff.edits.len());
        let line = busiest.map(|diff| if of_b { &diff.pair.b } else { &diff.pair.a });
        line.into_iter()
            .flat_map(|line| line.records(side))
            .filter(|record| usize::from(record.kind) == kind)
            .take(SAMPLE)
            .filter_map(|record| {
                let bytes = side.bytes(record)?;
                Some((bytes.to_vec(), record.time().map(|time| time.nanos())))
            })
            .collect()
    };
    let rows = [sample(a, false), sample(b, true)];
    let seldom = |at: usize| differ.get(at).is_some_and(|n| *n > 0);
    let start = (0..range.start).rev().take_while(|at| seldom(*at)).last();
    let end = (range.end..differ.len())
        .take_while(|at| seldom(*at))
        .last();
    let wide = start.unwrap_or(range.start)..end.map_or(range.end, |at| at + 1);
    for wanted in [&wide, &range] {
        for width in [1usize, 2, 4, 8]
            .into_iter()
            .filter(|width| *width >= wanted.len())
        {
            let big = wanted
                .end
                .checked_sub(width)
                .map(|from| (from, Endian::Big));
            for (from, endian) in big.into_iter().chain([(wanted.start, Endian::Little)]) {
                let number = from..from + width;
                let natures = rows.each_ref().map(|row| nature(row, &number, endian));
                if let [Some(left), Some(right)] = natures
                    && left == right
                {
                    return Volatile {
                        range: number,
                        nature: left,
                    };
                }
            }
        }
    }
    Volatile {
        range,
        nature: Nature::Varies,
    }
}

/// What the numbers at a place of consecutive frames look like.
fn nature(row: &[(Vec<u8>, Option<i64>)], range: &Range<usize>, endian: Endian) -> Option<Nature> {
    let width = range.len() as u32 * 8;
    let read = |bytes: &[u8]| -> Option<u64> {
        let bytes = bytes.get(range.clone())?;
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(match endian {
            Endian::Big => bytes.iter().fold(0, add),
            Endian::Little => bytes.iter().rev().fold(0, add),
        })
    };
    let numbers: Vec<(u64, Option<i64>)> = row
        .iter()
        .filter_map(|(bytes, time)| Some((read(bytes)?, *time)))
        .collect();
    let steps: Vec<u64> = numbers
        .windows(2)
        .map(|two| two[1].0.wrapping_sub(two[0].0) & (u64::MAX >> (64 - width)))
        .collect();
    if steps.len() < FEW as usize {
        return None;
    }
    let mut sorted = steps.clone();
    sorted.sort_unstable();
    let step = sorted[sorted.len() / 2];
    let others = steps.iter().filter(|other| **other != step).count();
    let small = 1 << (width - 1).min(16);
    if step > 0 && step < small && few(others, steps.len()) {
        let step = Some(step);
        return Some(Nature::Counter { step, endian });
    }
    clock(&numbers, &steps, width, endian).or_else(|| {
        // One number for several frame types, or several devices. A single byte grows half of the time by chance.
        let up = steps
            .iter()
            .filter(|step| (1..small).contains(*step))
            .count();
        let grows = width > 8 && few(steps.len() - up, steps.len());
        grows.then_some(Nature::Counter { step: None, endian })
    })
}

/// Whether numbers keep pace with the time of capture.
fn clock(
    numbers: &[(u64, Option<i64>)],
    steps: &[u64],
    width: u32,
    endian: Endian,
) -> Option<Nature> {
    let (first, last) = (numbers.first()?, numbers.last()?);
    let seconds = last.1?.saturating_sub(first.1?) as f64 / 1e9;
    let back = steps
        .iter()
        .filter(|step| **step >= 1 << (width - 1))
        .count();
    let rate = last.0.checked_sub(first.0)? as f64 / seconds;
    let close = |per_second: &u64| (rate / *per_second as f64 - 1.0).abs() < 0.05;
    let per_second = [1, 1_000, 1_000_000, 1_000_000_000]
        .into_iter()
        .find(close)?;
    few(back, steps.len()).then_some(Nature::Clock { per_second, endian })
}

/// Places that are the same in all changed frames of a side.
fn fix(a: &Side, b: &Side, pairs: &[PairDiff], setup: &Setup, habit: &mut Habit) {
    let mut seen: Vec<Option<(Vec<u8>, Vec<u8>)>> = vec![None; habit.places.len()];
    let mut same = vec![true; habit.places.len()];
    let only = habit.kind;
    changed(a, b, pairs, setup, |kind, x, y, _| {
        if kind != only {
            return;
        }
        for ((place, seen), same) in habit.places.iter().zip(&mut seen).zip(&mut same) {
            let part = |bytes: &[u8]| bytes.get(place.range.clone()).unwrap_or_default().to_vec();
            match seen {
                None => *seen = Some((part(x), part(y))),
                Some((a, b)) => *same &= *a == part(x) && *b == part(y),
            }
        }
    });
    for ((place, seen), same) in habit.places.iter_mut().zip(seen).zip(same) {
        if let (Some((a, b)), true) = (seen, same) {
            place.nature = Nature::Fixed { a, b };
        }
    }
}
