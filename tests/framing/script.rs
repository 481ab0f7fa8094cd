//! Layouts, scripts of what is done to a framer, and its events as lines of text.

use std::sync::Arc;

use deframe::framing::{
    Event, FaultKind, Frame, FrameLayout, FrameTable, Framer, Layout, Pattern, Resync, Size,
    SkipKind, Step, StreamEnd, StreamStart, Then,
};

pub use StreamEnd::{Closed, Open};
pub use StreamStart::{Known, Unknown};

/// What is done to a framer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Do {
    Bytes(Vec<u8>),
    Mark,
    Gap(u64),
    Finish(StreamEnd),
}

pub fn pattern(bytes: &[u8]) -> Pattern {
    Pattern {
        value: bytes.to_vec(),
        mask: vec![0xFF; bytes.len()],
    }
}

pub fn frame(headers: &[&[u8]], size: Size, end: &[u8], min: u64, max: u64) -> FrameLayout {
    let headers = headers.iter().map(|h| pattern(h)).collect();
    FrameLayout {
        headers,
        size,
        end: end.to_vec(),
        min,
        max,
        checksum: None,
    }
}

pub fn fixed(header: &[u8], size: usize, end: &[u8]) -> FrameLayout {
    frame(&[header], Size::Fixed(size), end, size as u64, size as u64)
}

pub fn layout(frames: Vec<FrameLayout>) -> Layout {
    Layout {
        frames,
        resync: Resync::Scan,
    }
}

/// The device protocol.
pub fn fd() -> Layout {
    let of = |header: [u8; 2], size| fixed(&header, size, &[0xCC, 0xDD]);
    layout(vec![
        of([0xFD, 0xAA], 154),
        of([0xFD, 0xCC], 194),
        of([0xFD, 0xCC], 196),
    ])
}

pub const SIZES: [usize; 3] = [154, 194, 196];

/// A valid frame of the device protocol whose payload is one byte over and over.
pub fn fd_frame(kind: usize, fill: u8) -> Vec<u8> {
    let mut frame = vec![fill; SIZES[kind]];
    frame[0] = 0xFD;
    frame[1] = if kind == 0 { 0xAA } else { 0xCC };
    let end = frame.len() - 2;
    frame[end..].copy_from_slice(&[0xCC, 0xDD]);
    frame
}

pub fn table(layout: &Layout) -> Arc<FrameTable> {
    Arc::new(FrameTable::new(layout).expect("a sound layout"))
}

/// One line an event: what, offset, length.
pub fn line(event: Event<'_>) -> String {
    match event {
        Event::Frame(f) => {
            let sum = if f.checksum_ok { "" } else { " sum!" };
            format!("{} {}+{}{sum}", f.kind, f.offset, f.bytes.len())
        }
        Event::Fault(f) => {
            let kind = match f.kind {
                FaultKind::BadEndMarker => "bad_end_marker",
                FaultKind::BadLength => "bad_length",
                FaultKind::Truncated => "truncated",
                FaultKind::BadHeader => "bad_header",
                FaultKind::BadChecksum => "bad_checksum",
                FaultKind::Junk => "junk",
            };
            let near = f.nearest.map_or(String::new(), |n| format!(" ~{n}"));
            let stated = f.stated.map_or(String::new(), |n| format!(" says {n}"));
            format!("{kind} {}+{}{near}{stated}", f.offset, f.length)
        }
        Event::Skip(s) => {
            let kind = match s.kind {
                SkipKind::Leading => "leading",
                SkipKind::Cut => "cut",
                SkipKind::Unfinished => "unfinished",
            };
            format!("{kind} {}+{}", s.offset, s.length)
        }
    }
}

/// The events of a script, bytes fed as they stand in it; checks that every byte is in exactly one event, in order,
/// and that an event holds the bytes it says.
pub fn run(table: &Arc<FrameTable>, start: StreamStart, script: &[Do]) -> Vec<String> {
    run_by(Way::Feed, table, start, script)
}

/// How bytes are given to a framer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Feed,
    /// By its quick ways while they take anything, so many frames at once.
    Quick(usize),
}

