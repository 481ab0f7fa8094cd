//! One chunk of a stream and the packet that brought it, and the sum of several.
//!
//! Knows offsets and packet numbers, no bytes.

use crate::{
    capture::Time,
    pipeline::{PacketSpan, Provenance, SegmentRecord},
    tcp::Chunk,
};

/// Offset within a fault up to which [`Folded`] keeps spans: reports show the first 256 bytes of a fault.
pub(super) const FOLDED_SPANS_BYTES: u64 = 256;

pub(super) const CONFLICT: u8 = 1;
const URGENT: u8 = 2;
const AFTER_FIN: u8 = 4;
const WAITED: u8 = 8;
const FOLLOWED: u8 = 16;

/// A chunk of which not every byte belongs to a finished frame or fault.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// Stream offset of its first byte.
    pub start: u64,
    /// Stream offset behind its last byte.
    pub end: u64,
    pub packet: u64,
    time: Option<Time>,
    capture: u32,
    /// Number of finished frames that have bytes in it.
    pub frames: u32,
    flags: u8,
}

impl Extent {
    pub fn new(chunk: &Chunk<'_>, frames: u32) -> Self {
        Self {
            start: chunk.offset,
            end: chunk.offset + chunk.data.len() as u64,
            packet: chunk.packet,
            time: chunk.time,
            capture: chunk.capture,
            frames,
            flags: (chunk.urgent as u8 * URGENT)
                | (chunk.after_fin as u8 * AFTER_FIN)
                | (chunk.waited as u8 * WAITED)
                | (chunk.followed as u8 * FOLLOWED),
        }
    }

    /// The segment it is.
    pub fn segment(&self) -> SegmentRecord {
        SegmentRecord {
            length: self.end - self.start,
            frames: self.frames,
            time: self.time,
        }
    }

    /// Whether a read begins at this offset of it.
    pub fn starts_read(&self, start: u64) -> bool {
        self.start == start && !self.is_read_on()
    }

    /// Whether a read ends at this offset of it.
    pub fn ends_read(&self, end: u64) -> bool {
        self.end == end && self.flags & FOLLOWED == 0
    }

    /// Whether it is read together with the extent before it.
    pub fn is_read_on(&self) -> bool {
        self.flags & WAITED != 0
    }

    /// The provenance of a region inside of it, none of it disputed.
    #[inline]
    pub fn provenance<'p>(&self, start: u64, end: u64, spans: &'p [PacketSpan]) -> Provenance<'p> {
        Provenance {
            first_packet: self.packet,
            last_packet: self.packet,
            capture: self.capture,
            time: self.time,
            last_time: self.time,
            segments: 1,
            spans,
            starts_segment: self.start == start,
            ends_segment: self.end == end,
            starts_read: self.starts_read(start),
            ends_read: self.ends_read(end),
            reads: 1,
            conflict: false,
            urgent: self.flags & URGENT != 0,
            after_fin: self.flags & AFTER_FIN != 0,
        }
    }
}

/// What several extents have in common: first and last packet, number of packets, flags.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packets {
    first: (u64, Option<Time>, u32),
    last: (u64, Option<Time>),
    pub segments: u32,
    pub flags: u8,
}

impl Packets {
    /// Those of one extent, not counted as a segment yet.
    pub fn of(extent: &Extent) -> Self {
        Self {
            first: (extent.packet, extent.time, extent.capture),
            last: (extent.packet, extent.time),
            segments: 0,
            flags: 0,
        }
    }

    /// Adds an extent; `counted` unless its packet is among the segments already.
    pub fn add(&mut self, extent: &Extent, counted: bool) {
        if extent.packet < self.first.0 {
            self.first = (extent.packet, extent.time, extent.capture);
        }
        if extent.packet > self.last.0 {
            self.last = (extent.packet, extent.time);
        }
        self.segments = self.segments.saturating_add(u32::from(counted));
        self.flags |= extent.flags;
    }

    pub fn provenance(self, spans: &[PacketSpan]) -> Provenance<'_> {
        Provenance {
            first_packet: self.first.0,
            last_packet: self.last.0,
            capture: self.first.2,
            time: self.first.1,
            last_time: self.last.1,
            segments: self.segments,
            spans,
            starts_segment: false,
            ends_segment: false,
            starts_read: false,
            ends_read: false,
            reads: 0,
            conflict: self.flags & CONFLICT != 0,
            urgent: self.flags & URGENT != 0,
            after_fin: self.flags & AFTER_FIN != 0,
        }
    }
}

/// Extents of one unfinished fault, folded into one so that a long fault takes constant memory.
#[derive(Clone, Debug)]
pub(super) struct Folded {
    /// Stream offset at which the fault begins.
    pub start: u64,
    /// Stream offset behind the last folded byte.
    pub end: u64,
    pub packets: Packets,
    /// Its spans up to [`FOLDED_SPANS_BYTES`].
    pub spans: Vec<PacketSpan>,
}

impl Folded {
    /// Of a fault that begins at `start`, in or before `extent`.
    pub fn new(extent: &Extent, start: u64) -> Self {
        Self {
            start,
            end: start,
            packets: Packets::of(extent),
            spans: Vec::new(),
        }
    }

    pub fn add(&mut self, extent: &Extent) {
        self.packets.add(extent, true);
        let at = extent.start.saturating_sub(self.start);
        if at < FOLDED_SPANS_BYTES {
            self.spans.push(PacketSpan {
                at: at as u32,
                packet: extent.packet,
            });
        }
        self.end = extent.end;
    }
}
