//! Events are the same for every cut, and the same as the model's.

use std::sync::Arc;

use deframe::framing::{
    Checksum, ChecksumKind, Endian, FrameTable, Layout, LengthField, LengthFormat, Resync, Size,
    StreamStart,
};

use crate::{
    model,
    script::{
        Closed, Do, Known, Open, Rng, SIZES, Unknown, fd, fd_frame, fixed, frame, layout, run,
        table,
    },
};

/// Lines without what the model does not know.
fn bare(lines: &[String]) -> Vec<String> {
    lines
        .iter()
        .map(|l| {
            l.split([' ', '~']).take(2).collect::<Vec<_>>().join(" ")
                + if l.ends_with("sum!") { " sum!" } else { "" }
        })
        .collect()
}

/// The script with its bytes cut at these places, counted over all of its bytes.
fn cut(script: &[Do], places: &[usize]) -> Vec<Do> {
    let (mut out, mut at) = (Vec::new(), 0);
    for step in script {
        let Do::Bytes(bytes) = step else {
            out.push(step.clone());
            continue;
        };
        let mut from = 0;
        for &place in places.iter().filter(|&&p| p > at && p < at + bytes.len()) {
            out.push(Do::Bytes(bytes[from..place - at].to_vec()));
            from = place - at;
        }
        out.push(Do::Bytes(bytes[from..].to_vec()));
        at += bytes.len();
    }
    out
}

fn length(script: &[Do]) -> usize {
    script
        .iter()
        .map(|s| if let Do::Bytes(b) = s { b.len() } else { 0 })
        .sum()
}

fn every_byte(script: &[Do]) -> Vec<Do> {
    cut(script, &(0..length(script)).collect::<Vec<_>>())
}

fn against_model(
    layout: &Layout,
    table: &Arc<FrameTable>,
    start: StreamStart,
    script: &[Do],
) -> Vec<String> {
    let got = run(table, start, script);
    assert_eq!(
        bare(&got),
        model::events(layout, start, script),
        "{start:?} {script:?}"
    );
    assert_eq!(
        run(table, start, &every_byte(script)),
        got,
        "byte by byte: {start:?} {script:?}"
    );
    got
}

fn every_cut(layout: &Layout, table: &Arc<FrameTable>, start: StreamStart, script: &[Do]) {
    let want = against_model(layout, table, start, script);
    let n = length(script);
    for a in 1..n {
        for b in a..n {
            let pieces = cut(script, &[a, b][..if a == b { 1 } else { 2 }]);
            assert_eq!(
                run(table, start, &pieces),
                want,
                "cut at {a}, {b}: {start:?} {script:?}"
            );
        }
    }
}

/// All words of this length over the alphabet.
fn words(alphabet: &[u8], n: u32) -> impl Iterator<Item = Vec<u8>> {
    let base = alphabet.len();
    (0..base.pow(n)).map(move |i| (0..n).map(|d| alphabet[i / base.pow(d) % base]).collect())
}

fn summed(mut layout: Layout) -> Layout {
    for f in &mut layout.frames {
        let at = -1 - f.end.len() as i64;
        f.checksum = Some(Checksum {
            kind: ChecksumKind::Sum8,
            endian: Endian::Big,
            at,
            from: 0,
            blocks: false,
        });
    }
    layout
}

fn stated(adjust: i64, width: usize) -> Size {
    let format = LengthFormat::Uint {
        width,
        endian: Endian::Big,
        mask: u64::MAX,
    };
    Size::Length(LengthField {
        offset: 1,
        format,
        adjust,
        blocks: None,
    })
}

