use super::*;

/// One packet of which only `kept` bytes were captured.
fn snapped(data: &[u8], kept: usize) -> (Verdict, Vec<Found>, DecodeStats) {
    let mut bench = Bench::default();
    let wire = data.len() as u32;
    let verdict = bench.packet_with(|packet| packet.wire_len = wire, ETHERNET, &data[..kept]);
    bench.accounted();
    (verdict, bench.found, bench.decoder.stats())
}

#[test]
fn case_36_padding_and_frame_check_sequence() {
    for ip in [ipv4(b"hello"), ipv6(b"hello")] {
        let kind = if ip[0] >> 4 == 4 { 0x0800 } else { 0x86dd };
        hello(ETHERNET, &cat(&[&ethernet(kind, &ip), &[0xee; 40]]));
    }
    // No total length to go by: the check sequence still is no payload.
    let mut ip = ipv4(b"hello");
    ip[2..4].fill(0);
    let frame = cat(&[&ethernet(0x0800, &ip), &[0xee; 4]]);
    let mut bench = Bench::default();
    bench.packet_with(|packet| packet.fcs_len = 4, ETHERNET, &frame);
    assert_eq!(bench.found[0].payload, b"hello");
}

#[test]
fn case_37_total_length_zero() {
    let mut four = ipv4(b"hello");
    four[2..4].fill(0);
    let sum = {
        four[10..12].fill(0);
        !checksum::sum(&four[..20])
    };
    four[10..12].copy_from_slice(&sum.to_ne_bytes());
    hello(ETHERNET, &ethernet(0x0800, &four));
    let mut six = ipv6(b"hello");
    six[4..6].fill(0);
    hello(ETHERNET, &ethernet(0x86dd, &six));
    // A jumbo payload option, and padding behind what it bounds.
    let (header, tcp) = six.split_at(40);
    let mut header = header.to_vec();
    header[6] = 0;
    let option = |length: u32| [&[6, 0, 0xc2, 4], &length.to_be_bytes()[..]].concat();
    let small = cat(&[&header, &option(25 + 8), tcp]);
    hello(ETHERNET, &ethernet(0x86dd, &small));
    let jumbo = ethernet(0x86dd, &cat(&[&header, &option(70_008), tcp]));
    let mut bench = Bench::default();
    bench.packet_with(
        |packet| packet.wire_len = 14 + 40 + 70_008,
        ETHERNET,
        &jumbo,
    );
    let found = &bench.found;
    assert_eq!((found[0].payload.len(), found[0].payload_len), (5, 69_980));
}

#[test]
fn case_38_lengths_and_versions_that_cannot_be() {
    let with = |at: usize, value: u8| {
        let mut ip = ipv4(b"hello");
        ip[at] = value;
        ethernet(0x0800, &ip)
    };
    other(ETHERNET, &with(0, 0x44), Reason::BadIpHeaderLength);
    other(ETHERNET, &with(0, 0x55), Reason::BadIpVersion);
    other(ETHERNET, &with(0, 0x65), Reason::BadIpVersion);
    other(ETHERNET, &with(3, 19), Reason::BadIpTotalLength);
    let (_, found) = decode(ETHERNET, &with(3, 145));
    assert_eq!(
        (found[0].payload.as_slice(), found[0].payload_len),
        (&b"hello"[..], 5)
    );
    other(
        ETHERNET,
        &ethernet(0x0800, &ipv4(b"hello")[..12]),
        Reason::ShortHeader,
    );
    let mut options = Vec::new();
    let ip = etherparse::Ipv4Header {
        options: [1; 8].into(),
        time_to_live: 64,
        ..Default::default()
    };
    let ip = etherparse::IpHeaders::Ipv4(ip, Default::default());
    PacketBuilder::ip(ip)
        .tcp(1, 2, 3, 1024)
        .write(&mut options, b"hello")
        .unwrap();
    hello(101, &options);
}

#[test]
fn case_38_snap_length() {
    let frame = ethernet(0x0800, &ipv4(b"hello"));
    for kept in 0..frame.len() {
        let (verdict, found, stats) = snapped(&frame, kept);
        match kept {
            0..34 => assert_eq!(verdict, Verdict::Other(Reason::CutHeader), "{kept}"),
            34..48 => assert_eq!(verdict, Verdict::Other(Reason::CutTcpHeader), "{kept}"),
            _ => {
                assert_eq!(found[0].payload, &b"hello"[..kept.saturating_sub(54)]);
                assert_eq!(found[0].payload_len, 5);
                assert_eq!(stats.tcp_header_cut.packets, u64::from(kept < 54));
                assert_eq!(stats.checksums.tcp_unchecked.packets, 1);
                assert_eq!(found[0].checksum, TcpChecksum::Unchecked);
            }
        }
    }
}

