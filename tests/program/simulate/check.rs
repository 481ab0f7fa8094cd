//! The truth against what a stupid reassembly finds: by sequence number, the first byte wins.

use std::collections::{BTreeMap, BTreeSet};

use deframe::simulate::{SimConfig, Stream, Truth};

use super::reader::Packet;

const SIZES: [usize; 3] = [154, 194, 196];

/// Who brought a byte first: value, packet, time.
pub type Held = BTreeMap<u64, (u8, u64, i64)>;

pub fn check(options: &SimConfig, packets: &[Packet], truth: &Truth) {
    let totals = &truth.totals;
    assert_eq!(totals.packets, packets.len() as u64);
    let garbled =
        |packet: &Packet| options.incidents.bit_errors > 0.0 && packet.checksum_ok == Some(false);
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
        let own: Vec<&Packet> = own.into_iter().filter(|packet| !garbled(packet)).collect();
        let held = reassemble(&own, stream);
        check_stream(options, &own, &held, stream);
    }
    assert_eq!(total, packets.len());
}

pub fn address(endpoint: deframe::decode::Endpoint) -> Vec<u8> {
    match std::net::IpAddr::from(endpoint.addr) {
        std::net::IpAddr::V4(ip) => ip.octets().to_vec(),
        std::net::IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

pub fn from_client(packet: &Packet, stream: &Stream) -> bool {
    packet.src == (address(stream.client), stream.client.port)
        && packet.dst == (address(stream.server), stream.server.port)
}

pub fn ends(packet: &Packet, stream: &Stream) -> bool {
    from_client(packet, stream)
        || packet.dst == (address(stream.client), stream.client.port)
            && packet.src == (address(stream.server), stream.server.port)
}

pub fn reassemble(own: &[&Packet], stream: &Stream) -> Held {
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

pub fn check_stream(options: &SimConfig, own: &[&Packet], held: &Held, stream: &Stream) {
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

pub fn check_frames(options: &SimConfig, held: &Held, stream: &Stream) {
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

pub fn check_counts(options: &SimConfig, own: &[&Packet], stream: &Stream) {
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
    if !options.ipv6 && !options.incidents.routed_copies {
        let copies: u64 = copies.values().map(|count| count - 1).sum();
        assert_eq!(
            copies, counts.duplicates,
            "only the mirror port repeats an IP id"
        );
    }
}
