//! What `simulate` writes against a stupid reader of its own: records by hand, checksums by the book, streams sorted by
//! sequence number with the first byte winning. It shares no code with the library but the types of the truth.

use std::collections::{BTreeMap, BTreeSet};

use deframe::{
    capture::{ByteOrder, Container, Resolution, WriteFormat},
    framing::{FrameLayout, Layout, Pattern, Resync, Size},
    simulate::{
        Close, Faults, Isn, Link, Options, Payload, Profile, Protocol, Segmentation, StartOffset,
        Stream, Trouble, Truth, simulate,
    },
};

const SIZES: [usize; 3] = [154, 194, 196];

/// The device protocol, by hand.
fn fd() -> Layout {
    let frame = |header: [u8; 2], size: usize| FrameLayout {
        headers: vec![Pattern {
            value: header.to_vec(),
            mask: vec![0xff; 2],
        }],
        size: Size::Fixed(size),
        end: vec![0xcc, 0xdd],
        min: size as u64,
        max: size as u64,
        checksum: None,
    };
    let frames = vec![
        frame([0xfd, 0xaa], 154),
        frame([0xfd, 0xcc], 194),
        frame([0xfd, 0xcc], 196),
    ];
    Layout {
        frames,
        resync: Resync::Scan,
    }
}

fn make(options: &Options) -> (Vec<u8>, Truth) {
    let layout = fd();
    let messages = [vec![0, 1, 2]];
    let protocol = Protocol {
        layout: &layout,
        messages: &messages,
    };
    let mut capture = Vec::new();
    let truth = simulate(options, &protocol, &mut capture).expect("simulate");
    (capture, truth)
}

/// Everything at once, at rates that a small capture shows.
fn mess() -> Trouble {
    Trouble {
        drop: 0.03,
        drop_burst: 2,
        loss: 0.06,
        reorder: 0.08,
        reorder_by: 4,
        retransmit: 0.08,
        partial_retransmit: 0.08,
        duplicate: 0.05,
        keepalive: 0.06,
        conflict: 0.05,
        bad_checksum: 0.05,
        ack_early: 0.05,
    }
}

fn faults() -> Faults {
    Faults {
        bad_header: 0.05,
        bad_end_marker: 0.05,
        short_frame: 0.05,
        long_frame: 0.05,
        junk: 0.05,
        truncate_end: true,
    }
}

