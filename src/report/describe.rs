//! Faults in words: what was expected, what was found, and what the difference looks like.

use deframe::{
    framing::{FaultKind},
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
