//! What is counted of one stream, and of many: one list.
//!
//! A new counter is a field here and a row in `sums_mut`, which takes every field apart without `..`, so that a forgotten
//! one does not compile.

use std::ops::AddAssign;

/// Payload that is no part of the stream, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outside {
    /// Text in a RST (RFC 9293, 3.5.3).
    pub rst_payload: u64,
    /// Below the first byte of the stream.
    pub before_start: u64,
    /// Urgent bytes taken out of line, if so configured.
    pub urgent: u64,
    /// Refused by a limit, or too far from the stream to belong to it.
    pub refused: u64,
    /// In packets with a wrong TCP checksum, where the bytes of another packet stand: the receiver did not take them.
    pub bit_errors: u64,
}

impl Outside {
    /// All of them.
    pub fn total(mut self) -> u64 {
        self.all_mut().into_iter().map(|bytes| *bytes).sum()
    }

    fn all_mut(&mut self) -> [&mut u64; 5] {
        let Self {
            rst_payload,
            before_start,
            urgent,
            refused,
            bit_errors,
        } = self;
        [rst_payload, before_start, urgent, refused, bit_errors]
    }
}

/// What is counted of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// TCP packets of this direction.
    pub packets: u64,
    /// Packets that brought new bytes.
    pub segments: u64,
    /// Payload bytes captured: `bytes + retransmitted_bytes + outside.total()`.
    pub payload_bytes: u64,
    /// Stream bytes handed out.
    pub bytes: u64,
    /// Bytes that came again.
    pub retransmitted_bytes: u64,
    /// Payload that is no part of the stream.
    pub outside: Outside,
    /// Packets of whose payload a part or all came again, mirror-port copies and keep-alives not counted.
    pub retransmitted_segments: u64,
    /// Packets that a mirror port delivered a second time.
    pub duplicated_segments: u64,
    /// Keep-alives: 0 or 1 byte just below the next one expected.
    pub keepalives: u64,
    /// Packets with new bytes below the highest seen.
    pub out_of_order_segments: u64,
    /// Bytes that came again and differed.
    pub conflict_bytes: u64,
    /// Packets with a wrong TCP checksum, some of whose bytes a right copy replaced.
    pub bit_error_segments: u64,
    /// Runs of missing bytes: gaps that touch, whatever their causes, are one.
    pub gap_count: u64,
    /// Missing bytes.
    pub gap_bytes: u64,
    /// Largest payload of one packet, in bytes: over the MTU, the capturing host had merged segments.
    pub largest_segment: u32,
}

impl Counts {
    /// Every number that is summed over streams, always in the same order.
    fn sums_mut(&mut self) -> impl Iterator<Item = &mut u64> {
        let Self {
            packets,
            segments,
            payload_bytes,
            bytes,
            retransmitted_bytes,
            outside,
            retransmitted_segments,
            duplicated_segments,
            keepalives,
            out_of_order_segments,
            conflict_bytes,
            bit_error_segments,
            gap_count,
            gap_bytes,
            largest_segment: _,
        } = self;
        let before = [packets, segments, payload_bytes, bytes, retransmitted_bytes];
        let behind = [
            retransmitted_segments,
            duplicated_segments,
            keepalives,
            out_of_order_segments,
            conflict_bytes,
            bit_error_segments,
            gap_count,
            gap_bytes,
        ];
        before.into_iter().chain(outside.all_mut()).chain(behind)
    }

    /// Calls `each` with every number, always in the same order, and stores what it has become.
    pub fn each_mut(&mut self, each: &mut impl FnMut(&mut u64)) {
        self.sums_mut().for_each(&mut *each);
        let mut largest = u64::from(self.largest_segment);
        each(&mut largest);
        self.largest_segment = largest as u32;
    }
}

/// Sums, and of the largest segment the larger.
impl AddAssign for Counts {
    fn add_assign(&mut self, mut other: Self) {
        for (sum, number) in self.sums_mut().zip(other.sums_mut()) {
            *sum += *number;
        }
        self.largest_segment = self.largest_segment.max(other.largest_segment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_is_visited_once_and_added() {
        let mut counts = Counts::default();
        let mut next = 0;
        counts.each_mut(&mut |number| {
            assert_eq!(*number, 0, "visited once");
            next += 1;
            *number = next;
        });
        let mut total = counts;
        total += counts;
        let (mut at, last) = (0, next);
        total.each_mut(&mut |number| {
            at += 1;
            let largest = at == last;
            assert_eq!(*number, if largest { at } else { 2 * at });
        });
    }
}
