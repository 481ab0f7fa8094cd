//! One capture read by two threads that share its connections.
//!
//! [`run_shared`] is the only entry. Each reader reads and decodes all packets and reassembles the connections of its
//! [`Lane`], a hash of the two endpoints; nothing passes between the threads, because handing payload from core to core
//! costs more than reading it twice. The result equals that of one reader, connection numbers included
//! (`tests/tcp/lanes.rs`). Where it could differ, because a bound on all connections comes near, one reader starts anew;
//! [`Growth`] predicts that early, so that little is read in vain.
//!
//! Two, not more: a further reader would have to read and decode all packets once again, and that is about half of
//! what a reader does.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use crate::{
    capture::{CaptureInfo, CaptureSet, Compression},
    decode::{Checksums, Lane},
    pipeline::{Observer, Outcome, RunConfig, run, run::Reader},
    tcp::Reassembler,
};

/// Smaller captures are read in less time than a thread saves.
pub const MIN_SHARED_BYTES: u64 = 4 << 20;

/// Bytes read before the number of connections to come is predicted for the first time.
const FIRST_PREDICTION_BYTES: u64 = 512 << 10;

/// An observer whose results for disjoint sets of connections can be combined.
pub trait Merge: Observer + Send {
    /// Replaces the number of every connection kept by `number(connection)`, which is ascending.
    fn renumber(&mut self, number: &dyn Fn(u64) -> u64);

    /// Adds what `other` observed of other connections of the same captures. Both are renumbered before, and
    /// [`Observer::end_of_input`] follows.
    fn merge(&mut self, other: Self);
}

/// Reads captures as [`run`](run()) does, by two threads where that is faster. Returns the set that was read, what was
/// read, and the observer.
///
/// `open` and `observer` are called once for each reader, and again if one reader has to start anew; so the captures must
/// be files that can be read repeatedly. Fewer than `min_bytes` bytes are read by one thread; see [`MIN_SHARED_BYTES`].
pub fn run_shared<O: Merge>(
    open: impl Fn() -> CaptureSet,
    config: &RunConfig,
    min_bytes: u64,
    observer: impl Fn() -> O,
    tick: &mut dyn FnMut(&CaptureSet),
) -> (CaptureSet, Outcome, O) {
    let mut captures = open();
    if captures.total_bytes() >= Some(min_bytes) && can_share(config) {
        let observers = [observer(), observer()];
        if let Some(shared) = share([captures, open()], config, observers, tick) {
            return shared;
        }
        captures = open();
    }
    let mut observer = observer();
    let outcome = run(&mut captures, config, &mut observer, tick);
    (captures, outcome, observer)
}

/// Whether two readers can do what is asked for: not if connections are selected by number, which neither knows, or
/// wrong checksums make packets count for both.
fn can_share(config: &RunConfig) -> bool {
    config.selection.connections.is_empty()
        && config.decode.checksums != Checksums::Drop
        && thread::available_parallelism().is_ok_and(|n| n.get() > 1)
}

/// `None` if one reader has to do it.
fn share<O: Merge>(
    sets: [CaptureSet; 2],
    config: &RunConfig,
    observers: [O; 2],
    tick: &mut dyn FnMut(&CaptureSet),
) -> Option<(CaptureSet, Outcome, O)> {
    let ([mut left_set, mut right_set], [mut left_observer, mut right_observer]) =
        (sets, observers);
    let mut left = Reader::new(config, Some(Lane::Left), &mut left_observer);
    let mut right = Reader::new(config, Some(Lane::Right), &mut right_observer);
    let fallback = AtomicBool::new(false);
    let (mut left_growth, mut right_growth) = (Growth::default(), Growth::default());
    thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, || {
            right.read::<true>(&mut right_set, &mut |captures, reassembler| {
                right_growth.allows(captures, reassembler, &fallback)
            });
        });
        if other.is_err() {
            fallback.store(true, Ordering::Relaxed);
            return;
        }
        left.read::<true>(&mut left_set, &mut |captures, reassembler| {
            tick(captures);
            left_growth.allows(captures, reassembler, &fallback)
        });
    });
    let near = [&left, &right].map(|reader| reader.reassembler.is_near_a_bound());
    // The tables differ where a file changed between the two readings.
    if fallback.into_inner() || near.contains(&true) || left_set.table() != right_set.table() {
        return None;
    }
    let births = [left.reassembler.births(), right.reassembler.births()];
    let [left_numbers, right_numbers] = numbers(births)?;
    let own = *right.decoder.own_checksums();
    let (mut both, right) = (left.finish(), right.finish());
    // Each has decoded all packets, and verified the checksums of the plainest of its lane.
    both.decode.checksums += &own;
    both.tcp.add_lane(&right.tcp);
    both.unselected.streams += right.unselected.streams;
    both.unselected.packets += right.unselected.packets;
    both.unselected.bytes += right.unselected.bytes;
    both.payload_bytes += right.payload_bytes;
    both.stopped |= right.stopped;
    both.readers += right.readers;
    left_observer.renumber(&|number| global(&left_numbers, number));
    right_observer.renumber(&|number| global(&right_numbers, number));
    left_observer.merge(right_observer);
    left_observer.end_of_input();
    Some((left_set, both, left_observer))
}

