//! Compressed captures: case 17.

use std::io::{self, Write};

use deframe::capture::{Compression, NoticeKind, ProblemKind, ReadConfig};
use flate2::{Compression as Level, write::GzEncoder};
use lz4_flex::frame::{BlockMode, FrameEncoder, FrameInfo};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::{
    Kept,
    build::{big_pcap, mixed_pcapng, small_pcap},
    read, read_all, reader,
};

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

pub fn lz4(bytes: &[u8]) -> Vec<u8> {
    let info = FrameInfo::new()
        .block_mode(BlockMode::Linked)
        .block_checksums(true)
        .content_checksum(true);
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

type Pack = fn(&[u8]) -> Vec<u8>;

pub const ALL: [(Compression, Pack); 3] = [
    (Compression::Gzip, gzip),
    (Compression::Zstd, zstd),
    (Compression::Lz4, lz4),
];

#[test]
fn case_17_all_compressions_of_all_containers() {
    for plain in [small_pcap(), mixed_pcapng(), big_pcap(1000, 17)] {
        let expected = read(&plain);
        for (compression, pack) in ALL {
            let reading = read(&pack(&plain));
            assert_eq!(reading.assert_whole().packets, expected.packets);
            assert_eq!(reading.info().compression, compression);
            assert_eq!(reading.info().format, expected.info().format);
        }
    }
}

#[test]
fn case_17_several_members_cut_anywhere() {
    let plain = big_pcap(20, 3);
    let expected = read(&plain);
    for (_, pack) in ALL {
        for at in [0, 1, 20, 30, plain.len() / 2, plain.len()] {
            let packed = [pack(&plain[..at]), pack(b""), pack(&plain[at..])].concat();
            assert_eq!(read(&packed).assert_whole().packets, expected.packets);
        }
    }
    // Even of different kinds, with a skippable frame between.
    let (a, b) = plain.split_at(100);
    let packed = [
        &b"\x50\x2a\x4d\x18\x03\0\0\0abc"[..],
        &zstd(a),
        b"\x5f\x2a\x4d\x18\0\0\0\0",
        &gzip(b),
    ]
    .concat();
    assert_eq!(read(&packed).assert_whole().packets, expected.packets);
}

#[test]
fn case_17_a_cut_stream_is_a_cut_capture() {
    let plain = big_pcap(300, 5);
    let expected = read(&plain).packets;
    for (compression, pack) in ALL {
        let packed = pack(&plain);
        let mut most = 0;
        for end in (8..packed.len())
            .step_by(997)
            .chain(packed.len() - 9..packed.len())
        {
            let reading = read(&packed[..end]);
            assert_prefix(&reading.packets, &expected);
            assert!(
                reading.info().truncated.is_some(),
                "{compression} at {end}: {:?}",
                reading.info()
            );
            assert_eq!(reading.info().problem, None);
            most = most.max(reading.packets.len());
        }
        assert_eq!(
            most,
            expected.len(),
            "what was decoded before the cut is used, {compression}"
        );
    }
}

fn assert_prefix(packets: &[Kept], expected: &[Kept]) {
    assert_eq!(packets, &expected[..packets.len()]);
}

#[test]
fn case_17_a_damaged_stream_is_a_problem() {
    let plain = big_pcap(300, 6);
    let expected = read(&plain).packets;
    // The last four bytes of gzip and lz4 belong to checksums; those of zstd as well.
    for (compression, pack) in ALL {
        let mut packed = pack(&plain);
        let at = packed.len()
            - if compression == Compression::Gzip {
                7
            } else {
                2
            };
        packed[at] ^= 0x10;
        let reading = read(&packed);
        assert_prefix(&reading.packets, &expected);
        let problem = reading
            .info()
            .problem
            .as_ref()
            .unwrap_or_else(|| panic!("{compression}"));
        assert!(
            matches!(&problem.kind, ProblemKind::Decompression { compression: c, .. } if *c == compression)
        );
        assert!(
            problem
                .to_string()
                .contains(&format!("the {compression} data is damaged")),
            "{problem}"
        );
    }
}

#[test]
fn case_17_bytes_behind_the_compressed_data_are_ignored_aloud() {
    let plain = small_pcap();
    for (_, pack) in ALL {
        for tail in [&[0; 512][..], b"\x1f", b"no magic"] {
            let reading = read(&[&pack(&plain)[..], tail].concat());
            assert_eq!(reading.assert_whole().packets, read(&plain).packets);
            assert_eq!(reading.info().notices[0].kind, NoticeKind::TrailingBytes);
        }
    }
}

#[test]
fn case_17_what_is_inside_must_be_a_capture() {
    for (_, pack) in ALL {
        assert_eq!(
            read(&pack(b"")).info().problem.as_ref().unwrap().kind,
            ProblemKind::Empty
        );
        assert!(
            read(&pack(b"some text"))
                .problem()
                .contains("looks like text")
        );
        assert!(
            read(&pack(&gzip(&small_pcap())))
                .problem()
                .contains("gzip data inside of")
        );
    }
}

#[test]
fn a_failing_read_within_compressed_data_is_neither_cut_nor_damaged() {
    struct Fails;
    impl io::Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("on fire"))
        }
    }
    for (_, pack) in ALL {
        let packed = pack(&big_pcap(100, 8));
        for end in [5, 12, packed.len() / 2, packed.len() - 3, packed.len()] {
            let read = io::Read::chain(io::Cursor::new(packed[..end].to_vec()), Fails);
            let reading = read_all(vec![reader("test", read)], ReadConfig::default());
            assert!(
                reading.problem().contains("cannot read on: on fire"),
                "{:?}",
                reading.info()
            );
        }
    }
}

/// A zstd frame that states a window of 2 GiB (`zstd --long=31`) and holds one raw block.
fn long_window(plain: &[u8]) -> Vec<u8> {
    let header = (plain.len() as u32) << 3 | 1;
    let mut bytes = b"\x28\xb5\x2f\xfd\x00".to_vec();
    bytes.push((31 - 10) << 3);
    bytes.extend(&header.to_le_bytes()[..3]);
    bytes.extend(plain);
    bytes
}

#[test]
fn a_long_window_is_named_and_can_be_allowed() {
    let plain = small_pcap();
    let reading = read(&long_window(&plain));
    let window = 1 << 31;
    let kind = &reading.info().problem.as_ref().unwrap().kind;
    let limit = ReadConfig::default().max_window;
    assert_eq!(*kind, ProblemKind::LongWindow { window, limit });
    assert!(
        reading.problem().contains("--max-window 2147483648"),
        "{}",
        reading.problem()
    );
    let allowed = ReadConfig {
        max_window: window,
        ..ReadConfig::default()
    };
    let input = reader("0", io::Cursor::new(long_window(&plain)));
    let reading = read_all(vec![input], allowed);
    assert_eq!(reading.assert_whole().packets, read(&plain).packets);
}
