//! What the device did: the sender of the frames.

use super::{Picked, Rule, Said};
use crate::{
    analysis::{FaultGroup, Pauses},
    diagnosis::{
        case::Case,
        draft::{Draft, evidence},
        facts::Facts,
        finding::{Cause, Severity},
        threshold,
        words::{count, duration, first_in, grouped},
    },
    framing::FaultKind,
    tcp::{EndedBy, Evidence},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        cause: Cause::GarbledFrames,
        pick: garbled_frames,
        say: say_garbled_frames,
    },
    Rule {
        cause: Cause::WrongLength,
        pick: |facts| of_groups(facts, |group| facts.is_wrong_length(group)),
        say: say_wrong_length,
    },
    Rule {
        cause: Cause::UnknownFrameType,
        pick: |facts| of_groups(facts, |group| facts.is_unknown_type(group)),
        say: say_unknown_frame_type,
    },
    Rule {
        cause: Cause::Restarted,
        pick: restarted,
        say: say_restarted,
    },
    Rule {
        cause: Cause::Silent,
        pick: silent,
        say: say_silent,
    },
    Rule {
        cause: Cause::DeviceNoAnswer,
        pick: no_answer,
        say: say_no_answer,
    },
];

/// Faults of the groups that a rule takes, as a share of all frames sent.
fn of_groups(facts: &Facts<'_>, takes: impl Fn(&FaultGroup) -> bool) -> Option<Picked> {
    let groups = facts.numbers.evidence.groups.iter();
    let seen = groups
        .filter(|group| takes(group))
        .fold(Evidence::default(), |mut sum, group| {
            sum += group.seen;
            sum
        });
    Picked::some(seen, facts.attempts())
}

/// Faults that no other rule explains: not those of another length, not bytes that came twice and differed, not the frame
/// that was open when somebody else closed the connection, not the rest of a frame from before a restart.
fn garbled_frames(facts: &Facts<'_>) -> Option<Picked> {
    let (evidence, tcp) = (&facts.numbers.evidence, &facts.numbers.summary.evidence);
    let other = |group: &FaultGroup| facts.is_wrong_length(group) || facts.is_unknown_type(group);
    let mut seen = of_groups(facts, |group| !other(group)).map_or(Evidence::default(), |p| p.seen);
    if !facts
        .all
        .follows_restart(facts.numbers.summary.first_packet)
    {
        seen += evidence.broken_start;
    }
    if tcp.ended_by == EndedBy::Sender && !tcp.ended_by_rst {
        seen += evidence.open_at_end;
    }
    Picked::some(seen, facts.attempts())
}

fn say_garbled_frames(draft: &Draft, case: &Case<'_>) -> Said {
    let kinds = match draft.kinds() {
        kinds if kinds.is_empty() => String::new(),
        kinds => format!(" ({})", kinds.join(", ")),
    };
    Said {
        severity: Severity::Fault,
        what: Some("frames"),
        text: format!(
            "{} sent {}{kinds}, {}",
            draft.senders(),
            count(draft.seen.count, "garbled frame"),
            first_in(draft.seen.first_packet, draft.seen.count),
        ),
        next: case.command_for("errors", draft.only_connection()),
    }
}

fn say_wrong_length(draft: &Draft, case: &Case<'_>) -> Said {
    let n = draft.seen.count;
    let off = draft
        .wrong_length()
        .and_then(|group| case.nearest_size(group.length, group.nearest));
    let by = match off {
        Some((off, kind)) => {
            let word = if off < 0 { "short of" } else { "longer than" };
            let verb = if n == 1 { "is" } else { "are" };
            let bytes = count(off.unsigned_abs(), "byte");
            format!("that {verb} {bytes} {word} {}", case.type_name(kind))
        }
        None => "of various wrong lengths".to_owned(),
    };
    Said {
        severity: Severity::Fault,
        what: Some("frames"),
        text: format!(
            "{} sent {} {by}, {}",
            draft.senders(),
            count(n, "frame"),
            first_in(draft.seen.first_packet, n),
        ),
        next: case.command_for("errors", draft.only_connection()),
    }
}

fn say_unknown_frame_type(draft: &Draft, case: &Case<'_>) -> Said {
    let n = draft.seen.count;
    let shape = match draft.unknown_length() {
        Some(group) => {
            let header = group
                .nearest
                .and_then(|kind| case.protocol.frames.get(kind));
            let bytes = group.header.to_be_bytes();
            let header = header.map_or(2, |kind| kind.header_len.min(4));
            let header: Vec<_> = bytes[..header]
                .iter()
                .map(|byte| format!("{byte:02X}"))
                .collect();
            format!(
                "of {} that begin with {}",
                count(group.length, "byte"),
                header.join(" ")
            )
        }
        None => "of several lengths".to_owned(),
    };
    Said {
        severity: Severity::Fault,
        what: Some("frames"),
        text: format!(
            "{} sent {} {shape}, whole and regular, {}: a type that {} does not describe; add it to the description",
            draft.senders(),
            count(n, "frame"),
            first_in(draft.seen.first_packet, n),
            case.protocol.name,
        ),
        next: case.command("identify"),
    }
}

