//! How TCP delivered the frames: split over segments, coalesced in them, and where the cuts fall.

use std::ops::AddAssign;

use crate::pipeline::{Provenance, SegmentRecord};

/// How often each number came: 0 to 4 alone, then by powers of two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Counts, by [`Histogram::LABELS`].
    pub counts: [u64; Histogram::LABELS.len()],
}

impl Histogram {
    /// The numbers that each count stands for.
    pub const LABELS: [&str; 10] = [
        "0", "1", "2", "3", "4", "5-8", "9-16", "17-32", "33-64", "65+",
    ];

    #[inline]
    pub(super) fn add(&mut self, n: u32) {
        let at = match n {
            0..=4 => n as usize,
            5..=64 => (32 - (n - 1).leading_zeros()) as usize + 2,
            _ => Self::LABELS.len() - 1,
        };
        self.counts[at] += 1;
    }
}

/// How frames fell over segments. A segment is a packet's new bytes of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Segments of a frame.
    pub segments_per_frame: Histogram,
    /// Frames of which a segment has bytes.
    pub frames_per_segment: Histogram,
    /// Frames that one segment brought.
    pub whole: u64,
    /// Frames that two or more segments brought.
    pub split: u64,
    /// Frames that are exactly one read: what a server gets that takes only reads of one frame.
    pub alone: u64,
    /// Frames whole at the start of a read: what a server gets that takes the first frame of each read and
    /// forgets the rest.
    pub first: u64,
    /// Segments with bytes of two or more frames.
    pub coalesced: u64,
    /// Segments that begin where a frame begins.
    pub aligned: u64,
    /// Segments.
    pub segments: u64,
    /// Segments larger than an Ethernet packet holds.
    pub oversized: u64,
    /// Cuts inside a header.
    pub cuts_in_header: u64,
    /// Cuts inside a payload, or at its borders.
    pub cuts_in_payload: u64,
    /// Cuts inside an end marker.
    pub cuts_in_end: u64,
}

impl Delivery {
    /// Payload of the largest segment that an Ethernet of 1500 bytes carries; what is larger was merged by the host.
    pub(super) const ETHERNET_MSS: u64 = 1460;

    /// Counts a frame of `size` bytes whose header and end marker are so long.
    #[inline]
    pub(super) fn frame(&mut self, place: &Provenance<'_>, size: u32, header: u32, end: u32) {
        self.segments_per_frame.add(place.segments);
        self.aligned += place.starts_segment as u64;
        if place.spans.len() <= 1 {
            self.whole += 1;
            self.count_read(place);
            return;
        }
        self.split += 1;
        self.count_read(place);
        for cut in place.spans.iter().skip(1).map(|span| span.at) {
            *if cut < header {
                &mut self.cuts_in_header
            } else if cut <= size - end.min(size) {
                &mut self.cuts_in_payload
            } else {
                &mut self.cuts_in_end
            } += 1;
        }
    }

    /// Counts what readers get that take one read for one frame.
    fn count_read(&mut self, place: &Provenance<'_>) {
        let first = place.starts_read && place.reads == 1;
        self.first += u64::from(first);
        self.alone += u64::from(first && place.ends_read);
    }

    /// Counts whole frames of one segment that is read together with others. The frames themselves are counted elsewhere.
    #[cold]
    pub(super) fn read_with_others(&mut self, place: &Provenance<'_>, frames: usize) {
        self.aligned += u64::from(place.starts_segment);
        self.first += u64::from(place.starts_read);
        self.alone += u64::from(place.starts_read && place.ends_read && frames == 1);
    }

    #[inline]
    pub(super) fn segment(&mut self, segment: SegmentRecord) {
        self.segments += 1;
        self.frames_per_segment.add(segment.frames);
        self.coalesced += (segment.frames >= 2) as u64;
        self.oversized += (segment.length > Self::ETHERNET_MSS) as u64;
    }

    /// Cuts anywhere inside a frame.
    pub fn cuts(&self) -> u64 {
        self.cuts_in_header + self.cuts_in_payload + self.cuts_in_end
    }
}

impl AddAssign<&Delivery> for Delivery {
    fn add_assign(&mut self, other: &Self) {
        for (sum, n) in self
            .segments_per_frame
            .counts
            .iter_mut()
            .zip(other.segments_per_frame.counts)
        {
            *sum += n;
        }
        for (sum, n) in self
            .frames_per_segment
            .counts
            .iter_mut()
            .zip(other.frames_per_segment.counts)
        {
            *sum += n;
        }
        self.whole += other.whole;
        self.split += other.split;
        self.alone += other.alone;
        self.first += other.first;
        self.coalesced += other.coalesced;
        self.aligned += other.aligned;
        self.segments += other.segments;
        self.oversized += other.oversized;
        self.cuts_in_header += other.cuts_in_header;
        self.cuts_in_payload += other.cuts_in_payload;
        self.cuts_in_end += other.cuts_in_end;
    }
}
