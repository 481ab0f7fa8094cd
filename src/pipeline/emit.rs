//! How the events of a framer become records: each with the packets that brought its bytes, those before the first frame
//! of a stream withheld until that frame comes.
//!
//! The chunk that is being fed is on the track only while a record needs it; a chunk that is fully framed never is. That
//! is the fast path: frames inside of one chunk take their provenance from it.

use crate::{
    capture::Time,
    framing::{Event, Fault, FaultKind, Frame, Framer, Run, RunFrame, Skip, SkipKind},
    pipeline::{
        FaultRecord, FrameRecord, FrameRun, Observer, OwnedFault, PacketSpan, Provenance,
        SegmentRecord, Selection, StreamRef, track::Track,
    },
    tcp::Chunk,
};

/// What has become of a stream so far.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Frames found.
    pub frames: u64,
    /// What was found before the first frame, if anything.
    pub opening: Option<Box<Opening>>,
    /// When its latest bytes were captured.
    pub time: Option<Time>,
    /// Bytes outside the selected time.
    pub unselected: u64,
}

/// Where records go, and what is needed to make them.
pub(super) struct Output<'a, O> {
    pub selection: &'a Selection,
    pub spans: &'a mut Vec<PacketSpan>,
    pub observer: &'a mut O,
}

/// Makes records of the events of one stream.
pub(super) struct Emitter<'a, O> {
    pub stream: StreamRef<'a>,
    pub track: &'a mut Track,
    pub progress: &'a mut Progress,
    pub out: Output<'a, O>,
    /// The chunk that is being fed, if one is.
    pub chunk: Option<&'a Chunk<'a>>,
    /// Frames found so far that have bytes in it.
    pub chunk_frames: u32,
}

/// What was found before the first frame. If none comes, it was no fault but another protocol.
#[derive(Debug, Default)]
pub(super) struct Opening {
    faults: Vec<OwnedFault>,
    /// First offset and length by kind.
    skips: [Option<(u64, u64)>; 3],
}

const SKIPS: [SkipKind; 3] = [SkipKind::Leading, SkipKind::Cut, SkipKind::Unfinished];

impl Progress {
    fn opening(&mut self) -> &mut Opening {
        self.opening.get_or_insert_default()
    }
}

impl Opening {
    pub fn length(&self) -> u64 {
        let faults = self.faults.iter().map(|fault| fault.record().length);
        let skips = self.skips.iter().flatten().map(|(_, length)| *length);
        faults.chain(skips).sum()
    }
}

