//! What the capture missed, cut, merged, doubled or dated wrong.

use super::{Picked, Rule, Said};
use crate::{
    capture::{CaptureInfo, LinkType},
    diagnosis::{
        case::Case,
        draft::{Draft, evidence},
        facts::Facts,
        finding::{Cause, Finding, Severity},
        threshold,
        words::{count, duration, first_in, percent},
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        cause: Cause::NotCaptured,
        pick: |facts| gaps(facts, 0),
        say: say_not_captured,
    },
    Rule {
        cause: Cause::OneWay,
        pick: one_way,
        say: say_one_way,
    },
    Rule {
        cause: Cause::CutShort,
        pick: |facts| gaps(facts, 2),
        say: say_cut_short,
    },
    Rule {
        cause: Cause::MergedSegments,
        pick: merged_segments,
        say: say_merged_segments,
    },
    Rule {
        cause: Cause::Duplicates,
        pick: |facts| {
            let packets = facts.numbers.summary.counts.packets;
            Picked::some(facts.numbers.summary.evidence.duplicates, packets)
        },
        say: say_duplicates,
    },
    Rule {
        cause: Cause::Midstream,
        pick: midstream,
        say: say_midstream,
    },
];

/// Gaps of one cause, by its place in `Counts::CAUSES`.
fn gaps(facts: &Facts<'_>, at: usize) -> Option<Picked> {
    let seen = facts.numbers.evidence.gaps[at];
    Picked::some(seen, facts.numbers.summary.counts.segments + seen.count)
}

fn say_not_captured(draft: &Draft, case: &Case<'_>) -> Said {
    let n = draft.seen.count;
    let bytes = case.stats.total.gaps[0].bytes;
    Said {
        severity: Severity::Warning,
        what: Some("segments"),
        text: format!(
            "the capture misses {} in {} of {}, {}: the receiver acknowledged them, so the network did not lose them",
            count(bytes, "byte"),
            count(n, "gap"),
            draft.senders(),
            first_in(draft.seen.first_packet, n),
        ),
        next: case.command_for("errors", draft.only_connection()),
    }
}

/// A stream without acknowledgements, long enough that there must have been some.
fn one_way(facts: &Facts<'_>) -> Option<Picked> {
    if !facts.is_one_way() || facts.numbers.summary.counts.payload_bytes == 0 {
        return None;
    }
    Picked::some(facts.whole(1), 1)
}

fn say_one_way(draft: &Draft, case: &Case<'_>) -> Said {
    let gaps = case.stats.total.gaps[1];
    let missing = match gaps.count {
        0 => String::new(),
        n => format!(
            " ({} missing in {})",
            count(gaps.bytes, "byte"),
            count(n, "gap")
        ),
    };
    Said {
        severity: Severity::Warning,
        what: None,
        text: format!(
            "no acknowledgement of what {} sent was captured, from packet {}: what is missing{missing} may be lost or only not \
             captured, the capture cannot show which",
            draft.senders(),
            draft.seen.first_packet,
        ),
        next: case.command("streams"),
    }
}

fn say_cut_short(draft: &Draft, case: &Case<'_>) -> Said {
    let bytes = case.stats.total.gaps[2].bytes;
    Said {
        severity: Severity::Warning,
        what: Some("segments"),
        text: format!(
            "the snap length cut {} from {} of {}, {}: capture whole packets (tcpdump -s 0)",
            count(bytes, "byte"),
            count(draft.seen.count, "segment"),
            draft.senders(),
            first_in(draft.seen.first_packet, draft.seen.count),
        ),
        next: case.command("stats"),
    }
}

/// Segments over what the receiver's SYN allowed, or Ethernet. On a link without such a bound only a SYN gives one.
fn merged_segments(facts: &Facts<'_>) -> Option<Picked> {
    let numbers = &facts.numbers;
    let links = facts.case.captures.get(numbers.begin.capture as usize);
    let is_loopback = |link: LinkType| link.0 == 0 || link.0 == 108;
    let loopback = links.is_some_and(|info| info.links.iter().all(|(link, _)| is_loopback(*link)));
    if loopback {
        return None;
    }
    // Without a SYN they may be jumbo frames.
    let known = numbers.begin.syn
        || u64::from(numbers.summary.counts.largest_segment) > threshold::JUMBO_BYTES;
    known
        .then(|| {
            Picked::some(
                numbers.summary.evidence.oversized,
                numbers.summary.counts.segments,
            )
        })
        .flatten()
}

