//! `deframe.stats/1`: everything that was counted, as one document.

use deframe::{
    analysis::{Account, Counts, Delivery, Distribution, Histogram, StreamStats, Transport},
    capture::{CaptureInfo, Format},
    decode::{Count, DecodeStats, Group, Tunnel},
    protocol::Protocol,
};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::Report;
use crate::report::{
    describe,
    json::{Flags, Head, Shown},
    text::Rfc3339,
};

/// Keys with values, in the order given.
struct Map<K, V>(Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// The document.
#[derive(Serialize)]
pub struct Document<'a> {
    schema: &'static str,
    protocol: &'a str,
    /// Why there is no frame, if there is none.
    nothing_found: Option<&'a str>,
    captures: Vec<CaptureRow<'a>>,
    packets: Packets<'a>,
    connections: Connections,
    total: Numbers<'a>,
    types: Vec<Type<'a>>,
    completion_ns: Times,
    streams: Vec<Stream<'a>>,
    /// Streams that are in `total` and not in `streams`: of more than 100,000 those with the fewest faults and bytes.
    streams_left_out: u64,
}

#[derive(Serialize)]
struct CaptureRow<'a> {
    name: &'a str,
    format: Option<&'static str>,
    compression: String,
    first_packet: u64,
    packets: u64,
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
    known_peak: u64,
    evicted: u64,
    held_peak_bytes: u64,
    forced_gaps: u64,
    wild_segments: u64,
}

#[derive(Serialize)]
struct Gaps {
    count: u64,
    bytes: u64,
}

/// What is counted of a stream, and of all.
#[derive(Serialize)]
struct Numbers<'a> {
    frames: u64,
    frames_by_type: Map<&'a str, u64>,
    bytes_by_type: Map<&'a str, u64>,
    messages: Map<&'a str, u64>,
    faults: u64,
    faults_by_kind: Map<&'static str, u64>,
    /// Those with bytes that came again and differed.
    conflict_faults: u64,
    gaps: Gaps,
    gaps_by_cause: Map<&'static str, Gaps>,
    forced_gaps: u64,
    delivery: DeliveryShape,
    transport: TransportShape,
    account: AccountShape,
}

#[derive(Serialize)]
struct DeliveryShape {
    segments_per_frame: Map<&'static str, u64>,
    frames_per_segment: Map<&'static str, u64>,
    whole: u64,
    split: u64,
    coalesced: u64,
    aligned: u64,
    segments: u64,
    oversized: u64,
    cuts: CutsShape,
    one_read: OneRead,
}

#[derive(Serialize)]
struct CutsShape {
    header: u64,
    payload: u64,
    end: u64,
    between: u64,
}

/// Frames that readers get that take one segment for one frame.
#[derive(Serialize)]
struct OneRead {
    first: u64,
    first_lost: u64,
    alone: u64,
    alone_lost: u64,
}

#[derive(Serialize)]
struct TransportShape {
    packets: u64,
    segments: u64,
    retransmitted_segments: u64,
    duplicated_segments: u64,
    keepalives: u64,
    out_of_order_segments: u64,
    conflict_bytes: u64,
    largest_segment: u32,
    midstream_streams: u64,
    reset_streams: u64,
    conflict_streams: u64,
    urgent_streams: u64,
    after_fin_streams: u64,
    evicted_streams: u64,
}

#[derive(Serialize)]
struct AccountShape {
    payload_bytes: u64,
    retransmitted_bytes: u64,
    outside_bytes: u64,
    outside: Map<&'static str, u64>,
    stream_bytes: u64,
    frames: u64,
    faults: u64,
    leading: u64,
    cut: u64,
    unfinished: u64,
    unrecognised: u64,
}

#[derive(Serialize)]
struct Type<'a> {
    name: &'a str,
    frames: u64,
    interval_ns: Times,
}

#[derive(Serialize)]
struct Times {
    count: u64,
    negative: u64,
    min: Option<u64>,
    median: Option<u64>,
    p99: Option<u64>,
    max: Option<u64>,
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

/// The largest number that every JSON reader keeps exactly.
const EXACT: u64 = 1 << 53;

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
            completion_ns: (&stats.completion).into(),
            streams: stats
                .by_connection()
                .into_iter()
                .map(|stream| Stream::new(protocol, names, stream))
                .collect(),
            streams_left_out: stats.rest.streams,
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
            first_packet: capture.first_packet,
            packets: capture.packets,
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
        streams: stats.streams.len() as u64 + stats.rest.streams,
        silent_streams: stats.silent_streams,
        unselected_streams: report.outcome.unselected.streams,
        known_peak: tcp.known_peak,
        evicted: tcp.evicted,
        held_peak_bytes: tcp.held_peak,
        forced_gaps: tcp.forced_gaps,
        wild_segments: tcp.wild_segments,
    }
}

