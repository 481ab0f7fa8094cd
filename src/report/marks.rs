//! What the bytes of a frame or a fault are: header, fields, payload, end marker, and what is wrong.

use deframe::{
    framing::{FaultKind, FrameLayout},
    pipeline::FaultRecord,
    protocol::{Extent, Field, FieldFormat, FrameType, Protocol},
};

use super::{
    describe::{pattern, spaced},
    hexview::{Mark, Role},
    text::Escaped,
};

/// Marks of a whole frame of `length` bytes.
pub fn frame(kind: &FrameType, length: u64) -> Vec<Mark<'static>> {
    let payload = kind.payload_range(length as usize);
    let mut marks = Vec::new();
    push(&mut marks, 0, "header", Role::Header);
    let mut fields: Vec<&Field> = kind.fields.iter().collect();
    fields.sort_by_key(|field| field.offset);
    push(&mut marks, payload.start as u64, "payload", Role::Payload);
    for field in fields {
        let end = field_end(field, length as usize).min(payload.end);
        if field.offset >= end || field.offset < payload.start {
            continue;
        }
        push_field(&mut marks, field, end as u64);
    }
    marks.retain(|mark| mark.at < payload.end as u64);
    push(&mut marks, payload.end as u64, "end marker", Role::End);
    marks.retain(|mark| mark.at < length);
    marks
}

/// A field's mark, and one behind it; fields of the same bytes share theirs.
fn push_field(marks: &mut Vec<Mark<'static>>, field: &Field, end: u64) {
    let (name, at) = (Escaped(&field.name).to_string(), field.offset as u64);
    if let [.., shared, behind] = &mut marks[..]
        && shared.at == at
        && shared.role == Role::Payload
        && behind.at == end
    {
        shared.label = format!("{}, {name}", shared.label).into();
        return;
    }
    if marks.last().is_none_or(|last| last.at <= at) {
        push(marks, at, name, Role::Payload);
        push(marks, end, "payload", Role::Payload);
    }
}

/// Adds a mark; one of no bytes before it goes.
fn push(marks: &mut Vec<Mark<'static>>, at: u64, label: impl Into<String>, role: Role) {
    if marks.last().is_some_and(|last| last.at == at) {
        marks.pop();
    }
    marks.push(Mark::new(at, label.into(), role));
}

fn field_end(field: &Field, size: usize) -> usize {
    let width = match field.format {
        FieldFormat::Unsigned { width, .. }
        | FieldFormat::Signed { width, .. }
        | FieldFormat::Float { width, .. }
        | FieldFormat::Bcd { width, .. }
        | FieldFormat::Unix { width, .. } => width,
        FieldFormat::Cp56 => 7,
        FieldFormat::Ascii { extent } | FieldFormat::Bytes { extent } => match extent {
            Extent::Length(length) => length,
            Extent::Rest(marker) => return size.saturating_sub(marker),
        },
    };
    field.offset.saturating_add(width)
}

/// Marks of a fault: as much of a frame as it has, and what is wrong.
pub fn fault(protocol: &Protocol, fault: &FaultRecord<'_>) -> Vec<Mark<'static>> {
    let nearest = fault
        .nearest
        .and_then(|at| Some((protocol.layout.frames.get(at)?, protocol.frames.get(at)?)));
    let Some((layout, kind)) = nearest.filter(|_| fault.kind != FaultKind::Junk) else {
        return vec![Mark::new(0, "junk", Role::Bad)];
    };
    if fault.kind == FaultKind::BadChecksum {
        return frame(kind, fault.length);
    }
    let mut marks = Vec::new();
    match fault.kind {
        FaultKind::BadHeader => push(&mut marks, 0, wanted_header(layout), Role::Bad),
        _ => push(&mut marks, 0, "header", Role::Header),
    }
    push(&mut marks, kind.header_len as u64, "payload", Role::Payload);
    let end = fault.length.saturating_sub(kind.end_len as u64);
    match fault.kind {
        FaultKind::BadEndMarker => {
            push(
                &mut marks,
                end,
                format!("not {}", spaced(&layout.end)),
                Role::Bad,
            );
        }
        _ if !layout.end.is_empty() && fault.tail.ends_with(&layout.end) => {
            push(&mut marks, end, "end marker", Role::End);
        }
        _ => {}
    }
    marks.retain(|mark| mark.at < fault.length);
    marks
}

fn wanted_header(layout: &FrameLayout) -> String {
    let header = layout.headers.first().map_or(String::new(), pattern);
    format!("not {header}")
}
