//! Any bytes as packets: one verdict each, counts that add up, and payloads that lie inside of the packet.
//!
//! Input: two bytes of link type, then packets: 10 bits of length, 6 bits of bytes cut off, the bytes.

use deframe::{
    capture::{LinkType, Packet, Time},
    decode::{DecodeConfig, Decoder, Verdict},
};

const LINKS: &[u16] = &[
    0, 1, 9, 12, 50, 51, 101, 104, 105, 108, 113, 127, 163, 192, 228, 229, 239, 276, 7, 8, 10, 14,
    100, 109, 117, 119, 129, 138, 149, 166, 178, 197, 204, 205, 240, 241, 242, 258,
];

pub fn check(bytes: &[u8]) {
    let Some((&[high, low], mut rest)) = bytes.split_first_chunk() else {
        return;
    };
    // A high byte of 255 leaves any number open, all others choose one that means something.
    let link = match high {
        255 => u16::from(low),
        _ => LINKS[usize::from(low) % LINKS.len()],
    };
    let mut decoder = Decoder::new(DecodeConfig::default());
    let (mut packets, mut segments, mut with_tcp) = (0, 0, 0);
    while let Some((&[a, b], tail)) = rest.split_first_chunk() {
        let head = u16::from_be_bytes([a, b]);
        let length = usize::from(head >> 6).min(tail.len());
        let (data, tail) = tail.split_at(length);
        rest = tail;
        packets += 1;
        let packet = Packet {
            number: packets,
            capture: 0,
            time: Some(Time::from_nanos(packets as i64 * 1_000_000)),
            link: LinkType(link),
            fcs_len: if head & 32 != 0 { 4 } else { 0 },
            data,
            wire_len: (data.len() + usize::from(head & 31)) as u32,
        };
        let before = segments;
        let verdict = decoder.decode(&packet, &mut |segment| {
            segments += 1;
            assert_eq!(segment.packet, packet.number);
            assert!(segment.payload.len() <= segment.payload_len as usize);
        });
        assert_eq!(verdict == Verdict::Tcp, segments > before);
        with_tcp += u64::from(verdict == Verdict::Tcp);
    }
    decoder.finish();
    let stats = decoder.stats();
    let reasons: u64 = stats.reasons().map(|(_, count)| count.packets).sum();
    assert_eq!(
        (stats.packets, stats.segments, stats.tcp),
        (packets, segments, with_tcp)
    );
    assert_eq!(stats.tcp + stats.held.packets + reasons, packets);
}
