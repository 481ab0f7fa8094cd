//! The tables: frames, faults, gaps, streams.

use deframe::{
    framing::FaultKind,
    pipeline::{FaultRecord, FrameRecord, StreamRef},
    protocol::{Field, FrameType},
    tcp::{Conflict, Dir, EndCause, Gap, GapCause, StreamSummary},
};

use super::{
    column::{Cell, Column, Kind, Table, column, nullable},
    values::Encoding,
};
use crate::report::{flags::Flags, text::describe::Description};

/// The addresses of a stream as text, formatted once.
#[derive(Clone, Debug, Default)]
pub struct StreamText {
    src: String,
    dst: String,
}

impl StreamText {
    pub fn new(stream: StreamRef<'_>) -> Self {
        Self {
            src: stream.begin.src.addr.to_string(),
            dst: stream.begin.dst.addr.to_string(),
        }
    }
}

/// The texts of the open streams.
#[derive(Default)]
pub struct StreamTexts {
    slots: Vec<StreamText>,
}

impl StreamTexts {
    /// A stream begins, maybe in the slot of one that ended.
    pub fn begin(&mut self, stream: StreamRef<'_>) {
        let slot = stream.id.slot as usize;
        if self.slots.len() <= slot {
            self.slots.resize_with(slot + 1, StreamText::default);
        }
        self.slots[slot] = StreamText::new(stream);
    }

    /// Those of a stream that began.
    pub fn get(&self, stream: StreamRef<'_>) -> &StreamText {
        &self.slots[stream.id.slot as usize]
    }
}

/// Which stream a record belongs to.
pub struct Head<'a> {
    /// Name of the capture.
    pub capture: &'a str,
    pub stream: StreamRef<'a>,
    pub text: &'a StreamText,
}

const FAULT_KINDS: &[&str] = &{
    let mut names = [""; FaultKind::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = FaultKind::ALL[at].name();
        at += 1;
    }
    names
};
const GAP_CAUSES: &[&str] = &{
    let mut names = [""; GapCause::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = GapCause::ALL[at].name();
        at += 1;
    }
    names
};
const END_CAUSES: &[&str] = &{
    let mut names = [""; EndCause::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = EndCause::ALL[at].name();
        at += 1;
    }
    names
};
/// Who ended a connection, by direction of its first FIN or RST: devices connect to servers.
pub fn ended_by(summary: &StreamSummary) -> &'static str {
    match summary.ended_by {
        Some(Dir::C2s) => "device",
        Some(Dir::S2c) => "server",
        None => "nobody",
    }
}
const DIRS: &[&str] = &[Dir::C2s.name(), Dir::S2c.name()];

/// The columns of a table, those of its stream first.
macro_rules! columns {
    ($($column:expr,)*) => {
        &[
            column!("schema", Kind::Schema, |_| Cell::Name(Self::SCHEMA)),
            column!("capture", Kind::Text, |row| Cell::Text(row.head.capture), "Name of the capture that holds its first packet, as given."),
            column!("connection", Kind::Count, |row| Cell::Unsigned(row.head.stream.id.connection), "Number of the connection, from 0 by first packet, like Wireshark's tcp.stream."),
            column!("dir", Kind::Name(DIRS), |row| Cell::Name(row.head.stream.id.dir.name())),
            column!("src", Kind::Text, |row| Cell::Text(&row.head.text.src), "Address of the sender."),
            column!("sport", Kind::Port, |row| Cell::Unsigned(row.head.stream.begin.src.port.into())),
            column!("dst", Kind::Text, |row| Cell::Text(&row.head.text.dst), "Address of the receiver."),
            column!("dport", Kind::Port, |row| Cell::Unsigned(row.head.stream.begin.dst.port.into())),
            $($column,)*
        ]
    };
}

/// `deframe.frame/1`
pub struct Frames;

/// A frame, and how to write it.
pub struct FrameRow<'a> {
    pub head: Head<'a>,
    pub kind: Option<&'a FrameType>,
    pub frame: &'a FrameRecord<'a>,
    pub payload: Encoding,
}

