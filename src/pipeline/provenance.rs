//! Which packets brought which bytes: the extents of a stream that no finished frame has claimed yet.
//!
//! Knows offsets and packet numbers, no bytes. Memory is bounded by the framer's window: extents that lie inside a
//! fault still being collected are folded into one.

use std::ops::ControlFlow;

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
pub struct Place<'a> {
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

impl Place<'_> {
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
}

impl Track {
    /// Whether nothing is held.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.extents.is_empty() && self.fold.is_none()
    }

    /// Lets go of the one chunk that is held, if it is one only and this region is the last in it. Gives where the region
    /// stands, but for its parts, and the chunk's segment with a frame more.
    #[inline]
    pub fn take_last(&mut self, start: u64, end: u64) -> Option<(Place<'static>, SegmentRecord)> {
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
            flags: (chunk.conflict as u8 * CONFLICT)
                | (chunk.urgent as u8 * URGENT)
                | (chunk.after_fin as u8 * AFTER_FIN),
        });
    }

    /// Flags what is still held of a range of which other bytes came.
    pub fn conflict(&mut self, offset: u64, length: u64) {
        for extent in self.extents.iter_mut() {
            if extent.start < offset.saturating_add(length) && offset < extent.end {
                extent.flags |= CONFLICT;
            }
        }
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
    }

    /// Lets go of everything; the segments that end at `offset` or below are complete.
    #[inline]
    pub fn clear(&mut self, offset: u64, done: &mut impl FnMut(SegmentRecord)) {
        self.extents
            .iter_mut()
            .filter(|extent| extent.end <= offset)
            .for_each(|extent| {
                done(SegmentRecord {
                    length: extent.end - extent.start,
                    frames: extent.frames,
                    time: extent.time,
                });
            });
        self.extents.clear();
        self.fold = None;
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
    }

    /// The place of the region from `start` to `end`, its runs written to `parts`. None if nothing is known of it.
    #[inline]
    pub fn place<'p>(
        &mut self,
        start: u64,
        end: u64,
        frame: bool,
        parts: &'p mut Vec<Part>,
    ) -> Option<Place<'p>> {
        parts.clear();
        // Nearly always one packet brought all of it, and what came before is released.
        if self.fold.is_none()
            && let Some(extent) = self.extents.front_mut()
            && extent.start <= start
            && end <= extent.end
        {
            extent.frames += frame as u32;
            let packet = extent.packet;
            parts.push(Part { at: 0, packet });
            return Some(extent.place(start, end, parts));
        }
        self.place_over_many(start, end, frame, parts)
    }

    /// The same where several packets brought it.
    fn place_over_many<'p>(
        &mut self,
        start: u64,
        end: u64,
        frame: bool,
        parts: &'p mut Vec<Part>,
    ) -> Option<Place<'p>> {
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
        Some(Place {
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
    /// The place of a region inside of it.
    #[inline]
    fn place<'p>(&self, start: u64, end: u64, parts: &'p [Part]) -> Place<'p> {
        Place {
            first_packet: self.packet,
            last_packet: self.packet,
            capture: self.capture,
            time: self.time,
            last_time: self.time,
            segments: 1,
            parts,
            starts_segment: self.start == start,
            ends_segment: self.end == end,
            conflict: self.flags & CONFLICT != 0,
            urgent: self.flags & URGENT != 0,
            after_fin: self.flags & AFTER_FIN != 0,
        }
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
