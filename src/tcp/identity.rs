//! Whether a packet belongs to the connection known on its 4-tuple, or begins another one on the same 4-tuple.
//!
//! A 4-tuple is no identity: devices reboot with the same ports and the same initial sequence number, and a 4-tuple
//! comes back without its SYN in filtered and rotated captures. A packet that does not fit the known connection, and a
//! SYN after data, are held in a [`Candidate`] until what follows decides. `docs/IDENTITY.md` lists the evidence and
//! what cannot be known. Knows numbers, times and bytes; nothing of how connections are stored.

mod candidate;
mod syn;

pub(super) use candidate::{Candidate, Opener, Verdict};
pub(super) use syn::{Syn, judge_syn};

use super::{
    flow::{Flow, mark},
    seq::Seq,
    shared::{NEVER, Shared, time_of},
    stream::Stream,
};
use crate::decode::Segment;

/// Sequence numbers this near to those that a side has used, in bytes, are plausible: more than any window in the
/// field, and more than captures usually lose at once.
pub(super) const NEAR_BYTES: i32 = 1 << 24;
/// A stream cannot have advanced by more than this in each nanosecond that was not captured: 10 Gbit/s.
const MAX_BYTES_PER_NS: f64 = 1.25;

/// How a sequence or acknowledgement number stands to what is known of the bytes it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// Nothing is known of those bytes.
    Unknown,
    /// Exactly the next number.
    Next,
    /// Further ahead than `Next`, but plausible.
    Ahead,
    /// A number already used, or plausible below the first one.
    Behind,
    /// Too far ahead.
    FarAhead,
    /// Too far behind.
    FarBehind,
}

impl Fit {
    fn is_far(self) -> bool {
        matches!(self, Fit::FarAhead | Fit::FarBehind)
    }

    fn is_far_or_unknown(self) -> bool {
        self.is_far() || self == Fit::Unknown
    }
}

/// The numbers that a side of the known connection has used.
#[derive(Clone, Copy)]
struct Used {
    /// The first byte.
    low: Seq,
    /// Behind the last byte, and behind the FIN.
    next: Seq,
    /// Bytes from `low` to `next`.
    length: u64,
    /// `low` is known from a SYN.
    begun_by_syn: bool,
}

impl Used {
    fn of(flow: &Flow, stream: Option<&Stream>, side: usize) -> Option<Self> {
        let begun_by_syn = flow.has(side, mark::SYN);
        if let Some((low, next)) = stream.and_then(Stream::used) {
            return Some(Self {
                low: Seq(low as u32),
                next: Seq(next as u32),
                length: next - low,
                begun_by_syn,
            });
        }
        // Of two SYNs it is not known yet which one counts.
        if !flow.has(side, mark::SYN | mark::FLOOR) || flow.has(side, mark::SECOND) {
            return None;
        }
        let low = Seq(flow.starts[side].isn).plus(begun_by_syn as u32);
        Some(Self {
            low,
            next: low,
            length: 0,
            begun_by_syn,
        })
    }

    fn fit(&self, number: Seq) -> Fit {
        let ahead = number.since(self.next);
        let slack = match self.begun_by_syn {
            true => 1,
            false => NEAR_BYTES,
        };
        // Of a stream longer than this the first byte is too far behind to matter.
        let below_low = self.length < NEAR_BYTES as u64 && self.low.since(number) > slack;
        match ahead {
            0 => Fit::Next,
            NEAR_BYTES.. => Fit::FarAhead,
            1.. => Fit::Ahead,
            _ if below_low || ahead < -NEAR_BYTES => Fit::FarBehind,
            _ => Fit::Behind,
        }
    }
}

/// The known connection on a 4-tuple, as evidence needs it.
pub(super) struct Known<'a> {
    pub flow: &'a Flow,
    pub streams: [Option<&'a Stream>; 2],
    pub shared: &'a Shared,
}

