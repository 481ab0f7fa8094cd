//! What is counted of a stream, and of all streams.

use std::ops::AddAssign;

use crate::{
    analysis::Delivery,
    framing::FaultKind,
    tcp::{self, GapCause, StreamSummary},
};

/// Gaps of one cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GapCounts {
    /// How many.
    pub count: u64,
    /// Bytes missing in them.
    pub bytes: u64,
}

/// Streams counted by what is odd about them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OddStreams {
    /// Their SYN was not captured.
    pub midstream: u64,
    /// Reset.
    pub reset: u64,
    /// Some bytes came again and differed.
    pub conflict: u64,
    /// With an urgent pointer.
    pub urgent: u64,
    /// With data behind a FIN that had been reached.
    pub after_fin: u64,
    /// Let go of early, to stay within the bound on connections.
    pub evicted: u64,
}

/// Where every stream byte went, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// In valid frames.
    pub frames: u64,
    /// In faults.
    pub faults: u64,
    /// Before the first frame of a stream whose beginning was not seen.
    pub leading: u64,
    /// In frames that a gap cut.
    pub cut: u64,
    /// In frames still open when the capture ended.
    pub unfinished: u64,
    /// In streams without any frame.
    pub unrecognised: u64,
    /// Outside the selected time.
    pub unselected: u64,
}

/// Everything counted of a stream, or of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Frames by type, as the layout orders them.
    pub frames: Vec<u64>,
    /// Bytes of them, by type.
    pub frame_bytes: Vec<u64>,
    /// Messages, as the protocol orders them.
    pub messages: Vec<u64>,
    /// Faults by kind, indexed by [`Counts::KINDS`].
    pub faults: [u64; 6],
    /// Faults of which other bytes came as well: another's doing, perhaps.
    pub conflict_faults: u64,
    /// Where the bytes went.
    pub account: Account,
    /// Gaps by cause, indexed by [`Counts::CAUSES`].
    pub gaps: [GapCounts; 3],
    /// Gaps given up because a bound on held data was reached.
    pub forced_gaps: u64,
    /// How frames fell over segments.
    pub delivery: Delivery,
    /// What tcp counted.
    pub transport: tcp::Counts,
    /// Streams by what is odd about them.
    pub odd: OddStreams,
}

impl Counts {
    /// The fault kinds in the order in which they are reported.
    pub const KINDS: [FaultKind; 6] = [
        FaultKind::BadHeader,
        FaultKind::BadEndMarker,
        FaultKind::BadLength,
        FaultKind::BadChecksum,
        FaultKind::Truncated,
        FaultKind::Junk,
    ];

    /// The causes of gaps in the order in which they are reported.
    pub const CAUSES: [GapCause; 3] = [
        GapCause::NotCaptured,
        GapCause::LostOrLate,
        GapCause::CutShort,
    ];

    /// Nothing counted yet, for `types` frame types and `messages` messages.
    pub(super) fn new(types: usize, messages: usize) -> Self {
        Self {
            frames: vec![0; types],
            frame_bytes: vec![0; types],
            messages: vec![0; messages],
            ..Self::default()
        }
    }

    /// Takes over what tcp counted of a stream.
    pub(super) fn set_transport(&mut self, summary: &StreamSummary) {
        self.transport = summary.counts;
        self.odd = summary.into();
    }

    /// Valid frames of all types.
    pub fn frame_count(&self) -> u64 {
        self.frames.iter().sum()
    }

    /// Faults of all kinds.
    pub fn fault_count(&self) -> u64 {
        self.faults.iter().sum()
    }

    /// Gaps of all causes.
    pub fn gap_total(&self) -> GapCounts {
        self.gaps.iter().fold(GapCounts::default(), |mut sum, gap| {
            sum += *gap;
            sum
        })
    }
}

impl Account {
    /// All bytes accounted for; equal to the stream bytes that tcp handed out.
    pub fn total(&self) -> u64 {
        self.frames
            + self.faults
            + self.leading
            + self.cut
            + self.unfinished
            + self.unrecognised
            + self.unselected
    }
}

impl From<&StreamSummary> for OddStreams {
    fn from(summary: &StreamSummary) -> Self {
        Self {
            midstream: u64::from(!summary.syn),
            reset: u64::from(summary.rst),
            conflict: u64::from(summary.counts.conflict_bytes > 0),
            urgent: u64::from(summary.urgent),
            after_fin: u64::from(summary.after_fin),
            evicted: u64::from(summary.evicted),
        }
    }
}

impl AddAssign for GapCounts {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.bytes += other.bytes;
    }
}

impl AddAssign for OddStreams {
    fn add_assign(&mut self, other: Self) {
        self.midstream += other.midstream;
        self.reset += other.reset;
        self.conflict += other.conflict;
        self.urgent += other.urgent;
        self.after_fin += other.after_fin;
        self.evicted += other.evicted;
    }
}

impl AddAssign for Account {
    fn add_assign(&mut self, other: Self) {
        self.frames += other.frames;
        self.faults += other.faults;
        self.leading += other.leading;
        self.cut += other.cut;
        self.unfinished += other.unfinished;
        self.unrecognised += other.unrecognised;
        self.unselected += other.unselected;
    }
}

impl AddAssign<&Counts> for Counts {
    fn add_assign(&mut self, other: &Self) {
        add_each(&mut self.frames, &other.frames);
        add_each(&mut self.frame_bytes, &other.frame_bytes);
        self.conflict_faults += other.conflict_faults;
        add_each(&mut self.messages, &other.messages);
        for (sum, n) in self.faults.iter_mut().zip(other.faults) {
            *sum += n;
        }
        for (sum, n) in self.gaps.iter_mut().zip(other.gaps) {
            *sum += n;
        }
        self.account += other.account;
        self.forced_gaps += other.forced_gaps;
        self.delivery += &other.delivery;
        self.transport += other.transport;
        self.odd += other.odd;
    }
}

fn add_each(sums: &mut Vec<u64>, others: &[u64]) {
    if sums.len() < others.len() {
        sums.resize(others.len(), 0);
    }
    for (sum, n) in sums.iter_mut().zip(others) {
        *sum += n;
    }
}
