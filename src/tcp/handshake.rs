//! SYNs: whether one belongs to a connection that is known, and which one says where a stream begins.

use super::{
    flow::{Flow, mark},
    seq::Seq,
    stream::Stream,
};
use crate::decode::Segment;

/// A SYN this near to what its side sends is an old copy, not a new connection.
const WINDOW: u64 = 1 << 16;

/// Whose a SYN is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Syn {
    /// Of the connection that is known: its own SYN, captured late or again, or another try of its handshake.
    Same,
    /// Of another connection on the same addresses and ports.
    Another,
}

/// Judges a SYN with or without ACK.
pub(super) fn judge_syn(
    flow: &Flow,
    stream: Option<&Stream>,
    side: usize,
    segment: &Segment<'_>,
) -> Syn {
    let (mine, peer) = (&flow.starts[side], &flow.starts[1 - side]);
    let peer_ack = flow.sides[1 - side].ack;
    let done = flow.reset || flow.closed;
    let base = Seq(segment.seq).plus(1);
    let answered = flow.has(1 - side, mark::ACK) && peer_ack == base.0;
    if flow.has(side, mark::SYN) {
        if mine.isn == segment.seq || (flow.has(side, mark::SECOND) && mine.isn2 == segment.seq) {
            return Syn::Same;
        }
        if segment.flags.ack() {
            return match stream {
                Some(s) if s.bytes() > 0 && done => Syn::Another,
                _ => Syn::Same,
            };
        }
        let unanswered = !(flow.has(1 - side, mark::ACK) && peer_ack == mine.isn.wrapping_add(1));
        return match stream {
            _ if done => Syn::Another,
            None if unanswered => Syn::Same,
            None => Syn::Another,
            Some(_) => Syn::Another,
        };
    }
    // No SYN of this side yet: it belongs here if it stands where the stream begins, or before all that is known of it.
    let known = match stream {
        Some(s) if s.open => {
            return if s.lowest_is(base) {
                Syn::Same
            } else {
                Syn::Another
            };
        }
        Some(s) => Some(Seq(s.lowest() as u32)),
        None => flow.has(side, mark::FLOOR).then_some(Seq(mine.isn)),
    };
    // It answers the peer's SYN, so whatever a RST in between said was not the peer's doing.
    let answers = segment.flags.ack()
        && flow.has(1 - side, mark::SYN)
        && segment.ack == peer.isn.wrapping_add(1);
    match known {
        _ if answered || answers => Syn::Same,
        Some(low) if (-1..WINDOW as i32).contains(&low.since(base)) => Syn::Same,
        Some(_) => Syn::Another,
        None if done => Syn::Another,
        None => Syn::Same,
    }
}

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

    /// Whether an empty packet needs a stream to be told of: its FIN shows missing bytes, or it is a keep-alive.
    pub fn needs_stream(&self, side: usize, seq: Seq, fin: bool) -> bool {
        if !self.has(side, mark::SYN | mark::FLOOR) {
            return false;
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
