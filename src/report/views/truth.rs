//! What a simulated capture holds, as JSON: `deframe.truth/1`.

use std::io::{self, Write};

use deframe::{
    protocol::Protocol,
    simulate::{FaultKind, Frame, Stream, Truth},
};
use serde_json::{Value, json};

use crate::report::{records::write_pretty, text::Rfc3339};

/// Writes the whole document.
pub fn write(truth: &Truth, protocol: &Protocol, out: &mut dyn Write) -> io::Result<()> {
    let totals = &truth.totals;
    let document = json!({
        "schema": "deframe.truth/1",
        "protocol": protocol.name,
        "totals": {
            "packets": totals.packets,
            "bytes": totals.bytes,
            "connections": totals.connections,
            "sent_bytes": totals.sent,
            "captured_bytes": totals.captured,
            "sent_frames": by_type(protocol, &totals.sent_frames),
            "frames": by_type(protocol, &totals.frames),
            "lost_frames": totals.lost,
            "messages": totals.messages,
            "faults": totals.faults,
            "gaps": totals.gaps,
            "gap_bytes": totals.gap_bytes,
        },
        "streams": truth.streams.iter().map(|one| stream(one, protocol)).collect::<Vec<_>>(),
    });
    write_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn by_type(protocol: &Protocol, counts: &[u64]) -> Value {
    protocol
        .frames
        .iter()
        .zip(counts)
        .map(|(kind, n)| (kind.name.clone(), json!(n)))
        .collect()
}

fn type_name(protocol: &Protocol, kind: usize) -> Option<&str> {
    protocol.frames.get(kind).map(|kind| kind.name.as_str())
}

fn stream(stream: &Stream, protocol: &Protocol) -> Value {
    let counts = &stream.counts;
    json!({
        "connection": stream.connection,
        "nth": stream.nth,
        "src": stream.client.addr.to_string(),
        "sport": stream.client.port,
        "dst": stream.server.addr.to_string(),
        "dport": stream.server.port,
        "syn": stream.syn,
        "fin": stream.fin,
        "rst": stream.rst,
        "first_packet": stream.first_packet,
        "last_packet": stream.last_packet,
        "sent_bytes": stream.sent,
        "captured_bytes": stream.captured,
        "leading_bytes": stream.leading,
        "reply_bytes": stream.reverse,
        "frames": stream.frames.iter().map(|one| frame(one, protocol)).collect::<Vec<_>>(),
        "lost": stream.lost.iter().map(|lost| json!({
            "type": type_name(protocol, lost.kind), "offset": lost.offset, "length": lost.length,
            "captured_bytes": lost.captured,
        })).collect::<Vec<_>>(),
        "faults": stream.faults.iter().map(|fault| json!({
            "kind": fault_kind(fault.kind), "offset": fault.offset, "length": fault.length,
        })).collect::<Vec<_>>(),
        "gaps": stream.gaps.iter().map(|gap| json!({
            "offset": gap.offset, "length": gap.length,
        })).collect::<Vec<_>>(),
        "messages": stream.messages,
        "incidents": stream.incidents.iter().map(|one| one.name()).collect::<Vec<_>>(),
        "counts": {
            "packets": counts.packets,
            "segments": counts.segments,
            "retransmitted": counts.retransmitted,
            "out_of_order": counts.out_of_order,
            "duplicates": counts.duplicates,
            "keepalives": counts.keepalives,
            "conflicts": counts.conflicts,
            "bad_checksums": counts.bad_checksums,
            "dropped": counts.dropped,
            "lost": counts.lost,
            "cut_short": counts.cut_short,
            "bit_errors": counts.bit_errors,
            "zero_windows": counts.zero_windows,
            "probes": counts.probes,
        },
    })
}

fn frame(frame: &Frame, protocol: &Protocol) -> Value {
    let payload = frame.bytes.as_deref().and_then(|bytes| {
        let range = protocol.frames.get(frame.kind)?.payload_range(bytes.len());
        Some(const_hex::encode(bytes.get(range)?))
    });
    json!({
        "type": type_name(protocol, frame.kind),
        "offset": frame.offset,
        "length": frame.length,
        "first_packet": frame.first_packet,
        "last_packet": frame.last_packet,
        "segments": frame.segments,
        "cuts": frame.cuts,
        "time": Rfc3339(frame.time).to_string(),
        "took_ns": frame.took,
        "payload": payload,
    })
}

fn fault_kind(kind: FaultKind) -> &'static str {
    use deframe::framing;
    match kind {
        FaultKind::BadHeader => framing::FaultKind::BadHeader,
        FaultKind::BadEndMarker => framing::FaultKind::BadEndMarker,
        FaultKind::ShortFrame | FaultKind::LongFrame => framing::FaultKind::BadLength,
        FaultKind::Junk => framing::FaultKind::Junk,
        FaultKind::TruncatedEnd => framing::FaultKind::Truncated,
    }
    .name()
}