/// The number of each connection in the whole capture, by its number with one reader; from how many packets had been
/// read when each of them began, ascending. `None` if that does not decide which was first.
fn numbers(births: [&[u64]; 2]) -> Option<[Vec<u64>; 2]> {
    let mut numbers = births.map(|births| Vec::with_capacity(births.len()));
    let [mut left, mut right] = births.map(|births| births.iter().peekable());
    for number in 0.. {
        let lane = match (left.peek(), right.peek()) {
            (None, None) => break,
            (Some(a), Some(b)) if a == b => return None,
            (a, b) => usize::from(b.is_some_and(|b| a.is_none_or(|a| b < a))),
        };
        [&mut left, &mut right][lane].next();
        numbers[lane].push(number);
    }
    Some(numbers)
}

fn global(numbers: &[u64], number: u64) -> u64 {
    let at = usize::try_from(number).unwrap_or(usize::MAX);
    numbers.get(at).copied().unwrap_or(number)
}

/// Predicts from the first part of a capture whether a bound on connections comes near in the rest of it.
#[derive(Debug, Default)]
struct Growth {
    /// Bytes read and connections known at the last prediction.
    last: (u64, u64),
}

impl Growth {
    /// Whether two readers may go on; sets `fallback` if not.
    fn allows(
        &mut self,
        captures: &CaptureSet,
        reassembler: &Reassembler,
        fallback: &AtomicBool,
    ) -> bool {
        // Unpacking costs more than all the rest: not twice.
        let packed = |capture: &CaptureInfo| capture.compression != Compression::None;
        if captures.table().last().is_some_and(packed)
            || reassembler.is_near_a_bound()
            || self.exceeds(captures, reassembler)
        {
            fallback.store(true, Ordering::Relaxed);
        }
        !fallback.load(Ordering::Relaxed)
    }

    /// Whether connections, at the rate at which they came since the last prediction, come near a bound. Predicts each
    /// time that twice as much is read: connections open at the start say nothing of the rest.
    fn exceeds(&mut self, captures: &CaptureSet, reassembler: &Reassembler) -> bool {
        let (read, total) = (captures.bytes_read(), captures.total_bytes().unwrap_or(0));
        let (last_read, last_known) = self.last;
        if read < FIRST_PREDICTION_BYTES.max(last_read * 2) {
            return false;
        }
        let known = reassembler.stats().known;
        self.last = (read, known);
        if last_read == 0 {
            return false;
        }
        let rate = known.saturating_sub(last_known) as f64 / (read - last_read) as f64;
        let left = total.saturating_sub(read) as f64;
        let span = total as f64 / read as f64;
        reassembler.would_be_near_a_bound(known + (rate * left) as u64, span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_numbered_by_their_first_packets() {
        for (left, right, want) in [
            (
                &[1, 4, 5][..],
                &[2, 3, 9][..],
                [vec![0, 3, 4], vec![1, 2, 5]],
            ),
            (&[], &[1, 2], [vec![], vec![0, 1]]),
            (&[1, 2], &[], [vec![0, 1], vec![]]),
            (&[], &[], [vec![], vec![]]),
        ] {
            assert_eq!(numbers([left, right]), Some(want));
        }
        assert_eq!(numbers([&[1, 2], &[2]]), None);
    }
}