impl Table for Frames {
    type Row<'a> = FrameRow<'a>;
    const SCHEMA: &'static str = "deframe.frame/1";
    const ABOUT: &'static str = "A valid frame.";
    const COLUMNS: &'static [Column<Self>] = columns![
        column!(
            "index",
            Kind::Count,
            |row| Cell::Unsigned(row.frame.index),
            "How many frames of its stream came before it."
        ),
        column!("type", Kind::Text, |row| Cell::Text(
            row.kind.map_or("", |kind| &kind.name)
        )),
        column!(
            "offset",
            Kind::Count,
            |row| Cell::Unsigned(row.frame.offset),
            "Stream offset of its first byte, gaps counted."
        ),
        column!("length", Kind::Count, |row| Cell::Unsigned(
            row.frame.bytes.len() as u64
        )),
        nullable!(
            "time",
            Kind::Time,
            |row| Cell::of(row.frame.place.time, Cell::Time),
            "RFC 3339 in UTC, 9 digits."
        ),
        nullable!(
            "sec",
            Kind::Signed,
            |row| Cell::of(row.frame.place.time, |time| Cell::Signed(time.sec())),
            ""
        ),
        nullable!(
            "nsec",
            Kind::Nanoseconds,
            |row| Cell::of(row.frame.place.time, |time| Cell::Unsigned(
                time.nsec().into()
            )),
            ""
        ),
        nullable!(
            "took_ns",
            Kind::Signed,
            |row| Cell::of(row.frame.place.took_ns(), Cell::Signed),
            "From its first packet to its last."
        ),
        column!("first_packet", Kind::Count, |row| Cell::Unsigned(
            row.frame.place.first_packet
        )),
        column!("last_packet", Kind::Count, |row| Cell::Unsigned(
            row.frame.place.last_packet
        )),
        column!("segments", Kind::Count, |row| Cell::Unsigned(
            row.frame.place.segments.into()
        )),
        column!(
            "cuts",
            Kind::Places,
            |row| Cell::Places(row.frame.place.spans),
            "Places inside the frame where a new segment begins."
        ),
        column!("flags", Kind::Flags, |row| Cell::Flags(
            Flags::of(&row.frame.place).with("bad_checksum", !row.frame.checksum_ok)
        )),
        nullable!(
            "payload",
            Kind::Bytes,
            |row| row.payload(),
            "Hex or base64; null with --payload none."
        ),
        nullable!(
            "fields",
            Kind::Fields,
            |row| row.fields(),
            "The values of its fields; null where the description names none."
        ),
    ];

    fn field<'r>(row: &'r FrameRow<'_>, name: &str) -> Cell<'r> {
        row.field(name)
    }
}

impl FrameRow<'_> {
    fn payload(&self) -> Cell<'_> {
        let bytes = self.frame.bytes;
        let range = self
            .kind
            .map_or(0..0, |kind| kind.payload_range(bytes.len()));
        let payload = bytes.get(range).unwrap_or_default();
        match self.payload {
            Encoding::Hex => Cell::Hex(payload),
            Encoding::Base64 => Cell::Base64(payload),
            Encoding::Omit => Cell::Null,
        }
    }

    fn field_list(&self) -> &[Field] {
        self.kind.map_or(&[], |kind| &kind.fields)
    }

    fn fields(&self) -> Cell<'_> {
        match self.field_list() {
            [] => Cell::Null,
            fields => Cell::Fields(fields, self.frame.bytes),
        }
    }

    /// The value of a field; null where the type of the frame does not have it.
    pub fn field(&self, name: &str) -> Cell<'_> {
        let field = self.field_list().iter().find(|field| field.name == name);
        Cell::of(
            field.and_then(|field| field.read(self.frame.bytes)),
            Cell::Value,
        )
    }
}

/// `deframe.fault/1`
pub struct Faults;

pub struct FaultRow<'a> {
    pub head: Head<'a>,
    pub fault: &'a FaultRecord<'a>,
    pub description: &'a Description,
}

/// Null for none.
fn text(text: &Option<String>) -> Cell<'_> {
    Cell::of(text.as_deref(), Cell::Text)
}

