//! The observer that counts: per stream and in all.

use std::cmp::Reverse;

use crate::{
    analysis::{Counts, Distribution, MessageCounter, MessageTable, Transport},
    capture::Time,
    framing::SkipKind,
    pipeline::{FaultRecord, FrameRecord, FrameRun, Observer, Origin, SegmentRecord},
    tcp::{Begin, Gap, StreamId, StreamSummary},
};

/// So many streams are kept one by one; of more, the least telling are only summed.
const KEPT: usize = 100_000;

/// Frames of one type in one stream, in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// First packet's time of the latest frame.
    last: Option<Time>,
    /// Shortest and longest interval between two, in nanoseconds; the other way round while there is none.
    bounds: (i64, i64),
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
    /// Frames by type while the stream is open; then they are in `counts` and `pace`.
    kinds: Vec<KindCounts>,
    messages: MessageCounter,
}

/// Frames of one type in one stream: what every frame adds to, side by side.
#[derive(Clone, Copy, Debug, Default)]
struct KindCounts {
    frames: u64,
    bytes: u64,
    pace: Pace,
}

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
    /// Streams that brought something to count, by slot; of the others nothing is kept.
    open: Vec<Option<Box<StreamStats>>>,
    /// Streams let go of that carried payload or miss some. See [`Stats::rest`].
    pub streams: Vec<Box<StreamStats>>,
    /// Of very many streams those that are not in `streams`: the ones with the fewest faults and bytes.
    pub rest: Rest,
    /// All streams together.
    pub total: Counts,
    /// Streams without payload, not in `streams`.
    pub silent_streams: u64,
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
        let mut streams: Vec<_> = self.streams.iter().map(AsRef::as_ref).collect();
        streams.sort_by_key(|stream| (stream.id.connection, stream.id.dir));
        streams
    }

    /// The streams, those with the most faults first, then the busiest.
    pub fn by_interest(&self) -> Vec<&StreamStats> {
        let mut streams: Vec<_> = self.streams.iter().map(AsRef::as_ref).collect();
        streams.sort_by_key(|stream| (stream.rank(), stream.id.connection, stream.id.dir));
        streams
    }

    #[inline]
    fn stream(&mut self, origin: Origin<'_>) -> Option<&mut StreamStats> {
        let slot = self.open.get_mut(origin.id.slot as usize)?;
        Some(slot.get_or_insert_with(|| StreamStats::new(origin, &self.shape)))
    }

    /// Keeps a stream, and half of the streams when they are twice too many.
    fn keep(&mut self, stream: Box<StreamStats>) {
        self.streams.push(stream);
        if self.streams.len() < Self::MOST {
            return;
        }
        self.streams
            .select_nth_unstable_by_key(KEPT, |stream| stream.rank());
        for stream in self.streams.drain(KEPT..) {
            self.rest.streams += 1;
            self.rest.counts += &stream.counts;
        }
    }
}

impl StreamStats {
    #[cold]
    fn new(origin: Origin<'_>, shape: &Shape) -> Box<Self> {
        let counts = Counts::new(shape.borders.len(), shape.messages.len());
        Box::new(Self {
            id: origin.id,
            begin: *origin.begin,
            counts,
            pace: Vec::new(),
            kinds: vec![KindCounts::default(); shape.borders.len()],
            summary: StreamSummary::default(),
            messages: MessageCounter::new(&shape.messages),
        })
    }

    /// The stream is let go of: what was counted by type goes where it is read.
    fn close(&mut self) {
        let kinds = std::mem::take(&mut self.kinds);
        let counts = self
            .counts
            .frames
            .iter_mut()
            .zip(&mut self.counts.frame_bytes);
        for (kind, (frames, bytes)) in kinds.iter().zip(counts) {
            (*frames, *bytes) = (kind.frames, kind.bytes);
        }
        self.pace = kinds.iter().map(|kind| kind.pace).collect();
    }

    fn rank(&self) -> Reverse<(u64, u64)> {
        Reverse((self.counts.fault_count(), self.counts.transport.bytes))
    }
}

impl Observer for Stats {
    fn begin(&mut self, origin: Origin<'_>) {
        let slot = origin.id.slot as usize;
        if self.open.len() <= slot {
            self.open.resize_with(slot + 1, || None);
        }
        self.open[slot] = None;
    }

    #[inline]
    fn frame(&mut self, origin: Origin<'_>, frame: &FrameRecord<'_>) {
        let Some(slot) = self.open.get_mut(origin.id.slot as usize) else {
            return;
        };
        let stream = slot.get_or_insert_with(|| StreamStats::new(origin, &self.shape));
        let counts = &mut stream.counts;
        let (Some(&(header, end)), Some(kind), Some(intervals)) = (
            self.shape.borders.get(frame.kind),
            stream.kinds.get_mut(frame.kind),
            self.intervals.get_mut(frame.kind),
        ) else {
            return;
        };
        let length = frame.bytes.len() as u64;
        kind.add(length, frame.place.time, intervals);
        counts.account.frames += length;
        counts
            .delivery
            .frame(&frame.place, length as u32, header, end);
        if frame.place.segments > 1
            && let Some(took) = frame.place.took_ns()
        {
            self.completion.add(took);
        }
        // A frame whose checksum is wrong is in no message.
        if frame.checksum_ok
            && let Some(at) =
                stream
                    .messages
                    .frame(&self.shape.messages, frame.kind, frame.offset, length)
        {
            counts.messages[at] += 1;
        }
    }

