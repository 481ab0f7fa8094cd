//! What happened between the two ends.

use super::{Picked, Rule, Said};
use crate::{
    diagnosis::{
        case::Case,
        draft::Draft,
        facts::Facts,
        finding::{Cause, Severity},
        threshold,
        words::{count, duration, first_in},
    },
    tcp::Evidence,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        cause: Cause::Loss,
        pick: loss,
        say: say_loss,
    },
    Rule {
        cause: Cause::Reordering,
        pick: |facts| {
            let segments = facts.numbers.summary.counts.segments;
            Picked::some(facts.numbers.summary.evidence.reordered, segments)
        },
        say: say_reordering,
    },
    Rule {
        cause: Cause::BitErrors,
        pick: |facts| {
            Picked::some(
                facts.numbers.summary.evidence.bit_errors,
                facts.numbers.summary.counts.segments,
            )
        },
        say: say_bit_errors,
    },
    Rule {
        cause: Cause::Rewritten,
        pick: |facts| {
            Picked::some(
                facts.numbers.summary.evidence.rewritten,
                facts.numbers.summary.counts.segments,
            )
        },
        say: say_rewritten,
    },
];

/// Index of gaps that nobody acknowledged in `FrameEvidence::gaps`.
const LOST_OR_LATE: usize = 1;

/// Segments that were sent again, seen at either end, and holes that nothing filled and nobody acknowledged. Not where no
/// acknowledgement was captured at all: then nothing is known of what arrived. Not what was sent to an end that was gone.
fn loss(facts: &Facts<'_>) -> Option<Picked> {
    let (summary, tcp) = (&facts.numbers.summary, &facts.numbers.summary.evidence);
    let mut seen = Evidence::default();
    if tcp.sent_again.first_packet <= tcp.peer_last_packet {
        seen += tcp.sent_again;
    }
    seen += tcp.filled_late;
    if tcp.acknowledged {
        seen += facts.numbers.evidence.gaps[LOST_OR_LATE];
    }
    Picked::some(seen, summary.counts.segments + seen.count)
}

fn say_loss(draft: &Draft, case: &Case<'_>) -> Said {
    let seen = draft.seen;
    let (sent_again, filled, unrepaired) = draft.loss();
    let stalled = seen.longest_ns >= threshold::STALL_NS || draft.stalled_over_interval();
    let seen_at = match (sent_again, filled) {
        (_, 0) => " behind the place of capture",
        (0, _) => " before the place of capture",
        _ => " on both sides of the place of capture",
    };
    let repaired = match sent_again + filled {
        0 => String::new(),
        n => format!(
            "{} lost{seen_at} and sent again; delivery stalled for {} at most and {} in all",
            count(n, "segment"),
            duration(seen.longest_ns),
            duration(seen.total_ns)
        ),
    };
    let never = match unrepaired {
        0 => String::new(),
        n => format!("{} never filled while the capture ran", count(n, "hole")),
    };
    let both = if repaired.is_empty() || never.is_empty() {
        ""
    } else {
        "; "
    };
    Said {
        severity: if stalled || unrepaired > 0 {
            Severity::Warning
        } else {
            Severity::Info
        },
        what: Some("segments"),
        text: format!(
            "of {}: {repaired}{both}{never}, {}",
            draft.senders(),
            first_in(seen.first_packet, seen.count),
        ),
        next: case.command_for("streams", draft.only_connection()),
    }
}

fn say_reordering(draft: &Draft, case: &Case<'_>) -> Said {
    let n = draft.seen.count;
    Said {
        severity: Severity::Info,
        what: Some("segments"),
        text: format!(
            "{} of {} overtaken by later ones, {}; TCP put them in order",
            count(n, "segment"),
            draft.senders(),
            first_in(draft.seen.first_packet, n),
        ),
        next: case.command_for("streams", draft.only_connection()),
    }
}

fn say_bit_errors(draft: &Draft, case: &Case<'_>) -> Said {
    let n = draft.seen.count;
    Said {
        severity: Severity::Warning,
        what: Some("segments"),
        text: format!(
            "{} of {} arrived with a wrong checksum and came again right, {}: a bad link, or memory of a device on the way",
            count(n, "segment"),
            draft.senders(),
            first_in(draft.seen.first_packet, n),
        ),
        next: case.command_for("streams", draft.only_connection()),
    }
}

fn say_rewritten(draft: &Draft, case: &Case<'_>) -> Said {
    let n = draft.seen.count;
    Said {
        severity: Severity::Fault,
        what: Some("segments"),
        text: format!(
            "{} of {} came again with other bytes for the same sequence numbers, {}: a device on the way rewrites data, or the \
             sender does not send again what it sent; the first bytes stand",
            count(n, "segment"),
            draft.senders(),
            first_in(draft.seen.first_packet, n),
        ),
        next: case.command_for("errors", draft.only_connection()),
    }
}
