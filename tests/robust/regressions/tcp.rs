//! Any segments of two connections: bytes in order and at their places, gaps as long as what is missing, nothing lost.
//!
//! Input: two initial sequence numbers, a byte of choices, then segments of 8 bytes. The byte at sequence number `s` is
//! `s` modulo 256, so that what comes out tells where it stood.

use std::collections::HashMap;

use deframe::{
    capture::Time,
    decode::{Addr, Endpoint, Flags, Segment, TcpChecksum},
    tcp::{
        Begin, Chunk, Conflict, End, Gap, Reassembler, Sink, StreamId, StreamSummary, TcpConfig,
        Urgent,
    },
};

/// One stream as emitted.
#[derive(Default)]
struct Emitted {
    next: u64,
    bytes: u64,
    gaps: u64,
    gap_bytes: u64,
    gap_end: u64,
    /// What the byte at offset 0 must be.
    base: Option<u8>,
    ended: bool,
}

#[derive(Default)]
struct Checker {
    /// By slot.
    open: HashMap<u32, (StreamId, Emitted)>,
    /// Whether the bytes tell their place: not if some are garbled or taken out.
    placed: bool,
    payload: u64,
}

impl Checker {
    fn emitted(&mut self, id: StreamId) -> &mut Emitted {
        let (known, emitted) = self.open.get_mut(&id.slot).expect("begun");
        assert_eq!(*known, id);
        emitted
    }
}

impl Sink for Checker {
    fn begin(&mut self, id: StreamId, _begin: &Begin) {
        let before = self.open.insert(id.slot, (id, Emitted::default()));
        assert!(before.is_none(), "slot given out twice");
    }

    fn chunk(&mut self, id: StreamId, chunk: &Chunk<'_>) {
        let placed = self.placed;
        let emitted = self.emitted(id);
        assert_eq!(chunk.offset, emitted.next, "{id:?}");
        assert!(!chunk.data.is_empty());
        if chunk.after_fin {
            // The FIN takes a number, but no byte.
            emitted.base = None;
        }
        if placed {
            let base = *emitted
                .base
                .get_or_insert(chunk.data[0].wrapping_sub(chunk.offset as u8));
            for (at, byte) in chunk.data.iter().enumerate() {
                let want = base.wrapping_add((chunk.offset + at as u64) as u8);
                assert_eq!(*byte, want, "{id:?} at {}", chunk.offset + at as u64);
            }
        }
        emitted.next += chunk.data.len() as u64;
        emitted.bytes += chunk.data.len() as u64;
        emitted.ended = false;
    }

    fn gap(&mut self, id: StreamId, gap: &Gap) {
        let emitted = self.emitted(id);
        assert_eq!(gap.offset, emitted.next, "{id:?}");
        assert!(gap.length > 0);
        emitted.next += gap.length;
        // Gaps that touch are one.
        emitted.gaps += u64::from(emitted.gap_bytes == 0 || gap.offset != emitted.gap_end);
        emitted.gap_end = gap.offset + gap.length;
        emitted.gap_bytes += gap.length;
    }

    fn conflict(&mut self, id: StreamId, conflict: &Conflict<'_>) {
        let placed = self.placed;
        self.emitted(id);
        assert!(conflict.length > 0);
        assert_eq!(conflict.kept.len(), conflict.refused.len());
        assert!(!placed, "a conflict where all bytes agree");
    }

    fn end(&mut self, id: StreamId, _end: End) {
        self.emitted(id).ended = true;
    }

    fn summary(&mut self, id: StreamId, summary: &StreamSummary) {
        let (known, emitted) = self.open.remove(&id.slot).expect("begun");
        assert_eq!(known, id);
        assert!(emitted.ended, "{id:?} has no end");
        assert_eq!(
            (
                summary.counts.bytes,
                summary.counts.gap_count,
                summary.counts.gap_bytes
            ),
            (emitted.bytes, emitted.gaps, emitted.gap_bytes),
            "{id:?}"
        );
        assert_eq!(
            summary.counts.payload_bytes,
            summary.counts.bytes
                + summary.counts.retransmitted_bytes
                + summary.counts.outside.total(),
            "{id:?} {summary:?}"
        );
        self.payload += summary.counts.payload_bytes;
    }
}

