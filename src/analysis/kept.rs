//! What is kept of a stream that is over. There may be very many, and few are looked at: so it is packed.

use std::cmp::Reverse;

use crate::{
    analysis::{Counts, FaultGroup, FrameEvidence, GapCounts, Histogram, Transport},
    capture::Time,
    decode::{Addr, Endpoint},
    framing::FaultKind,
    tcp::{Begin, Dir, EndCause, EndedBy, Evidence, StreamEvidence, StreamId, StreamSummary},
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
    /// What tcp tells of it at its end.
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

    /// By faults, then bytes, the most first.
    pub(super) fn rank(&self) -> Reverse<(u64, u64)> {
        Reverse((self.faults, self.bytes))
    }
}

impl StreamNumbers {
    /// Bytes that [`StreamNumbers::unpack`] makes the same of.
    fn pack(&mut self, packer: &mut Packer) -> Box<[u8]> {
        packer.numbers.clear();
        packer.numbers.push(self.counts.frames.len() as u64);
        packer.numbers.push(self.counts.messages.len() as u64);
        packer.numbers.push(self.evidence.groups.len() as u64);
        self.each(&mut |n| packer.numbers.push(*n));
        packer.pack()
    }

    fn unpack(packed: &[u8]) -> Self {
        let mut packed = Packed::new(packed);
        let [types, messages, groups] = [(); 3].map(|()| packed.take() as usize);
        let mut numbers = Self::nothing(types, messages, groups);
        numbers.each(&mut |n| *n = packed.take());
        numbers.counts.transport = Transport::from(&numbers.summary);
        numbers
    }