/// The quick ways first, then what they leave.
fn quickly(framer: &mut Framer, new: &[u8], room: usize, emit: &mut dyn FnMut(Event<'_>)) {
    let mut rest = new;
    if framer.keep(rest) {
        return;
    }
    if framer.pending().is_some() {
        match framer.complete(rest) {
            Some((frame, behind)) => {
                emit(Event::Frame(frame));
                rest = behind;
                assert_eq!(framer.pending(), None);
            }
            None => return framer.feed(rest, &mut |event| emit(event)),
        }
    }
    let mut out = vec![Step::default(); room];
    loop {
        let before = framer.settled();
        let steps = framer.steps(rest, &mut out);
        let (mut taken, behind) = rest.split_at(steps.bytes);
        for step in &out[..steps.frames] {
            let (bytes, later) = taken.split_at(step.size);
            emit(Event::Frame(Frame {
                kind: step.kind,
                offset: framer.settled() - taken.len() as u64,
                bytes,
                checksum_ok: true,
            }));
            taken = later;
        }
        assert!(taken.is_empty() && framer.settled() == before + steps.bytes as u64);
        rest = behind;
        match steps.then {
            Then::Again => assert_eq!(steps.frames, room),
            Then::End => return assert!(rest.is_empty()),
            Then::Held => return assert_eq!(framer.pending().unwrap().length, rest.len() as u64),
            Then::Feed => return framer.feed(rest, &mut |event| emit(event)),
        }
    }
}

/// The same by either way; a twin that is fed plainly knows as much after every step.
pub fn run_by(way: Way, table: &Arc<FrameTable>, start: StreamStart, script: &[Do]) -> Vec<String> {
    let mut framer = Framer::new(Arc::clone(table), start);
    let mut twin = Framer::new(Arc::clone(table), start);
    let mut out = Vec::new();
    let (mut bytes, mut told, mut frames) = (Vec::new(), 0u64, 0u64);
    let mut check = |event: Event<'_>, bytes: &Vec<Option<u8>>| {
        let (offset, length, head, tail) = match event {
            Event::Frame(f) => (f.offset, f.bytes.len() as u64, f.bytes, f.bytes),
            Event::Fault(f) => (f.offset, f.length, f.head, f.tail),
            Event::Skip(s) => (s.offset, s.length, &[][..], &[][..]),
        };
        frames += u64::from(matches!(event, Event::Frame(_)));
        assert!(length > 0, "an event of no bytes: {event:?}");
        while bytes.get(told as usize) == Some(&None) {
            told += 1;
        }
        assert_eq!(
            offset, told,
            "{event:?} leaves bytes out or tells them twice"
        );
        let all = &bytes[offset as usize..(offset + length) as usize];
        assert!(
            all.iter().all(Option::is_some),
            "{event:?} reaches over a gap"
        );
        assert!(
            all.iter().flatten().zip(head).all(|(a, b)| a == b),
            "{event:?} has another head"
        );
        assert!(
            all.iter()
                .flatten()
                .rev()
                .zip(tail.iter().rev())
                .all(|(a, b)| a == b),
            "{event:?}: tail"
        );
        if let Event::Fault(f) = event {
            assert_eq!(f.head.len() as u64, f.length.min(256));
        }
        told += length;
        out.push(line(event));
    };
    for step in script {
        match step {
            _ if way == Way::Feed => {}
            Do::Bytes(new) => twin.feed(new, &mut |_| {}),
            Do::Mark => twin.mark(),
            Do::Gap(length) => twin.gap(*length, &mut |_| {}),
            Do::Finish(end) => twin.finish(*end, &mut |_| {}),
        }
        match step {
            Do::Bytes(new) => {
                bytes.extend(new.iter().map(|&b| Some(b)));
                match way {
                    Way::Feed => framer.feed(new, &mut |e| check(e, &bytes)),
                    Way::Quick(room) => quickly(&mut framer, new, room, &mut |e| check(e, &bytes)),
                }
            }
            Do::Mark => framer.mark(),
            Do::Gap(length) => {
                framer.gap(*length, &mut |e| check(e, &bytes));
                bytes.extend((0..*length).map(|_| None));
            }
            Do::Finish(end) => framer.finish(*end, &mut |e| check(e, &bytes)),
        }
        assert_eq!(framer.offset(), bytes.len() as u64);
        if way != Way::Feed {
            let state = |framer: &Framer| (framer.settled(), framer.pending(), framer.fault_from());
            assert_eq!(state(&framer), state(&twin), "{script:?}");
        }
        let open = framer.fault_from().unwrap_or(framer.settled());
        assert!(open <= framer.settled() && framer.settled() <= framer.offset());
    }
    while bytes.get(told as usize) == Some(&None) {
        told += 1;
    }
    let closed = matches!(script.last(), Some(Do::Finish(_)));
    assert!(
        !closed || told == bytes.len() as u64,
        "bytes from {told} on were never told"
    );
    assert_eq!(framer.frames_found(), frames);
    out
}

/// Events of these bytes, fed at once and then finished.
pub fn events(layout: &Layout, start: StreamStart, bytes: &[u8], end: StreamEnd) -> Vec<String> {
    run(
        &table(layout),
        start,
        &[Do::Bytes(bytes.to_vec()), Do::Finish(end)],
    )
}

/// Random numbers that a seed replays (xorshift64*).
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Less than `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n
    }

    pub fn byte(&mut self) -> u8 {
        (self.next() >> 40) as u8
    }
}
