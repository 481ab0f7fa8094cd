//! What was asked for and is not there.

use crate::diagnosis::{
    case::Case,
    draft::Draft,
    finding::{Cause, Finding, Severity},
    words::count,
};

/// Why there is no frame, if that is for what was asked.
pub(super) fn finding(case: &Case<'_>) -> Option<Finding> {
    if case.frames() > 0 {
        return None;
    }
    no_tcp(case)
        .or_else(|| wrong_port(case))
        .or_else(|| lengths(case))
        .or_else(|| other_protocol(case))
}

fn said(cause: Cause, of: u64, text: String, next: String) -> Finding {
    let mut draft = Draft::default();
    draft.seen.count = of;
    draft.finish(cause, Severity::Fault, None, text, next)
}

fn no_tcp(case: &Case<'_>) -> Option<Finding> {
    let decode = &case.outcome.decode;
    (decode.packets > 0 && decode.segments == 0).then(|| {
        let text = format!(
            "there is no TCP in {}: deframe reads streams of TCP only",
            count(decode.packets, "packet")
        );
        said(Cause::NoTcp, decode.packets, text, case.command("stats"))
    })
}

fn wrong_port(case: &Case<'_>) -> Option<Finding> {
    let (unselected, segments) = (
        case.outcome.unselected.packets,
        case.outcome.decode.segments,
    );
    (unselected > 0 && unselected == segments).then(|| {
        let by = match case.asked.default_ports {
            true => "the ports of the protocol; --port selects others",
            false => "--port, --host or --connection",
        };
        let text = format!(
            "nothing was selected of {}, by {by}",
            count(segments, "TCP packet")
        );
        said(Cause::WrongPort, segments, text, case.command("identify"))
    })
}

fn lengths(case: &Case<'_>) -> Option<Finding> {
    let n = case.asked.frames_by_whole_lengths;
    (n > 0).then(|| {
        let text = format!(
            "there is no {} frame, but {} if the lengths in its description are those of whole frames: add --lengths frame",
            case.protocol.name,
            count(n, "frame"),
        );
        said(Cause::Lengths, n, text, case.command("stats --lengths frame"))
    })
}

/// Data without a frame, of which the snap length and the time asked for are not the reason.
fn other_protocol(case: &Case<'_>) -> Option<Finding> {
    let bytes = case.stats.total.account.unrecognised;
    let gaps = case.stats.total.gap_total();
    if bytes == 0 || case.asked.timed || case.stats.total.gaps[2].count > 0 || gaps.bytes > bytes {
        return None;
    }
    let streams = case.stats.streams.len() as u64 + case.stats.dropped.streams;
    let name = &case.protocol.name;
    let (what, next) = match &case.asked.other_protocol {
        Some((other, Some(options))) => (
            format!("carry {other}"),
            case.command(&format!("stats {options}")),
        ),
        Some((other, None)) => (format!("carry {other}"), case.command("identify")),
        None => (
            "carry no protocol that deframe knows".to_owned(),
            case.command("identify"),
        ),
    };
    let text = format!(
        "there is no {name} frame in {} of TCP data: {} {what}",
        count(bytes, "byte"),
        match streams {
            1 => "the 1 stream seems to".to_owned(),
            n => format!("the {n} streams seem to"),
        },
    );
    Some(said(Cause::OtherProtocol, bytes, text, next))
}
