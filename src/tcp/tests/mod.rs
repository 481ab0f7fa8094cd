//! Every case of the TCP table as rows, each run from sequence number 0 and again with the number wrapping inside; then
//! random segments and random connections against models.

mod bounds;
mod end;
mod facts;
mod identity;
mod middle;
mod model;
mod provisional;
mod reuse;
mod start;

use super::*;
use crate::{
    capture::Time,
    decode::{Addr, Endpoint, Flags, Segment, TcpChecksum},
};

const F: u8 = Flags::FIN;
const S: u8 = Flags::SYN;
const R: u8 = Flags::RST;
const P: u8 = Flags::PSH;
const A: u8 = Flags::ACK;
const U: u8 = Flags::URG;

/// One packet of the test: offset 0 of either side is the first byte behind its SYN.
#[derive(Clone)]
struct Pkt {
    from: u8,
    flags: u8,
    at: i64,
    ack: i64,
    data: Vec<u8>,
    wire: u32,
    ms: i64,
    id: Option<u16>,
    urgent: u16,
    port: u16,
    /// Value of the timestamps option.
    clock: Option<u32>,
    checksum: TcpChecksum,
}

fn pkt(from: u8, flags: u8, at: i64, data: &[u8]) -> Pkt {
    Pkt {
        from,
        flags,
        at,
        ack: 0,
        data: data.into(),
        wire: data.len() as u32,
        ms: 0,
        id: None,
        urgent: 0,
        port: 50_000,
        clock: None,
        checksum: TcpChecksum::Unchecked,
    }
}

/// Client payload.
fn c(at: i64, data: &[u8]) -> Pkt {
    pkt(0, P, at, data)
}

/// Server packet with an acknowledgement.
fn s(ack: i64) -> Pkt {
    pkt(1, A, 0, b"").ack(ack)
}

/// Client's SYN, server's SYN/ACK.
fn hello() -> Vec<Pkt> {
    vec![pkt(0, S, -1, b""), pkt(1, S | A, -1, b"")]
}

impl Pkt {
    fn ack(mut self, ack: i64) -> Self {
        (self.ack, self.flags) = (ack, self.flags | A);
        self
    }
    fn ms(mut self, ms: i64) -> Self {
        self.ms = ms;
        self
    }
    fn wire(mut self, wire: u32) -> Self {
        self.wire = wire;
        self
    }
    fn id(mut self, id: u16) -> Self {
        self.id = Some(id);
        self
    }
    fn clock(mut self, clock: u32) -> Self {
        self.clock = Some(clock);
        self
    }
    fn urgent(mut self, urgent: u16) -> Self {
        (self.urgent, self.flags) = (urgent, self.flags | U);
        self
    }
}

/// What was emitted, as text; a stream is named by connection and direction, as `0>` and `0<`.
#[derive(Default)]
struct Log {
    lines: Vec<String>,
    /// Packet and capture that showed each gap.
    places: Vec<(u64, u32)>,
    /// Of each conflict, the packet that stood and the one that differed.
    disputes: Vec<(u64, u64)>,
    summaries: std::collections::BTreeMap<(u64, Dir), StreamSummary>,
    next: std::collections::BTreeMap<(u64, Dir), u64>,
    bytes: std::collections::BTreeMap<(u64, Dir), Vec<u8>>,
}

fn name(id: StreamId) -> String {
    format!(
        "{}{}",
        id.connection,
        if id.dir == Dir::C2s { '>' } else { '<' }
    )
}

impl Log {
    fn step(&mut self, id: StreamId, at: u64, len: u64) {
        let next = self.next.get_mut(&(id.connection, id.dir)).expect("begun");
        assert_eq!(at, *next, "{} is in order", name(id));
        *next += len;
    }
}