impl Table for Faults {
    type Row<'a> = FaultRow<'a>;
    const SCHEMA: &'static str = "deframe.fault/1";
    const ABOUT: &'static str = "Bytes that the sender garbled.";
    const COLUMNS: &'static [Column<Self>] = columns![
        column!("kind", Kind::Name(FAULT_KINDS), |row| Cell::Name(
            row.fault.kind.name()
        )),
        column!("offset", Kind::Count, |row| Cell::Unsigned(
            row.fault.offset
        )),
        column!("length", Kind::Count, |row| Cell::Unsigned(
            row.fault.length
        )),
        nullable!(
            "time",
            Kind::Time,
            |row| Cell::of(row.fault.place.time, Cell::Time),
            "RFC 3339 in UTC, 9 digits."
        ),
        nullable!(
            "sec",
            Kind::Signed,
            |row| Cell::of(row.fault.place.time, |time| Cell::Signed(time.sec())),
            ""
        ),
        nullable!(
            "nsec",
            Kind::Nanoseconds,
            |row| Cell::of(row.fault.place.time, |time| Cell::Unsigned(
                time.nsec().into()
            )),
            ""
        ),
        column!("first_packet", Kind::Count, |row| Cell::Unsigned(
            row.fault.place.first_packet
        )),
        column!("last_packet", Kind::Count, |row| Cell::Unsigned(
            row.fault.place.last_packet
        )),
        nullable!(
            "expected",
            Kind::Text,
            |row| text(&row.description.expected),
            ""
        ),
        nullable!("found", Kind::Text, |row| text(&row.description.found), ""),
        nullable!("hint", Kind::Text, |row| text(&row.description.hint), ""),
        column!(
            "data",
            Kind::Hex,
            |row| Cell::Hex(row.fault.head),
            "The first 256 bytes at most."
        ),
        column!("flags", Kind::Flags, |row| Cell::Flags(Flags::of(
            &row.fault.place
        ))),
    ];
}

/// `deframe.gap/1`
pub struct Gaps;

pub struct GapRow<'a> {
    pub head: Head<'a>,
    pub gap: &'a Gap,
}

impl Table for Gaps {
    type Row<'a> = GapRow<'a>;
    const SCHEMA: &'static str = "deframe.gap/1";
    const ABOUT: &'static str = "Bytes that the capture does not hold.";
    const COLUMNS: &'static [Column<Self>] = columns![
        column!("cause", Kind::Name(GAP_CAUSES), |row| Cell::Name(
            row.gap.cause.name()
        )),
        column!("offset", Kind::Count, |row| Cell::Unsigned(row.gap.offset)),
        column!("length", Kind::Count, |row| Cell::Unsigned(row.gap.length)),
        column!(
            "first_packet",
            Kind::Count,
            |row| Cell::Unsigned(row.gap.packet),
            "The packet that showed it."
        ),
        nullable!(
            "time",
            Kind::Time,
            |row| Cell::of(row.gap.time, Cell::Time),
            "RFC 3339 in UTC, 9 digits."
        ),
        nullable!(
            "sec",
            Kind::Signed,
            |row| Cell::of(row.gap.time, |time| Cell::Signed(time.sec())),
            ""
        ),
        nullable!(
            "nsec",
            Kind::Nanoseconds,
            |row| Cell::of(row.gap.time, |time| Cell::Unsigned(time.nsec().into())),
            ""
        ),
        column!("flags", Kind::Flags, |row| Cell::Flags(
            Flags::default().with("buffer_limit", row.gap.forced)
        )),
    ];
}

/// `deframe.stream/1`
pub struct Streams;

pub struct StreamRow<'a> {
    pub head: Head<'a>,
    pub summary: &'a StreamSummary,
    /// Offset and length of each gap.
    pub gaps: &'a [(u64, u64)],
    pub frames: u64,
    pub faults: u64,
    pub sha256: Option<&'a str>,
}

