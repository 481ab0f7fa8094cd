//! Layouts, scripts of what is done to a framer, and its events as lines of text.

use std::sync::Arc;

use deframe::framing::{
    Event, FrameLayout, FrameTable, Framer, Layout, Pattern, Size, SkipKind, StreamEnd, StreamStart,
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
        ..Layout::default()
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

/// One line for each frame, fault or skip: what, offset, length.
pub fn lines(event: Event<'_>) -> Vec<String> {
    match event {
        Event::Frames(run) => {
            let sum = if run.checksum_ok { "" } else { " sum!" };
            run.iter()
                .map(|f| format!("{} {}+{}{sum}", f.kind, f.offset, f.bytes.len()))
                .collect()
        }
        Event::Fault(f) => {
            let kind = f.kind.name();
            let near = f.nearest.map_or(String::new(), |n| format!(" ~{n}"));
            let stated = f.stated.map_or(String::new(), |n| format!(" says {n}"));
            vec![format!("{kind} {}+{}{near}{stated}", f.offset, f.length)]
        }
        Event::Skip(s) => {
            let kind = match s.kind {
                SkipKind::Leading => "leading",
                SkipKind::Cut => "cut",
                SkipKind::Unfinished => "unfinished",
            };
            vec![format!("{kind} {}+{}", s.offset, s.length)]
        }
    }
}

/// A stream as it was fed, none where bytes are missing, and how far events have covered it.
#[derive(Default)]
struct Ledger {
    bytes: Vec<Option<u8>>,
    covered: usize,
}

impl Ledger {
    /// Checks that an event begins where the last one ended, gaps skipped, and holds the bytes it says.
    fn check(&mut self, event: Event<'_>) {
        let (offset, length, head, tail) = match event {
            Event::Frames(run) => {
                let sizes: usize = run.frames.iter().map(|frame| frame.size as usize).sum();
                assert_eq!(
                    sizes,
                    run.bytes.len(),
                    "a run of other bytes than its frames"
                );
                (run.offset, run.bytes.len(), run.bytes, run.bytes)
            }
            Event::Fault(f) => (f.offset, f.length as usize, f.head, f.tail),
            Event::Skip(s) => (s.offset, s.length as usize, &[][..], &[][..]),
        };
        assert!(length > 0, "an event of no bytes: {event:?}");
        self.skip_gap();
        let from = self.covered;
        assert_eq!(offset, from as u64, "{event:?} omits or repeats bytes");
        self.covered += length;
        let all = &self.bytes[from..self.covered];
        assert!(
            all.iter().all(Option::is_some),
            "{event:?} reaches over a gap"
        );
        let all: Vec<u8> = all.iter().copied().flatten().collect();
        assert!(all.starts_with(head), "{event:?} has another head");
        assert!(all.ends_with(tail), "{event:?} has another tail");
        if let Event::Fault(f) = event {
            assert_eq!(f.head.len() as u64, f.length.min(256));
        }
    }

    fn skip_gap(&mut self) {
        while self.bytes.get(self.covered) == Some(&None) {
            self.covered += 1;
        }
    }
}

/// The events of a script, bytes fed as they stand in it; checks that every byte is in exactly one event, in order,
/// and that an event holds the bytes it says.
pub fn run(table: &Arc<FrameTable>, start: StreamStart, script: &[Do]) -> Vec<String> {
    let mut framer = Framer::new(Arc::clone(table), start);
    let (mut ledger, mut out, mut frames) = (Ledger::default(), Vec::new(), 0);
    for step in script {
        if let Do::Bytes(new) = step {
            ledger.bytes.extend(new.iter().map(|&byte| Some(byte)));
        }
        let mut emit = |event: Event<'_>| {
            ledger.check(event);
            frames += event.frames().count() as u64;
            out.extend(lines(event));
        };
        match step {
            Do::Bytes(new) => framer.feed(new, &mut emit),
            Do::Mark => framer.mark(),
            Do::Gap(length) => framer.gap(*length, &mut emit),
            Do::Finish(end) => framer.finish(*end, &mut emit),
        }
        if let Do::Gap(length) = step {
            ledger.bytes.extend((0..*length).map(|_| None));
        }
        assert_eq!(framer.offset(), ledger.bytes.len() as u64);
        let open = framer.fault_from().unwrap_or(framer.settled());
        assert!(open <= framer.settled() && framer.settled() <= framer.offset());
    }
    ledger.skip_gap();
    let closed = matches!(script.last(), Some(Do::Finish(_)));
    assert!(
        !closed || ledger.covered == ledger.bytes.len(),
        "bytes from {} on are in no event",
        ledger.covered
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
