//! One fault or gap as people read it: where, when, what was expected and found, and the bytes around it.

use std::io::{self, Write};

use deframe::{
    pipeline::{FaultRecord, OwnedFault, PacketSpan, StreamRef},
    protocol::Protocol,
    tcp::{Begin, Conflict, Gap, GapCause, StreamId},
};

use crate::report::{
    flags::Flags,
    text::{
        Grouped, count,
        describe::spaced,
        heading::{self, kind, line, moment},
        hexview::{HexView, Mark, Role, Thing},
        rows::{fault_head, rows},
        style::MISSING,
    },
};

/// A fault of at most this many bytes is shown whole.
const WHOLE: u64 = 64;
/// Of a longer one its first bytes, these.
const FIRST: usize = 32;
/// And its last, these and its end marker.
const LAST: u64 = 16;

/// Bytes of a conflict that are shown, at most.
const SHOWN_CONFLICT_BYTES: usize = 16;

/// A fault or gap, and what is around it.
pub struct ErrorBlock {
    pub id: StreamId,
    pub begin: Begin,
    pub what: What,
    pub before: Before,
    /// None if it is not known yet.
    pub after: Option<After>,
}

/// What was found.
pub enum What {
    /// With its number.
    Fault(u64, Box<OwnedFault>),
    Gap(Gap),
}

/// A piece of a good frame.
#[derive(Clone, Debug, Default)]
pub struct Good {
    pub index: u64,
    pub kind: usize,
    /// Stream offset of the frame.
    pub offset: u64,
    /// Bytes of the frame.
    pub length: u64,
    /// Place of the piece in it.
    pub at: u64,
    pub bytes: Vec<u8>,
    pub spans: Vec<PacketSpan>,
}

/// What stands before.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// The last frame.
    pub last: Option<Good>,
    /// Bytes since then: missing,
    pub gap: u64,
    /// garbled,
    pub fault: u64,
    /// and neither.
    pub skipped: u64,
}

/// What follows.
#[derive(Clone, Debug)]
pub enum After {
    Frame(Good),
    Gap(Gap),
    End { fin: bool, rst: bool },
}

impl ErrorBlock {
    /// Writes the block.
    pub fn write(
        &self,
        out: &mut dyn Write,
        protocol: &Protocol,
        names: &[String],
    ) -> io::Result<()> {
        let origin = StreamRef {
            id: self.id,
            begin: &self.begin,
        };
        match &self.what {
            What::Fault(number, fault) => {
                fault_head(out, protocol, names, origin, *number, &fault.record())?
            }
            What::Gap(gap) => self.gap_head(out, names, gap)?,
        }
        line(out, "between", &self.between(protocol))?;
        self.excerpt(out, protocol)?;
        writeln!(out)
    }

    fn gap_head(&self, out: &mut dyn Write, names: &[String], gap: &Gap) -> io::Result<()> {
        let origin = StreamRef {
            id: self.id,
            begin: &self.begin,
        };
        let cause = gap.cause.name();
        writeln!(out, "{MISSING}gap: {cause}{MISSING:#}")?;
        heading::stream(out, origin)?;
        let text = format!(
            "offset {}, {} missing, shown by packet {}, {}",
            Grouped(gap.offset),
            count(gap.length, "byte"),
            gap.packet,
            moment(gap.time)
        );
        line(out, "where", &text)?;
        heading::capture(out, names, self.begin.capture)?;
        let meaning = match gap.cause {
            GapCause::NotCaptured => {
                "acknowledged by the peer: they passed by, and the capture missed them"
            }
            GapCause::LostOrLate => {
                "not acknowledged: lost on the way, or later than was waited for"
            }
            GapCause::CutShort => "cut off by the snap length of the capture",
        };
        line(out, "cause", meaning)?;
        heading::flags(out, &Flags::default().with("buffer_limit", gap.forced))
    }

    /// The frames around it.
    fn between(&self, protocol: &Protocol) -> String {
        let name = |good: &Good| format!("frame {} ({})", good.index, kind(protocol, good.kind));
        let before = match &self.before.last {
            Some(last) => name(last),
            None if self.begin.syn => "the start of the stream".to_owned(),
            None => "the start of the capture".to_owned(),
        };
        let after = match &self.after {
            Some(After::Frame(next)) => name(next),
            Some(After::Gap(_)) => "a gap".to_owned(),
            Some(After::End { fin, rst }) => format!("the end of {}", ending(*fin, *rst)),
            None => "what is not known yet".to_owned(),
        };
        format!("{before} and {after}")
    }

    /// Offset of the first byte, and of the one behind the last.
    fn span(&self) -> (u64, u64) {
        match &self.what {
            What::Fault(_, fault) => {
                let fault = fault.record();
                (fault.offset, fault.offset.saturating_add(fault.length))
            }
            What::Gap(gap) => (gap.offset, gap.offset.saturating_add(gap.length)),
        }
    }

