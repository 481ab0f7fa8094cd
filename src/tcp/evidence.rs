//! What TCP shows about causes: counted where it is seen, off the fast path, for `diagnosis` to judge.
//!
//! Knows packets and times; draws no conclusion.

use std::ops::AddAssign;

use crate::capture::Time;

/// How often something was seen, where, and how long it lasted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// How often.
    pub count: u64,
    /// Lowest number of a packet that shows it; 0 without any.
    pub first_packet: u64,
    /// Highest number of a packet that shows it.
    pub last_packet: u64,
    /// When the first of them was captured.
    pub time: Option<Time>,
    /// Longest duration of one, in nanoseconds, where it has one.
    pub longest_ns: u64,
    /// All durations together, in nanoseconds.
    pub total_ns: u64,
}

impl Evidence {
    /// Seen once more, in this packet, for `ns` nanoseconds.
    pub fn add(&mut self, packet: u64, time: Option<Time>, ns: u64) {
        *self += Self {
            count: 1,
            first_packet: packet,
            last_packet: packet,
            time,
            longest_ns: ns,
            total_ns: ns,
        };
    }

    /// Whether it was never seen.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl AddAssign for Evidence {
    fn add_assign(&mut self, other: Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = other;
            return;
        }
        if other.first_packet < self.first_packet {
            (self.first_packet, self.time) = (other.first_packet, other.time);
        }
        self.count += other.count;
        self.last_packet = self.last_packet.max(other.last_packet);
        self.longest_ns = self.longest_ns.max(other.longest_ns);
        self.total_ns = self.total_ns.saturating_add(other.total_ns);
    }
}

/// Which end of a connection sent its first FIN or RST.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EndedBy {
    /// Neither was captured.
    #[default]
    Nobody,
    /// The sender of the stream.
    Sender,
    /// Its receiver.
    Receiver,
}

/// What the packets of a connection show about one stream of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamEvidence {
    /// Segments sent again although the capture had them: lost behind the place of capture, or their acknowledgement
    /// was. The duration is the time since the packet before.
    pub sent_again: Evidence,
    /// Segments that filled a hole long after its far side: lost before the place of capture. The duration is how long
    /// the bytes behind the hole had to wait.
    pub filled_late: Evidence,
    /// Segments that filled a hole so soon that they had only been overtaken.
    pub reordered: Evidence,
    /// Packets with other bytes for sequence numbers seen before, both with a right checksum (or none that was checked).
    pub rewritten: Evidence,
    /// Packets with a wrong checksum of which a right copy with other bytes came too.
    pub bit_errors: Evidence,
    /// Packets captured twice.
    pub duplicates: Evidence,
    /// Of these, how many had another TTL than the stream's first packet: captured on both sides of a router.
    pub routed_duplicates: u64,
    /// Segments larger than `segment_limit`.
    pub oversized: Evidence,
    /// Largest segment that can have been on the wire, in bytes: the receiver's MSS if its SYN offered more than Ethernet
    /// carries, else that.
    pub segment_limit: u32,
    /// Times at which the receiver's window was closed, with their durations.
    pub zero_window: Evidence,
    /// TCP packets of the receiver.
    pub peer_packets: u64,
    /// The last of them.
    pub peer_last_packet: u64,
    /// When that was captured.
    pub peer_end_time: Option<Time>,
    /// The receiver sent SYN and ACK.
    pub peer_accepted: bool,
    /// The receiver sent a FIN.
    pub peer_fin: bool,
    /// The receiver sent a RST.
    pub peer_rst: bool,
    /// The receiver acknowledged at least one byte of the stream.
    pub acknowledged: bool,
    /// The sender acknowledged something: it got an answer to its SYN, captured or not.
    pub answered: bool,
    /// Bytes sent that the receiver had not acknowledged when the connection ended or the capture did.
    pub unacknowledged: u64,
    /// Who sent the first FIN or RST.
    pub ended_by: EndedBy,
    /// That was a RST.
    pub ended_by_rst: bool,
}

/// What a connection needs beside its streams: only where a window closed or a SYN offered a large MSS.
#[derive(Clone, Debug, Default)]
pub(super) struct FlowEvidence {
    /// MSS that each side's SYN offered, if above [`ETHERNET_MSS`].
    pub mss: [u16; 2],
    /// Since when the window of each side is closed: packet and time.
    pub closed: [Option<(u64, Option<Time>)>; 2],
    /// Times at which it was.
    pub zero_window: [Evidence; 2],
}

/// Largest payload that Ethernet carries in an IPv4 packet, in bytes.
pub(super) const ETHERNET_MSS: u32 = 1460;

/// A hole filled sooner was reordering, later a retransmission, in nanoseconds; Wireshark draws the line there too.
pub(super) const REORDER_NS: u64 = 3_000_000;

/// A packet without IP identification that is captured again sooner than this was not sent again, in nanoseconds.
pub(super) const DUPLICATE_NS: u64 = 100_000;

/// IP identifications of one sender this near to each other were given out one after the other.
pub(super) const NEAR_IDS: i16 = 64;

impl FlowEvidence {
    /// The window of a side is open again, or its connection is over.
    pub fn reopen(&mut self, side: usize, now: Option<Time>) {
        if let Some((packet, since)) = self.closed[side].take() {
            let ns = duration(since, now);
            self.zero_window[side].add(packet, since, ns);
        }
    }
}

/// Nanoseconds from one time to a later one, 0 where either is not known.
pub(super) fn duration(from: Option<Time>, to: Option<Time>) -> u64 {
    match (from, to) {
        (Some(from), Some(to)) => u64::try_from(to.since(from)).unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_adds_up_in_any_order() {
        let seen = [(7, 50), (3, 10), (9, 400)];
        let all = |order: &[usize]| {
            let mut all = Evidence::default();
            for &at in order {
                let (packet, ns) = seen[at];
                all.add(packet, Some(Time::from_nanos(packet as i64)), ns);
            }
            all
        };
        let want = Evidence {
            count: 3,
            first_packet: 3,
            last_packet: 9,
            time: Some(Time::from_nanos(3)),
            longest_ns: 400,
            total_ns: 460,
        };
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            assert_eq!(all(&order), want);
        }
        let mut sum = all(&[0]);
        sum += all(&[1, 2]);
        sum += Evidence::default();
        assert_eq!(sum, want);
    }
}
