//! The counters of one open stream.
//!
//! What a run of whole frames adds to lies in one cache line and one of each frame type; everything else is allocated
//! when it is first counted.

use crate::{
    analysis::{
        Account, Counts, Delivery, Distribution, GapCounts, MessageCounter, MessageTable,
        evidence::FrameEvidence,
    },
    framing::SkipKind,
    pipeline::{FaultRecord, Provenance, SegmentRecord},
    tcp::Gap,
};

/// Counters of an open stream, without those by frame type.
#[repr(align(64))] // One cache line.
#[derive(Clone, Debug, Default)]
pub(super) struct StreamCounts {
    pub messages: MessageCounter,
    whole: WholeFrames,
    other: Option<Box<OtherCounts>>,
}

/// Frames that one segment brought whole, and segments that are no larger than an Ethernet packet. The same counts as
/// in [`Delivery`], in 32 bits.
#[derive(Clone, Copy, Debug, Default)]
struct WholeFrames {
    /// Segments that hold one frame, two, and so on.
    segments: [u32; MAX_FRAMES_COUNTED],
    /// Frames that begin their segment.
    first: u32,
    /// Frames that are all of their segment.
    alone: u32,
}

/// Segments with more frames are counted in [`OtherCounts`].
const MAX_FRAMES_COUNTED: usize = 4;

/// When a counter of [`WholeFrames`] reaches this, all of them are moved to [`OtherCounts`], which has 64 bits.
const WHOLE_FRAMES_LIMIT: u32 = 1 << 29;

/// What neither [`WholeFrames`] nor the frames and bytes by type count.
#[derive(Clone, Debug, Default)]
pub(super) struct OtherCounts {
    faults: [u64; Counts::KINDS.len()],
    conflict_faults: u64,
    /// Without the bytes in frames.
    pub account: Account,
    gaps: [GapCounts; Counts::CAUSES.len()],
    forced_gaps: u64,
    /// Segments in which no frame has bytes, no larger than an Ethernet packet. They are counted apart so that a stream
    /// without frames needs no `delivery`.
    frameless_segments: u64,
    delivery: Option<Box<Delivery>>,
    evidence: Option<Box<FrameEvidence>>,
}

/// Frames of one type in one stream: what every frame adds to.
#[derive(Clone, Copy, Debug)]
pub(super) struct KindCounts {
    pub frames: u64,
    pub bytes: u64,
    /// First packet's time of the latest frame that has one, in nanoseconds.
    last: i64,
    /// Shortest and longest interval between two, in nanoseconds; before there is one, [`NO_FRAME`] or [`ONE_FRAME`].
    bounds: (i64, i64),
}

/// No interval lies within these.
const NO_FRAME: (i64, i64) = (i64::MAX, i64::MIN);
const ONE_FRAME: (i64, i64) = (i64::MAX, i64::MIN + 1);

impl StreamCounts {
    pub fn new(messages: &MessageTable) -> Self {
        Self {
            messages: MessageCounter::new(messages),
            ..Self::default()
        }
    }

    /// The counters that few streams need.
    #[inline]
    pub fn other(&mut self) -> &mut OtherCounts {
        self.other.get_or_insert_default()
    }

    /// Counts a frame of `size` bytes, of which its header and end marker have `header` and `end`.
    #[inline]
    pub fn frame(&mut self, place: &Provenance<'_>, size: u32, header: u32, end: u32) {
        if place.segments == 1 && place.spans.len() <= 1 {
            self.whole(place, 1);
        } else {
            self.other().delivery().frame(place, size, header, end);
        }
    }

    /// Counts frames that one segment brought, each whole. Their number follows from the counters by frame type.
    #[inline(always)]
    pub fn whole(&mut self, place: &Provenance<'_>, frames: usize) {
        let starts = place.starts_segment;
        if starts != place.starts_read || place.ends_segment != place.ends_read {
            self.other().delivery().read_with_others(place, frames);
            return;
        }
        self.whole.first += u32::from(starts);
        self.whole.alone += u32::from(starts && place.ends_segment && frames == 1);
    }

