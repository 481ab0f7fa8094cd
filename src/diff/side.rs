//! One side of the comparison: the frames of every stream as small records, their bytes in one heap.

use std::hash::{BuildHasher, Hasher};

use super::{Masks, Setup};
use crate::{
    analysis::Stats,
    capture::Time,
    framing::{FaultKind, SkipKind},
    pipeline::{FaultRecord, FrameRecord, Observer, SegmentRecord, StreamRef},
    tcp::{Begin, Gap, StreamId, StreamSummary},
};

/// Any number does; a fixed one makes runs alike.
const SEED: u64 = 0xdef4_a3e5_0d1f_f5ed;

/// A frame.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// Hash of its type and of its bytes that count.
    pub digest: u64,
    /// Stream offset of its first byte.
    pub offset: u64,
    /// First packet that brought bytes of it.
    pub packet: u64,
    /// When that was captured.
    time: i64,
    /// Its size on the wire.
    pub length: u32,
    /// Where its bytes are kept.
    at: u32,
    /// Index of its type.
    pub kind: u16,
    /// Index of the capture that holds its first packet.
    pub capture: u16,
}

/// Garbled bytes between frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultAt {
    /// Stream offset of the first.
    pub offset: u64,
    /// How many.
    pub length: u64,
    /// What is wrong.
    pub kind: FaultKind,
}

/// A stream with frames.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Which.
    pub id: StreamId,
    /// Its ends and start.
    pub begin: Begin,
    /// Its frames.
    pub frames: Vec<Record>,
    /// Its faults, frames with a wrong checksum not counted.
    pub faults: Vec<FaultAt>,
    /// Offset and length of what the capture does not hold of it.
    pub gaps: Vec<(u64, u64)>,
    /// Whether it went on when the capture ended, or may have.
    pub open: bool,
    /// When its last packet was captured.
    pub end_time: Option<Time>,
}

/// Everything read of one side.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// Streams with frames, by connection, client first.
    pub streams: Vec<Sent>,
    /// What is counted of it.
    pub stats: Stats,
    /// How often a frame of type `j` followed one of type `i` with nothing between, at `i * types + j`.
    pub order: Vec<u64>,
    bytes: Vec<u8>,
    /// Frames whose bytes were over the budget.
    pub unkept: u64,
}

/// Takes one side out of the pipeline.
#[derive(Clone, Debug)]
pub struct Collector {
    side: Side,
    open: Vec<Option<Box<Sent>>>,
    masks: Masks,
    budget: usize,
    kinds: usize,
}

impl Record {
    const NOWHERE: u32 = u32::MAX;
    const NEVER: i64 = i64::MIN;

    /// When its first packet was captured.
    pub fn time(&self) -> Option<Time> {
        (self.time != Self::NEVER).then(|| Time::from_nanos(self.time))
    }

    /// First offset behind it.
    pub fn end(&self) -> u64 {
        self.offset + u64::from(self.length)
    }
}

impl Side {
    /// The bytes of a frame, where they are kept.
    #[inline]
    pub fn bytes(&self, record: &Record) -> Option<&[u8]> {
        let at = (record.at != Record::NOWHERE).then_some(record.at as usize)?;
        self.bytes.get(at..at + record.length as usize)
    }

    /// Frames of all streams.
    pub fn frame_count(&self) -> u64 {
        self.streams
            .iter()
            .map(|stream| stream.frames.len() as u64)
            .sum()
    }

    fn keep(&mut self, bytes: &[u8], budget: usize) -> u32 {
        let at = self.bytes.len();
        if at + bytes.len() > budget {
            self.unkept += 1;
            return Record::NOWHERE;
        }
        self.bytes.extend_from_slice(bytes);
        u32::try_from(at).unwrap_or(Record::NOWHERE)
    }
}

impl Collector {
    /// An empty side.
    pub fn new(setup: &Setup) -> Self {
        let kinds = setup.layout.frames.len();
        Self {
            side: Side {
                stats: Stats::new(&setup.layout),
                order: vec![0; kinds * kinds],
                ..Side::default()
            },
            open: Vec::new(),
            masks: setup.masks.clone(),
            budget: setup.budget.min(u32::MAX as usize),
            kinds,
        }
    }

    /// The side, all of it read.
    pub fn finish(mut self) -> Side {
        let left: Vec<Sent> = self.open.drain(..).flatten().map(|sent| *sent).collect();
        self.side.streams.extend(left);
        self.side.streams.retain(|sent| !sent.frames.is_empty());
        self.side
            .streams
            .sort_by_key(|sent| (sent.id.connection, sent.id.dir));
        self.side
    }
}

