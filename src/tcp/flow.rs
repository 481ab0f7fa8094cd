//! What is known of a connection before and beside its bytes: who, when, handshake, acknowledgements.
//!
//! Small, for a scan makes millions of them; what a stream of bytes needs is in `stream`.

use super::{
    event::{Begin, Dir, EndCause, StreamSummary},
    evidence::{ETHERNET_MSS, EndedBy, FlowEvidence, StreamEvidence},
    identity::NEAR_BYTES,
    key::Key,
    seq::Seq,
    shared::NEVER,
    stream::Stream,
    table::NONE,
};
use crate::{
    capture::Time,
    decode::{Endpoint, Flags, Segment, TcpChecksum},
};

/// Acknowledgements further ahead are not believed alone.
const FAR: i32 = 1 << 30;

/// In [`Flow::attention`]: the stream of either side waits for something.
pub(super) const WAITS: u8 = 3;

/// In [`Flow::attention`]: see there.
pub(super) const CANDIDATE: u8 = 4;

/// In [`Flow::attention`]: shifted by the side, its window is closed.
pub(super) const WINDOW_CLOSED: u8 = 8;

/// Marks of one side.
pub(super) mod mark {
    /// A SYN was captured; `isn` is its sequence number.
    pub const SYN: u16 = 1;
    /// It was a bare SYN.
    pub const BARE: u16 = 2;
    /// It was a SYN with ACK.
    pub const SYN_ACK: u16 = 4;
    /// No SYN yet; `isn` is the sequence number of the first packet, an empty one.
    pub const FLOOR: u16 = 8;
    /// `isn2` is the sequence number of an earlier, other SYN.
    pub const SECOND: u16 = 16;
    /// `ack` is known.
    pub const ACK: u16 = 32;
    /// A FIN was captured.
    pub const FIN: u16 = 64;
    /// A RST was captured.
    pub const RST: u16 = 128;
    /// An urgent pointer was captured.
    pub const URGENT: u16 = 256;
    /// It sent the first FIN or RST of the connection.
    pub const ENDED_FIRST: u16 = 512;
    /// That was a RST.
    pub const ENDED_BY_RST: u16 = 1024;
    /// The reassembler keeps a `FlowEvidence` of the connection.
    pub const EVIDENCE: u16 = 2048;
}

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// The capture ended, or the connection had closed long ago.
    AtEnd,
    /// A bound on connections or on silence was reached.
    Evicted,
    /// Another connection has its 4-tuple.
    Replaced,
}

/// What a packet changes in one direction, named after its sender.
#[derive(Clone)]
pub(super) struct Side {
    pub packets: u64,
    pub last_packet: u64,
    pub end_time: i64,
    /// Number of its stream of bytes, once there is one.
    pub stream: u32,
    /// Highest acknowledgement it sent: about the other side's bytes.
    pub ack: u32,
}

/// How one direction began.
#[derive(Clone)]
pub(super) struct Start {
    pub packet: u64,
    pub time: i64,
    /// See the marks SYN and FLOOR.
    pub isn: u32,
    /// See the mark SECOND.
    pub isn2: u32,
}

/// One connection: a cache line to know it and judge a packet, one that the packet changes, one for the rest.
#[derive(Clone)]
#[repr(C, align(64))]
pub(super) struct Flow {
    pub key: Key,
    pub connection: u64,
    pub marks: [u16; 2],
    /// Bit n: the stream of side n waits for something; [`CANDIDATE`]: packets are held that may begin another
    /// connection; [`WINDOW_CLOSED`] shifted by n: the window of side n is closed. Other than 0, no packet of the
    /// connection takes the fast path.
    pub attention: u8,
    /// Whether the client is side 1, once it had to be decided.
    pub client: Option<bool>,
    /// Closed by a RST that nothing followed.
    pub reset: bool,
    /// In the line of closed connections.
    pub closed: bool,
    pub sides: [Side; 2],
    pub starts: [Start; 2],
    /// Capture of each side's first packet.
    pub captures: [u32; 2],
    /// Value of the timestamps option of each side's SYN, 0 without.
    pub syn_clocks: [u32; 2],
}

