//! The numbers of a stream that is over, packed into bytes.
//!
//! Up to 125,000 are kept and few are read again. As values they take about 1,100 bytes each, nearly all of them zero;
//! packed, 110 to 150: 17 MB instead of 130 MB. A serialisation crate writes every zero, which is as much again, and
//! would need derives on the types of four rooms. Every visitor below destructures its type without `..`, so that a
//! number that is not packed does not compile.

use std::cmp::Reverse;

use crate::{
    analysis::{
        Account, Counts, Delivery, FrameEvidence, GapCounts, Histogram,
        packed_evidence::{NO_GROUP, each_of_frame_evidence, each_of_stream_evidence},
        packing::{Packer, Unpacker, unzigzag, zigzag},
    },
    capture::Time,
    decode::{Addr, Endpoint},
    tcp::{Begin, Dir, EndCause, StreamId, StreamSummary},
};

/// A stream that is over.
#[derive(Clone, Debug)]
pub struct StreamStats {
    /// Which.
    pub id: StreamId,
    /// How many faults it has.
    pub faults: u64,
    bytes: u64,
    /// Its numbers, as [`StreamNumbers::pack`] writes them.
    packed: Box<[u8]>,
}

/// All that is known of a stream that is over.
#[derive(Clone, Debug)]
pub struct StreamNumbers {
    /// Its ends and start.
    pub begin: Begin,
    /// Its counts.
    pub counts: Counts,
    /// By frame type, the shortest and longest interval between two frames, in nanoseconds.
    pub intervals: Vec<Option<(i64, i64)>>,
    /// Its TCP counters.
    pub summary: StreamSummary,
    /// What its frames show about causes.
    pub evidence: FrameEvidence,
}

impl StreamStats {
    pub(super) fn new(id: StreamId, numbers: &mut StreamNumbers, packer: &mut Packer) -> Self {
        Self {
            id,
            faults: numbers.counts.fault_count(),
            bytes: numbers.summary.counts.bytes,
            packed: numbers.pack(packer),
        }
    }

    /// Its numbers.
    pub fn numbers(&self) -> StreamNumbers {
        StreamNumbers::unpack(&self.packed)
    }

    pub(super) fn rank(&self) -> Rank {
        rank(self.id, self.faults, self.bytes)
    }
}

/// Faults and bytes, the most first; then connection and direction.
pub(super) type Rank = (Reverse<(u64, u64)>, u64, Dir);

fn rank(id: StreamId, faults: u64, bytes: u64) -> Rank {
    (Reverse((faults, bytes)), id.connection, id.dir)
}

impl StreamNumbers {
    /// The rank that the stream has when it is packed.
    pub(super) fn rank(&self, id: StreamId) -> Rank {
        rank(id, self.counts.fault_count(), self.summary.counts.bytes)
    }

    /// Bytes from which [`StreamNumbers::unpack`] makes the same.
    fn pack(&mut self, packer: &mut Packer) -> Box<[u8]> {
        packer.push(self.counts.frames.len() as u64);
        packer.push(self.counts.messages.len() as u64);
        packer.push(self.evidence.groups.len() as u64);
        self.each(&mut |n| packer.push(*n));
        packer.pack().into()
    }

    fn unpack(packed: &[u8]) -> Self {
        let mut packed = Unpacker::new(packed);
        let [types, messages, groups] = [(); 3].map(|()| packed.take() as usize);
        let mut numbers = Self::nothing(types, messages, groups);
        numbers.each(&mut |n| *n = packed.take());
        numbers.counts.set_transport(&numbers.summary);
        numbers
    }

    /// No counts, of `types` frame types, `messages` messages and `groups` groups of faults.
    fn nothing(types: usize, messages: usize, groups: usize) -> Self {
        Self {
            begin: no_begin(),
            counts: Counts {
                frames: vec![0; types],
                frame_bytes: vec![0; types],
                messages: vec![0; messages],
                ..Counts::default()
            },
            intervals: vec![None; types],
            summary: StreamSummary::default(),
            evidence: FrameEvidence {
                groups: vec![NO_GROUP; groups],
                ..FrameEvidence::default()
            },
        }
    }

