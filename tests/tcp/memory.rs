//! Memory is bounded by what is open and held, never by the length of the capture.
//!
//! Each case runs in a process of its own, this test again, which reads a capture that is made up as it is read and
//! says at its end how much memory it took. `DEFRAME_MEMORY=full` runs the large versions.

use std::{
    env, fs,
    io::{self, Read},
    process::Command,
    sync::Arc,
};

use deframe::{
    analysis::Stats,
    capture::{CaptureSet, Input, LinkType, ReadConfig, Time, WriteFormat, Writer},
    decode,
    framing::FrameTable,
    pipeline::{self, Outcome, Selection},
    protocol::Protocol,
    tcp,
};
use etherparse::PacketBuilder;

/// Tells the child what to run: a case and a number.
const CASE: &str = "DEFRAME_MEMORY_CASE";

const MIB: u64 = 1 << 20;

/// A capture made up packet by packet: the function adds the packets of its step, or says that there are no more.
struct Made<F> {
    writer: Option<Writer<Vec<u8>>>,
    ready: io::Cursor<Vec<u8>>,
    step: u64,
    packets: F,
}

impl<F: FnMut(u64, &mut Writer<Vec<u8>>) -> bool> Read for Made<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.ready.read(buffer)?;
            if n > 0 {
                return Ok(n);
            }
            let Some(mut writer) = self.writer.take() else {
                return Ok(0);
            };
            let mut more = true;
            for _ in 0..512 {
                more = more && (self.packets)(self.step, &mut writer);
                self.step += 1;
            }
            let bytes = writer.finish()?;
            // The next writer begins with a file header, which only the first may have.
            let header = if self.step == 512 { 0 } else { 24 };
            self.ready = io::Cursor::new(bytes[header..].to_vec());
            if more {
                self.writer = Some(begin());
            }
        }
    }
}

fn begin() -> Writer<Vec<u8>> {
    Writer::new(Vec::new(), WriteFormat::default(), LinkType(1), 0).unwrap()
}

fn add(
    writer: &mut Writer<Vec<u8>>,
    micros: u64,
    packet: etherparse::PacketBuilderStep<etherparse::TcpHeader>,
    payload: &[u8],
) {
    let mut bytes = Vec::with_capacity(packet.size(payload.len()));
    packet.write(&mut bytes, payload).unwrap();
    let time = Time::from_nanos(1_700_000_000_000_000_000 + micros as i64 * 1000);
    writer
        .packet(Some(time), &bytes, bytes.len() as u32, 0)
        .unwrap();
}

fn ends(client: u32, port: u16, seq: u64) -> etherparse::PacketBuilderStep<etherparse::TcpHeader> {
    PacketBuilder::ethernet2([2; 6], [4; 6])
        .ipv4(client.to_be_bytes(), [192, 168, 0, 1], 64)
        .tcp(port, 9000, seq as u32, 60_000)
}

/// Reads a made-up capture through everything, as `stats` does.
fn run(
    packets: impl FnMut(u64, &mut Writer<Vec<u8>>) -> bool + Send + 'static,
) -> (Stats, Outcome) {
    let protocol = Protocol::fd();
    let mut stats = Stats::new(&protocol.layout);
    let options = pipeline::RunConfig {
        table: Arc::new(FrameTable::new(&protocol.layout).unwrap()),
        selection: Selection::default(),
        decode: decode::DecodeConfig::default(),
        tcp: tcp::TcpConfig::default(),
    };
    let made = Made {
        writer: Some(begin()),
        ready: io::Cursor::default(),
        step: 0,
        packets,
    };
    let input = Input::Reader {
        name: "made".to_owned(),
        read: Box::new(made),
    };
    let mut captures = CaptureSet::new(vec![input], ReadConfig::default());
    let outcome = pipeline::run(&mut captures, &options, &mut stats, &mut |_| {});
    assert!(
        captures.table()[0].problem.is_none() && captures.table()[0].truncated.is_none(),
        "{:?}",
        captures.table()
    );
    (stats, outcome)
}

/// `connections` connections of which only the SYN is seen.
fn half_open(connections: u64) {
    let (stats, outcome) = run(move |step, writer| {
        if step < connections {
            let packet = ends(
                0x0a00_0000 + (step / 50_000) as u32,
                10_000 + (step % 50_000) as u16,
                step * 7919,
            )
            .syn();
            add(writer, step, packet, &[]);
        }
        step + 1 < connections
    });
    let limit = u64::from(tcp::TcpConfig::default().max_connections);
    assert_eq!(outcome.tcp.connections, connections);
    assert_eq!(outcome.tcp.evicted, connections.saturating_sub(limit));
    assert!(outcome.tcp.known_peak <= limit);
    // A connection has two streams, of which one was seen.
    assert_eq!(stats.total.odd.evicted, outcome.tcp.evicted);
    assert_eq!(stats.silent_streams, connections);
}

