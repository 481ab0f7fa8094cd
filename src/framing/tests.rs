//! The decision itself, and the codec.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    DecodeError, Endian, Event, FaultKind, FrameLayout, FrameTable, Framer, Layout, LengthField,
    LengthFormat, MessageAssembler, MessageLayout, MessageTracker, Pattern, Size, StreamEnd,
    StreamStart,
    decide::{Tail, Verdict, Window},
    memo::Memo,
};

fn fixed(header: &[u8], size: usize, end: &[u8]) -> FrameLayout {
    let headers = vec![Pattern {
        value: header.to_vec(),
        mask: vec![0xFF; header.len()],
    }];
    let (min, max) = (size as u64, size as u64);
    FrameLayout {
        headers,
        size: Size::Fixed(size),
        end: end.to_vec(),
        min,
        max,
        checksum: None,
    }
}

fn table(frames: Vec<FrameLayout>) -> Arc<FrameTable> {
    Arc::new(
        FrameTable::new(&Layout {
            frames,
            ..Layout::default()
        })
        .expect("a sound layout"),
    )
}

fn device() -> MessageLayout {
    let of = |header: [u8; 2], size| fixed(&header, size, &[0xCC, 0xDD]);
    let table = table(vec![
        of([0xFD, 0xAA], 154),
        of([0xFD, 0xCC], 194),
        of([0xFD, 0xCC], 196),
    ]);
    MessageLayout::new(table, &[0, 1, 2]).expect("a message")
}

fn decide(table: &FrameTable, bytes: &[u8], tail: Tail) -> Verdict {
    table.decide(
        Window {
            bytes,
            offset: 0,
            tail,
            limit: u64::MAX,
        },
        &mut Memo::new(table),
    )
}

#[test]
fn what_is_decided_stays_decided() {
    let mut searched = fixed(b"B", 1, b"ZA");
    (searched.size, searched.min, searched.max) = (Size::Searched, 4, 6);
    let tables = [
        table(vec![fixed(b"A", 4, b"Z"), fixed(b"A", 6, b"Z")]),
        table(vec![fixed(b"AB", 4, b"Z"), fixed(b"A", 3, b"B"), searched]),
    ];
    for table in &tables {
        for word in 0..4usize.pow(9) {
            let word: Vec<u8> = (0..9).map(|d| b"ABZx"[word >> (2 * d) & 3]).collect();
            let last = decide(table, &word, Tail::More);
            for n in 1..word.len() {
                match decide(table, &word[..n], Tail::More) {
                    Verdict::More(need) => {
                        assert!(need > n, "asks for what it has");
                        assert!((n..need.min(9)).all(|m| matches!(
                            decide(table, &word[..m], Tail::More),
                            Verdict::More(_)
                        )));
                    }
                    verdict => assert_eq!(
                        verdict,
                        last,
                        "{:?} after {n}",
                        word.escape_ascii().to_string()
                    ),
                }
            }
            assert!(!matches!(decide(table, &word, Tail::End), Verdict::More(_)));
        }
    }
}

/// What a framer has emitted, frame by frame, and what it knows.
#[derive(Default, PartialEq, Debug)]
struct Record(Vec<(Option<usize>, u64, u64)>);

impl Record {
    fn add(&mut self, event: Event<'_>) {
        match event {
            Event::Frames(run) => self.0.extend(
                run.iter()
                    .map(|f| (Some(f.kind), f.offset, f.bytes.len() as u64)),
            ),
            Event::Fault(f) => self.0.push((None, f.offset, f.length)),
            Event::Skip(s) => self.0.push((None, s.offset, s.length)),
        }
    }
}

#[test]
fn the_fast_path_equals_the_general_path() {
    let tables = [
        Arc::clone(device().table()),
        table(vec![fixed(b"AB", 9, b"Z"), fixed(b"AB", 11, b"Z")]),
        table(vec![fixed(b"A", 10, b"Z"), fixed(b"A", 90, b"Z")]),
    ];
    let mut seed = 1u64;
    let mut below = |n: usize| {
        seed = seed
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (seed >> 33) as usize % n
    };
    for round in 0..600 {
        let table = &tables[round % tables.len()];
        let mut stream = Vec::new();
        for _ in 0..1 + below(40) {
            let kind = below(table.kinds());
            let spec = &table.kinds[kind];
            let mut frame: Vec<u8> = (0..spec.longest()).map(|_| b"ABZx"[below(4)]).collect();
            let end = frame.len() - spec.end.len();
            frame[..spec.headers.patterns()[0].value.len()]
                .copy_from_slice(&spec.headers.patterns()[0].value);
            frame[end..].copy_from_slice(&spec.end);
            if below(20) == 0 {
                let at = below(frame.len());
                frame[at] ^= 0x55;
            }
            stream.extend(frame);
        }
        let [mut fast, mut general] =
            [(); 2].map(|()| Framer::new(Arc::clone(table), StreamStart::Known));
        let (mut a, mut b) = (Record::default(), Record::default());
        let mut rest = &stream[..];
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at((1 + below(700)).min(rest.len()));
            rest = behind;
            fast.feed(piece, &mut |event| a.add(event));
            general
                .state
                .feed(&general.table, piece, &mut |event| b.add(event));
            let known = |f: &Framer| (f.settled(), f.pending(), f.fault_from(), f.frames_found());
            assert_eq!(known(&fast), known(&general));
        }
        assert_eq!(a, b);
    }
}

