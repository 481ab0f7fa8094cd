//! Two readers that share the connections: each reads all packets, and takes those of its lane to their streams.
//!
//! Nothing goes from one to the other, for handing payload from core to core costs more than reading it twice. What
//! they tell is what one reader alone tells, but for the order in which streams of different lanes are told of, and the
//! numbers of the connections, which come out of [`Numbers`]. Where they cannot know that, they say so and nothing is
//! to be believed: bounds on all connections together come near, or the captures changed between the two readings.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use crate::{
    capture::{CaptureInfo, CaptureSet, Compression},
    decode::{Checksums, Lane},
    pipeline::{Observer, Outcome, RunConfig, run::Reader},
    tcp,
};

/// The numbers that connections have in the whole capture, by the number that one of two readers gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    of: [Vec<u64>; 2],
}

impl Numbers {
    /// From the births of the connections of both.
    fn new(births: [&[u64]; 2]) -> Self {
        let mut of: [Vec<u64>; 2] = births.map(|births| Vec::with_capacity(births.len()));
        let (mut left, mut right) = (births[0].iter().peekable(), births[1].iter().peekable());
        for number in 0.. {
            let side = match (left.peek(), right.peek()) {
                (None, None) => break,
                (a, b) => usize::from(b.is_some_and(|b| a.is_none_or(|a| b < a))),
            };
            [&mut left, &mut right][side].next();
            of[side].push(number);
        }
        Self { of }
    }

    /// The number of connection `number` of the first reader (0) or the second.
    pub fn of(&self, reader: usize, number: u64) -> u64 {
        let numbers = self.of.get(reader).map_or(&[][..], Vec::as_slice);
        usize::try_from(number)
            .ok()
            .and_then(|at| numbers.get(at))
            .copied()
            .unwrap_or(number)
    }
}

/// Whether two readers can share what is asked for: not if connections are asked for by number, which neither knows, or
/// wrong checksums make both readers drop packets.
pub fn can_share(options: &RunConfig) -> bool {
    options.selection.connections.is_empty()
        && options.decode.checksums != Checksums::Drop
        && thread::available_parallelism().is_ok_and(|n| n.get() > 1)
}

/// Reads the same captures twice, at the same time, and tells each observer of its lane of connections. The tables of
/// the sets are alike afterwards. None if the two cannot tell what one alone would: then what the observers were told
/// is worth nothing. `tick` as for [`run`](super::run()).
pub fn run_in_lanes<O: Observer + Send>(
    captures: &mut [CaptureSet; 2],
    options: &RunConfig,
    observers: &mut [O; 2],
    tick: &mut dyn FnMut(&CaptureSet),
) -> Option<(Outcome, Numbers)> {
    let alone = AtomicBool::new(false);
    let ([left_set, right_set], [left, right]) = (&mut *captures, observers);
    let mut left = Reader::new(options, Some(Lane::Left), left);
    let mut right = Reader::new(options, Some(Lane::Right), right);
    let go_on = |captures: &CaptureSet, reassembler: &tcp::Reassembler| {
        // Unpacking costs more than all the rest: not twice.
        let packed = |capture: &CaptureInfo| capture.compression != Compression::None;
        if captures.table().last().is_some_and(packed) || reassembler.is_near_a_bound() {
            alone.store(true, Ordering::Relaxed);
        }
        !alone.load(Ordering::Relaxed)
    };
    thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, || {
            right.read::<true>(right_set, &mut |captures, reassembler| {
                go_on(captures, reassembler)
            });
        });
        if other.is_err() {
            alone.store(true, Ordering::Relaxed);
            return;
        }
        left.read::<true>(left_set, &mut |captures, reassembler| {
            tick(captures);
            go_on(captures, reassembler)
        });
    });
    let near = [&left, &right].map(|reader| reader.reassembler.is_near_a_bound());
    if alone.into_inner() || near.contains(&true) || left_set.table() != right_set.table() {
        return None;
    }
    let numbers = Numbers::new([left.reassembler.births(), right.reassembler.births()]);
    let own = *right.decoder.own_checksums();
    let (mut both, right) = (left.finish(), right.finish());
    // Either has decoded all packets, and looked at the checksums of the plainest of its lane.
    both.decode.checksums += &own;
    both.tcp.add_lane(&right.tcp);
    both.unselected.streams += right.unselected.streams;
    both.unselected.packets += right.unselected.packets;
    both.unselected.bytes += right.unselected.bytes;
    both.payload_bytes += right.payload_bytes;
    both.stopped |= right.stopped;
    Some((both, numbers))
}
