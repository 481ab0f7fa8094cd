use super::*;

#[test]
fn case_21_vlan_stacks() {
    let ip = ipv4(b"hello");
    for tags in [
        &[][..],
        &[0x8100],
        &[0x8100, 0x8100],
        &[0x88a8, 0x8100],
        &[0x9100, 0x9100, 0x8100],
        &[0x8100; 8],
    ] {
        let mut kinds = tags.iter().chain(&[0x0800_u16]);
        let mut frame = ethernet(*kinds.next().unwrap(), &[]);
        for (index, kind) in kinds.enumerate() {
            frame.extend((0xa005 + index as u16).to_be_bytes());
            frame.extend(kind.to_be_bytes());
        }
        frame.extend(&ip);
        assert_eq!(
            hello(ETHERNET, &frame).vlan,
            if tags.is_empty() { 0 } else { 5 }
        );
    }
    let tag = [0, 5, 0x81, 0];
    other(
        ETHERNET,
        &cat(&[&ethernet(0x8100, &tag.repeat(12)), &ip]),
        Reason::TooManyTags,
    );
    hello(
        ETHERNET,
        &ethernet(0x8926, &cat(&[&[0, 0, 0, 1, 0x81, 0, 0, 7, 8, 0], &ip])),
    );
    hello(
        ETHERNET,
        &ethernet(0x88e7, &cat(&[&[0, 0, 0, 9], &ethernet(0x0800, &ip)])),
    );
    hello(
        ETHERNET,
        &ethernet(0x8903, &cat(&[&[0, 9], &ethernet(0x0800, &ip)])),
    );
}

#[test]
fn case_22_vlan_and_network() {
    let inner = ethernet(0x0800, &ipv4(b"hello"));
    let mut frame = over_udp(4789, &cat(&[&[8, 0, 0, 0, 0, 1, 2, 0], &inner]));
    frame.splice(12..12, [0x81, 0, 0x20, 9]);
    let found = hello(ETHERNET, &frame);
    assert_eq!((found.vlan, found.vni), (9, 0x102));
}

#[test]
fn case_23_llc_and_snap() {
    let snap = cat(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &ipv4(b"hello")]);
    let padded = cat(&[&ethernet(snap.len() as u16, &snap), &[0xee; 9]]);
    hello(ETHERNET, &padded);
    hello(10, &cat(&[&[0x50; 13], &snap]));
    hello(
        ETHERNET,
        &ethernet(48, &cat(&[&[6, 6, 3], &ipv4(b"hello")])),
    );
    other(ETHERNET, &ethernet(40, &[0x42; 60]), Reason::OtherLlc);
    other(
        ETHERNET,
        &ethernet(8, &[0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0]),
        Reason::OtherLlc,
    );
}

#[test]
fn case_24_linux_cooked() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    let sll =
        |kind: u16, rest: &[u8]| cat(&[&[0, 0, 0, 1, 0, 6], &[3; 8], &kind.to_be_bytes(), rest]);
    let sll2 =
        |kind: u16, rest: &[u8]| cat(&[&kind.to_be_bytes(), &[0; 6], &[0, 1, 0, 6], &[3; 8], rest]);
    for (link, make) in [(113, &sll as &dyn Fn(u16, &[u8]) -> Vec<u8>), (276, &sll2)] {
        hello(link, &make(0x0800, &four));
        hello(link, &make(0x86dd, &six));
        assert_eq!(
            hello(link, &make(0x8100, &cat(&[&[0, 4, 8, 0], &four]))).vlan,
            4
        );
        hello(
            link,
            &make(4, &cat(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &four])),
        );
        other(link, &make(0x0806, &four), Reason::Arp);
        other(link, &make(1, &four), Reason::OtherEtherType);
    }
    other(
        113,
        &cat(&[&[0, 0, 824_u16.to_be_bytes()[0], 0x38], &[0; 12], &four]),
        Reason::OtherFamily,
    );
}

#[test]
fn case_25_raw_ip() {
    for link in [12, 14, 101] {
        hello(link, &ipv4(b"hello"));
        hello(link, &ipv6(b"hello"));
        other(link, &[0x55; 60], Reason::BadIpVersion);
    }
    hello(228, &ipv4(b"hello"));
    hello(229, &ipv6(b"hello"));
    other(228, &ipv6(b"hello"), Reason::BadIpVersion);
    other(229, &ipv4(b"hello"), Reason::BadIpVersion);
}

