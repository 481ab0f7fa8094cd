//! The observer that counts: per stream and in all.

use crate::{
    analysis::{
        Counts, Distribution, FrameEvidence, MessageTable, StreamNumbers, StreamStats,
        evidence::{Failed, Latest},
        packed::Rank,
        packing::Packer,
        stream_counts::{KindCounts, OtherCounts, StreamCounts},
    },
    framing::{FrameLayout, Layout, SkipKind},
    pipeline::{FaultRecord, FrameRecord, FrameRun, Merge, Observer, SegmentRecord, StreamRef},
    tcp::{Gap, StreamSummary},
};

/// Streams whose numbers are kept; of more, those with the fewest faults and bytes are only added up.
const MAX_STREAMS: usize = 100_000;

/// When as many are kept, those beyond [`MAX_STREAMS`] are dropped.
const DROP_AT_STREAMS: usize = MAX_STREAMS + MAX_STREAMS / 4;

/// What counting needs to know of the protocol.
#[derive(Clone, Debug, Default)]
struct Shape {
    /// Lengths of header and end marker, by frame type.
    borders: Vec<(u32, u32)>,
    /// The messages of the protocol.
    messages: MessageTable,
}

/// Streams whose numbers are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DroppedStreams {
    /// Number of streams.
    pub streams: u64,
    /// Their counts, added up.
    pub counts: Counts,
}

/// The observer that counts everything.
///
/// Memory: about 200 bytes for each open stream that brought payload and for each of the first 100,000 that are over.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    shape: Shape,
    /// By slot: 0, or the index in `open` plus 1. A stream that brought nothing to count has none.
    slots: Vec<u32>,
    open: Vec<StreamCounts>,
    /// By index in `open`, then by frame type.
    kinds: Vec<KindCounts>,
    /// By index in `open`: when its latest frame began.
    latest: Vec<Latest>,
    /// Unused indexes in `open`.
    free: Vec<u32>,
    packer: Packer,
    /// Streams that are over and carried payload or miss some: of more than 100,000 those with the most faults, then
    /// the most bytes, then the lowest connection number.
    pub streams: Vec<StreamStats>,
    /// Rank of the last stream kept when streams were dropped; those of a higher one need not be packed.
    last_rank: Option<Rank>,
    /// The others.
    pub dropped: DroppedStreams,
    /// All streams together.
    pub total: Counts,
    /// Streams without payload, not in `streams`.
    pub silent_streams: u64,
    /// Connections without payload that failed.
    pub failed: Failed,
    /// Intervals between frames of a type in a stream, by type.
    pub intervals: Vec<Distribution>,
    /// Time a split frame took, from its first packet to its last.
    pub completion: Distribution,
}

impl Stats {
    /// For a protocol of this layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        let border = |frame: &FrameLayout| (frame.header_len() as u32, frame.end.len() as u32);
        let borders: Vec<_> = layout.frames.iter().map(border).collect();
        let total = Counts::new(borders.len(), layout.messages.len());
        Self {
            intervals: vec![Distribution::default(); borders.len()],
            shape: Shape {
                messages: MessageTable::new(borders.len(), &layout.messages),
                borders,
            },
            total,
            ..Self::default()
        }
    }

    /// The streams in the order of connections, client first.
    pub fn by_connection(&self) -> Vec<&StreamStats> {
        let mut streams: Vec<_> = self.streams.iter().collect();
        streams.sort_by_key(|stream| (stream.id.connection, stream.id.dir));
        streams
    }

    /// The streams by faults, then bytes, the most first.
    pub fn by_faults(&self) -> Vec<&StreamStats> {
        let mut streams: Vec<_> = self.streams.iter().collect();
        streams.sort_by_key(|stream| stream.rank());
        streams
    }

    /// Index in `open` of the stream of this slot.
    #[inline(always)]
    fn index(&mut self, slot: u32) -> Option<usize> {
        match *self.slots.get(slot as usize)? {
            0 => self.insert(slot as usize),
            index => Some(index as usize - 1),
        }
    }

    /// Makes counters for the stream of this slot.
    #[cold]
    fn insert(&mut self, slot: usize) -> Option<usize> {
        let types = self.shape.borders.len();
        let counts = StreamCounts::new(&self.shape.messages);
        let index = match self.free.pop() {
            Some(index) => index as usize,
            None => {
                self.open.push(StreamCounts::default());
                self.latest.push(Latest::default());
                let kinds = self.kinds.len() + types;
                self.kinds.resize_with(kinds, KindCounts::default);
                self.open.len() - 1
            }
        };
        *self.open.get_mut(index)? = counts;
        *self.latest.get_mut(index)? = Latest::default();
        self.kinds[index * types..][..types].fill(KindCounts::default());
        self.slots[slot] = index as u32 + 1;
        Some(index)
    }

    #[inline(always)]
    fn open(&mut self, origin: StreamRef<'_>) -> Option<&mut StreamCounts> {
        let index = self.index(origin.id.slot)?;
        self.open.get_mut(index)
    }

    fn other(&mut self, origin: StreamRef<'_>) -> Option<&mut OtherCounts> {
        Some(self.open(origin)?.other())
    }

    /// Drops the streams of lowest rank beyond [`MAX_STREAMS`]. Ranks are a total order, so that the streams kept do not
    /// depend on when it is called.
    fn drop_streams(&mut self) {
        if self.streams.len() <= MAX_STREAMS {
            return;
        }
        self.streams
            .select_nth_unstable_by_key(MAX_STREAMS, StreamStats::rank);
        let kept = self.streams.get(..MAX_STREAMS).unwrap_or_default();
        self.last_rank = kept.iter().map(StreamStats::rank).max();
        for stream in self.streams.drain(MAX_STREAMS..) {
            self.dropped.streams += 1;
            self.dropped.counts += &stream.numbers().counts;
        }
    }
}

