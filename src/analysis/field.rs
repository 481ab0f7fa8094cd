//! One field of the frames over time: per stream and in all.
//!
//! Knows numbers and how many bits they have; where in a frame they stand is for its caller to say.

use std::collections::BTreeMap;

use crate::{
    pipeline::{FaultRecord, FrameRecord, Observer, SegmentRecord, StreamRef},
    tcp::{Dir, Gap, StreamSummary},
};

/// Values kept for the median; of more, evenly chosen ones.
const MAX_VALUES: usize = 1 << 16;

/// Reads the field's number out of a frame.
pub type Read<'a> = Box<dyn Fn(&[u8]) -> Option<f64> + 'a>;

/// A field to watch.
pub struct Watched<'a> {
    /// Index of its frame type.
    pub kind: usize,
    /// Reads it.
    pub read: Read<'a>,
    /// At which number it starts again from 0, if it is a whole number without sign.
    pub wraps_at: Option<f64>,
}

/// What a field was over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldCounts {
    /// Frames that have it.
    pub count: u64,
    /// Lowest value.
    pub min: Option<f64>,
    /// Highest value.
    pub max: Option<f64>,
    /// How often it was another than in the frame before, of its stream.
    pub changes: u64,
    /// How often it was one more than in the frame before, as counters are.
    pub steps: u64,
    last: Option<f64>,
}

impl FieldCounts {
    /// Whether it counts frames: most steps are by one.
    pub fn is_counter(&self) -> bool {
        self.count > 2 && self.steps * 2 > self.count
    }

    /// Steps of a counter that are not by one: frames that are missing, or came again.
    pub fn gaps(&self) -> Option<u64> {
        self.is_counter().then(|| self.changes - self.steps)
    }

    fn add(&mut self, value: f64, wraps_at: Option<f64>) {
        self.count += 1;
        self.min = Some(self.min.map_or(value, |min| min.min(value)));
        self.max = Some(self.max.map_or(value, |max| max.max(value)));
        if let Some(last) = self.last.replace(value) {
            self.changes += u64::from(last != value);
            let next = last + 1.0;
            let next = if wraps_at == Some(next) { 0.0 } else { next };
            self.steps += u64::from(wraps_at.is_some() && next == value);
        }
    }
}

/// One watched field.
#[derive(Clone, Debug, Default)]
pub struct FieldStats {
    /// Of all streams; changes are those within a stream.
    pub total: FieldCounts,
    /// By connection and direction.
    pub streams: BTreeMap<(u64, Dir), FieldCounts>,
    values: Vec<f64>,
    /// One value in `stride` is kept.
    stride: u64,
}

impl FieldStats {
    /// The value in the middle; of very many, nearly.
    pub fn median(&self) -> Option<f64> {
        let mut values = self.values.clone();
        values.sort_by(f64::total_cmp);
        values.get(values.len().saturating_sub(1) / 2).copied()
    }

    fn add(&mut self, stream: (u64, Dir), value: f64, wraps_at: Option<f64>) {
        let one = self.streams.entry(stream).or_default();
        let (changes, steps) = (one.changes, one.steps);
        one.add(value, wraps_at);
        self.total.changes += one.changes - changes;
        self.total.steps += one.steps - steps;
        self.total.count += 1;
        self.total.min = Some(self.total.min.map_or(value, |min| min.min(value)));
        self.total.max = Some(self.total.max.map_or(value, |max| max.max(value)));
        self.stride = self.stride.max(1);
        if self.total.count.is_multiple_of(self.stride) {
            self.values.push(value);
        }
        if self.values.len() == MAX_VALUES {
            let mut odd = false;
            self.values.retain(|_| {
                odd = !odd;
                odd
            });
            self.stride *= 2;
        }
    }
}

/// Watches fields, and passes everything on.
pub struct Fields<'a, O> {
    /// The observer that everything is passed to.
    pub inner: O,
    watched: Vec<Watched<'a>>,
    /// What was found, in the order of the fields.
    pub stats: Vec<FieldStats>,
}

impl<'a, O> Fields<'a, O> {
    /// Watches these.
    pub fn new(inner: O, watched: Vec<Watched<'a>>) -> Self {
        let stats = watched.iter().map(|_| FieldStats::default()).collect();
        Self {
            inner,
            watched,
            stats,
        }
    }
}

impl<O: Observer> Observer for Fields<'_, O> {
    fn begin(&mut self, origin: StreamRef<'_>) {
        self.inner.begin(origin);
    }

    fn frame(&mut self, origin: StreamRef<'_>, frame: &FrameRecord<'_>) {
        let stream = (origin.id.connection, origin.id.dir);
        for (watched, stats) in self.watched.iter().zip(&mut self.stats) {
            if watched.kind == frame.kind
                && let Some(value) = (watched.read)(frame.bytes)
            {
                stats.add(stream, value, watched.wraps_at);
            }
        }
        self.inner.frame(origin, frame);
    }

    fn fault(&mut self, origin: StreamRef<'_>, fault: &FaultRecord<'_>) {
        self.inner.fault(origin, fault);
    }

    fn skip(
        &mut self,
        origin: StreamRef<'_>,
        kind: crate::framing::SkipKind,
        offset: u64,
        length: u64,
    ) {
        self.inner.skip(origin, kind, offset, length);
    }

    fn unrecognised(&mut self, origin: StreamRef<'_>, length: u64) {
        self.inner.unrecognised(origin, length);
    }

    fn unselected(&mut self, origin: StreamRef<'_>, length: u64) {
        self.inner.unselected(origin, length);
    }

    fn gap(&mut self, origin: StreamRef<'_>, gap: &Gap) {
        self.inner.gap(origin, gap);
    }

    fn segment(&mut self, origin: StreamRef<'_>, segment: SegmentRecord) {
        self.inner.segment(origin, segment);
    }

    fn summary(&mut self, origin: StreamRef<'_>, summary: &StreamSummary) {
        self.inner.summary(origin, summary);
    }

    fn end_of_input(&mut self) {
        self.inner.end_of_input();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64], wraps_at: Option<f64>) -> FieldStats {
        let mut stats = FieldStats::default();
        values
            .iter()
            .for_each(|value| stats.add((0, Dir::C2s), *value, wraps_at));
        stats
    }

    #[test]
    fn counters_and_their_gaps() {
        for (values, wraps_at, changes, gaps) in [
            (&[1.0, 2.0, 3.0, 4.0][..], Some(256.0), 3, Some(0)),
            (&[254.0, 255.0, 0.0, 1.0], Some(256.0), 3, Some(0)),
            (&[1.0, 2.0, 3.0, 4.0, 6.0, 7.0], Some(256.0), 5, Some(1)),
            (&[1.0, 2.0, 3.0, 4.0], None, 3, None),
            (&[5.0, 5.0, 5.0], Some(256.0), 0, None),
            (&[], Some(256.0), 0, None),
        ] {
            let total = of(values, wraps_at).total;
            assert_eq!((total.changes, total.gaps()), (changes, gaps), "{values:?}");
        }
    }

    #[test]
    fn medians() {
        assert_eq!(of(&[], None).median(), None);
        assert_eq!(of(&[3.0, 1.0, 2.0], None).median(), Some(2.0));
        let many: Vec<f64> = (0..200_000).map(f64::from).collect();
        let all = of(&many, None);
        assert!(all.values.len() < MAX_VALUES);
        assert!(
            (all.median().unwrap() - 100_000.0).abs() < 20.0,
            "{:?}",
            all.median()
        );
    }
}
