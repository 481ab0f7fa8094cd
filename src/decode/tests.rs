use etherparse::PacketBuilder;

use super::*;
use crate::capture::{LinkType, Time};

fn tcp(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    PacketBuilder::ethernet2([1; 6], [2; 6])
        .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
        .tcp(4000, 9000, 77, 1024)
        .write(&mut out, payload)
        .unwrap();
    out
}

#[test]
fn ethernet_ipv4_tcp() {
    let data = tcp(b"hello");
    let packet = Packet {
        number: 1,
        capture: 0,
        time: Some(Time::from_nanos(1)),
        link: LinkType(1),
        fcs_len: 0,
        data: &data,
        wire_len: data.len() as u32,
    };
    let mut decoder = Decoder::new(Config::default());
    let mut seen = Vec::new();
    assert_eq!(
        decoder.decode(&packet, &mut |s| seen
            .push((s.src.port, s.payload.to_vec()))),
        Verdict::Tcp
    );
    assert_eq!(seen, [(4000, b"hello".to_vec())]);
    assert_eq!(decoder.stats().checksums, ChecksumStats::default());
}