impl Merge for Stats {
    fn renumber(&mut self, number: &dyn Fn(u64) -> u64) {
        for stream in &mut self.streams {
            stream.id.connection = number(stream.id.connection);
        }
        self.failed.renumber(number);
    }

    fn merge(&mut self, other: Self) {
        let Self {
            shape: _,
            slots: _,
            open: _,
            kinds: _,
            latest: _,
            free: _,
            packer: _,
            last_rank: _,
            streams,
            dropped,
            total,
            silent_streams,
            failed,
            intervals,
            completion,
        } = other;
        self.streams.extend(streams);
        self.dropped.streams += dropped.streams;
        self.dropped.counts += &dropped.counts;
        self.total += &total;
        self.silent_streams += silent_streams;
        self.failed.join(failed);
        for (sum, intervals) in self.intervals.iter_mut().zip(&intervals) {
            *sum += intervals;
        }
        self.completion += &completion;
    }
}

impl Observer for Stats {
    fn begin(&mut self, origin: StreamRef<'_>) {
        let slot = origin.id.slot as usize;
        if self.slots.len() <= slot {
            self.slots.resize(slot + 1, 0);
        }
    }

    #[inline]
    fn frame(&mut self, origin: StreamRef<'_>, frame: &FrameRecord<'_>) {
        let Some(index) = self.index(origin.id.slot) else {
            return;
        };
        let types = self.shape.borders.len();
        let (Some(&(header, end)), Some(open), Some(kind), Some(intervals)) = (
            self.shape.borders.get(frame.kind),
            self.open.get_mut(index),
            self.kinds.get_mut(index * types + frame.kind),
            self.intervals.get_mut(frame.kind),
        ) else {
            return;
        };
        let length = frame.bytes.len() as u64;
        kind.add(length);
        if let Some(time) = frame.place.time {
            kind.time(time.nanos(), intervals);
            if let Some(latest) = self.latest.get_mut(index)
                && let Some((ns, packet)) = latest.next(time, frame.place.first_packet)
            {
                let evidence = open.other().evidence();
                evidence.add_pause(ns, packet, frame.place.first_packet);
            }
        }
        open.frame(&frame.place, length as u32, header, end);
        if frame.place.segments > 1
            && let Some(took) = frame.place.took_ns()
        {
            self.completion.add(took);
        }
        // A frame whose checksum is wrong is in no message.
        if frame.checksum_ok {
            let messages = &self.shape.messages;
            open.messages
                .frame(messages, frame.kind, frame.offset, length);
        }
    }

