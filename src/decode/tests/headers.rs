//! Headers of capturing hosts, of capture cards and of networks, and tags of Ethernet: each around the same packet.

use super::*;

#[test]
fn tags_of_ethernet() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    let tagged = |kind: u16, tag: &[u8], rest: &[u8]| ethernet(kind, &cat(&[tag, rest]));
    // HSR: path and size, sequence number, EtherType; padding behind.
    hello(
        ETHERNET,
        &tagged(0x892f, &[0x10, 0x4b, 0, 1, 8, 0], &cat(&[&four, &[0; 9]])),
    );
    hello(
        ETHERNET,
        &tagged(0x892f, &[0x10, 0x4b, 0, 1, 0x86, 0xdd], &six),
    );
    let vlan_in_hsr = cat(&[&[0x10, 0x4b, 0, 1, 0x81, 0, 0, 7, 8, 0], &four[..]]);
    assert_eq!(hello(ETHERNET, &ethernet(0x892f, &vlan_in_hsr)).vlan, 7);
    // 802.1BR and Cisco metadata.
    hello(
        ETHERNET,
        &tagged(0x893f, &[0xe0, 1, 0, 5, 0, 0, 8, 0], &four),
    );
    hello(ETHERNET, &tagged(0x8909, &[1, 1, 0, 1, 0, 9, 8, 0], &four));
    // Padding up to the shortest frame, then the trailer of PRP, around a packet without a length.
    let mut open = four.clone();
    open[2..4].fill(0);
    open[10..12].fill(0);
    let sum = !checksum::sum(&open[..20]);
    open[10..12].copy_from_slice(&sum.to_ne_bytes());
    let size = open.len() as u8 + 6;
    hello(
        ETHERNET,
        &ethernet(0x0800, &cat(&[&open, &[0, 1, 0xa0, size, 0x88, 0xfb]])),
    );
    hello(
        ETHERNET,
        &ethernet(0x0800, &cat(&[&four, &[0, 1, 0xb0, size, 0x88, 0xfb]])),
    );
    let (_, found) = decode(
        ETHERNET,
        &ethernet(0x0800, &cat(&[&open, &[0, 1, 0xc0, size, 0x88, 0xfb]])),
    );
    assert_eq!(found[0].payload.len(), 11, "no LAN of PRP has this number");
}

#[test]
fn macsec_without_encryption() {
    let four = ipv4(b"hello");
    let body = cat(&[&[8, 0], &four]);
    let frame = |control: u8, short: u8, channel: &[u8], behind: &[u8]| {
        ethernet(
            0x88e5,
            &cat(&[&[control, short, 0, 0, 0, 1], channel, &body, behind]),
        )
    };
    let mut bench = Bench::default();
    assert_eq!(
        bench.packet(ETHERNET, &frame(0x20, 0, &[7; 8], &[9; 16])),
        Verdict::Tcp
    );
    assert_eq!(bench.decoder.stats().tunnel(Tunnel::Macsec).packets, 1);
    hello(ETHERNET, &frame(0x20, 0, &[7; 8], &[9; 16]));
    hello(ETHERNET, &frame(0x00, 0, &[], &[9; 16]));
    // A short frame: its length, the check value, padding.
    hello(ETHERNET, &frame(0x00, body.len() as u8, &[], &[9; 30]));
    other(
        ETHERNET,
        &frame(0x2c, 0, &[7; 8], &[9; 16]),
        Reason::MacsecEncrypted,
    );
    other(
        ETHERNET,
        &frame(0x04, 0, &[], &[9; 16]),
        Reason::MacsecEncrypted,
    );
    other(
        ETHERNET,
        &frame(0xa0, 0, &[7; 8], &[9; 16]),
        Reason::BadLinkHeader,
    );
}