#[test]
fn what_is_remembered_changes_no_event() {
    let mut seed = 3u64;
    let mut below = |n: usize| {
        seed = seed
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (seed >> 33) as usize % n
    };
    for entry in crate::protocol::library() {
        let protocol = crate::protocol::Protocol::named(entry.name).expect("built in");
        let table = Arc::new(FrameTable::new(&protocol.layout).expect("a sound layout"));
        for _ in 0..10 {
            let mut stream = Vec::new();
            while stream.len() < 3000 {
                let kind = &table.kinds[below(table.kinds.len())];
                if let Some(header) = kind
                    .headers
                    .patterns()
                    .get(below(kind.headers.patterns().len().max(1)))
                {
                    stream.extend(&header.value);
                }
                stream.extend((0..below(8)).map(|_| [0, 1, 16, 64, 255][below(5)]));
                let before = stream.len();
                let payload = vec![below(256) as u8; below(600)];
                let _ = table.encode(kind.index, &payload, &mut stream);
                if below(3) == 0 && stream.len() > before {
                    let at = before + below(stream.len() - before);
                    stream[at] ^= 1;
                }
                stream.extend(&kind.end);
            }
            let [mut with, mut without] =
                [(); 2].map(|()| Framer::new(Arc::clone(&table), StreamStart::Known));
            let (mut a, mut b) = (Record::default(), Record::default());
            for piece in stream.chunks(1 + below(900)) {
                with.mark();
                without.mark();
                with.feed(piece, &mut |event| a.add(event));
                for byte in piece {
                    without.state.with_memo(|memo| *memo = Memo::default());
                    without.feed(&[*byte], &mut |event| b.add(event));
                }
            }
            with.finish(StreamEnd::Open, &mut |event| a.add(event));
            without.finish(StreamEnd::Open, &mut |event| b.add(event));
            assert_eq!(a, b, "{}", entry.name);
        }
    }
}

#[test]
fn a_limit_bounds_the_buffer_and_is_a_fault() {
    const LIMIT: u64 = 100;
    let mut stated = fixed(b"A", 3, b"");
    (stated.min, stated.max) = (3, 60_000);
    stated.size = Size::Length(LengthField {
        offset: 1,
        format: LengthFormat::Uint {
            width: 2,
            endian: Endian::Big,
            mask: u64::MAX,
        },
        adjust: 0,
        blocks: None,
    });
    let table = table(vec![stated]);
    let mut framer = Framer::new(table, StreamStart::Known).with_limit(LIMIT);
    let mut faults = Vec::new();
    let mut emit = |event: Event<'_>| {
        if let Event::Fault(fault) = event {
            faults.push((fault.kind, fault.offset, fault.length, fault.stated));
        }
    };
    let mut stream = vec![b'A', 0, 100];
    stream.extend([1; 97]);
    stream.extend([b'A', 0, 101]);
    stream.extend([1; 98]);
    for byte in &stream {
        framer.feed(&[*byte], &mut emit);
        assert!(framer.state.buf.capacity() as u64 <= 4 * LIMIT);
    }
    assert_eq!(framer.frames_found(), 1);
    framer.feed(&[b'A', 0, 4, 9], &mut emit);
    assert_eq!(framer.frames_found(), 2);
    assert_eq!(faults, [(FaultKind::BadLength, 100, 101, Some(101))]);
}

#[test]
fn a_framer_is_small() {
    assert!(size_of::<Framer>() <= 128, "{}", size_of::<Framer>());
}

