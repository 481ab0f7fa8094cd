//! pcapng: cases 10 to 16.

use deframe::capture::{Format, LinkType, NoticeKind};

use super::{
    build::{BOTH, Order, Pcapng},
    read,
};

#[test]
fn case_10_every_section_has_its_own_byte_order_and_interfaces() {
    for (first, second) in [(Order::Le, Order::Be), (Order::Be, Order::Le)] {
        // The length that a section claims is not used.
        for length in [-1, 0, 12_345] {
            let pcapng = Pcapng::new(first)
                .interface(1, 0, &[])
                .packet(0, 5, b"one", &[]);
            let pcapng = pcapng
                .section(second, (1, 0), length)
                .interface(101, 0, &[(9, &[9])]);
            let reading = read(
                &pcapng
                    .packet(0, 7, b"three", &[])
                    .packet(1, 8, b"not described", &[])
                    .bytes,
            );
            assert_eq!(reading.assert_whole().data(), [&b"one"[..], b"three"]);
            assert_eq!(reading.times(), [Some(5000), Some(7)]);
            assert_eq!(reading.info().links, [(LinkType(1), 1), (LinkType(101), 1)]);
            assert_eq!(reading.info().format, Some(Format::Pcapng));
            assert_eq!(reading.info().notices.len(), 1);
        }
    }
}

#[test]
fn case_11_sections_of_unknown_version_are_skipped() {
    for order in BOTH {
        let pcapng = Pcapng::new(order)
            .interface(1, 0, &[])
            .packet(0, 1, b"before", &[]);
        let pcapng = pcapng
            .section(order, (2, 7), -1)
            .interface(1, 0, &[])
            .packet(0, 2, b"unknown", &[]);
        let pcapng = pcapng
            .block(0x1234, b"what is this")
            .section(order, (1, 9), -1)
            .interface(1, 0, &[]);
        let reading = read(&pcapng.packet(0, 3, b"behind", &[]).bytes);
        assert_eq!(reading.assert_whole().data(), [b"before", b"behind"]);
        assert_eq!(
            reading.info().notices[0].kind,
            NoticeKind::UnknownVersion { major: 2, minor: 7 }
        );
        assert!(reading.info().notices[0].to_string().contains("2.7"));
    }
}

#[test]
fn case_12_interfaces_differ_in_all() {
    let mut pcapng = Pcapng::new(Order::Le);
    for interface in 0..126_u16 {
        pcapng = pcapng.interface(
            interface,
            u32::from(interface),
            &[(13, &[(interface % 5) as u8])],
        );
    }
    for interface in [125, 0, 7, 126, 7, u32::MAX] {
        pcapng = pcapng.packet(interface, 0, b"data of any length", &[]);
    }
    let reading = read(&pcapng.bytes);
    let found: Vec<_> = reading
        .assert_whole()
        .packets
        .iter()
        .map(|packet| (packet.link, packet.fcs_len))
        .collect();
    assert_eq!(found, [(125, 0), (0, 0), (7, 2), (7, 2)]);
    assert_eq!(
        reading.packets[3].number, 4,
        "skipped packets have no number"
    );
    let [notice] = reading.info().notices[..] else {
        panic!("{:?}", reading.info().notices)
    };
    assert_eq!(
        (notice.kind, notice.count),
        (NoticeKind::UnknownInterface { interface: 126 }, 2)
    );
}

#[test]
fn case_12_frame_check_sequence() {
    // In bytes, or in bits as the specification says; the flags of a packet (bits 5 to 8) go first.
    for (option, flags, expected) in [
        (4, 0, 4),
        (32, 0, 4),
        (16, 0, 2),
        (0, 0, 0),
        (4, 2 << 5, 2),
        (0, 0xffff_fe1f, 0),
        (0, 0xffff_fe9f, 4),
    ] {
        for order in BOTH {
            let flags: &[u8] = &order.u32(flags);
            let pcapng = Pcapng::new(order).interface(1, 0, &[(13, &[option])]);
            let reading = read(
                &pcapng
                    .packet(0, 0, b"data.", &[(1, b"comment"), (2, flags)])
                    .bytes,
            );
            assert_eq!(reading.packets[0].fcs_len, expected, "{option} {flags:?}");
            assert_eq!(reading.assert_whole().data(), [b"data."]);
        }
    }
}

