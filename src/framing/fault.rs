//! Bytes that are no frame: what is kept of them, however many they are, and the name of the fault.

use super::{
    check::MARKER_MAX,
    decide::Header,
    event::{Event, Fault, FaultKind},
    field::Field,
    layout::Size,
    table::{FrameTable, Kind},
};

/// How many of its first bytes a fault keeps.
const HEAD: usize = 256;

/// A fault that is being collected.
#[derive(Clone, Debug)]
pub(super) struct OpenFault {
    head: [u8; HEAD],
    tail: [u8; MARKER_MAX],
    tail_len: usize,
    length: u64,
    /// Type of the whole frame at its beginning of which only the checksum is wrong.
    pub bad_checksum: Option<usize>,
}

impl OpenFault {
    pub fn new() -> Self {
        Self {
            head: [0; HEAD],
            tail: [0; MARKER_MAX],
            tail_len: 0,
            length: 0,
            bad_checksum: None,
        }
    }

    /// Adds its next bytes.
    pub fn add(&mut self, bytes: &[u8], table: &FrameTable) {
        let have = usize::try_from(self.length).unwrap_or(HEAD).min(HEAD);
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

    /// The fault that these bytes are, beginning at `offset`.
    pub fn fault(&self, table: &FrameTable, offset: u64) -> Fault<'_> {
        let have = usize::try_from(self.length).unwrap_or(HEAD).min(HEAD);
        let mut fault = Fault {
            kind: FaultKind::Junk,
            nearest: None,
            offset,
            length: self.length,
            head: self.head.get(..have).unwrap_or_default(),
            tail: self.tail.get(..self.tail_len).unwrap_or_default(),
            stated: None,
        };
        name(table, &mut fault, self.bad_checksum);
        fault
    }
}

impl Fault<'_> {
    /// Whether it is known what the bytes were meant to be, all of them together.
    pub(super) fn is_named(&self) -> bool {
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
        head: bytes.get(..HEAD).unwrap_or(bytes),
        tail: last(bytes, table.end_max),
        stated: None,
    })
}

fn last(bytes: &[u8], keep: usize) -> &[u8] {
    bytes
        .get(bytes.len().saturating_sub(keep)..)
        .unwrap_or_default()
}

/// How well a name fits; of the types whose header is there the best one gives the name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Truncated,
    OtherLength,
    ExactSize,
}

/// Names a fault by its first and last bytes and its length.
fn name(table: &FrameTable, fault: &mut Fault<'_>, bad_checksum: Option<usize>) {
    if let Some(kind) = bad_checksum {
        (fault.kind, fault.nearest) = (FaultKind::BadChecksum, Some(kind));
        return;
    }
    let mut best: Option<((Fit, i64), usize, Option<u64>)> = None;
    let mut known = false;
    for (index, kind) in table.kinds.iter().enumerate() {
        let Header::Is(header) = kind.header(fault.head) else {
            continue;
        };
        if header == 0 || fault.length < header as u64 {
            continue;
        }
        known = true;
        if let Some((fit, near, stated)) = fit(kind, header, fault) {
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
fn fit(kind: &Kind, header: usize, fault: &Fault<'_>) -> Option<(Fit, i64, Option<u64>)> {
    let length = fault.length;
    let ended = ends(kind, fault) && length >= (header + kind.end.len()) as u64;
    let near = |size: u64| 0i64.saturating_sub_unsigned(size.abs_diff(length).min(i64::MAX as u64));
    match &kind.size {
        Size::Fixed(size) => {
            let size = *size as u64;
            match () {
                () if length == size => Some((Fit::ExactSize, 0, None)),
                () if ended => Some((Fit::OtherLength, near(size), None)),
                // The longest of the sizes that it may be short of is the one that says truncated.
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
                () if !(kind.min..=kind.max).contains(&size)
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