/// A reset in the middle of a frame, or a connection left open by a device that came back on another.
fn restarted(facts: &Facts<'_>) -> Option<Picked> {
    let restart = facts.all.restarts.get(&facts.stream.connection)?;
    if facts.stream.dir != crate::tcp::Dir::C2s {
        return None;
    }
    let last = restart
        .back
        .map_or(restart.last_packet, |(packet, _)| packet);
    let mut seen = evidence(1, restart.last_packet, last, restart.time);
    seen.longest_ns = restart.back.map_or(0, |(_, ns)| ns);
    Picked::some(seen, 0)
}

fn say_restarted(draft: &Draft, case: &Case<'_>) -> Said {
    let how = match draft.restart() {
        Some(restart) if restart.by_reset => format!(
            "reset its connection in the middle of a frame ({} of it sent) in packet {}",
            count(restart.open_bytes, "byte"),
            restart.last_packet
        ),
        Some(restart) => format!(
            "fell silent after packet {} without closing its connection",
            restart.last_packet
        ),
        None => "left its connection".to_owned(),
    };
    let back = match draft.restart().and_then(|restart| restart.back) {
        Some((packet, ns)) => format!(
            " and connected again {} later in packet {packet}",
            duration(ns)
        ),
        None => String::new(),
    };
    let times = match draft.seen.count {
        1 => String::new(),
        n => format!("; {} in all", count(n, "restart")),
    };
    Said {
        severity: Severity::Fault,
        what: None,
        text: format!("{} {how}{back}{times}", draft.first_sender()),
        next: case.command_for("errors", draft.only_connection()),
    }
}

/// A pause that is out of the stream's habit, during which the capture went on and the server's window was open.
fn silent(facts: &Facts<'_>) -> Option<Picked> {
    let (numbers, summary) = (&facts.numbers, &facts.numbers.summary);
    let (pauses, tcp) = (&numbers.evidence.pauses, &summary.evidence);
    let last = summary.last_packet.max(tcp.peer_last_packet);
    let inner = (pauses.longest_ns, pauses.from_packet, pauses.to_packet);
    let (from, at_end) = (
        numbers.evidence.last_frame_packet,
        numbers.evidence.silent_at_end_ns,
    );
    // At the end of a connection nobody owes frames once one side has closed it.
    let open = tcp.ended_by == EndedBy::Nobody;
    let outer = if open {
        (at_end, from, last)
    } else {
        (0, 0, 0)
    };
    let (ns, from, to) = inner.max(outer);
    let frames = facts.frames();
    let long = ns >= Pauses::MIN_NS
        && ns / threshold::SILENCE_INTERVALS >= facts.mean_interval_ns()
        && frames >= threshold::SILENCE_FRAMES;
    let rare = pauses.count * 100 <= summary.counts.segments.max(20) * threshold::SILENCE_PERCENT;
    let window = tcp.zero_window.total_ns / 100 * 100;
    let held_up = window >= ns / 100 * threshold::SILENCE_BY_WINDOW_PERCENT;
    let watched = to.saturating_sub(from) >= threshold::SILENCE_PACKETS;
    if !long || !rare || held_up || !watched {
        return None;
    }
    let mut seen = evidence(1, from, to, None);
    (seen.longest_ns, seen.total_ns) = (ns, ns);
    Picked::some(seen, 0)
}

fn say_silent(draft: &Draft, case: &Case<'_>) -> Said {
    Said {
        severity: Severity::Fault,
        what: None,
        text: format!(
            "{} sent no frame for {} between packets {} and {}, far longer than it does otherwise, while the connection \
             stayed open",
            draft.senders(),
            duration(draft.seen.longest_ns),
            draft.seen.first_packet,
            draft.seen.last_packet,
        ),
        next: case.command_for("frames", draft.only_connection()),
    }
}

/// Data that the server sent again and again after the device's last packet.
fn no_answer(facts: &Facts<'_>) -> Option<Picked> {
    let (summary, tcp) = (&facts.numbers.summary, &facts.numbers.summary.evidence);
    let tries = tcp.sent_again;
    let owed = super::super::facts::duration(tcp.peer_end_time, summary.end_time);
    let is_server = facts.stream.dir == crate::tcp::Dir::S2c;
    let unheard = tcp.unacknowledged > 0
        && tcp.peer_packets > 0
        && tries.count >= threshold::ANSWER_TRIES
        && tries.first_packet > tcp.peer_last_packet
        && owed >= threshold::ANSWER_NS;
    if !is_server || !unheard || tcp.peer_fin || tcp.peer_rst {
        return None;
    }
    let mut seen = evidence(1, tries.first_packet, tries.last_packet, tries.time);
    seen.longest_ns = owed;
    Picked::some(seen, 0)
}

fn say_no_answer(draft: &Draft, case: &Case<'_>) -> Said {
    Said {
        severity: Severity::Fault,
        what: None,
        text: format!(
            "{} acknowledged nothing of what the server sent and sent again for {}, first in packet {}: it is down, or the \
             way to it is",
            draft.receivers(),
            duration(draft.seen.longest_ns),
            grouped(draft.seen.first_packet),
        ),
        next: case.command_for("streams", draft.only_connection()),
    }
}

/// The names of fault kinds in sentences.
pub(in crate::diagnosis) fn kind_in_words(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::BadEndMarker => "wrong end marker",
        FaultKind::BadLength => "wrong length",
        FaultKind::Truncated => "cut off",
        FaultKind::BadHeader => "wrong header",
        FaultKind::BadChecksum => "wrong checksum",
        FaultKind::Junk => "bytes between frames",
    }
}