#[test]
fn case_13_resolutions() {
    let fine = 6_000_000_000_123_456_789;
    for (resolution, units, expected) in [
        (0, u64::MAX, i64::MAX),
        (3, 1500, 1_500_000_000),
        (6, 1_500_000, 1_500_000_000),
        (9, 1_500_000_000, 1_500_000_000),
        (10, 15_000_000_009, 1_500_000_000),
        (12, fine, 6_000_000_000_123_456),
        (19, u64::MAX, 1_844_674_407),
        (28, u64::MAX, 1),
        (29, u64::MAX, 0),
        (0x7f, u64::MAX, 0),
        (0x80, 3, 3_000_000_000),
        (0x8a, 1536, 1_500_000_000),
        (0xa0, 3 << 31, 1_500_000_000),
        (0xa0, (7 << 32) + 1, 7_000_000_000),
        (0xbf, 3 << 62, 1_500_000_000),
        (0xff, u64::MAX, 0),
    ] {
        for order in BOTH {
            let pcapng = Pcapng::new(order).interface(1, 0, &[(9, &[resolution])]);
            let reading = read(&pcapng.packet(0, units, b"", &[]).bytes);
            assert_eq!(
                reading.times(),
                [Some(expected)],
                "resolution {resolution:#x}, {units} units"
            );
        }
    }
}

#[test]
fn case_13_offsets_are_signed_and_in_the_order_of_their_section() {
    for (offset, expected) in [
        (3600, 3_601_000_000_000),
        (-3600, -3_599_000_000_000),
        (i64::MIN, i64::MIN),
    ] {
        for order in BOTH {
            let pcapng = Pcapng::new(order).interface(1, 0, &[(14, &order.i64(offset))]);
            let reading = read(&pcapng.packet(0, 1_000_000, b"", &[]).bytes);
            assert_eq!(reading.times(), [Some(expected)], "{offset} {order:?}");
        }
    }
}

#[test]
fn case_13_options_of_a_wrong_length_are_passed_over() {
    let pcapng = Pcapng::new(Order::Le).interface(
        1,
        0,
        &[(9, &[]), (9, &[9, 9]), (14, &[1; 7]), (13, &[4, 4])],
    );
    let reading = read(&pcapng.packet(0, 1, b"", &[]).bytes);
    assert_eq!(reading.times(), [Some(1000)]);
    assert_eq!(reading.packets[0].fcs_len, 0);
}

#[test]
fn case_14_simple_packets() {
    // Snap length, wire length, bytes in the block, bytes captured.
    for (snaplen, wire_len, block, captured) in [
        (0, 6, 6, 6),
        (4, 6, 4, 4),
        (0, 100, 8, 8),
        (64, 3, 3, 3),
        (9, 4, 8, 4),
    ] {
        let pcapng = Pcapng::new(Order::Be)
            .interface(147, snaplen, &[])
            .interface(1, 0, &[]);
        let reading = read(&pcapng.simple(wire_len, &b"12345678"[..block]).bytes);
        assert_eq!(reading.assert_whole().data(), [&b"12345678"[..captured]]);
        assert_eq!(
            (reading.packets[0].wire_len, reading.packets[0].link),
            (wire_len, 147)
        );
        assert_eq!(reading.times(), [None]);
        assert_eq!(reading.info().without_time, 1);
        assert_eq!(reading.info().first_time, None);
    }
    let without_interface = read(&Pcapng::new(Order::Le).simple(1, b"x").bytes);
    assert_eq!(
        without_interface.info().notices[0].kind,
        NoticeKind::UnknownInterface { interface: 0 }
    );
}

#[test]
fn case_15_other_blocks_are_skipped() {
    let pcapng = Pcapng::new(Order::Le)
        .block(4, b"names")
        .interface(1, 0, &[])
        .block(0x0bad, &[9; 4001]);
    let pcapng = pcapng.block(0x8000_0001, &vec![1; 3_000_000]).packet(
        0,
        0,
        b"one",
        &[(1, b"x"), (2988, b"custom")],
    );
    let reading = read(
        &pcapng
            .block(5, &[0; 8])
            .block(10, b"")
            .packet(0, 0, b"two", &[])
            .bytes,
    );
    assert_eq!(reading.assert_whole().data(), [b"one", b"two"]);
    // Only the custom block has a number.
    assert_eq!([0, 1].map(|at: usize| reading.packets[at].number), [2, 3]);
}

#[test]
fn case_15_lengths_of_blocks() {
    let start = Pcapng::new(Order::Le)
        .interface(1, 0, &[])
        .packet(0, 0, b"before", &[]);
    let at = start.bytes.len();
    for (position, value, says) in [
        (4, 34, "claims 34 bytes"),
        (4, 8, "claims 8 bytes"),
        (4, 32, "32 bytes at its front"),
        (4, 0x4000_0000, "the limit is"),
        (20, 9, "claims 9 captured bytes, its block has room for 8"),
        (20, u32::MAX, "claims 4294967295 captured bytes"),
        (36, 36, "40 bytes at its front and 36 at its end"),
    ] {
        let mut bytes = start
            .clone()
            .packet(0, 0, b"12345678", &[])
            .packet(0, 0, b"behind", &[])
            .bytes;
        bytes[at + position..at + position + 4].copy_from_slice(&Order::Le.u32(value));
        let reading = read(&bytes);
        assert_eq!(reading.data(), [b"before"]);
        let problem = reading.info().problem.as_ref().unwrap();
        assert_eq!((problem.offset, problem.packet), (at as u64, Some(2)));
        assert!(problem.to_string().contains(says), "{problem}");
    }
}

