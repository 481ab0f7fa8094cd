//! The same stream cut into segments in several ways, out of order and doubled: the same frames, faults and skips as a
//! framer finds that is fed the stream at once; delivery as the cuts have it.

use std::{cell::RefCell, sync::Arc};

use deframe::{
    analysis::{Delivery, Stats},
    capture::{CaptureSet, Input, ReadConfig},
    framing::{Event, FaultKind, FrameTable, Framer, SkipKind, StreamEnd, StreamStart},
    pipeline::{self, FaultRecord, FrameRecord, Observer, StreamRef},
    simulate::{self, Faults, Payload, simulate},
    tcp::{Dir, Gap, TcpConfig},
};

use crate::{
    bed::{self, FD},
    build::Capture,
    support::Random,
};

/// What is found: name, offset, length.
type Found = (String, u64, u64);

/// Takes down everything of the client's stream.
#[derive(Default)]
struct Notes {
    bytes: Vec<u8>,
    found: Vec<Found>,
    gaps: Vec<(u64, u64)>,
}

fn frame_name(kind: usize, bytes: &[u8]) -> String {
    format!("frame {kind} {:?}", &bytes[bytes.len() / 2..])
}

fn fault_name(kind: FaultKind, nearest: Option<usize>, head: &[u8], tail: &[u8]) -> String {
    format!("{kind:?} {nearest:?} {head:?} {tail:?}")
}

impl Observer for Notes {
    fn bytes(&mut self, origin: StreamRef<'_>, _offset: u64, bytes: &[u8], _selected: bool) {
        if origin.id.dir == Dir::C2s {
            self.bytes.extend_from_slice(bytes);
        }
    }

    fn frame(&mut self, _: StreamRef<'_>, frame: &FrameRecord<'_>) {
        let name = frame_name(frame.kind, frame.bytes);
        self.found
            .push((name, frame.offset, frame.bytes.len() as u64));
    }

    fn fault(&mut self, _: StreamRef<'_>, fault: &FaultRecord<'_>) {
        let name = fault_name(fault.kind, fault.nearest, fault.head, fault.tail);
        self.found.push((name, fault.offset, fault.length));
    }

    fn skip(&mut self, _: StreamRef<'_>, kind: SkipKind, offset: u64, length: u64) {
        self.found.push((format!("{kind:?}"), offset, length));
    }

    fn gap(&mut self, _: StreamRef<'_>, gap: &Gap) {
        self.gaps.push((gap.offset, gap.length));
    }
}

fn read(capture: Vec<u8>) -> Notes {
    let read = Box::new(std::io::Cursor::new(capture));
    let name = "made".to_owned();
    let mut set = CaptureSet::new(vec![Input::Reader { name, read }], ReadConfig::default());
    let mut notes = Notes::default();
    pipeline::run(
        &mut set,
        &bed::options(TcpConfig::default()),
        &mut notes,
        &mut |_| {},
    );
    notes.found.sort_by_key(|(_, offset, _)| *offset);
    notes
}

/// A device's stream with every fault, and payloads full of markers.
fn stream(seed: u64) -> Vec<u8> {
    let options = simulate::SimConfig {
        seed,
        devices: 1,
        frames: 60,
        payload: Payload::Adversarial,
        faults: Faults {
            bad_header: 0.03,
            bad_end_marker: 0.03,
            short_frame: 0.03,
            long_frame: 0.03,
            junk: 0.03,
            truncate_end: seed.is_multiple_of(2),
        },
        truth: false,
        ..simulate::SimConfig::default()
    };
    let mut capture = Vec::new();
    simulate(&options, &FD.layout, &mut capture).unwrap();
    let bytes = read(capture).bytes;
    assert!(bytes.len() > 5_000);
    bytes
}

