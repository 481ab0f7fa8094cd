//! Evidence of a stream, as the numbers that `packed` packs.

use crate::{
    analysis::{
        Counts, FaultGroup, FrameEvidence,
        packed::{each_flag, each_of_time},
        packing::{unzigzag, zigzag},
    },
    framing::FaultKind,
    tcp::{EndedBy, Evidence, StreamEvidence},
};

fn each_of_evidence(evidence: &mut Evidence, f: &mut impl FnMut(&mut u64)) {
    for n in [
        &mut evidence.count,
        &mut evidence.first_packet,
        &mut evidence.last_packet,
        &mut evidence.longest_ns,
        &mut evidence.total_ns,
    ] {
        f(n);
    }
    each_of_time(&mut evidence.time, &mut 0, f);
}

/// `last` and `over` are the stream's last packet and its time: most of what follows is near them.
pub(super) fn each_of_stream_evidence(
    evidence: &mut StreamEvidence,
    last: u64,
    mut over: i64,
    f: &mut impl FnMut(&mut u64),
) {
    for seen in [
        &mut evidence.sent_again,
        &mut evidence.filled_late,
        &mut evidence.reordered,
        &mut evidence.rewritten,
        &mut evidence.bit_errors,
        &mut evidence.duplicates,
        &mut evidence.oversized,
        &mut evidence.zero_window,
    ] {
        each_of_evidence(seen, f);
    }
    let mut limit = u64::from(evidence.segment_limit ^ USUAL_LIMIT);
    each_near(&mut evidence.peer_last_packet, last, f);
    for n in [
        &mut evidence.routed_duplicates,
        &mut limit,
        &mut evidence.peer_packets,
        &mut evidence.unacknowledged,
    ] {
        f(n);
    }
    evidence.segment_limit = limit as u32 ^ USUAL_LIMIT;
    each_of_time(&mut evidence.peer_end_time, &mut over, f);
    each_flag(
        &mut [
            &mut evidence.peer_accepted,
            &mut evidence.peer_fin,
            &mut evidence.peer_rst,
            &mut evidence.acknowledged,
            &mut evidence.answered,
            &mut evidence.ended_by_rst,
        ],
        f,
    );
    let mut by = evidence.ended_by as u64;
    f(&mut by);
    evidence.ended_by = match by {
        1 => EndedBy::Sender,
        2 => EndedBy::Receiver,
        _ => EndedBy::Nobody,
    };
}

pub(super) fn each_of_frame_evidence(
    evidence: &mut FrameEvidence,
    last: u64,
    f: &mut impl FnMut(&mut u64),
) {
    each_near(&mut evidence.last_frame_packet, last, f);
    for FaultGroup {
        kind,
        nearest,
        length,
        header,
        seen,
    } in &mut evidence.groups
    {
        let at = Counts::KINDS.iter().position(|known| known == kind);
        let (mut at, mut type_of) = (at.unwrap_or(0) as u64, nearest.map_or(0, |n| n as u64 + 1));
        let mut bytes = u64::from(*header);
        for n in [&mut at, &mut type_of, length, &mut bytes] {
            f(n);
        }
        *kind = Counts::KINDS[at as usize % Counts::KINDS.len()];
        *nearest = type_of.checked_sub(1).map(|n| n as usize);
        *header = bytes as u32;
        each_of_evidence(seen, f);
    }
    for seen in [
        &mut evidence.disputed,
        &mut evidence.broken_start,
        &mut evidence.open_at_end,
    ]
    .into_iter()
    .chain(&mut evidence.gaps)
    {
        each_of_evidence(seen, f);
    }
    let pauses = &mut evidence.pauses;
    for n in [
        &mut evidence.broken_start_bytes,
        &mut evidence.open_bytes,
        &mut evidence.unfinished_bytes,
        &mut pauses.count,
        &mut pauses.longest_ns,
        &mut pauses.total_ns,
        &mut pauses.from_packet,
        &mut pauses.to_packet,
        &mut evidence.silent_at_end_ns,
    ] {
        f(n);
    }
}

/// A number, as its difference to another.
fn each_near(n: &mut u64, other: u64, f: &mut impl FnMut(&mut u64)) {
    let mut since = zigzag(n.wrapping_sub(other) as i64);
    f(&mut since);
    *n = other.wrapping_add(unzigzag(since) as u64);
}

/// Segment limit of nearly all streams.
const USUAL_LIMIT: u32 = 1460;

/// A group to unpack another into.
pub(super) const NO_GROUP: FaultGroup = FaultGroup {
    kind: FaultKind::Junk,
    nearest: None,
    length: 0,
    header: 0,
    seen: Evidence {
        count: 0,
        first_packet: 0,
        last_packet: 0,
        time: None,
        longest_ns: 0,
        total_ns: 0,
    },
};
