//! The fast path: clock, connection, the next bytes of its stream.
//!
//! Takes a packet with ACK and neither SYN, FIN, RST nor URG, of a known connection in which nothing waits, that brings the
//! next bytes of its stream or none and acknowledges a number at or not far above the last one. Equals `take_slow`, which
//! takes every other packet; the rows of `tcp::tests` prove it, whose packets come both ways.
//!
//! Costs are counted in instructions: the short key stays in registers, a packet changes one cache line of its connection
//! and two of its stream, and what can be computed later is not stored.

use super::{Reassembler, stream_id};
use crate::{
    capture::Time,
    decode::{Flags, Segment},
    tcp::{
        event::Sink,
        flow::mark,
        shared::{NEVER, time_of},
    },
};

/// Packets between two examinations for silent connections.
const SWEEP_PACKETS: u64 = 64;
/// Flags of packets that are not for the fast path.
const SLOW_FLAGS: u8 = Flags::SYN | Flags::FIN | Flags::RST | Flags::URG;

impl Reassembler {
    /// Takes the next TCP packet of the capture.
    #[inline]
    pub fn feed(&mut self, segment: &Segment<'_>, sink: &mut impl Sink) {
        self.tick(time_of(segment));
        if self.is_due() {
            self.feed_late(segment, sink);
            return;
        }
        if self.shared.stats.packets.is_multiple_of(SWEEP_PACKETS) {
            self.sweep(sink);
        }
        self.take(segment, sink);
    }

    /// Takes note of a TCP packet of a connection that another one is fed with: the clock goes on.
    #[inline(always)]
    pub(crate) fn pass_by(&mut self, time: Option<Time>, sink: &mut impl Sink) {
        self.tick(time.map_or(NEVER, Time::nanos));
        if self.shared.stats.packets.is_multiple_of(SWEEP_PACKETS) || self.is_due() {
            self.pass_by_late(sink);
        }
    }

    /// The same when there is something to do besides.
    #[inline(never)]
    fn pass_by_late(&mut self, sink: &mut impl Sink) {
        if self.shared.stats.packets.is_multiple_of(SWEEP_PACKETS) {
            self.sweep(sink);
        }
        if self.is_due() {
            self.serve(0..2, sink);
        }
    }

    /// Counts a packet and moves the clock.
    #[inline(always)]
    fn tick(&mut self, time: i64) {
        self.shared.stats.packets += 1;
        if time >= self.shared.now {
            self.shared.now = time;
        } else if time != NEVER {
            self.earliest = self.earliest.min(time);
        }
    }

    /// Whether a stream has waited long enough, or too much is held.
    #[inline(always)]
    pub(super) fn is_due(&self) -> bool {
        let shared = &self.shared;
        shared.now >= self.due || shared.stats.held > shared.config.max_held_total
    }

    /// Takes a packet at whose time something is due.
    #[inline(never)]
    fn feed_late(&mut self, segment: &Segment<'_>, sink: &mut impl Sink) {
        if self.shared.now >= self.due {
            self.serve(1..2, sink);
        }
        if self.shared.stats.packets.is_multiple_of(SWEEP_PACKETS) {
            self.sweep(sink);
        }
        let took_slowly = self.take(segment, sink);
        if !took_slowly && self.is_due() {
            self.serve(0..2, sink);
        }
    }

    /// Takes a packet to its connection. Gives back whether `take_slow` took it, which
    /// also settles what is due.
    #[inline(always)]
    fn take(&mut self, segment: &Segment<'_>, sink: &mut impl Sink) -> bool {
        let Some((short, side)) = self.nets.short_key_of(segment) else {
            return self.take_wide(segment, sink);
        };
        let flows = &self.flows;
        let is = |index| flows.get(index).is_some_and(|f| f.key.is_short(short));
        match self.table.find(self.hash.of_short(short), is) {
            Some(index) => self.take_fast(index, side, segment, sink),
            None => self.first(segment, sink),
        }
    }

    /// The same with addresses of more bits.
    #[inline(never)]
    fn take_wide(&mut self, segment: &Segment<'_>, sink: &mut impl Sink) -> bool {
        let (key, side) = self.nets.key_of(segment);
        let flows = &self.flows;
        let is = |index| flows.get(index).is_some_and(|f| f.key == key);
        match self.table.find(self.hash.of(&key), is) {
            Some(index) => self.take_fast(index, side, segment, sink),
            None => self.first(segment, sink),
        }
    }

    /// The first packet of a connection.
    #[inline(never)]
    fn first(&mut self, segment: &Segment<'_>, sink: &mut impl Sink) -> bool {
        let (key, side) = self.nets.key_of(segment);
        let index = self.add(key, segment, sink);
        self.take_slow(index, side, segment, sink)
    }

    /// Nearly all packets bring the next bytes of their stream or none, and an acknowledgement near the last one, while
    /// no stream of the connection waits.
    #[inline(always)]
    fn take_fast(
        &mut self,
        index: u32,
        side: usize,
        segment: &Segment<'_>,
        sink: &mut impl Sink,
    ) -> bool {
        let flow = &mut self.flows[index];
        if flow.attention != 0
            || segment.flags.0 & (SLOW_FLAGS | Flags::ACK) != Flags::ACK
            || !flow.is_near_ack(side, segment.ack)
            || segment.window() == Some(0)
        {
            return self.take_checked(index, side, segment, sink);
        }
        if segment.payload_len == 0 {
            if let Some(stream) = self.streams.get_mut(flow.sides[side].stream) {
                stream.count_keepalive(segment.seq);
            } else if !flow.has(side, mark::SYN | mark::FLOOR)
                || segment.ack == flow.sides[side].ack && flow.is_keepalive(side, segment.seq)
            {
                return self.take_checked(index, side, segment, sink);
            }
            flow.sides[side].ack = segment.ack;
            flow.touch_again(side, segment, time_of(segment));
            return false;
        }
        if let Some(stream) = self.streams.get_mut(flow.sides[side].stream)
            && stream.expects(segment)
        {
            flow.reset = false;
            flow.sides[side].ack = segment.ack;
            flow.touch_again(side, segment, time_of(segment));
            let id = stream_id(flow, side);
            stream.pass(&mut self.shared, sink, id, segment);
            return false;
        }
        self.take_checked(index, side, segment, sink)
    }

    /// The same whatever the packet acknowledges, and all other packets.
    #[inline(never)]
    fn take_checked(
        &mut self,
        index: u32,
        side: usize,
        segment: &Segment<'_>,
        sink: &mut impl Sink,
    ) -> bool {
        if segment.payload_len == 0 && self.is_strange(index, side, segment) {
            return self.take_slow(index, side, segment, sink);
        }
        let flow = &mut self.flows[index];
        let stream = self.streams.get_mut(flow.sides[side].stream);
        if flow.attention == 0 && !segment.flags.any(SLOW_FLAGS) && segment.window() != Some(0) {
            match stream {
                Some(stream) if segment.payload_len == 0 => stream.count_keepalive(segment.seq),
                Some(stream) if stream.expects(segment) => {
                    flow.reset = false;
                    let id = stream_id(flow, side);
                    stream.pass(&mut self.shared, sink, id, segment);
                }
                None if segment.payload_len == 0
                    && flow.has(side, mark::SYN | mark::FLOOR)
                    && !flow.is_keepalive(side, segment.seq) => {}
                _ => return self.take_slow(index, side, segment, sink),
            }
            flow.touch_again(side, segment, time_of(segment));
            self.acknowledge(index, side, segment);
            return false;
        }
        self.take_slow(index, side, segment, sink)
    }
}
