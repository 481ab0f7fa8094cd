//! What is counted of a stream while it is open. What a run of whole frames adds to lies in few cache lines; what is
//! not usual stands apart, and only where there is some.

use crate::{
    analysis::{
        Account, Counts, Delivery, Distribution, GapCounts, MessageCounter, MessageTable,
        evidence::FrameEvidence,
    },
    framing::SkipKind,
    pipeline::{FaultRecord, Provenance, SegmentRecord},
    tcp::Gap,
};

/// A stream that is open, but for its frames by type.
#[repr(align(64))] // One cache line.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    pub messages: MessageCounter,
    usual: Usual,
    rare: Option<Box<Rare>>,
}

/// Of frames that one segment brought whole, and of segments that are no larger than Ethernet takes.
#[derive(Clone, Copy, Debug, Default)]
struct Usual {
    /// Segments of one frame, two, and so on.
    by_frames: [u32; USUAL_FRAMES],
    /// Frames that begin their segment.
    first: u32,
    /// Those that are all of it.
    alone: u32,
}

const USUAL_FRAMES: usize = 4;

/// At so many of one kind the usual is moved to where there is room for more.
const FULL: u32 = 1 << 29;

/// Where [`Usual`], and the frames and bytes by type, do not say it.
#[derive(Clone, Debug, Default)]
pub(super) struct Rare {
    faults: [u64; Counts::KINDS.len()],
    conflict_faults: u64,
    /// But for the bytes in frames.
    pub account: Account,
    gaps: [GapCounts; Counts::CAUSES.len()],
    forced_gaps: u64,
    delivery: Delivery,
    pub evidence: FrameEvidence,
}

/// Frames of one type in one stream: what every frame adds to, side by side.
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

impl Open {
    pub fn new(messages: &MessageTable) -> Self {
        Self {
            messages: MessageCounter::new(messages),
            ..Self::default()
        }
    }

    /// What is not usual.
    #[inline]
    pub fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Counts a frame of `size` bytes whose header and end marker are so long.
    #[inline]
    pub fn frame(&mut self, place: &Provenance<'_>, size: u32, header: u32, end: u32) {
        if place.segments == 1 && place.spans.len() <= 1 {
            self.whole(place, 1);
        } else {
            self.rare().delivery.frame(place, size, header, end);
        }
    }

    /// Counts frames that one segment brought, each whole. Of the most nothing but that a segment begins with them.
    #[inline(always)]
    pub fn whole(&mut self, place: &Provenance<'_>, frames: usize) {
        let starts = place.starts_segment;
        self.usual.first += u32::from(starts);
        self.usual.alone += u32::from(starts && place.ends_segment && frames == 1);
    }

    /// Counts a segment, of which all frames are told.
    #[inline(always)]
    pub fn segment(&mut self, segment: SegmentRecord) {
        let at = segment.frames.wrapping_sub(1) as usize;
        match self.usual.by_frames.get_mut(at) {
            Some(count) if segment.length <= Delivery::ETHERNET_MSS => {
                *count += 1;
                if *count < FULL {
                    return;
                }
            }
            _ => {
                self.rare().delivery.segment(segment);
                // One frame at most begins a segment.
                if self.usual.first < FULL {
                    return;
                }
            }
        }
        self.usual();
    }

    /// Moves the usual to the rest.
    #[cold]
    fn usual(&mut self) {
        let usual = std::mem::take(&mut self.usual);
        usual.move_to(&mut self.rare().delivery);
    }

    /// All that was counted, to `counts` of nothing.
    pub fn close(
        mut self,
        kinds: &[KindCounts],
        table: &MessageTable,
        counts: &mut Counts,
        end: u64,
    ) -> FrameEvidence {
        let mut evidence = FrameEvidence::default();
        counts.frames.extend(kinds.iter().map(|kind| kind.frames));
        counts
            .frame_bytes
            .extend(kinds.iter().map(|kind| kind.bytes));
        counts.messages = self.messages.counts(table);
        if let Some(rare) = self.rare.take() {
            counts.faults = rare.faults;
            counts.conflict_faults = rare.conflict_faults;
            counts.account = rare.account;
            counts.gaps = rare.gaps;
            counts.forced_gaps = rare.forced_gaps;
            counts.delivery = rare.delivery;
            evidence = rare.evidence;
            evidence.close(end);
        }
        counts.account.frames = counts.frame_bytes.iter().sum();
        let frames = counts.frame_count();
        let delivery = &mut counts.delivery;
        // Every frame that is not counted yet came whole.
        let whole = frames - delivery.segments_per_frame.counts.iter().sum::<u64>();
        delivery.segments_per_frame.counts[1] += whole;
        delivery.whole += whole;
        self.usual.move_to(delivery);
        evidence
    }
}

impl Rare {
    pub fn add_fault(&mut self, fault: &FaultRecord<'_>) {
        let at = Counts::KINDS
            .iter()
            .position(|known| *known == fault.kind)
            .unwrap_or(Counts::KINDS.len() - 1);
        self.faults[at] += 1;
        self.conflict_faults += u64::from(fault.place.conflict);
        self.evidence.add_fault(fault);
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
            self.evidence.unfinished_bytes += length;
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
        self.evidence.add_gap(gap);
    }
}

impl Usual {
    fn move_to(self, delivery: &mut Delivery) {
        for (n, count) in self.by_frames.into_iter().enumerate() {
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

    /// Its first packet came then, in nanoseconds.
    #[inline(always)]
    pub fn at(&mut self, now: i64, intervals: &mut Distribution) {
        let last = std::mem::replace(&mut self.last, now);
        let interval = now.saturating_sub(last);
        // Nearly every interval is one of many alike.
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
        kind.at(now, &mut intervals);
        assert_eq!(kind.bounds(), None);
        for _ in 0..5_000 {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            // Mostly forward, now and then backward, and all magnitudes.
            let interval = ((seed >> 24) >> (seed % 40)) as i64 - i64::from(seed >> 60 == 0);
            now += interval;
            kind.at(now, &mut intervals);
            want.add(interval);
            let (least, most) = bounds.unwrap_or((interval, interval));
            bounds = Some((least.min(interval), most.max(interval)));
        }
        assert!(want.negative > 10 && want.count() > 4_000);
        assert_eq!((intervals, kind.bounds()), (want, bounds));
    }

    #[test]
    fn what_is_full_goes_on_elsewhere() {
        let segment = |frames| SegmentRecord {
            length: 100,
            frames,
            time: None,
        };
        let mut open = Open::default();
        open.usual.by_frames[1] = FULL - 1;
        (open.usual.first, open.usual.alone) = (7, 3);
        for frames in [0, 1, 2, 2, 4, 5] {
            open.segment(segment(frames));
        }
        assert!(open.usual.by_frames.iter().all(|&n| n < FULL));
        let mut counts = Counts::default();
        open.close(&[], &MessageTable::default(), &mut counts, 0);
        let (full, got) = (u64::from(FULL), counts.delivery);
        assert_eq!(
            got.frames_per_segment.counts[..6],
            [1, 1, full + 1, 0, 1, 1]
        );
        assert_eq!((got.segments, got.coalesced), (full + 5, full + 3));
        assert_eq!((got.first, got.aligned, got.alone), (7, 7, 3));
    }
}
