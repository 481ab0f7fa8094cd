//! `frames`: one line a frame, to read.

use std::{fmt::Write as _, rc::Rc};

use deframe::{
    pipeline::{FrameRecord, Observer, Provenance, StreamRef},
    protocol::Protocol,
};

use crate::report::{
    filter::Filter,
    flags::Flags,
    output::Output,
    records::values::Hex,
    text::{
        heading::{fields, kind, precise},
        style::DIM,
    },
};

/// No name of a frame type moves its neighbours unless it is longer.
const KIND: usize = 8;
/// Columns of packets, connection, offset and length, until a number needs more.
const WIDTHS: [usize; 4] = [11, 4, 8, 4];

/// Writes a line for every frame as it becomes complete.
pub struct Frames {
    out: Output,
    protocol: Rc<Protocol>,
    /// Bytes of each payload shown.
    bytes: usize,
    /// Digits of a second: 9 from the first time on that needs them.
    digits: usize,
    kind_width: usize,
    widths: [usize; 4],
    line: String,
    titled: bool,
    filter: Filter,
    /// Frames found.
    pub frames: u64,
    /// Frames shown.
    pub shown: u64,
}

impl Frames {
    pub fn new(out: Output, protocol: Rc<Protocol>, bytes: usize, filter: Filter) -> Self {
        let names = protocol
            .frames
            .iter()
            .map(|frame| frame.name.chars().count());
        let kind_width = names.max().unwrap_or(0).clamp(KIND, 12);
        Self {
            out,
            protocol,
            bytes,
            digits: 6,
            kind_width,
            widths: WIDTHS,
            line: String::new(),
            titled: false,
            filter,
            frames: 0,
            shown: 0,
        }
    }

    /// Writes the titles, once: as soon as there is a stream, so that who looks on sees that it runs.
    fn titles(&mut self) {
        if std::mem::replace(&mut self.titled, true) {
            return;
        }
        let ([pw, cw, ow, lw], kind_width) = (WIDTHS, self.kind_width);
        self.out.with(|out| {
            writeln!(
                out,
                "{DIM}{:>pw$} {:<27} {:>cw$} {:3} {:kind_width$} {:>ow$} {:>lw$} {:<10} payload{DIM:#}",
                "packets", "time (UTC)", "conn", "dir", "type", "offset", "len", "segments"
            )
        });
    }

    /// Ends the output.
    pub fn finish(mut self) -> std::io::Result<()> {
        self.titles();
        self.out.finish()
    }

    fn time(&mut self, place: &Provenance<'_>) -> String {
        let Some(time) = place.time else {
            return "-".to_owned();
        };
        if !time.nsec().is_multiple_of(1000) {
            self.digits = 9;
        }
        precise(time, self.digits)
    }
}

/// `1` alone in its segment, `1+` with other bytes beside it, `2 @100` cut at 100, `9 @20…` there and further on.
fn delivery(place: &Provenance<'_>) -> String {
    let cuts = place.spans.get(1..).unwrap_or_default();
    match (place.segments, cuts) {
        (..=1, _) if place.starts_segment && place.ends_segment => "1".to_owned(),
        (..=1, _) => "1+".to_owned(),
        (segments, [cut]) => format!("{segments} @{}", cut.at),
        (segments, [first, second]) => format!("{segments} @{},{}", first.at, second.at),
        (segments, [first, ..]) => format!("{segments} @{}…", first.at),
        (segments, []) => segments.to_string(),
    }
}

impl Observer for Frames {
    fn begin(&mut self, _origin: StreamRef<'_>) {
        self.titles();
    }

    fn frame(&mut self, origin: StreamRef<'_>, frame: &FrameRecord<'_>) {
        self.frames += 1;
        if self.shown >= self.filter.limit || !self.filter.takes_frame(frame) {
            return;
        }
        self.shown += 1;
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
        let numbers = [
            packets,
            id.connection.to_string(),
            frame.offset.to_string(),
            frame.bytes.len().to_string(),
        ];
        for (width, number) in self.widths.iter_mut().zip(&numbers) {
            *width = number.len().max(*width);
        }
        let ([pw, cw, ow, lw], [packets, connection, offset, length]) = (self.widths, &numbers);
        let (dir, name) = (id.dir.name(), kind(&protocol, frame.kind).to_string());
        let (delivery, kw) = (delivery(place), self.kind_width);
        let line = &mut self.line;
        line.clear();
        let _ = write!(
            line,
            "{packets:>pw$} {time:<time_width$} {connection:>cw$} {dir:3} {name:kw$} {offset:>ow$} {length:>lw$} \
             {delivery:<10} {}",
            Hex(&payload[..payload.len().min(self.bytes)]),
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
        self.out.has_failed() || self.shown >= self.filter.limit
    }

    fn idle(&mut self) {
        self.out.flush();
    }
}
