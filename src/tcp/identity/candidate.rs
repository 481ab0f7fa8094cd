//! Packets held until it is decided whether they begin another connection on a known 4-tuple.

use super::*;
use crate::tcp::held::OwnedSegment;

/// A SYN this long after the first one is no copy that the network delayed (maximum segment lifetime, RFC 9293, 3.4.1).
const MAX_SEGMENT_LIFETIME_NS: i64 = 120_000_000_000;
/// A whole handshake this long after the first one is no copy from another tap or a mirror port.
const MAX_COPY_DELAY_NS: i64 = 3_000_000_000;
/// Packets held for one candidate; then what is known decides.
const MAX_HELD_PACKETS: usize = 16;
/// Packets of the known connection after which a candidate that nothing supports is refused.
const MAX_FOREIGN_PACKETS: u32 = 256;
/// Segments that must follow each other where no acknowledgement was captured.
const MIN_RUN_WITHOUT_ACK: u32 = 4;

/// What a packet adds to a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tcp) enum Verdict {
    /// The held packets begin another connection, and this one belongs to it.
    Another,
    /// The held packets belong to the known connection, or to none.
    Same,
    /// This packet is held too.
    Hold,
    /// This packet belongs to the known connection and decides nothing.
    Pass,
}

/// What opened a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tcp) enum Opener {
    Syn,
    SynAck,
    Strange,
}

/// Packets that may be the first of another connection on a 4-tuple that is known.
pub(in crate::tcp) struct Candidate {
    pub held: Vec<(usize, OwnedSegment)>,
    /// Bytes of memory that they stand for.
    pub cost: u64,
    opener: Opener,
    /// Which side sent the first packet.
    side: usize,
    /// By side: first number and next number, once known.
    numbers: [Option<(Seq, Seq)>; 2],
    /// Segments that follow one another.
    run: u32,
    /// The peer acknowledged exactly what the run holds.
    acked: bool,
    /// Both numbers of the first packet were far from those known.
    unrelated: bool,
    /// Packets of the known connection that came since.
    foreign: u32,
}

impl Candidate {
    pub fn new(known: &Known<'_>, side: usize, segment: &Segment<'_>) -> Self {
        let opener = match (segment.flags.syn(), segment.flags.ack()) {
            (true, false) => Opener::Syn,
            (true, true) => Opener::SynAck,
            _ => Opener::Strange,
        };
        let seq = known.seq_fit(side, Seq(segment.seq));
        let mut candidate = Self {
            held: Vec::new(),
            cost: 0,
            opener,
            side,
            numbers: [None; 2],
            run: 0,
            acked: false,
            unrelated: seq.is_far_or_unknown() && known.ack_fit(side, segment).is_far_or_unknown(),
            foreign: 0,
        };
        candidate.hold(side, segment);
        candidate
    }

    /// What opened it.
    pub fn opener(&self) -> Opener {
        self.opener
    }

    /// Keeps a copy of a packet that may belong to it.
    pub fn hold(&mut self, side: usize, segment: &Segment<'_>) {
        let begin = Seq(segment.seq).plus(segment.flags.syn() as u32);
        let end = begin
            .plus(segment.payload_len)
            .plus(segment.flags.fin() as u32);
        let next = self.numbers[side].map_or(begin, |(_, next)| next);
        let follows = begin == next && end != begin;
        self.run += follows as u32;
        let (first, next) = self.numbers[side].unwrap_or((begin, begin));
        let next = if end.since(next) > 0 { end } else { next };
        self.numbers[side] = Some((first, next));
        if segment.flags.ack() {
            let ack = Seq(segment.ack);
            match self.numbers[1 - side] {
                None => self.numbers[1 - side] = Some((ack, ack)),
                Some((first, next)) => self.acked |= ack == next && next != first,
            }
        }
        let owned = OwnedSegment::new(segment);
        self.cost += owned.cost();
        self.held.push((side, owned));
    }

    /// Whether a packet's numbers are near those of the candidate.
    fn fits(&self, side: usize, segment: &Segment<'_>) -> bool {
        let near = |range: Option<(Seq, Seq)>, number: Seq| {
            range.is_none_or(|(first, next)| {
                number.since(first) >= -1 && number.since(next) < NEAR_BYTES >> 4
            })
        };
        near(self.numbers[side], Seq(segment.seq))
            && (!segment.flags.ack() || near(self.numbers[1 - side], Seq(segment.ack)))
    }