    #[inline(always)]
    fn frames(&mut self, origin: Origin<'_>, run: &FrameRun<'_>) {
        let Some(slot) = self.open.get_mut(origin.id.slot as usize) else {
            return;
        };
        let stream = match slot {
            Some(stream) => &mut **stream,
            None => slot.insert(StreamStats::new(origin, &self.shape)),
        };
        let (kinds, intervals) = (&mut stream.kinds[..], &mut self.intervals[..]);
        let time = run.place.time;
        for step in run.steps {
            if let (Some(kind), Some(intervals)) =
                (kinds.get_mut(step.kind), intervals.get_mut(step.kind))
            {
                kind.add(step.size as u64, time, intervals);
            }
        }
        let counts = &mut stream.counts;
        counts.account.frames += run.bytes.len() as u64;
        counts.delivery.frames(run);
        stream.messages.frames(
            &self.shape.messages,
            (run.offset, run.offset + run.bytes.len() as u64),
            run.steps,
            &mut counts.messages,
        );
    }

    fn fault(&mut self, origin: Origin<'_>, fault: &FaultRecord<'_>) {
        if let Some(stream) = self.stream(origin) {
            stream.counts.add_fault(fault);
            stream.counts.conflict_faults += u64::from(fault.place.conflict);
        }
    }

    fn skip(&mut self, origin: Origin<'_>, kind: SkipKind, _offset: u64, length: u64) {
        if let Some(stream) = self.stream(origin) {
            stream.counts.add_skip(kind, length);
        }
    }

    fn unselected(&mut self, origin: Origin<'_>, length: u64) {
        if let Some(stream) = self.stream(origin) {
            stream.counts.account.unselected += length;
        }
    }

    fn unrecognised(&mut self, origin: Origin<'_>, length: u64) {
        if let Some(stream) = self.stream(origin) {
            stream.counts.account.unrecognised += length;
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
        let Some(slot) = self.open.get_mut(origin.id.slot as usize) else {
            return;
        };
        if slot.is_none() && summary.payload_bytes == 0 && summary.gap_count == 0 {
            self.total.transport += Transport::from(summary);
            self.silent_streams += 1;
            return;
        }
        let mut stream = slot
            .take()
            .unwrap_or_else(|| StreamStats::new(origin, &self.shape));
        stream.close();
        stream.counts.transport = summary.into();
        debug_assert_eq!(
            stream.counts.account.total(),
            summary.bytes,
            "{:?} {summary:?}",
            stream.counts
        );
        self.total += &stream.counts;
        stream.summary = summary.clone();
        self.keep(stream);
    }
}

impl KindCounts {
    /// One frame more, of which the first packet came then.
    #[inline(always)]
    fn add(&mut self, length: u64, time: Option<Time>, intervals: &mut Distribution) {
        self.frames += 1;
        self.bytes += length;
        let Some(now) = time else { return };
        let Some(last) = self.pace.last.replace(now) else {
            return;
        };
        let (least, most) = self.pace.bounds;
        // Nearly every interval is one of many alike.
        match now.nanos().checked_sub(last.nanos()) {
            Some(nanos) if least >= 0 && (least..=most).contains(&nanos) => {
                intervals.add_within(nanos as u64);
            }
            _ => self.pace.stretch(now.since(last), intervals),
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            last: None,
            bounds: (i64::MAX, i64::MIN),
        }
    }
}

impl Pace {
    /// An interval that is shorter or longer than those before; or behind one that was negative.
    #[inline(never)]
    fn stretch(&mut self, interval: i64, intervals: &mut Distribution) {
        self.bounds = (self.bounds.0.min(interval), self.bounds.1.max(interval));
        intervals.add(interval);
    }

    /// Shortest and longest interval between two, in nanoseconds.
    pub fn bounds(&self) -> Option<(i64, i64)> {
        (self.bounds.0 <= self.bounds.1).then_some(self.bounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_as_if_added_one_by_one() {
        let mut seed = 1u64;
        let (mut kind, mut intervals) = (KindCounts::default(), Distribution::default());
        let (mut want, mut bounds) = (Distribution::default(), Pace::default().bounds);
        let mut now = 1_000_000;
        kind.add(1, Some(Time::from_nanos(now)), &mut intervals);
        for _ in 0..5_000 {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            // Mostly forward, now and then backward, and all magnitudes.
            let interval = ((seed >> 24) >> (seed % 40)) as i64 - i64::from(seed >> 60 == 0);
            now += interval;
            kind.add(1, Some(Time::from_nanos(now)), &mut intervals);
            kind.add(1, None, &mut intervals);
            want.add(interval);
            bounds = (bounds.0.min(interval), bounds.1.max(interval));
        }
        assert!(want.negative > 10 && want.count() > 4_000);
        assert_eq!((intervals, kind.pace.bounds), (want, bounds));
        assert_eq!((kind.frames, kind.bytes), (10_001, 10_001));
    }
}