impl Known<'_> {
    fn used(&self, side: usize) -> Option<Used> {
        Used::of(self.flow, self.streams[side], side)
    }

    fn seq_fit(&self, side: usize, seq: Seq) -> Fit {
        self.used(side).map_or(Fit::Unknown, |used| used.fit(seq))
    }

    /// How an acknowledgement of a side stands to the bytes of the other side, and to its earlier acknowledgements.
    fn ack_fit(&self, side: usize, segment: &Segment<'_>) -> Fit {
        if !segment.flags.ack() {
            return Fit::Unknown;
        }
        let ack = Seq(segment.ack);
        let last = self
            .flow
            .has(side, mark::ACK)
            .then_some(Seq(self.flow.sides[side].ack));
        if last == Some(ack) {
            return Fit::Next;
        }
        let by_bytes = self.seq_fit(1 - side, ack);
        let from_last = last.map(|last| ack.since(last));
        match (by_bytes, from_last) {
            (Fit::Unknown, None) => Fit::Unknown,
            (Fit::Unknown, Some(d)) if d >= NEAR_BYTES => Fit::FarAhead,
            (Fit::Unknown, Some(d)) if d <= -NEAR_BYTES => Fit::FarBehind,
            (Fit::Unknown, Some(d)) if d > 0 => Fit::Ahead,
            (Fit::Unknown, Some(_)) => Fit::Behind,
            // Bytes that were not captured had been acknowledged before.
            (Fit::FarAhead, Some(d)) if d.unsigned_abs() < NEAR_BYTES as u32 => Fit::Ahead,
            (fit, _) => fit,
        }
    }

    /// The side has sent all it had to send, and the peer has acknowledged it; or the connection was closed or reset.
    fn is_over(&self, side: usize) -> bool {
        let Some(stream) = self.streams[side] else {
            return self.flow.closed || self.flow.reset;
        };
        let peer_ack = self
            .flow
            .has(1 - side, mark::ACK)
            .then_some(Seq(self.flow.sides[1 - side].ack));
        let is_fin_acked =
            stream.last_byte_then_fin() && stream.used().map(|u| Seq(u.1 as u32)) == peer_ack;
        self.flow.closed || self.flow.reset || stream.ended || is_fin_acked
    }

    /// Whether the side is past its handshake: it has acknowledged something or sent bytes behind those on its SYN.
    fn is_past_handshake(&self, side: usize) -> bool {
        let has_data = self.streams[side].is_some_and(|s| s.segments > 1);
        has_data || self.flow.has(side, mark::FIN | mark::ACK)
    }

    /// Whether a packet that is neither SYN nor RST does not fit.
    pub fn is_strange(&self, side: usize, segment: &Segment<'_>) -> bool {
        let seq = self.seq_fit(side, Seq(segment.seq));
        let ack = self.ack_fit(side, segment);
        if segment.payload_len == 0 && !segment.flags.fin() {
            return match seq {
                Fit::FarAhead | Fit::FarBehind => ack.is_far_or_unknown(),
                Fit::Next | Fit::Unknown => false,
                Fit::Ahead | Fit::Behind => ack.is_far(),
            };
        }
        let over = self.is_over(side);
        match seq {
            Fit::FarBehind => true,
            Fit::Unknown => over && ack.is_far(),
            Fit::Next if !over => false,
            Fit::FarAhead => over || ack.is_far() || self.is_too_fast(side, segment),
            // Both ends have closed: only its FIN and copies of its bytes can come (or bytes just behind the FIN).
            Fit::Ahead if self.flow.closed && !self.flow.reset => true,
            _ => ack.is_far(),
        }
    }

    /// Whether more bytes would have passed since the side's last packet than a link carries.
    fn is_too_fast(&self, side: usize, segment: &Segment<'_>) -> bool {
        let (Some(used), true) = (self.used(side), segment.flags.ack()) else {
            return false;
        };
        let (last, now) = (self.flow.sides[side].end_time, time_of(segment));
        if last == NEVER || now == NEVER {
            return false;
        }
        let elapsed = now.saturating_sub(last).max(0) as f64;
        let ahead = f64::from(Seq(segment.seq).since(used.next));
        ahead > f64::from(NEAR_BYTES) + elapsed * MAX_BYTES_PER_NS
    }

    /// Nanoseconds from the first packet of a side to this one.
    fn since_start(&self, side: usize, segment: &Segment<'_>) -> i64 {
        let (start, now) = (self.flow.starts[side].time, time_of(segment));
        match start == NEVER || now == NEVER || self.flow.sides[side].packets == 0 {
            true => 0,
            false => now.saturating_sub(start),
        }
    }

    /// Whether other bytes are known where this segment stands. None: no bytes are known there.
    fn differs(&self, side: usize, segment: &Segment<'_>) -> Option<bool> {
        self.streams[side]?.differs(self.shared, Seq(segment.seq), segment.payload)
    }
}

impl Known<'_> {
    /// Whether the timestamps option of a SYN differs from that of the SYN that is known: then it is no copy of it.
    fn has_other_clock(&self, side: usize, segment: &Segment<'_>) -> bool {
        let clock = self.flow.syn_clocks[side];
        let now = segment.options().timestamps;
        clock != 0 && now.is_some_and(|(now, _)| now != clock)
    }
}
