//! What the receiver of the frames did, or does with what it gets.

use super::{Picked, Rule, Said};
use crate::{
    analysis::{FailedAtPort, Listed},
    diagnosis::{
        case::Case,
        draft::Draft,
        facts::{Facts, Together},
        finding::{Cause, FindingStream, Severity},
        threshold,
        words::{count, duration, first_in, grouped, percent},
    },
    tcp::EndedBy,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        cause: Cause::CoalescedReads,
        pick: coalesced_reads,
        say: say_coalesced_reads,
    },
    Rule {
        cause: Cause::Refused,
        pick: |_| None,
        say: say_refused,
    },
    Rule {
        cause: Cause::ServerNoAnswer,
        pick: |_| None,
        say: say_no_answer,
    },
    Rule {
        cause: Cause::Reset,
        pick: reset,
        say: say_reset,
    },
    Rule {
        cause: Cause::ClosedMidFrame,
        pick: closed_mid_frame,
        say: say_closed_mid_frame,
    },
    Rule {
        cause: Cause::ZeroWindow,
        pick: |facts| Picked::some(facts.numbers.summary.evidence.zero_window, 0),
        say: say_zero_window,
    },
];

/// Adds connections that carried no payload, which are not among the streams.
pub(super) fn add_failed(cause: Cause, case: &Case<'_>, all: &Together, draft: &mut Draft) {
    let list: fn(&FailedAtPort) -> &Listed = match cause {
        Cause::Refused => |failed| &failed.refused,
        Cause::ServerNoAnswer => |failed| &failed.unanswered,
        Cause::Reset => |failed| &failed.reset,
        _ => return,
    };
    let of = case.outcome.tcp.connections;
    // Where frames were found, other ports are other services, of which nothing was asked.
    let ports = &all.frame_ports;
    for (port, failed) in case.stats.failed.ports() {
        if ports.is_empty() || ports.contains(&port) {
            add_list(list(failed), of, draft);
        }
    }
}

fn add_list(list: &Listed, of: u64, draft: &mut Draft) {
    draft.add_listed(
        list.streams
            .iter()
            .map(|s| FindingStream::new(s.id, s.src, s.dst)),
        list.seen,
        of,
    );
}

/// Frames that a reader which takes one read for one frame would not get: whole ones at the start of a read it gets.
fn coalesced_reads(facts: &Facts<'_>) -> Option<Picked> {
    let frames = facts.frames();
    let lost = frames.saturating_sub(facts.numbers.counts.delivery.first);
    Picked::some(facts.whole(lost), frames)
}

fn say_coalesced_reads(draft: &Draft, case: &Case<'_>) -> Said {
    Said {
        severity: Severity::Warning,
        what: Some("frames"),
        text: format!(
            "a server that takes one read for one frame would lose {} of the frames ({} of {})",
            percent(draft.seen.count, draft.of),
            grouped(draft.seen.count),
            grouped(draft.of),
        ),
        next: case.command("stats"),
    }
}

fn say_refused(draft: &Draft, case: &Case<'_>) -> Said {
    let n = draft.seen.count;
    Said {
        severity: Severity::Fault,
        what: Some("connections"),
        text: format!(
            "{} refused {}: answered by RST, {}; nothing listens there, or a firewall rejects it",
            draft.receivers(),
            count(n, "connection"),
            first_in(draft.seen.first_packet, n),
        ),
        next: case.command("streams"),
    }
}

fn say_no_answer(draft: &Draft, case: &Case<'_>) -> Said {
    let n = draft.seen.count;
    Said {
        severity: Severity::Fault,
        what: Some("connections"),
        text: format!(
            "{} answered none of {}, {}: the server is down, or a packet of either direction is lost or filtered on the way; \
             the capture cannot show which",
            draft.receivers(),
            count(n, "connection attempt"),
            first_in(draft.seen.first_packet, n),
        ),
        next: case.command("streams"),
    }
}

/// A RST from the receiver between two frames, before the sender had closed.
fn reset(facts: &Facts<'_>) -> Option<Picked> {
    let (evidence, tcp) = (&facts.numbers.evidence, &facts.numbers.summary.evidence);
    let reset = tcp.ended_by == EndedBy::Receiver && tcp.ended_by_rst;
    if !reset || facts.frames() == 0 || !evidence.open_at_end.is_empty() {
        return None;
    }
    Picked::some(ending(facts), 0)
}

/// The packet with which the receiver ended the connection: its last.
fn ending(facts: &Facts<'_>) -> crate::tcp::Evidence {
    let tcp = &facts.numbers.summary.evidence;
    let last = tcp.peer_last_packet;
    crate::diagnosis::draft::evidence(1, last, last, tcp.peer_end_time)
}

fn say_reset(draft: &Draft, case: &Case<'_>) -> Said {
    let n = draft.seen.count;
    Said {
        severity: Severity::Fault,
        what: Some("connections"),
        text: format!(
            "{} reset {} that were open and in order, {}",
            draft.receivers(),
            count(n, "connection"),
            first_in(draft.seen.first_packet, n),
        ),
        next: case.command("streams"),
    }
}

/// A FIN or RST from the receiver while a frame was open.
fn closed_mid_frame(facts: &Facts<'_>) -> Option<Picked> {
    let (evidence, tcp) = (&facts.numbers.evidence, &facts.numbers.summary.evidence);
    if tcp.ended_by != EndedBy::Receiver || evidence.open_at_end.is_empty() {
        return None;
    }
    let mut seen = ending(facts);
    seen.first_packet = evidence.open_at_end.first_packet.min(seen.first_packet);
    seen.time = evidence.open_at_end.time;
    seen.longest_ns = super::super::facts::duration(evidence.open_at_end.time, tcp.peer_end_time);
    Picked::some(seen, 0)
}

fn say_closed_mid_frame(draft: &Draft, case: &Case<'_>) -> Said {
    let n = draft.seen.count;
    Said {
        severity: Severity::Fault,
        what: None,
        text: format!(
            "{} closed {} in the middle of a frame, {}; the rest of it had not come for {}",
            draft.receivers(),
            count(n, "connection"),
            first_in(draft.seen.first_packet, n),
            duration(draft.seen.longest_ns),
        ),
        next: case.command_for("errors", draft.only_connection()),
    }
}

fn say_zero_window(draft: &Draft, case: &Case<'_>) -> Said {
    let seen = draft.seen;
    let long = seen.longest_ns >= threshold::STALL_NS;
    let times = match seen.count {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    };
    Said {
        severity: if long {
            Severity::Warning
        } else {
            Severity::Info
        },
        what: None,
        text: format!(
            "{} had no room for data {times} (zero window), for {} at most and {} in all, first in packet {}: it reads too slowly",
            draft.receivers(),
            duration(seen.longest_ns),
            duration(seen.total_ns),
            seen.first_packet,
        ),
        next: case.command_for("streams", draft.only_connection()),
    }
}