    /// Of so many frame types, messages and groups of faults.
    fn nothing(types: usize, messages: usize, groups: usize) -> Self {
        let nowhere = Endpoint {
            addr: Addr::v6([0; 16]),
            port: 0,
        };
        Self {
            begin: Begin {
                src: nowhere,
                dst: nowhere,
                syn: false,
                capture: 0,
            },
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

    /// Hands every number to `f`, and takes back what it has become. What follows from others is not among them.
    fn each(&mut self, f: &mut impl FnMut(&mut u64)) {
        each_of_begin(&mut self.begin, f);
        each_count(&mut self.counts, f);
        each_of_summary(&mut self.summary, f);
        let (last, over) = (self.summary.last_packet, self.summary.end_time);
        let over = over.map_or(0, Time::nanos);
        each_of_stream_evidence(&mut self.summary.evidence, last, over, f);
        each_of_frame_evidence(&mut self.evidence, last, f);
        for interval in &mut self.intervals {
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

fn each_of_begin(begin: &mut Begin, f: &mut impl FnMut(&mut u64)) {
    for Endpoint { addr, port } in [&mut begin.src, &mut begin.dst] {
        let (mut high, mut low) = ((addr.bits() >> 64) as u64, addr.bits() as u64);
        let mut number = u64::from(*port);
        f(&mut high);
        f(&mut low);
        f(&mut number);
        *addr = Addr::v6((u128::from(high) << 64 | u128::from(low)).to_be_bytes());
        *port = number as u16;
    }
    let (mut syn, mut capture) = (u64::from(begin.syn), u64::from(begin.capture));
    f(&mut syn);
    f(&mut capture);
    (begin.syn, begin.capture) = (syn != 0, capture as u32);
}

fn each_count(counts: &mut Counts, f: &mut impl FnMut(&mut u64)) {
    counts.frames.iter_mut().for_each(&mut *f);
    counts.frame_bytes.iter_mut().for_each(&mut *f);
    counts.messages.iter_mut().for_each(&mut *f);
    counts.faults.iter_mut().for_each(&mut *f);
    for GapCounts { count, bytes } in &mut counts.gaps {
        f(count);
        f(bytes);
    }
    let (account, delivery) = (&mut counts.account, &mut counts.delivery);
    for histogram in [
        &mut delivery.segments_per_frame,
        &mut delivery.frames_per_segment,
    ] {
        let Histogram { counts } = histogram;
        counts.iter_mut().for_each(&mut *f);
    }
    for n in [
        &mut counts.conflict_faults,
        &mut counts.forced_gaps,
        &mut account.frames,
        &mut account.faults,
        &mut account.leading,
        &mut account.cut,
        &mut account.unfinished,
        &mut account.unrecognised,
        &mut account.unselected,
        &mut delivery.whole,
        &mut delivery.split,
        &mut delivery.alone,
        &mut delivery.first,
        &mut delivery.coalesced,
        &mut delivery.aligned,
        &mut delivery.segments,
        &mut delivery.oversized,
        &mut delivery.cuts_in_header,
        &mut delivery.cuts_in_payload,
        &mut delivery.cuts_in_end,
    ] {
        f(n);
    }
}

fn each_of_summary(summary: &mut StreamSummary, f: &mut impl FnMut(&mut u64)) {
    for n in [&mut summary.first_packet, &mut summary.last_packet] {
        f(n);
    }
    summary.counts.each_mut(f);
    let mut end = EndCause::ALL
        .iter()
        .position(|cause| *cause == summary.end)
        .unwrap_or_default() as u64;
    let mut ended_by = summary.ended_by.map_or(0, |dir| 1 + dir as u64);
    f(&mut end);
    f(&mut ended_by);
    summary.end = EndCause::ALL.get(end as usize).copied().unwrap_or_default();
    summary.ended_by = [None, Some(Dir::C2s), Some(Dir::S2c)]
        .get(ended_by as usize)
        .copied()
        .flatten();
    for flag in [
        &mut summary.syn,
        &mut summary.fin,
        &mut summary.rst,
        &mut summary.urgent,
        &mut summary.after_fin,
        &mut summary.evicted,
    ] {
        let mut set = u64::from(*flag);
        f(&mut set);
        *flag = set != 0;
    }
    let mut before = 0;
    for time in [&mut summary.time, &mut summary.end_time] {
        each_of_time(time, &mut before, f);
    }
}

/// A time, as how much later it is than the one before.
fn each_of_time(time: &mut Option<Time>, before: &mut i64, f: &mut impl FnMut(&mut u64)) {
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

fn each_of_flag(flag: &mut bool, f: &mut impl FnMut(&mut u64)) {
    let mut set = u64::from(*flag);
    f(&mut set);
    *flag = set != 0;
}

fn each_of_evidence(evidence: &mut Evidence, f: &mut impl FnMut(&mut u64)) {
    for n in [
        &mut evidence.count,
        &mut evidence.first_packet,
        &mut evidence.last_packet,
        &mut evidence.longest_ns,
        &mut evidence.total_ns,
    ] {
        f(n);
    }
    each_of_time(&mut evidence.time, &mut 0, f);
}

/// `last` and `over`: the stream's last packet and its time, for most of what follows is near them.
fn each_of_stream_evidence(
    evidence: &mut StreamEvidence,
    last: u64,
    mut over: i64,
    f: &mut impl FnMut(&mut u64),
) {
    for seen in [
        &mut evidence.sent_again,
        &mut evidence.filled_late,
        &mut evidence.reordered,
        &mut evidence.rewritten,
        &mut evidence.bit_errors,
        &mut evidence.duplicates,
        &mut evidence.oversized,
        &mut evidence.zero_window,
    ] {
        each_of_evidence(seen, f);
    }
    let mut limit = u64::from(evidence.segment_limit ^ USUAL_LIMIT);
    each_near(&mut evidence.peer_last_packet, last, f);
    for n in [
        &mut evidence.routed_duplicates,
        &mut limit,
        &mut evidence.peer_packets,
        &mut evidence.unacknowledged,
    ] {
        f(n);
    }
    evidence.segment_limit = limit as u32 ^ USUAL_LIMIT;
    each_of_time(&mut evidence.peer_end_time, &mut over, f);
    for flag in [
        &mut evidence.peer_accepted,
        &mut evidence.peer_fin,
        &mut evidence.peer_rst,
        &mut evidence.acknowledged,
        &mut evidence.answered,
        &mut evidence.ended_by_rst,
    ] {
        each_of_flag(flag, f);
    }
    let mut by = evidence.ended_by as u64;
    f(&mut by);
    evidence.ended_by = match by {
        1 => EndedBy::Sender,
        2 => EndedBy::Receiver,
        _ => EndedBy::Nobody,
    };
}

fn each_of_frame_evidence(evidence: &mut FrameEvidence, last: u64, f: &mut impl FnMut(&mut u64)) {
    each_near(&mut evidence.last_frame_packet, last, f);
    for FaultGroup {
        kind,
        nearest,
        length,
        header,
        seen,
    } in &mut evidence.groups
    {
        let at = Counts::KINDS.iter().position(|known| known == kind);
        let (mut at, mut type_of) = (at.unwrap_or(0) as u64, nearest.map_or(0, |n| n as u64 + 1));
        let mut bytes = u64::from(*header);
        for n in [&mut at, &mut type_of, length, &mut bytes] {
            f(n);
        }
        *kind = Counts::KINDS[at as usize % Counts::KINDS.len()];
        *nearest = type_of.checked_sub(1).map(|n| n as usize);
        *header = bytes as u32;
        each_of_evidence(seen, f);
    }
    for seen in [
        &mut evidence.disputed,
        &mut evidence.broken_start,
        &mut evidence.open_at_end,
    ]
    .into_iter()
    .chain(&mut evidence.gaps)
    {
        each_of_evidence(seen, f);
    }
    let pauses = &mut evidence.pauses;
    for n in [
        &mut evidence.broken_start_bytes,
        &mut evidence.open_bytes,
        &mut evidence.unfinished_bytes,
        &mut pauses.count,
        &mut pauses.longest_ns,
        &mut pauses.total_ns,
        &mut pauses.from_packet,
        &mut pauses.to_packet,
        &mut evidence.silent_at_end_ns,
    ] {
        f(n);
    }
}

/// A number as how far it is from another.
fn each_near(n: &mut u64, other: u64, f: &mut impl FnMut(&mut u64)) {
    let mut since = zigzag(n.wrapping_sub(other) as i64);
    f(&mut since);
    *n = other.wrapping_add(unzigzag(since) as u64);
}

/// Segment limit of nearly all streams.
const USUAL_LIMIT: u32 = 1460;

/// A group to unpack another into.
const NO_GROUP: FaultGroup = FaultGroup {
    kind: FaultKind::Junk,
    nearest: None,
    length: 0,
    header: 0,
    seen: Evidence {
        count: 0,
        first_packet: 0,
        last_packet: 0,
        time: None,
        longest_ns: 0,
        total_ns: 0,
    },
};

/// Small numbers of either sign as small numbers.
fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

/// Numbers to few bytes: of each eight a byte that says which are not 0, then these, seven bits a byte, the lowest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Packer {
    numbers: Vec<u64>,
    bytes: Vec<u8>,
}

impl Packer {
    fn pack(&mut self) -> Box<[u8]> {
        self.bytes.clear();
        for eight in self.numbers.chunks(8) {
            let set = eight.iter().enumerate();
            let mask = set.fold(0, |mask, (at, n)| mask | u8::from(*n != 0) << at);
            self.bytes.push(mask);
            for n in eight.iter().filter(|n| **n != 0) {
                let mut n = *n;
                while n > 0x7f {
                    self.bytes.push(n as u8 | 0x80);
                    n >>= 7;
                }
                self.bytes.push(n as u8);
            }
        }
        self.bytes.as_slice().into()
    }
}

/// Reads them.
struct Packed<'a> {
    bytes: std::slice::Iter<'a, u8>,
    mask: u8,
    taken: usize,
}

impl<'a> Packed<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes: bytes.iter(),
            mask: 0,
            taken: 0,
        }
    }

    fn take(&mut self) -> u64 {
        if self.taken.is_multiple_of(8) {
            self.mask = self.bytes.next().copied().unwrap_or(0);
        }
        let there = self.mask >> (self.taken % 8) & 1 == 1;
        self.taken += 1;
        let mut n = 0;
        for shift in (0..64).step_by(7).take_while(|_| there) {
            let byte = self.bytes.next().copied().unwrap_or(0);
            n |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        n
    }
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
            numbers.counts.transport = Transport::from(&numbers.summary);
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
