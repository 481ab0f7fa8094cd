//! Faults: what is kept of bytes that are no frame, however many they are, and which kind of fault they are.

use super::{
    check::MARKER_MAX,
    event::{Event, Fault, FaultKind},
    field::Field,
    headers::Header,
    layout::Size,
    table::{FrameTable, Kind},
};

/// First bytes of a fault that are kept.
const MAX_HEAD_BYTES: usize = 256;

/// A fault that is being collected.
#[derive(Clone, Debug)]
pub(super) struct OpenFault {
    head: [u8; MAX_HEAD_BYTES],
    tail: [u8; MARKER_MAX],
    tail_len: usize,
    length: u64,
    /// Type of the whole frame at its beginning of which only the checksum is wrong.
    pub bad_checksum: Option<usize>,
}

impl OpenFault {
    pub fn new() -> Self {
        Self {
            head: [0; MAX_HEAD_BYTES],
            tail: [0; MARKER_MAX],
            tail_len: 0,
            length: 0,
            bad_checksum: None,
        }
    }

    /// Adds its next bytes.
    pub fn add(&mut self, bytes: &[u8], table: &FrameTable) {
        let have = usize::try_from(self.length)
            .unwrap_or(MAX_HEAD_BYTES)
            .min(MAX_HEAD_BYTES);
        for (to, from) in self.head.iter_mut().skip(have).zip(bytes) {
            *to = *from;
        }
        self.length += bytes.len() as u64;
        let keep = table.end_max;
        let old = keep.saturating_sub(bytes.len()).min(self.tail_len);
        self.tail.copy_within(self.tail_len - old..self.tail_len, 0);
        let new = last(bytes, keep);
        for (to, from) in self.tail.iter_mut().skip(old).zip(new) {
            *to = *from;
        }
        self.tail_len = old + new.len();
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The fault that these bytes are, beginning at `offset`, where no frame may be larger than `limit`.
    pub fn fault(&self, table: &FrameTable, offset: u64, limit: u64) -> Fault<'_> {
        let have = usize::try_from(self.length)
            .unwrap_or(MAX_HEAD_BYTES)
            .min(MAX_HEAD_BYTES);
        let mut fault = Fault {
            kind: FaultKind::Junk,
            nearest: None,
            offset,
            length: self.length,
            head: self.head.get(..have).unwrap_or_default(),
            tail: self.tail.get(..self.tail_len).unwrap_or_default(),
            stated: None,
        };
        classify(table, &mut fault, self.bad_checksum, limit);
        fault
    }
}

impl Fault<'_> {
    /// Whether its kind explains all of its bytes.
    pub(super) fn is_explained(&self) -> bool {
        !matches!(self.kind, FaultKind::Junk | FaultKind::Truncated)
    }
}

/// The event of a frame that the end of the stream cut off; `bytes` is all that is there of it.
pub(super) fn truncated<'a>(
    table: &FrameTable,
    bytes: &'a [u8],
    offset: u64,
    kind: Option<usize>,
) -> Event<'a> {
    Event::Fault(Fault {
        kind: FaultKind::Truncated,
        nearest: kind,
        offset,
        length: bytes.len() as u64,
        head: bytes.get(..MAX_HEAD_BYTES).unwrap_or(bytes),
        tail: last(bytes, table.end_max),
        stated: None,
    })
}

fn last(bytes: &[u8], keep: usize) -> &[u8] {
    bytes
        .get(bytes.len().saturating_sub(keep)..)
        .unwrap_or_default()
}

/// How well a kind of fault fits; of the types whose header is there the best one decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Truncated,
    OtherLength,
    ExactSize,
}

/// Finds the kind of a fault by its first and last bytes and its length.
fn classify(table: &FrameTable, fault: &mut Fault<'_>, bad_checksum: Option<usize>, limit: u64) {
    if let Some(kind) = bad_checksum {
        (fault.kind, fault.nearest) = (FaultKind::BadChecksum, Some(kind));
        return;
    }
    let mut best: Option<((Fit, i64), usize, Option<u64>)> = None;
    let mut known = false;
    for (index, kind) in table.kinds.iter().enumerate() {
        let Header::Is(header) = kind.headers.at(fault.head) else {
            continue;
        };
        if header == 0 || fault.length < header as u64 {
            continue;
        }
        known = true;
        if let Some((fit, near, stated)) = fit(kind, header, fault, limit) {
            let rank = (fit, near);
            if best.is_none_or(|(other, ..)| rank > other) {
                best = Some((rank, index, stated));
            }
        }
    }
    if let Some(((fit, _), index, stated)) = best {
        fault.kind = match fit {
            Fit::ExactSize => FaultKind::BadEndMarker,
            Fit::OtherLength => FaultKind::BadLength,
            Fit::Truncated => FaultKind::Truncated,
        };
        (fault.nearest, fault.stated) = (Some(index), stated);
    } else if !known {
        let exact = |kind: &Kind| {
            matches!(kind.size, Size::Fixed(size) if size as u64 == fault.length)
                && ends(kind, fault)
        };
        if let Some(index) = table.kinds.iter().position(exact) {
            (fault.kind, fault.nearest) = (FaultKind::BadHeader, Some(index));
        }
    }
}

/// What the fault is if it was meant to be of this type, whose header it has: how well that fits, how near the
/// length is (greater is nearer), and what a length field states where that is wrong.
fn fit(
    kind: &Kind,
    header: usize,
    fault: &Fault<'_>,
    limit: u64,
) -> Option<(Fit, i64, Option<u64>)> {
    let length = fault.length;
    let ended = ends(kind, fault) && length >= (header + kind.end.len()) as u64;
    let near = |size: u64| 0i64.saturating_sub_unsigned(size.abs_diff(length).min(i64::MAX as u64));
    match &kind.size {
        Size::Fixed(size) => {
            let size = *size as u64;
            match () {
                () if length == size => Some((Fit::ExactSize, 0, None)),
                () if ended => Some((Fit::OtherLength, near(size), None)),
                // Of several sizes that it is shorter than the longest decides.
                () if length < size => {
                    Some((Fit::Truncated, size.min(i64::MAX as u64) as i64, None))
                }
                () => None,
            }
        }
        Size::Length(field) => match field.read(fault.head) {
            Field::More(_) => Some((Fit::Truncated, 0, None)),
            Field::Bad => Some((Fit::OtherLength, 0, None)),
            Field::Size { size, behind } => match () {
                () if !(kind.min..=kind.max.min(limit)).contains(&size)
                    || size < (behind + kind.end.len()) as u64 =>
                {
                    Some((Fit::OtherLength, near(size), Some(size)))
                }
                () if length == size => Some((Fit::ExactSize, 0, None)),
                () if ended => Some((Fit::OtherLength, near(size), Some(size))),
                () if length < size => Some((Fit::Truncated, 0, None)),
                () => None,
            },
        },
        Size::Searched if ended => Some((Fit::OtherLength, 0, None)),
        Size::Searched if length < kind.max => Some((Fit::Truncated, 0, None)),
        Size::Searched => None,
    }
}

/// Whether the type has an end marker and the fault ends with it.
fn ends(kind: &Kind, fault: &Fault<'_>) -> bool {
    !kind.end.is_empty() && fault.tail.ends_with(&kind.end)
}
