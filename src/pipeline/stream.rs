//! One stream: its chunks go through its framer, its events to the observer.

use crate::{
    framing::{Framer, StreamEnd},
    pipeline::{
        Observer, StreamRef,
        emit::{Emitter, Output, Progress},
        track::Track,
    },
    tcp::{Begin, Chunk, Conflict, End, Gap, StreamId, StreamSummary},
};

/// Streams at once, up to which the framer of each keeps its buffer. Of more they would not stay in the caches anyway.
const MAX_KEPT_BUFFERS: u32 = 1024;

/// State of one stream.
pub(super) struct Stream {
    id: StreamId,
    begin: Begin,
    framer: Framer,
    track: Track,
    progress: Progress,
}

impl Stream {
    pub fn new(id: StreamId, begin: Begin, framer: Framer) -> Self {
        Self {
            id,
            begin,
            framer: framer.keep_buffer(id.slot < MAX_KEPT_BUFFERS),
            track: Track::default(),
            progress: Progress::default(),
        }
    }

    #[inline(always)]
    pub fn origin(&self) -> StreamRef<'_> {
        StreamRef {
            id: self.id,
            begin: &self.begin,
        }
    }

    /// The framer, and where its events go.
    #[inline(always)]
    fn split<'a, O>(
        &'a mut self,
        chunk: Option<&'a Chunk<'a>>,
        out: Output<'a, O>,
    ) -> (&'a mut Framer, Emitter<'a, O>) {
        let emitter = Emitter {
            stream: StreamRef {
                id: self.id,
                begin: &self.begin,
            },
            track: &mut self.track,
            progress: &mut self.progress,
            out,
            chunk,
            chunk_frames: 0,
        };
        (&mut self.framer, emitter)
    }

    /// The next bytes.
    #[inline]
    pub fn chunk<O: Observer>(&mut self, chunk: &Chunk<'_>, out: Output<'_, O>) {
        self.progress.time = chunk.time;
        if chunk.segment_start {
            self.framer.mark();
        }
        let selected = out.selection.takes_time(chunk.time);
        out.observer
            .bytes(self.origin(), chunk.offset, chunk.data, selected);
        let (framer, mut emitter) = self.split(Some(chunk), out);
        framer.feed(chunk.data, &mut |event| emitter.emit(event));
        emitter.settle(framer, chunk);
    }

    /// Bytes missing.
    pub fn gap(&mut self, gap: &Gap, out: Output<'_, impl Observer>) {
        let (framer, mut emitter) = self.split(None, out);
        framer.gap(gap.length, &mut |event| emitter.emit(event));
        emitter.release(gap.offset);
        if emitter.out.selection.takes_time(gap.time) {
            emitter.out.observer.gap(emitter.stream, gap);
        }
    }

    /// Takes note of where other bytes came, as far as nothing of it has been emitted.
    pub fn conflict(&mut self, conflict: &Conflict<'_>) {
        let open = self.framer.fault_from().unwrap_or(self.framer.settled());
        let pairs = conflict.kept.iter().zip(conflict.refused);
        for (at, (kept, refused)) in (conflict.offset..).zip(pairs) {
            if kept != refused && at >= open {
                self.track.dispute(at);
            }
        }
    }

    /// The end, as far as is known.
    pub fn end(&mut self, end: End, out: Output<'_, impl Observer>) {
        let (framer, mut emitter) = self.split(None, out);
        let end = match end {
            End::Closed => StreamEnd::Closed,
            End::Open => StreamEnd::Open,
        };
        framer.finish(end, &mut |event| emitter.emit(event));
        emitter.release(u64::MAX);
        if emitter.progress.frames == 0
            && let Some(opening) = emitter.progress.opening.take()
            && opening.length() > 0
        {
            let length = opening.length();
            emitter.out.observer.unrecognised(emitter.stream, length);
        }
    }

    /// What is known of it when it is closed and forgotten.
    pub fn summary(&self, summary: &StreamSummary, observer: &mut impl Observer) {
        if self.progress.unselected > 0 {
            observer.unselected(self.origin(), self.progress.unselected);
        }
        observer.summary(self.origin(), summary);
    }
}
