//! `deframe.stats/1`: everything that was counted, as one document.

use deframe::{
    analysis::StreamStats,
    capture::{CaptureInfo, Format},
    decode::{Count, DecodeStats, Group, Tunnel},
    protocol::Protocol,
};
use serde::Serialize;

use super::{
    Report,
    findings::FindingShape,
    numbers::{EXACT, Map, Numbers, Times},
};
use crate::report::{
    flags::Flags,
    records::values::{Head, Shown},
    text::Rfc3339,
};

/// The document.
#[derive(Serialize)]
pub struct Document<'a> {
    schema: &'static str,
    protocol: &'a str,
    /// Why there is no frame, if there is none.
    nothing_found: Option<&'a str>,
    /// What the streams speak then, in a line each.
    identified: &'a [String],
    /// Who is to blame, most important first.
    findings: Vec<FindingShape<'a>>,
    captures: Vec<CaptureRow<'a>>,
    packets: Packets<'a>,
    connections: Connections,
    total: Numbers<'a>,
    types: Vec<Type<'a>>,
    fields: Vec<super::fields::Field<'a>>,
    completion_ns: Times,
    #[serde(serialize_with = "each_stream")]
    streams: (&'a Report<'a>, &'a [String]),
    /// Streams that are in `total` and not in `streams`: of more than 100,000 those with the fewest faults and bytes.
    streams_left_out: u64,
}

#[derive(Serialize)]
struct CaptureRow<'a> {
    name: &'a str,
    format: Option<&'static str>,
    compression: String,
    given: u32,
    merged: bool,
    first_packet: u64,
    packets: u64,
    other_blocks: u64,
    captured_bytes: u64,
    wire_bytes: u64,
    time: Option<Shown<Rfc3339>>,
    end_time: Option<Shown<Rfc3339>>,
    links: Map<u16, u64>,
    cut_short: u64,
    backwards: u64,
    without_time: u64,
    truncated: bool,
    problem: Option<String>,
}

#[derive(Serialize)]
struct Counted {
    packets: u64,
    first_packet: Option<u64>,
}

#[derive(Serialize)]
struct Packets<'a> {
    all: u64,
    tcp: u64,
    segments: u64,
    fragments_held: u64,
    not_tcp: Map<&'a str, Counted>,
    undecodable: Map<&'a str, Counted>,
    tunnels: Map<&'a str, Counted>,
    bad_ip_checksum: Counted,
    bad_tcp_checksum: Counted,
    ip_beyond_frame: Counted,
    fragments: Fragments,
    unselected: u64,
}

#[derive(Serialize)]
struct Fragments {
    packets: u64,
    completed: u64,
    incomplete: u64,
    overlapping: u64,
    conflicting: u64,
    contradicting: u64,
}

#[derive(Serialize)]
struct Connections {
    count: u64,
    streams: u64,
    silent_streams: u64,
    unselected_streams: u64,
    evicted: u64,
    forced_gaps: u64,
    wild_segments: u64,
}

#[derive(Serialize)]
struct Type<'a> {
    name: &'a str,
    frames: u64,
    interval_ns: Times,
}

#[derive(Serialize)]
struct Span {
    min: Option<i64>,
    max: Option<i64>,
}

#[derive(Serialize)]
struct Stream<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    first_packet: u64,
    last_packet: u64,
    time: Option<Shown<Rfc3339>>,
    end_time: Option<Shown<Rfc3339>>,
    flags: Flags,
    interval_ns: Map<&'a str, Span>,
    #[serde(flatten)]
    numbers: Numbers<'a>,
}

impl<'a> Document<'a> {
    pub fn new(report: &'a Report<'a>, names: &'a [String]) -> Self {
        let (stats, protocol) = (report.stats, report.protocol);
        let types = protocol
            .frames
            .iter()
            .zip(&stats.total.frames)
            .zip(&stats.intervals);
        Self {
            schema: "deframe.stats/1",
            protocol: &protocol.name,
            nothing_found: report.nothing.as_deref(),
            identified: report.identified,
            findings: report.findings.iter().map(Into::into).collect(),
            captures: report.captures.iter().map(CaptureRow::from).collect(),
            packets: packets(&report.outcome.decode, report.outcome.unselected.packets),
            connections: connections(report),
            total: Numbers::new(protocol, &stats.total),
            types: types
                .map(|((kind, frames), times)| Type {
                    name: &kind.name,
                    frames: *frames,
                    interval_ns: times.into(),
                })
                .collect(),
            fields: report.fields.iter().map(Into::into).collect(),
            completion_ns: (&stats.completion).into(),
            streams: (report, names),
            streams_left_out: stats.dropped.streams,
        }
    }
}

