//! Rows by the cases of the catalogue of hard cases, 21 to 44, then hostile bytes.

mod headers;
mod hostile;
mod ip_layers;
mod link_layers;
mod overlays;
mod tunnels;

use etherparse::PacketBuilder;

use super::*;
use crate::capture::{LinkType, Time};

pub(super) const ETHERNET: u16 = 1;

/// A segment that outlives its packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) ends: String,
    pub(super) ip_id: Option<u16>,
    pub(super) ttl: u8,
    pub(super) window: Option<u16>,
    pub(super) checksum: TcpChecksum,
    pub(super) vlan: u16,
    pub(super) vni: u32,
    pub(super) payload: Vec<u8>,
    pub(super) payload_len: u32,
}

/// A decoder and what came out of it.
#[derive(Default)]
pub(super) struct Bench {
    pub(super) decoder: Decoder,
    pub(super) found: Vec<Found>,
    number: u64,
}

impl Bench {
    pub(super) fn new(config: DecodeConfig) -> Self {
        Self {
            decoder: Decoder::new(config),
            ..Self::default()
        }
    }

    /// The first fast path against the other paths.
    fn fast_path_agrees(&self, packet: &Packet<'_>) {
        let config = &self.decoder.config;
        let (mut fast, mut other) = (Decoder::new(config.clone()), Decoder::new(config.clone()));
        let (mut found, mut again) = (Vec::new(), Vec::new());
        let verdict = fast.decode(packet, &mut |segment| found.push(format!("{segment:?}")));
        let other_verdict = other.other(packet, &mut |segment| again.push(format!("{segment:?}")));
        assert_eq!((verdict, found), (other_verdict, again));
        assert_eq!(fast.stats(), other.stats());
    }

    pub(super) fn packet(&mut self, link: u16, data: &[u8]) -> Verdict {
        self.packet_with(|_| {}, link, data)
    }

    /// Decodes, once more by each path that takes the packet: all must agree with the full walk.
    pub(super) fn packet_with(
        &mut self,
        change: impl Fn(&mut Packet<'_>),
        link: u16,
        data: &[u8],
    ) -> Verdict {
        self.number += 1;
        let mut packet = Packet {
            number: self.number,
            capture: 3,
            time: Some(Time::from_nanos(self.number as i64 * 1000)),
            link: LinkType(link),
            fcs_len: 0,
            data,
            wire_len: data.len() as u32,
        };
        change(&mut packet);
        let mut found = Vec::new();
        let mut short = Decoder::new(self.decoder.config.clone());
        let taken = short.short_walk(&packet, &mut |segment| found.push(keep(segment)));
        if let Some(verdict) = taken {
            let (mut whole, mut again) = (Decoder::new(self.decoder.config.clone()), Vec::new());
            assert_eq!(
                whole.full_walk(&packet, &mut |segment| again.push(keep(segment))),
                verdict
            );
            assert_eq!(again, found);
            assert_eq!(whole.stats(), short.stats());
        }
        self.fast_path_agrees(&packet);
        let already = self.found.len();
        let all = &mut self.found;
        let verdict = self.decoder.decode(&packet, &mut |segment| {
            assert_eq!(
                (segment.packet, segment.capture, segment.time),
                (packet.number, 3, packet.time)
            );
            assert!(segment.payload.len() <= segment.payload_len as usize);
            all.push(keep(segment));
        });
        assert_eq!(verdict == Verdict::Tcp, self.found.len() > already);
        verdict
    }

    /// Every packet has one verdict, and it is counted.
    pub(super) fn accounted(&self) {
        let stats = self.decoder.stats();
        let reasons: u64 = stats.reasons().map(|(_, count)| count.packets).sum();
        assert_eq!(stats.packets, self.number);
        assert_eq!(stats.tcp + stats.held.packets + reasons, self.number);
        assert_eq!(stats.segments, self.found.len() as u64);
    }
}

fn keep(segment: &Segment<'_>) -> Found {
    Found {
        ends: format!("{} > {}", segment.src, segment.dst),
        ip_id: segment.ip_id,
        ttl: segment.ttl,
        window: segment.window(),
        checksum: segment.checksum,
        vlan: segment.vlan,
        vni: segment.vni,
        payload: segment.payload.to_vec(),
        payload_len: segment.payload_len,
    }
}

/// The verdict and the segments of one packet.
pub(super) fn decode(link: u16, data: &[u8]) -> (Verdict, Vec<Found>) {
    let mut bench = Bench::default();
    let verdict = bench.packet(link, data);
    bench.accounted();
    (verdict, bench.found)
}

/// The one segment of a packet, whose payload must be `hello`, with right checksums.
pub(super) fn hello(link: u16, data: &[u8]) -> Found {
    let mut bench = Bench::default();
    assert_eq!(bench.packet(link, data), Verdict::Tcp, "{data:02x?}");
    assert_eq!(bench.decoder.stats().checksums, ChecksumStats::default());
    assert_eq!(bench.found.len(), 1);
    let found = bench.found.remove(0);
    assert_eq!(
        (found.payload.as_slice(), found.payload_len),
        (&b"hello"[..], 5)
    );
    assert_eq!((found.ttl, found.window), (64, Some(1024)));
    found
}

pub(super) fn other(link: u16, data: &[u8], reason: Reason) {
    assert_eq!(
        decode(link, data),
        (Verdict::Other(reason), vec![]),
        "{data:02x?}"
    );
}

/// An IPv4 packet with TCP.
pub(super) fn ipv4(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let ip = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64);
    ip.tcp(4000, 9000, 77, 1024)
        .write(&mut out, payload)
        .unwrap();
    out
}

/// An IPv6 packet with TCP.
pub(super) fn ipv6(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let ip = PacketBuilder::ipv6([1; 16], [2; 16], 64);
    ip.tcp(4000, 9000, 77, 1024)
        .write(&mut out, payload)
        .unwrap();
    out
}

pub(super) fn cat(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// An Ethernet frame.
pub(super) fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    cat(&[&[2; 12], &kind.to_be_bytes(), payload])
}

/// An IPv4 header with a right checksum in front of some payload. `fragment` is its field of that name.
pub(super) fn over_ipv4(protocol: u8, id: u16, fragment: u16, payload: &[u8]) -> Vec<u8> {
    let total = (20 + payload.len()) as u16;
    let [t0, t1] = total.to_be_bytes();
    let ([i0, i1], [f0, f1]) = (id.to_be_bytes(), fragment.to_be_bytes());
    let mut header = [
        0x45, 0, t0, t1, i0, i1, f0, f1, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
    ];
    let sum = !checksum::sum(&header);
    header[10..12].copy_from_slice(&sum.to_ne_bytes());
    cat(&[&header, payload])
}

pub(super) fn over_ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    cat(&[
        &[0x60, 0, 0, 0],
        &(payload.len() as u16).to_be_bytes(),
        &[next, 64],
        &[1; 16],
        &[2; 16],
        payload,
    ])
}

pub(super) fn over_udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len()) as u16;
    let udp = cat(&[
        &[0xf0, 1],
        &port.to_be_bytes(),
        &length.to_be_bytes(),
        &[0, 0],
        payload,
    ]);
    ethernet(0x0800, &over_ipv4(17, 1, 0, &udp))
}