    /// Counts a segment of which all frames are known.
    #[inline(always)]
    pub fn segment(&mut self, segment: SegmentRecord) {
        let at = segment.frames.wrapping_sub(1) as usize;
        match self.whole.segments.get_mut(at) {
            Some(count) if segment.length <= Delivery::ETHERNET_MSS => {
                *count += 1;
                if *count < WHOLE_FRAMES_LIMIT {
                    return;
                }
            }
            _ => {
                self.other().segment(segment);
                // At most one frame begins a segment.
                if self.whole.first < WHOLE_FRAMES_LIMIT {
                    return;
                }
            }
        }
        self.move_whole_frames();
    }

    #[cold]
    fn move_whole_frames(&mut self) {
        let whole = std::mem::take(&mut self.whole);
        whole.move_to(self.other().delivery());
    }

    /// Writes everything counted to `counts`, which is empty; returns the evidence of a stream that ends at offset `end`.
    pub fn close(
        mut self,
        kinds: &[KindCounts],
        table: &MessageTable,
        counts: &mut Counts,
        end: u64,
    ) -> FrameEvidence {
        counts.frames.extend(kinds.iter().map(|kind| kind.frames));
        counts
            .frame_bytes
            .extend(kinds.iter().map(|kind| kind.bytes));
        counts.messages = self.messages.counts(table);
        let evidence = self.other.take().map(|other| other.close(counts, end));
        counts.account.frames = counts.frame_bytes.iter().sum();
        let frames = counts.frame_count();
        let delivery = &mut counts.delivery;
        // Every frame that is not counted yet came whole.
        let whole = frames - delivery.segments_per_frame.counts.iter().sum::<u64>();
        delivery.segments_per_frame.counts[1] += whole;
        delivery.whole += whole;
        self.whole.move_to(delivery);
        evidence.unwrap_or_default()
    }
}

impl OtherCounts {
    /// As [`StreamCounts::close`], without frames and segments that are counted elsewhere.
    fn close(self, counts: &mut Counts, end: u64) -> FrameEvidence {
        let Self {
            faults,
            conflict_faults,
            account,
            gaps,
            forced_gaps,
            frameless_segments,
            delivery,
            evidence,
        } = self;
        counts.faults = faults;
        counts.conflict_faults = conflict_faults;
        counts.account = account;
        counts.gaps = gaps;
        counts.forced_gaps = forced_gaps;
        counts.delivery = delivery.map_or_else(Delivery::default, |delivery| *delivery);
        counts.delivery.segments += frameless_segments;
        counts.delivery.frames_per_segment.counts[0] += frameless_segments;
        let mut evidence = evidence.map_or_else(FrameEvidence::default, |evidence| *evidence);
        evidence.close(end);
        evidence
    }

    /// What the stream's frames show about causes.
    pub fn evidence(&mut self) -> &mut FrameEvidence {
        self.evidence.get_or_insert_default()
    }

    fn delivery(&mut self) -> &mut Delivery {
        self.delivery.get_or_insert_default()
    }

    fn segment(&mut self, segment: SegmentRecord) {
        if segment.frames == 0 && segment.length <= Delivery::ETHERNET_MSS {
            self.frameless_segments += 1;
        } else {
            self.delivery().segment(segment);
        }
    }

    pub fn add_fault(&mut self, fault: &FaultRecord<'_>, syn: bool) {
        let at = Counts::KINDS
            .iter()
            .position(|known| *known == fault.kind)
            .unwrap_or(Counts::KINDS.len() - 1);
        self.faults[at] += 1;
        self.conflict_faults += u64::from(fault.place.conflict);
        self.evidence().add_fault(fault, syn);
        if !fault.framed {
            self.account.faults += fault.length;
        }
    }

    pub fn add_skip(&mut self, kind: SkipKind, length: u64) {
        *match kind {
            SkipKind::Leading => &mut self.account.leading,
            SkipKind::Cut => &mut self.account.cut,
            SkipKind::Unfinished => &mut self.account.unfinished,
        } += length;
        if kind == SkipKind::Unfinished {
            self.evidence().unfinished_bytes += length;
        }
    }

