//! Any cut, any pace, any bytes: packets and an ending, never a loop or a panic.

use deframe::capture::ProblemKind;

use crate::support::Random;

use super::{
    Reading,
    build::{MODIFIED, Order, Pcap, big_pcap, mixed_pcapng, small_pcap},
    compressed::{gzip, lz4, zstd},
    read, read_dripping,
};

/// A small capture of every kind.
fn kinds() -> Vec<(&'static str, Vec<u8>)> {
    let modified = Pcap::new(Order::Be, MODIFIED)
        .packet(1, 2, b"one")
        .packet(3, 4, b"two")
        .bytes;
    let swapped = Pcap::with(Order::Be, 0xa1b2_c3d4, (2, 1), 1)
        .raw([1, 2, 9, 4], b"head")
        .bytes;
    vec![
        ("pcap", small_pcap()),
        ("modified pcap", modified),
        ("old pcap", swapped),
        ("pcapng", mixed_pcapng()),
        (
            "gzip",
            [gzip(&small_pcap()[..50]), gzip(&small_pcap()[50..])].concat(),
        ),
        ("zstd", zstd(&mixed_pcapng())),
        ("lz4", lz4(&small_pcap())),
    ]
}

#[test]
fn every_cut_gives_the_packets_before_it() {
    for (kind, bytes) in kinds() {
        let whole = read(&bytes);
        whole.assert_whole();
        for end in 4..bytes.len() {
            let reading = read(&bytes[..end]);
            let packets = &reading.packets;
            assert_eq!(
                packets[..],
                whole.packets[..packets.len()],
                "{kind} cut at {end}"
            );
            let info = reading.info();
            if let Some(problem) = &info.problem {
                let header = ProblemKind::HeaderCut {
                    bytes: end,
                    header: if kind == "pcapng" { 28 } else { 24 },
                };
                assert_eq!(problem.kind, header, "{kind} cut at {end}");
                continue;
            }
            // A plain capture may end between records, a set of members between those.
            assert!(
                info.truncated.is_some() || is_between(kind, &bytes, end),
                "{kind} cut at {end}: {info:?}"
            );
        }
    }
}

/// Whether what is cut off at `end` stands on its own, told by reading what follows: the next byte alone is a cut.
fn is_between(kind: &str, bytes: &[u8], end: usize) -> bool {
    let next = read(&bytes[..end + 1]);
    match kind {
        "gzip" => end == gzip(&small_pcap()[..50]).len(),
        _ => next
            .info()
            .truncated
            .is_none_or(|cut| cut.offset == end as u64),
    }
}

#[test]
fn one_byte_at_a_time_gives_the_same() {
    let kinds = kinds().into_iter().chain([
        ("big pcap", big_pcap(500, 1)),
        ("big gzip", gzip(&big_pcap(500, 2))),
    ]);
    for (kind, bytes) in kinds {
        assert_eq!(read_dripping(&bytes), read(&bytes), "{kind}");
        let cut = &bytes[..bytes.len() - 3];
        assert_eq!(read_dripping(cut), read(cut), "{kind}, cut");
    }
}

#[test]
fn records_straddle_the_buffer_anywhere() {
    for (seed, packets) in [(1, 2000), (2, 2001), (3, 5000)] {
        let bytes = big_pcap(packets, seed);
        let reading = read(&bytes);
        assert_eq!(reading.assert_whole().packets.len(), packets);
        // Put together again, the records are the file.
        let mut at = 24;
        for packet in &reading.packets {
            at += 16;
            assert_eq!(packet.data, bytes[at..at + packet.data.len()]);
            at += packet.data.len();
        }
        assert_eq!(at, bytes.len());
    }
}

#[test]
fn flipped_bytes_end_in_something() {
    for (kind, bytes) in kinds() {
        let mut random = Random(0xf11b);
        for round in 0..3000 {
            let mut bytes = bytes.clone();
            for _ in 0..1 + random.next() % 4 {
                let at = random.next() as usize % bytes.len();
                bytes[at] = match random.next() % 3 {
                    0 => bytes[at] ^ (1 << (random.next() % 8)),
                    1 => 0xff,
                    _ => random.next() as u8,
                };
            }
            check(&read(&bytes), kind, round);
        }
    }
}

/// What holds for every reading of one capture.
pub fn check(reading: &Reading, kind: &str, round: u64) {
    let info = reading.info();
    let bytes: usize = reading.packets.iter().map(|packet| packet.data.len()).sum();
    let links: u64 = info.links.iter().map(|(_, packets)| packets).sum();
    let timeless = reading
        .packets
        .iter()
        .filter(|packet| packet.time.is_none())
        .count();
    let times = || reading.packets.iter().filter_map(|packet| packet.time);
    let at = format!("{kind}, round {round}");
    assert_eq!(info.packets, reading.packets.len() as u64, "{at}");
    assert_eq!(links, info.packets, "{at}");
    assert_eq!(info.captured_bytes, bytes as u64, "{at}");
    assert_eq!(info.without_time, timeless as u64, "{at}");
    assert_eq!(
        info.first_time.map(|time| time.nanos()),
        times().min(),
        "{at}"
    );
    assert_eq!(
        info.last_time.map(|time| time.nanos()),
        times().max(),
        "{at}"
    );
    assert!(info.truncated.is_none() || info.problem.is_none(), "{at}");
    assert!(!reading.problem().chars().any(char::is_control), "{at}");
}
