//! Faults in words: what was expected, what was found, and what the difference looks like.

use deframe::{
    framing::{FaultKind, FrameLayout, Pattern},
    pipeline::FaultRecord,
    protocol::{FrameType, Protocol},
};

use crate::report::text::{Escaped, Grouped, count};

/// A fault in words; texts are markers in hex or numbers of bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// What should stand there.
    pub expected: Option<String>,
    /// What stands there.
    pub found: Option<String>,
    /// What this looks like, in a sentence.
    pub hint: Option<String>,
}

/// Says what was expected of a fault and what was found.
pub fn describe(protocol: &Protocol, fault: &FaultRecord<'_>) -> Description {
    let Some((layout, kind)) = nearest(protocol, fault) else {
        return Description {
            hint: worth(protocol, fault),
            found: Some(start_of(fault.head)),
            ..Description::default()
        };
    };
    let (expected, found, hint) = match fault.kind {
        FaultKind::BadEndMarker => {
            let found = last(fault.tail, layout.end.len());
            let hint = near_miss(&layout.end, found);
            (
                const_hex::encode(&layout.end),
                Some(const_hex::encode(found)),
                hint,
            )
        }
        FaultKind::BadHeader => {
            let header = layout.headers.first();
            let found = &fault.head[..kind.header_len.min(fault.head.len())];
            let hint = header.and_then(|header| near_miss(&header.value, found));
            let expected = header.map_or(String::new(), |header| pattern(header).replace(' ', ""));
            (expected, Some(const_hex::encode(found)), hint)
        }
        FaultKind::BadLength | FaultKind::Truncated => {
            let found = fault.stated.unwrap_or(fault.length).to_string();
            (sizes(protocol, fault), Some(found), off_by(protocol, fault))
        }
        FaultKind::BadChecksum => {
            let hint = format!("the next frame follows where this {} ends", kind.name);
            ("a checksum that fits".to_owned(), None, Some(hint))
        }
        _ => {
            return Description {
                hint: worth(protocol, fault),
                found: Some(start_of(fault.head)),
                ..Description::default()
            };
        }
    };
    Description {
        expected: Some(expected),
        found,
        hint,
    }
}

/// What was expected and what was found, as people say it.
pub fn in_words(protocol: &Protocol, fault: &FaultRecord<'_>) -> (String, String) {
    let found_bytes = count(fault.length, "byte");
    let Some((layout, kind)) = nearest(protocol, fault).filter(|_| fault.kind != FaultKind::Junk)
    else {
        let expected = any_frame(protocol);
        let start = &fault.head[..fault.head.len().min(4)];
        let more = if start.len() as u64 == fault.length {
            ""
        } else {
            " …"
        };
        return (
            expected,
            format!("none in {found_bytes}: {}{more}", spaced(start)),
        );
    };
    let name = Escaped(&kind.name);
    match fault.kind {
        FaultKind::BadEndMarker => {
            let found = last(fault.tail, layout.end.len());
            (
                format!("end marker {} of {name}", spaced(&layout.end)),
                spaced(found),
            )
        }
        FaultKind::BadHeader => {
            let header = layout.headers.first().map_or(String::new(), pattern);
            let found = &fault.head[..kind.header_len.min(fault.head.len())];
            (format!("header {header} of {name}"), spaced(found))
        }
        FaultKind::BadChecksum => (
            format!("a {name} with a checksum that fits"),
            "another one".to_owned(),
        ),
        _ => {
            let found = match (fault.stated, fault.kind) {
                (Some(stated), _) => {
                    format!("a length field that makes it {}", count(stated, "byte"))
                }
                (None, FaultKind::Truncated) => format!("{found_bytes} and no end marker"),
                (None, _) => format!("{found_bytes} with header and end marker"),
            };
            let names: Vec<&str> = fitting(protocol, fault)
                .map(|(_, kind)| kind.name.as_str())
                .collect();
            let (sizes, names) = (
                sizes(protocol, fault).replace(", ", " or "),
                names.join(", "),
            );
            (format!("{sizes} bytes ({})", Escaped(&names)), found)
        }
    }
}

/// A frame, by its headers if they are few.
fn any_frame(protocol: &Protocol) -> String {
    let mut headers: Vec<String> = Vec::new();
    for header in protocol
        .layout
        .frames
        .iter()
        .flat_map(|frame| &frame.headers)
    {
        let header = pattern(header);
        if !headers.contains(&header) {
            headers.push(header);
        }
    }
    match headers.len() {
        0 => "a frame".to_owned(),
        1..=4 => format!("a frame: {}", headers.join(" or ")),
        n => format!("a frame: one of {n} headers"),
    }
}

/// The frame type that a fault comes closest to.
fn nearest<'a>(
    protocol: &'a Protocol,
    fault: &FaultRecord<'_>,
) -> Option<(&'a FrameLayout, &'a FrameType)> {
    let at = fault.nearest?;
    Some((protocol.layout.frames.get(at)?, protocol.frames.get(at)?))
}

/// The frame types whose header the fault has.
pub fn fitting<'a>(
    protocol: &'a Protocol,
    fault: &FaultRecord<'_>,
) -> impl Iterator<Item = (&'a FrameLayout, &'a FrameType)> {
    let head = fault.head.to_vec();
    protocol
        .layout
        .frames
        .iter()
        .zip(&protocol.frames)
        .filter(move |(frame, _)| {
            frame.headers.is_empty() || frame.headers.iter().any(|header| header.matches(&head))
        })
}

