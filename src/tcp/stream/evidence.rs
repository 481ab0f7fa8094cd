//! What a segment that brings old bytes, or fills a hole, shows about causes.

use super::{Arrival, Stream};
use crate::{
    capture::Time,
    decode::TcpChecksum,
    tcp::{
        cold::Suspect,
        evidence::{DUPLICATE_NS, NEAR_IDS, REORDER_NS, duration},
        held::PacketRef,
        seq::{Pos, Seq},
    },
};

/// What became of the payload of one packet.
pub(super) struct Seen {
    /// A mirror port delivered the packet twice.
    pub copy: bool,
    /// Bytes that the capture had already.
    pub again: u64,
    /// Of these, how many were others than before.
    pub differ: u64,
    /// The packet that brought the bytes behind the hole that it filled, if it filled one.
    pub filled: Option<PacketRef>,
    /// Highest position that the receiver had acknowledged.
    pub acked: Option<Pos>,
}

impl Stream {
    /// Takes the largest payload that a segment can have on the wire.
    pub(in crate::tcp) fn limit_segments(&mut self, limit: u32) {
        self.limit = limit;
    }

    /// A segment larger than any before it, or than the wire carries.
    #[cold]
    pub(super) fn note_large(&mut self, len: u32, packet: u64, time: Option<Time>) {
        self.largest = self.largest.max(len);
        self.watermark = self.largest.min(self.limit);
        self.note_oversized(len, packet, time);
    }

    /// Counts a segment that is larger than the wire carries.
    pub(super) fn note_oversized(&mut self, len: u32, packet: u64, time: Option<Time>) {
        if len > self.limit {
            self.cold().evidence().oversized.add(packet, time, 0);
        }
    }

    /// The packet that brought the first of the bytes behind the hole in front, if there is a hole.
    pub(super) fn first_waiting(&self) -> Option<PacketRef> {
        let first = self.cold.as_ref()?.held.first()?;
        Some(first.origin)
    }

    /// Counts what a packet shows. `since_last_ns`: time since the packet before of the same sender.
    pub(super) fn note_evidence(
        &mut self,
        since_last_ns: u64,
        pos: Pos,
        a: &Arrival<'_>,
        seen: &Seen,
    ) {
        let (packet, time) = (a.origin.packet, a.origin.time);
        let copy = seen.copy || seen.differ == 0 && self.is_instant_copy(since_last_ns, a);
        let order = seen.filled.and_then(|_| self.order_by_id(a));
        let routed = self.ttl != 0 && a.ttl != self.ttl;
        let cold = self.cold();
        if seen.differ > 0 && a.wire_len > 1 {
            let evidence = cold.evidence();
            match a.checksum {
                TcpChecksum::Wrong => evidence.bit_errors.add(packet, time, 0),
                _ => evidence.rewritten.add(packet, time, 0),
            }
        } else if seen.differ > 0 {
            // The byte of a keep-alive or window probe may be any.
        } else if seen.again > 0 && copy {
            let evidence = cold.evidence();
            evidence.duplicates.add(packet, time, 0);
            evidence.routed_duplicates += u64::from(routed);
        } else if seen.again > 1 || a.wire_len == 1 && seen.again > 0 {
            // One byte of several is that of a window probe, which the receiver had no room for.
            let missing = match cold.missing {
                (at, ns) if at == pos => ns.saturating_add(since_last_ns),
                _ => since_last_ns,
            };
            cold.missing = (pos, missing);
            let evidence = &mut cold.evidence().sent_again;
            evidence.add(packet, time, since_last_ns);
            evidence.longest_ns = evidence.longest_ns.max(missing);
        }
        // What was captured before had been set aside for its wrong checksum, and the right copy of such bytes is counted
        // with them.
        let end = pos + u64::from(a.wire_len);
        let doubted = |piece: &Suspect| piece.pos < end && pos < piece.end();
        if let Some(waiting) = seen.filled
            && waiting.packet < packet
            && !cold.provisional.iter().any(doubted)
        {
            let waited = duration(waiting.time, time);
            // Bytes that the receiver has were not lost: the capture saw them late.
            let received = seen.acked.is_some_and(|acked| acked > pos);
            let overtaken = waited < REORDER_NS || order == Some(true) || received;
            let evidence = cold.evidence();
            match overtaken {
                true => evidence.reordered.add(packet, time, waited),
                false => evidence.filled_late.add(packet, time, waited),
            }
        }
    }

    /// Whether a packet without IP identification is the same as one just before it, sooner than any sender sends again.
    fn is_instant_copy(&self, since_last_ns: u64, a: &Arrival<'_>) -> bool {
        let tag = |tag: u64| (tag >> 32, tag & 0xffff);
        a.ip_id.unwrap_or(0) == 0
            && since_last_ns < DUPLICATE_NS
            && self.recent[1..]
                .iter()
                .any(|old| tag(*old) == tag(self.recent[0]))
    }

    /// Whether a packet was sent before the one captured before it, if their IP identifications say so.
    fn order_by_id(&self, a: &Arrival<'_>) -> Option<bool> {
        let (id, before) = (a.ip_id?, (self.recent[1] >> 16) as u16);
        let step = id.wrapping_sub(before) as i16;
        let near = id != 0 && before != 0 && step != 0 && (-NEAR_IDS..NEAR_IDS).contains(&step);
        near.then_some(step < 0)
    }

    /// Whether an acknowledgement covers a byte of the stream, and how many bytes lie behind it.
    pub(in crate::tcp) fn acknowledged_by(&self, ack: u32) -> (bool, u64) {
        let pos = Seq(ack).near(self.high());
        let known = self.open && pos <= self.high().saturating_add(super::WILD);
        let behind = self.high().saturating_sub(pos.max(self.start));
        (known && pos > self.start, if known { behind } else { 0 })
    }
}
