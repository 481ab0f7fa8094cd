//! Faults in words: what was expected, what was found, and what the difference looks like.

use deframe::{
    framing::FaultKind,
    pipeline::FaultRecord,
    protocol::Protocol,
    tcp::{Dir, GapCause},
};

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

/// The name of a fault kind in every format.
pub fn fault_kind(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::BadEndMarker => "bad_end_marker",
        FaultKind::BadLength => "bad_length",
        FaultKind::Truncated => "truncated",
        FaultKind::BadHeader => "bad_header",
        FaultKind::BadChecksum => "bad_checksum",
        FaultKind::Junk => "junk",
    }
}

/// The name of a gap's cause in every format.
pub fn gap_cause(cause: GapCause) -> &'static str {
    match cause {
        GapCause::NotCaptured => "not_captured",
        GapCause::LostOrLate => "lost_or_late",
        GapCause::CutShort => "cut_short",
    }
}

/// The name of a direction in every format.
pub fn dir(dir: Dir) -> &'static str {
    match dir {
        Dir::C2s => "c2s",
        Dir::S2c => "s2c",
    }
}

/// Says what was expected of a fault and what was found.
pub fn describe(protocol: &Protocol, fault: &FaultRecord<'_>) -> Description {
    let nearest = fault
        .nearest
        .and_then(|at| Some((protocol.layout.frames.get(at)?, protocol.frames.get(at)?)));
    let Some((layout, kind)) = nearest else {
        return Description {
            hint: worth(protocol, fault),
            found: Some(start_of(fault.head)),
            ..Description::default()
        };
    };
    let (mut expected, found, mut hint) = match fault.kind {
        FaultKind::BadEndMarker => {
            let found = last(fault.tail, layout.end.len());
            (
                Some(hex::encode(&layout.end)),
                Some(hex::encode(found)),
                near_miss(&layout.end, found),
            )
        }
        FaultKind::BadHeader => {
            let header = layout
                .headers
                .first()
                .map_or(&[][..], |header| &header.value);
            let found = &fault.head[..header.len().min(fault.head.len())];
            (
                Some(hex::encode(header)),
                Some(hex::encode(found)),
                near_miss(header, found),
            )
        }
        FaultKind::BadLength | FaultKind::Truncated => {
            let sizes = sizes(protocol, fault);
            (
                Some(sizes),
                Some(fault.stated.unwrap_or(fault.length).to_string()),
                None,
            )
        }
        FaultKind::BadChecksum | FaultKind::Junk => (None, None, worth(protocol, fault)),
    };
    if fault.kind == FaultKind::BadChecksum {
        expected = Some("a checksum that fits".to_owned());
        hint = Some(format!(
            "the next {} follows where this one ends",
            kind.name
        ));
    }
    Description {
        expected,
        found,
        hint,
    }
}

/// The sizes that frames with the fault's header may have: `194, 196`.
fn sizes(protocol: &Protocol, fault: &FaultRecord<'_>) -> String {
    let fits = |at: &&deframe::framing::FrameLayout| {
        at.headers.is_empty() || at.headers.iter().any(|header| header.matches(fault.head))
    };
    let sizes: Vec<String> = protocol
        .layout
        .frames
        .iter()
        .filter(fits)
        .map(|frame| {
            if frame.min == frame.max {
                frame.min.to_string()
            } else {
                format!("{}-{}", frame.min, frame.max)
            }
        })
        .collect();
    sizes.join(", ")
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

/// How many frames a long run is worth.
fn worth(protocol: &Protocol, fault: &FaultRecord<'_>) -> Option<String> {
    let longest = protocol.layout.frames.iter().map(|frame| frame.max).max()?;
    let frames = fault.length / longest.max(1);
    (frames >= 2).then(|| format!("as long as {frames} frames"))
}

fn last(bytes: &[u8], n: usize) -> &[u8] {
    &bytes[bytes.len().saturating_sub(n)..]
}

fn start_of(bytes: &[u8]) -> String {
    hex::encode(&bytes[..bytes.len().min(4)])
}
