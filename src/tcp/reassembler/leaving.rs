//! Connections closed, fallen silent, too many, or at the end of the capture.

use super::{Reassembler, SAMPLED_CONNECTIONS};
use crate::{
    decode::Lane,
    tcp::{
        event::Sink,
        flow::{CANDIDATE, Flow, Left, WAITS, mark},
        seq::Seq,
        shared::NEVER,
    },
};

impl Reassembler {
    /// The capture ended: everything still held is handed out, and every stream is ended, in order of connection.
    pub fn finish(&mut self, sink: &mut impl Sink) {
        self.resolve_all(sink);
        let mut left: Vec<(u64, u32)> = (0..self.flows.bound())
            .filter_map(|i| Some((self.flows.get(i)?.connection, i)))
            .collect();
        left.sort_unstable();
        for (_, index) in left {
            self.close(index, Left::AtEnd, sink);
        }
    }

    /// Puts a connection whose both ends are done in the line of closed ones.
    pub(super) fn note_closed(&mut self, index: u32, sink: &mut impl Sink) {
        let flow = &self.flows[index];
        let done = |side: usize| match self.streams.get(flow.sides[side].stream) {
            Some(stream) => stream.ended,
            None => flow.has(side, mark::FIN),
        };
        if flow.closed
            || flow.attention & (WAITS | CANDIDATE) != 0
            || !(flow.reset || (done(0) && done(1)))
        {
            return;
        }
        let connection = flow.connection;
        self.flows[index].closed = true;
        let lane = Lane::of(self.flows[index].endpoint(0), self.flows[index].endpoint(1));
        let closed = &mut self.closed[lane as usize];
        closed.push_back((index, connection));
        if closed.len() > self.shared.config.max_closed as usize / 2
            && let Some((old, connection)) = closed.pop_front()
            && self
                .flows
                .get(old)
                .is_some_and(|f| f.connection == connection)
        {
            self.close(old, Left::AtEnd, sink);
        }
    }

    /// Evicts the connection silent longest among the next few.
    pub(super) fn evict(&mut self, sink: &mut impl Sink) {
        let bound = self.flows.bound();
        let mut oldest: Option<(i64, u64, u32)> = None;
        let mut examined = 0;
        for _ in 0..bound {
            self.hand = (self.hand + 1) % bound;
            let Some(flow) = self.flows.get(self.hand) else {
                continue;
            };
            let last = flow.sides[0].last_packet.max(flow.sides[1].last_packet);
            let age = (flow.last_time().unwrap_or(NEVER), last, self.hand);
            oldest = Some(oldest.map_or(age, |o| o.min(age)));
            examined += 1;
            if examined == SAMPLED_CONNECTIONS {
                break;
            }
        }
        if let Some((_, _, index)) = oldest {
            self.close(index, Left::Evicted, sink);
        }
    }

    /// Whether any connection can have been silent too long. Once true it stays so.
    #[inline(always)]
    pub(super) fn may_be_silent(&self) -> bool {
        self.shared.now.saturating_sub(self.earliest) > self.shared.config.idle
    }

    /// Evicts connections that have been silent too long, only if more than `few` are known: otherwise no time-out changes
    /// the bytes.
    #[cold]
    pub(super) fn sweep(&mut self, sink: &mut impl Sink) {
        let (bound, idle, now) = (self.flows.bound(), self.shared.config.idle, self.shared.now);
        let sample = SAMPLED_CONNECTIONS.min(bound);
        if !self.may_be_silent() || self.shared.stats.known <= self.shared.config.few.into() {
            self.hand = (self.hand + sample) % bound.max(1);
            return;
        }
        for _ in 0..sample {
            self.hand = (self.hand + 1) % bound;
            let last = self.flows.get(self.hand).and_then(Flow::last_time);
            if last.is_some_and(|last| now.saturating_sub(last) > idle) {
                self.close(self.hand, Left::Evicted, sink);
            }
        }
    }

    /// Ends both streams of a connection and frees it.
    pub(super) fn close(&mut self, index: u32, left: Left, sink: &mut impl Sink) {
        self.resolve(index, false, sink);
        self.reopen_windows(index);
        let client = self.flows[index].client();
        let left = match self.flows[index].closed {
            true if left == Left::Evicted => Left::AtEnd,
            _ => left,
        };
        for side in [client, 1 - client] {
            if self.flows[index].sides[side].packets > 0 {
                self.end_side(index, side, left, sink);
            }
        }
        if let Some(flow) = self.flows.remove(index) {
            self.table.remove(self.hash.of(&flow.key), index);
            if flow.has(0, mark::EVIDENCE) || flow.has(1, mark::EVIDENCE) {
                self.shared.evidence.remove(&index);
            }
        }
        self.shared.stats.known -= 1;
        self.shared.stats.evicted += (left == Left::Evicted) as u64;
    }

    pub(super) fn end_side(&mut self, index: u32, side: usize, left: Left, sink: &mut impl Sink) {
        let last = self.flows[index].last_segment(side);
        let floor = Seq(self.flows[index].starts[side].isn);
        let number = self.stream(index, side, floor);
        if !self.streams[number].open {
            self.open(index, side, &last, sink);
        }
        let flow = &self.flows[index];
        let streamless = self.streams[number].payload_bytes() == 0 && flow.has(side, mark::FIN);
        let closed = left == Left::Replaced || flow.reset || streamless;
        let (stream, mut cx) = self.context(number, index, side, &last, sink);
        stream.finish(&mut cx, closed);
        let id = cx.id;
        let Some(stream) = self.streams.remove(number) else {
            return;
        };
        let held = stream.cold.as_ref().map_or(0, |c| c.held.cost());
        self.shared.hold(held, 0);
        let flow = &self.flows[index];
        let evidence = match flow.has(side, mark::EVIDENCE) || flow.has(1 - side, mark::EVIDENCE) {
            true => self.shared.evidence.get(&index),
            false => None,
        };
        sink.summary(id, &flow.summary(side, &stream, left, evidence));
    }
}