    /// Weighs the next packet of the 4-tuple.
    pub fn weigh(&mut self, known: &Known<'_>, side: usize, segment: &Segment<'_>) -> Verdict {
        let verdict = match self.opener {
            Opener::Syn => self.weigh_after_syn(known, side, segment),
            Opener::SynAck => self.weigh_after_syn_ack(known, side, segment),
            Opener::Strange => self.weigh_strange(known, side, segment),
        };
        match verdict {
            Verdict::Pass => {
                self.foreign += 1;
                match self.foreign > MAX_FOREIGN_PACKETS {
                    true => Verdict::Same,
                    false => Verdict::Pass,
                }
            }
            Verdict::Hold if self.held.len() >= MAX_HELD_PACKETS => match self.judge(known) {
                true => Verdict::Another,
                false => Verdict::Same,
            },
            verdict => verdict,
        }
    }

    fn weigh_after_syn(&self, known: &Known<'_>, side: usize, segment: &Segment<'_>) -> Verdict {
        if side != self.side {
            return self.weigh_answer(known, side, segment);
        }
        let base = self.numbers[side].map_or(Seq(segment.seq), |(first, _)| first);
        if segment.flags.syn() {
            return match segment.seq.wrapping_add(1) == base.0 {
                true => Verdict::Hold,
                false => self.by_default(known),
            };
        }
        if segment.flags.rst() {
            return Verdict::Pass;
        }
        if known.is_strange(side, segment) && self.fits(side, segment) {
            return Verdict::Another;
        }
        let next = self.numbers[side].map_or(base, |(_, next)| next);
        let goes_on = known.seq_fit(side, Seq(segment.seq)) == Fit::Next;
        if segment.seq != next.0 || goes_on && next != base {
            return match goes_on || segment.seq != base.0 {
                true => Verdict::Same,
                false => Verdict::Hold,
            };
        }
        if self.acked_anew(known, side, segment) {
            return Verdict::Another;
        }
        match known.differs(side, segment) {
            Some(true) => Verdict::Another,
            None if segment.payload_len > 0 => self.by_default(known),
            _ => Verdict::Hold,
        }
    }

    /// Whether a handshake acknowledgement names another first byte of the peer than the known connection has.
    fn acked_anew(&self, known: &Known<'_>, side: usize, segment: &Segment<'_>) -> bool {
        let known_low = known.used(1 - side).filter(|used| used.begun_by_syn);
        let last = Seq(known.flow.sides[side].ack);
        segment.flags.ack()
            && known_low.is_none()
            && known.flow.has(side, mark::ACK)
            && known.streams[1 - side].is_none()
            && (Seq(segment.ack).since(last) < -1 || Seq(segment.ack).since(last) > 1 << 16)
    }

    /// A packet of the peer of who sent the SYN.
    fn weigh_answer(&self, known: &Known<'_>, side: usize, segment: &Segment<'_>) -> Verdict {
        let first = self.numbers[1 - side].map_or(Seq(0), |(first, _)| first);
        let answers = segment.flags.ack() && Seq(segment.ack) == first;
        if segment.flags.rst() {
            return match answers && !known.is_over(1 - side) {
                true => Verdict::Another,
                false => Verdict::Pass,
            };
        }
        if segment.flags.syn() {
            let base = Seq(segment.seq).plus(1);
            let is_copy = match known.used(side) {
                Some(used) if used.begun_by_syn => {
                    let isn2 = Seq(known.flow.starts[side].isn2).plus(1);
                    used.low == base || known.flow.has(side, mark::SECOND) && isn2 == base
                }
                Some(used) => (0..1 << 16).contains(&used.low.since(base)),
                None => {
                    let since = Seq(known.flow.sides[1 - side].ack).since(base);
                    !known.flow.has(1 - side, mark::ACK) || (0..NEAR_BYTES).contains(&since)
                }
            };
            return match (answers, is_copy) {
                (true, false) => Verdict::Another,
                (true, true) => Verdict::Hold,
                (false, _) => self.by_default(known),
            };
        }
        match known.is_strange(side, segment) && self.fits(side, segment) {
            true => Verdict::Another,
            false => Verdict::Pass,
        }
    }