/// Small layouts of every shape, and an alphabet in which they happen.
fn tiny() -> Vec<(Layout, &'static [u8])> {
    let two = || layout(vec![fixed(b"A", 4, b"Z"), fixed(b"A", 6, b"Z")]);
    let segment = Layout {
        resync: Resync::Segment,
        ..layout(vec![fixed(b"A", 3, b"Z")])
    };
    vec![
        (two(), b"AZx"),
        (
            layout(vec![
                fixed(b"A", 3, b"Z"),
                fixed(b"A", 4, b"Z"),
                fixed(b"B", 2, b""),
            ]),
            b"ABZ",
        ),
        (
            layout(vec![fixed(b"AB", 4, b"BA"), fixed(b"AA", 5, b"A")]),
            b"ABx",
        ),
        (
            layout(vec![frame(&[b"A"], stated(1, 1), b"", 2, 5)]),
            b"A\x01\x02",
        ),
        (
            layout(vec![frame(&[b"A"], stated(0, 1), b"Z", 3, 6)]),
            b"A\x04Z",
        ),
        (
            layout(vec![frame(&[], stated(2, 2), b"", 3, 6)]),
            b"\x00\x01\x02",
        ),
        (
            layout(vec![frame(&[b"A"], Size::Searched, b"YZ", 4, 6)]),
            b"AYZ",
        ),
        (layout(vec![frame(&[], Size::Searched, b"Z", 1, 4)]), b"aZ"),
        (
            layout(vec![
                frame(&[b"A", b"BA"], Size::Searched, b"A", 1, 5),
                fixed(b"A", 4, b"B"),
            ]),
            b"ABx",
        ),
        (
            summed(layout(vec![fixed(b"\x01", 3, b"")])),
            b"\x01\x02\x03",
        ),
        (
            summed(layout(vec![
                fixed(b"\x01", 3, b""),
                fixed(b"\x01", 4, b"\x02"),
            ])),
            b"\x01\x02\x04",
        ),
        (
            summed(layout(vec![frame(&[b"\x01"], stated(0, 1), b"", 3, 5)])),
            b"\x01\x03\x04",
        ),
        (segment, b"AZx"),
    ]
}

#[test]
fn every_word_in_every_cut() {
    for (layout, alphabet) in tiny() {
        let table = table(&layout);
        for n in 1..=7 {
            for word in words(alphabet, n) {
                for (start, end) in [(Known, Closed), (Unknown, Open), (Known, Open)] {
                    every_cut(
                        &layout,
                        &table,
                        start,
                        &[Do::Bytes(word.clone()), Do::Finish(end)],
                    );
                }
            }
        }
    }
}

#[test]
fn every_word_around_a_gap_or_an_end() {
    for (layout, alphabet) in tiny() {
        let table = table(&layout);
        for word in words(alphabet, 7) {
            for at in 0..=7 {
                let (a, b) = word.split_at(at);
                for between in [Do::Gap(2), Do::Finish(Closed), Do::Finish(Open), Do::Mark] {
                    let script = [
                        Do::Bytes(a.to_vec()),
                        between,
                        Do::Bytes(b.to_vec()),
                        Do::Finish(Open),
                    ];
                    against_model(&layout, &table, Known, &script);
                }
            }
        }
    }
}

#[test]
fn random_scripts() {
    let mut rng = Rng::new(1);
    for (layout, alphabet) in tiny() {
        let table = table(&layout);
        for _ in 0..4000 {
            let mut script = Vec::new();
            for _ in 0..rng.below(8) {
                let n = rng.below(20);
                script.push(Do::Bytes(
                    (0..n)
                        .map(|_| alphabet[rng.below(alphabet.len())])
                        .collect(),
                ));
                script.push(match rng.below(8) {
                    0 => Do::Gap(rng.below(3) as u64),
                    1 => Do::Finish(Closed),
                    _ => Do::Mark,
                });
            }
            script.push(Do::Finish(if rng.below(2) == 0 { Open } else { Closed }));
            let start = if rng.below(2) == 0 { Known } else { Unknown };
            let want = against_model(&layout, &table, start, &script);
            let places: Vec<usize> = (0..length(&script)).filter(|_| rng.below(4) == 0).collect();
            assert_eq!(
                run(&table, start, &cut(&script, &places)),
                want,
                "{places:?} {start:?} {script:?}"
            );
        }
    }
}

/// A frame of the device protocol, often full of markers.
fn hostile(rng: &mut Rng) -> Vec<u8> {
    let mut frame = fd_frame(rng.below(3), rng.byte());
    let body = frame.len() - 4;
    for _ in 0..rng.below(12) {
        let at = 2 + rng.below(body - 1);
        let marker = [[0xFD, 0xAA], [0xFD, 0xCC], [0xCC, 0xDD], [0xCC, 0xFD]][rng.below(4)];
        frame[at..at + 2].copy_from_slice(&marker);
    }
    let end = frame.len() - 2;
    frame[end..].copy_from_slice(&[0xCC, 0xDD]);
    match rng.below(12) {
        0 => frame[end + rng.below(2)] ^= 1 + rng.below(255) as u8,
        1 => frame[rng.below(2)] ^= 1 + rng.below(255) as u8,
        2 => drop(frame.drain(2 + rng.below(20)..30 + rng.below(100))),
        3 => drop(frame.splice(40..40, (0..rng.below(40)).map(|_| 0xFD).collect::<Vec<_>>())),
        4 => {
            frame = (0..1 + rng.below(300))
                .map(|_| [0xFD, 0xCC, 0xDD, 0xAA][rng.below(4)])
                .collect()
        }
        5 => frame.truncate(1 + rng.below(SIZES[0])),
        _ => {}
    }
    frame
}

