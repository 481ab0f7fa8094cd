//! Protocols as text: the list of those that are built in, and what a description says.

use anstyle::Style;
use deframe::{
    framing::{FrameLayout, LengthFormat, Size},
    protocol::{FrameType, Protocol},
};
use serde_json::json;

use crate::report::records::write_pretty;
use crate::report::text::{
    Escaped, Grouped, count,
    describe::{pattern, spaced},
    grid::{Column, Grid},
};

/// The list for people.
pub fn table(protocols: &[Protocol]) -> String {
    let mut table = Grid::new(
        0,
        &[
            ("name", Column::Left),
            ("ports", Column::Left),
            ("frames", Column::Left),
            ("description", Column::End),
        ],
    );
    for protocol in protocols {
        table.row(
            Style::new(),
            vec![
                protocol.name.clone(),
                ports(protocol, "-"),
                names(protocol),
                protocol.description.clone().unwrap_or_default(),
            ],
        );
    }
    table.to_text()
}

/// The list for programs: `deframe.protocols/1`.
pub fn json(protocols: &[Protocol]) -> std::io::Result<String> {
    let one = |protocol: &Protocol| {
        json!({
            "name": protocol.name,
            "description": protocol.description,
            "source": protocol.source,
            "ports": protocol.ports,
            "frames": protocol.frames.iter().map(|frame| &frame.name).collect::<Vec<_>>(),
        })
    };
    let document = json!({
        "schema": "deframe.protocols/1",
        "protocols": protocols.iter().map(one).collect::<Vec<_>>(),
    });
    let mut text = Vec::new();
    write_pretty(&mut text, &document)?;
    text.push(b'\n');
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// What a good description says, in a few lines.
pub fn summary(origin: &str, protocol: &Protocol) -> String {
    let mut text = format!(
        "{}: ok: {}, {}, ports {}\n",
        Escaped(origin),
        Escaped(&protocol.name),
        count(protocol.frames.len() as u64, "frame type"),
        ports(protocol, "none")
    );
    let mut table = Grid::new(
        2,
        &[("", Column::Left), ("", Column::Left), ("", Column::Left)],
    );
    for (kind, layout) in protocol.frames.iter().zip(&protocol.layout.frames) {
        let fields = match kind.fields.len() {
            0 => String::new(),
            n => count(n as u64, "field"),
        };
        table.row(
            Style::new(),
            vec![Escaped(&kind.name).to_string(), shape(kind, layout), fields],
        );
    }
    text.push_str(&table.to_text());
    for (message, frames) in protocol.messages.iter().zip(&protocol.layout.messages) {
        let frames: Vec<String> = (frames.iter())
            .filter_map(|&at| protocol.frames.get(at))
            .map(|frame| Escaped(&frame.name).to_string())
            .collect();
        text.push_str(&format!(
            "  message {}: {}\n",
            Escaped(&message.name),
            frames.join(", ")
        ));
    }
    text
}

/// A frame type in words: `header fd aa, 154 bytes, end marker cc dd`.
fn shape(kind: &FrameType, layout: &FrameLayout) -> String {
    let mut parts = Vec::new();
    match &layout.headers[..] {
        [] => parts.push("no header".to_owned()),
        [one] => parts.push(format!("header {}", pattern(one))),
        several => parts.push(format!(
            "{} headers of {}",
            several.len(),
            count(kind.header_len as u64, "byte")
        )),
    }
    let range = format!("{} to {} bytes", Grouped(layout.min), Grouped(layout.max));
    parts.push(match &layout.size {
        Size::Fixed(size) => count(*size as u64, "byte"),
        Size::Searched => format!("up to its end marker, {range}"),
        Size::Length(field) => match field.format {
            LengthFormat::Uint { width, .. } => {
                format!(
                    "length in {} at {}, {range}",
                    count(width as u64, "byte"),
                    field.offset
                )
            }
            LengthFormat::Varint => format!("length as varint at {}, {range}", field.offset),
            LengthFormat::Ascii { .. } => format!("length in digits at {}, {range}", field.offset),
            _ => format!("length at {}, {range}", field.offset),
        },
    });
    if !layout.end.is_empty() {
        parts.push(format!("end marker {}", spaced(&layout.end)));
    }
    if layout.checksum.is_some() {
        parts.push("checksum".to_owned());
    }
    parts.join(", ")
}

fn ports(protocol: &Protocol, none: &str) -> String {
    if protocol.ports.is_empty() {
        return none.to_owned();
    }
    let ports: Vec<String> = protocol.ports.iter().map(u16::to_string).collect();
    ports.join(", ")
}

fn names(protocol: &Protocol) -> String {
    let names: Vec<&str> = protocol
        .frames
        .iter()
        .map(|frame| frame.name.as_str())
        .collect();
    names.join(", ")
}