#[test]
fn taps_and_filters_of_hosts() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    let frame = ethernet(0x0800, &four);
    let pktap = |length: u32, kind: u32, link: u32, rest: &[u8]| {
        let numbers = [length, kind, link].map(u32::to_le_bytes).concat();
        cat(&[&numbers, &vec![0; length as usize - 12], rest])
    };
    for link in [149, 258] {
        hello(link, &pktap(108, 1, 1, &frame));
        hello(link, &pktap(156, 1, 0, &cat(&[&[2, 0, 0, 0], &four])));
        hello(link, &pktap(108, 1, 12, &six));
    }
    other(258, &pktap(108, 2, 1, &frame), Reason::BadLinkHeader);
    other(149, &frame, Reason::UnknownLinkType);
    // PPI: no fields; the 802.11 field that announces a check sequence.
    hello(192, &cat(&[&[0, 0, 8, 0, 1, 0, 0, 0], &frame]));
    let common = [&[2, 0, 20, 0][..], &[0; 8], &[1, 0], &[0; 10]].concat();
    let wifi = cat(&[
        &[8, 1, 0, 0],
        &[7; 18],
        &[0x10, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
        &four,
    ]);
    hello(
        192,
        &cat(&[&[0, 0, 32, 0, 105, 0, 0, 0], &common, &wifi, &[9; 4]]),
    );
    other(
        192,
        &cat(&[&[1, 0, 8, 0, 1, 0, 0, 0], &frame]),
        Reason::BadLinkHeader,
    );
    // Packet filter log: 61 bytes and padding, or a length that is a multiple of 4 already.
    for (length, padded) in [(61, 64), (48, 48), (100, 100)] {
        for (family, ip) in [(2, &four), (24, &six), (30, &six)] {
            let mut header = vec![0; padded];
            (header[0], header[1]) = (length, family);
            hello(117, &cat(&[&header, ip]));
        }
    }
    other(
        117,
        &cat(&[&[61, 99], &[0; 62], &[0; 40]]),
        Reason::OtherFamily,
    );
    hello(109, &cat(&[&[2, 0, 0, 0, 0, 0, 16, 1, 0, 0, 12, 0], &four]));
    hello(109, &cat(&[&[0, 0, 0, 24, 0, 0, 16, 1, 0, 0, 12, 0], &six]));
    hello(8, &cat(&[&[0, 0x40], &[0; 14], &four]));
}

#[test]
fn networks_other_than_ethernet() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    for (link, addresses) in [(7, &[1, 2][..]), (129, &[1, 2, 0, 9])] {
        let arcnet = |head: &[u8], ip: &[u8]| cat(&[addresses, head, ip]);
        hello(link, &arcnet(&[212, 0, 0, 7], &four));
        hello(link, &arcnet(&[212, 0xff, 0xff, 0xff, 0, 0, 7], &four));
        hello(link, &arcnet(&[196, 0, 0, 7], &six));
        hello(link, &arcnet(&[240], &four));
        other(
            link,
            &arcnet(&[212, 3, 0, 7], &four),
            Reason::ArcnetFragment,
        );
        other(link, &arcnet(&[213, 0, 0, 7], &four), Reason::Arp);
        other(link, &arcnet(&[128, 0, 0, 7], &four), Reason::OtherArcnet);
    }
    hello(242, &cat(&[&[8, 0, 0, 0], &four]));
    hello(242, &cat(&[&[3; 40], &[0x86, 0xdd, 0, 0], &six]));
    hello(138, &cat(&[&[3; 16], &[8, 0], &four]));
    hello(100, &cat(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &four]));
    hello(166, &cat(&[&[1, 3, 0, 0x21], &four]));
    hello(204, &cat(&[&[0, 0xff, 3, 0, 0x57], &six]));
    hello(205, &cat(&[&[1, 0x0f, 0, 8, 0], &four]));
    let wifi = cat(&[
        &[8, 1, 0, 0],
        &[7; 18],
        &[0x10, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
        &four,
    ]);
    hello(119, &cat(&[&[0x44; 144], &wifi]));
    hello(
        163,
        &cat(&[&[0x80, 0x21, 0x10, 1, 0, 0, 0, 64], &[0; 56], &wifi]),
    );
}

