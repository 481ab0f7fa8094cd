//! Captures of given frames, cut and troubled at will; and a way to compare two.

use std::{io::Cursor, sync::Arc};

use crate::support::Random;
use deframe::{
    capture::{CaptureSet, Input, LinkType, Time, WriteFormat, Writer},
    decode,
    diff::{Collector, Comparison, Setup, Side, compare},
    framing::FrameTable,
    pipeline::{self, Selection},
    protocol::Protocol,
    tcp,
};

/// A device and all that it sends.
pub struct Device {
    pub addr: [u8; 4],
    pub port: u16,
    pub bytes: Vec<u8>,
    /// Ranges of bytes that the capture misses; segments begin and end there.
    pub lost: Vec<(usize, usize)>,
    /// Seconds from the start of the capture to its SYN.
    pub after: i64,
}

/// How a capture is made.
pub struct Wire {
    pub seed: u64,
    /// Most bytes of a segment.
    pub most: usize,
    /// One segment in so many is sent twice.
    pub again: usize,
    /// When it begins, in seconds.
    pub start: i64,
}

const SYN: u8 = 2;
const FIN: u8 = 1;
const ACK: u8 = 16;

/// A capture of bare IP packets.
pub fn capture(wire: &Wire, devices: &[Device]) -> Vec<u8> {
    let mut rng = Random(wire.seed);
    let mut packets = Vec::new();
    for (nth, device) in devices.iter().enumerate() {
        let isn = rng.next() as u32;
        let mut time = (wire.start + device.after) * 1_000_000_000 + nth as i64 * 1_000;
        let mut put = |at: usize, bytes: &[u8], flags: u8, rng: &mut Random| {
            let seq = if flags & SYN > 0 {
                isn
            } else {
                isn.wrapping_add(1 + at as u32)
            };
            time += 1_000_000 + rng.below(9_000_000) as i64;
            packets.push((time, packet(device, seq, flags, bytes)));
        };
        put(0, &[], SYN, &mut rng);
        let mut at = 0;
        while at < device.bytes.len() {
            if let Some(lost) = device.lost.iter().find(|lost| lost.0 == at) {
                at = lost.1;
                continue;
            }
            let border = device
                .lost
                .iter()
                .map(|lost| lost.0)
                .filter(|lost| *lost > at)
                .min();
            let most = border.unwrap_or(device.bytes.len()) - at;
            let end = at + (1 + rng.below(wire.most)).min(most);
            put(at, &device.bytes[at..end], ACK, &mut rng);
            if wire.again > 0 && rng.one_in(wire.again) {
                // Sent again from a little before, as far as that was captured.
                let from = at.saturating_sub(rng.below(50));
                let whole = !device.lost.iter().any(|lost| lost.0 < end && from < lost.1);
                put(
                    if whole { from } else { at },
                    &device.bytes[if whole { from } else { at }..end],
                    ACK,
                    &mut rng,
                );
            }
            at = end;
        }
        put(at, &[], FIN | ACK, &mut rng);
    }
    packets.sort_by_key(|packet| packet.0);
    let mut out = Writer::new(Vec::new(), WriteFormat::default(), LinkType(101), 0).unwrap();
    for (time, bytes) in &packets {
        out.packet(Some(Time::from_nanos(*time)), bytes, bytes.len() as u32, 0)
            .unwrap();
    }
    out.finish().unwrap()
}

fn packet(device: &Device, seq: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x45, 0];
    bytes.extend(((40 + payload.len()) as u16).to_be_bytes());
    bytes.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
    bytes.extend(device.addr);
    bytes.extend([10, 9, 9, 9]);
    bytes.extend(device.port.to_be_bytes());
    bytes.extend(9000u16.to_be_bytes());
    bytes.extend(seq.to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    bytes.extend(payload);
    bytes
}

/// What comparing needs for the device protocol.
pub fn setup() -> Setup {
    Setup {
        layout: Protocol::fd().layout,
        budget: Setup::BUDGET,
        ..Setup::default()
    }
}

/// Reads a side.
pub fn side(setup: &Setup, file: Vec<u8>) -> Side {
    let input = Input::Reader {
        name: "memory".to_owned(),
        read: Box::new(Cursor::new(file)),
    };
    let mut captures = CaptureSet::new(vec![input], Default::default());
    let options = pipeline::RunConfig {
        table: Arc::new(FrameTable::new(&Protocol::fd().layout).unwrap()),
        selection: Selection::default(),
        decode: decode::DecodeConfig::default(),
        tcp: tcp::TcpConfig::default(),
    };
    let mut collector = Collector::new(setup);
    pipeline::run(&mut captures, &options, &mut collector, &mut |_| {});
    assert!(
        captures
            .table()
            .iter()
            .all(|capture| capture.problem.is_none())
    );
    collector.finish()
}

/// Both sides, read and compared.
pub fn compared(setup: &Setup, a: Vec<u8>, b: Vec<u8>) -> (Side, Side, Comparison) {
    let (a, b) = (side(setup, a), side(setup, b));
    let comparison = compare(&a, &b, setup);
    (a, b, comparison)
}