impl<O: Observer> Emitter<'_, O> {
    #[inline(always)]
    pub fn emit(&mut self, event: Event<'_>) {
        match event {
            Event::Frames(run) => self.frames(run.offset, run.bytes, run.frames, run.checksum_ok),
            Event::Fault(fault) => self.fault(&fault),
            Event::Skip(skip) => self.skip(skip),
        }
    }

    // A call with plain arguments, not inlined: so the closure that calls it is, and no event is built in memory.
    #[inline(never)]
    fn frames(&mut self, offset: u64, bytes: &[u8], frames: &[RunFrame], checksum_ok: bool) {
        if self.progress.frames == 0 {
            self.open();
        }
        match self.chunk {
            Some(chunk) if offset >= chunk.offset && checksum_ok && !self.track.is_disputed() => {
                self.frames_of_chunk(chunk, offset, bytes, frames);
            }
            _ => {
                let run = Run {
                    offset,
                    bytes,
                    frames,
                    checksum_ok,
                };
                run.iter().for_each(|frame| self.frame(&frame));
            }
        }
    }

    /// Frames that lie inside of the chunk that is being fed, none of them disputed.
    #[inline(always)]
    fn frames_of_chunk(
        &mut self,
        chunk: &Chunk<'_>,
        offset: u64,
        bytes: &[u8],
        frames: &[RunFrame],
    ) {
        if !self.track.is_empty() {
            self.release(offset);
        }
        self.chunk_frames += frames.len() as u32;
        let end = offset + bytes.len() as u64;
        let place = Provenance {
            first_packet: chunk.packet,
            last_packet: chunk.packet,
            capture: chunk.capture,
            time: chunk.time,
            last_time: chunk.time,
            segments: 1,
            spans: &[PacketSpan {
                at: 0,
                packet: chunk.packet,
            }],
            starts_segment: offset == chunk.offset,
            ends_segment: end == chunk.offset + chunk.data.len() as u64,
            starts_read: offset == chunk.offset && !chunk.waited,
            ends_read: end == chunk.offset + chunk.data.len() as u64 && !chunk.followed,
            reads: 1,
            conflict: false,
            urgent: chunk.urgent,
            after_fin: chunk.after_fin,
        };
        self.run(offset, bytes, frames, place);
    }

    /// Emits frames that one packet brought.
    #[inline(always)]
    fn run(&mut self, offset: u64, bytes: &[u8], frames: &[RunFrame], place: Provenance<'_>) {
        let index = self.progress.frames;
        self.progress.frames += frames.len() as u64;
        if !self.out.selection.takes_time(place.time) {
            self.progress.unselected += bytes.len() as u64;
            return;
        }
        let run = FrameRun {
            index,
            offset,
            bytes,
            frames,
            place,
        };
        self.out.observer.frames(self.stream, &run);
    }

    /// A frame of which earlier chunks hold the beginning or all, or that is disputed.
    fn frame(&mut self, frame: &Frame<'_>) {
        let end = frame.offset + frame.bytes.len() as u64;
        // Mostly the last chunk brought all of it, and only what decides whether it goes on was missing.
        if frame.checksum_ok
            && !self.track.is_disputed()
            && let Some((place, segment)) = self.track.take_last(frame.offset, end)
        {
            let packet = place.first_packet;
            let place = Provenance {
                spans: &[PacketSpan { at: 0, packet }],
                ..place
            };
            let one = RunFrame {
                kind: frame.kind as u16,
                size: frame.bytes.len() as u32,
            };
            self.run(frame.offset, frame.bytes, &[one], place);
            return self.segment(segment);
        }
        let pushed = self.push(end);
        if let Some(place) = self
            .track
            .provenance(frame.offset, end, true, self.out.spans)
        {
            let record = FrameRecord {
                index: self.progress.frames,
                kind: frame.kind,
                offset: frame.offset,
                bytes: frame.bytes,
                checksum_ok: frame.checksum_ok,
                place,
            };
            if !self.out.selection.takes_time(record.place.time) {
                self.progress.unselected += frame.bytes.len() as u64;
            } else {
                self.out.observer.frame(self.stream, &record);
                if !frame.checksum_ok {
                    self.out.observer.fault(self.stream, &bad_checksum(&record));
                }
            }
        }
        self.progress.frames += 1;
        self.pop(pushed);
        self.release(end);
    }

    fn fault(&mut self, fault: &Fault<'_>) {
        let end = fault.offset + fault.length;
        let pushed = self.push(end);
        if let Some(place) = self
            .track
            .provenance(fault.offset, end, false, self.out.spans)
        {
            let record = FaultRecord {
                kind: fault.kind,
                nearest: fault.nearest,
                offset: fault.offset,
                length: fault.length,
                head: fault.head,
                tail: fault.tail,
                stated: fault.stated,
                framed: false,
                place,
            };
            if !self.out.selection.takes_time(record.place.time) {
                self.progress.unselected += fault.length;
            } else if self.progress.frames == 0 {
                self.progress
                    .opening()
                    .faults
                    .push(OwnedFault::from(&record));
            } else {
                self.out.observer.fault(self.stream, &record);
            }
        }
        self.pop(pushed);
        self.release(end);
    }

    fn skip(&mut self, skip: Skip) {
        if !self.out.selection.takes_time(self.progress.time) {
            self.progress.unselected += skip.length;
        } else if self.progress.frames == 0 {
            let at = SKIPS
                .iter()
                .position(|kind| *kind == skip.kind)
                .unwrap_or(0);
            self.progress.opening().skips[at]
                .get_or_insert((skip.offset, 0))
                .1 += skip.length;
        } else {
            self.out
                .observer
                .skip(self.stream, skip.kind, skip.offset, skip.length);
        }
        self.release(skip.offset + skip.length);
    }

    /// The first frame is found: what was withheld counts.
    #[cold]
    fn open(&mut self) {
        let Some(opening) = self.progress.opening.take() else {
            return;
        };
        for (kind, skip) in SKIPS.into_iter().zip(opening.skips) {
            if let Some((offset, length)) = skip {
                self.out.observer.skip(self.stream, kind, offset, length);
            }
        }
        for fault in &opening.faults {
            self.out.observer.fault(self.stream, &fault.record());
        }
    }

    /// The chunk is fed: emits its segment if all of it is framed, else tracks what of it is still open.
    #[inline(always)]
    pub fn settle(&mut self, framer: &Framer, chunk: &Chunk<'_>) {
        let (settled, hunting) = (framer.settled(), framer.fault_from());
        if hunting.is_none() && settled == chunk.offset + chunk.data.len() as u64 {
            if !self.track.is_empty() {
                self.release(settled);
            }
            return self.segment(SegmentRecord {
                length: chunk.data.len() as u64,
                frames: self.chunk_frames,
                time: chunk.time,
            });
        }
        self.track.push(chunk, self.chunk_frames);
        match hunting {
            None => self.release(settled),
            Some(from) => self.fold(from, settled),
        }
        if self.track.is_crowded() {
            self.fold(settled, chunk.offset);
        }
    }

    /// Puts the chunk that is being fed on the track, for a record that ends at `end`, if it has bytes of it.
    fn push(&mut self, end: u64) -> bool {
        match self.chunk {
            Some(chunk) if end > chunk.offset => {
                self.track.push(chunk, self.chunk_frames);
                true
            }
            _ => false,
        }
    }

    /// Takes it off again.
    fn pop(&mut self, pushed: bool) {
        if pushed && let Some(frames) = self.track.pop() {
            self.chunk_frames = frames;
        }
    }

    #[inline(always)]
    fn segment(&mut self, segment: SegmentRecord) {
        self.out.segment(self.stream, segment);
    }

    /// All below `offset` is emitted.
    #[inline]
    pub fn release(&mut self, offset: u64) {
        let (stream, out) = (self.stream, &mut self.out);
        self.track
            .release(offset, &mut |segment| out.segment(stream, segment));
    }

    fn fold(&mut self, from: u64, settled: u64) {
        let (stream, out) = (self.stream, &mut self.out);
        self.track
            .fold(from, settled, &mut |segment| out.segment(stream, segment));
    }
}

impl<O: Observer> Output<'_, O> {
    /// Emits a segment, if its time is selected.
    #[inline(always)]
    fn segment(&mut self, stream: StreamRef<'_>, segment: SegmentRecord) {
        if self.selection.takes_time(segment.time) {
            self.observer.segment(stream, segment);
        }
    }
}

/// The fault that a frame with a wrong checksum is.
fn bad_checksum<'a>(frame: &FrameRecord<'a>) -> FaultRecord<'a> {
    FaultRecord {
        kind: FaultKind::BadChecksum,
        nearest: Some(frame.kind),
        offset: frame.offset,
        length: frame.bytes.len() as u64,
        head: &frame.bytes[..frame.bytes.len().min(256)],
        tail: &frame.bytes[frame.bytes.len().saturating_sub(4)..],
        stated: None,
        framed: true,
        place: frame.place,
    }
}
