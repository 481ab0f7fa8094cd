//! The numbers of a stream, or of all, as `deframe.stats/1` has them.

use deframe::{
    analysis::{Account, Counts, Delivery, Distribution, Histogram, OddStreams},
    framing::FaultKind,
    protocol::Protocol,
    tcp,
};
use serde::{Serialize, Serializer, ser::SerializeMap};

/// Keys with values, in the order given.
pub struct Map<K, V>(pub Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[derive(Serialize)]
pub struct Gaps {
    count: u64,
    bytes: u64,
}

/// What is counted of a stream, and of all.
#[derive(Serialize)]
pub struct Numbers<'a> {
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
pub struct DeliveryShape {
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
pub struct CutsShape {
    header: u64,
    payload: u64,
    end: u64,
    between: u64,
}

/// Frames that readers get that take one segment for one frame.
#[derive(Serialize)]
pub struct OneRead {
    first: u64,
    first_lost: u64,
    alone: u64,
    alone_lost: u64,
}

#[derive(Serialize)]
pub struct TransportShape {
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
pub struct AccountShape {
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
    unselected: u64,
}

#[derive(Serialize)]
pub struct Times {
    count: u64,
    negative: u64,
    min: Option<u64>,
    median: Option<u64>,
    p99: Option<u64>,
    max: Option<u64>,
}

impl<'a> Numbers<'a> {
    pub fn new(protocol: &'a Protocol, counts: &Counts) -> Self {
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
                .map(FaultKind::name)
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
                        cause.name(),
                        Gaps {
                            count: gaps.count,
                            bytes: gaps.bytes,
                        },
                    )
                })
                .collect()),
            forced_gaps: counts.forced_gaps,
            delivery: delivery(&counts.delivery, frames),
            transport: transport(&counts.transport, &counts.odd),
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

fn transport(transport: &tcp::Counts, odd: &OddStreams) -> TransportShape {
    TransportShape {
        packets: transport.packets,
        segments: transport.segments,
        retransmitted_segments: transport.retransmitted_segments,
        duplicated_segments: transport.duplicated_segments,
        keepalives: transport.keepalives,
        out_of_order_segments: transport.out_of_order_segments,
        conflict_bytes: transport.conflict_bytes,
        largest_segment: transport.largest_segment,
        midstream_streams: odd.midstream,
        reset_streams: odd.reset,
        conflict_streams: odd.conflict,
        urgent_streams: odd.urgent,
        after_fin_streams: odd.after_fin,
        evicted_streams: odd.evicted,
    }
}

fn account(account: &Account, transport: &tcp::Counts) -> AccountShape {
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
            ("bit_errors", outside.bit_errors),
        ]),
        stream_bytes: transport.bytes,
        frames: account.frames,
        faults: account.faults,
        leading: account.leading,
        cut: account.cut,
        unfinished: account.unfinished,
        unrecognised: account.unrecognised,
        unselected: account.unselected,
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

/// The largest number that every JSON reader keeps exactly.
pub const EXACT: u64 = 1 << 53;
