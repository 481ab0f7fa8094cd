//! Which connection a packet belongs to, and when connections open and close.
//!
//! The bytes of each direction are the business of `stream`.

mod candidate;
mod evidence;
mod fast;
mod leaving;
mod payload;
mod waiting;

use super::{
    config::{TcpConfig, TcpStats, Urgent},
    event::{Dir, Sink, StreamId},
    flow::{Flow, Left, mark, segment_limit},
    held::PacketRef,
    identity::Candidate,
    key::{Key, KeyHash, Nets},
    line::{Line, Ticket},
    seq::Seq,
    shared::{Shared, time_of},
    stream::{Arrival, Context, Stream},
    table::{FlowTable, NONE, Slab},
};
use std::collections::{HashMap, VecDeque};

use crate::decode::{Flags, Lane, Segment};

/// Connections examined for silence at a time, and when one has to be evicted.
const SAMPLED_CONNECTIONS: u32 = 16;

/// Rebuilds the streams of all connections of a capture.
///
/// Fed with segments in the order of the capture, it emits to a [`Sink`] each stream's bytes in order, its gaps and
/// its end. It never fails: what cannot be placed is counted.
pub struct Reassembler {
    shared: Shared,
    nets: Nets,
    hash: KeyHash,
    table: FlowTable,
    flows: Slab<Flow>,
    streams: Slab<Stream>,
    /// Streams whose beginning is not settled, and streams with a hole.
    lines: [Line; 2],
    /// When the first of them is due.
    due: i64,
    tickets: u64,
    /// By lane, so that one lane does not depend on the other: connections closed, with their numbers, the one closed first
    /// in front.
    closed: [VecDeque<(u32, u64)>; 2],
    /// By number of the known connection: packets that may begin another one on its 4-tuple.
    candidates: HashMap<u32, Candidate>,
    /// Where the next examination for silent connections begins.
    hand: u32,
    /// No packet of a known connection is older, nanoseconds.
    earliest: i64,
    /// Kept by one of two only. See [`Reassembler::births`].
    births: Option<Vec<u64>>,
}

impl Reassembler {
    /// A reassembler that has seen nothing.
    pub fn new(config: TcpConfig) -> Self {
        Self {
            nets: Nets::new(config.key_vlan, config.key_vni),
            hash: KeyHash::new(),
            shared: Shared::new(config),
            table: FlowTable::new(),
            flows: Slab::new(),
            streams: Slab::new(),
            lines: Default::default(),
            due: i64::MAX,
            tickets: 0,
            closed: Default::default(),
            candidates: HashMap::new(),
            hand: 0,
            earliest: i64::MAX,
            births: None,
        }
    }

    /// One of two that share the connections, each fed with those of its lane and [passed by](Reassembler::pass_by)
    /// the others.
    pub(crate) fn of_two(config: TcpConfig) -> Self {
        Self {
            births: Some(Vec::new()),
            ..Self::new(config)
        }
    }

    /// For each connection numbered, how many TCP packets had been seen when it was, its first included: ascending. Of
    /// one of two that share the connections.
    pub(crate) fn births(&self) -> &[u64] {
        self.births.as_deref().unwrap_or_default()
    }

    /// Whether half of a bound on all connections was reached: two that share them can no longer determine what one
    /// alone would have evicted.
    pub(crate) fn is_near_a_bound(&self) -> bool {
        self.would_be_near_a_bound(self.shared.stats.known_peak, 1.0)
            || self.shared.stats.held_peak >= self.shared.config.max_held_total / 2
    }

    /// The same if `known` connections were known and the capture time so far were `span` times as long.
    pub(crate) fn would_be_near_a_bound(&self, known: u64, span: f64) -> bool {
        let config = &self.shared.config;
        let time = self.shared.now.saturating_sub(self.earliest) as f64 * span;
        known >= u64::from(config.max_connections) / 2
            || known >= u64::from(config.few) / 2 && time > config.idle as f64
    }

    /// Counts over all connections.
    pub fn stats(&self) -> &TcpStats {
        &self.shared.stats
    }

    /// Takes an acknowledgement, whatever it is.
    fn acknowledge(&mut self, index: u32, side: usize, segment: &Segment<'_>) {
        if !self.flows[index].acknowledge(side, segment) {
            self.far_ack(index, side, segment);
        }
    }

    #[cold]
    fn add(&mut self, key: Key, segment: &Segment<'_>, sink: &mut impl Sink) -> u32 {
        if self.flows.len() >= self.shared.config.max_connections.max(1) as usize {
            self.evict(sink);
        }
        // Without a time nothing is known of the times of its packets to come.
        self.earliest = self.earliest.min(time_of(segment));
        let stats = &mut self.shared.stats;
        if let Some(births) = &mut self.births {
            births.push(stats.packets);
        }
        let index = self.flows.insert(Flow::new(key, stats.connections));
        stats.connections += 1;
        stats.known += 1;
        stats.known_peak = stats.known_peak.max(stats.known);
        self.table.insert(self.hash.of(&key), index);
        index
    }

