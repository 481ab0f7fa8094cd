//! Packets that may begin another connection on a known 4-tuple: held, weighed, and placed once it is decided.
//!
//! The evidence is weighed in `identity`.

use super::Reassembler;
use crate::{
    decode::Segment,
    tcp::{
        event::Sink,
        flow::{CANDIDATE, Left},
        identity::{self, Candidate, Known, Opener, Syn, Verdict},
        shared::time_of,
    },
};

/// Whose a packet is.
pub(super) enum Identity {
    /// Of the known connection.
    Known,
    /// It was copied, to be placed later.
    Held,
    /// The first of another connection.
    Another,
    /// The held packets, of which this is one, begin another connection.
    Proved,
    /// The held packets begin `another` connection, to which this one belongs; or they do not, and this packet has not
    /// been judged yet.
    Resolved { another: bool },
}

impl Reassembler {
    fn known(&self, index: u32) -> Known<'_> {
        let flow = &self.flows[index];
        Known {
            flow,
            streams: [0, 1].map(|side| self.streams.get(flow.sides[side].stream)),
            shared: &self.shared,
        }
    }

    /// Whether a packet does not fit its connection. See [`Known::is_strange`].
    pub(super) fn is_strange(&self, index: u32, side: usize, segment: &Segment<'_>) -> bool {
        self.flows[index].packets() > 0 && self.known(index).is_strange(side, segment)
    }

    /// Finds out whose a packet is; one that is to be held has been copied.
    pub(super) fn identify(&mut self, index: u32, side: usize, segment: &Segment<'_>) -> Identity {
        if self.flows[index].attention & CANDIDATE != 0
            && let Some(mut candidate) = self.candidates.remove(&index)
        {
            let identity = self.weigh(&mut candidate, index, side, segment);
            self.candidates.insert(index, candidate);
            return identity;
        }
        let known = self.known(index);
        if known.flow.packets() == 0 {
            return Identity::Known;
        }
        if segment.flags.syn() && !segment.flags.rst() {
            match identity::judge_syn(&known, side, segment) {
                Syn::Same => return Identity::Known,
                Syn::Another => return Identity::Another,
                Syn::Open => {}
            }
        } else if segment.flags.rst() || !known.is_strange(side, segment) {
            return Identity::Known;
        }
        let candidate = Candidate::new(&known, side, segment);
        let proved = candidate.is_proved(&known);
        self.shared.hold(0, candidate.cost);
        self.candidates.insert(index, candidate);
        self.flows[index].attention |= CANDIDATE;
        match proved {
            true => Identity::Proved,
            false => Identity::Held,
        }
    }

    /// Weighs a packet of a connection that has a candidate.
    fn weigh(
        &mut self,
        candidate: &mut Candidate,
        index: u32,
        side: usize,
        segment: &Segment<'_>,
    ) -> Identity {
        let known = self.known(index);
        match candidate.weigh(&known, side, segment) {
            Verdict::Another => Identity::Resolved { another: true },
            Verdict::Same => Identity::Resolved { another: false },
            Verdict::Pass => Identity::Known,
            Verdict::Hold => {
                let before = candidate.cost;
                candidate.hold(side, segment);
                let proved = candidate.is_proved(&known);
                let after = candidate.cost;
                self.shared.hold(before, after);
                match proved {
                    true => Identity::Proved,
                    false => Identity::Held,
                }
            }
        }
    }

    /// Ends the waiting of a candidate: its packets begin another connection, whose number is given back, or they are
    /// placed in the known one as far as they belong there.
    pub(super) fn resolve(&mut self, index: u32, another: bool, sink: &mut impl Sink) -> u32 {
        let Some(candidate) = self.candidates.remove(&index) else {
            return index;
        };
        self.flows[index].attention &= !CANDIDATE;
        self.shared.hold(candidate.cost, 0);
        if !another {
            let strange = candidate.opener() == Opener::Strange;
            for (side, held) in &candidate.held {
                match strange {
                    true => self.refuse(index, *side, &held.segment(), sink),
                    false => self.place(index, *side, &held.segment(), sink),
                }
            }
            return index;
        }
        self.close(index, Left::Replaced, sink);
        let mut held = candidate.held.iter();
        let Some((_, first)) = held.next() else {
            return index;
        };
        let index = self.place_first(&first.segment(), sink);
        for (side, held) in held {
            self.place(index, *side, &held.segment(), sink);
        }
        index
    }

    /// Counts a packet that belongs to no connection known. Its side's only data is taken all the same.
    fn refuse(&mut self, index: u32, side: usize, segment: &Segment<'_>, sink: &mut impl Sink) {
        let number = self.flows[index].sides[side].stream;
        let Some(stream) = self.streams.get_mut(number) else {
            self.place(index, side, segment, sink);
            return;
        };
        if !segment.payload.is_empty() {
            stream.refuse(segment.payload.len() as u64);
            self.shared.stats.wild_segments += 1;
        }
        self.flows[index].touch(side, segment, time_of(segment));
    }

    /// Decides all candidates at the end of the capture.
    pub(super) fn resolve_all(&mut self, sink: &mut impl Sink) {
        let mut left: Vec<(u64, u32)> = self
            .candidates
            .keys()
            .map(|&index| (self.flows[index].connection, index))
            .collect();
        left.sort_unstable();
        for (_, index) in left {
            let another = self.candidates[&index].judge(&self.known(index));
            self.resolve(index, another, sink);
        }
    }
}
