//! pcap: cases 1 to 9.

use deframe::capture::{Format, LinkType, ReadConfig};

use super::{
    build::{BOTH, MICROS, MODIFIED, NANOS, Order, Pcap},
    read, read_all, reader,
};

#[test]
fn case_01_four_magics() {
    for order in BOTH {
        for (magic, format, nanos) in [
            (MICROS, Format::Pcap, 7_000_123_000),
            (NANOS, Format::PcapNanoseconds, 7_000_000_123),
        ] {
            let reading = read(
                &Pcap::new(order, magic)
                    .packet(7, 123, b"data")
                    .packet(8, 0, b"")
                    .bytes,
            );
            reading.assert_whole();
            assert_eq!(reading.info().format, Some(format));
            assert_eq!(reading.data(), [&b"data"[..], b""]);
            assert_eq!(reading.times(), [Some(nanos), Some(8_000_000_000)]);
            assert_eq!(reading.packets[0].link, 1);
        }
    }
}

#[test]
fn case_01_times_to_2106() {
    let reading = read(
        &Pcap::new(Order::Le, MICROS)
            .packet(u32::MAX, 999_999, b"")
            .bytes,
    );
    assert_eq!(reading.times(), [Some(4_294_967_295_999_999_000)]);
}

#[test]
fn case_01_versions_swap_the_lengths() {
    // Captured length 3, wire length 5, in the order in which the version keeps them.
    for (version, fields) in [
        ((2, 0), [5, 3]),
        ((2, 1), [5, 3]),
        ((2, 2), [5, 3]),
        ((543, 0), [5, 3]),
        ((2, 3), [5, 3]),
        ((2, 3), [3, 5]),
        ((2, 4), [3, 5]),
    ] {
        for order in BOTH {
            let [first, second] = fields;
            let pcap = Pcap::with(order, MICROS, version, 1).raw([1, 2, first, second], b"abc");
            let reading = read(&pcap.packet(3, 4, b"next").bytes);
            reading.assert_whole();
            assert_eq!(
                reading.data(),
                [&b"abc"[..], b"next"],
                "{version:?} {order:?}"
            );
            assert_eq!(reading.packets[0].wire_len, 5);
            assert_eq!(reading.times(), [Some(1_000_002_000), Some(3_000_004_000)]);
        }
    }
}

#[test]
fn case_01_other_versions_are_named() {
    let reading = read(&Pcap::with(Order::Le, MICROS, (3, 0), 1).bytes);
    assert!(
        reading.problem().contains("pcap version 3.0"),
        "{}",
        reading.problem()
    );
}

#[test]
fn case_02_modified_has_longer_record_headers() {
    for order in BOTH {
        let reading = read(
            &Pcap::new(order, MODIFIED)
                .packet(1, 2, b"one")
                .packet(3, 4, b"two")
                .bytes,
        );
        reading.assert_whole();
        assert_eq!(reading.info().format, Some(Format::PcapModified));
        assert_eq!(reading.data(), [b"one", b"two"]);
        assert_eq!(reading.times(), [Some(1_000_002_000), Some(3_000_004_000)]);
    }
}

#[test]
fn case_02_other_variants_are_named() {
    let ixia = Pcap::new(Order::Be, 0x1c00_01ac).packet(0, 0, b"x").bytes;
    let aix = Pcap::with(Order::Be, MICROS, (2, 2), 6)
        .packet(0, 0, b"x")
        .bytes;
    let nokia = Pcap::new(Order::Be, MICROS)
        .raw([1, 2, 3, 3], b"\0\0\0\0abc")
        .raw([u32::MAX; 4], b"")
        .bytes;
    for (bytes, name) in [(ixia, "IXIA"), (aix, "AIX"), (nokia, "Nokia")] {
        assert!(
            read(&bytes).problem().contains(name),
            "{}",
            read(&bytes).problem()
        );
    }
}

#[test]
fn case_03_fcs_bits_are_no_link_type() {
    for (field, fcs_len) in [
        (0x2400_0001, 4),
        (0x1400_0001, 2),
        (0x2000_0001, 0),
        (0xfbff_0001, 0),
    ] {
        let reading = read(
            &Pcap::with(Order::Be, MICROS, (2, 4), field)
                .packet(0, 0, b"data")
                .bytes,
        );
        assert_eq!(
            (reading.packets[0].link, reading.packets[0].fcs_len),
            (1, fcs_len),
            "{field:x}"
        );
        assert_eq!(reading.info().links, [(LinkType(1), 1)]);
    }
}