/// What a framer finds that is fed everything at once, but for the holes.
fn expected(bytes: &[u8], holes: &[(usize, usize)]) -> Vec<Found> {
    let table = Arc::new(FrameTable::new(&FD.layout).unwrap());
    let mut framer = Framer::new(table, StreamStart::Known);
    let mut found = Vec::new();
    let mut emit = |event: Event<'_>| match event {
        Event::Frames(run) => found.extend(run.iter().map(|frame| {
            let name = frame_name(frame.kind, frame.bytes);
            (name, frame.offset, frame.bytes.len() as u64)
        })),
        Event::Fault(fault) => found.push((
            fault_name(fault.kind, fault.nearest, fault.head, fault.tail),
            fault.offset,
            fault.length,
        )),
        Event::Skip(skip) => {
            found.push((format!("{:?}", skip.kind), skip.offset, skip.length));
        }
    };
    let mut at = 0;
    for &(from, to) in holes {
        framer.feed(&bytes[at..from], &mut emit);
        framer.gap((to - from) as u64, &mut emit);
        at = to;
    }
    framer.feed(&bytes[at..], &mut emit);
    framer.finish(StreamEnd::Closed, &mut emit);
    found
}

/// Ways to cut a stream into segments.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// As the device's frames are, for a start.
    Frames,
    Mss,
    Tiny,
    Random,
    Large,
}

const CUTS: [Cut; 5] = [Cut::Frames, Cut::Mss, Cut::Tiny, Cut::Random, Cut::Large];

/// Segments as ranges of the stream: the holes are in none.
fn segments(
    cut: Cut,
    bytes: &[u8],
    holes: &[(usize, usize)],
    random: &mut Random,
) -> Vec<(usize, usize)> {
    let frames = RefCell::new(
        expected(bytes, &[])
            .into_iter()
            .map(|(_, offset, length)| (offset + length) as usize),
    );
    let mut next = |at: usize| match cut {
        Cut::Frames => frames
            .borrow_mut()
            .find(|end| *end > at)
            .unwrap_or(bytes.len()),
        Cut::Mss => at + 1460,
        Cut::Tiny => at + 1 + random.below(20),
        Cut::Random => at + 1 + random.below(600),
        Cut::Large => at + 20_000,
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if let Some(&(_, to)) = holes.iter().find(|(from, to)| (*from..*to).contains(&at)) {
            at = to;
            continue;
        }
        let border = holes
            .iter()
            .map(|hole| hole.0)
            .filter(|from| *from > at)
            .min()
            .unwrap_or(bytes.len());
        let to = next(at).min(border);
        found.push((at, to));
        at = to;
    }
    found
}

/// What a capture does to segments on their way.
fn disturb(
    segments: &[(usize, usize)],
    reorder: bool,
    double: bool,
    random: &mut Random,
) -> Vec<(usize, usize)> {
    let mut sent = segments.to_vec();
    if reorder {
        for at in 0..sent.len() {
            let other = (at + random.below(4)).min(sent.len() - 1);
            sent.swap(at, other);
        }
    }
    if double {
        // Again at once or later, as a whole or with what stood around it.
        let end = segments.last().map_or(0, |segment| segment.1);
        for at in (0..sent.len()).rev() {
            if random.below(3) == 0 {
                let (from, to) = sent[at];
                sent.insert(
                    (at + 1 + random.below(6)).min(sent.len()),
                    (from, to.min(end)),
                );
            }
        }
    }
    sent
}

/// Delivery as the segments and the frames have it.
fn delivery(segments: &[(usize, usize)], found: &[Found]) -> Delivery {
    let frames = || found.iter().filter(|(name, ..)| name.starts_with("frame"));
    let mut wanted = Delivery {
        segments: segments.len() as u64,
        ..Delivery::default()
    };
    let mut touched = vec![0; segments.len()];
    for (_, offset, length) in frames() {
        let (from, to) = (*offset as usize, (*offset + *length) as usize);
        let mine: Vec<usize> = (0..segments.len())
            .filter(|at| segments[*at].0 < to && from < segments[*at].1)
            .collect();
        mine.iter().for_each(|at| touched[*at] += 1);
        let starts = segments[mine[0]].0 == from;
        let ends = segments[mine[mine.len() - 1]].1 == to;
        wanted.aligned += u64::from(starts);
        if mine.len() == 1 {
            wanted.whole += 1;
            wanted.first += u64::from(starts);
            wanted.alone += u64::from(starts && ends);
        } else {
            wanted.split += 1;
        }
        for place in mine[1..].iter().map(|at| segments[*at].0 - from) {
            match place {
                0..2 => wanted.cuts_in_header += 1,
                place if place > to - from - 2 => wanted.cuts_in_end += 1,
                _ => wanted.cuts_in_payload += 1,
            }
        }
    }
    wanted.coalesced = touched.iter().filter(|n| **n >= 2).count() as u64;
    wanted.oversized = segments
        .iter()
        .filter(|(from, to)| to - from > 1460)
        .count() as u64;
    wanted
}