impl Flow {
    pub fn new(key: Key, connection: u64) -> Self {
        let side = Side {
            packets: 0,
            last_packet: 0,
            end_time: NEVER,
            stream: NONE,
            ack: 0,
        };
        let start = Start {
            packet: 0,
            time: NEVER,
            isn: 0,
            isn2: 0,
        };
        Self {
            key,
            connection,
            marks: [0; 2],
            attention: 0,
            client: None,
            reset: false,
            closed: false,
            sides: [side.clone(), side],
            starts: [start.clone(), start],
            captures: [0; 2],
            syn_clocks: [0; 2],
        }
    }

    /// When the first and the last packet of a side were captured.
    pub fn times(&self, side: usize) -> (Option<Time>, Option<Time>) {
        let time = |t| (t != NEVER).then(|| Time::from_nanos(t));
        (
            time(self.starts[side].time),
            time(self.sides[side].end_time),
        )
    }

    /// Counts a packet of a side, captured at `time` or [`NEVER`].
    pub fn touch(&mut self, side: usize, segment: &Segment<'_>, time: i64) {
        if self.sides[side].packets == 0 {
            let start = &mut self.starts[side];
            (start.packet, start.time) = (segment.packet, time);
            self.captures[side] = segment.capture;
        }
        self.touch_again(side, segment, time);
    }

    /// Counts a packet of a side that is not its first.
    #[inline(always)]
    pub fn touch_again(&mut self, side: usize, segment: &Segment<'_>, time: i64) {
        let s = &mut self.sides[side];
        s.packets += 1;
        s.last_packet = segment.packet;
        s.end_time = time;
    }

    /// Whether the acknowledgement of a packet is the same as the one before, or plausibly higher.
    #[inline(always)]
    pub fn is_near_ack(&self, side: usize, ack: u32) -> bool {
        self.has(side, mark::ACK) && ack.wrapping_sub(self.sides[side].ack) < NEAR_BYTES as u32
    }

    /// Takes the acknowledgement of a packet that is no RST, if it is higher than before. False for one too far ahead
    /// to be believed alone.
    pub fn acknowledge(&mut self, side: usize, segment: &Segment<'_>) -> bool {
        if !segment.flags.ack() {
            return true;
        }
        let s = &mut self.sides[side];
        let further = Seq(segment.ack).since(Seq(s.ack));
        if self.marks[side] & mark::ACK == 0 || (further > 0 && further < FAR) {
            s.ack = segment.ack;
            self.marks[side] |= mark::ACK;
        }
        further < FAR || s.ack == segment.ack
    }

    #[inline]
    pub fn has(&self, side: usize, marks: u16) -> bool {
        self.marks[side] & marks != 0
    }

    /// Packets of both directions.
    pub fn packets(&self) -> u64 {
        self.sides[0].packets + self.sides[1].packets
    }

    /// When the last packet of either direction was captured.
    pub fn last_time(&self) -> Option<i64> {
        let last = self.sides[0].end_time.max(self.sides[1].end_time);
        (last != NEVER).then_some(last)
    }

    pub fn endpoint(&self, side: usize) -> Endpoint {
        self.key.endpoint(side)
    }

    /// The client: who sent the bare SYN, else who received the SYN/ACK, else the higher port, else who sent first.
    /// Decided once: what has been emitted stays.
    pub fn client(&mut self) -> usize {
        let by = |flow: &Flow, marks| match (flow.has(0, marks), flow.has(1, marks)) {
            (true, false) => Some(0),
            (false, true) => Some(1),
            // Both, as in a simultaneous open: who was first.
            (true, true) => Some((flow.starts[1].packet < flow.starts[0].packet) as usize),
            _ => None,
        };
        let side = self
            .client
            .map(usize::from)
            .or_else(|| by(self, mark::BARE))
            .unwrap_or_else(|| {
                let [a, b] = [0, 1].map(|side| self.endpoint(side).port);
                match by(self, mark::SYN_ACK) {
                    Some(server) => 1 - server,
                    None if a != b => (b > a) as usize,
                    None => {
                        (self.sides[0].packets == 0
                            || (self.sides[1].packets > 0
                                && self.starts[1].packet < self.starts[0].packet))
                            as usize
                    }
                }
            });
        self.client = Some(side == 1);
        side
    }

