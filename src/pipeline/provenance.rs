//! Which packets brought which bytes: the extents of a stream that no finished frame has claimed yet.
//!
//! Knows offsets and packet numbers, no bytes. Memory is bounded by the framer's window: extents that lie inside a
//! fault still being collected are folded into one.

use std::ops::{ControlFlow, Range};

use crate::{
    capture::Time,
    pipeline::{SegmentRecord, queue::Queue},
    tcp::Chunk,
};

/// As much of a folded region keeps its parts: the first bytes of a fault that are shown.
const FOLDED_PARTS_SPAN: u64 = 256;

/// So many extents are kept of one frame; earlier ones of a larger one are folded.
const MAX_EXTENTS: usize = 1 << 16;

/// Up to so many runs, a packet that brought two of them is counted once.
const DISTINCT_PARTS: usize = 256;

/// A run of bytes that one packet brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it begins, from the first byte of the frame or fault; 0 for the first.
    pub at: u32,
    /// The packet that brought it first.
    pub packet: u64,
}

/// Where a frame or fault stands in the capture.
#[derive(Clone, Copy, Debug)]
pub struct Provenance<'a> {
    /// Lowest number among the packets that brought bytes of it first.
    pub first_packet: u64,
    /// Highest number among them.
    pub last_packet: u64,
    /// Index of the capture that holds the first.
    pub capture: u32,
    /// When the first was captured.
    pub time: Option<Time>,
    /// When the last was captured.
    pub last_time: Option<Time>,
    /// How many packets brought bytes of it.
    pub segments: u32,
    /// Its runs by packet.
    pub parts: &'a [Part],
    /// Its first byte is the first byte of its segment.
    pub starts_segment: bool,
    /// Its last byte is the last byte of its segment.
    pub ends_segment: bool,
    /// Other bytes were captured for a part of it.
    pub conflict: bool,
    /// The urgent pointer points into it.
    pub urgent: bool,
    /// It lies behind a FIN.
    pub after_fin: bool,
}

impl Provenance<'_> {
    /// Nanoseconds from its first packet to its last.
    pub fn took_ns(&self) -> Option<i64> {
        Some(self.last_time?.since(self.time?))
    }
}

/// A chunk of which not every byte is told yet.
#[derive(Clone, Copy, Debug)]
struct Extent {
    start: u64,
    end: u64,
    packet: u64,
    time: Option<Time>,
    capture: u32,
    frames: u32,
    flags: u8,
}

const CONFLICT: u8 = 1;
const URGENT: u8 = 2;
const AFTER_FIN: u8 = 4;

/// So many ranges of disputed bytes are kept apart; one more widens its neighbour.
const MAX_DISPUTED: usize = 1024;

/// Extents folded together, all of one fault.
#[derive(Clone, Debug)]
struct Fold {
    start: u64,
    end: u64,
    first: (u64, Option<Time>, u32),
    last: (u64, Option<Time>),
    segments: u32,
    flags: u8,
    parts: Vec<Part>,
}

/// The extents of one stream that are still needed.
#[derive(Debug, Default)]
pub(super) struct Track {
    extents: Queue<Extent>,
    fold: Option<Box<Fold>>,
    /// Where other bytes came too, if anywhere: disjoint and in order, some of it perhaps before its extent.
    disputed: Option<Box<Disputed>>,
}

/// Ranges of stream offsets.
#[derive(Debug, Default)]
struct Disputed(Vec<Range<u64>>);