impl<'a> From<&'a CaptureInfo> for CaptureRow<'a> {
    fn from(capture: &'a CaptureInfo) -> Self {
        Self {
            name: &capture.name,
            format: capture.format.map(|format| match format {
                Format::Pcap => "pcap",
                Format::PcapNanoseconds => "pcap_ns",
                Format::PcapModified => "pcap_modified",
                Format::Pcapng => "pcapng",
            }),
            compression: capture.compression.to_string(),
            given: capture.given,
            merged: capture.merged,
            first_packet: capture.first_packet,
            packets: capture.packets,
            other_blocks: capture.other_blocks,
            captured_bytes: capture.captured_bytes,
            wire_bytes: capture.wire_bytes,
            time: capture.first_time.map(|time| Shown(Rfc3339(time))),
            end_time: capture.last_time.map(|time| Shown(Rfc3339(time))),
            links: Map(capture
                .links
                .iter()
                .map(|(link, packets)| (link.0, *packets))
                .collect()),
            cut_short: capture.cut_short,
            backwards: capture.backwards,
            without_time: capture.without_time,
            truncated: capture.truncated.is_some(),
            problem: capture.problem.as_ref().map(ToString::to_string),
        }
    }
}

impl From<Count> for Counted {
    fn from(count: Count) -> Self {
        Self {
            packets: count.packets,
            first_packet: (count.packets > 0).then_some(count.first),
        }
    }
}

fn packets(decode: &DecodeStats, unselected: u64) -> Packets<'static> {
    let of = |group: Group| {
        let all = decode
            .reasons()
            .filter(|(reason, _)| reason.group() == group);
        Map(all
            .map(|(reason, count)| (reason.name(), count.into()))
            .collect())
    };
    let fragments = decode.fragments;
    let tunnels = Tunnel::ALL
        .iter()
        .map(|tunnel| (tunnel.name(), decode.tunnel(*tunnel)));
    Packets {
        all: decode.packets,
        tcp: decode.tcp,
        segments: decode.segments,
        fragments_held: decode.held.packets,
        not_tcp: of(Group::NotTcp),
        undecodable: of(Group::Undecodable),
        tunnels: Map(tunnels
            .filter(|(_, n)| n.packets > 0)
            .map(|(name, n)| (name, n.into()))
            .collect()),
        bad_ip_checksum: decode.checksums.ip_bad.into(),
        bad_tcp_checksum: decode.checksums.tcp_bad.into(),
        ip_beyond_frame: decode.ip_beyond_frame.into(),
        fragments: Fragments {
            packets: fragments.packets,
            completed: fragments.completed,
            incomplete: fragments.incomplete,
            overlapping: fragments.overlapping.packets,
            conflicting: fragments.conflicting.packets,
            contradicting: fragments.contradicting.packets,
        },
        unselected,
    }
}

fn connections(report: &Report<'_>) -> Connections {
    let (tcp, stats) = (&report.outcome.tcp, report.stats);
    Connections {
        count: tcp.connections,
        streams: stats.streams.len() as u64 + stats.dropped.streams,
        silent_streams: stats.silent_streams,
        unselected_streams: report.outcome.unselected.streams,
        evicted: tcp.evicted,
        forced_gaps: tcp.forced_gaps,
        wild_segments: tcp.wild_segments,
    }
}

/// Makes the stream records one by one: there may be 100,000.
fn each_stream<S: serde::Serializer>(
    (report, names): &(&Report<'_>, &[String]),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let streams = report.stats.by_connection().into_iter();
    serializer.collect_seq(streams.map(|stream| Stream::new(report.protocol, names, stream)))
}

impl<'a> Stream<'a> {
    fn new(protocol: &'a Protocol, names: &'a [String], stream: &'a StreamStats) -> Self {
        let numbers = stream.numbers();
        let name = names
            .get(numbers.begin.capture as usize)
            .map_or("", String::as_str);
        let origin = deframe::pipeline::StreamRef {
            id: stream.id,
            begin: &numbers.begin,
        };
        let (kinds, summary) = (
            protocol.frames.iter().zip(numbers.intervals),
            &numbers.summary,
        );
        let exact = |nanos: i64| nanos.clamp(-(EXACT as i64), EXACT as i64);
        let span = |bounds: Option<(i64, i64)>| Span {
            min: bounds.map(|bounds| exact(bounds.0)),
            max: bounds.map(|bounds| exact(bounds.1)),
        };
        Self {
            head: Head::new("deframe.stats.stream/1", name, origin),
            first_packet: summary.first_packet,
            last_packet: summary.last_packet,
            time: summary.time.map(|time| Shown(Rfc3339(time))),
            end_time: summary.end_time.map(|time| Shown(Rfc3339(time))),
            flags: Flags::of_stream(summary),
            interval_ns: Map(kinds
                .map(|(kind, bounds)| (kind.name.as_str(), span(bounds)))
                .collect()),
            numbers: Numbers::new(protocol, &numbers.counts),
        }
    }
}