impl Table for Streams {
    type Row<'a> = StreamRow<'a>;
    const SCHEMA: &'static str = "deframe.stream/1";
    const ABOUT: &'static str = "One direction of a connection.";
    const COLUMNS: &'static [Column<Self>] = columns![
        column!("first_packet", Kind::Count, |row| Cell::Unsigned(
            row.summary.first_packet
        )),
        column!("last_packet", Kind::Count, |row| Cell::Unsigned(
            row.summary.last_packet
        )),
        nullable!(
            "time",
            Kind::Time,
            |row| Cell::of(row.summary.time, Cell::Time),
            "RFC 3339 in UTC, 9 digits."
        ),
        nullable!(
            "end_time",
            Kind::Time,
            |row| Cell::of(row.summary.end_time, Cell::Time),
            "RFC 3339 in UTC, 9 digits."
        ),
        column!("packets", Kind::Count, |row| Cell::Unsigned(
            row.summary.counts.packets
        )),
        column!("segments", Kind::Count, |row| Cell::Unsigned(
            row.summary.counts.segments
        )),
        column!(
            "bytes",
            Kind::Count,
            |row| Cell::Unsigned(row.summary.counts.bytes),
            "Captured bytes."
        ),
        column!("gap_count", Kind::Count, |row| Cell::Unsigned(
            row.summary.counts.gap_count
        )),
        column!("gap_bytes", Kind::Count, |row| Cell::Unsigned(
            row.summary.counts.gap_bytes
        )),
        column!(
            "gaps",
            Kind::Ranges,
            |row| Cell::Ranges(row.gaps),
            "Offset and length of each gap."
        ),
        column!("retransmitted_segments", Kind::Count, |row| Cell::Unsigned(
            row.summary.counts.retransmitted_segments
        )),
        column!("out_of_order_segments", Kind::Count, |row| Cell::Unsigned(
            row.summary.counts.out_of_order_segments
        )),
        column!("conflict_bytes", Kind::Count, |row| Cell::Unsigned(
            row.summary.counts.conflict_bytes
        )),
        column!("syn", Kind::Bool, |row| Cell::Bool(row.summary.syn)),
        column!("fin", Kind::Bool, |row| Cell::Bool(row.summary.fin)),
        column!("rst", Kind::Bool, |row| Cell::Bool(row.summary.rst)),
        column!(
            "ended_by",
            Kind::Name(&["device", "server", "nobody"]),
            |row| Cell::Name(ended_by(row.summary)),
            "Who sent the first FIN or RST of the connection; the device is its client."
        ),
        column!(
            "end",
            Kind::Name(END_CAUSES),
            |row| Cell::Name(row.summary.end.name()),
            "How the connection ended."
        ),
        column!("frames", Kind::Count, |row| Cell::Unsigned(row.frames)),
        column!("faults", Kind::Count, |row| Cell::Unsigned(row.faults)),
        column!("flags", Kind::Flags, |row| Cell::Flags(Flags::of_stream(
            row.summary
        ))),
        nullable!(
            "sha256",
            Kind::Sha256,
            |row| Cell::of(row.sha256, Cell::Text),
            "Of the captured bytes in order, with --digest."
        ),
    ];
}

/// `deframe.conflict/1`
pub struct Conflicts;

pub struct ConflictRow<'a> {
    pub head: Head<'a>,
    pub conflict: &'a Conflict<'a>,
}

impl Table for Conflicts {
    type Row<'a> = ConflictRow<'a>;
    const SCHEMA: &'static str = "deframe.conflict/1";
    const ABOUT: &'static str = "Bytes that came again and differed.";
    const COLUMNS: &'static [Column<Self>] = columns![
        column!(
            "offset",
            Kind::Count,
            |row| Cell::Unsigned(row.conflict.offset),
            "Stream offset of the first byte that differs."
        ),
        column!(
            "length",
            Kind::Count,
            |row| Cell::Unsigned(row.conflict.length),
            "How many bytes differ."
        ),
        column!(
            "kept_packet",
            Kind::Count,
            |row| Cell::Unsigned(row.conflict.kept_packet),
            "The packet whose bytes stand."
        ),
        column!(
            "packet",
            Kind::Count,
            |row| Cell::Unsigned(row.conflict.packet),
            "The packet whose bytes differ."
        ),
        column!(
            "kept",
            Kind::Hex,
            |row| Cell::Hex(row.conflict.kept),
            "The bytes that stand, from the first to the last that differs."
        ),
        column!(
            "refused",
            Kind::Hex,
            |row| Cell::Hex(row.conflict.refused),
            "The bytes of the same range that differ."
        ),
    ];
}