#[test]
fn a_message_to_and_fro() {
    let message = device();
    let payloads = [vec![1; 150], vec![0xDD; 190], vec![0xFD; 192]];
    let mut bytes = Vec::new();
    message
        .encode(&payloads, &mut bytes)
        .expect("payloads that fit");
    assert_eq!((bytes.len(), message.size()), (544, 544));
    let bytes = Bytes::from(bytes);
    assert_eq!(message.decode(&bytes).expect("a message"), payloads);
    let short = bytes.slice(1..);
    assert_eq!(
        message.decode(&short),
        Err(DecodeError::Length {
            found: 543,
            expected: 544
        })
    );
    for (at, offset, kind) in [
        (0, 0, 0),
        (153, 0, 0),
        (155, 154, 1),
        (347, 154, 1),
        (543, 348, 2),
    ] {
        let mut bad = bytes.to_vec();
        bad[at] ^= 1;
        assert_eq!(
            message.decode(&bad.into()),
            Err(DecodeError::Frame { offset, kind }),
            "byte {at}"
        );
    }
}

#[test]
fn payloads_that_do_not_fit() {
    let (message, mut out) = (device(), Vec::new());
    let table = message.table();
    assert_eq!(
        table.encode(1, &[0; 192], &mut out).map_err(|e| e.expected),
        Err(Some(190))
    );
    assert!(table.encode(9, &[], &mut out).is_err());
    assert!(message.encode(&[[0; 150]], &mut out).is_err());
    assert!(out.is_empty(), "something was written");
    assert!(MessageLayout::new(Arc::clone(table), &[]).is_err());
    assert!(MessageLayout::new(Arc::clone(table), &[3]).is_err());
}

#[test]
fn frames_in_order_make_a_message() {
    // Frame types, by letter, one byte each; a blank is a byte that is no frame.
    let rows: &[(&[usize], &str, &[usize])] = &[
        (&[0, 1, 2], "abcabc", &[2, 5]),
        (&[0, 1, 2], "ababc bc ab cabc", &[4, 15]),
        (&[0, 1, 2], "a bc", &[]),
        (&[0, 0, 1], "aaab", &[3]),
        (&[0, 1, 0, 2], "ababac", &[5]),
        (&[0, 1, 0], "ababa", &[2]),
        (&[0], "ab a", &[0, 3]),
        (&[], "abc", &[]),
    ];
    for (kinds, frames, want) in rows {
        let mut tracker = MessageTracker::new(kinds);
        let complete = |&(at, byte): &(usize, u8)| {
            byte != b' ' && tracker.frame(usize::from(byte - b'a'), at as u64, 1)
        };
        let got: Vec<usize> = frames
            .bytes()
            .enumerate()
            .filter(complete)
            .map(|(at, _)| at)
            .collect();
        assert_eq!(got, *want, "{frames} for {kinds:?}");
    }
}

#[test]
fn messages_out_of_events() {
    let layout = device();
    let payloads = [vec![1; 150], vec![2; 190], vec![3; 192]];
    let mut message = Vec::new();
    layout
        .encode(&payloads, &mut message)
        .expect("payloads that fit");
    let mut stream = message[..348].to_vec();
    stream.extend(&message);
    stream.extend([7; 5]);
    stream.extend(&message);
    let mut framer = Framer::new(Arc::clone(layout.table()), StreamStart::Known);
    let mut messages = MessageAssembler::new(&layout);
    let mut found = Vec::new();
    framer.feed(&stream, &mut |event: Event<'_>| {
        if let Event::Frames(run) = event {
            found.extend(run.iter().filter_map(|frame| messages.frame(&frame)));
        }
    });
    assert_eq!(
        found.iter().map(|m| m.offset).collect::<Vec<_>>(),
        [348, 897]
    );
    assert!(found.iter().all(|m| m.payloads == payloads));
}

#[test]
fn what_is_pending() {
    let layout = device();
    let mut frame = Vec::new();
    layout
        .table()
        .encode(1, &[0; 190], &mut frame)
        .expect("a payload that fits");
    let mut framer = Framer::new(Arc::clone(layout.table()), StreamStart::Known);
    let mut emitted = 0;
    let mut emit = |event: Event<'_>| {
        if let Event::Frames(run) = event {
            emitted += run.iter().count();
        }
    };
    framer.feed(&frame[..193], &mut emit);
    let pending = framer.pending().expect("bytes");
    assert_eq!(
        (pending.offset, pending.length, pending.frame),
        (0, 193, None)
    );
    framer.flush(&mut emit);
    assert_eq!(framer.frames_found(), 0);
    framer.feed(&frame[193..], &mut emit);
    assert_eq!(framer.pending().and_then(|p| p.frame), Some((1, 194)));
    framer.flush(&mut emit);
    assert_eq!(
        (framer.pending(), framer.frames_found(), framer.settled()),
        (None, 1, 194)
    );
    framer.feed(&frame, &mut emit);
    framer.feed(&frame, &mut emit);
    framer.flush(&mut emit);
    assert_eq!(
        (framer.frames_found(), emitted, framer.offset()),
        (3, 3, 582)
    );
}