#[test]
fn case_26_null_and_loop() {
    for link in [0, 108] {
        for order in [u32::to_be_bytes, u32::to_le_bytes] {
            hello(link, &cat(&[&order(2), &ipv4(b"hello")]));
            for family in [10, 24, 28, 30, 77] {
                hello(link, &cat(&[&order(family), &ipv6(b"hello")]));
            }
        }
        other(link, &[0, 0, 0, 99, 0xff, 0, 0], Reason::OtherFamily);
    }
}

#[test]
fn case_27_ppp_and_hdlc() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    for link in [9, 50] {
        hello(link, &cat(&[&[0xff, 3, 0, 0x21], &four]));
        hello(link, &cat(&[&[0, 0x21], &four]));
        hello(link, &cat(&[&[0x21], &four]));
        hello(link, &cat(&[&[0xff, 3, 0, 0x57], &six]));
        hello(link, &cat(&[&[0, 0x57], &six]));
        hello(link, &cat(&[&[2, 0x81, 0, 0, 0x11, 64], &four]));
        hello(link, &cat(&[&[0x0f, 0, 8, 0], &four]));
        other(link, &[0xff, 3, 0xc0, 0x21, 1, 1, 0, 4], Reason::OtherPpp);
    }
    hello(104, &cat(&[&[0x0f, 0, 8, 0], &four]));
    hello(104, &cat(&[&[0x8f, 0, 0x86, 0xdd], &six]));
    hello(104, &cat(&[&[0x0f, 0, 0x88, 0x47, 0, 0, 0x11, 64], &four]));
    other(104, &[0x8f, 0, 0x80, 0x35, 0, 0], Reason::OtherEtherType);
    other(104, &[0x33, 0, 8, 0, 0, 0], Reason::BadLinkHeader);
}

#[test]
fn case_28_pppoe() {
    let ppp = cat(&[&[0, 0x21], &ipv4(b"hello")]);
    let session = cat(&[
        &[0x11, 0, 0, 1],
        &(ppp.len() as u16).to_be_bytes(),
        &ppp,
        &[0xee; 7],
    ]);
    hello(ETHERNET, &ethernet(0x8864, &session));
    hello(51, &session);
    other(
        ETHERNET,
        &ethernet(0x8863, &session),
        Reason::OtherEtherType,
    );
    other(51, &[0x11, 9, 0, 0, 0, 0], Reason::OtherPpp);
    other(51, &[0x31, 0, 0, 0, 0, 0], Reason::BadLinkHeader);
}

#[test]
fn case_29_mpls() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    let labels = |n: usize| cat(&[&[0, 1, 0, 64].repeat(n - 1), &[0, 2, 1, 64]]);
    hello(ETHERNET, &ethernet(0x8847, &cat(&[&labels(1), &four])));
    hello(ETHERNET, &ethernet(0x8848, &cat(&[&labels(16), &six])));
    hello(
        ETHERNET,
        &ethernet(0x8100, &cat(&[&[0, 1, 0x88, 0x47], &labels(3), &four])),
    );
    other(
        ETHERNET,
        &ethernet(0x8847, &cat(&[&labels(17), &four])),
        Reason::TooManyTags,
    );
    let wire = ethernet(
        0x8847,
        &cat(&[&labels(2), &[0; 4], &ethernet(0x0800, &four)]),
    );
    other(ETHERNET, &wire, Reason::UnknownMplsPayload);
    let mut bench = Bench::new(DecodeConfig {
        pseudowire: true,
        ..DecodeConfig::default()
    });
    assert_eq!(bench.packet(ETHERNET, &wire), Verdict::Tcp);
    assert_eq!(bench.decoder.stats().tunnel(Tunnel::Mpls).packets, 1);
}

/// An 802.11 header: control, flags, addresses and sequence, then `more`.
fn wifi(control: u8, flags: u8, more: &[u8], body: &[u8]) -> Vec<u8> {
    cat(&[&[control, flags, 0, 0], &[7; 18], &[0x10, 0], more, body])
}