#[test]
fn case_39_checksums() {
    let good = ethernet(0x0800, &ipv4(b"hello"));
    let with = |at: usize, bytes: [u8; 2]| {
        let mut frame = good.clone();
        frame[at..at + 2].copy_from_slice(&bytes);
        frame
    };
    // The pseudo-header of 10.0.0.1, 10.0.0.2, protocol 6 and 25 bytes; the same without the length.
    let (partial, without) = ([0x14, 0x22], [0x14, 0x09]);
    let rows = [
        (
            with(24, [1, 2]),
            Some(Reason::BadIpChecksum),
            [1, 0, 0, 0, 0],
        ),
        (with(24, [0, 0]), None, [0, 1, 0, 0, 0]),
        (
            with(50, [1, 2]),
            Some(Reason::BadTcpChecksum),
            [0, 0, 1, 0, 0],
        ),
        (with(50, partial), None, [0, 0, 0, 1, 0]),
        (with(50, without), None, [0, 0, 0, 1, 0]),
        (with(50, [0, 0]), None, [0, 0, 0, 0, 1]),
        (good.clone(), None, [0, 0, 0, 0, 0]),
    ];
    for (frame, dropped, counts) in rows {
        for checksums in [Checksums::Ignore, Checksums::Count, Checksums::Drop] {
            let mut bench = Bench::new(DecodeConfig {
                checksums,
                ..DecodeConfig::default()
            });
            let verdict = bench.packet(ETHERNET, &frame);
            let c = bench.decoder.stats().checksums;
            let counted = [c.ip_bad, c.ip_empty, c.tcp_bad, c.tcp_partial, c.tcp_empty]
                .map(|count| count.packets);
            let expected = if checksums == Checksums::Ignore {
                [0; 5]
            } else {
                counts
            };
            assert_eq!(counted, expected, "{checksums:?}");
            match dropped.filter(|_| checksums == Checksums::Drop) {
                Some(reason) => assert_eq!(verdict, Verdict::Other(reason)),
                None => {
                    assert_eq!(verdict, Verdict::Tcp);
                    let verdict = match checksums {
                        Checksums::Ignore => TcpChecksum::Unchecked,
                        _ if counts[2] > 0 => TcpChecksum::Wrong,
                        _ if counts[3] + counts[4] > 0 => TcpChecksum::Offloaded,
                        _ => TcpChecksum::Right,
                    };
                    assert_eq!(bench.found[0].checksum, verdict);
                }
            }
        }
    }
}

#[test]
fn case_39_sum_of_any_length_and_place() {
    let bytes: Vec<u8> = (0..400_u32).map(|n| ((n * n) >> 3) as u8 ^ 0xa5).collect();
    for start in 0..9 {
        for end in start..bytes.len() {
            let mut naive = 0_u64;
            for pair in bytes[start..end].chunks(2) {
                naive += u64::from(be16(pair[0], pair.get(1).copied().unwrap_or_default()));
            }
            while naive > 0xffff {
                naive = (naive & 0xffff) + (naive >> 16);
            }
            assert_eq!(
                u16::from_be(checksum::sum(&bytes[start..end])),
                naive as u16
            );
        }
    }
    assert_eq!(checksum::sum(&[0xff; 65_536]), 0xffff);
}

fn be16(high: u8, low: u8) -> u16 {
    u16::from_be_bytes([high, low])
}

/// IPv4 fragments of a TCP segment, 8 bytes of it each, and what they hold together.
fn fragments() -> Vec<Vec<u8>> {
    let tcp = ipv4(b"some payload")[20..].to_vec();
    let last = tcp.len().div_ceil(8) - 1;
    let piece = |(at, data): (usize, &[u8])| {
        let field = at as u16 | if at < last { 0x2000 } else { 0 };
        over_ipv4(6, 9, field, data)
    };
    tcp.chunks(8).enumerate().map(piece).collect()
}

#[test]
fn case_40_fragments_in_any_order() {
    let pieces = fragments();
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let mut bench = Bench::default();
        let verdicts = order.map(|at| bench.packet(101, &pieces[at]));
        assert_eq!(verdicts[..3], [Verdict::FragmentHeld; 3]);
        assert_eq!(verdicts[3], Verdict::Tcp);
        assert_eq!(
            (bench.found[0].payload.as_slice(), bench.found[0].ip_id),
            (&b"some payload"[..], Some(9))
        );
        bench.decoder.finish();
        let stats = bench.decoder.stats().fragments;
        assert_eq!(
            (stats.packets, stats.completed, stats.incomplete),
            (4, 1, 0)
        );
        assert_eq!(bench.decoder.stats().checksums, ChecksumStats::default());
        bench.accounted();
    }
}

#[test]
fn case_40_missing_fragment_and_expiry() {
    let pieces = fragments();
    let mut bench = Bench::default();
    for piece in &pieces[..3] {
        assert_eq!(bench.packet(101, piece), Verdict::FragmentHeld);
    }
    let late = |packet: &mut Packet<'_>| packet.time = Some(Time::from_nanos(31_000_000_000));
    assert_eq!(
        bench.packet_with(late, 101, &pieces[3]),
        Verdict::FragmentHeld
    );
    assert_eq!(bench.decoder.stats().fragments.incomplete, 1);
    bench.decoder.finish();
    assert_eq!(bench.decoder.stats().fragments.incomplete, 2);
    bench.accounted();
}