    /// Passes every number to `f` and stores what it has become. Numbers that follow from others are not among them.
    fn each(&mut self, f: &mut impl FnMut(&mut u64)) {
        let Self {
            begin,
            counts,
            intervals,
            summary,
            evidence,
        } = self;
        each_of_begin(begin, f);
        each_count(counts, f);
        each_of_summary(summary, f);
        let (last, over) = (summary.last_packet, summary.end_time);
        let over = over.map_or(0, Time::nanos);
        each_of_stream_evidence(&mut summary.evidence, last, over, f);
        each_of_frame_evidence(evidence, last, f);
        for interval in intervals {
            // The shortest, and by how much more than none the longest is longer.
            let (mut least, mut most) = interval.map_or((0, 0), |(least, most)| {
                (
                    zigzag(least),
                    (most.wrapping_sub(least) as u64).wrapping_add(1),
                )
            });
            f(&mut least);
            f(&mut most);
            *interval = ((least, most) != (0, 0)).then(|| {
                let least = unzigzag(least);
                (least, least.wrapping_add(most.wrapping_sub(1) as i64))
            });
        }
    }
}

/// A start to unpack into.
pub(super) fn no_begin() -> Begin {
    let nowhere = Endpoint {
        addr: Addr::v6([0; 16]),
        port: 0,
    };
    Begin {
        src: nowhere,
        dst: nowhere,
        syn: false,
        capture: 0,
    }
}

pub(super) fn each_of_begin(begin: &mut Begin, f: &mut impl FnMut(&mut u64)) {
    let Begin {
        src,
        dst,
        syn,
        capture,
    } = begin;
    for Endpoint { addr, port } in [src, dst] {
        let (mut high, mut low) = ((addr.bits() >> 64) as u64, addr.bits() as u64);
        let mut number = u64::from(*port);
        f(&mut high);
        f(&mut low);
        f(&mut number);
        *addr = Addr::v6((u128::from(high) << 64 | u128::from(low)).to_be_bytes());
        *port = number as u16;
    }
    each_flag(&mut [syn], f);
    let mut number = u64::from(*capture);
    f(&mut number);
    *capture = number as u32;
}

pub(super) fn each_flag(flags: &mut [&mut bool], f: &mut impl FnMut(&mut u64)) {
    for flag in flags {
        let mut set = u64::from(**flag);
        f(&mut set);
        **flag = set != 0;
    }
}

fn each_count(counts: &mut Counts, f: &mut impl FnMut(&mut u64)) {
    let Counts {
        frames,
        frame_bytes,
        messages,
        faults,
        conflict_faults,
        account,
        gaps,
        forced_gaps,
        delivery,
        // Computed from the summary.
        transport: _,
        odd: _,
    } = counts;
    frames.iter_mut().for_each(&mut *f);
    frame_bytes.iter_mut().for_each(&mut *f);
    messages.iter_mut().for_each(&mut *f);
    faults.iter_mut().for_each(&mut *f);
    for GapCounts { count, bytes } in gaps {
        f(count);
        f(bytes);
    }
    f(conflict_faults);
    f(forced_gaps);
    each_of_account(account, f);
    each_of_delivery(delivery, f);
}

fn each_of_account(account: &mut Account, f: &mut impl FnMut(&mut u64)) {
    let Account {
        frames,
        faults,
        leading,
        cut,
        unfinished,
        unrecognised,
        unselected,
    } = account;
    for n in [
        frames,
        faults,
        leading,
        cut,
        unfinished,
        unrecognised,
        unselected,
    ] {
        f(n);
    }
}