impl Sink for Log {
    fn begin(&mut self, id: StreamId, _: &Begin) {
        assert!(
            self.next.insert((id.connection, id.dir), 0).is_none(),
            "begins once"
        );
    }
    fn chunk(&mut self, id: StreamId, x: &Chunk<'_>) {
        self.step(id, x.offset, x.data.len() as u64);
        self.bytes
            .entry((id.connection, id.dir))
            .or_default()
            .extend(x.data);
        let marks = [
            (x.conflict, "!"),
            (x.urgent, "u"),
            (x.after_fin, "f"),
            (!x.segment_start, "+"),
        ];
        let marks: String = marks.iter().filter(|m| m.0).map(|m| m.1).collect();
        self.lines
            .push(format!("{}{}{marks}", name(id), x.data.escape_ascii()));
    }
    fn gap(&mut self, id: StreamId, g: &Gap) {
        self.places.push((g.packet, g.capture));
        self.step(id, g.offset, g.length);
        let forced = if g.forced { " forced" } else { "" };
        self.lines.push(format!(
            "{}gap {} {:?}{forced}",
            name(id),
            g.length,
            g.cause
        ));
    }
    fn conflict(&mut self, id: StreamId, x: &Conflict<'_>) {
        self.disputes.push((x.kept_packet, x.packet));
        let (kept, refused) = (x.kept.escape_ascii(), x.refused.escape_ascii());
        self.lines.push(format!(
            "{}conflict {} {kept}/{refused}",
            name(id),
            x.offset
        ));
    }
    fn end(&mut self, id: StreamId, end: End) {
        self.lines.push(format!("{}{end:?}", name(id)));
    }
    fn summary(&mut self, id: StreamId, x: &StreamSummary) {
        assert_eq!(
            x.counts.payload_bytes,
            x.counts.bytes + x.counts.retransmitted_bytes + x.counts.outside.total(),
            "conservation: {x:?}"
        );
        self.summaries.insert((id.connection, id.dir), x.clone());
    }
}

impl Log {
    /// Lines of one stream, without its name.
    fn of(&self, stream: &str) -> Vec<&str> {
        self.lines
            .iter()
            .filter_map(|l| l.strip_prefix(stream))
            .collect()
    }
    fn sum(&self, connection: u64, dir: Dir) -> &StreamSummary {
        &self.summaries[&(connection, dir)]
    }
}

fn run_from(isn: u32, config: &TcpConfig, packets: &[Pkt]) -> Log {
    let mut tcp = Reassembler::new(config.clone());
    let mut log = Log::default();
    let mut ms = 0;
    for (number, p) in packets.iter().enumerate() {
        ms += p.ms;
        let client = Endpoint {
            addr: Addr::v4([10, 0, 0, 1]),
            port: p.port,
        };
        let server = Endpoint {
            addr: Addr::v4([10, 0, 0, 2]),
            port: 80,
        };
        let (src, dst) = if p.from == 0 {
            (client, server)
        } else {
            (server, client)
        };
        let header = p.clock.map_or(Vec::new(), header_with_clock);
        let base = |side: u8| isn.wrapping_add(side as u32 * 7000);
        let segment = Segment {
            packet: number as u64 + 1,
            capture: 0,
            time: Some(Time::from_nanos(ms * 1_000_000)),
            src,
            dst,
            seq: base(p.from).wrapping_add(p.at as u32),
            ack: base(1 - p.from).wrapping_add(p.ack as u32),
            flags: Flags(p.flags),
            urgent: p.urgent,
            ip_id: p.id,
            ttl: 64,
            checksum: p.checksum,
            header: &header,
            vlan: 0,
            vni: 0,
            payload: &p.data,
            payload_len: p.wire,
        };
        tcp.feed(&segment, &mut log);
    }
    tcp.finish(&mut log);
    assert_eq!(tcp.stats().held, 0);
    log
}

/// A TCP header whose only option is timestamps.
fn header_with_clock(clock: u32) -> Vec<u8> {
    let mut header = vec![0; 20];
    header[12] = 8 << 4;
    header.extend([1, 1, 8, 10]);
    header.extend(clock.to_be_bytes());
    header.extend([0; 4]);
    header
}

/// A small seeded generator (xorshift), so that a failure replays.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// Runs the packets at several places of the sequence space; what is emitted must be the same.
fn run_with(config: &TcpConfig, packets: &[Pkt]) -> Log {
    let log = run_from(1, config, packets);
    for isn in [
        0,
        u32::MAX,
        u32::MAX - 2,
        u32::MAX - 5,
        u32::MAX - 7003,
        0x7fff_fffe,
    ] {
        assert_eq!(
            run_from(isn, config, packets).lines,
            log.lines,
            "from {isn}"
        );
    }
    log
}

fn run(packets: &[Pkt]) -> Log {
    run_with(&TcpConfig::default(), packets)
}

/// A handshake, then these.
fn after_hello(packets: &[Pkt]) -> Log {
    run(&[hello(), packets.to_vec()].concat())
}

/// Asserts what is emitted of the client's stream after a handshake.
#[track_caller]
fn client_stream(packets: &[Pkt], want: &[&str]) -> Log {
    let log = after_hello(packets);
    assert_eq!(log.of("0>"), want);
    log
}