    fn excerpt(&self, out: &mut dyn Write, protocol: &Protocol) -> io::Result<()> {
        let (start, end) = self.span();
        let (packet, length) = match &self.what {
            What::Fault(_, fault) => (fault.record().place.last_packet, fault.record().length),
            What::Gap(gap) => (gap.packet, 0),
        };
        let mut view = HexView::new(packet, end, length);
        view.titles(out)?;
        let mut from = 0;
        if let Some(last) = &self.before.last {
            good(&mut view, out, last)?;
            from = last.offset.saturating_add(last.length);
        }
        if start > from {
            view.note(out, &self.before.words(start - from))?;
        }
        match &self.what {
            What::Fault(_, fault) => piece(&mut view, out, protocol, &fault.record())?,
            What::Gap(gap) => view.note(out, &format!("{} missing", count(gap.length, "byte")))?,
        }
        match &self.after {
            Some(After::Frame(next)) => {
                if next.offset > end {
                    let between = count(next.offset - end, "byte");
                    view.note(out, &format!("{between} up to the next frame"))?;
                }
                good(&mut view, out, next)
            }
            Some(After::Gap(gap)) => {
                if gap.offset > end {
                    view.note(out, &count(gap.offset - end, "byte"))?;
                }
                view.note(out, &format!("{} missing", count(gap.length, "byte")))
            }
            Some(After::End { fin, rst }) => {
                view.note(out, &format!("end of {}", ending(*fin, *rst)))
            }
            None => Ok(()),
        }
    }
}

/// The lines of a conflict: which bytes stand, and which differ.
pub fn conflict_block(
    out: &mut dyn Write,
    origin: StreamRef<'_>,
    conflict: &Conflict<'_>,
) -> io::Result<()> {
    let bytes = |bytes: &[u8]| match bytes.len() {
        ..=SHOWN_CONFLICT_BYTES => spaced(bytes),
        _ => format!("{} …", spaced(&bytes[..SHOWN_CONFLICT_BYTES])),
    };
    writeln!(out, "{MISSING}conflict{MISSING:#}")?;
    heading::stream(out, origin)?;
    let (offset, length) = (Grouped(conflict.offset), count(conflict.length, "byte"));
    let differ = if conflict.length == 1 {
        "differs"
    } else {
        "differ"
    };
    line(out, "where", &format!("offset {offset}, {length} {differ}"))?;
    let (kept, packet) = (conflict.kept_packet, conflict.packet);
    line(
        out,
        "kept",
        &format!("packet {kept}: {}", bytes(conflict.kept)),
    )?;
    line(
        out,
        "refused",
        &format!("packet {packet}: {}", bytes(conflict.refused)),
    )?;
    writeln!(out)
}

/// What ended.
fn ending(fin: bool, rst: bool) -> &'static str {
    match (rst, fin) {
        (true, _) => "the stream (RST)",
        (false, true) => "the stream (FIN)",
        (false, false) => "the capture",
    }
}

impl Before {
    /// What the bytes since the last frame are.
    fn words(&self, bytes: u64) -> String {
        if self.gap + self.fault + self.skipped != bytes {
            return count(bytes, "byte");
        }
        let parts = [
            (self.fault, "garbled"),
            (self.skipped, "of a cut frame"),
            (self.gap, "missing"),
        ];
        let texts: Vec<String> = (parts.iter().filter(|(bytes, _)| *bytes > 0))
            .map(|(bytes, what)| format!("{} {what}", count(*bytes, "byte")))
            .collect();
        texts.join(", ")
    }
}

/// A few rows of a good frame.
fn good(view: &mut HexView, out: &mut dyn Write, good: &Good) -> io::Result<()> {
    let marks = [Mark::new(0, format!("frame {}", good.index), Role::Context)];
    let thing = Thing {
        offset: good.offset,
        marks: &marks,
        spans: &good.spans,
    };
    view.bytes(out, &thing, good.at, &good.bytes)
}

/// The rows of a fault, the middle of a long one left out.
fn piece(
    view: &mut HexView,
    out: &mut dyn Write,
    protocol: &Protocol,
    fault: &FaultRecord<'_>,
) -> io::Result<()> {
    let marker = fault
        .nearest
        .and_then(|at| protocol.frames.get(at))
        .map_or(0, |kind| kind.end_len);
    let last = LAST + marker as u64;
    if fault.length <= WHOLE.max(FIRST as u64 + last) {
        return rows(view, out, protocol, fault, (usize::MAX, 0));
    }
    rows(view, out, protocol, fault, (FIRST, last))
}