impl<'a> Numbers<'a> {
    fn new(protocol: &'a Protocol, counts: &Counts) -> Self {
        let frames = counts.frame_count();
        let gaps = counts.gap_total();
        let kinds = protocol.frames.iter().zip(&counts.frames);
        let messages = protocol.messages.iter().zip(&counts.messages);
        Self {
            frames,
            frames_by_type: Map(kinds.map(|(kind, n)| (kind.name.as_str(), *n)).collect()),
            bytes_by_type: Map(protocol
                .frames
                .iter()
                .zip(&counts.frame_bytes)
                .map(|(kind, n)| (kind.name.as_str(), *n))
                .collect()),
            messages: Map(messages
                .map(|(message, n)| (message.name.as_str(), *n))
                .collect()),
            faults: counts.fault_count(),
            faults_by_kind: Map(Counts::KINDS
                .into_iter()
                .map(describe::fault_kind)
                .zip(counts.faults)
                .collect()),
            conflict_faults: counts.conflict_faults,
            gaps: Gaps {
                count: gaps.count,
                bytes: gaps.bytes,
            },
            gaps_by_cause: Map(Counts::CAUSES
                .into_iter()
                .zip(counts.gaps)
                .map(|(cause, gaps)| {
                    (
                        describe::gap_cause(cause),
                        Gaps {
                            count: gaps.count,
                            bytes: gaps.bytes,
                        },
                    )
                })
                .collect()),
            forced_gaps: counts.forced_gaps,
            delivery: delivery(&counts.delivery, frames),
            transport: transport(&counts.transport),
            account: account(&counts.account, &counts.transport),
        }
    }
}

fn histogram(histogram: &Histogram) -> Map<&'static str, u64> {
    Map(Histogram::LABELS
        .into_iter()
        .zip(histogram.counts)
        .collect())
}

fn delivery(delivery: &Delivery, frames: u64) -> DeliveryShape {
    DeliveryShape {
        segments_per_frame: histogram(&delivery.segments_per_frame),
        frames_per_segment: histogram(&delivery.frames_per_segment),
        whole: delivery.whole,
        split: delivery.split,
        coalesced: delivery.coalesced,
        aligned: delivery.aligned,
        segments: delivery.segments,
        oversized: delivery.oversized,
        cuts: CutsShape {
            header: delivery.cuts_in_header,
            payload: delivery.cuts_in_payload,
            end: delivery.cuts_in_end,
            between: delivery.aligned,
        },
        one_read: OneRead {
            first: delivery.first,
            first_lost: frames.saturating_sub(delivery.first),
            alone: delivery.alone,
            alone_lost: frames.saturating_sub(delivery.alone),
        },
    }
}

fn transport(transport: &Transport) -> TransportShape {
    TransportShape {
        packets: transport.packets,
        segments: transport.segments,
        retransmitted_segments: transport.retransmitted_segments,
        duplicated_segments: transport.duplicated_segments,
        keepalives: transport.keepalives,
        out_of_order_segments: transport.out_of_order_segments,
        conflict_bytes: transport.conflict_bytes,
        largest_segment: transport.largest_segment,
        midstream_streams: transport.odd.midstream,
        reset_streams: transport.odd.reset,
        conflict_streams: transport.odd.conflict,
        urgent_streams: transport.odd.urgent,
        after_fin_streams: transport.odd.after_fin,
        evicted_streams: transport.odd.evicted,
    }
}

fn account(account: &Account, transport: &Transport) -> AccountShape {
    let outside = transport.outside;
    AccountShape {
        payload_bytes: transport.payload_bytes,
        retransmitted_bytes: transport.retransmitted_bytes,
        outside_bytes: outside.total(),
        outside: Map(vec![
            ("rst_payload", outside.rst_payload),
            ("before_start", outside.before_start),
            ("urgent", outside.urgent),
            ("refused", outside.refused),
        ]),
        stream_bytes: transport.bytes,
        frames: account.frames,
        faults: account.faults,
        leading: account.leading,
        cut: account.cut,
        unfinished: account.unfinished,
        unrecognised: account.unrecognised,
    }
}

impl From<&Distribution> for Times {
    fn from(times: &Distribution) -> Self {
        let exact = |nanos: u64| nanos.min(EXACT);
        Self {
            count: times.count(),
            negative: times.negative,
            min: times.min().map(exact),
            median: times.quantile(0.5).map(exact),
            p99: times.quantile(0.99).map(exact),
            max: times.max().map(exact),
        }
    }
}

impl<'a> Stream<'a> {
    fn new(protocol: &'a Protocol, names: &'a [String], stream: &'a StreamStats) -> Self {
        let name = names
            .get(stream.begin.capture as usize)
            .map_or("", String::as_str);
        let origin = deframe::pipeline::Origin {
            id: stream.id,
            begin: &stream.begin,
        };
        let (kinds, summary) = (protocol.frames.iter().zip(&stream.pace), &stream.summary);
        let exact = |nanos: i64| nanos.clamp(-(EXACT as i64), EXACT as i64);
        let span = |pace: &deframe::analysis::Pace| Span {
            min: pace.min.map(exact),
            max: pace.max.map(exact),
        };
        Self {
            head: Head::new("deframe.stats.stream/1", name, origin),
            first_packet: summary.first_packet,
            last_packet: summary.last_packet,
            time: summary.time.map(|time| Shown(Rfc3339(time))),
            end_time: summary.end_time.map(|time| Shown(Rfc3339(time))),
            flags: Flags::of_stream(summary),
            interval_ns: Map(kinds
                .map(|(kind, pace)| (kind.name.as_str(), span(pace)))
                .collect()),
            numbers: Numbers::new(protocol, &stream.counts),
        }
    }
}