#[test]
fn case_15_a_skipped_block_of_an_absurd_length_is_damage_not_the_end() {
    let mut bytes = Pcapng::new(Order::Le)
        .interface(1, 0, &[])
        .block(77, b"")
        .packet(0, 0, b"behind", &[])
        .bytes;
    let at = 28 + 20;
    bytes[at + 4..at + 8].copy_from_slice(&Order::Le.u32(0x0100_0004));
    assert!(
        read(&bytes)
            .problem()
            .contains("at byte 48: its block claims 16777220 bytes")
    );
}

#[test]
fn case_15_damaged_section_headers() {
    for (at, byte) in [(8, 0), (4, 20), (24, 0)] {
        let mut bytes = Pcapng::new(Order::Le)
            .interface(1, 0, &[])
            .packet(0, 0, b"x", &[])
            .bytes;
        bytes[at] = byte;
        assert!(!read(&bytes).problem().is_empty(), "byte {at} = {byte}");
    }
}

#[test]
fn case_16_obsolete_packet_blocks() {
    for order in BOTH {
        let pcapng = Pcapng::new(order)
            .interface(1, 0, &[])
            .interface(113, 0, &[(9, &[9])]);
        let pcapng = pcapng.raw(2, [1, 3, 9], 1 << 33, b"old", &[(2, &order.u32(4 << 5))]);
        let reading = read(&pcapng.packet(0, 1, b"new", &[]).bytes);
        assert_eq!(reading.assert_whole().data(), [b"old", b"new"]);
        let old = &reading.packets[0];
        assert_eq!(
            (old.link, old.time, old.wire_len, old.fcs_len),
            (113, Some(1 << 33), 9, 4)
        );
    }
}

/// Kind, body, whether tshark 4.0 numbers it, and the time it shows. `tests/peers` compares with tshark.
pub fn blocks_without_packets(order: Order) -> Vec<(u32, Vec<u8>, bool, Option<i64>)> {
    let journal = b"PRIORITY=6\n__REALTIME_TIMESTAMP=1700000000000005\nMESSAGE=up\n\n";
    let custom = [&order.u32(32473)[..], b"any bytes"].concat();
    let sysdig = |words: usize| {
        let mut body = order.u16(3).to_vec();
        body.extend(order.i64(1_700_000_000_000_000_007));
        body.extend(order.i64(77));
        body.extend(order.u32(30));
        body.extend(order.u16(5));
        body.extend(vec![0; words * 4]);
        body
    };
    vec![
        (9, journal.to_vec(), true, Some(1_700_000_000_000_005_000)),
        (0xbad, custom.clone(), true, None),
        (0x4000_0bad, custom, true, None),
        (0x204, sysdig(4), true, Some(1_700_000_000_000_000_007)),
        (0x216, sysdig(5), true, Some(1_700_000_000_000_000_007)),
        (0x221, sysdig(5), true, Some(1_700_000_000_000_000_007)),
        (4, vec![0; 4], false, None),
        (5, vec![0; 12], false, None),
        (
            10,
            [&order.u32(0x544c_534b)[..], &order.u32(4), b"x y\n"].concat(),
            false,
            None,
        ),
        (0x201, vec![0; 16], false, None),
        (0x8000_1234, b"abcd".to_vec(), false, None),
    ]
}

#[test]
fn blocks_without_a_packet_are_numbered_as_tshark_does() {
    for order in BOTH {
        for (kind, body, numbered, _) in blocks_without_packets(order) {
            let pcapng = Pcapng::new(order)
                .interface(1, 0, &[])
                .packet(0, 1, b"one", &[])
                .block(kind, &body)
                .packet(0, 2, b"two", &[]);
            let reading = read(&pcapng.bytes);
            let numbers: Vec<_> = reading.packets.iter().map(|packet| packet.number).collect();
            assert_eq!(numbers, [1, 2 + u64::from(numbered)], "block {kind:#x}");
            let info = reading.assert_whole().info();
            assert_eq!((info.packets, info.other_blocks), (2, u64::from(numbered)));
        }
    }
}

#[test]
fn blocks_of_an_unknown_section_are_not_numbered() {
    let pcapng = Pcapng::new(Order::Le)
        .section(Order::Le, (2, 7), -1)
        .block(0xbad, &[0; 8])
        .section(Order::Le, (1, 0), -1)
        .interface(1, 0, &[])
        .packet(0, 2, b"one", &[]);
    assert_eq!(read(&pcapng.bytes).packets[0].number, 1);
}