    pub fn add_gap(&mut self, gap: &Gap) {
        let at = Counts::CAUSES
            .iter()
            .position(|cause| *cause == gap.cause)
            .unwrap_or(0);
        self.gaps[at] += GapCounts {
            count: 1,
            bytes: gap.length,
        };
        self.forced_gaps += gap.forced as u64;
        self.evidence().add_gap(gap);
    }
}

impl WholeFrames {
    fn move_to(self, delivery: &mut Delivery) {
        for (n, count) in self.segments.into_iter().enumerate() {
            let count = u64::from(count);
            delivery.frames_per_segment.counts[n + 1] += count;
            delivery.segments += count;
            delivery.coalesced += if n > 0 { count } else { 0 };
        }
        delivery.first += u64::from(self.first);
        delivery.aligned += u64::from(self.first);
        delivery.alone += u64::from(self.alone);
    }
}

impl Default for KindCounts {
    fn default() -> Self {
        Self {
            frames: 0,
            bytes: 0,
            last: 0,
            bounds: NO_FRAME,
        }
    }
}

impl KindCounts {
    /// One frame more.
    #[inline(always)]
    pub fn add(&mut self, length: u64) {
        self.frames += 1;
        self.bytes += length;
    }

    /// Adds the time of a frame's first packet, in nanoseconds.
    #[inline(always)]
    pub fn time(&mut self, now: i64, intervals: &mut Distribution) {
        let last = std::mem::replace(&mut self.last, now);
        let interval = now.saturating_sub(last);
        // Nearly every interval lies within those before.
        if self.bounds.0 <= interval && interval <= self.bounds.1 {
            intervals.add(interval);
        } else {
            self.stretch(interval, intervals);
        }
    }

    /// The first, or an interval that is shorter or longer than those before.
    #[inline(never)]
    fn stretch(&mut self, interval: i64, intervals: &mut Distribution) {
        self.bounds = match self.bounds {
            NO_FRAME => {
                self.bounds = ONE_FRAME;
                return;
            }
            ONE_FRAME => (interval, interval),
            (least, most) => (least.min(interval), most.max(interval)),
        };
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
        let (mut want, mut bounds) = (Distribution::default(), None);
        let mut now = 1_000_000;
        kind.time(now, &mut intervals);
        assert_eq!(kind.bounds(), None);
        for _ in 0..5_000 {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            // Mostly forward, now and then backward, and all magnitudes.
            let interval = ((seed >> 24) >> (seed % 40)) as i64 - i64::from(seed >> 60 == 0);
            now += interval;
            kind.time(now, &mut intervals);
            want.add(interval);
            let (least, most) = bounds.unwrap_or((interval, interval));
            bounds = Some((least.min(interval), most.max(interval)));
        }
        assert!(want.negative > 10 && want.count() > 4_000);
        assert_eq!((intervals, kind.bounds()), (want, bounds));
    }

    #[test]
    fn counters_at_their_limit_are_moved() {
        let segment = |frames| SegmentRecord {
            length: 100,
            frames,
            time: None,
        };
        let mut open = StreamCounts::default();
        open.whole.segments[1] = WHOLE_FRAMES_LIMIT - 1;
        (open.whole.first, open.whole.alone) = (7, 3);
        for frames in [0, 1, 2, 2, 4, 5] {
            open.segment(segment(frames));
        }
        assert!(open.whole.segments.iter().all(|&n| n < WHOLE_FRAMES_LIMIT));
        let mut counts = Counts::default();
        open.close(&[], &MessageTable::default(), &mut counts, 0);
        let (full, got) = (u64::from(WHOLE_FRAMES_LIMIT), counts.delivery);
        assert_eq!(
            got.frames_per_segment.counts[..6],
            [1, 1, full + 1, 0, 1, 1]
        );
        assert_eq!((got.segments, got.coalesced), (full + 5, full + 3));
        assert_eq!((got.first, got.aligned, got.alone), (7, 7, 3));
    }
}
