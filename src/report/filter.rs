//! Which frames, faults and gaps of those found are shown.

use deframe::{
    framing::FaultKind,
    pipeline::{FaultRecord, FrameRecord},
    tcp::Gap,
};

/// The kind of all conflicts.
pub const CONFLICT: &str = "conflict";

/// What `--kind`, `--type` and `--limit` select; all by default.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Names of kinds of faults and causes of gaps; none are all.
    pub kinds: Vec<&'static str>,
    /// Indices of frame types; none are all.
    pub types: Vec<usize>,
    /// At most this number of them is shown.
    pub limit: u64,
}

impl Filter {
    /// Frames of the types. By kind only frames that are faults, too: those with a wrong checksum.
    pub fn takes_frame(&self, frame: &FrameRecord<'_>) -> bool {
        let kind = !frame.checksum_ok && self.has_kind(FaultKind::BadChecksum.name());
        self.has_type(Some(frame.kind)) && (self.kinds.is_empty() || kind)
    }

    /// Faults of the kinds that come closest to the types.
    pub fn takes_fault(&self, fault: &FaultRecord<'_>) -> bool {
        self.has_kind(fault.kind.name()) && self.has_type(fault.nearest)
    }

    /// Gaps with the causes; a gap has no type.
    pub fn takes_gap(&self, gap: &Gap) -> bool {
        self.has_kind(gap.cause.name()) && self.types.is_empty()
    }

    /// Conflicts, of the kind `conflict`; they have no type.
    pub fn takes_conflict(&self) -> bool {
        self.has_kind(CONFLICT) && self.types.is_empty()
    }

    fn has_kind(&self, name: &str) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&name)
    }

    fn has_type(&self, kind: Option<usize>) -> bool {
        self.types.is_empty() || kind.is_some_and(|kind| self.types.contains(&kind))
    }
}
