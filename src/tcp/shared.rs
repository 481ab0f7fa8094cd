//! What all streams share: bounds, counts, the clock of the capture, the history.

use std::collections::HashMap;

use super::{
    config::{TcpConfig, TcpStats},
    evidence::FlowEvidence,
    history::History,
};
use crate::{capture::Time, decode::Segment};

/// No time known, or none yet.
pub(super) const NEVER: i64 = i64::MIN;

/// When a packet was captured, in nanoseconds, or [`NEVER`].
#[inline(always)]
pub(super) fn time_of(segment: &Segment<'_>) -> i64 {
    segment.time.map_or(NEVER, Time::nanos)
}

/// How a receiver reads what is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// Each segment as it comes.
    Own,
    /// It may fill a hole: what waited behind it is read with it.
    Filler,
    /// It waited behind a hole that was filled just now.
    Waited,
}

/// See the module.
pub(super) struct Shared {
    pub config: TcpConfig,
    pub stats: TcpStats,
    /// One for each lane of connections, so that what it keeps does not depend on the other lane.
    pub history: [History; 2],
    /// Latest time seen, nanoseconds; [`NEVER`] before the first.
    pub now: i64,
    /// Time since the packet before of the same sender, of the packet being taken, in nanoseconds.
    pub since_last_ns: u64,
    /// Of the bytes that are handed out.
    pub read: Read,
    /// Of few connections, by their number in the store: those with `mark::EVIDENCE`.
    pub evidence: HashMap<u32, FlowEvidence>,
}

impl Shared {
    pub fn new(config: TcpConfig) -> Self {
        let history = [History::new(config.history), History::new(config.history)];
        Self {
            config,
            stats: TcpStats::default(),
            history,
            now: NEVER,
            since_last_ns: 0,
            read: Read::Own,
            evidence: HashMap::new(),
        }
    }

    /// Capture time since then.
    pub fn elapsed(&self, since: i64) -> i64 {
        if since == NEVER {
            0
        } else {
            self.now.saturating_sub(since)
        }
    }

    /// The cost of what one stream holds went from `before` to `after`.
    pub fn hold(&mut self, before: u64, after: u64) {
        self.stats.held = (self.stats.held + after).saturating_sub(before);
        self.stats.held_peak = self.stats.held_peak.max(self.stats.held);
    }
}