fn say_merged_segments(draft: &Draft, case: &Case<'_>) -> Said {
    Said {
        severity: Severity::Warning,
        what: Some("segments"),
        text: format!(
            "{} of {} up to {} are larger than the wire carries ({}): the capturing host had merged them, so how frames fell \
             over segments is not what the receiver got",
            count(draft.seen.count, "segment"),
            draft.senders(),
            count(case.stats.total.transport.largest_segment.into(), "byte"),
            first_in(draft.seen.first_packet, draft.seen.count),
        ),
        next: case.command("stats"),
    }
}

fn say_duplicates(draft: &Draft, case: &Case<'_>) -> Said {
    let how = match draft.routed() {
        true => "before and behind a router, their TTL differs",
        false => "a mirror of both directions or of two ports",
    };
    Said {
        severity: Severity::Info,
        what: Some("packets"),
        text: format!(
            "{} of {} captured twice, {}: {how}; each is counted once",
            count(draft.seen.count, "packet"),
            draft.senders(),
            first_in(draft.seen.first_packet, draft.seen.count),
        ),
        next: case.command_for("streams", draft.only_connection()),
    }
}

/// A stream whose SYN was not captured and that does not begin with a frame.
fn midstream(facts: &Facts<'_>) -> Option<Picked> {
    let begun = facts.numbers.begin.syn || facts.numbers.counts.account.leading == 0;
    if begun || facts.frames() == 0 {
        return None;
    }
    let summary = &facts.numbers.summary;
    Picked::some(
        evidence(1, summary.first_packet, summary.first_packet, summary.time),
        0,
    )
}

fn say_midstream(draft: &Draft, case: &Case<'_>) -> Said {
    let bytes = case.stats.total.account.leading;
    Said {
        severity: Severity::Info,
        what: None,
        text: format!(
            "the capture began in the middle of a frame of {}: the first {} before the first whole frame are left out, {}",
            draft.senders(),
            count(bytes, "byte"),
            first_in(draft.seen.first_packet, draft.seen.count),
        ),
        next: case.command("streams"),
    }
}

/// What shows in whole files.
pub(super) fn of_files(case: &Case<'_>) -> Vec<Finding> {
    [clock_step(case), truncated_file(case)]
        .into_iter()
        .flatten()
        .collect()
}

/// Packets far earlier than the one before them in their file.
fn clock_step(case: &Case<'_>) -> Option<Finding> {
    let mut draft = Draft::default();
    for step in case
        .captures
        .iter()
        .filter_map(|info| info.clock_step.as_ref())
    {
        if step.longest_ns < threshold::CLOCK_STEP_NS {
            continue;
        }
        let mut seen = evidence(step.count, step.packet, step.packet, step.time);
        seen.longest_ns = step.longest_ns;
        draft.add_unplaced(seen, 0);
    }
    if draft.is_empty() {
        return None;
    }
    let text = format!(
        "the clock of the capturing host went back by {} in packet {}: times and intervals around it are wrong",
        duration(draft.seen.longest_ns),
        draft.seen.first_packet,
    );
    let next = case.command("stats");
    Some(draft.finish(Cause::ClockStep, Severity::Warning, None, text, next))
}

/// Files that end in the middle of a record, or of their compressed data.
fn truncated_file(case: &Case<'_>) -> Option<Finding> {
    let mut draft = Draft::default();
    let cut = |info: &&CaptureInfo| info.truncated.is_some();
    let mut names = Vec::new();
    for info in case.captures.iter().filter(cut) {
        let last = (info.first_packet + info.packets).saturating_sub(1).max(1);
        draft.add_unplaced(evidence(1, last, last, info.last_time), 0);
        names.push(info.name.escape_debug().to_string());
    }
    let first = names.first()?.clone();
    let more = match names.len() - 1 {
        0 => String::new(),
        n => format!(" and {}", count(n as u64, "more file")),
    };
    let text = format!(
        "{first}{more} ends in the middle of a packet, behind packet {}: all before it was used ({} of the files)",
        draft.seen.first_packet,
        percent(names.len() as u64, case.captures.len() as u64),
    );
    let next = case.command("stats");
    Some(draft.finish(Cause::TruncatedFile, Severity::Warning, None, text, next))
}