#[test]
fn hostile_device_streams() {
    let (layout, mut rng) = (fd(), Rng::new(7));
    let table = table(&layout);
    for _ in 0..300 {
        let mut script = Vec::new();
        for _ in 0..1 + rng.below(20) {
            script.push(Do::Bytes(hostile(&mut rng)));
            match rng.below(30) {
                0 => script.push(Do::Gap(1 + rng.below(400) as u64)),
                1 => script.push(Do::Finish(Closed)),
                _ => {}
            }
        }
        script.push(Do::Finish(if rng.below(2) == 0 { Open } else { Closed }));
        let start = if rng.below(2) == 0 { Known } else { Unknown };
        let want = against_model(&layout, &table, start, &script);
        for odds in [2, 50, 300] {
            let places: Vec<usize> = (0..length(&script))
                .filter(|_| rng.below(odds) == 0)
                .collect();
            let pieces = cut(&script, &places);
            assert_eq!(run(&table, start, &pieces), want, "{places:?}");
        }
    }
}

/// Layouts that the fast path covers, and some that it does not.
fn fast() -> Vec<Layout> {
    let masked = |mut frame: deframe::framing::FrameLayout| {
        frame.headers[0].mask[1] = 0xF0;
        frame.headers[0].value[1] &= 0xF0;
        frame
    };
    let segment = Layout {
        resync: Resync::Segment,
        ..layout(vec![fixed(b"AB", 8, b"Z"), fixed(b"AA", 10, b"Z")])
    };
    vec![
        layout(vec![fixed(b"AB", 9, b"Z"), fixed(b"AB", 11, b"Z")]),
        layout(vec![
            fixed(b"AB", 8, b"Z"),
            fixed(b"AA", 12, b"ZZ"),
            fixed(b"AA", 9, b"ZZ"),
            fixed(b"B", 8, b""),
        ]),
        // Two headers for one beginning, and the same frame twice.
        layout(vec![masked(fixed(b"AA", 9, b"Z")), fixed(b"AB", 11, b"Z")]),
        layout(vec![fixed(b"AB", 9, b"Z"), fixed(b"AB", 9, b"BZ")]),
        // One that is much longer than what is taken to complete it.
        layout(vec![fixed(b"A", 10, b"Z"), fixed(b"A", 90, b"Z")]),
        layout(vec![fixed(b"A", 10, b"Z"), fixed(b"B", 5, b"")]),
        segment,
    ]
}

#[test]
fn fixed_sizes_in_every_cut() {
    let mut rng = Rng::new(11);
    for layout in fast() {
        let table = table(&layout);
        for _ in 0..60 {
            let mut bytes = Vec::new();
            while bytes.len() < 60 {
                let spec = &layout.frames[rng.below(layout.frames.len())];
                let Size::Fixed(size) = spec.size else {
                    unreachable!("fixed sizes only")
                };
                let mut frame: Vec<u8> = (0..size).map(|_| b"ABZx"[rng.below(4)]).collect();
                frame[..spec.headers[0].value.len()].copy_from_slice(&spec.headers[0].value);
                frame[size - spec.end.len()..].copy_from_slice(&spec.end);
                if rng.below(8) == 0 {
                    frame[rng.below(size)] = b'x';
                }
                bytes.extend(frame);
            }
            let n = bytes.len();
            let script = [Do::Mark, Do::Bytes(bytes), Do::Finish(Closed)];
            let want = against_model(&layout, &table, Known, &script);
            for a in 1..n {
                let places = [a, (a + 1 + rng.below(30)).min(n - 1)];
                let pieces = cut(&script, &places[..1 + usize::from(places[1] > a)]);
                let got = run(&table, Known, &pieces);
                assert_eq!(got, want, "{places:?} {layout:?} {script:?}");
            }
        }
    }
}