/// Hash of what counts of a frame.
#[inline]
pub(super) fn digest<'b>(
    kind: usize,
    length: usize,
    pieces: impl Iterator<Item = &'b [u8]>,
) -> u64 {
    let mut hasher = foldhash::quality::FixedState::with_seed(SEED).build_hasher();
    hasher.write_usize(kind);
    hasher.write_usize(length);
    for piece in pieces {
        hasher.write(piece);
    }
    hasher.finish()
}

impl Observer for Collector {
    fn begin(&mut self, origin: StreamRef<'_>) {
        self.side.stats.begin(origin);
        let slot = origin.id.slot as usize;
        if self.open.len() <= slot {
            self.open.resize_with(slot + 1, || None);
        }
        self.open[slot] = Some(Box::new(Sent {
            id: origin.id,
            begin: *origin.begin,
            frames: Vec::new(),
            faults: Vec::new(),
            gaps: Vec::new(),
            open: true,
            end_time: None,
        }));
    }

    #[inline]
    fn frame(&mut self, origin: StreamRef<'_>, frame: &FrameRecord<'_>) {
        self.side.stats.frame(origin, frame);
        let Some(sent) = self
            .open
            .get_mut(origin.id.slot as usize)
            .and_then(Option::as_deref_mut)
        else {
            return;
        };
        if let Some(last) = sent.frames.last()
            && last.end() == frame.offset
            && let Some(count) = self
                .side
                .order
                .get_mut(usize::from(last.kind) * self.kinds + frame.kind)
        {
            *count += 1;
        }
        let pieces = self.masks.pieces(frame.kind, frame.bytes);
        sent.frames.push(Record {
            digest: digest(frame.kind, frame.bytes.len(), pieces),
            offset: frame.offset,
            packet: frame.place.first_packet,
            time: frame.place.time.map_or(Record::NEVER, Time::nanos),
            length: frame.bytes.len() as u32,
            at: self.side.keep(frame.bytes, self.budget),
            kind: frame.kind as u16,
            capture: frame.place.capture as u16,
        });
    }

    fn fault(&mut self, origin: StreamRef<'_>, fault: &FaultRecord<'_>) {
        self.side.stats.fault(origin, fault);
        let sent = self
            .open
            .get_mut(origin.id.slot as usize)
            .and_then(Option::as_deref_mut);
        if let Some(sent) = sent
            && fault.kind != FaultKind::BadChecksum
        {
            sent.faults.push(FaultAt {
                offset: fault.offset,
                length: fault.length,
                kind: fault.kind,
            });
        }
    }

    fn skip(&mut self, origin: StreamRef<'_>, kind: SkipKind, offset: u64, length: u64) {
        self.side.stats.skip(origin, kind, offset, length);
    }

    fn unrecognised(&mut self, origin: StreamRef<'_>, length: u64) {
        self.side.stats.unrecognised(origin, length);
    }

    fn unselected(&mut self, origin: StreamRef<'_>, length: u64) {
        self.side.stats.unselected(origin, length);
    }

    fn gap(&mut self, origin: StreamRef<'_>, gap: &Gap) {
        self.side.stats.gap(origin, gap);
        let sent = self
            .open
            .get_mut(origin.id.slot as usize)
            .and_then(Option::as_deref_mut);
        if let Some(sent) = sent {
            match sent.gaps.last_mut() {
                Some((offset, length)) if *offset + *length == gap.offset => *length += gap.length,
                _ => sent.gaps.push((gap.offset, gap.length)),
            }
        }
    }

    #[inline]
    fn segment(&mut self, origin: StreamRef<'_>, segment: SegmentRecord) {
        self.side.stats.segment(origin, segment);
    }

    fn summary(&mut self, origin: StreamRef<'_>, summary: &StreamSummary) {
        self.side.stats.summary(origin, summary);
        let sent = self
            .open
            .get_mut(origin.id.slot as usize)
            .and_then(Option::take);
        if let Some(mut sent) = sent
            && !sent.frames.is_empty()
        {
            sent.open = !summary.fin && !summary.rst;
            sent.end_time = summary.end_time;
            sent.frames.shrink_to_fit();
            self.side.streams.push(*sent);
        }
    }

    fn end_of_input(&mut self) {
        self.side.stats.end_of_input();
    }
}
