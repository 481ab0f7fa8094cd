//! `errors` for people: every fault and gap as a block that stands for itself.
//!
//! What follows a fault is emitted after it. So each is held back until the next frame, gap or end of its stream is known,
//! and they leave in the order in which they came. Held are few: the framer ends a fault where it knows the next frame.

use std::{collections::VecDeque, io, rc::Rc};

use deframe::{
    framing::SkipKind,
    pipeline::{FaultRecord, FrameRecord, Observer, StreamRef},
    protocol::Protocol,
    tcp::{Conflict, Gap, StreamId, StreamSummary},
};

use crate::report::{
    filter::Filter,
    output::Output,
    views::errors::{
        block::{After, Before, ErrorBlock, Good, What, conflict_block},
        tally::Tally,
    },
};

/// Bytes shown of a good frame.
const GOOD: usize = 16;
/// With more in hand the oldest is shown without what follows it.
const MOST_HELD: usize = 64;

/// What is known of a stream.
#[derive(Default)]
struct State {
    /// Its last frame, if there was one, and what came since.
    before: Before,
    /// How many findings wait for what follows.
    waiting: usize,
}

/// Writes a block for every fault and gap.
pub struct ErrorBlocks {
    out: Output,
    protocol: Rc<Protocol>,
    names: Rc<[String]>,
    filter: Filter,
    states: Vec<State>,
    held: VecDeque<ErrorBlock>,
    tally: Tally,
    /// Faults found, selected or not: `dump --fault` takes their numbers.
    numbered: u64,
    /// Conflicts shown.
    conflicts: u64,
}

impl ErrorBlocks {
    pub fn new(out: Output, protocol: Rc<Protocol>, names: Rc<[String]>, filter: Filter) -> Self {
        Self {
            out,
            protocol,
            names,
            filter,
            states: Vec::new(),
            held: VecDeque::new(),
            tally: Tally::default(),
            numbered: 0,
            conflicts: 0,
        }
    }

    /// Frames seen.
    pub fn frames(&self) -> u64 {
        self.tally.frames
    }

    /// Faults found, shown or not.
    pub fn faults(&self) -> u64 {
        self.tally.faults()
    }

    /// Writes what is still held, and the sums. Returns whether there was still somebody to read it.
    pub fn finish(mut self) -> io::Result<bool> {
        self.show(0);
        self.out.with(|out| self.tally.write(out));
        let read = !self.out.is_closed();
        self.out.finish().map(|()| read)
    }

    fn state(&mut self, id: StreamId) -> &mut State {
        let slot = id.slot as usize;
        if self.states.len() <= slot {
            self.states.resize_with(slot + 1, State::default);
        }
        &mut self.states[slot]
    }

    /// Takes note of a fault or gap, or only counts it.
    fn hold(&mut self, origin: StreamRef<'_>, what: What) {
        if self.tally.found() - self.tally.hidden >= self.filter.limit {
            self.tally.hidden += 1;
            return;
        }
        let state = self.state(origin.id);
        state.waiting += 1;
        let before = state.before.clone();
        self.held.push_back(ErrorBlock {
            id: origin.id,
            begin: *origin.begin,
            what,
            before,
            after: None,
        });
        self.show(MOST_HELD);
    }

    /// What follows in this stream is known.
    fn follow(&mut self, id: StreamId, after: impl Fn() -> After) {
        if std::mem::take(&mut self.state(id).waiting) == 0 {
            return;
        }
        let waiting = |held: &&mut ErrorBlock| held.id == id && held.after.is_none();
        for held in self.held.iter_mut().filter(waiting) {
            held.after = Some(after());
        }
        self.show(MOST_HELD);
    }

    /// Shows the oldest: all that are known whole, and as many as are over `most`.
    fn show(&mut self, most: usize) {
        while let Some(held) = self.held.front() {
            if held.after.is_none() && self.held.len() <= most {
                break;
            }
            let (protocol, names) = (&self.protocol, &self.names);
            self.out.with(|out| held.write(out, protocol, names));
            self.held.pop_front();
        }
    }
}

impl Observer for ErrorBlocks {
    fn begin(&mut self, origin: StreamRef<'_>) {
        *self.state(origin.id) = State::default();
    }

    fn frame(&mut self, origin: StreamRef<'_>, frame: &FrameRecord<'_>) {
        self.tally.frames += 1;
        let state = self.state(origin.id);
        if state.waiting > 0 {
            let first = Good::first(frame);
            self.follow(origin.id, || After::Frame(first.clone()));
        }
        self.state(origin.id).before.frame(frame);
    }

    fn fault(&mut self, origin: StreamRef<'_>, fault: &FaultRecord<'_>) {
        let number = self.numbered;
        self.numbered += 1;
        if self.filter.takes_fault(fault) {
            self.tally.fault(fault.kind);
            self.hold(origin, What::Fault(number, Box::new(fault.into())));
        }
        self.state(origin.id).before.fault += fault.length;
    }

    fn skip(&mut self, origin: StreamRef<'_>, _kind: SkipKind, _offset: u64, length: u64) {
        self.state(origin.id).before.skipped += length;
    }

    fn unrecognised(&mut self, _origin: StreamRef<'_>, length: u64) {
        self.tally.unrecognised(length);
    }

    fn gap(&mut self, origin: StreamRef<'_>, gap: &Gap) {
        self.follow(origin.id, || After::Gap(*gap));
        if self.filter.takes_gap(gap) {
            self.tally.gap(gap);
            self.hold(origin, What::Gap(*gap));
        }
        self.state(origin.id).before.gap += gap.length;
    }

    fn conflict(&mut self, origin: StreamRef<'_>, conflict: &Conflict<'_>) {
        if self.filter.takes_conflict() && self.conflicts < self.filter.limit {
            self.conflicts += 1;
            self.out.with(|out| conflict_block(out, origin, conflict));
        }
    }

    fn summary(&mut self, origin: StreamRef<'_>, summary: &StreamSummary) {
        let (fin, rst) = (summary.fin, summary.rst);
        self.follow(origin.id, || After::End { fin, rst });
    }

    fn stop(&self) -> bool {
        self.out.has_failed()
    }

    fn idle(&mut self) {
        self.out.flush();
    }
}

impl Before {
    /// A frame: nothing came since.
    fn frame(&mut self, frame: &FrameRecord<'_>) {
        (self.gap, self.fault, self.skipped) = (0, 0, 0);
        self.last.get_or_insert_default().last(frame);
    }
}

impl Good {
    /// The first bytes of a frame.
    fn first(frame: &FrameRecord<'_>) -> Self {
        let mut good = Self::default();
        good.take(frame, 0..frame.bytes.len().min(GOOD));
        good
    }

    /// The last bytes of a frame, in the place of older ones.
    fn last(&mut self, frame: &FrameRecord<'_>) {
        let length = frame.bytes.len();
        self.take(frame, length.saturating_sub(GOOD)..length);
    }

    fn take(&mut self, frame: &FrameRecord<'_>, range: std::ops::Range<usize>) {
        (self.index, self.kind, self.offset) = (frame.index, frame.kind, frame.offset);
        (self.at, self.length) = (range.start as u64, frame.bytes.len() as u64);
        self.bytes.clear();
        self.bytes
            .extend_from_slice(frame.bytes.get(range.clone()).unwrap_or_default());
        let spans = frame.place.spans;
        let first = spans.partition_point(|span| span.at as usize <= range.start);
        let last = spans.partition_point(|span| (span.at as usize) < range.end);
        self.spans.clear();
        self.spans
            .extend_from_slice(spans.get(first.saturating_sub(1)..last).unwrap_or_default());
    }
}
