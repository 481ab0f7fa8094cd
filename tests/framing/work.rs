//! The work that hostile bytes cause: bounded for each byte, for every built-in description.

use std::sync::Arc;

use deframe::{
    framing::{
        Blocks, Checksum, ChecksumKind, Endian, Event, FrameLayout, FrameTable, Framer, Layout,
        LengthField, LengthFormat, Size, StreamEnd, StreamStart,
    },
    protocol::{Protocol, library},
};

use crate::script::{Rng, frame, layout};

/// A valid frame reads each of its bytes once.
const MAX_WORK_PER_BYTE: u64 = 64;

/// Work for each byte of a stream, fed in pieces of this many bytes, a segment each.
fn work_per_byte(table: &Arc<FrameTable>, stream: &[u8], piece: usize) -> u64 {
    let mut framer = Framer::new(Arc::clone(table), StreamStart::Known);
    let mut covered = 0;
    let mut emit = |event: Event<'_>| {
        covered += match event {
            Event::Frames(run) => run.bytes.len() as u64,
            Event::Fault(fault) => fault.length,
            Event::Skip(skip) => skip.length,
        }
    };
    for piece in stream.chunks(piece) {
        framer.mark();
        framer.feed(piece, &mut emit);
    }
    framer.finish(StreamEnd::Open, &mut emit);
    assert_eq!(covered, stream.len() as u64);
    framer.work() / stream.len() as u64
}

/// The first bytes of a frame that says it has this many.
fn beginning(kind: &FrameLayout, size: u64, rng: &mut Rng) -> Vec<u8> {
    let mut bytes = match kind.headers.len() {
        0 => Vec::new(),
        n => kind.headers[rng.below(n)].value.clone(),
    };
    let Size::Length(field) = &kind.size else {
        return bytes;
    };
    bytes.resize(bytes.len().max(field.offset), 0);
    let stated = size.saturating_add_signed(-field.adjust);
    match field.format {
        LengthFormat::Uint { width, endian, .. } => {
            let value = stated.to_be_bytes();
            let mut value = value[8 - width..].to_vec();
            if endian == Endian::Little {
                value.reverse();
            }
            bytes.resize(bytes.len().max(field.offset + width), 0);
            for (at, byte) in value.into_iter().enumerate() {
                bytes[field.offset + at] |= byte;
            }
        }
        LengthFormat::Varint => {
            let low = |n: u32| (stated >> (7 * n)) as u8 | 0x80;
            bytes.extend([low(0), low(1), low(2) & 0x7F]);
        }
        LengthFormat::Ascii { sep } => {
            bytes.extend(stated.to_string().bytes());
            bytes.push(sep);
        }
        _ => {}
    }
    bytes
}

/// Beginnings of large frames as near to each other as they can stand, and variations of that.
fn hostile(layout: &Layout, length: usize, rng: &mut Rng) -> Vec<u8> {
    let mut stream = Vec::new();
    let spread = rng.below(4);
    let kind = rng.below(layout.frames.len());
    while stream.len() < length {
        let kind = if spread == 1 {
            rng.below(layout.frames.len())
        } else {
            kind
        };
        let frame = &layout.frames[kind];
        let largest = frame.max.min(length as u64 / 2).max(frame.min);
        let size = match spread {
            0 => largest,
            _ => frame.min + rng.next() % (largest - frame.min + 1),
        };
        stream.extend(beginning(frame, size, rng));
        match spread {
            2 => stream.extend((0..rng.below(8)).map(|_| rng.byte())),
            3 if rng.below(100) == 0 => stream.extend(&frame.end),
            _ => {}
        }
        // A layout without header and length still has to advance.
        if frame.headers.is_empty() || rng.below(1000) == 0 {
            stream.push(rng.byte());
        }
    }
    stream.truncate(length);
    stream
}

#[test]
fn hostile_bytes_of_every_built_in_protocol() {
    let mut rng = Rng::new(20);
    for entry in library() {
        let protocol = Protocol::parse(entry.text, entry.name).expect("built in");
        let table = Arc::new(FrameTable::new(&protocol.layout).expect("a sound layout"));
        for round in 0..12 {
            let stream = hostile(&protocol.layout, 60_000, &mut rng);
            let piece = [60_000, 1460, 1][round % 3];
            let work = work_per_byte(&table, &stream, piece);
            assert!(work <= MAX_WORK_PER_BYTE, "{}: {work}", entry.name);
        }
    }
}

fn checksummed(kind: ChecksumKind, size: Size, end: &[u8]) -> Layout {
    let mut frame = frame(&[b"A"], size, end, 8, 1 << 20);
    frame.checksum = Some(Checksum {
        kind,
        endian: Endian::Little,
        at: -((kind.width() + end.len()) as i64),
        from: 1,
        blocks: false,
    });
    layout(vec![frame])
}

fn length(width: usize, blocks: Option<Blocks>) -> Size {
    let format = LengthFormat::Uint {
        width,
        endian: Endian::Big,
        mask: u64::MAX,
    };
    Size::Length(LengthField {
        offset: 1,
        format,
        adjust: 0,
        blocks,
    })
}

#[test]
fn large_frames_with_every_checksum() {
    let mut rng = Rng::new(21);
    for (_, kind) in deframe::protocol::CHECKSUMS {
        for layout in [
            checksummed(*kind, length(3, None), b""),
            checksummed(*kind, Size::Searched, b"Z"),
        ] {
            let table = Arc::new(FrameTable::new(&layout).expect("a sound layout"));
            let stream = hostile(&layout, 40_000, &mut rng);
            let work = work_per_byte(&table, &stream, 40_000);
            assert!(work <= MAX_WORK_PER_BYTE, "{kind:?}: {work}");
        }
    }
}

/// Blocks of right checksums, each of which could belong to a frame that begins at any earlier one.
#[test]
fn blocks_that_many_frames_share() {
    let blocks = Blocks {
        after: 4,
        every: 3,
        add: 1,
    };
    let mut kind = frame(&[b"A"], length(2, Some(blocks)), b"", 4, 60_000);
    kind.checksum = Some(Checksum {
        kind: ChecksumKind::Xor8,
        endian: Endian::Big,
        at: 3,
        from: 0,
        blocks: true,
    });
    let table = Arc::new(FrameTable::new(&layout(vec![kind])).expect("a sound layout"));
    // Each block is the beginning of a frame of 0x4000 bytes before `blocks` add to them, its checksum right.
    let mut stream = [b'A', 0x40, 0x00, b'A' ^ 0x40].repeat(10_000);
    // The last block is wrong, and with it every frame.
    stream.push(0);
    let work = work_per_byte(&table, &stream, 1000);
    assert!(work <= MAX_WORK_PER_BYTE, "{work}");
}
