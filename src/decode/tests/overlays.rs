//! Tunnels beyond GRE, VXLAN, GENEVE and GTP-U, each around the same packet.

use super::*;

/// An IPv4 header in front of some payload, inside Ethernet.
fn routed(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ethernet(0x0800, &over_ipv4(protocol, 1, 0, payload))
}

#[test]
fn network_service_header() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    let frame = ethernet(0x0800, &four);
    let nsh = |words: u8, next: u8, rest: &[u8]| {
        let context = vec![0; usize::from(words) * 4 - 8];
        cat(&[&[0, words, 2, next, 0, 0, 1, 255], &context, rest])
    };
    for (words, next, rest) in [(2, 1, &four), (6, 1, &four), (2, 2, &six), (6, 3, &frame)] {
        hello(ETHERNET, &ethernet(0x894f, &nsh(words, next, rest)));
        let generic = cat(&[&[0x0c, 0, 0, 4, 0, 0, 7, 0], &nsh(words, next, rest)]);
        assert_eq!(hello(ETHERNET, &over_udp(4790, &generic)).vni, 7);
        hello(
            ETHERNET,
            &routed(47, &cat(&[&[0, 0, 0x89, 0x4f], &nsh(words, next, rest)])),
        );
    }
    hello(ETHERNET, &ethernet(0x894f, &nsh(2, 4, &nsh(2, 1, &four))));
    hello(
        ETHERNET,
        &ethernet(0x894f, &nsh(2, 5, &cat(&[&[0, 1, 1, 64], &four]))),
    );
    other(
        ETHERNET,
        &ethernet(0x894f, &nsh(2, 9, &four)),
        Reason::OtherNsh,
    );
    other(
        ETHERNET,
        &ethernet(0x894f, &[0, 1, 2, 1, 0, 0, 0, 0]),
        Reason::BadTunnelHeader,
    );
    let nested = (0..9).fold(four, |inner, _| {
        nsh(2, if inner[0] == 0x45 { 1 } else { 4 }, &inner)
    });
    other(ETHERNET, &ethernet(0x894f, &nested), Reason::TooDeep);
}

#[test]
fn vxlan_with_a_protocol_field() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    let frame = ethernet(0x0800, &four);
    for port in [4789, 4790, 8472] {
        for (next, rest) in [(1, &four), (2, &six), (3, &frame)] {
            let wire = cat(&[&[0x0c, 0, 0, next, 0, 1, 2, 0], rest]);
            assert_eq!(hello(ETHERNET, &over_udp(port, &wire)).vni, 0x102);
        }
    }
    other(
        ETHERNET,
        &over_udp(4790, &cat(&[&[0x0c, 0, 0, 9, 0, 0, 0, 0], &four])),
        Reason::Udp,
    );
}

#[test]
fn l2tp_version_2() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    let ppp = cat(&[&[0xff, 3, 0, 0x21], &four]);
    let length = (ppp.len() + 8) as u8;
    let session = [0, 1, 0, 2];
    hello(ETHERNET, &over_udp(1701, &cat(&[&[0, 2], &session, &ppp])));
    hello(
        ETHERNET,
        &over_udp(1701, &cat(&[&[0, 2], &session, &[0x57], &six])),
    );
    hello(
        ETHERNET,
        &over_udp(
            1701,
            &cat(&[&[0x40, 2, 0, length], &session, &ppp, &[0; 5]]),
        ),
    );
    let numbered = cat(&[&[0x48, 2, 0, length + 4], &session, &[0, 9, 0, 8], &ppp]);
    hello(ETHERNET, &over_udp(1701, &numbered));
    hello(
        ETHERNET,
        &over_udp(1701, &cat(&[&[2, 2], &session, &[0, 3, 0, 0, 0], &ppp])),
    );
    let all = cat(&[
        &[0x4a, 2, 0, length + 8],
        &session,
        &[0, 9, 0, 8, 0, 2, 0, 0],
        &ppp,
    ]);
    hello(ETHERNET, &over_udp(1701, &all));
    other(
        ETHERNET,
        &over_udp(1701, &[0xc8, 2, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0]),
        Reason::L2tpControl,
    );
    other(ETHERNET, &over_udp(1701, &[0, 1, 0, 0]), Reason::Udp);
}

