//! Hex rows of frames and faults.

use std::io::{self, Write};

use deframe::{
    pipeline::{FaultRecord, FrameRecord, StreamRef},
    protocol::Protocol,
};

use super::{
    count,
    describe::{describe, in_words},
    heading::{self, line},
    hexview::{HexView, Thing},
    marks,
    style::WRONG,
};
use crate::report::flags::Flags;

/// The lines above the bytes of a fault.
pub fn fault_head(
    out: &mut dyn Write,
    protocol: &Protocol,
    names: &[String],
    origin: StreamRef<'_>,
    number: u64,
    fault: &FaultRecord<'_>,
) -> io::Result<()> {
    let kind = fault.kind.name();
    writeln!(out, "{WRONG}fault {number}: {kind}{WRONG:#}")?;
    heading::stream(out, origin)?;
    heading::place(out, fault.offset, fault.length, &fault.place)?;
    heading::capture(out, names, fault.place.capture)?;
    let (expected, found) = in_words(protocol, fault);
    line(out, "expected", &expected)?;
    line(out, "found", &found)?;
    if let Some(hint) = describe(protocol, fault).hint {
        line(out, "hint", &hint)?;
    }
    heading::flags(out, &Flags::of(&fault.place))
}

/// The rows of a fault: its first bytes, and of the others the last, as far as they are held.
pub fn rows(
    view: &mut HexView,
    out: &mut dyn Write,
    protocol: &Protocol,
    fault: &FaultRecord<'_>,
    (first, last): (usize, u64),
) -> io::Result<()> {
    let marks = marks::fault(protocol, fault);
    let thing = Thing {
        offset: fault.offset,
        marks: &marks,
        spans: fault.place.spans,
    };
    let head = &fault.head[..fault.head.len().min(first)];
    view.bytes(out, &thing, 0, head)?;
    let shown = head.len() as u64;
    if shown >= fault.length {
        return Ok(());
    }
    // The head of a fault that is not too long is all of it.
    let whole = fault.head.len() as u64 == fault.length;
    let (rest, tail) = match whole {
        true => {
            let from = fault.length.saturating_sub(last).max(shown);
            (from, &fault.head[from as usize..])
        }
        false => {
            let from = fault
                .length
                .saturating_sub(fault.tail.len() as u64)
                .max(shown);
            let skip = fault
                .tail
                .len()
                .saturating_sub((fault.length - from) as usize);
            (from, &fault.tail[skip..])
        }
    };
    if rest > shown {
        view.note(out, &count(rest - shown, "byte"))?;
    }
    // Beyond the first 256 bytes it is not known who brought what.
    let spans = if whole { thing.spans } else { &[] };
    view.bytes(out, &Thing { spans, ..thing }, rest, tail)
}

/// The rows of a whole frame.
pub fn frame_rows(
    view: &mut HexView,
    out: &mut dyn Write,
    protocol: &Protocol,
    frame: &FrameRecord<'_>,
) -> io::Result<()> {
    let layout = protocol.layout.frames.get(frame.kind);
    let kind = protocol.frames.get(frame.kind);
    let marks = layout.zip(kind).map_or(Vec::new(), |(layout, kind)| {
        marks::frame(layout, kind, frame.bytes.len() as u64)
    });
    let thing = Thing {
        offset: frame.offset,
        marks: &marks,
        spans: frame.place.spans,
    };
    view.bytes(out, &thing, 0, frame.bytes)
}