fn config(choices: u8) -> TcpConfig {
    let usual = TcpConfig::default();
    let (held, segments) = match choices & 3 {
        0 => (usual.max_held_bytes, usual.max_held_segments),
        1 => (4096, usual.max_held_segments),
        2 => (usual.max_held_bytes, 4),
        _ => (0, 0),
    };
    TcpConfig {
        urgent: if choices & 4 != 0 {
            Urgent::Oob
        } else {
            Urgent::Inline
        },
        max_connections: if choices & 8 != 0 { 1 } else { 100 },
        max_closed: if choices & 16 != 0 { 1 } else { 100 },
        history: if choices & 32 != 0 { 512 } else { 1 << 16 },
        max_held_total: if choices & 64 != 0 {
            8192
        } else {
            usual.max_held_total
        },
        max_held_bytes: held,
        max_held_segments: segments,
        ..usual
    }
}

pub fn check(data: &[u8]) {
    let Some((&[a, b, c, d, e, f, g, h, choices], rest)) = data.split_first_chunk() else {
        return;
    };
    let isn = [
        u32::from_be_bytes([a, b, c, d]),
        u32::from_be_bytes([e, f, g, h]),
    ];
    let (segments, _) = rest.as_chunks::<8>();
    let mut reassembler = Reassembler::new(config(choices));
    let garbled = segments.iter().any(|segment| segment[0] & 0x40 != 0);
    let mut checker = Checker {
        placed: !garbled && choices & 4 == 0,
        ..Checker::default()
    };
    let end = |port| Endpoint {
        addr: Addr::v4([10, 0, 0, 1]),
        port,
    };
    let (mut now, mut payload_bytes, mut payload) = (0, 0, Vec::new());
    for (number, &[bits, s0, s1, length, a0, a1, pause, more]) in (1..).zip(segments) {
        let side = usize::from(bits & 1);
        let port = 1000 + u16::from(more & 1);
        let flags = [Flags::SYN, Flags::FIN, Flags::RST, Flags::ACK, Flags::URG];
        let flags = (0..).zip(flags).fold(0, |all, (bit, flag)| {
            all | if bits & (2 << bit) != 0 { flag } else { 0 }
        });
        let stretch = if more & 2 != 0 { 97 } else { 1 };
        let seq =
            isn[side].wrapping_add((i32::from(i16::from_be_bytes([s0, s1])) * stretch) as u32);
        let first = seq.wrapping_add(u32::from(flags & Flags::SYN != 0));
        let wire = u32::from(length) * if more & 4 != 0 { 8 } else { 1 };
        payload.clear();
        payload.extend((0..wire).map(|at| first.wrapping_add(at) as u8));
        if bits & 0x40 != 0 {
            payload.iter_mut().step_by(3).for_each(|byte| *byte ^= 0x55);
        }
        if bits & 0x80 != 0 {
            payload.truncate(payload.len() / 2);
        }
        payload_bytes += payload.len() as u64;
        now += i64::from(pause) << (more >> 3);
        let (src, dst) = if side == 0 {
            (end(port), end(80))
        } else {
            (end(80), end(port))
        };
        let segment = Segment {
            packet: number,
            capture: 0,
            time: Some(Time::from_nanos(now)),
            src,
            dst,
            seq,
            ack: isn[1 - side]
                .wrapping_add(u32::from(u16::from_be_bytes([a0, a1])) * stretch as u32),
            flags: Flags(flags),
            urgent: u16::from(a1),
            ip_id: Some(if more & 0x80 != 0 { 1 } else { number as u16 }),
            ttl: 64,
            checksum: TcpChecksum::Unchecked,
            header: &[],
            vlan: 0,
            vni: 0,
            payload: &payload,
            payload_len: wire,
        };
        reassembler.feed(&segment, &mut checker);
    }
    reassembler.finish(&mut checker);
    assert!(
        checker.open.is_empty(),
        "{} streams have no summary",
        checker.open.len()
    );
    assert_eq!(checker.payload, payload_bytes);
    assert_eq!(reassembler.stats().held, 0);
}