#[test]
fn case_04_microseconds_over_a_million() {
    let pcap = Pcap::new(Order::Le, MICROS)
        .packet(10, 8_915_240, b"")
        .packet(10, 999_999, b"");
    let reading = read(&pcap.packet(11, u32::MAX, b"").bytes);
    assert_eq!(
        reading.times(),
        [
            Some(18_915_240_000),
            Some(10_999_999_000),
            Some(4_305_967_295_000)
        ]
    );
    assert_eq!(reading.info().bad_fractions, 2);
    let nanos = read(
        &Pcap::new(Order::Le, NANOS)
            .packet(10, 1_000_000_000, b"")
            .packet(1, 999_999_999, b"")
            .bytes,
    );
    assert_eq!(nanos.times(), [Some(11_000_000_000), Some(1_999_999_999)]);
    assert_eq!(nanos.info().bad_fractions, 1);
}

#[test]
fn case_05_last_record_cut() {
    let whole = Pcap::new(Order::Le, MICROS).packet(1, 0, b"whole");
    let at = whole.bytes.len() as u64;
    for cut in [
        &b"\x01"[..],
        &[0; 15],
        &[0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 9],
    ] {
        let reading = read(&[&whole.bytes[..], cut].concat());
        assert_eq!(reading.data(), [b"whole"]);
        let truncated = reading.info().truncated.unwrap();
        assert_eq!((truncated.offset, truncated.packet), (at, 2));
        assert_eq!(reading.info().problem, None);
    }
}

#[test]
fn case_06_garbage_record_length() {
    for caplen in [262_145, 4_325_376, 3_925_868_813, u32::MAX] {
        let pcap = Pcap::new(Order::Le, MICROS)
            .packet(1, 0, b"before")
            .packet(1, 0, b"too");
        let reading = read(&pcap.raw([1, 0, caplen, caplen], &[0; 40]).bytes);
        assert_eq!(reading.data(), [&b"before"[..], b"too"]);
        let problem = reading.info().problem.as_ref().unwrap();
        assert_eq!((problem.offset, problem.packet), (24 + 22 + 19, Some(3)));
        assert!(
            problem
                .to_string()
                .contains(&format!("packet 3 at byte 65: its record claims {caplen}")),
            "{problem}"
        );
    }
}

#[test]
fn case_06_the_limit_can_be_moved() {
    let data = vec![7; 400_000];
    let bytes = Pcap::new(Order::Le, MICROS)
        .packet(1, 0, &data)
        .packet(2, 0, b"next")
        .bytes;
    assert_eq!(read(&bytes).packets.len(), 0);
    for (max_record, packets) in [(400_000, 2), (399_999, 0), (3, 0)] {
        let options = ReadConfig {
            max_record,
            ..ReadConfig::default()
        };
        let reading = read_all(
            vec![reader("test", std::io::Cursor::new(bytes.clone()))],
            options,
        );
        assert_eq!(reading.packets.len(), packets);
        assert_eq!(reading.info().problem.is_none(), packets == 2);
    }
    let exact = vec![7; 262_144];
    assert_eq!(
        read(&Pcap::new(Order::Le, MICROS).packet(1, 0, &exact).bytes).data(),
        [&exact[..]]
    );
}

#[test]
fn case_07_captured_length_above_the_snap_length() {
    let mut pcap = Pcap::new(Order::Le, MICROS)
        .packet(1, 0, b"longer than four")
        .packet(2, 0, b"next");
    for snaplen in [0, 4, u32::MAX] {
        pcap.bytes[16..20].copy_from_slice(&Order::Le.u32(snaplen));
        let reading = read(&pcap.bytes);
        assert_eq!(
            reading.assert_whole().data(),
            [&b"longer than four"[..], b"next"]
        );
    }
}

#[test]
fn case_08_cut_by_the_snap_length() {
    let reading = read(
        &Pcap::new(Order::Le, MICROS)
            .raw([1, 0, 4, 1514], b"head")
            .packet(2, 0, b"all")
            .bytes,
    );
    assert_eq!(
        (reading.packets[0].data.len(), reading.packets[0].wire_len),
        (4, 1514)
    );
    let info = reading.assert_whole().info();
    assert_eq!(
        (info.cut_short, info.captured_bytes, info.wire_bytes),
        (1, 7, 1517)
    );
}

#[test]
fn case_09_zero_length_records_count() {
    let pcap = Pcap::new(Order::Le, MICROS)
        .packet(1, 0, b"")
        .raw([1, 0, 0, 60], b"")
        .raw([1, 0, 4, 2], b"more");
    let reading = read(&pcap.packet(1, 0, b"last").bytes);
    assert_eq!(
        reading.assert_whole().data(),
        [&b""[..], b"", b"more", b"last"]
    );
    assert_eq!(reading.packets[3].number, 4);
    // The wire cannot have brought less than was captured.
    assert_eq!(reading.packets[2].wire_len, 4);
}