#[test]
fn headers_of_capture_devices() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    let frame = ethernet(0x0800, &four);
    let erf = |kind: u8, between: &[u8], wire: usize, rest: &[u8]| {
        let record = (16 + between.len() + rest.len()) as u16;
        let [r0, r1] = record.to_be_bytes();
        let [w0, w1] = (wire as u16).to_be_bytes();
        cat(&[&[0; 8], &[kind, 4, r0, r1, 0, 0, w0, w1], between, rest])
    };
    let check = |rest: &[u8]| cat(&[rest, &[9; 4]]);
    for kind in [2, 11, 16, 20] {
        let wire = frame.len() + 4;
        hello(197, &erf(kind, &[0, 0], wire, &check(&frame)));
        // Two extension headers; the first announces the second.
        let extensions = [
            &[0x83, 0, 0, 0, 0, 0, 0, 0][..],
            &[3, 0, 0, 0, 0, 0, 0, 0],
            &[0, 0],
        ];
        hello(
            197,
            &erf(kind | 0x80, &extensions.concat(), wire, &check(&frame)),
        );
    }
    let ppp = cat(&[&[0xff, 3, 0, 0x21], &four]);
    let hdlc = cat(&[&[0x0f, 0, 0x86, 0xdd], &six]);
    for serial in [ppp, hdlc] {
        hello(197, &erf(1, &[], serial.len(), &serial));
        hello(197, &erf(5, &[0; 4], serial.len(), &serial));
    }
    let snap = cat(&[&[0, 0, 0, 1, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &four]);
    hello(197, &erf(4, &[], snap.len(), &snap));
    hello(197, &erf(22, &[], four.len(), &four));
    hello(197, &erf(23, &[], 0, &six));
    other(197, &erf(27, &[], 4, &[0; 8]), Reason::OtherErf);
    // The card kept fewer bytes than the wire had: that is a snap length.
    let (_, found) = decode(
        197,
        &erf(2, &[0, 0], frame.len(), &frame[..frame.len() - 2]),
    );
    assert_eq!(
        (found[0].payload.as_slice(), found[0].payload_len),
        (&b"hel"[..], 5)
    );

    hello(178, &cat(&[b"MGC\x01", &frame]));
    hello(
        178,
        &cat(&[b"MGC\x81\x00\x06", &[1, 4, 0, 0, 0, 0], &frame]),
    );
    hello(178, &cat(&[b"MGC\x02", &[2, 0, 0, 0], &six]));
    hello(
        178,
        &cat(&[b"MGC\x83\x00\x03", &[4, 1, 0], &[2, 0, 0, 0], &four]),
    );
    other(178, &cat(&[b"MGX\x01", &frame]), Reason::BadLinkHeader);

    hello(240, &cat(&[&[0, 0, 0x40, 0x08], &check(&frame)]));
    for preamble in [7, 6, 12] {
        let line = cat(&[&vec![0x55; preamble], &[0xd5], &check(&frame)]);
        hello(241, &cat(&[&[0, 0, 0x40, 0x08], &line]));
    }
    other(241, &cat(&[&[0; 4], &[0x55; 60]]), Reason::BadLinkHeader);
}

#[test]
fn numbers_of_what_is_not_decoded() {
    let mut bench = Bench::default();
    bench.packet(105, &[0x80, 0]);
    bench.packet(195, &[0; 20]);
    bench.packet(9, &[0xff, 3, 0xc0, 0x21, 1, 1, 0, 4]);
    bench.packet(
        101,
        &over_ipv4(47, 1, 0, &[0x20, 1, 0x88, 0x0b, 0, 0, 0, 7]),
    );
    let frame = ethernet(0x0800, &ipv4(b"hello"));
    let vxlan = cat(&[&[8, 0, 0, 0, 0, 0, 7, 0], &frame]);
    bench.packet(ETHERNET, &over_udp(9999, &vxlan));
    for protocol in [132, 132, 89, 103, 112, 113] {
        bench.packet(101, &over_ipv4(protocol, 1, 0, &[0; 12]));
    }
    bench.accounted();
    let stats = bench.decoder.stats();
    let rows = [
        (Reason::UnknownLinkType, "link type not supported (195)"),
        (
            Reason::OtherPpp,
            "PPP control or another protocol over PPP (0xc021)",
        ),
        (Reason::OtherGre, "GRE with another protocol (0x880b)"),
        (
            Reason::VxlanPort,
            "probably VXLAN, on another UDP port (9999; decode with --vxlan-port 9999)",
        ),
        (
            Reason::OtherIpProtocol,
            "another protocol over IP (132, 89, 103, 112, …)",
        ),
        (
            Reason::WifiNotData,
            "802.11 management or control frame, or no data in it",
        ),
    ];
    for (reason, text) in rows {
        assert_eq!(stats.describe(reason), text);
    }
    assert_eq!(stats.numbers.rest(), 0);
}