/// Connections of which one segment of 20 random bytes is seen, one each 20 microseconds: what a scanner or an attacker
/// makes.
fn one_segment(connections: u64) {
    let mut random = crate::support::Random(7);
    let (stats, outcome) = run(move |step, writer| {
        let payload = random.bytes(20);
        let client = 0x0a00_0000 + (step / 50_000) as u32;
        let packet = ends(client, 10_000 + (step % 50_000) as u16, step * 7919).ack(1);
        add(writer, 20 * step, packet, &payload);
        step + 1 < connections
    });
    assert_eq!(outcome.tcp.connections, connections);
    let kept = stats.streams.len() as u64;
    assert_eq!(kept, connections.min(100_000));
    assert_eq!(stats.dropped.streams, connections - kept);
    assert_eq!(stats.total.account.total(), 20 * connections);
}

/// One stream of `bytes` bytes of frames, without the segments for which `missing` is true.
fn lossy(bytes: u64, missing: fn(u64) -> bool) {
    const SEGMENT: u64 = 1386; // Nine frames of 154 bytes.
    let segments = bytes / SEGMENT;
    let frame = [&[0xfd, 0xaa][..], &[7; 150], &[0xcc, 0xdd]].concat();
    let payload = frame.repeat(9);
    let (stats, outcome) = run(move |step, writer| {
        match step {
            0 => add(
                writer,
                0,
                ends(0x0a00_0001, 10_000, u64::from(u32::MAX)).syn(),
                &[],
            ),
            _ if missing(step) => {}
            _ => add(
                writer,
                step * 100,
                ends(0x0a00_0001, 10_000, (step - 1) * SEGMENT).ack(1),
                &payload,
            ),
        }
        step < segments
    });
    let gone = (1..segments).filter(|step| missing(*step)).count() as u64;
    let gaps = stats.total.gap_total();
    assert_eq!(gaps.bytes, gone * SEGMENT, "{:?}", outcome.tcp);
    assert_eq!(stats.total.account.total(), stats.total.transport.bytes);
    assert!(stats.total.frame_count() > 0);
}

fn every_second(step: u64) -> bool {
    step.is_multiple_of(2) && step > 0
}

fn one_in_a_thousand(step: u64) -> bool {
    step % 1000 == 500
}

/// What the child does; nothing in any other process.
#[test]
fn child() {
    let Ok(case) = env::var(CASE) else { return };
    let (case, n) = case.split_once(' ').unwrap();
    let n: u64 = n.parse().unwrap();
    match case {
        "half_open" => half_open(n),
        "one_segment" => one_segment(n),
        "every_second" => lossy(n, every_second),
        "one_in_a_thousand" => lossy(n, one_in_a_thousand),
        _ => panic!("no case {case}"),
    }
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        println!(
            "{}",
            status
                .lines()
                .find(|line| line.starts_with("VmHWM"))
                .unwrap()
        );
    }
}

/// Runs a case in a process of its own: the most memory that it had, in KiB; none where the system does not say.
fn peak(case: &str, n: u64) -> Option<u64> {
    let output = Command::new(env::current_exe().unwrap())
        .args([
            "memory::child",
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(CASE, format!("{case} {n}"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{case} {n}: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let peak = said.lines().find_map(|line| line.split("VmHWM:").nth(1))?;
    let kib = peak.trim().trim_end_matches("kB").trim().parse().unwrap();
    println!("{case} {n}: {} MiB", kib / 1024);
    Some(kib)
}

fn full() -> bool {
    env::var("DEFRAME_MEMORY").is_ok_and(|size| size == "full")
}

#[test]
fn streams_of_one_segment() {
    let connections = if full() { 1_000_000 } else { 250_000 };
    assert!(peak("one_segment", connections).is_none_or(|kib| kib < 256 << 10));
}

#[test]
fn half_open_connections_are_evicted() {
    let connections = if full() { 2_000_000 } else { 600_000 };
    assert!(peak("half_open", connections).is_none_or(|kib| kib < 256 << 10));
}

#[test]
fn a_stream_with_every_second_segment_missing() {
    let bytes = if full() { 1024 * MIB } else { 48 * MIB };
    assert!(peak("every_second", bytes).is_none_or(|kib| kib < 256 << 10));
}

#[test]
fn sixteen_times_the_bytes_take_no_more_memory() {
    let bytes = if full() { 64 * MIB } else { 8 * MIB };
    if let (Some(small), Some(large)) = (
        peak("one_in_a_thousand", bytes),
        peak("one_in_a_thousand", 16 * bytes),
    ) {
        assert!(large <= small + 2048, "{small} KiB and {large} KiB");
    }
}