impl Track {
    /// Whether nothing is held, and nothing disputed.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.extents.is_empty() && self.fold.is_none() && self.disputed.is_none()
    }

    /// Whether other bytes came for some that no frame or fault has claimed.
    #[inline]
    pub fn is_disputed(&self) -> bool {
        self.disputed.is_some()
    }

    /// Lets go of the one chunk that is held, if it is one only and this region is the last in it. Gives where the region
    /// stands, but for its parts, and the chunk's segment with a frame more.
    #[inline]
    pub fn take_last(
        &mut self,
        start: u64,
        end: u64,
    ) -> Option<(Provenance<'static>, SegmentRecord)> {
        let extent = *self.extents.front()?;
        if self.extents.len() > 1
            || self.fold.is_some()
            || extent.start > start
            || extent.end != end
        {
            return None;
        }
        self.extents.pop_front();
        let segment = SegmentRecord {
            length: extent.end - extent.start,
            frames: extent.frames + 1,
            time: extent.time,
        };
        Some((extent.place(start, end, &[]), segment))
    }

    /// Takes note of a chunk, of which so many frames are told.
    pub fn push(&mut self, chunk: &Chunk<'_>, frames: u32) {
        self.extents.push_back(Extent {
            start: chunk.offset,
            end: chunk.offset + chunk.data.len() as u64,
            packet: chunk.packet,
            time: chunk.time,
            capture: chunk.capture,
            frames,
            flags: (chunk.urgent as u8 * URGENT) | (chunk.after_fin as u8 * AFTER_FIN),
        });
    }

    /// Removes the last chunk; gives the number of its frames.
    #[inline]
    pub fn pop(&mut self) -> Option<u32> {
        Some(self.extents.pop_back()?.frames)
    }

    /// Another byte came for the one at `offset`.
    pub fn dispute(&mut self, offset: u64) {
        self.disputed.get_or_insert_default().add(offset);
    }

    /// Whether other bytes came for some from `start` to `end`.
    #[inline]
    fn has_disputed(&self, start: u64, end: u64) -> bool {
        let disputed = self.disputed.as_ref();
        disputed.is_some_and(|disputed| disputed.within(start, end))
    }

    /// What is disputed below `offset` is told.
    #[inline]
    fn settle(&mut self, offset: u64) {
        self.disputed
            .take_if(|disputed| disputed.is_told_below(offset));
    }

    /// Lets go of everything below `offset`: those segments are complete.
    #[inline]
    pub fn release(&mut self, offset: u64, done: &mut impl FnMut(SegmentRecord)) {
        while let Some(extent) = self.extents.front() {
            if extent.end > offset {
                break;
            }
            done(SegmentRecord {
                length: extent.end - extent.start,
                frames: extent.frames,
                time: extent.time,
            });
            self.extents.pop_front();
        }
        if self.fold.as_ref().is_some_and(|fold| fold.end <= offset) {
            self.fold = None;
        }
        self.settle(offset);
    }

    /// Whether more extents are held than any frame of ordinary size needs.
    pub fn is_crowded(&self) -> bool {
        self.extents.len() > MAX_EXTENTS
    }

    /// Folds what lies below `settled`, inside a fault that began at `from`.
    pub fn fold(&mut self, from: u64, settled: u64, done: &mut impl FnMut(SegmentRecord)) {
        while let Some(extent) = self.extents.front().copied() {
            if extent.end > settled {
                break;
            }
            self.extents.pop_front();
            done(SegmentRecord {
                length: extent.end - extent.start,
                frames: extent.frames,
                time: extent.time,
            });
            let fold = self
                .fold
                .get_or_insert_with(|| Box::new(Fold::new(&extent, from)));
            fold.add(&extent, from);
        }
        let folded = self.fold.as_ref().map(|fold| (fold.start, fold.end));
        if let Some((start, end)) = folded
            && self.has_disputed(start, end)
        {
            self.fold.iter_mut().for_each(|fold| fold.flags |= CONFLICT);
            self.settle(end);
        }
    }

    /// The place of the region from `start` to `end`, its runs written to `parts`. None if nothing is known of it.
    #[inline]
    pub fn place<'p>(
        &mut self,
        start: u64,
        end: u64,
        frame: bool,
        parts: &'p mut Vec<Part>,
    ) -> Option<Provenance<'p>> {
        parts.clear();
        let conflict = self.has_disputed(start, end);
        // Nearly always one packet brought all of it, and what came before is released.
        if self.fold.is_none()
            && let Some(extent) = self.extents.front_mut()
            && extent.start <= start
            && end <= extent.end
        {
            extent.frames += frame as u32;
            let packet = extent.packet;
            parts.push(Part { at: 0, packet });
            return Some(Provenance {
                conflict,
                ..extent.place(start, end, parts)
            });
        }
        let place = self.place_over_many(start, end, frame, parts)?;
        Some(Provenance {
            conflict: place.conflict || conflict,
            ..place
        })
    }

    /// The same where several packets brought it.
    fn place_over_many<'p>(
        &mut self,
        start: u64,
        end: u64,
        frame: bool,
        parts: &'p mut Vec<Part>,
    ) -> Option<Provenance<'p>> {
        let fold = self
            .fold
            .as_deref()
            .filter(|fold| fold.start < end && start < fold.end);
        let mut seen = fold.map(|fold| {
            parts.extend_from_slice(&fold.parts);
            (fold.first, fold.last, fold.segments, fold.flags)
        });
        let (mut starts_segment, mut ends_segment) = (false, false);
        let mut held = self.extents.iter_mut().filter(|extent| start < extent.end);
        let _ = held.try_for_each(|extent| {
            if extent.start >= end {
                return ControlFlow::Break(());
            }
            extent.frames += frame as u32;
            starts_segment |= extent.start == start;
            ends_segment |= extent.end == end;
            let (packet, time) = (extent.packet, extent.time);
            match &mut seen {
                None => {
                    seen = Some((
                        (packet, time, extent.capture),
                        (packet, time),
                        1,
                        extent.flags,
                    ))
                }
                Some((first, last, segments, flags)) => {
                    if packet < first.0 {
                        *first = (packet, time, extent.capture);
                    }
                    if packet > last.0 {
                        *last = (packet, time);
                    }
                    // A packet may bring two pieces of a frame, around one that came earlier.
                    let known = &parts[parts.len().saturating_sub(DISTINCT_PARTS)..];
                    *segments += known.iter().all(|part| part.packet != packet) as u32;
                    *flags |= extent.flags;
                }
            }
            if frame || parts.len() < FOLDED_PARTS_SPAN as usize {
                parts.push(Part {
                    at: extent.start.saturating_sub(start) as u32,
                    packet,
                });
            }
            ControlFlow::Continue(())
        });
        let (first, last, segments, flags) = seen?;
        Some(Provenance {
            first_packet: first.0,
            last_packet: last.0,
            capture: first.2,
            time: first.1,
            last_time: last.1,
            segments,
            parts,
            starts_segment,
            ends_segment,
            conflict: flags & CONFLICT != 0,
            urgent: flags & URGENT != 0,
            after_fin: flags & AFTER_FIN != 0,
        })
    }
}