    #[inline(always)]
    fn frames(&mut self, origin: StreamRef<'_>, run: &FrameRun<'_>) {
        let Some(index) = self.index(origin.id.slot) else {
            return;
        };
        let types = self.shape.borders.len();
        let (Some(open), Some(kinds)) = (
            self.open.get_mut(index),
            self.kinds.get_mut(index * types..(index + 1) * types),
        ) else {
            return;
        };
        if let (Some(time), Some(latest)) = (run.place.time, self.latest.get_mut(index))
            && let Some((ns, packet)) = latest.next(time, run.place.first_packet)
        {
            let evidence = open.other().evidence();
            evidence.add_pause(ns, packet, run.place.first_packet);
        }
        let intervals = &mut self.intervals[..];
        for frame in run.frames {
            if let (Some(kind), Some(intervals)) = (
                kinds.get_mut(usize::from(frame.kind)),
                intervals.get_mut(usize::from(frame.kind)),
            ) {
                kind.add(frame.size.into());
                if let Some(time) = run.place.time {
                    kind.time(time.nanos(), intervals);
                }
            }
        }
        open.whole(&run.place, run.frames.len());
        let range = (run.offset, run.offset + run.bytes.len() as u64);
        open.messages
            .frames(&self.shape.messages, range, run.frames);
    }

    fn fault(&mut self, origin: StreamRef<'_>, fault: &FaultRecord<'_>) {
        if let Some(other) = self.other(origin) {
            other.add_fault(fault, origin.begin.syn);
        }
    }

    fn skip(&mut self, origin: StreamRef<'_>, kind: SkipKind, _offset: u64, length: u64) {
        if let Some(other) = self.other(origin) {
            other.add_skip(kind, length);
        }
    }

    fn unselected(&mut self, origin: StreamRef<'_>, length: u64) {
        if let Some(other) = self.other(origin) {
            other.account.unselected += length;
        }
    }

    fn unrecognised(&mut self, origin: StreamRef<'_>, length: u64) {
        if let Some(other) = self.other(origin) {
            other.account.unrecognised += length;
        }
    }

    fn gap(&mut self, origin: StreamRef<'_>, gap: &Gap) {
        if let Some(other) = self.other(origin) {
            other.add_gap(gap);
        }
    }

    #[inline(always)]
    fn segment(&mut self, origin: StreamRef<'_>, segment: SegmentRecord) {
        if let Some(open) = self.open(origin) {
            open.segment(segment);
        }
    }

    fn summary(&mut self, origin: StreamRef<'_>, summary: &StreamSummary) {
        let Some(&slot) = self.slots.get(origin.id.slot as usize) else {
            return;
        };
        if slot == 0 && summary.counts.payload_bytes == 0 && summary.counts.gap_count == 0 {
            self.total.transport += summary.counts;
            self.total.odd += summary.into();
            self.silent_streams += 1;
            self.failed.add(origin, summary);
            return;
        }
        let Some(index) = self.index(origin.id.slot) else {
            return;
        };
        self.slots[origin.id.slot as usize] = 0;
        self.free.push(index as u32);
        let types = self.shape.borders.len();
        let kinds = &self.kinds[index * types..][..types];
        let mut numbers = StreamNumbers {
            begin: *origin.begin,
            counts: Counts::default(),
            intervals: kinds.iter().map(KindCounts::bounds).collect(),
            summary: summary.clone(),
            evidence: FrameEvidence::default(),
        };
        numbers.counts.set_transport(summary);
        let open = std::mem::take(&mut self.open[index]);
        let end = summary.counts.bytes + summary.counts.gap_bytes;
        numbers.evidence = open.close(kinds, &self.shape.messages, &mut numbers.counts, end);
        let (latest, last) = (self.latest[index], summary.last_packet);
        let over = summary.end_time.max(summary.evidence.peer_end_time);
        numbers.evidence.last_frame_packet = latest.packet(last);
        numbers.evidence.silent_at_end_ns = latest.since(over);
        debug_assert_eq!(
            numbers.counts.account.total(),
            summary.counts.bytes,
            "{numbers:?}"
        );
        self.total += &numbers.counts;
        let rank = numbers.rank(origin.id);
        if self.last_rank.is_some_and(|last| rank > last) {
            self.dropped.streams += 1;
            self.dropped.counts += &numbers.counts;
            return;
        }
        let stream = StreamStats::new(origin.id, &mut numbers, &mut self.packer);
        self.streams.push(stream);
        if self.streams.len() >= DROP_AT_STREAMS {
            self.drop_streams();
        }
    }

    fn end_of_input(&mut self) {
        self.drop_streams();
    }
}
