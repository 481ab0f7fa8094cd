//! A stupid reader of captures, by hand.

use deframe::{capture::ByteOrder, simulate::SimConfig};

/// A TCP packet as the stupid reader sees it.
pub struct Packet {
    pub number: u64,
    pub time: i64,
    pub src: (Vec<u8>, u16),
    pub dst: (Vec<u8>, u16),
    pub seq: u32,
    pub ack: u32,
    pub flags: u8,
    /// None where the snap length cut it.
    pub checksum_ok: Option<bool>,
    pub payload: Vec<u8>,
    pub wire_len: usize,
    pub raw: Vec<u8>,
}

pub fn number(bytes: &[u8], big: bool) -> u32 {
    let fold = |n: u32, byte: &u8| n << 8 | u32::from(*byte);
    if big {
        bytes.iter().fold(0, fold)
    } else {
        bytes.iter().rev().fold(0, fold)
    }
}

/// Time in nanoseconds, bytes, length on the wire, packet number.
pub type Record<'a> = (i64, &'a [u8], usize, u64);

/// Records: time, captured bytes, length on the wire.
pub fn records(file: &[u8]) -> (u32, Vec<Record<'_>>) {
    let mut found = Vec::new();
    let magic = number(&file[..4], true);
    if magic == 0x0a0d_0d0a {
        return pcapng(file);
    }
    let (big, unit) = match magic {
        0xa1b2_c3d4 => (true, 1000),
        0xa1b2_3c4d => (true, 1),
        0xd4c3_b2a1 => (false, 1000),
        0x4d3c_b2a1 => (false, 1),
        other => panic!("magic {other:08x}"),
    };
    let at = |at: usize| number(&file[at..at + 4], big);
    let mut place = 24;
    while place < file.len() {
        let time = i64::from(at(place)) * 1_000_000_000 + i64::from(at(place + 4)) * unit;
        let length = at(place + 8) as usize;
        found.push((
            time,
            &file[place + 16..place + 16 + length],
            at(place + 12) as usize,
            found.len() as u64 + 1,
        ));
        place += 16 + length;
    }
    (at(20), found)
}

pub fn pcapng(file: &[u8]) -> (u32, Vec<Record<'_>>) {
    let big = number(&file[8..12], true) == 0x1a2b_3c4d;
    let at = |at: usize| number(&file[at..at + 4], big);
    let (mut place, mut link, mut found, mut units) = (0, 0, Vec::new(), Vec::new());
    let mut packet = 0;
    while place < file.len() {
        let length = at(place + 4) as usize;
        assert_eq!(
            at(place + length - 4) as usize,
            length,
            "both lengths of a block"
        );
        // Journal, custom and sysdig blocks have a packet number.
        packet += u64::from([6, 9, 0xbad, 0x204].contains(&at(place)));
        match at(place) {
            1 => {
                link = number(&file[place + 8..place + 10], big);
                assert_eq!(number(&file[place + 16..place + 18], big), 9, "if_tsresol");
                units.push(10i64.pow(9 - u32::from(file[place + 20])));
            }
            6 => {
                let unit = units[at(place + 8) as usize];
                let time = (i64::from(at(place + 12)) << 32 | i64::from(at(place + 16))) * unit;
                let data = &file[place + 28..place + 28 + at(place + 20) as usize];
                found.push((time, data, at(place + 24) as usize, packet));
            }
            _ => {}
        }
        place += length;
    }
    (link, found)
}

pub fn read(file: &[u8], options: &SimConfig) -> Vec<Packet> {
    let (link, records) = records(file);
    let mut last = i64::MIN;
    let mut packets = Vec::new();
    for (time, raw, wire_len, packet) in records {
        assert!(
            time >= last || options.incidents.clock_step < 0,
            "times descend"
        );
        last = time;
        let (family, at) = match link {
            1 => {
                let tags = options.vlans.len();
                for (tag, vlan) in options.vlans.iter().enumerate() {
                    let outer = if tag + 1 < tags { 0x88a8 } else { 0x8100 };
                    assert_eq!(number(&raw[12 + 4 * tag..14 + 4 * tag], true), outer);
                    assert_eq!(
                        number(&raw[14 + 4 * tag..16 + 4 * tag], true),
                        u32::from(*vlan)
                    );
                }
                (
                    number(&raw[12 + 4 * tags..14 + 4 * tags], true),
                    14 + 4 * tags,
                )
            }
            113 => (number(&raw[14..16], true), 16),
            276 => (number(&raw[..2], true), 20),
            101 => (if raw[0] >> 4 == 6 { 0x86dd } else { 0x800 }, 0),
            0 | 108 => {
                let big = link == 108 || options.format.endian == ByteOrder::Big;
                (
                    if number(&raw[..4], big) == 30 {
                        0x86dd
                    } else {
                        0x800
                    },
                    4,
                )
            }
            other => panic!("link {other}"),
        };
        assert_eq!(family == 0x86dd, options.ipv6);
        packets.push(parse(packet, time, raw, at, wire_len));
    }
    packets
}

pub fn parse(packet: u64, time: i64, raw: &[u8], at: usize, wire_len: usize) -> Packet {
    let ip = &raw[at..];
    let (header, total, src, dst) = if ip[0] >> 4 == 4 {
        assert_eq!(internet_checksum(&[&ip[..20]]), 0, "IP checksum");
        let total = number(&ip[2..4], true) as usize;
        (20, total, ip[12..16].to_vec(), ip[16..20].to_vec())
    } else {
        assert_eq!(ip[6], 6);
        (
            40,
            40 + number(&ip[4..6], true) as usize,
            ip[8..24].to_vec(),
            ip[24..40].to_vec(),
        )
    };
    assert!(at + total <= wire_len, "IP length inside the packet");
    let tcp = &ip[header..total.min(ip.len())];
    let offset = usize::from(tcp[12] >> 4) * 4;
    let tcp_len = total - header;
    let checksum_ok = (tcp.len() == tcp_len).then(|| {
        let length = (tcp_len as u32).to_be_bytes();
        internet_checksum(&[&src, &dst, &length, &[0, 6], tcp]) == 0
    });
    Packet {
        number: packet,
        time,
        src: (src, number(&tcp[..2], true) as u16),
        dst: (dst, number(&tcp[2..4], true) as u16),
        seq: number(&tcp[4..8], true),
        ack: number(&tcp[8..12], true),
        flags: tcp[13],
        checksum_ok,
        payload: tcp[offset..].to_vec(),
        wire_len: tcp_len - offset,
        raw: raw.to_vec(),
    }
}

/// RFC 1071; all parts but the last of even length.
pub fn internet_checksum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0u32;
    for pair in parts.iter().flat_map(|part| part.chunks(2)) {
        sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