impl Extent {
    /// The place of a region inside of it, of which nothing is disputed.
    #[inline]
    fn place<'p>(&self, start: u64, end: u64, parts: &'p [Part]) -> Provenance<'p> {
        Provenance {
            first_packet: self.packet,
            last_packet: self.packet,
            capture: self.capture,
            time: self.time,
            last_time: self.time,
            segments: 1,
            parts,
            starts_segment: self.start == start,
            ends_segment: self.end == end,
            conflict: false,
            urgent: self.flags & URGENT != 0,
            after_fin: self.flags & AFTER_FIN != 0,
        }
    }
}

impl Disputed {
    fn add(&mut self, offset: u64) {
        let full = self.0.len() >= MAX_DISPUTED;
        let mut at = self.0.partition_point(|range| range.end < offset);
        if full {
            at = at.min(self.0.len() - 1);
        }
        match self.0.get_mut(at) {
            Some(range) if full || range.start <= offset + 1 => {
                *range = range.start.min(offset)..range.end.max(offset + 1);
            }
            _ => self.0.insert(at, offset..offset + 1),
        }
    }

    fn within(&self, start: u64, end: u64) -> bool {
        let at = self.0.partition_point(|range| range.end <= start);
        self.0.get(at).is_some_and(|range| range.start < end)
    }

    /// Forgets what is below `offset`; whether nothing is left.
    fn is_told_below(&mut self, offset: u64) -> bool {
        let told = self.0.partition_point(|range| range.end <= offset);
        self.0.drain(..told);
        self.0.is_empty()
    }
}

impl Fold {
    fn new(extent: &Extent, from: u64) -> Self {
        Self {
            start: from,
            end: from,
            first: (extent.packet, extent.time, extent.capture),
            last: (extent.packet, extent.time),
            segments: 0,
            flags: 0,
            parts: Vec::new(),
        }
    }

    fn add(&mut self, extent: &Extent, from: u64) {
        if extent.packet < self.first.0 {
            self.first = (extent.packet, extent.time, extent.capture);
        }
        if extent.packet > self.last.0 {
            self.last = (extent.packet, extent.time);
        }
        let at = extent.start.saturating_sub(from);
        if at < FOLDED_PARTS_SPAN {
            self.parts.push(Part {
                at: at as u32,
                packet: extent.packet,
            });
        }
        self.end = extent.end;
        self.segments = self.segments.saturating_add(1);
        self.flags |= extent.flags;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(length: usize, disputed: &[u64]) -> Track {
        let mut track = Track::default();
        disputed.iter().for_each(|at| track.dispute(*at));
        let chunk = Chunk {
            offset: 0,
            data: &vec![0; length],
            packet: 1,
            capture: 0,
            time: None,
            segment_start: true,
            urgent: false,
            after_fin: false,
            conflict: !disputed.is_empty(),
        };
        track.push(&chunk, 0);
        track
    }

    #[test]
    fn only_a_frame_that_holds_a_disputed_byte_is_flagged() {
        let rows: [(&[u64], [bool; 3]); 6] = [
            (&[], [false, false, false]),
            (&[10], [false, true, false]),
            (&[9, 20], [true, false, true]),
            (&[19, 15, 15, 16], [false, true, false]),
            (&[29, 0], [true, false, true]),
            (&[30], [false, false, false]),
        ];
        for (disputed, flagged) in rows {
            let (mut track, mut segments) = (track(30, disputed), Vec::new());
            for (frame, flagged) in flagged.into_iter().enumerate() {
                let (start, end) = (frame as u64 * 10, frame as u64 * 10 + 10);
                let mut parts = Vec::new();
                let place = track.place(start, end, true, &mut parts).expect("held");
                assert_eq!(place.conflict, flagged, "{disputed:?} {frame}");
                track.release(end, &mut |segment| {
                    segments.push((segment.length, segment.frames));
                });
            }
            assert_eq!(segments, [(30, 3)], "one segment as before");
            assert_eq!(track.is_disputed(), disputed.contains(&30));
        }
    }

    #[test]
    fn disputed_bytes_in_a_fault_are_folded_and_no_more_kept_than_allowed() {
        let every_other: Vec<u64> = (0..5000).map(|n| n * 2).collect();
        let mut track = track(10_000, &every_other);
        let kept = track.disputed.as_ref().map_or(0, |ranges| ranges.0.len());
        assert_eq!(kept, MAX_DISPUTED);
        assert!((0..5000).all(|n| track.has_disputed(n * 2, n * 2 + 1)));
        track.fold(0, 10_000, &mut |_| ());
        assert!(!track.is_disputed());
        let mut parts = Vec::new();
        let place = track.place(0, 10_000, false, &mut parts).expect("folded");
        assert!(place.conflict);
    }
}