/// The sizes that frames with the fault's header may have: `194, 196`.
fn sizes(protocol: &Protocol, fault: &FaultRecord<'_>) -> String {
    let sizes: Vec<String> = fitting(protocol, fault)
        .map(|(frame, _)| match frame.min == frame.max {
            true => frame.min.to_string(),
            false => format!("{}-{}", frame.min, frame.max),
        })
        .collect();
    sizes.join(", ")
}

/// How far a fault of the wrong size is from the next sizes: `2 bytes longer than extra192`.
fn off_by(protocol: &Protocol, fault: &FaultRecord<'_>) -> Option<String> {
    if fault.stated.is_some() {
        return None;
    }
    let longer = fitting(protocol, fault)
        .filter(|(frame, _)| frame.max < fault.length)
        .max_by_key(|(frame, _)| frame.max)
        .map(|(frame, kind)| (fault.length - frame.max, "longer", &kind.name));
    let shorter = fitting(protocol, fault)
        .filter(|(frame, _)| frame.min > fault.length)
        .min_by_key(|(frame, _)| frame.min)
        .map(|(frame, kind)| (frame.min - fault.length, "shorter", &kind.name));
    let said: Vec<String> = [longer, shorter]
        .into_iter()
        .flatten()
        .map(|(bytes, word, name)| format!("{} {word} than {name}", count(bytes, "byte")))
        .chain(as_long_as(protocol, fault.length))
        .collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// Whether found bytes are a slip of the wanted ones.
fn near_miss(wanted: &[u8], found: &[u8]) -> Option<String> {
    if wanted.len() != found.len() || wanted.len() < 2 {
        return None;
    }
    let bits: u32 = wanted
        .iter()
        .zip(found)
        .map(|(a, b)| (a ^ b).count_ones())
        .sum();
    if bits > 0 && wanted.iter().eq(found.iter().rev()) {
        return Some("the bytes are in reverse order".to_owned());
    }
    match bits {
        1 => Some("one bit differs".to_owned()),
        _ if wanted.iter().zip(found).filter(|(a, b)| a != b).count() == 1 => {
            Some("one byte differs".to_owned())
        }
        _ => None,
    }
}

/// What a run without a known frame may have been: its first bytes, and its length in frames.
fn worth(protocol: &Protocol, fault: &FaultRecord<'_>) -> Option<String> {
    let long =
        as_long_as(protocol, fault.length).or_else(|| about_as_long_as(protocol, fault.length));
    let said = [almost(protocol, fault), long];
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// A header that the first bytes are nearly.
fn almost(protocol: &Protocol, fault: &FaultRecord<'_>) -> Option<String> {
    let headers = || {
        protocol
            .layout
            .frames
            .iter()
            .flat_map(|frame| &frame.headers)
    };
    if headers().any(|header| header.matches(fault.head)) {
        return Some("it begins with a known header".to_owned());
    }
    let miss = headers().find_map(|header| {
        let whole = header.mask.iter().all(|mask| *mask == 0xff);
        let found = fault.head.get(..header.value.len()).filter(|_| whole)?;
        Some((header, near_miss(&header.value, found)?))
    });
    miss.map(|(header, how)| format!("it begins almost with {}: {how}", pattern(header)))
}

/// The frames that are exactly so long together.
fn as_long_as(protocol: &Protocol, length: u64) -> Option<String> {
    let frames: Vec<(u64, &str)> = (protocol.layout.frames.iter().zip(&protocol.frames))
        .filter(|(frame, _)| frame.min == frame.max)
        .map(|(frame, kind)| (frame.max, kind.name.as_str()))
        .collect();
    let many = frames
        .iter()
        .find(|(size, _)| length > *size && length.is_multiple_of(*size));
    if let Some((size, name)) = many {
        return Some(format!("exactly as long as {} {name}", length / size));
    }
    for (at, (size, name)) in frames.iter().enumerate() {
        if let Some((_, other)) = frames[at + 1..]
            .iter()
            .find(|(other, _)| size + other == length)
        {
            return Some(format!("exactly as long as {name} and {other}"));
        }
    }
    None
}

/// How many of the longest frames a long run is worth.
fn about_as_long_as(protocol: &Protocol, length: u64) -> Option<String> {
    let longest = protocol.layout.frames.iter().map(|frame| frame.max).max()?;
    let frames = length / longest.max(1);
    (frames >= 2).then(|| format!("as long as {} frames", Grouped(frames)))
}

fn last(bytes: &[u8], n: usize) -> &[u8] {
    &bytes[bytes.len().saturating_sub(n)..]
}

fn start_of(bytes: &[u8]) -> String {
    const_hex::encode(&bytes[..bytes.len().min(4)])
}

/// Bytes for people: `cc dd`.
pub fn spaced(bytes: &[u8]) -> String {
    let texts: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    texts.join(" ")
}

/// A header for people, `?` for any four bits: `0? 64`.
pub fn pattern(pattern: &Pattern) -> String {
    let digit = |value: u8, mask: u8| match mask {
        0 => '?',
        _ => char::from_digit(value.into(), 16).unwrap_or('?'),
    };
    let texts: Vec<String> = (pattern.value.iter().zip(&pattern.mask))
        .map(|(value, mask)| {
            [digit(value >> 4, mask >> 4), digit(value & 15, mask & 15)]
                .iter()
                .collect()
        })
        .collect();
    texts.join(" ")
}