    fn weigh_after_syn_ack(
        &self,
        known: &Known<'_>,
        side: usize,
        segment: &Segment<'_>,
    ) -> Verdict {
        if segment.flags.rst() {
            return Verdict::Pass;
        }
        if segment.flags.syn() {
            let is_copy = self.fits(side, segment) && side == self.side && segment.flags.ack();
            return match is_copy {
                true => Verdict::Hold,
                false => self.by_default(known),
            };
        }
        let number = |range: Option<(Seq, Seq)>| range.map(|(_, next)| next);
        let here = number(self.numbers[side]) == Some(Seq(segment.seq))
            || segment.flags.ack() && number(self.numbers[1 - side]) == Some(Seq(segment.ack));
        let there = known.seq_fit(side, Seq(segment.seq)) == Fit::Next
            || known.ack_fit(side, segment) == Fit::Next;
        match (
            here && self.fits(side, segment),
            there && !known.is_strange(side, segment),
        ) {
            (true, false) => Verdict::Another,
            (true, true) if side != self.side && self.names_peer(known, side, segment) => {
                Verdict::Another
            }
            (false, true) => Verdict::Same,
            _ => Verdict::Pass,
        }
    }

    /// Whether a packet acknowledges exactly the first byte that the held SYN/ACK names, and not one of the known
    /// connection.
    fn names_peer(&self, known: &Known<'_>, side: usize, segment: &Segment<'_>) -> bool {
        let named = self.numbers[1 - side].is_some_and(|(first, _)| first == Seq(segment.ack));
        named && known.ack_fit(side, segment) != Fit::Next
    }

    fn weigh_strange(&mut self, known: &Known<'_>, side: usize, segment: &Segment<'_>) -> Verdict {
        if segment.flags.syn() {
            // Its SYN, captured late; or that of a third connection.
            let base = Seq(segment.seq).plus(1);
            let is_first = self.numbers[side].is_some_and(|(first, _)| first == base);
            return match is_first && known.seq_fit(side, base).is_far_or_unknown() {
                true => Verdict::Another,
                false => self.by_default(known),
            };
        }
        if segment.flags.rst() || !known.is_strange(side, segment) {
            let exact = self.numbers[side].is_some_and(|(_, next)| next == Seq(segment.seq));
            let continues = exact && known.seq_fit(side, Seq(segment.seq)) != Fit::Next;
            let acks = segment.flags.ack()
                && self.numbers[1 - side]
                    .is_some_and(|(first, next)| next != first && next == Seq(segment.ack))
                && known.ack_fit(side, segment).is_far();
            return match (continues || acks) && self.fits(side, segment) {
                true => Verdict::Hold,
                false => Verdict::Pass,
            };
        }
        if !self.fits(side, segment) {
            return Verdict::Same;
        }
        Verdict::Hold
    }

    /// Whether what is held is evidence enough for another connection.
    pub fn is_proved(&self, known: &Known<'_>) -> bool {
        self.opener == Opener::Strange
            && self.run > 0
            && (known.is_over(self.side)
                || self.acked && (self.run > 1 || self.unrelated)
                || self.run >= MIN_RUN_WITHOUT_ACK)
    }

    fn by_default(&self, known: &Known<'_>) -> Verdict {
        match self.judge(known) {
            true => Verdict::Another,
            false => Verdict::Same,
        }
    }

    /// Decides when nothing more is to come: whether another connection begins here.
    pub fn judge(&self, known: &Known<'_>) -> bool {
        let Some((_, first)) = self.held.first() else {
            return false;
        };
        let first = first.segment();
        let delay = known.since_start(self.side, &first);
        let more = self
            .held
            .iter()
            .any(|(side, held)| *side != self.side || !held.segment().flags.syn());
        match self.opener {
            Opener::Strange => self.is_proved(known),
            Opener::SynAck => known.is_over(self.side) || delay > MAX_SEGMENT_LIFETIME_NS,
            Opener::Syn => {
                delay > MAX_SEGMENT_LIFETIME_NS
                    || known.has_other_clock(self.side, &first)
                    || more && delay > MAX_COPY_DELAY_NS
            }
        }
    }
}