/// Some bytes that are never captured.
fn holes(length: usize, random: &mut Random) -> Vec<(usize, usize)> {
    let mut holes = Vec::new();
    let mut at = 0;
    loop {
        let from = at + 500 + random.below(3_000);
        let to = from + 1 + random.below(400);
        if to + 500 > length {
            return holes;
        }
        holes.push((from, to));
        at = to;
    }
}

/// Frames counted by the run and one by one.
fn same_counts(runs: &Stats, frames: &Stats, case: &str) {
    assert_eq!(runs.total, frames.total, "{case}");
    assert_eq!(runs.intervals, frames.intervals, "{case}");
    assert_eq!(runs.completion, frames.completion, "{case}");
    let streams = |stats: &Stats| -> Vec<_> {
        let by = stats.by_connection().into_iter();
        by.map(|stream| stream.numbers())
            .map(|numbers| (numbers.counts, numbers.intervals))
            .collect()
    };
    assert_eq!(streams(runs), streams(frames), "{case}");
}

fn check(seed: u64, with_holes: bool) {
    let bytes = stream(seed);
    let mut random = Random(seed);
    let holes = if with_holes {
        holes(bytes.len(), &mut random)
    } else {
        Vec::new()
    };
    let wanted = expected(&bytes, &holes);
    let gaps: Vec<(u64, u64)> = holes
        .iter()
        .map(|(from, to)| (*from as u64, (to - from) as u64))
        .collect();
    let mut deliveries = Vec::new();
    for cut in CUTS {
        let segments = segments(cut, &bytes, &holes, &mut random);
        for (reorder, double) in [(false, false), (true, false), (false, true), (true, true)] {
            let case = format!(
                "seed {seed}, {cut:?}, out of order {reorder}, doubled {double}, holes {with_holes}"
            );
            let mut capture = Capture::new();
            let sent = disturb(&segments, reorder, double, &mut random);
            for &(from, to) in &sent {
                capture.send(from, &bytes[from..to]);
            }
            let capture: Arc<[u8]> = capture.fin(bytes.len()).into();
            let notes = read(capture.to_vec());
            assert_eq!(notes.gaps, gaps, "{case}");
            for (got, want) in notes.found.iter().zip(&wanted) {
                assert_eq!(got, want, "{case}");
            }
            assert_eq!(notes.found.len(), wanted.len(), "{case}");
            let run = bed::run(&capture, capture.len());
            same_counts(&bed::counted(&capture), &run.stats, &case);
            let (got, want) = (run.stats.total.delivery, delivery(&segments, &wanted));
            let mut bare = Delivery {
                segments_per_frame: want.segments_per_frame,
                frames_per_segment: want.frames_per_segment,
                ..got
            };
            if reorder {
                // What waited behind a hole is read with what fills it: one read, not one for each segment.
                assert!(got.alone <= want.alone && got.first <= want.first, "{case}");
                (bare.alone, bare.first) = (want.alone, want.first);
            }
            assert_eq!(bare, want, "{case}");
            let size = |ranges: &[(usize, usize)]| {
                ranges
                    .iter()
                    .map(|(from, to)| (to - from) as u64)
                    .sum::<u64>()
            };
            let transport = &run.stats.total.transport;
            assert_eq!(
                transport.retransmitted_bytes,
                size(&sent) - size(&segments),
                "{case}"
            );
            assert!(transport.out_of_order_segments == 0 || reorder, "{case}");
        }
        deliveries.push(delivery(&segments, &wanted));
    }
    for (at, one) in deliveries.iter().enumerate() {
        assert!(
            !deliveries[..at].contains(one),
            "two ways to cut are the same"
        );
    }
}

#[test]
fn frames_are_the_same_for_every_segmentation() {
    (1..=12).for_each(|seed| check(seed, false));
}

#[test]
fn around_holes_too() {
    (21..=32).for_each(|seed| check(seed, true));
}
