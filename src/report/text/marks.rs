//! What the bytes of a frame or a fault are: header, fields, payload, end marker, and what is wrong.

use deframe::{
    framing::{FaultKind, FrameLayout, LengthFormat, Size},
    pipeline::FaultRecord,
    protocol::{Extent, Field, FieldFormat, FrameType, Protocol},
};

use crate::report::text::{
    Escaped,
    describe::{fitting, pattern, spaced},
    hexview::{Mark, Role},
};

/// Bytes of a frame that have a name.
struct Named {
    start: usize,
    end: usize,
    name: String,
}

/// Marks of a whole frame of `length` bytes.
pub fn frame(layout: &FrameLayout, kind: &FrameType, length: u64) -> Vec<Mark<'static>> {
    let payload = kind.payload_range(length as usize);
    let mut marks = Vec::new();
    push(&mut marks, 0, "header", Role::Header);
    push(&mut marks, payload.start as u64, "payload", Role::Payload);
    for named in named(layout, kind, length as usize) {
        let end = named.end.min(payload.end);
        if named.start < end && named.start >= payload.start {
            push_named(&mut marks, named, end as u64);
        }
    }
    marks.retain(|mark| mark.at < payload.end as u64);
    push(&mut marks, payload.end as u64, "end marker", Role::End);
    marks.retain(|mark| mark.at < length);
    marks
}

/// The fields of a frame, and its length field, by place.
fn named(layout: &FrameLayout, kind: &FrameType, size: usize) -> Vec<Named> {
    let mut list: Vec<Named> = (kind.fields.iter())
        .map(|field| Named {
            start: field.offset,
            end: field_end(field, size),
            name: Escaped(&field.name).to_string(),
        })
        .collect();
    if let Some((start, end)) = length_field(layout)
        && list.iter().all(|field| field.start != start)
    {
        list.push(Named {
            start,
            end,
            name: "length".to_owned(),
        });
    }
    list.sort_by_key(|named| named.start);
    list
}

/// Where a length of fixed width stands.
fn length_field(layout: &FrameLayout) -> Option<(usize, usize)> {
    let Size::Length(field) = &layout.size else {
        return None;
    };
    match field.format {
        LengthFormat::Uint { width, .. } => Some((field.offset, field.offset + width)),
        _ => None,
    }
}

