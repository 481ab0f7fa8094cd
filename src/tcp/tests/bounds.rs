//! Many connections and little memory: cases 72 and 73 of the table.

use super::*;

#[test]
fn case_72_connections_differ_by_the_full_tuple() {
    let packets: Vec<_> = (0..3000u16)
        .map(|i| Pkt {
            port: 2000 + i,
            ..c(0, &i.to_be_bytes())
        })
        .collect();
    let log = run_with(&TcpConfig::default(), &packets);
    assert_eq!(log.summaries.len(), 3000);
    assert!(log.summaries.values().all(|s| s.counts.bytes == 2));
}

#[test]
fn case_73_half_open_connections_are_small() {
    assert!(
        size_of::<Option<flow::Flow>>() <= 192,
        "{}",
        size_of::<Option<flow::Flow>>()
    );
    let mut tcp = Reassembler::new(TcpConfig {
        max_connections: 1000,
        ..TcpConfig::default()
    });
    let mut log = Log::default();
    for i in 0..5000u32 {
        let a = Endpoint {
            addr: Addr::v4(i.to_be_bytes()),
            port: 1,
        };
        let b = Endpoint {
            addr: Addr::v4([9, 9, 9, 9]),
            port: 80,
        };
        let segment = Segment {
            packet: i as u64,
            capture: 0,
            time: None,
            src: a,
            dst: b,
            seq: i,
            ack: 0,
            flags: Flags(S),
            urgent: 0,
            ip_id: None,
            ttl: 64,
            checksum: TcpChecksum::Unchecked,
            header: &[],
            vlan: 0,
            vni: 0,
            payload: &[],
            payload_len: 0,
        };
        tcp.feed(&segment, &mut log);
    }
    assert_eq!(
        (
            tcp.stats().known,
            tcp.stats().evicted,
            tcp.stats().connections
        ),
        (1000, 4000, 5000)
    );
}

#[test]
fn case_73_every_second_segment_missing_stays_bounded() {
    let mut packets = hello();
    let data = [7u8; 1000];
    packets.extend((0..20_000).map(|i| c(i * 2000, &data)));
    let config = TcpConfig {
        max_held_bytes: 1 << 20,
        ..TcpConfig::default()
    };
    let log = run_from(5, &config, &packets);
    assert_eq!(log.sum(0, Dir::C2s).counts.bytes, 20_000_000);
}
