//! `dump`: frames and faults byte by byte.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    rc::Rc,
};

use deframe::{
    pipeline::{FaultRecord, FrameRecord, Observer, Provenance, StreamRef},
    protocol::Protocol,
};

use crate::report::{
    filter::Filter,
    flags::Flags,
    output::Output,
    text::{
        count, duration,
        heading::{self, cuts, kind, line, list},
        hexview::HexView,
        rows::{fault_head, frame_rows, rows},
        style::TITLE,
    },
};

/// So many cuts are listed above a frame; its rows show every one.
const CUTS: usize = 12;

/// What to dump; with nothing named, everything.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Whatever these packets have bytes of.
    pub packets: BTreeSet<u64>,
    /// Frames by their number in their stream.
    pub frames: BTreeSet<u64>,
    /// Faults by their number.
    pub faults: BTreeSet<u64>,
}

impl Wanted {
    fn is_everything(&self) -> bool {
        self.packets.is_empty() && self.frames.is_empty() && self.faults.is_empty()
    }
}

/// Dumps what is wanted.
pub struct Dump {
    out: Output,
    protocol: Rc<Protocol>,
    names: Rc<[String]>,
    wanted: Wanted,
    everything: bool,
    /// What of it was not met yet.
    pub missed: Wanted,
    filter: Filter,
    pub frames: u64,
    pub faults: u64,
    dumped: u64,
}

impl Dump {
    pub fn new(
        out: Output,
        protocol: Rc<Protocol>,
        names: Rc<[String]>,
        wanted: Wanted,
        filter: Filter,
    ) -> Self {
        Self {
            out,
            protocol,
            names,
            everything: wanted.is_everything(),
            missed: wanted.clone(),
            wanted,
            filter,
            frames: 0,
            faults: 0,
            dumped: 0,
        }
    }

    /// Whether it stopped because there was enough.
    pub fn is_full(&self) -> bool {
        self.dumped >= self.filter.limit
    }

    /// Ends the output.
    pub fn finish(self) -> io::Result<()> {
        self.out.finish()
    }

    /// Whether a wanted packet brought bytes of this. Of a fault longer than its `known` bytes it is not held who
    /// brought the others: every packet from its first to its last may have.
    fn is_of_packet(&mut self, place: &Provenance<'_>, known: bool) -> bool {
        let range = place.first_packet..=place.last_packet;
        let mut found = false;
        for packet in self.wanted.packets.range(range) {
            let ends = [place.first_packet, place.last_packet].contains(packet);
            if ends || !known || place.spans.iter().any(|span| span.packet == *packet) {
                self.missed.packets.remove(packet);
                found = true;
            }
        }
        found
    }

    fn write(
        &mut self,
        write: impl FnOnce(&mut dyn Write, &Protocol, &[String]) -> io::Result<()>,
    ) {
        if self.is_full() {
            return;
        }
        let (protocol, names, first) = (&self.protocol, &self.names, self.dumped == 0);
        self.out.with(|out| {
            if !first {
                writeln!(out)?;
            }
            write(out, protocol, names)
        });
        self.dumped += 1;
    }
}

impl Observer for Dump {
    fn frame(&mut self, origin: StreamRef<'_>, frame: &FrameRecord<'_>) {
        self.frames += 1;
        let by_packet = self.is_of_packet(&frame.place, true);
        let by_index = self.wanted.frames.contains(&frame.index);
        if by_index {
            self.missed.frames.remove(&frame.index);
        }
        if self.filter.takes_frame(frame) && (self.everything || by_packet || by_index) {
            self.write(|out, protocol, names| whole_frame(out, protocol, names, origin, frame));
        }
    }

    fn fault(&mut self, origin: StreamRef<'_>, fault: &FaultRecord<'_>) {
        let number = self.faults;
        self.faults += 1;
        let by_packet = self.is_of_packet(&fault.place, fault.length == fault.head.len() as u64);
        let by_number = self.wanted.faults.contains(&number);
        if by_number {
            self.missed.faults.remove(&number);
        }
        if self.filter.takes_fault(fault) && (self.everything || by_packet || by_number) {
            self.write(|out, protocol, names| {
                fault_head(out, protocol, names, origin, number, fault)?;
                let end = fault.offset.saturating_add(fault.length);
                let mut view = HexView::new(fault.place.last_packet, end, fault.length);
                view.titles(out)?;
                rows(&mut view, out, protocol, fault, (usize::MAX, 0))
            });
        }
    }

    fn stop(&self) -> bool {
        let wanted = &self.wanted;
        let only_faults = wanted.packets.is_empty() && wanted.frames.is_empty();
        let all_met = !self.everything && only_faults && self.missed.faults.is_empty();
        self.out.has_failed() || self.is_full() || all_met
    }
}

fn whole_frame(
    out: &mut dyn Write,
    protocol: &Protocol,
    names: &[String],
    origin: StreamRef<'_>,
    frame: &FrameRecord<'_>,
) -> io::Result<()> {
    let (place, length) = (&frame.place, frame.bytes.len() as u64);
    let name = kind(protocol, frame.kind);
    writeln!(out, "{TITLE}frame {}: {name}{TITLE:#}", frame.index)?;
    heading::stream(out, origin)?;
    heading::place(out, frame.offset, length, place)?;
    heading::capture(out, names, place.capture)?;
    line(out, "delivery", &delivery(place))?;
    heading::flags(
        out,
        &Flags::of(place).with("bad_checksum", !frame.checksum_ok),
    )?;
    if let Some(kind) = protocol.frames.get(frame.kind) {
        let fields: Vec<String> = heading::fields(kind, frame.bytes).collect();
        list(out, "fields", &fields)?;
    }
    let mut view = HexView::new(place.last_packet, frame.offset + length, length);
    view.titles(out)?;
    frame_rows(&mut view, out, protocol, frame)
}

/// `2 segments, cut @100, 1.25 ms; begins and ends with a segment`
fn delivery(place: &Provenance<'_>) -> String {
    let mut text = count(place.segments.into(), "segment");
    if place.segments > 1 {
        text.push_str(&format!(", cut {}", cuts(place.spans, CUTS)));
        if let Some(took) = place.took_ns().and_then(|ns| u64::try_from(ns).ok()) {
            text.push_str(&format!(", {}", duration(took)));
        }
    }
    text.push_str(match (place.starts_segment, place.ends_segment) {
        (true, true) => "; begins and ends with a segment",
        (true, false) => "; begins with a segment, ends inside one",
        (false, true) => "; begins inside a segment, ends with one",
        (false, false) => "; begins and ends inside a segment",
    });
    text
}
