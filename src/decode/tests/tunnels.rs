use super::*;

#[test]
fn case_32_gre() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    let frame = ethernet(0x0800, &four);
    let gre =
        |header: &[u8], rest: &[u8]| ethernet(0x0800, &over_ipv4(47, 1, 0, &cat(&[header, rest])));
    hello(ETHERNET, &gre(&[0, 0, 8, 0], &four));
    hello(
        ETHERNET,
        &gre(
            &[0xb0, 0, 0x86, 0xdd, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8],
            &six,
        ),
    );
    assert_eq!(
        hello(ETHERNET, &gre(&[0x20, 0, 0x65, 0x58, 0, 1, 2, 3], &frame)).vni,
        0x102
    );
    hello(ETHERNET, &gre(&[0, 0, 0x88, 0xbe], &frame));
    hello(
        ETHERNET,
        &gre(
            &[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 0, 0, 0, 0, 0],
            &frame,
        ),
    );
    let third = [
        0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    hello(ETHERNET, &gre(&[&third[..], &[0]].concat(), &frame));
    hello(
        ETHERNET,
        &gre(&[&third[..], &[1], &[0; 8]].concat(), &frame),
    );
    hello(ETHERNET, &gre(&[0, 0, 0x88, 0x47, 0, 2, 1, 64], &four));
    let ppp = cat(&[&[0xff, 3, 0, 0x21], &four]);
    let pptp = [
        &[0x30, 0x81, 0x88, 0x0b, 0, ppp.len() as u8, 0, 7],
        &[0; 8][..],
    ]
    .concat();
    hello(ETHERNET, &gre(&pptp, &ppp));
    other(
        ETHERNET,
        &gre(&[0x20, 0x81, 0x88, 0x0b, 0, 0, 0, 7, 0, 0, 0, 1], &[]),
        Reason::OtherGre,
    );
    other(
        ETHERNET,
        &gre(&[0, 2, 8, 0], &four),
        Reason::BadTunnelHeader,
    );
    hello(ETHERNET, &over_udp(4754, &cat(&[&[0, 0, 8, 0], &four])));
    other(ETHERNET, &over_udp(4754, &[0x45; 40]), Reason::Udp);
}

#[test]
fn case_33_ip_in_ip() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    hello(101, &over_ipv4(4, 1, 0, &four));
    hello(101, &over_ipv4(41, 1, 0, &six));
    hello(101, &over_ipv6(4, &four));
    let found = hello(101, &over_ipv6(41, &six));
    assert_eq!(
        found.ends,
        "[101:101:101:101:101:101:101:101]:4000 > [202:202:202:202:202:202:202:202]:9000"
    );
    let deep = |n| (0..n).fold(four.clone(), |inner, _| over_ipv4(4, 1, 0, &inner));
    hello(101, &deep(8));
    other(101, &deep(9), Reason::TooDeep);
}

#[test]
fn case_34_tunnels_by_port() {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    let frame = ethernet(0x0800, &four);
    let vxlan = cat(&[&[8, 0, 0, 0, 0, 0, 7, 0], &frame]);
    assert_eq!(hello(ETHERNET, &over_udp(4789, &vxlan)).vni, 7);
    other(ETHERNET, &over_udp(4789, &[0; 60]), Reason::Udp);
    let geneve = cat(&[&[2, 0, 0x65, 0x58, 0, 0, 8, 0], &[1; 8], &frame]);
    assert_eq!(hello(ETHERNET, &over_udp(6081, &geneve)).vni, 8);
    hello(
        ETHERNET,
        &over_udp(6081, &cat(&[&[0, 0, 0x86, 0xdd, 0, 0, 8, 0], &six])),
    );
    let gtp = |flags: u8, more: &[u8], ip: &[u8]| {
        let length = ((more.len() + ip.len()) as u16).to_be_bytes();
        cat(&[&[flags, 255, length[0], length[1], 0, 0, 1, 9], more, ip])
    };
    assert_eq!(
        hello(ETHERNET, &over_udp(2152, &gtp(0x30, &[], &four))).vni,
        0x109
    );
    hello(
        ETHERNET,
        &over_udp(2152, &gtp(0x32, &[0, 1, 0, 0x85], &six)),
    );
    let chained = [0, 1, 0, 0x85, 1, 0, 0, 0xc0, 2, 0, 0, 0, 0, 0, 0, 0];
    hello(ETHERNET, &over_udp(2152, &gtp(0x36, &chained, &four)));
    other(
        ETHERNET,
        &over_udp(2152, &gtp(0x34, &[0, 1, 0, 0x85, 0, 0, 0, 0], &four)),
        Reason::BadTunnelHeader,
    );
    other(
        ETHERNET,
        &over_udp(2152, &[0x32, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]),
        Reason::GtpControl,
    );
    other(
        ETHERNET,
        &over_udp(2152, &gtp(0x30, &[], b"\xc0no IP")),
        Reason::Udp,
    );
    hello(ETHERNET, &over_udp(8472, &vxlan));
    other(ETHERNET, &over_udp(9999, &vxlan), Reason::VxlanPort);
    let ports = vec![(9999, UdpTunnel::Vxlan)];
    let mut bench = Bench::new(DecodeConfig {
        tunnel_ports: ports,
        ..DecodeConfig::default()
    });
    assert_eq!(
        bench.packet(ETHERNET, &over_udp(9999, &vxlan)),
        Verdict::Tcp
    );
    assert_eq!(
        bench.decoder.stats().tunnel(Tunnel::Vxlan),
        Count {
            packets: 1,
            first: 1
        }
    );
}