/// A mark for named bytes, and one behind them; names of the same bytes share theirs.
fn push_named(marks: &mut Vec<Mark<'static>>, named: Named, end: u64) {
    let (name, at) = (named.name, named.start as u64);
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

/// Adds a mark, unless it lies in the one before; one of no bytes before it goes.
fn push(marks: &mut Vec<Mark<'static>>, at: u64, label: impl Into<String>, role: Role) {
    match marks.last() {
        Some(last) if last.at > at => return,
        Some(last) if last.at == at => drop(marks.pop()),
        _ => {}
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
        return frame(layout, kind, fault.length);
    }
    let mut marks = Vec::new();
    match fault.kind {
        FaultKind::BadHeader => push(&mut marks, 0, wanted_header(layout), Role::Bad),
        _ => push(&mut marks, 0, "header", Role::Header),
    }
    push(&mut marks, kind.header_len as u64, "payload", Role::Payload);
    let end = fault.length.saturating_sub(kind.end_len as u64);
    if let (Some(_), Some((start, end))) = (fault.stated, length_field(layout))
        && start >= kind.header_len
    {
        push(&mut marks, start as u64, "length", Role::Bad);
        push(&mut marks, end as u64, "payload", Role::Payload);
    }
    match fault.kind {
        FaultKind::BadEndMarker => {
            push(
                &mut marks,
                end,
                format!("not {}", spaced(&layout.end)),
                Role::Bad,
            );
        }
        FaultKind::BadLength if fault.stated.is_none() => {
            push(&mut marks, end, astray(protocol, fault), Role::Bad);
        }
        _ if !layout.end.is_empty() && fault.tail.ends_with(&layout.end) => {
            push(&mut marks, end, "end marker", Role::End);
        }
        _ => {}
    }
    marks.retain(|mark| mark.at < fault.length);
    marks
}

/// How an end marker is where it should not be.
fn astray(protocol: &Protocol, fault: &FaultRecord<'_>) -> &'static str {
    let (mut longer, mut shorter) = (false, false);
    for (frame, _) in fitting(protocol, fault) {
        longer |= fault.length > frame.max;
        shorter |= fault.length < frame.min;
    }
    match (longer, shorter) {
        (true, false) => "end too late",
        (false, true) => "end too soon",
        _ => "end astray",
    }
}

fn wanted_header(layout: &FrameLayout) -> String {
    let header = layout.headers.first().map_or(String::new(), pattern);
    format!("not {header}")
}

#[cfg(test)]
mod tests {
    use deframe::pipeline::Provenance;

    use super::*;
    use crate::report::text::describe::{describe, in_words};

    const PROTOCOL: &str = r#"
        name = "t"
        [[frame]]
        name = "f"
        header = "AA BB"
        payload = 12
        end = "CC"
        [[frame.field]]
        name = "late"
        offset = 10
        type = "u16"
        [[frame.field]]
        name = "low"
        offset = 2
        type = "u8"
        bit = 0
        bits = 4
        [[frame.field]]
        name = "high"
        offset = 2
        type = "u8"
        bit = 4
        bits = 4
        [[frame.field]]
        name = "text"
        offset = 3
        type = "ascii"
        length = 4
    "#;

    fn names(marks: &[Mark<'_>]) -> Vec<(u64, String)> {
        marks
            .iter()
            .map(|mark| (mark.at, mark.label.to_string()))
            .collect()
    }

    #[test]
    fn fields_stand_where_they_are() {
        let protocol = Protocol::parse(PROTOCOL, "t").unwrap();
        let want = [
            (0, "header"),
            (2, "low, high"),
            (3, "text"),
            (7, "payload"),
            (10, "late"),
            (12, "payload"),
            (14, "end marker"),
        ];
        let want: Vec<_> = want.map(|(at, name)| (at, name.to_owned())).into();
        assert_eq!(
            names(&frame(&protocol.layout.frames[0], &protocol.frames[0], 15)),
            want
        );
    }

    #[test]
    fn no_end_marker_no_mark() {
        let text = "name = \"t\"\n[[frame]]\nname = \"f\"\nheader = \"AA\"\nsize = 1\n";
        let protocol = Protocol::parse(text, "t").unwrap();
        assert_eq!(
            names(&frame(&protocol.layout.frames[0], &protocol.frames[0], 1)),
            [(0, "header".to_owned())]
        );
    }

    const NOWHERE: Provenance<'static> = Provenance {
        first_packet: 1,
        last_packet: 1,
        capture: 0,
        time: None,
        last_time: None,
        segments: 1,
        spans: &[],
        starts_segment: true,
        ends_segment: true,
        starts_read: true,
        ends_read: true,
        reads: 1,
        conflict: false,
        urgent: false,
        after_fin: false,
    };

    /// What is marked in a fault of the device protocol, and what is said of it.
    #[test]
    fn faults_in_marks_and_words() {
        use FaultKind::{BadEndMarker, BadHeader, BadLength, Junk, Truncated};
        let protocol = Protocol::fd();
        let rows: [(_, _, &[u8], u64, &[u8], &str); 8] = [
            (
                BadEndMarker,
                Some(0),
                b"\xfd\xaa\x01",
                154,
                b"\xcc\xdf",
                "header 0, payload 2, not cc dd 152 | end marker cc dd of realtime | cc df | one bit differs",
            ),
            (
                BadHeader,
                Some(0),
                b"\xfd\xab\x01",
                154,
                b"\xcc\xdd",
                "not fd aa 0, payload 2, end marker 152 | header fd aa of realtime | fd ab | one bit differs",
            ),
            (
                BadLength,
                Some(2),
                b"\xfd\xcc\x01",
                195,
                b"\xcc\xdd",
                "header 0, payload 2, end astray 193 | 194 or 196 bytes (extra190, extra192) | 195 bytes with header and end marker | 1 byte longer than extra190, 1 byte shorter than extra192",
            ),
            (
                BadLength,
                Some(0),
                b"\xfd\xaa\x01",
                308,
                b"\xcc\xdd",
                "header 0, payload 2, end too late 306 | 154 bytes (realtime) | 308 bytes with header and end marker | 154 bytes longer than realtime, exactly as long as 2 realtime",
            ),
            (
                Truncated,
                Some(0),
                b"\xfd\xaa\x01",
                3,
                b"\xaa\x01",
                "header 0, payload 2 | 154 bytes (realtime) | 3 bytes and no end marker | 151 bytes shorter than realtime",
            ),
            (
                BadLength,
                Some(0),
                b"\xfd\xaa\xdd",
                3,
                b"\xaa\xdd",
                "header 0, payload 2 | 154 bytes (realtime) | 3 bytes with header and end marker | 151 bytes shorter than realtime",
            ),
            (
                Junk,
                None,
                b"\xfd\xae\x01",
                350,
                b"",
                "junk 0 | a frame: fd aa or fd cc | none in 350 bytes: fd ae 01 … | it begins almost with fd aa: one bit differs; exactly as long as realtime and extra192",
            ),
            (
                Junk,
                None,
                b"\x01",
                1,
                b"\x01",
                "junk 0 | a frame: fd aa or fd cc | none in 1 byte: 01 | ",
            ),
        ];
        for (kind, nearest, head, length, tail, want) in rows {
            let record = FaultRecord {
                kind,
                nearest,
                offset: 0,
                length,
                head,
                tail,
                stated: None,
                framed: false,
                place: NOWHERE,
            };
            let marks: Vec<String> = (fault(&protocol, &record).iter())
                .map(|mark| format!("{} {}", mark.label, mark.at))
                .collect();
            let (expected, found) = in_words(&protocol, &record);
            let hint = describe(&protocol, &record).hint.unwrap_or_default();
            assert_eq!(
                format!("{} | {expected} | {found} | {hint}", marks.join(", ")),
                want
            );
        }
    }
}
