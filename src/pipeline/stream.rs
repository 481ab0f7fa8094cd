//! One stream on its way through the framer: chunk by chunk, whole frames by the run.

use crate::{
    framing::{Framer, StreamEnd, Then},
    pipeline::{
        FrameRun, Observer, PacketSpan, Provenance, SegmentRecord, StreamRef,
        telling::{Teller, Told, Way},
        track::Track,
    },
    tcp::{Begin, Chunk, Conflict, End, Gap, StreamId, StreamSummary},
};

/// Of so many streams at once each keeps its framer's buffer, used or not; of more it would be out of the caches anyway.
const FEW: u32 = 1024;

/// State of one stream.
pub(super) struct Stream {
    id: StreamId,
    begin: Begin,
    framer: Framer,
    track: Track,
    told: Told,
}

impl Stream {
    pub fn new(id: StreamId, begin: Begin, framer: Framer) -> Self {
        Self {
            id,
            begin,
            framer,
            track: Track::default(),
            told: Told::default(),
        }
    }

    pub fn origin(&self) -> StreamRef<'_> {
        StreamRef {
            id: self.id,
            begin: &self.begin,
        }
    }

    /// The framer, and where its events go.
    fn split<'a, O>(&'a mut self, way: Way<'a, O>) -> (&'a mut Framer, Teller<'a, O>) {
        let origin = StreamRef {
            id: self.id,
            begin: &self.begin,
        };
        let teller = Teller {
            origin,
            track: &mut self.track,
            told: &mut self.told,
            way,
        };
        (&mut self.framer, teller)
    }

    /// The next bytes: first what the frame still open needs, then runs of whole frames, then the rest.
    #[inline]
    pub fn chunk(&mut self, chunk: &Chunk<'_>, way: Way<'_, impl Observer>) {
        self.told.time = chunk.time;
        if chunk.segment_start {
            self.framer.mark();
        }
        way.observer.bytes(self.origin(), chunk.offset, chunk.data);
        match self.track.is_empty() {
            true => self.runs(chunk, chunk.data, 0, way),
            false => self.go_on(chunk, way),
        }
    }

    /// The same where something is still open: if this chunk makes the frame whole and certain, nothing of the chunks
    /// before is held any more.
    #[inline(never)]
    fn go_on(&mut self, chunk: &Chunk<'_>, mut way: Way<'_, impl Observer>) {
        if self.track.is_disputed() {
            return self.feed(chunk, chunk.data, 0, way);
        }
        if self.framer.keep(chunk.data) {
            self.track.push(chunk, 0);
            if self.track.is_crowded() {
                let (framer, mut teller) = self.split(way);
                teller.settle(framer, chunk);
            }
            return;
        }
        let (framer, mut teller) = self.split(way.again());
        match framer.complete(chunk.data) {
            Some((frame, behind)) => {
                let frames = teller.completed(&frame, chunk);
                self.runs(chunk, behind, frames, way);
            }
            None => self.feed(chunk, chunk.data, 0, way),
        }
    }

    /// Takes what is left of a chunk of which so many frames are told, with nothing held.
    #[inline(always)]
    fn runs(
        &mut self,
        chunk: &Chunk<'_>,
        mut rest: &[u8],
        mut frames: u32,
        mut way: Way<'_, impl Observer>,
    ) {
        let mut then = self.steps(chunk, &mut rest, &mut frames, way.again());
        if then == Then::Again {
            then = self.more_steps(chunk, &mut rest, &mut frames, way.again());
        }
        match then {
            Then::End => {
                if self.id.slot >= FEW {
                    self.framer.shrink();
                }
                let length = chunk.data.len() as u64;
                let segment = SegmentRecord {
                    length,
                    frames,
                    time: chunk.time,
                };
                way.segment(self.origin(), segment);
            }
            Then::Held => self.track.push(chunk, frames),
            Then::Feed | Then::Again => self.feed(chunk, rest, frames, way),
        }
    }

    /// Takes and tells a run of whole frames.
    #[inline(always)]
    fn steps(
        &mut self,
        chunk: &Chunk<'_>,
        rest: &mut &[u8],
        frames: &mut u32,
        way: Way<'_, impl Observer>,
    ) -> Then {
        let steps = self.framer.steps(rest, way.steps);
        if steps.frames > 0
            && let Some((run, behind)) = rest.split_at_checked(steps.bytes)
        {
            self.run(chunk, run, steps.frames, way);
            *frames += steps.frames as u32;
            *rest = behind;
        }
        steps.then
    }

    /// The same until something else is behind them.
    #[inline(never)]
    fn more_steps(
        &mut self,
        chunk: &Chunk<'_>,
        rest: &mut &[u8],
        frames: &mut u32,
        mut way: Way<'_, impl Observer>,
    ) -> Then {
        loop {
            let then = self.steps(chunk, rest, frames, way.again());
            if then != Then::Again {
                return then;
            }
        }
    }

    /// Tells frames that this chunk brought, whole and undisputed; they are the first of `way.steps`.
    #[inline(always)]
    fn run(
        &mut self,
        chunk: &Chunk<'_>,
        bytes: &[u8],
        frames: usize,
        mut way: Way<'_, impl Observer>,
    ) {
        if self.told.frames == 0 {
            let (_, mut teller) = self.split(way.again());
            teller.open();
        }
        let end = self.framer.settled();
        let offset = end - bytes.len() as u64;
        let spans = [PacketSpan {
            at: 0,
            packet: chunk.packet,
        }];
        let place = Provenance {
            first_packet: chunk.packet,
            last_packet: chunk.packet,
            capture: chunk.capture,
            time: chunk.time,
            last_time: chunk.time,
            segments: 1,
            spans: &spans,
            starts_segment: offset == chunk.offset,
            ends_segment: end == chunk.offset + chunk.data.len() as u64,
            conflict: false,
            urgent: chunk.urgent,
            after_fin: chunk.after_fin,
        };
        let Some(steps) = way.steps.get(..frames) else {
            return;
        };
        let run = FrameRun {
            index: self.told.frames,
            offset,
            bytes,
            steps,
            place,
        };
        let origin = StreamRef {
            id: self.id,
            begin: &self.begin,
        };
        self.told.run(origin, way.selection, way.observer, &run);
    }

    /// What the quick ways leave.
    #[inline(never)]
    fn feed(&mut self, chunk: &Chunk<'_>, rest: &[u8], frames: u32, way: Way<'_, impl Observer>) {
        self.track.push(chunk, frames);
        let (framer, mut teller) = self.split(way);
        framer.feed(rest, &mut |event| teller.tell(event));
        teller.settle(framer, chunk);
    }

    /// Bytes missing.
    pub fn gap(&mut self, gap: &Gap, way: Way<'_, impl Observer>) {
        let (framer, mut teller) = self.split(way);
        framer.gap(gap.length, &mut |event| teller.tell(event));
        teller.release(gap.offset);
        if teller.way.selection.takes_time(gap.time) {
            teller.way.observer.gap(teller.origin, gap);
        }
    }

    /// Takes note of where other bytes came, as far as nothing has been told of it.
    pub fn conflict(&mut self, conflict: &Conflict<'_>) {
        let untold = self.framer.fault_from().unwrap_or(self.framer.settled());
        let pairs = conflict.kept.iter().zip(conflict.refused);
        for (at, (kept, refused)) in (conflict.offset..).zip(pairs) {
            if kept != refused && at >= untold {
                self.track.dispute(at);
            }
        }
    }

    /// The end, as far as is known.
    pub fn end(&mut self, end: End, way: Way<'_, impl Observer>) {
        let (framer, mut teller) = self.split(way);
        let end = match end {
            End::Closed => StreamEnd::Closed,
            End::Open => StreamEnd::Open,
        };
        framer.finish(end, &mut |event| teller.tell(event));
        teller.release(u64::MAX);
        if teller.told.frames == 0
            && let Some(opening) = teller.told.opening.take()
            && opening.length() > 0
        {
            let length = opening.length();
            teller.way.observer.unrecognised(teller.origin, length);
        }
    }

    /// The last word of it.
    pub fn summary(&self, summary: &StreamSummary, observer: &mut impl Observer) {
        if self.told.unselected > 0 {
            observer.unselected(self.origin(), self.told.unselected);
        }
        observer.summary(self.origin(), summary);
    }
}
