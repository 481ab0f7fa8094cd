//! What a packet off the fast path shows about its connection: who ended it, which windows are closed, which MSS the
//! SYNs offer.

use super::Reassembler;
use crate::{
    capture::Time,
    decode::Segment,
    tcp::{
        evidence::ETHERNET_MSS,
        flow::{WINDOW_CLOSED, mark},
        shared::{NEVER, time_of},
    },
};

impl Reassembler {
    /// Notes what a packet shows, before it is counted.
    pub(super) fn note_evidence(&mut self, index: u32, side: usize, segment: &Segment<'_>) {
        let flow = &mut self.flows[index];
        let (last, now) = (flow.sides[side].end_time, time_of(segment));
        self.shared.since_last_ns = match last == NEVER || now == NEVER {
            true => 0,
            false => u64::try_from(now.saturating_sub(last)).unwrap_or(0),
        };
        let flags = segment.flags;
        if flags.syn() {
            let mss = segment.options().mss.unwrap_or(0);
            if u32::from(mss) > ETHERNET_MSS {
                flow.marks[side] |= mark::EVIDENCE;
                self.shared.evidence.entry(index).or_default().mss[side] = mss;
            }
        }
        if flags.fin() || flags.rst() {
            if !flow.has(0, mark::ENDED_FIRST) && !flow.has(1, mark::ENDED_FIRST) {
                let rst = if flags.rst() { mark::ENDED_BY_RST } else { 0 };
                flow.marks[side] |= mark::ENDED_FIRST | rst;
            }
        } else if !flags.syn() {
            self.note_window(index, side, segment);
        }
    }

    /// A window closes, or opens again.
    fn note_window(&mut self, index: u32, side: usize, segment: &Segment<'_>) {
        let flow = &mut self.flows[index];
        let closed = WINDOW_CLOSED << side;
        match segment.window() {
            Some(0) => {
                flow.marks[side] |= mark::EVIDENCE;
                let evidence = self.shared.evidence.entry(index).or_default();
                evidence.closed[side].get_or_insert((segment.packet, segment.time));
                flow.attention |= closed;
            }
            Some(_) if flow.attention & closed != 0 => {
                flow.attention &= !closed;
                if let Some(evidence) = self.shared.evidence.get_mut(&index) {
                    evidence.reopen(side, segment.time);
                }
            }
            _ => {}
        }
    }

    /// A connection is over: windows that are still closed were so until its last packet.
    pub(super) fn reopen_windows(&mut self, index: u32) {
        let flow = &self.flows[index];
        if !flow.has(0, mark::EVIDENCE) && !flow.has(1, mark::EVIDENCE) {
            return;
        }
        let last = flow.last_time().map(Time::from_nanos);
        if let Some(evidence) = self.shared.evidence.get_mut(&index) {
            evidence.reopen(0, last);
            evidence.reopen(1, last);
        }
    }
}
