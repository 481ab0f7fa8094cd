//! The observer that counts: per stream and in all.

use crate::{
    analysis::{
        Counts, Distribution, FrameEvidence, MessageTable, StreamNumbers, StreamStats, Transport,
        evidence::{Failed, Latest},
        kept::Packer,
        open::{KindCounts, Open, Rare},
    },
    framing::SkipKind,
    pipeline::{FaultRecord, FrameRecord, FrameRun, Observer, SegmentRecord, StreamRef},
    tcp::{Gap, StreamSummary},
};

/// So many streams are kept one by one; of more, the least telling are only summed.
const KEPT: usize = 100_000;

/// What counting needs to know of the protocol.
#[derive(Clone, Debug, Default)]
struct Shape {
    /// Lengths of header and end marker, by frame type.
    borders: Vec<(u32, u32)>,
    /// The messages of the protocol.
    messages: MessageTable,
}

/// Streams that are not kept one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// How many.
    pub streams: u64,
    /// Their sum.
    pub counts: Counts,
}

/// Counts everything.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    shape: Shape,
    /// By slot: 0, or 1 and where in `open` the stream is. Of one that brought nothing to count nothing is kept.
    slots: Vec<u32>,
    open: Vec<Open>,
    /// The same: for each its frame types.
    kinds: Vec<KindCounts>,
    /// The same: for each when its latest frame began.
    latest: Vec<Latest>,
    /// Places in `open` that are free.
    free: Vec<u32>,
    packer: Packer,
    /// Streams let go of that carried payload or miss some. See [`Stats::rest`].
    pub streams: Vec<StreamStats>,
    /// Of very many streams those that are not in `streams`: the ones with the fewest faults and bytes.
    pub rest: Rest,
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
    /// When so many streams are kept, half of them are let go of.
    pub(super) const MOST: usize = 2 * KEPT;

    /// For a protocol whose frame types have headers and end markers of these lengths and these messages.
    pub fn new(borders: Vec<(u32, u32)>, messages: Vec<Vec<usize>>) -> Self {
        let total = Counts::new(borders.len(), messages.len());
        Self {
            intervals: vec![Distribution::default(); borders.len()],
            shape: Shape {
                messages: MessageTable::new(borders.len(), &messages),
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

    /// The streams, those with the most faults first, then the busiest.
    pub fn by_interest(&self) -> Vec<&StreamStats> {
        let mut streams: Vec<_> = self.streams.iter().collect();
        streams.sort_by_key(|stream| (stream.rank(), stream.id.connection, stream.id.dir));
        streams
    }

    /// Where the stream of this slot is.
    #[inline(always)]
    fn place(&mut self, slot: u32) -> Option<usize> {
        match *self.slots.get(slot as usize)? {
            0 => self.first(slot as usize),
            place => Some(place as usize - 1),
        }
    }

    /// Makes a place for the stream of this slot.
    #[cold]
    fn first(&mut self, slot: usize) -> Option<usize> {
        let (types, open) = (self.shape.borders.len(), Open::new(&self.shape.messages));
        let place = match self.free.pop() {
            Some(place) => place as usize,
            None => {
                self.open.push(Open::default());
                self.latest.push(Latest::default());
                let kinds = self.kinds.len() + types;
                self.kinds.resize_with(kinds, KindCounts::default);
                self.open.len() - 1
            }
        };
        *self.open.get_mut(place)? = open;
        *self.latest.get_mut(place)? = Latest::default();
        self.kinds[place * types..][..types].fill(KindCounts::default());
        self.slots[slot] = place as u32 + 1;
        Some(place)
    }

    #[inline(always)]
    fn open(&mut self, origin: StreamRef<'_>) -> Option<&mut Open> {
        let place = self.place(origin.id.slot)?;
        self.open.get_mut(place)
    }

    fn rare(&mut self, origin: StreamRef<'_>) -> Option<&mut Rare> {
        Some(self.open(origin)?.rare())
    }

    /// Keeps a stream, and half of the streams when they are twice too many.
    fn keep(&mut self, stream: StreamStats) {
        self.streams.push(stream);
        if self.streams.len() < Self::MOST {
            return;
        }
        self.streams
            .select_nth_unstable_by_key(KEPT, StreamStats::rank);
        for stream in self.streams.drain(KEPT..) {
            self.rest.streams += 1;
            self.rest.counts += &stream.numbers().counts;
        }
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
        let Some(place) = self.place(origin.id.slot) else {
            return;
        };
        let types = self.shape.borders.len();
        let (Some(&(header, end)), Some(open), Some(kind), Some(intervals)) = (
            self.shape.borders.get(frame.kind),
            self.open.get_mut(place),
            self.kinds.get_mut(place * types + frame.kind),
            self.intervals.get_mut(frame.kind),
        ) else {
            return;
        };
        let length = frame.bytes.len() as u64;
        kind.add(length);
        if let Some(time) = frame.place.time {
            kind.at(time.nanos(), intervals);
            if let Some(latest) = self.latest.get_mut(place)
                && let Some((ns, packet)) = latest.next(time, frame.place.first_packet)
            {
                let evidence = &mut open.rare().evidence;
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
        let Some(place) = self.place(origin.id.slot) else {
            return;
        };
        let types = self.shape.borders.len();
        let (Some(open), Some(kinds)) = (
            self.open.get_mut(place),
            self.kinds.get_mut(place * types..(place + 1) * types),
        ) else {
            return;
        };
        if let (Some(time), Some(latest)) = (run.place.time, self.latest.get_mut(place))
            && let Some((ns, packet)) = latest.next(time, run.place.first_packet)
        {
            let evidence = &mut open.rare().evidence;
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
                    kind.at(time.nanos(), intervals);
                }
            }
        }
        open.whole(&run.place, run.frames.len());
        let range = (run.offset, run.offset + run.bytes.len() as u64);
        open.messages
            .frames(&self.shape.messages, range, run.frames);
    }

    fn fault(&mut self, origin: StreamRef<'_>, fault: &FaultRecord<'_>) {
        if let Some(rare) = self.rare(origin) {
            rare.add_fault(fault);
        }
    }

    fn skip(&mut self, origin: StreamRef<'_>, kind: SkipKind, _offset: u64, length: u64) {
        if let Some(rare) = self.rare(origin) {
            rare.add_skip(kind, length);
        }
    }

    fn unselected(&mut self, origin: StreamRef<'_>, length: u64) {
        if let Some(rare) = self.rare(origin) {
            rare.account.unselected += length;
        }
    }

    fn unrecognised(&mut self, origin: StreamRef<'_>, length: u64) {
        if let Some(rare) = self.rare(origin) {
            rare.account.unrecognised += length;
        }
    }

    fn gap(&mut self, origin: StreamRef<'_>, gap: &Gap) {
        if let Some(rare) = self.rare(origin) {
            rare.add_gap(gap);
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
            self.total.transport += Transport::from(summary);
            self.silent_streams += 1;
            self.failed.add(origin, summary);
            return;
        }
        let Some(place) = self.place(origin.id.slot) else {
            return;
        };
        self.slots[origin.id.slot as usize] = 0;
        self.free.push(place as u32);
        let types = self.shape.borders.len();
        let kinds = &self.kinds[place * types..][..types];
        let mut numbers = StreamNumbers {
            begin: *origin.begin,
            counts: Counts {
                transport: summary.into(),
                ..Counts::default()
            },
            intervals: kinds.iter().map(KindCounts::bounds).collect(),
            summary: summary.clone(),
            evidence: FrameEvidence::default(),
        };
        let open = std::mem::take(&mut self.open[place]);
        let end = summary.counts.bytes + summary.counts.gap_bytes;
        numbers.evidence = open.close(kinds, &self.shape.messages, &mut numbers.counts, end);
        let (latest, last) = (self.latest[place], summary.last_packet);
        let over = summary.end_time.max(summary.evidence.peer_end_time);
        numbers.evidence.last_frame_packet = latest.packet(last);
        numbers.evidence.silent_at_end_ns = latest.since(over);
        debug_assert_eq!(
            numbers.counts.account.total(),
            summary.counts.bytes,
            "{numbers:?}"
        );
        self.total += &numbers.counts;
        let stream = StreamStats::new(origin.id, &mut numbers, &mut self.packer);
        self.keep(stream);
    }
}