    /// A packet of this side without contents, to settle its stream when no packet came.
    pub fn last_segment(&self, side: usize) -> Segment<'static> {
        let s = &self.sides[side];
        Segment {
            packet: s.last_packet,
            capture: self.captures[side],
            time: self.times(side).1,
            src: self.endpoint(side),
            dst: self.endpoint(1 - side),
            seq: 0,
            ack: 0,
            flags: Flags::default(),
            urgent: 0,
            ip_id: None,
            ttl: 0,
            checksum: TcpChecksum::Unchecked,
            header: &[],
            vlan: self.key.vlan(),
            vni: self.key.vni(),
            payload: &[],
            payload_len: 0,
        }
    }

    /// All that is known of a stream.
    pub fn summary(
        &self,
        side: usize,
        stream: &Stream,
        left: Left,
        evidence: Option<&FlowEvidence>,
    ) -> StreamSummary {
        let s = &self.sides[side];
        let (time, end_time) = self.times(side);
        let (end, ended_by) = self.ending(left);
        let mut summary = StreamSummary {
            first_packet: self.starts[side].packet,
            last_packet: s.last_packet,
            time,
            end_time,
            counts: stream.counts(s.packets),
            syn: self.has(side, mark::SYN),
            fin: self.has(side, mark::FIN),
            rst: self.has(side, mark::RST),
            urgent: self.has(side, mark::URGENT),
            after_fin: stream.after_fin,
            evicted: left == Left::Evicted,
            end,
            ended_by,
            evidence: stream.evidence(),
        };
        self.summarise_evidence(side, stream, evidence, &mut summary.evidence);
        summary
    }

    /// How the connection ended, and which direction ended it.
    fn ending(&self, left: Left) -> (EndCause, Option<Dir>) {
        let client = self.client.is_some_and(|c| c) as usize;
        let by = |marks| [0, 1].into_iter().find(|&side| self.has(side, marks));
        let first = by(mark::ENDED_FIRST).map(|side| (side, self.has(side, mark::ENDED_BY_RST)));
        let (cause, side) = match first {
            Some((side, false)) => (EndCause::Fin, Some(side)),
            Some((side, true)) if self.reset => (EndCause::Rst, Some(side)),
            // Bytes came behind the RST, so it ended nothing.
            Some(_) if by(mark::FIN).is_some() => (EndCause::Fin, by(mark::FIN)),
            _ => match left {
                Left::Evicted => (EndCause::Timeout, None),
                Left::Replaced => (EndCause::Replaced, None),
                Left::AtEnd => (EndCause::Capture, None),
            },
        };
        let dir = side.map(|side| if side == client { Dir::C2s } else { Dir::S2c });
        (cause, dir)
    }

    /// What is known of both sides, for one stream.
    fn summarise_evidence(
        &self,
        side: usize,
        stream: &Stream,
        flow: Option<&FlowEvidence>,
        evidence: &mut StreamEvidence,
    ) {
        let (peer, theirs) = (1 - side, &self.sides[1 - side]);
        evidence.segment_limit = segment_limit(flow, side);
        if let Some(flow) = flow {
            evidence.zero_window = flow.zero_window[peer];
        }
        evidence.peer_packets = theirs.packets;
        evidence.peer_last_packet = theirs.last_packet;
        evidence.peer_end_time = self.times(peer).1;
        evidence.peer_accepted = self.has(peer, mark::SYN_ACK);
        evidence.peer_fin = self.has(peer, mark::FIN);
        evidence.peer_rst = self.has(peer, mark::RST);
        evidence.answered = self.has(side, mark::ACK);
        if self.has(peer, mark::ACK) {
            (evidence.acknowledged, evidence.unacknowledged) = stream.acknowledged_by(theirs.ack);
        }
        let ended = |side| self.has(side, mark::ENDED_FIRST);
        evidence.ended_by = match (ended(side), ended(peer)) {
            (true, _) => EndedBy::Sender,
            (_, true) => EndedBy::Receiver,
            _ => EndedBy::Nobody,
        };
        evidence.ended_by_rst = (self.marks[0] | self.marks[1]) & mark::ENDED_BY_RST != 0;
    }

    pub fn begin(&self, side: usize) -> Begin {
        Begin {
            src: self.endpoint(side),
            dst: self.endpoint(1 - side),
            syn: self.has(side, mark::SYN),
            capture: self.captures[side],
        }
    }
}

/// Largest payload, in bytes, that a segment of this side can have on the wire.
pub(super) fn segment_limit(evidence: Option<&FlowEvidence>, side: usize) -> u32 {
    let mss = evidence.map_or(0, |evidence| evidence.mss[1 - side]);
    ETHERNET_MSS.max(mss.into())
}
