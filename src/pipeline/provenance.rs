//! Where a frame or fault stands in the capture: the packets that brought it, when, and how they cut it.
//!
//! A value, computed by [`Track`](super::track::Track) and lent to observers.

use crate::capture::Time;

/// Consecutive bytes of a frame or fault that one packet brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketSpan {
    /// Where the span begins, in bytes from the start of the frame or fault; 0 for the first. It ends where the next one
    /// begins.
    pub at: u32,
    /// Number of the packet that brought the bytes first.
    pub packet: u64,
}

/// Where a frame or fault stands in the capture.
#[derive(Clone, Copy, Debug)]
pub struct Provenance<'a> {
    /// Lowest number among the packets that brought bytes of it first.
    pub first_packet: u64,
    /// Highest number among them.
    pub last_packet: u64,
    /// Index of the capture that holds the first packet.
    pub capture: u32,
    /// When the first packet was captured.
    pub time: Option<Time>,
    /// When the last packet was captured.
    pub last_time: Option<Time>,
    /// Number of packets that brought bytes of it.
    pub segments: u32,
    /// Its bytes by packet, in stream order.
    pub spans: &'a [PacketSpan],
    /// Its first byte is the first byte of its segment.
    pub starts_segment: bool,
    /// Its last byte is the last byte of its segment.
    pub ends_segment: bool,
    /// A receiver that reads what TCP delivers in order finds its first byte at the start of a read: it begins its segment,
    /// and did not wait behind a hole that the segment before filled.
    pub starts_read: bool,
    /// The same of its last byte and the end of a read.
    pub ends_read: bool,
    /// Number of reads that give it.
    pub reads: u32,
    /// Other bytes were captured for a part of it.
    pub conflict: bool,
    /// The urgent pointer points into it.
    pub urgent: bool,
    /// It lies behind a FIN.
    pub after_fin: bool,
}

impl Provenance<'_> {
    /// Nanoseconds from its first packet to its last; `None` if either has no time.
    pub fn took_ns(&self) -> Option<i64> {
        Some(self.last_time?.since(self.time?))
    }
}
