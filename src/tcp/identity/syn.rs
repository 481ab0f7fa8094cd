//! Whether a SYN belongs to the known connection.

use super::*;

/// A SYN without answer is sent again within this time (Linux waits 64 s at most, RFC 6298 allows 60 s or more).
const MAX_SYN_RETRY_NS: i64 = 180_000_000_000;

/// What a SYN says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tcp) enum Syn {
    /// It belongs to the known connection: its own SYN, captured late or again, or another try of its handshake.
    Same,
    /// It begins another connection.
    Another,
    /// What follows decides.
    Open,
}

/// Judges a SYN with or without ACK.
pub(in crate::tcp) fn judge_syn(known: &Known<'_>, side: usize, segment: &Segment<'_>) -> Syn {
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
