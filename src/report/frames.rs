//! `frames`: one line a frame, to read.

use std::{fmt::Write as _, rc::Rc};

use deframe::{
    pipeline::{FrameRecord, Observer, Origin, Place},
    protocol::Protocol,
};

use super::{
    describe::{self, spaced},
    heading::{cuts, fields, kind, precise},
    hexview::DIM,
    json::Flags,
    output::Output,
};

/// No name of a frame type moves its neighbours unless it is longer.
const KIND: usize = 8;
/// A list of cuts is cut itself behind so many.
const CUTS: usize = 2;

/// Writes a line for every frame as it becomes complete.
pub struct Frames {
    out: Output,
    protocol: Rc<Protocol>,
    /// Bytes of each payload shown.
    bytes: usize,
    /// Digits of a second: 9 from the first time on that needs them.
    digits: usize,
    kind_width: usize,
    line: String,
    pub frames: u64,
}

impl Frames {
    /// Writes the titles.
    pub fn new(out: Output, protocol: Rc<Protocol>, bytes: usize) -> Self {
        let names = protocol
            .frames
            .iter()
            .map(|frame| frame.name.chars().count());
        let kind_width = names.max().unwrap_or(0).clamp(KIND, 12);
        let mut frames = Self {
            out,
            protocol,
            bytes,
            digits: 6,
            kind_width,
            line: String::new(),
            frames: 0,
        };
        frames.out.with(|out| {
            writeln!(
                out,
                "{DIM}{:>11} {:<27} {:>4} {:3} {:kind_width$} {:>8} {:>4} {:<9} payload{DIM:#}",
                "packets", "time (UTC)", "conn", "dir", "type", "offset", "len", "segments"
            )
        });
        frames
    }

    /// Ends the output.
    pub fn finish(self) -> std::io::Result<()> {
        self.out.finish()
    }

    fn time(&mut self, place: &Place<'_>) -> String {
        let Some(time) = place.time else {
            return "-".to_owned();
        };
        if !time.nsec().is_multiple_of(1000) {
            self.digits = 9;
        }
        precise(time, self.digits)
    }
}

/// `1` alone in its segment, `1+` with other bytes beside it, `2 @100` cut at 100.
fn delivery(place: &Place<'_>) -> String {
    match place.segments {
        ..=1 if place.starts_segment && place.ends_segment => "1".to_owned(),
        ..=1 => "1+".to_owned(),
        segments => format!("{segments} {}", cuts(place.parts, CUTS)),
    }
}

impl Observer for Frames {
    fn frame(&mut self, origin: Origin<'_>, frame: &FrameRecord<'_>) {
        self.frames += 1;
        let (place, id) = (&frame.place, origin.id);
        let time = self.time(place);
        let time_width = 21 + self.digits;
        let packets = match place.first_packet == place.last_packet {
            true => place.first_packet.to_string(),
            false => format!("{}-{}", place.first_packet, place.last_packet),
        };
        let protocol = Rc::clone(&self.protocol);
        let shape = protocol.frames.get(frame.kind);
        let payload = shape.map_or(0..0, |kind| kind.payload_range(frame.bytes.len()));
        let payload = frame.bytes.get(payload).unwrap_or_default();
        let line = &mut self.line;
        line.clear();
        let _ = write!(
            line,
            "{packets:>11} {time:<time_width$} {:>4} {:3} {:kind_width$} {:>8} {:>4} {:<9} {}",
            id.connection,
            describe::dir(id.dir),
            kind(&protocol, frame.kind).to_string(),
            frame.offset,
            frame.bytes.len(),
            delivery(place),
            spaced(&payload[..payload.len().min(self.bytes)]).replace(' ', ""),
            kind_width = self.kind_width,
        );
        line.push_str(if payload.len() > self.bytes {
            "…"
        } else {
            ""
        });
        for field in shape
            .into_iter()
            .flat_map(|shape| fields(shape, frame.bytes))
        {
            let _ = write!(line, "  {field}");
        }
        for flag in Flags::of(place)
            .with("bad_checksum", !frame.checksum_ok)
            .names()
        {
            let _ = write!(line, "  !{flag}");
        }
        self.out.with(|out| writeln!(out, "{}", line.trim_end()));
    }

    fn stop(&self) -> bool {
        self.out.has_failed()
    }
}
