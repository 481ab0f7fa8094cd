//! The lines above a hex view: what it is, where, when, how delivered.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use deframe::{
    capture::Time,
    pipeline::{PacketSpan, Provenance, StreamRef},
    protocol::{FrameType, Protocol},
};

use crate::report::{
    flags::Flags,
    text::{
        Escaped, Grouped, count,
        style::{DIM, columns, width},
    },
};

/// A line of a block: its key and its text, escaped.
pub fn line(out: &mut dyn Write, key: &str, text: &str) -> io::Result<()> {
    writeln!(out, "  {DIM}{key:<9}{DIM:#} {}", Escaped(text))
}

/// The same over as many lines as its items need.
pub fn list(out: &mut dyn Write, key: &str, items: &[String]) -> io::Result<()> {
    let (mut key, mut text) = (key, String::new());
    for item in items {
        let wide = columns(&text) + columns(item) + 2 > width() - 12;
        if wide && !text.is_empty() {
            line(out, key, &text)?;
            (key, text) = ("", String::new());
        }
        let _ = write!(text, "{}{item}", if text.is_empty() { "" } else { "  " });
    }
    if text.is_empty() {
        Ok(())
    } else {
        line(out, key, &text)
    }
}

/// The stream of something.
pub fn stream(out: &mut dyn Write, origin: StreamRef<'_>) -> io::Result<()> {
    let (id, begin) = (origin.id, origin.begin);
    let dir = id.dir.name();
    let text = format!(
        "connection {} {dir}, {} → {}",
        id.connection, begin.src, begin.dst
    );
    line(out, "stream", &text)
}

/// Offset, length, packets and time of something.
pub fn place(
    out: &mut dyn Write,
    offset: u64,
    length: u64,
    place: &Provenance<'_>,
) -> io::Result<()> {
    let packets = packets(place.first_packet, place.last_packet);
    let text = format!(
        "offset {}, {}, {packets}, {}",
        Grouped(offset),
        count(length, "byte"),
        moment(place.time)
    );
    line(out, "where", &text)
}

/// The file of its first packet, if there are several.
pub fn capture(out: &mut dyn Write, names: &[String], capture: u32) -> io::Result<()> {
    match names.get(capture as usize) {
        Some(name) if names.len() > 1 => line(out, "capture", &Escaped(name).to_string()),
        _ => Ok(()),
    }
}

/// What is odd about it, if anything.
pub fn flags(out: &mut dyn Write, flags: &Flags) -> io::Result<()> {
    match flags.names() {
        [] => Ok(()),
        names => line(out, "flags", &names.join(", ")),
    }
}

/// `packet 7`, `packets 7-9`. Not in groups of digits: they go into commands and into Wireshark.
pub fn packets(first: u64, last: u64) -> String {
    if first == last {
        format!("packet {first}")
    } else {
        format!("packets {first}-{last}")
    }
}

/// A time in UTC, to the microsecond if that is exact.
pub fn moment(time: Option<Time>) -> String {
    let Some(time) = time else {
        return "time unknown".to_owned();
    };
    precise(
        time,
        if time.nsec().is_multiple_of(1000) {
            6
        } else {
            9
        },
    )
}

/// A time in UTC with this many digits.
pub fn precise(time: Time, digits: usize) -> String {
    match jiff::Timestamp::from_nanosecond(time.nanos().into()) {
        Ok(time) => format!("{time:.digits$}"),
        Err(_) => format!("{} ns", time.nanos()),
    }
}

/// The places where a new segment begins, as many as fit: `@100,148`, `@1,2,3,+151`.
pub fn cuts(spans: &[PacketSpan], most: usize) -> String {
    let cuts = spans.get(1..).unwrap_or_default();
    let mut text = "@".to_owned();
    for (nth, cut) in cuts.iter().enumerate() {
        let rest = cuts.len() - nth;
        if nth >= most && rest > 1 {
            let _ = write!(text, ",+{rest}");
            break;
        }
        let _ = write!(text, "{}{}", if nth == 0 { "" } else { "," }, cut.at);
    }
    text
}

/// The name of a frame type.
pub fn kind(protocol: &Protocol, kind: usize) -> Escaped<'_> {
    Escaped(protocol.frames.get(kind).map_or("?", |kind| &kind.name))
}

/// The fields of a frame, `name=value unit`.
pub fn fields(kind: &FrameType, frame: &[u8]) -> impl Iterator<Item = String> {
    kind.fields.iter().map(|field| {
        let value = match field.read(frame) {
            Some(deframe::protocol::Value::Bytes(bytes)) if bytes.len() > 16 => {
                let start = deframe::protocol::Value::Bytes(&bytes[..16]);
                format!("{start}… ({})", count(bytes.len() as u64, "byte"))
            }
            Some(value) => value.to_string(),
            None => "?".to_owned(),
        };
        let unit = field
            .unit
            .as_deref()
            .map_or(String::new(), |unit| format!(" {unit}"));
        Escaped(&format!("{}={value}{unit}", field.name)).to_string()
    })
}
