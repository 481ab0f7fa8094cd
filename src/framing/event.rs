//! What the framer finds. Offsets are stream offsets, gaps counted.

/// A valid frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Index of its type in the layout.
    pub kind: usize,
    /// Stream offset of its first byte.
    pub offset: u64,
    /// All of it: header, payload, end marker.
    pub bytes: &'a [u8],
    /// False where the type has a checksum and it is wrong, but the next frame follows where this one ends.
    pub checksum_ok: bool,
}

/// Type and size of a frame in a [`Run`]; it begins where the one before it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunFrame {
    /// Index of its type in the layout.
    pub kind: u16,
    /// Number of its bytes.
    pub size: u32,
}

/// Frames that stand back to back, at least one. How frames are grouped into runs depends on how the stream was cut and
/// means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<'a> {
    /// Stream offset of the first byte.
    pub offset: u64,
    /// All bytes of all frames.
    pub bytes: &'a [u8],
    /// Type and size of each frame, in order.
    pub frames: &'a [RunFrame],
    /// False where the type has a checksum and it is wrong, but the next frame follows where this one ends. Such a frame
    /// is a run of its own.
    pub checksum_ok: bool,
}

impl<'a> Run<'a> {
    /// The frames one by one.
    pub fn iter(&self) -> impl Iterator<Item = Frame<'a>> + use<'a> {
        let (mut offset, mut rest, checksum_ok) = (self.offset, self.bytes, self.checksum_ok);
        self.frames.iter().map(move |frame| {
            let (bytes, behind) = rest
                .split_at_checked(frame.size as usize)
                .unwrap_or((rest, &[]));
            rest = behind;
            let frame = Frame {
                kind: frame.kind.into(),
                offset,
                bytes,
                checksum_ok,
            };
            offset += bytes.len() as u64;
            frame
        })
    }
}

/// What is wrong with bytes that are no valid frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// A known header and exactly one of its sizes, but no end marker there.
    BadEndMarker,
    /// A known header and an end marker at the end, but none of its sizes; or a length field that states an impossible one.
    BadLength,
    /// A known header, shorter than its longest size.
    Truncated,
    /// No known header, but exactly the size of some type and its end marker.
    BadHeader,
    /// A whole frame whose checksum is wrong.
    BadChecksum,
    /// None of these.
    Junk,
}

impl FaultKind {
    /// All kinds.
    pub const ALL: [FaultKind; 6] = [
        FaultKind::BadEndMarker,
        FaultKind::BadLength,
        FaultKind::Truncated,
        FaultKind::BadHeader,
        FaultKind::BadChecksum,
        FaultKind::Junk,
    ];

    /// Its name in reports and records.
    pub const fn name(self) -> &'static str {
        match self {
            FaultKind::BadEndMarker => "bad_end_marker",
            FaultKind::BadLength => "bad_length",
            FaultKind::Truncated => "truncated",
            FaultKind::BadHeader => "bad_header",
            FaultKind::BadChecksum => "bad_checksum",
            FaultKind::Junk => "junk",
        }
    }
}

/// Bytes that the sender garbled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault<'a> {
    /// What is wrong.
    pub kind: FaultKind,
    /// Index of the frame type it comes closest to, if any.
    pub nearest: Option<usize>,
    /// Stream offset of the first byte.
    pub offset: u64,
    /// How many bytes.
    pub length: u64,
    /// The first of them, at most 256.
    pub head: &'a [u8],
    /// The last of them, at most as many as the longest end marker.
    pub tail: &'a [u8],
    /// The size that a length field in it states, as bytes on the wire, where that is what is wrong.
    pub stated: Option<u64>,
}

/// Why bytes are neither frame nor fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipKind {
    /// Before the first frame of a stream whose beginning was not seen.
    Leading,
    /// A frame that a gap cut, or what follows a gap up to the next frame.
    Cut,
    /// A frame still open when the capture ended.
    Unfinished,
}

/// Bytes that are neither frame nor fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skip {
    /// Why.
    pub kind: SkipKind,
    /// Stream offset of the first byte.
    pub offset: u64,
    /// How many bytes.
    pub length: u64,
}

/// What the framer emits, in stream order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// Valid frames, one behind the other.
    Frames(Run<'a>),
    /// Garbled bytes.
    Fault(Fault<'a>),
    /// Bytes that prove nothing.
    Skip(Skip),
}

impl<'a> Event<'a> {
    /// The frames of the event, one by one; none of a fault or skip.
    pub fn frames(&self) -> impl Iterator<Item = Frame<'a>> + use<'a> {
        let run = match *self {
            Event::Frames(run) => Some(run),
            Event::Fault(_) | Event::Skip(_) => None,
        };
        run.into_iter().flat_map(|run| run.iter())
    }
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// The sender ended it: a frame still open is truncated.
    Closed,
    /// It may have gone on: a frame still open is unfinished.
    Open,
}
