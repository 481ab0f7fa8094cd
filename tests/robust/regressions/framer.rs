//! Any bytes as a stream of any known protocol: the events do not depend on the cut, and every byte is in one of them.
//!
//! Input: protocol, flags (bit 0 the start is known, bit 1 the end is known), number of steps, the steps, the bytes.
//! A step is 6 bits of distance to the next and 2 bits of what is there: two kinds of cut, a segment start, a gap.

use std::sync::{Arc, LazyLock};

use deframe::{
    framing::{Event, Frame, FrameTable, Framer, StreamEnd, StreamStart},
    protocol::{Protocol, library},
};

static TABLES: LazyLock<Vec<Arc<FrameTable>>> = LazyLock::new(|| {
    library()
        .map(|entry| {
            let protocol = Protocol::parse(entry.text, entry.name).unwrap();
            Arc::new(FrameTable::new(&protocol.layout).unwrap())
        })
        .collect()
});

/// What an event comes to: what, offset, length, details.
type Line = (String, u64, u64);

struct Input<'a> {
    table: &'a Arc<FrameTable>,
    start: StreamStart,
    end: StreamEnd,
    /// Where, and what: `None` a cut, `Some(0)` a segment start, else a gap of that length.
    steps: Vec<(usize, Option<u64>)>,
    bytes: &'a [u8],
}

fn parse(data: &[u8]) -> Option<Input<'_>> {
    let (&[protocol, flags, steps], rest) = data.split_first_chunk()?;
    let (steps, bytes) = rest.split_at_checked(usize::from(steps))?;
    let mut at = 0;
    let steps = steps.iter().map(|step| {
        at += usize::from(step & 0x3f);
        let what = match step >> 6 {
            0 | 1 => None,
            2 => Some(0),
            _ => Some(1 + u64::from(step & 0x3f)),
        };
        (at, what)
    });
    Some(Input {
        table: &TABLES[usize::from(protocol) % TABLES.len()],
        start: if flags & 1 != 0 {
            StreamStart::Known
        } else {
            StreamStart::Unknown
        },
        end: if flags & 2 != 0 {
            StreamEnd::Closed
        } else {
            StreamEnd::Open
        },
        steps: steps.collect(),
        bytes,
    })
}

/// Checks an event against the bytes, which lie at their stream offsets in `placed`, and puts it down.
fn lines(event: Event<'_>, placed: &[Option<u8>]) -> Vec<Line> {
    let at = |offset: u64, bytes: &[u8]| {
        let range = offset as usize..offset as usize + bytes.len();
        let same = placed[range].iter().zip(bytes).all(|(a, b)| *a == Some(*b));
        assert!(same, "bytes at {offset} are others");
    };
    match event {
        Event::Frames(run) => {
            let line = |frame: Frame<'_>| {
                at(frame.offset, frame.bytes);
                let what = format!("frame {} {}", frame.kind, frame.checksum_ok);
                (what, frame.offset, frame.bytes.len() as u64)
            };
            assert!(!run.frames.is_empty());
            run.iter().map(line).collect()
        }
        Event::Fault(fault) => {
            assert_eq!(fault.head.len() as u64, fault.length.min(256));
            at(fault.offset, fault.head);
            at(
                fault.offset + fault.length - fault.tail.len() as u64,
                fault.tail,
            );
            let what = format!(
                "{:?} {:?} {:?} {:?}",
                fault.kind, fault.nearest, fault.stated, fault.tail
            );
            vec![(what, fault.offset, fault.length)]
        }
        Event::Skip(skip) => vec![(format!("{:?}", skip.kind), skip.offset, skip.length)],
    }
}

/// The events; `every_byte` cuts everywhere, `cuts` where the steps say so.
fn run(input: &Input<'_>, placed: &[Option<u8>], every_byte: bool, cuts: bool) -> Vec<Line> {
    let mut framer = Framer::new(Arc::clone(input.table), input.start);
    let mut found = Vec::new();
    let mut emit = |event: Event<'_>| found.extend(lines(event, placed));
    let mut from = 0;
    let mut feed = |framer: &mut Framer, to: usize, emit: &mut dyn FnMut(Event<'_>)| {
        let to = to.min(input.bytes.len());
        let piece = &input.bytes[from..to];
        from = to;
        let size = if every_byte { 1 } else { piece.len().max(1) };
        piece
            .chunks(size)
            .for_each(|bytes| framer.feed(bytes, &mut |event| emit(event)));
    };
    for &(at, what) in &input.steps {
        match what {
            None if cuts => feed(&mut framer, at, &mut emit),
            None => {}
            Some(0) => {
                feed(&mut framer, at, &mut emit);
                framer.mark();
            }
            Some(length) => {
                feed(&mut framer, at, &mut emit);
                framer.gap(length, &mut emit);
            }
        }
    }
    feed(&mut framer, usize::MAX, &mut emit);
    assert_eq!(framer.offset(), placed.len() as u64);
    framer.finish(input.end, &mut emit);
    found
}

pub fn check(data: &[u8]) {
    let Some(input) = parse(data) else { return };
    let (mut placed, mut from) = (Vec::new(), 0);
    for &(at, what) in &input.steps {
        let at = at.min(input.bytes.len());
        placed.extend(input.bytes[from..at].iter().copied().map(Some));
        placed.extend(std::iter::repeat_n(None, what.unwrap_or(0) as usize));
        from = at;
    }
    placed.extend(input.bytes[from..].iter().copied().map(Some));

    let lines = run(&input, &placed, false, false);
    let mut next = 0;
    for (what, offset, length) in &lines {
        assert!(*length > 0, "{what} of nothing at {offset}");
        let (from, to) = (*offset as usize, (*offset + *length) as usize);
        assert!(
            placed[next..from].iter().all(Option::is_none),
            "bytes from {next} to {from} are in no event"
        );
        assert!(
            placed[from..to].iter().all(Option::is_some),
            "{what} from {from} to {to} lies in a gap"
        );
        next = to;
    }
    assert!(
        placed[next..].iter().all(Option::is_none),
        "bytes from {next} are in no event"
    );
    assert_eq!(run(&input, &placed, true, false), lines, "byte by byte");
    assert_eq!(run(&input, &placed, false, true), lines, "with cuts");
}
