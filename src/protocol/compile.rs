//! A whole description: its frames, its messages, and what must hold between them.

use toml::de::DeTable;

use super::{
    Error, MessageType, Protocol,
    frame::{self, Parsed},
    nearest::nearest,
    overlap,
    source::{At, Result, Source},
    table::TomlTable,
};
use crate::framing::{Layout, Resync, Size};

/// Most frame types that the framer takes.
const MOST_FRAMES: usize = 250;

const RESYNCS: &[(&str, Resync)] = &[("scan", Resync::Scan), ("segment", Resync::Segment)];

pub(super) fn compile(text: &str, origin: &str) -> Result<Protocol> {
    let source = Source { text, origin };
    let root = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        source.error(
            &span,
            error.message().trim().replace('\n', ", "),
            "write TOML: key = value, texts in quotes",
        )
    })?;
    let span = 0..text.find('\n').unwrap_or(text.len());
    let table = TomlTable::new(source, root.get_ref(), "the description", &span);
    table.only(&[
        "name",
        "description",
        "source",
        "ports",
        "resync",
        "frame",
        "message",
    ])?;
    let name = table.name("plant")?.value.to_owned();
    let resync = table.word("resync", RESYNCS)?;
    let ports = table.ints("ports", 1, 65_535)?;
    let frames = frames(table)?;
    let (messages, message_frames) = messages(table, &frames)?;
    let resync = resync.unwrap_or_else(|| {
        let headed = frames.iter().all(|frame| !frame.layout.headers.is_empty());
        if headed {
            Resync::Scan
        } else {
            Resync::Segment
        }
    });
    let (kinds, layouts) = frames
        .into_iter()
        .map(|frame| (frame.kind, frame.layout))
        .unzip();
    Ok(Protocol {
        name,
        description: table.line("description")?,
        source: table.line("source")?,
        ports: ports.into_iter().map(|port| port.value as u16).collect(),
        layout: Layout {
            frames: layouts,
            messages: message_frames,
            resync,
        },
        frames: kinds,
        messages,
    })
}

fn frames(table: TomlTable<'_>) -> Result<Vec<Parsed>> {
    let mut frames: Vec<Parsed> = Vec::new();
    for inner in table.tables("frame", "[[frame]]")? {
        let frame = frame::parse(inner.view())?;
        for earlier in &frames {
            if earlier.kind.name == frame.kind.name {
                let message = format!("a second frame is called `{}`", frame.kind.name);
                return Err(table.source.error(
                    &frame.name_span,
                    message,
                    "give each frame a name of its own",
                ));
            }
            if overlap::hides(&earlier.layout, &frame.layout) {
                let message = format!(
                    "`{}` can never be distinguished from `{}`",
                    frame.kind.name, earlier.kind.name
                );
                let fix = "give it another header, size or end marker, or make the two one frame";
                return Err(table.source.error(&frame.name_span, message, fix));
            }
        }
        frames.push(frame);
    }
    if let Some(frame) = frames.get(MOST_FRAMES) {
        let message = format!("more than {MOST_FRAMES} frame types");
        let fix = "give headers that share everything else one [[frame]] with a list of them";
        return Err(table.source.error(&frame.name_span, message, fix));
    }
    if frames.is_empty() {
        let fix = "write a table for each frame type: [[frame]], then name, header, payload, end";
        return Err(table
            .source
            .error(&table.span(), "the description has no [[frame]]", fix));
    }
    Ok(frames)
}

fn messages(
    table: TomlTable<'_>,
    frames: &[Parsed],
) -> Result<(Vec<MessageType>, Vec<Vec<usize>>)> {
    let names: Vec<&str> = frames
        .iter()
        .map(|frame| frame.kind.name.as_str())
        .collect();
    let (mut messages, mut shapes): (Vec<MessageType>, _) = (Vec::new(), Vec::new());
    for inner in table.tables("message", "[[message]]")? {
        let inner = inner.view();
        inner.only(&["name", "frames"])?;
        let name = inner.name("report")?;
        if messages.iter().any(|message| message.name == name.value) {
            let message = format!("a second message is called `{}`", name.value);
            return Err(table.source.error(
                &name.span,
                message,
                "give each message a name of its own",
            ));
        }
        let parts = inner.texts("frames")?.unwrap_or_default();
        if parts.is_empty() {
            return Err(inner.missing("frames", &format!("[\"{}\"]", names.join("\", \""))));
        }
        let index = |part: &At<&str>| {
            names
                .iter()
                .position(|name| *name == part.value)
                .ok_or_else(|| {
                    let fix = match nearest(part.value, &names) {
                        Some(near) => format!("write \"{near}\""),
                        None => format!("the frames are {}", names.join(", ")),
                    };
                    table.source.error(
                        &part.span,
                        format!("no frame is called `{}`", part.value.escape_debug()),
                        fix,
                    )
                })
        };
        shapes.push(parts.iter().map(index).collect::<Result<_>>()?);
        messages.push(MessageType {
            name: name.value.to_owned(),
        });
    }
    Ok((messages, shapes))
}

/// See [`Protocol::with_lengths_as_frame`].
pub(super) fn lengths_as_frame(mut protocol: Protocol) -> Result<Protocol> {
    let error = |message: String, fix: &str| Error {
        origin: protocol.name.clone(),
        place: None,
        message,
        fix: fix.to_owned(),
    };
    if protocol.frames.iter().all(|frame| frame.payload.is_none()) {
        let message =
            "no frame gives its size as `payload`, so lengths cannot be read as the whole frame";
        return Err(error(
            message.to_owned(),
            "leave the reading of lengths as it is",
        ));
    }
    for (kind, layout) in protocol.frames.iter_mut().zip(&mut protocol.layout.frames) {
        let Some(size) = kind.payload.take() else {
            continue;
        };
        let marks = kind.header_len + kind.end_len;
        if size < marks.max(1) {
            let message = format!(
                "`{}` would have {size} bytes, but its header and end marker need {marks}",
                kind.name
            );
            return Err(error(
                message,
                "read the lengths of this protocol as payload",
            ));
        }
        if let Some(field) = kind.fields.iter().find(|field| !field.fits(size)) {
            let message = format!(
                "field `{}` is outside of `{}`, of {size} bytes then",
                field.name, kind.name
            );
            return Err(error(
                message,
                "read the lengths of this protocol as payload",
            ));
        }
        layout.size = Size::Fixed(size);
        (layout.min, layout.max) = (size as u64, size as u64);
    }
    Ok(protocol)
}