    /// Takes a packet that the fast path does not. Gives back true: what is due has been seen to.
    #[inline(never)]
    fn take_slow(
        &mut self,
        index: u32,
        side: usize,
        segment: &Segment<'_>,
        sink: &mut impl Sink,
    ) -> bool {
        match self.identify(index, side, segment) {
            Identity::Known => self.place(index, side, segment, sink),
            Identity::Held => {}
            Identity::Proved => {
                self.resolve(index, true, sink);
            }
            Identity::Another => {
                self.close(index, Left::Replaced, sink);
                self.place_first(segment, sink);
            }
            Identity::Resolved { another } => {
                let index = self.resolve(index, another, sink);
                // Without a candidate it is judged like any other packet.
                return match another {
                    true => {
                        self.place(index, side, segment, sink);
                        true
                    }
                    false => self.take_slow(index, side, segment, sink),
                };
            }
        }
        // An opening that runs out now is judged with this packet placed: it may be the lowest.
        if self.is_due() {
            self.serve(0..2, sink);
        }
        true
    }

    /// Opens a connection and takes its first packet.
    fn place_first(&mut self, segment: &Segment<'_>, sink: &mut impl Sink) -> u32 {
        let (key, side) = self.nets.key_of(segment);
        let index = self.add(key, segment, sink);
        self.place(index, side, segment, sink);
        index
    }

    /// Takes a packet of a connection.
    fn place(&mut self, index: u32, side: usize, segment: &Segment<'_>, sink: &mut impl Sink) {
        self.note_evidence(index, side, segment);
        let flow = &mut self.flows[index];
        if segment.flags.syn() && !segment.flags.rst() {
            flow.note_syn(side, segment);
        }
        flow.touch(side, segment, time_of(segment));
        if segment.flags.urg() {
            flow.marks[side] |= mark::URGENT;
        }
        if segment.flags.rst() {
            self.reset(index, side, segment);
        } else {
            self.acknowledge(index, side, segment);
            self.payload(index, side, segment, sink);
            self.acknowledged(index, side, segment, sink);
        }
        for side in [side, 1 - side] {
            self.settle(index, side, segment, sink);
        }
        self.note_closed(index, sink);
    }

    /// A stream, and what it must know while this packet is taken.
    fn context<'a, S>(
        &'a mut self,
        number: u32,
        index: u32,
        side: usize,
        segment: &Segment<'_>,
        sink: &'a mut S,
    ) -> (&'a mut Stream, Context<'a, S>) {
        let flow = &self.flows[index];
        let known =
            flow.has(side, mark::SYN | mark::FLOOR) || self.streams[number].payload_bytes() > 0;
        let context = Context {
            shared: &mut self.shared,
            sink,
            id: StreamId {
                slot: number,
                ..stream_id(flow, side)
            },
            begun_by_syn: flow.has(side, mark::SYN),
            ack: (known && flow.has(1 - side, mark::ACK)).then_some(Seq(flow.sides[1 - side].ack)),
            peer_fin: flow.has(1 - side, mark::FIN),
            packets: flow.packets(),
            at: packet_ref(segment),
        };
        (&mut self.streams[number], context)
    }
}

use candidate::Identity;

/// Whether a ticket is the one its stream holds.
fn holds(streams: &Slab<Stream>, ticket: &Ticket) -> bool {
    let cold = streams.get(ticket.stream).and_then(|s| s.cold.as_ref());
    cold.is_some_and(|c| c.ticket == ticket.number)
}

/// The name of a side's stream. Before the client is decided nothing is emitted, so the direction does not matter.
#[inline]
fn stream_id(flow: &Flow, side: usize) -> StreamId {
    let dir = if flow.client.is_none_or(|c| c as usize == side) {
        Dir::C2s
    } else {
        Dir::S2c
    };
    StreamId {
        connection: flow.connection,
        slot: flow.sides[side].stream,
        dir,
    }
}

fn packet_ref(segment: &Segment<'_>) -> PacketRef {
    PacketRef {
        packet: segment.packet,
        capture: segment.capture,
        time: segment.time,
    }
}

fn arrival<'a>(segment: &Segment<'a>) -> Arrival<'a> {
    let seq = Seq(segment.seq).plus(segment.flags.syn() as u32);
    Arrival {
        seq,
        data: segment.payload,
        wire_len: segment.payload_len.max(segment.payload.len() as u32),
        origin: packet_ref(segment),
        urgent: segment
            .flags
            .urg()
            .then(|| Seq(segment.seq).plus(segment.urgent as u32)),
        push: segment.flags.any(Flags::PSH),
        ip_id: segment.ip_id,
        ttl: segment.ttl,
        checksum: segment.checksum,
    }
}
