//! Whether a packet belongs to the connection known on its 4-tuple, or begins another one on the same 4-tuple.
//!
//! A 4-tuple is no identity: devices reboot with the same ports and the same initial sequence number, and a 4-tuple
//! comes back without its SYN in filtered and rotated captures. A packet that does not fit the known connection, and a
//! SYN after data, are held in a [`Candidate`] until what follows decides. `docs/IDENTITY.md` lists the evidence and
//! what cannot be known. Knows numbers, times and bytes; nothing of how connections are stored.

use super::{
    flow::{Flow, mark},
    held::OwnedSegment,
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
/// A SYN this long after the first one is no copy that the network delayed (maximum segment lifetime, RFC 9293, 3.4.1).
const MAX_SEGMENT_LIFETIME_NS: i64 = 120_000_000_000;
/// A whole handshake this long after the first one is no copy from another tap or a mirror port.
const MAX_COPY_DELAY_NS: i64 = 3_000_000_000;
/// A SYN without answer is sent again within this time (Linux waits 64 s at most, RFC 6298 allows 60 s or more).
const MAX_SYN_RETRY_NS: i64 = 180_000_000_000;
/// Packets held for one candidate; then what is known decides.
const MAX_HELD_PACKETS: usize = 16;
/// Packets of the known connection after which a candidate that nothing supports is refused.
const MAX_FOREIGN_PACKETS: u32 = 256;
/// Segments that must follow each other where no acknowledgement was captured.
const MIN_RUN_WITHOUT_ACK: u32 = 4;

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

/// What a SYN says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syn {
    /// It belongs to the known connection: its own SYN, captured late or again, or another try of its handshake.
    Same,
    /// It begins another connection.
    Another,
    /// What follows decides.
    Open,
}

/// Judges a SYN with or without ACK.
pub(super) fn judge_syn(known: &Known<'_>, side: usize, segment: &Segment<'_>) -> Syn {
    let flow = known.flow;
    let base = Seq(segment.seq).plus(1);
    let (start, now) = (flow.starts[side].time, time_of(segment));
    let before_all = flow.sides[side].packets > 0 && NEVER < now && now < start;
    match flow.has(side, mark::SYN) {
        true if segment.flags.ack() => judge_second_syn_ack(known, side, segment),
        true => judge_second_syn(known, side, segment),
        false => judge_first_syn(known, side, segment, base, before_all),
    }
}

/// A bare SYN of a side of which a SYN is known.
fn judge_second_syn(known: &Known<'_>, side: usize, segment: &Segment<'_>) -> Syn {
    let (flow, mine) = (known.flow, &known.flow.starts[side]);
    let same_number =
        mine.isn == segment.seq || flow.has(side, mark::SECOND) && mine.isn2 == segment.seq;
    let past = known.is_past_handshake(side);
    let last = flow.sides[side].end_time;
    let pause = match last == NEVER || time_of(segment) == NEVER {
        true => 0,
        false => time_of(segment).saturating_sub(last),
    };
    if !past && pause > MAX_SYN_RETRY_NS {
        return Syn::Another;
    }
    if same_number {
        return if past { Syn::Open } else { Syn::Same };
    }
    let peer_ack = flow.sides[1 - side].ack;
    let unanswered = !(flow.has(1 - side, mark::ACK) && peer_ack == mine.isn.wrapping_add(1));
    let done = flow.reset || flow.closed;
    match !done && known.streams[side].is_none() && unanswered {
        true => Syn::Same,
        false => Syn::Another,
    }
}

/// A SYN/ACK of a side of which a SYN is known. Several with other numbers may come until the peer has chosen one.
fn judge_second_syn_ack(known: &Known<'_>, side: usize, segment: &Segment<'_>) -> Syn {
    let (flow, mine) = (known.flow, &known.flow.starts[side]);
    let base = mine.isn.wrapping_add(1);
    let chosen = flow.has(1 - side, mark::ACK) && {
        let ack = Seq(flow.sides[1 - side].ack);
        known.used(side).is_some_and(|used| !used.fit(ack).is_far())
    };
    let same_number =
        mine.isn == segment.seq || flow.has(side, mark::SECOND) && mine.isn2 == segment.seq;
    let same_peer = known
        .used(1 - side)
        .is_none_or(|used| Seq(segment.ack).since(used.low) == 0);
    let bytes = known.streams[side].is_some_and(|s| s.segments > 0);
    match (same_number, same_peer) {
        (true, true) => Syn::Same,
        (_, false) if chosen || bytes => Syn::Open,
        (false, _) if chosen && flow.sides[1 - side].ack == base || bytes => Syn::Open,
        _ => Syn::Same,
    }
}

/// A SYN of a side of which none is known: it belongs here if it stands where the stream begins, or just before all
/// that is known of it.
fn judge_first_syn(
    known: &Known<'_>,
    side: usize,
    segment: &Segment<'_>,
    base: Seq,
    before_all: bool,
) -> Syn {
    let flow = known.flow;
    let peer_isn = flow.starts[1 - side].isn;
    let answers = segment.flags.ack()
        && flow.has(1 - side, mark::SYN)
        && segment.ack == peer_isn.wrapping_add(1);
    let answered = flow.has(1 - side, mark::ACK) && flow.sides[1 - side].ack == base.0;
    let over = flow.reset || flow.closed;
    let Some(used) = known.used(side) else {
        return match over && !answered && !answers {
            true => Syn::Another,
            false => Syn::Same,
        };
    };
    let above = used.low.since(base);
    let is_open = known.streams[side].is_some_and(|s| s.open);
    let may_be_first = (-1..1 << 16).contains(&above) && !(is_open && above != 0);
    if before_all && may_be_first {
        return Syn::Same;
    }
    if answers && !is_open {
        return Syn::Same;
    }
    match may_be_first && !(over && above > 0) {
        true if known.is_past_handshake(side) && !segment.flags.ack() => Syn::Open,
        true => Syn::Same,
        false if answered && !is_open && !over => Syn::Same,
        false => Syn::Another,
    }
}

/// What a packet adds to a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
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
pub(super) enum Opener {
    Syn,
    SynAck,
    Strange,
}

/// Packets that may be the first of another connection on a 4-tuple that is known.
pub(super) struct Candidate {
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

impl Known<'_> {
    /// Whether the timestamps option of a SYN differs from that of the SYN that is known: then it is no copy of it.
    fn has_other_clock(&self, side: usize, segment: &Segment<'_>) -> bool {
        let clock = self.flow.syn_clocks[side];
        let now = segment.options().timestamps;
        clock != 0 && now.is_some_and(|(now, _)| now != clock)
    }
}