#[test]
fn case_40_fragment_of_what_cannot_be_tcp_is_not_held() {
    other(101, &over_ipv4(1, 9, 0x2000, &[0; 8]), Reason::Icmp);
    other(101, &over_ipv4(6, 9, 0x3fff, &[0; 16]), Reason::BadFragment);
}

#[test]
fn case_40_snapped_fragment_ends_the_payload() {
    let tcp = ipv4(b"0123456789abcdefghij")[20..].to_vec();
    let mut bench = Bench::default();
    let first = over_ipv4(6, 9, 0x2000, &tcp[..32]);
    let cut = |packet: &mut Packet<'_>| packet.wire_len += 2;
    assert_eq!(
        bench.packet_with(cut, 101, &first[..first.len() - 2]),
        Verdict::FragmentHeld
    );
    assert_eq!(
        bench.packet(101, &over_ipv4(6, 9, 4, &tcp[32..])),
        Verdict::Tcp
    );
    assert_eq!(
        (
            bench.found[0].payload.as_slice(),
            bench.found[0].payload_len
        ),
        (&b"0123456789"[..], 20)
    );
}

#[test]
fn case_41_overlaps_lowest_then_first_wins() {
    let pieces = fragments();
    let mut bench = Bench::default();
    let mut lying = pieces[1].clone();
    lying[24] ^= 1;
    for piece in [
        &pieces[0], &pieces[0], &pieces[1], &lying, &pieces[2], &pieces[3],
    ] {
        bench.packet(101, piece);
    }
    let stats = bench.decoder.stats().fragments;
    assert_eq!(
        stats.overlapping,
        Count {
            packets: 1,
            first: 2
        }
    );
    assert_eq!(
        stats.conflicting,
        Count {
            packets: 1,
            first: 4
        }
    );
    assert_eq!(bench.found[0].payload, b"some payload");
}

#[test]
fn case_41_two_ends_drop_the_datagram() {
    let pieces = fragments();
    let mut bench = Bench::default();
    bench.packet(101, &pieces[3]);
    let other_end = over_ipv4(6, 9, 1, &[0; 8]);
    assert_eq!(
        bench.packet(101, &other_end),
        Verdict::Other(Reason::BadFragment)
    );
    assert_eq!(
        bench.decoder.stats().fragments.contradicting,
        Count {
            packets: 1,
            first: 2
        }
    );
    bench.accounted();
}

#[test]
fn case_42_extension_headers() {
    let tcp = ipv6(b"hello")[40..].to_vec();
    let options = |next: u8| [next, 0, 1, 4, 0, 0, 0, 0];
    let authentication = |next: u8| [next, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    let chain = cat(&[
        &options(43),
        &options(60)[..2],
        &[0; 6],
        &options(135),
        &options(51),
        &authentication(6),
        &tcp,
    ]);
    let mut chain = over_ipv6(0, &chain);
    chain[48 + 1] = 0;
    hello(101, &chain);
    let many = |n: usize| over_ipv6(60, &cat(&[&options(60).repeat(n - 1), &options(6), &tcp]));
    hello(101, &many(15));
    other(101, &many(17), Reason::BadExtension);
    other(101, &over_ipv6(59, &[]), Reason::NoNextHeader);
    other(101, &over_ipv6(50, &tcp), Reason::Esp);
    hello(
        101,
        &over_ipv6(44, &cat(&[&[6, 0, 0, 0, 0, 0, 0, 7], &tcp])),
    );
    let mut bench = Bench::default();
    bench.packet(
        101,
        &over_ipv6(44, &cat(&[&[6, 0, 0, 1, 0, 0, 0, 7], &tcp[..16]])),
    );
    bench.packet(
        101,
        &over_ipv6(44, &cat(&[&[6, 0, 0, 16, 0, 0, 0, 7], &tcp[16..]])),
    );
    assert_eq!(bench.found[0].payload, b"hello");
    assert_eq!(bench.decoder.stats().checksums, ChecksumStats::default());
}

#[test]
fn case_43_quoted_in_icmp() {
    let quoted = cat(&[&[3, 1, 0, 0, 0, 0, 0, 0], &ipv4(b"hello")]);
    other(101, &over_ipv4(1, 1, 0, &quoted), Reason::Icmp);
    other(101, &over_ipv6(58, &quoted), Reason::Icmp);
}

#[test]
fn case_44_bogus_data_offset() {
    for offset in [0, 0x40, 0xf0] {
        let mut ip = ipv4(b"hello");
        ip[32] = offset;
        other(101, &ip, Reason::BadTcpOffset);
        let mut bench = Bench::default();
        assert_eq!(
            bench.packet(ETHERNET, &cat(&[&ethernet(0x0800, &ip), &[0; 60]])),
            Verdict::Other(Reason::BadTcpOffset)
        );
    }
    other(101, &over_ipv4(6, 1, 0, &[0; 19]), Reason::ShortHeader);
}
