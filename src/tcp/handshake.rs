//! SYNs: which one says where a stream begins.

use super::{
    flow::{Flow, mark},
    seq::Seq,
};
use crate::decode::Segment;

impl Flow {
    /// Takes the sequence number of a SYN that belongs here.
    pub fn note_syn(&mut self, side: usize, segment: &Segment<'_>) {
        let kind = if segment.flags.ack() {
            mark::SYN_ACK
        } else {
            mark::BARE
        };
        let s = &mut self.starts[side];
        if self.marks[side] & mark::SYN != 0 && s.isn != segment.seq {
            if s.isn2 == segment.seq && self.marks[side] & mark::SECOND != 0 {
                return;
            }
            s.isn2 = s.isn;
            self.marks[side] |= mark::SECOND;
        }
        s.isn = segment.seq;
        self.syn_clocks[side] = segment.options().timestamps.map_or(0, |(clock, _)| clock);
        self.marks[side] |= mark::SYN | kind;
        self.marks[side] &= !mark::FLOOR;
    }

    /// Of two SYNs, the one that the first data stands behind; else the one that the peer acknowledged; else the last.
    pub fn choose_isn(&mut self, side: usize, first: Seq) {
        let (mine, peer_ack) = (&self.starts[side], self.sides[1 - side].ack);
        let fits = |seq: Seq| seq.0 == mine.isn.wrapping_add(1);
        let fits2 = |seq: Seq| self.has(side, mark::SECOND) && seq.0 == mine.isn2.wrapping_add(1);
        let acked =
            |fits: &dyn Fn(Seq) -> bool| self.has(1 - side, mark::ACK) && fits(Seq(peer_ack));
        if !fits(first) && (fits2(first) || (!acked(&fits) && acked(&fits2))) {
            let s = &mut self.starts[side];
            std::mem::swap(&mut s.isn, &mut s.isn2);
        }
    }

    /// Whether an empty packet of a side without bytes is a keep-alive: its number is that of the SYN.
    pub fn is_keepalive(&self, side: usize, seq: u32) -> bool {
        self.has(side, mark::SYN) && self.starts[side].isn == seq
    }

    /// Whether an empty packet needs a stream: its FIN shows missing bytes, or it is a keep-alive.
    pub fn needs_stream(&self, side: usize, seq: Seq, fin: bool) -> bool {
        if !self.has(side, mark::SYN | mark::FLOOR) {
            return false;
        }
        if self.is_keepalive(side, seq.0) {
            return true;
        }
        let base = Seq(self.starts[side].isn).plus(self.has(side, mark::SYN) as u32);
        fin && seq.since(base) > 0
    }

    /// Notes where an empty packet of a side without SYN stands: data more than one above it shows a hole.
    pub fn note_floor(&mut self, side: usize, seq: Seq) {
        if self.marks[side] & (mark::SYN | mark::FLOOR) == 0 {
            self.starts[side].isn = seq.0;
            self.marks[side] |= mark::FLOOR;
        }
    }
}
