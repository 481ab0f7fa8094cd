//! The observer that counts: per stream and in all.

use crate::{
    analysis::{Counts, Distribution, MessageCounter},
    capture::Time,
    framing::SkipKind,
    pipeline::{FaultRecord, FrameRecord, Observer, Origin, SegmentRecord},
    tcp::{Begin, Gap, StreamId, StreamSummary},
};

/// Frames of one type in one stream, in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// First packet's time of the latest frame.
    last: Option<Time>,
    /// Shortest interval between two, in nanoseconds.
    pub min: Option<i64>,
    /// Longest one.
    pub max: Option<i64>,
}

/// What is known of one stream.
#[derive(Clone, Debug)]
pub struct StreamStats {
    /// Which.
    pub id: StreamId,
    /// Its ends and start.
    pub begin: Begin,
    /// Its counts.
    pub counts: Counts,
    /// Its frames in time, by type.
    pub pace: Vec<Pace>,
    /// What tcp tells of it at its end.
    pub summary: StreamSummary,
    messages: MessageCounter,
}

/// What counting needs to know of the protocol.
#[derive(Clone, Debug, Default)]
struct Shape {
    /// Lengths of header and end marker, by frame type.
    borders: Vec<(u32, u32)>,
    /// Frame types of each message.
    messages: Vec<Vec<usize>>,
}

/// Counts everything.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    shape: Shape,
    open: Vec<Option<Box<StreamStats>>>,
    /// Streams let go of that carried payload or miss some, in that order.
    pub streams: Vec<StreamStats>,
    /// All streams together.
    pub total: Counts,
    /// Streams without payload, not in `streams`.
    pub silent_streams: u64,
    /// Connections let go of early, to stay within bounds.
    pub evicted_streams: u64,
    /// Intervals between frames of a type in a stream, by type.
    pub intervals: Vec<Distribution>,
    /// Time a split frame took, from its first packet to its last.
    pub completion: Distribution,
}

impl Stats {
    /// For a protocol whose frame types have headers and end markers of these lengths and these messages.
    pub fn new(borders: Vec<(u32, u32)>, messages: Vec<Vec<usize>>) -> Self {
        Self {
            intervals: vec![Distribution::default(); borders.len()],
            shape: Shape { borders, messages },
            ..Self::default()
        }
    }

    #[inline]
    fn stream(&mut self, origin: Origin<'_>) -> Option<&mut StreamStats> {
        self.open.get_mut(origin.id.slot as usize)?.as_deref_mut()
    }
}

impl Observer for Stats {
    fn begin(&mut self, origin: Origin<'_>) {
        let slot = origin.id.slot as usize;
        if self.open.len() <= slot {
            self.open.resize_with(slot + 1, || None);
        }
        self.open[slot] = Some(Box::new(StreamStats {
            id: origin.id,
            begin: *origin.begin,
            counts: Counts::default(),
            pace: Vec::new(),
            summary: StreamSummary::default(),
            messages: MessageCounter::default(),
        }));
    }

    #[inline]
    fn frame(&mut self, origin: Origin<'_>, frame: &FrameRecord<'_>) {
        let Some(stream) = self
            .open
            .get_mut(origin.id.slot as usize)
            .and_then(Option::as_deref_mut)
        else {
            return;
        };
        let Some(&(header, end)) = self.shape.borders.get(frame.kind) else {
            return;
        };
        let counts = &mut stream.counts;
        if counts.frames.is_empty() {
            counts.frames = vec![0; self.shape.borders.len()];
            counts.messages = vec![0; self.shape.messages.len()];
            stream.pace = vec![Pace::default(); self.shape.borders.len()];
        }
        let length = frame.bytes.len() as u64;
        counts.frames[frame.kind] += 1;
        counts.account.frames += length;
        counts
            .delivery
            .frame(&frame.place, length as u32, header, end);
        if frame.place.segments > 1
            && let Some(took) = frame.place.took_ns()
        {
            self.completion.add(took);
        }
        if let Some(interval) = stream.pace[frame.kind].frame(frame.place.time) {
            self.intervals[frame.kind].add(interval);
        }
        if let Some(at) =
            stream
                .messages
                .frame(&self.shape.messages, frame.kind, frame.offset, length)
        {
            counts.messages[at] += 1;
        }
    }

    fn fault(&mut self, origin: Origin<'_>, fault: &FaultRecord<'_>) {
        if let Some(stream) = self.stream(origin) {
            stream.counts.add_fault(fault);
        }
    }

    fn skip(&mut self, origin: Origin<'_>, kind: SkipKind, _offset: u64, length: u64) {
        if let Some(stream) = self.stream(origin) {
            stream.counts.add_skip(kind, length);
        }
    }

    fn unrecognised(&mut self, origin: Origin<'_>, length: u64) {
        if let Some(stream) = self.stream(origin) {
            stream.counts.account.unrecognised += length;
        }
    }

    fn unselected(&mut self, origin: Origin<'_>, length: u64) {
        if let Some(stream) = self.stream(origin) {
            stream.counts.account.unselected += length;
        }
    }

    fn gap(&mut self, origin: Origin<'_>, gap: &Gap) {
        if let Some(stream) = self.stream(origin) {
            stream.counts.add_gap(gap);
        }
    }

    #[inline]
    fn segment(&mut self, origin: Origin<'_>, segment: SegmentRecord) {
        if let Some(stream) = self.stream(origin) {
            stream.counts.delivery.segment(segment);
        }
    }

    fn summary(&mut self, origin: Origin<'_>, summary: &StreamSummary) {
        let Some(mut stream) = self
            .open
            .get_mut(origin.id.slot as usize)
            .and_then(Option::take)
        else {
            return;
        };
        stream.counts.transport = summary.into();
        debug_assert_eq!(
            stream.counts.account.total(),
            summary.bytes,
            "{:?} {summary:?}",
            stream.counts
        );
        self.total += &stream.counts;
        self.evicted_streams += summary.evicted as u64;
        if summary.payload_bytes == 0 && summary.gap_count == 0 {
            self.silent_streams += 1;
            return;
        }
        stream.summary = summary.clone();
        self.streams.push(*stream);
    }
}

impl Pace {
    /// Takes the time of the next frame; gives the interval since the one before.
    #[inline]
    fn frame(&mut self, time: Option<Time>) -> Option<i64> {
        let now = time?;
        let interval = self.last.replace(now).map(|last| now.since(last))?;
        self.min = Some(self.min.map_or(interval, |min| min.min(interval)));
        self.max = Some(self.max.map_or(interval, |max| max.max(interval)));
        Some(interval)
    }
}