#[test]
fn l2tp_version_3() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    let frame = ethernet(0x0800, &four);
    let tagged = ethernet(0x8100, &cat(&[&[0, 5, 0x86, 0xdd], &six]));
    let ppp = cat(&[&[0xff, 3, 0, 0x21], &four]);
    let hdlc = cat(&[&[0x0f, 0, 8, 0], &four]);
    for payload in [&frame, &tagged, &ppp, &hdlc, &four, &six] {
        for cookie in [0, 4, 8] {
            for sublayer in [0, 4] {
                // A sublayer of 4 bytes with a sequence number.
                let sublayer = &[0x40, 0, 0, 9][..sublayer];
                let data = cat(&[&[0, 0, 0, 77], &[0xc0; 8][..cookie], sublayer, payload]);
                hello(ETHERNET, &routed(115, &data));
                hello(ETHERNET, &over_udp(1701, &cat(&[&[0, 3, 0, 0], &data])));
            }
        }
    }
    other(ETHERNET, &routed(115, &[0; 24]), Reason::L2tpControl);
    other(
        ETHERNET,
        &over_udp(1701, &[0xc8, 3, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0]),
        Reason::L2tpControl,
    );
    other(ETHERNET, &routed(115, &[7; 60]), Reason::UnknownL2tpPayload);
}

#[test]
fn mpls_lisp_and_gue_in_udp() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    let labels = [0, 1, 0, 64, 0, 2, 1, 64];
    hello(ETHERNET, &over_udp(6635, &cat(&[&labels, &four])));
    hello(ETHERNET, &over_udp(6635, &cat(&[&labels, &six])));
    let lisp = |flags: u8, next: u8, rest: &[u8]| cat(&[&[flags, 1, 2, next, 0, 0, 9, 1], rest]);
    hello(ETHERNET, &over_udp(4341, &lisp(0xc0, 3, &four)));
    hello(ETHERNET, &over_udp(4341, &lisp(0x40, 0, &six)));
    assert_eq!(
        hello(ETHERNET, &over_udp(4341, &lisp(0x88, 0, &four))).vni,
        9
    );
    hello(
        ETHERNET,
        &over_udp(4341, &lisp(0x0c, 3, &ethernet(0x86dd, &six))),
    );
    other(
        ETHERNET,
        &over_udp(4341, &lisp(0xc1, 0, &four)),
        Reason::LispEncrypted,
    );
    other(
        ETHERNET,
        &over_udp(4341, &lisp(0x80, 0, &[0; 40])),
        Reason::Udp,
    );
    for (protocol, ip) in [(4, &four), (41, &six)] {
        hello(ETHERNET, &over_udp(6080, &cat(&[&[0, protocol, 0, 0], ip])));
        hello(
            ETHERNET,
            &over_udp(6080, &cat(&[&[2, protocol, 0, 0], &[0; 8], ip])),
        );
        hello(ETHERNET, &over_udp(6080, ip));
    }
    other(
        ETHERNET,
        &over_udp(6080, &[0x20, 1, 0, 0, 0, 0, 0, 0]),
        Reason::Udp,
    );
}

#[test]
fn ipv6_through_ipv4() {
    let six = ipv6(b"hello");
    let origin = [0, 0, 0x11, 0x22, 1, 2, 3, 4];
    let authentication = [&[0, 1, 2, 3][..], &[7; 5], &[9; 8], &[0]].concat();
    hello(ETHERNET, &over_udp(3544, &six));
    hello(ETHERNET, &over_udp(3544, &cat(&[&origin, &six])));
    hello(
        ETHERNET,
        &over_udp(3544, &cat(&[&authentication, &origin, &six])),
    );
    other(ETHERNET, &over_udp(3544, &[0x45; 40]), Reason::Udp);
    // Identity of 16 bytes, SHA-1 signature of 5 words.
    let ayiya = cat(&[
        &[0x41, 0x52, 0x11, 41, 0, 0, 0, 1],
        &[6; 16],
        &[5; 20],
        &six,
    ]);
    hello(ETHERNET, &over_udp(5072, &ayiya));
    other(
        ETHERNET,
        &over_udp(5072, &[0x41, 0x52, 0x10, 59, 0, 0, 0, 0]),
        Reason::Udp,
    );
}