fn each_of_delivery(delivery: &mut Delivery, f: &mut impl FnMut(&mut u64)) {
    let Delivery {
        segments_per_frame,
        frames_per_segment,
        whole,
        split,
        alone,
        first,
        coalesced,
        aligned,
        segments,
        oversized,
        cuts_in_header,
        cuts_in_payload,
        cuts_in_end,
    } = delivery;
    for Histogram { counts } in [segments_per_frame, frames_per_segment] {
        counts.iter_mut().for_each(&mut *f);
    }
    for n in [
        whole,
        split,
        alone,
        first,
        coalesced,
        aligned,
        segments,
        oversized,
        cuts_in_header,
        cuts_in_payload,
        cuts_in_end,
    ] {
        f(n);
    }
}

pub(super) fn each_of_summary(summary: &mut StreamSummary, f: &mut impl FnMut(&mut u64)) {
    let StreamSummary {
        first_packet,
        last_packet,
        time,
        end_time,
        counts,
        syn,
        fin,
        rst,
        urgent,
        after_fin,
        evicted,
        end,
        ended_by,
        // Passed by the caller, who may not need it.
        evidence: _,
    } = summary;
    f(first_packet);
    f(last_packet);
    counts.each_mut(f);
    let cause = EndCause::ALL.iter().position(|cause| cause == end);
    let mut cause = cause.unwrap_or_default() as u64;
    let mut dir = ended_by.map_or(0, |dir| 1 + dir as u64);
    f(&mut cause);
    f(&mut dir);
    let causes = EndCause::ALL.get(cause as usize);
    *end = causes.copied().unwrap_or_default();
    *ended_by = match dir {
        1 => Some(Dir::C2s),
        2 => Some(Dir::S2c),
        _ => None,
    };
    each_flag(&mut [syn, fin, rst, urgent, after_fin, evicted], f);
    let mut before = 0;
    for time in [time, end_time] {
        each_of_time(time, &mut before, f);
    }
}

/// A time, as the difference to the one before.
pub(super) fn each_of_time(
    time: &mut Option<Time>,
    before: &mut i64,
    f: &mut impl FnMut(&mut u64),
) {
    let (mut set, mut since) = (u64::from(time.is_some()), 0);
    if let Some(time) = time {
        since = zigzag(time.nanos().wrapping_sub(*before));
    }
    f(&mut set);
    f(&mut since);
    let nanos = unzigzag(since).wrapping_add(*before);
    *time = (set != 0).then(|| Time::from_nanos(nanos));
    *before = nanos;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_found_again() {
        let mut seed = 1u64;
        let mut random = || {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            // All magnitudes; 0 for one in two.
            if seed >> 63 == 0 {
                0
            } else {
                (seed >> 8 | 1 << 62) >> (seed % 64)
            }
        };
        let same = |numbers: &mut StreamNumbers| {
            numbers.counts.set_transport(&numbers.summary);
            let packed = numbers.pack(&mut Packer::default());
            let unpacked = StreamNumbers::unpack(&packed);
            assert_eq!(format!("{unpacked:?}"), format!("{numbers:?}"));
        };
        for round in 0..500 {
            let mut numbers = StreamNumbers::nothing(round % 5, round % 3, round % 4);
            numbers.each(&mut |n| *n = random());
            let (mut edges, times) = ([i64::MIN, -1, 0, i64::MAX].into_iter().cycle(), random());
            for (at, interval) in numbers.intervals.iter_mut().enumerate().skip(1) {
                let (a, b) = (edges.nth(round % 7).unwrap_or(0), times as i64 >> at);
                *interval = Some((a.min(b), a.max(b)));
            }
            numbers.summary.time = edges.next().map(Time::from_nanos);
            same(&mut numbers);
        }
        let mut numbers = StreamNumbers::nothing(3, 1, 2);
        numbers.intervals = vec![Some((i64::MIN, i64::MAX)), Some((5, 5)), None];
        numbers.counts.frames = vec![u64::MAX; 3];
        same(&mut numbers);
    }
}