/// The table: every option is set by some row.
fn table() -> Vec<(&'static str, Options)> {
    let d = Options::default;
    let t = Trouble::default;
    let ng = WriteFormat {
        container: Container::Pcapng,
        ..WriteFormat::default()
    };
    let big = ByteOrder::Big;
    let nanos = Resolution::Nanos;
    vec![
        ("default", d()),
        ("none", Options { devices: 0, ..d() }),
        ("empty streams", Options { frames: 0, ..d() }),
        (
            "one",
            Options {
                segmentation: Segmentation::One,
                messages: true,
                ..d()
            },
        ),
        (
            "mss",
            Options {
                segmentation: Segmentation::Mss,
                ..d()
            },
        ),
        (
            "small mss",
            Options {
                mss: 100,
                segmentation: Segmentation::One,
                ..d()
            },
        ),
        (
            "one byte",
            Options {
                mss: 1,
                frames: 3,
                interval: 1,
                ..d()
            },
        ),
        (
            "coalesced",
            Options {
                segmentation: Segmentation::Coalesced { min: 1, max: 4 },
                ..d()
            },
        ),
        (
            "random",
            Options {
                segmentation: Segmentation::Random,
                ..d()
            },
        ),
        (
            "tiny",
            Options {
                segmentation: Segmentation::Tiny,
                frames: 20,
                ..d()
            },
        ),
        (
            "jumbo",
            Options {
                segmentation: Segmentation::Mss,
                mss: 64_000,
                frames: 900,
                ..d()
            },
        ),
        (
            "mix",
            Options {
                mix: vec![0, 1, 6],
                payload: Payload::Zeros,
                ..d()
            },
        ),
        (
            "ascii",
            Options {
                payload: Payload::Ascii,
                replies: 0.3,
                ..d()
            },
        ),
        (
            "counter",
            Options {
                payload: Payload::Counter,
                messages: true,
                ..d()
            },
        ),
        (
            "adversarial",
            Options {
                payload: Payload::Adversarial,
                faults: faults(),
                ..d()
            },
        ),
        (
            "drop",
            Options {
                trouble: Trouble { drop: 0.1, ..t() },
                ..d()
            },
        ),
        (
            "drop unseen",
            Options {
                trouble: Trouble { drop: 0.2, ..t() },
                acks: false,
                close: Close::None,
                ..d()
            },
        ),
        (
            "loss",
            Options {
                trouble: Trouble { loss: 0.2, ..t() },
                ..d()
            },
        ),
        (
            "reorder",
            Options {
                trouble: Trouble {
                    reorder: 0.2,
                    reorder_by: 1,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "retransmit",
            Options {
                trouble: Trouble {
                    retransmit: 0.3,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "partial",
            Options {
                trouble: Trouble {
                    partial_retransmit: 0.3,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "duplicate",
            Options {
                trouble: Trouble {
                    duplicate: 1.0,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "keepalive",
            Options {
                trouble: Trouble {
                    keepalive: 0.5,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "conflict",
            Options {
                trouble: Trouble {
                    conflict: 0.3,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "checksums",
            Options {
                trouble: Trouble {
                    bad_checksum: 0.3,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "ack early",
            Options {
                trouble: Trouble {
                    ack_early: 0.5,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "mess",
            Options {
                trouble: mess(),
                faults: faults(),
                replies: 0.1,
                ..d()
            },
        ),
        (
            "mess tiny",
            Options {
                trouble: mess(),
                segmentation: Segmentation::Tiny,
                frames: 20,
                ..d()
            },
        ),
        (
            "mess cut",
            Options {
                trouble: mess(),
                snaplen: 300,
                segmentation: Segmentation::Mss,
                ..d()
            },
        ),
        (
            "snaplen",
            Options {
                snaplen: 96,
                segmentation: Segmentation::One,
                ..d()
            },
        ),
        (
            "midstream",
            Options {
                handshake: false,
                start_offset: StartOffset::Random,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "midstream 77",
            Options {
                handshake: false,
                start_offset: StartOffset::At(77),
                one_way: true,
                ..d()
            },
        ),
        (
            "rst",
            Options {
                close: Close::Rst,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "no close",
            Options {
                close: Close::None,
                ..d()
            },
        ),
        (
            "again",
            Options {
                connections: 5,
                port_reuse: true,
                frames: 10,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "nat",
            Options {
                connections: 3,
                nat: true,
                frames: 10,
                ..d()
            },
        ),
        (
            "wrap",
            Options {
                isn: Isn::Wrap,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "isn",
            Options {
                isn: Isn::Fixed(u32::MAX),
                server_port: 502,
                ..d()
            },
        ),
        (
            "vlan",
            Options {
                vlans: vec![100, 7],
                timestamps: true,
                ..d()
            },
        ),
        (
            "unpadded",
            Options {
                padding: false,
                segmentation: Segmentation::Tiny,
                frames: 9,
                ..d()
            },
        ),
        (
            "sll",
            Options {
                link: Link::Sll,
                ..d()
            },
        ),
        (
            "sll2 v6",
            Options {
                link: Link::Sll2,
                ipv6: true,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "raw",
            Options {
                link: Link::Raw,
                ..d()
            },
        ),
        (
            "null v6",
            Options {
                link: Link::Null,
                ipv6: true,
                timestamps: true,
                ..d()
            },
        ),
        (
            "loop",
            Options {
                link: Link::Loop,
                ..d()
            },
        ),
        (
            "pcapng",
            Options {
                format: ng,
                interfaces: 3,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "pcapng be ns",
            Options {
                format: WriteFormat {
                    endian: big,
                    resolution: nanos,
                    ..ng
                },
                link: Link::Null,
                ..d()
            },
        ),
        (
            "pcap be",
            Options {
                format: WriteFormat {
                    endian: big,
                    ..WriteFormat::default()
                },
                link: Link::Null,
                ..d()
            },
        ),
        (
            "pcap ns",
            Options {
                format: WriteFormat {
                    resolution: nanos,
                    ..WriteFormat::default()
                },
                ..d()
            },
        ),
        (
            "by size",
            Options {
                size: 100_000,
                frames: u64::MAX,
                faults: faults(),
                ..d()
            },
        ),
        (
            "churn",
            Options {
                size: 100_000,
                connections: u32::MAX,
                frames: 5,
                ..d()
            },
        ),
        (
            "quick",
            Options {
                interval: 1,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "later",
            Options {
                start: deframe::capture::Time::from_nanos(1_999_999_999),
                ..d()
            },
        ),
        (
            "field",
            Options {
                truth: true,
                truth_payloads: true,
                ..Profile::Field.options(400_000)
            },
        ),
    ]
}

#[test]
fn every_row_says_the_truth() {
    for (name, options) in table() {
        for seed in 1..=4 {
            let options = Options {
                seed,
                ..options.clone()
            };
            let (capture, truth) = make(&options);
            let packets = read(&capture, &options);
            println!("{name}, seed {seed}: {} packets", packets.len());
            check(&options, &packets, &truth);
            assert_eq!(truth.totals.bytes, capture.len() as u64);
        }
    }
}

/// A TCP packet as the stupid reader sees it.
struct Packet {
    number: u64,
    time: i64,
    src: (Vec<u8>, u16),
    dst: (Vec<u8>, u16),
    seq: u32,
    ack: u32,
    flags: u8,
    /// None where the snap length cut it.
    checksum_ok: Option<bool>,
    payload: Vec<u8>,
    wire_len: usize,
    raw: Vec<u8>,
}

fn number(bytes: &[u8], big: bool) -> u32 {
    let fold = |n: u32, byte: &u8| n << 8 | u32::from(*byte);
    if big {
        bytes.iter().fold(0, fold)
    } else {
        bytes.iter().rev().fold(0, fold)
    }
}

/// Records: time, captured bytes, length on the wire.
fn records(file: &[u8]) -> (u32, Vec<(i64, &[u8], usize)>) {
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
        ));
        place += 16 + length;
    }
    (at(20), found)
}

fn pcapng(file: &[u8]) -> (u32, Vec<(i64, &[u8], usize)>) {
    let big = number(&file[8..12], true) == 0x1a2b_3c4d;
    let at = |at: usize| number(&file[at..at + 4], big);
    let (mut place, mut link, mut found, mut units) = (0, 0, Vec::new(), Vec::new());
    while place < file.len() {
        let length = at(place + 4) as usize;
        assert_eq!(
            at(place + length - 4) as usize,
            length,
            "both lengths of a block"
        );
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
                found.push((time, data, at(place + 24) as usize));
            }
            _ => {}
        }
        place += length;
    }
    (link, found)
}

fn read(file: &[u8], options: &Options) -> Vec<Packet> {
    let (link, records) = records(file);
    let mut last = i64::MIN;
    let mut packets = Vec::new();
    for (i, (time, raw, wire_len)) in records.into_iter().enumerate() {
        assert!(time >= last, "times descend");
        last = time;
        let (family, at) = match link {
            1 => {
                let tags = options.vlans.len();
                for (tag, vlan) in options.vlans.iter().enumerate() {
                    let outer = if tag + 1 < tags { 0x88a8 } else { 0x8100 };
                    assert_eq!(number(&raw[12 + 4 * tag..14 + 4 * tag], true), outer);
                    assert_eq!(
                        number(&raw[14 + 4 * tag..16 + 4 * tag], true),
                        (*vlan).into()
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
        packets.push(parse(i as u64 + 1, time, raw, at, wire_len));
    }
    packets
}

fn parse(packet: u64, time: i64, raw: &[u8], at: usize, wire_len: usize) -> Packet {
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
fn internet_checksum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0u32;
    for pair in parts.iter().flat_map(|part| part.chunks(2)) {
        sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// Who brought a byte first: value, packet, time.
type Held = BTreeMap<u64, (u8, u64, i64)>;

fn check(options: &Options, packets: &[Packet], truth: &Truth) {
    let totals = &truth.totals;
    assert_eq!(totals.packets, packets.len() as u64);
    assert_eq!(totals.connections, truth.streams.len() as u64);
    let bad = packets
        .iter()
        .filter(|packet| packet.checksum_ok == Some(false))
        .count() as u64;
    if options.snaplen == 0 {
        assert_eq!(bad, totals.counts.bad_checksums);
    }
    let mut total = 0;
    for (i, stream) in truth.streams.iter().enumerate() {
        if stream.connection.is_none() {
            continue;
        }
        assert_eq!(stream.connection, Some(i as u64));
        let ours = |packet: &&Packet| {
            (stream.first_packet..=stream.last_packet).contains(&packet.number)
                && [&packet.src.1, &packet.dst.1].contains(&&stream.client.port)
                && ends(packet, stream)
        };
        let own: Vec<&Packet> = packets.iter().filter(ours).collect();
        assert_eq!(
            own.first().map(|packet| packet.number),
            Some(stream.first_packet)
        );
        assert_eq!(
            own.last().map(|packet| packet.number),
            Some(stream.last_packet)
        );
        assert_eq!(own.len() as u64, stream.counts.packets);
        total += own.len();
        let held = reassemble(&own, stream);
        check_stream(options, &own, &held, stream);
    }
    assert_eq!(total, packets.len());
}

fn address(endpoint: deframe::decode::Endpoint) -> Vec<u8> {
    match std::net::IpAddr::from(endpoint.addr) {
        std::net::IpAddr::V4(ip) => ip.octets().to_vec(),
        std::net::IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

fn from_client(packet: &Packet, stream: &Stream) -> bool {
    packet.src == (address(stream.client), stream.client.port)
        && packet.dst == (address(stream.server), stream.server.port)
}

fn ends(packet: &Packet, stream: &Stream) -> bool {
    from_client(packet, stream)
        || packet.dst == (address(stream.client), stream.client.port)
            && packet.src == (address(stream.server), stream.server.port)
}

fn reassemble(own: &[&Packet], stream: &Stream) -> Held {
    let mut held = Held::new();
    for packet in own.iter().filter(|packet| from_client(packet, stream)) {
        // No test stream comes near 2 GiB.
        let offset = i64::from(packet.seq.wrapping_sub(stream.base_seq) as i32);
        for (i, byte) in packet.payload.iter().enumerate() {
            let at = u64::try_from(offset + i as i64).expect("data before offset 0");
            held.entry(at)
                .or_insert((*byte, packet.number, packet.time));
        }
    }
    held
}

fn check_stream(options: &Options, own: &[&Packet], held: &Held, stream: &Stream) {
    assert_eq!(held.len() as u64, stream.captured);
    let missing: u64 = stream.gaps.iter().map(|gap| gap.length).sum();
    assert_eq!(stream.captured + missing, stream.sent);
    for (before, gap) in std::iter::once(None)
        .chain(stream.gaps.iter().map(Some))
        .zip(&stream.gaps)
    {
        assert!(
            held.range(gap.offset..gap.offset + gap.length)
                .next()
                .is_none(),
            "{gap:?}"
        );
        assert!(before.is_none_or(|before| before.offset + before.length < gap.offset));
    }
    let client = |packet: &&&Packet| from_client(packet, stream);
    let shown = own
        .iter()
        .filter(client)
        .map(|packet| (packet.seq, packet.wire_len as u32));
    let acked = own
        .iter()
        .filter(|packet| !client(packet) && packet.flags & 0x10 != 0);
    let shown = shown.chain(acked.map(|packet| (packet.ack, 0)));
    let past = |(seq, length): (u32, u32)| {
        i64::from(seq.wrapping_add(length).wrapping_sub(stream.base_seq) as i32)
    };
    // A FIN takes a sequence number of its own.
    let shown = shown
        .map(past)
        .max()
        .unwrap_or(0)
        .clamp(0, stream.sent as i64) as u64;
    for gap in &stream.gaps {
        let end = gap.offset + gap.length;
        let rst = stream.rst && end == stream.sent;
        assert!(
            rst || gap.visible == shown.saturating_sub(gap.offset).min(gap.length),
            "{gap:?}"
        );
    }
    let flag = |bit: u8| own.iter().any(|packet| packet.flags & bit != 0);
    assert_eq!(stream.syn, flag(2));
    assert_eq!(stream.rst, flag(4));
    assert_eq!(stream.fin, flag(1));
    check_frames(options, held, stream);
    check_counts(options, own, stream);
}

fn check_frames(options: &Options, held: &Held, stream: &Stream) {
    for frame in &stream.frames {
        let end = frame.offset + u64::from(frame.length);
        let bytes: Vec<_> = held
            .range(frame.offset..end)
            .map(|(at, held)| (*at, *held))
            .collect();
        let values: Vec<u8> = bytes.iter().map(|(_, held)| held.0).collect();
        assert_eq!(
            Some(&values),
            frame.bytes.as_ref(),
            "frame at {}",
            frame.offset
        );
        assert_eq!(values.len(), SIZES[frame.kind]);
        assert_eq!(
            values[..2],
            if frame.kind == 0 {
                [0xfd, 0xaa]
            } else {
                [0xfd, 0xcc]
            }
        );
        assert_eq!(values[values.len() - 2..], [0xcc, 0xdd]);
        let packets: BTreeSet<(u64, i64)> =
            bytes.iter().map(|(_, held)| (held.1, held.2)).collect();
        let (first, last) = (packets.first().unwrap(), packets.last().unwrap());
        assert_eq!((frame.first_packet, frame.time.nanos()), *first);
        assert_eq!((frame.last_packet, frame.time.nanos() + frame.took), *last);
        assert_eq!(frame.segments as usize, packets.len());
        let cuts = bytes.windows(2).filter(|pair| pair[0].1.1 != pair[1].1.1);
        let cuts: Vec<u32> = cuts.map(|pair| (pair[1].0 - frame.offset) as u32).collect();
        assert_eq!(frame.cuts, cuts);
    }
    // Everything that was sent is a frame, a fault or the rest of one, side by side.
    let frames = stream
        .frames
        .iter()
        .map(|frame| (frame.offset, u64::from(frame.length)));
    let lost = stream
        .lost
        .iter()
        .map(|lost| (lost.offset, u64::from(lost.length)));
    let faults = stream
        .faults
        .iter()
        .map(|fault| (fault.offset, fault.length));
    let mut all: Vec<_> = frames.chain(lost).chain(faults).collect();
    all.sort();
    let end = all.iter().fold(stream.leading, |at, piece| {
        assert_eq!(at, piece.0, "nothing between");
        at + piece.1
    });
    assert_eq!(end, stream.sent);
    for lost in &stream.lost {
        let captured = held
            .range(lost.offset..lost.offset + u64::from(lost.length))
            .count();
        assert_eq!(captured, lost.captured as usize);
        assert!(lost.captured < lost.length);
    }
    if options.messages && stream.lost.is_empty() && stream.faults.is_empty() {
        assert_eq!(stream.messages.len(), stream.frames.len() / 3);
    }
}

fn check_counts(options: &Options, own: &[&Packet], stream: &Stream) {
    let counts = &stream.counts;
    let data: Vec<_> = own
        .iter()
        .filter(|packet| from_client(packet, stream) && packet.wire_len > 0)
        .collect();
    assert_eq!(data.len() as u64, counts.data);
    let mut held = BTreeSet::new();
    let (mut segments, mut partial, mut early, mut old) = (0, 0, 0, 0);
    for packet in data {
        let at = packet.seq.wrapping_sub(stream.base_seq);
        let end = held.last().copied();
        let all: Vec<u32> = (at..at + packet.payload.len() as u32).collect();
        let fresh: Vec<u32> = all.iter().copied().filter(|at| held.insert(*at)).collect();
        segments += u64::from(!fresh.is_empty());
        partial += u64::from(!fresh.is_empty() && fresh.len() < all.len());
        early += u64::from(fresh.iter().any(|at| Some(*at) < end));
        old += u64::from(fresh.is_empty() && !all.is_empty());
    }
    assert_eq!(
        (segments, partial, early),
        (counts.segments, counts.partial, counts.out_of_order)
    );
    assert!(counts.retransmitted <= old);
    let mut copies = BTreeMap::new();
    for packet in own {
        *copies.entry(&packet.raw).or_insert(0u64) += 1;
    }
    if !options.ipv6 {
        let copies: u64 = copies.values().map(|count| count - 1).sum();
        assert_eq!(
            copies, counts.duplicates,
            "only the mirror port repeats an IP id"
        );
    }
}

/// FNV-1a, 64 bits.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let tiny = Options {
        devices: 1,
        frames: 3,
        ..Options::default()
    };
    assert_eq!(
        hash(&make(&tiny).0),
        GOLDEN,
        "captures made by older versions change"
    );
    for (name, options) in table().into_iter().filter(|(name, _)| *name != "none") {
        let (first, again) = (make(&options), make(&options));
        assert!(first == again, "{name}");
        let other = Options {
            seed: 99,
            ..options.clone()
        };
        assert!(first.0 != make(&other).0, "{name}: seeds");
        let silent = Options {
            truth: false,
            ..options
        };
        let (capture, truth) = make(&silent);
        assert!(
            first.0 == capture && truth.streams.is_empty(),
            "{name}: truth changes nothing"
        );
    }
}

const GOLDEN: u64 = 14_470_541_337_905_604_675;

#[test]
fn every_trouble_happens() {
    let (_, truth) = make(&Options {
        trouble: mess(),
        faults: faults(),
        replies: 0.1,
        ..Options::default()
    });
    let c = truth.totals.counts;
    let all = [
        c.retransmitted,
        c.partial,
        c.out_of_order,
        c.duplicates,
        c.keepalives,
        c.conflicts,
        c.bad_checksums,
        c.acks,
        c.replies,
        c.dropped,
        c.lost,
        c.reordered,
        truth.totals.faults,
        truth.totals.gaps,
        truth.totals.lost,
    ];
    assert!(all.iter().all(|count| *count > 0), "{:?}", truth.totals);
    let kinds: BTreeSet<_> = truth
        .streams
        .iter()
        .flat_map(|s| &s.faults)
        .map(|fault| fault.kind)
        .collect();
    assert_eq!(kinds.len(), 6, "{kinds:?}");
    let wrapped = make(&Options {
        isn: Isn::Wrap,
        ..Options::default()
    })
    .1;
    assert!(
        wrapped
            .streams
            .iter()
            .all(|s| u64::from(s.base_seq) + s.sent > 1 << 32 || s.base_seq < 2)
    );
}

#[test]
fn options_that_contradict_themselves_are_refused() {
    let d = Options::default;
    let rows = [
        Options { mss: 0, ..d() },
        Options {
            mss: u16::MAX,
            ..d()
        },
        Options {
            frames: u64::MAX,
            ..d()
        },
        Options {
            replies: 1.5,
            ..d()
        },
        Options {
            replies: f64::NAN,
            ..d()
        },
        Options {
            start_offset: StartOffset::Random,
            ..d()
        },
        Options {
            vlans: vec![1],
            link: Link::Raw,
            ..d()
        },
        Options {
            interfaces: 0,
            ..d()
        },
        Options {
            interfaces: 2,
            ..d()
        },
        Options {
            mix: vec![0, 0, 0],
            ..d()
        },
        Options {
            interval: u64::MAX,
            ..d()
        },
        Options {
            segmentation: Segmentation::Coalesced { min: 3, max: 2 },
            ..d()
        },
    ];
    let layout = fd();
    let protocol = Protocol {
        layout: &layout,
        messages: &[],
    };
    for options in rows {
        assert!(
            simulate(&options, &protocol, std::io::sink()).is_err(),
            "{options:?}"
        );
    }
    let mut searched = fd();
    searched.frames[0].size = Size::Searched;
    let protocol = Protocol {
        layout: &searched,
        messages: &[],
    };
    assert!(simulate(&d(), &protocol, std::io::sink()).is_err());
}

#[test]
fn the_reader_of_captures_reads_them() {
    use deframe::capture;
    for (name, options) in table() {
        let (file, truth) = make(&options);
        let records = records(&file).1;
        let read = Box::new(std::io::Cursor::new(file.clone()));
        let inputs = vec![capture::Input::Reader {
            name: name.into(),
            read,
        }];
        let mut set = capture::CaptureSet::new(inputs, capture::Options::default());
        let mut count = 0;
        while let Some(packet) = set.next_packet() {
            let (time, data, wire_len) = records[count];
            assert_eq!(packet.time.map(capture::Time::nanos), Some(time), "{name}");
            assert_eq!(
                (packet.data, packet.wire_len as usize),
                (data, wire_len),
                "{name}"
            );
            assert_eq!(packet.link, options.link.link_type(), "{name}");
            count += 1;
        }
        assert_eq!(count as u64, truth.totals.packets, "{name}");
    }
}