/// The 802.11 frame of a packet, its frame control field apart.
fn wifi_frame(ip: &[u8]) -> Vec<u8> {
    cat(&[
        &[0, 0],
        &[7; 18],
        &[0x10, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
        ip,
    ])
}

#[test]
fn capwap_data() {
    let four = ipv4(b"hello");
    let wifi = wifi_frame(&four);
    // Header length 2 words, wireless binding 802.11, native frame.
    let native = [0, 0x10, 0x03, 0, 0, 0, 0, 0];
    hello(ETHERNET, &over_udp(5247, &cat(&[&native, &[8, 1], &wifi])));
    hello(ETHERNET, &over_udp(5247, &cat(&[&native, &[1, 8], &wifi])));
    let with_radio = cat(&[&[0, 0x20, 0x43, 0x30, 0, 0, 0, 0], &[6; 8], &[8, 2], &wifi]);
    hello(ETHERNET, &over_udp(5247, &with_radio));
    let ethernet_inside = cat(&[&[0, 0x10, 0x02, 0, 0, 0, 0, 0], &ethernet(0x0800, &four)]);
    hello(ETHERNET, &over_udp(5247, &ethernet_inside));
    other(
        ETHERNET,
        &over_udp(5247, &[1, 0, 0, 0, 0x17, 0xfe, 0xfd, 0]),
        Reason::CapwapEncrypted,
    );
    other(
        ETHERNET,
        &over_udp(5247, &[0, 0x10, 2, 8, 0, 0, 0, 0, 0, 0]),
        Reason::CapwapControl,
    );
    other(
        ETHERNET,
        &over_udp(5247, &[0, 8, 3, 0, 0, 0, 0, 0]),
        Reason::BadTunnelHeader,
    );
}

#[test]
fn capwap_fragments() {
    let whole = cat(&[&[8, 1], &wifi_frame(&ipv4(b"hello"))]);
    let fragment = |flags: u8, id: u8, offset: u8, data: &[u8]| {
        over_udp(5247, &cat(&[&[0, 0x10, 3, flags, 0, id, 0, offset], data]))
    };
    let (first, last) = (
        fragment(0x80, 5, 0, &whole[..40]),
        fragment(0xc0, 5, 40, &whole[40..]),
    );
    for order in [[&first, &last], [&last, &first]] {
        let mut bench = Bench::default();
        assert_eq!(bench.packet(ETHERNET, order[0]), Verdict::FragmentHeld);
        assert_eq!(
            bench.packet(ETHERNET, &fragment(0x80, 6, 0, &whole[..40])),
            Verdict::FragmentHeld
        );
        assert_eq!(bench.packet(ETHERNET, order[1]), Verdict::Tcp);
        assert_eq!(bench.found[0].payload, b"hello");
        bench.decoder.finish();
        bench.accounted();
    }
}

/// ESP around some payload: header, vector, padding to 4 bytes, trailer, check value.
fn esp(vector: usize, payload: &[u8], next: u8, check: usize) -> Vec<u8> {
    let padding = (4 - (payload.len() + 2) % 4) % 4;
    let pad: Vec<u8> = (1..=padding as u8).collect();
    let trailer = [padding as u8, next];
    let vector = &[0xee; 8][..vector];
    cat(&[
        &[0, 0, 16, 1, 0, 0, 0, 7],
        vector,
        payload,
        &pad,
        &trailer,
        &[0xcc; 32][..check],
    ])
}

#[test]
fn esp_without_encryption() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    for vector in [0, 8] {
        for check in [12, 16, 0, 24, 32] {
            for (inner, next) in [(&four, 4), (&six, 41), (&four[20..].to_vec(), 6)] {
                let wire = esp(vector, inner, next, check);
                hello(ETHERNET, &routed(50, &wire));
                hello(ETHERNET, &over_udp(4500, &wire));
            }
        }
    }
    let over_six = over_ipv6(50, &esp(0, &six[40..], 6, 12));
    hello(101, &over_six);
    // Encrypted: bytes without a pattern.
    let noise: Vec<u8> = (0..200_u32)
        .map(|n| ((n * n * 7) >> 3) as u8 ^ 0x5a)
        .collect();
    other(ETHERNET, &routed(50, &noise), Reason::Esp);
    let mut wrong = esp(0, &four[20..], 6, 12);
    wrong[20] ^= 1;
    other(ETHERNET, &routed(50, &wrong), Reason::Esp);
    other(ETHERNET, &over_udp(4500, &[0; 60]), Reason::Udp);
    other(ETHERNET, &over_udp(4500, &[0xff]), Reason::Udp);
}