#[test]
fn case_30_wifi() {
    let snap = cat(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &ipv4(b"hello")]);
    hello(105, &wifi(0x08, 1, &[], &snap));
    hello(105, &wifi(0x08, 3, &[7; 6], &snap));
    hello(105, &wifi(0x88, 1, &[0, 0], &snap));
    hello(105, &wifi(0x88, 0x81, &[0, 0, 1, 2, 3, 4], &snap));
    hello(
        105,
        &wifi(0x88, 3, &[7, 7, 7, 7, 7, 7, 0, 1, 0, 9, 9, 9, 9, 9], &snap),
    );
    other(105, &wifi(0x08, 0x41, &[], &snap), Reason::WifiEncrypted);
    other(105, &wifi(0x08, 0x05, &[], &snap), Reason::WifiFragment);
    other(105, &wifi(0x80, 0, &[], &snap), Reason::WifiNotData);
    other(105, &wifi(0x48, 0, &[], &[]), Reason::WifiNotData);
    let padded = wifi(0x88, 1, &[0, 0, 0, 0], &snap);
    let with_flags = |present: u8, fields: &[u8], frame: &[u8]| {
        cat(&[
            &[0, 0, 8 + fields.len() as u8, 0, present, 0, 0, 0],
            fields,
            frame,
        ])
    };
    hello(127, &with_flags(0, &[], &wifi(0x08, 1, &[], &snap)));
    hello(127, &with_flags(2, &[0x30], &cat(&[&padded, &[0xee; 4]])));
    hello(
        127,
        &with_flags(3, &[0, 0, 0, 0, 0, 0, 0, 0, 0x20], &padded),
    );
}

#[test]
fn case_30_aggregate_gives_several_segments() {
    let part = |text: &[u8]| {
        let snap = cat(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &ipv4(text)]);
        cat(&[&[6; 12], &(snap.len() as u16).to_be_bytes(), &snap])
    };
    let mut body = part(b"one");
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend(part(b"three"));
    let frame = wifi(0x88, 1, &[0x80, 0], &body);
    let (verdict, found) = decode(105, &frame);
    assert_eq!(verdict, Verdict::Tcp);
    let payloads: Vec<_> = found.iter().map(|found| found.payload.as_slice()).collect();
    assert_eq!(payloads, [&b"one"[..], b"three"]);
    let in_gre = cat(&[&[0, 0, 0x82, 0], &frame]);
    assert_eq!(
        decode(ETHERNET, &ethernet(0x0800, &over_ipv4(47, 1, 0, &in_gre)))
            .1
            .len(),
        2
    );
}

#[test]
fn case_31_nflog() {
    let ip = ipv4(b"hello");
    let payload = cat(&[&(4 + ip.len() as u16).to_le_bytes(), &[9, 0], &ip]);
    let fields = cat(&[
        &[2, 0, 0, 5],
        &[5, 0, 10, 0, 0x41, 0, 0, 0],
        &[8, 0, 1, 0, 1, 2, 3, 4],
        &payload,
    ]);
    hello(239, &fields);
    other(
        239,
        &[2, 0, 0, 5, 3, 0, 1, 0, 0, 0, 0, 0],
        Reason::BadLinkHeader,
    );
    other(239, &cat(&[&[7, 0, 0, 5], &payload]), Reason::OtherFamily);
}

#[test]
fn case_35_unknown_types_are_tallied() {
    let mut bench = Bench::default();
    bench.packet(ETHERNET, &ethernet(0x88cc, &[0; 20]));
    bench.packet(ETHERNET, &ethernet(0x88cc, &[0; 20]));
    bench.packet(ETHERNET, &ethernet(0x893a, &[0; 20]));
    bench.packet(195, &[0; 20]);
    bench.packet(101, &over_ipv4(132, 1, 0, &[0; 12]));
    bench.packet(ETHERNET, &[]);
    bench.accounted();
    let stats = bench.decoder.stats();
    assert_eq!(
        stats.numbers.of(Reason::OtherEtherType),
        [(0x88cc, 2), (0x893a, 1)]
    );
    assert_eq!(stats.numbers.of(Reason::UnknownLinkType), [(195, 1)]);
    assert_eq!(stats.numbers.of(Reason::OtherIpProtocol), [(132, 1)]);
    assert_eq!(
        stats.reason(Reason::UnknownLinkType),
        Count {
            packets: 1,
            first: 4
        }
    );
    assert_eq!(stats.reason(Reason::Empty).packets, 1);
}