#[test]
fn esp_that_the_snap_length_cut() {
    let wire = routed(50, &esp(0, &ipv4(b"hello"), 4, 12));
    let mut bench = Bench::default();
    let length = wire.len() as u32;
    // Outer headers, ESP, inner headers and 2 bytes of payload.
    let verdict = bench.packet_with(
        |packet| packet.wire_len = length,
        ETHERNET,
        &wire[..14 + 20 + 8 + 42],
    );
    assert_eq!(verdict, Verdict::Tcp);
    assert_eq!(
        (
            bench.found[0].payload.as_slice(),
            bench.found[0].payload_len
        ),
        (&b"he"[..], 5)
    );
}

#[test]
fn gre_of_wccp_and_of_cisco_metadata() {
    let four = ipv4(b"hello");
    hello(ETHERNET, &routed(47, &cat(&[&[0, 0, 0x88, 0x3e], &four])));
    hello(
        ETHERNET,
        &routed(47, &cat(&[&[0, 0, 0x88, 0x3e, 0, 80, 0, 1], &four])),
    );
    let metadata = cat(&[&[0, 0, 0x89, 0x09, 8, 0, 1, 1, 0, 1, 0, 9], &four]);
    hello(ETHERNET, &routed(47, &metadata));
}

#[test]
fn a_length_beyond_the_frame_is_no_snap_length() {
    let longer = |mut ip: Vec<u8>, by: u8| {
        if ip[0] == 0x45 {
            ip[3] += by;
            ip[10..12].fill(0);
            let sum = !checksum::sum(&ip[..20]);
            ip[10..12].copy_from_slice(&sum.to_ne_bytes());
        } else {
            ip[5] += by;
        }
        ip
    };
    let session = |ip: &[u8]| {
        let length = ((ip.len() + 2) as u16).to_be_bytes();
        let protocol = if ip[0] == 0x45 { 0x21 } else { 0x57 };
        ethernet(
            0x8864,
            &cat(&[&[0x11, 0, 0, 1], &length, &[0, protocol], ip]),
        )
    };
    for ip in [longer(ipv4(b"hello"), 6), longer(ipv6(b"hello"), 6)] {
        let kind = if ip[0] == 0x45 { 0x0800 } else { 0x86dd };
        for frame in [ethernet(kind, &ip), session(&ip)] {
            let mut bench = Bench::default();
            assert_eq!(bench.packet(ETHERNET, &frame), Verdict::Tcp);
            let found = &bench.found[0];
            assert_eq!(
                (found.payload.as_slice(), found.payload_len),
                (&b"hello"[..], 5)
            );
            let stats = bench.decoder.stats();
            assert_eq!(
                stats.ip_beyond_frame,
                Count {
                    packets: 1,
                    first: 1
                }
            );
            assert_eq!(stats.checksums.tcp_unchecked, Count::default());
        }
        // A mirror may have cut the frame that it copied.
        let mirrored = cat(&[&[8, 0, 0, 0, 0, 0, 7, 0], &ethernet(kind, &ip)]);
        let mut bench = Bench::default();
        bench.packet(ETHERNET, &over_udp(4789, &mirrored));
        assert_eq!(bench.found[0].payload_len, 11);
        assert_eq!(bench.decoder.stats().ip_beyond_frame, Count::default());
    }
    // The snap length cut the frame, and the length field fits the frame: no contradiction.
    let frame = ethernet(0x0800, &ipv4(b"hello"));
    let mut bench = Bench::default();
    let length = frame.len() as u32;
    bench.packet_with(
        |packet| packet.wire_len = length,
        ETHERNET,
        &frame[..frame.len() - 2],
    );
    assert_eq!(
        (bench.found[0].payload.len(), bench.found[0].payload_len),
        (3, 5)
    );
    assert_eq!(bench.decoder.stats().ip_beyond_frame, Count::default());
}
