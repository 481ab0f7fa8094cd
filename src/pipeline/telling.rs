//! How a stream's events are told: with the packets that brought them, and those before its first frame held back.

use crate::{
    capture::Time,
    framing::{Event, Fault, FaultKind, Frame, Framer, Skip, SkipKind, Step},
    pipeline::{
        FaultRecord, FrameRecord, FrameRun, Observer, OwnedFault, PacketSpan, Provenance,
        SegmentRecord, Selection, StreamRef, track::Track,
    },
    tcp::Chunk,
};

/// What has become of the stream up to here.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub frames: u64,
    /// If there is anything.
    pub opening: Option<Box<Opening>>,
    /// When its latest bytes were captured.
    pub time: Option<Time>,
    /// Bytes outside the selected time.
    pub unselected: u64,
}

/// What every step of a stream needs beside it.
pub(super) struct Way<'a, O> {
    pub selection: &'a Selection,
    pub spans: &'a mut Vec<PacketSpan>,
    pub steps: &'a mut [Step],
    pub observer: &'a mut O,
}

impl<O> Way<'_, O> {
    /// The same, lent on.
    #[inline(always)]
    pub fn again(&mut self) -> Way<'_, O> {
        Way {
            selection: self.selection,
            spans: self.spans,
            steps: self.steps,
            observer: self.observer,
        }
    }
}

impl<O: Observer> Way<'_, O> {
    /// Tells a segment, if its time is selected.
    #[inline(always)]
    pub fn segment(&mut self, origin: StreamRef<'_>, segment: SegmentRecord) {
        if self.selection.takes_time(segment.time) {
            self.observer.segment(origin, segment);
        }
    }
}

/// What was found before the first frame. If none comes, it was no fault but another protocol.
#[derive(Debug, Default)]
pub(super) struct Opening {
    faults: Vec<OwnedFault>,
    /// First offset and length by kind.
    skips: [Option<(u64, u64)>; 3],
}

const SKIPS: [SkipKind; 3] = [SkipKind::Leading, SkipKind::Cut, SkipKind::Unfinished];

/// Where frames and faults go, with what is needed to describe them.
pub(super) struct Teller<'a, O> {
    pub origin: StreamRef<'a>,
    pub track: &'a mut Track,
    pub told: &'a mut Told,
    pub way: Way<'a, O>,
}

impl Told {
    fn opening(&mut self) -> &mut Opening {
        self.opening.get_or_insert_default()
    }

    /// Tells frames.
    #[inline(always)]
    pub fn run(
        &mut self,
        origin: StreamRef<'_>,
        selection: &Selection,
        observer: &mut impl Observer,
        run: &FrameRun<'_>,
    ) {
        self.frames += run.steps.len() as u64;
        if selection.takes_time(run.place.time) {
            observer.frames(origin, run);
        } else {
            self.unselected += run.bytes.len() as u64;
        }
    }
}

impl Opening {
    pub fn length(&self) -> u64 {
        self.faults
            .iter()
            .map(|fault| fault.record().length)
            .sum::<u64>()
            + self
                .skips
                .iter()
                .flatten()
                .map(|(_, length)| length)
                .sum::<u64>()
    }
}

impl<O: Observer> Teller<'_, O> {
    #[inline]
    pub fn tell(&mut self, event: Event<'_>) {
        match event {
            Event::Frame(frame) => self.frame(&frame),
            Event::Fault(fault) => self.fault(&fault),
            Event::Skip(skip) => self.skip(skip),
        }
    }

    #[inline]
    fn frame(&mut self, frame: &Frame<'_>) {
        self.found(frame);
        self.release(frame.offset + frame.bytes.len() as u64);
    }

    /// Tells a frame, and takes note of it for the segments that it touches.
    #[inline]
    fn found(&mut self, frame: &Frame<'_>) {
        if self.told.frames == 0 {
            self.open();
        }
        let end = frame.offset + frame.bytes.len() as u64;
        if let Some(place) = self
            .track
            .provenance(frame.offset, end, true, self.way.spans)
        {
            let record = FrameRecord {
                index: self.told.frames,
                kind: frame.kind,
                offset: frame.offset,
                bytes: frame.bytes,
                checksum_ok: frame.checksum_ok,
                place,
            };
            if !self.way.selection.takes_time(record.place.time) {
                self.told.unselected += frame.bytes.len() as u64;
            } else {
                self.way.observer.frame(self.origin, &record);
                if !frame.checksum_ok {
                    self.way.observer.fault(self.origin, &bad_checksum(&record));
                }
            }
        }
        self.told.frames += 1;
    }

    /// A frame of which the chunks before hold the beginning or all, and this one, which is not tracked, the rest. Gives
    /// how many frames of this chunk it is; the chunks before are let go of.
    #[inline(always)]
    pub fn completed(&mut self, frame: &Frame<'_>, chunk: &Chunk<'_>) -> u32 {
        let end = frame.offset + frame.bytes.len() as u64;
        let spans = end > chunk.offset;
        // Mostly it was whole, and lacked only what decides whether a longer one comes of it.
        if let Some((place, segment)) = self.track.take_last(frame.offset, end) {
            self.held(frame, place);
            self.way.segment(self.origin, segment);
            return 0;
        }
        if spans {
            self.track.push(chunk, 0);
        }
        self.found(frame);
        // Nothing of this chunk is held; of those before it nothing is left.
        let (origin, way) = (self.origin, &mut self.way);
        self.track
            .clear(chunk.offset, &mut |segment| way.segment(origin, segment));
        spans as u32
    }

    /// A frame that one chunk before brought, whole.
    #[inline(always)]
    fn held(&mut self, frame: &Frame<'_>, place: Provenance<'_>) {
        if self.told.frames == 0 {
            self.open();
        }
        let step = Step {
            kind: frame.kind,
            size: frame.bytes.len(),
        };
        let part = PacketSpan {
            at: 0,
            packet: place.first_packet,
        };
        let run = FrameRun {
            index: self.told.frames,
            offset: frame.offset,
            bytes: frame.bytes,
            steps: &[step],
            place: Provenance {
                spans: &[part],
                ..place
            },
        };
        let Way {
            selection,
            observer,
            ..
        } = &mut self.way;
        self.told.run(self.origin, selection, *observer, &run);
    }

    /// Lets go of the packets of which everything is told.
    #[inline]
    pub fn settle(&mut self, framer: &Framer, chunk: &Chunk<'_>) {
        match framer.fault_from() {
            None => self.release(framer.settled()),
            Some(from) => self.fold(from, framer.settled()),
        }
        if self.track.is_crowded() {
            self.fold(framer.settled(), chunk.offset);
        }
    }

    fn fault(&mut self, fault: &Fault<'_>) {
        let end = fault.offset + fault.length;
        if let Some(place) = self
            .track
            .provenance(fault.offset, end, false, self.way.spans)
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
            if !self.way.selection.takes_time(record.place.time) {
                self.told.unselected += fault.length;
            } else if self.told.frames == 0 {
                self.told.opening().faults.push(OwnedFault::from(&record));
            } else {
                self.way.observer.fault(self.origin, &record);
            }
        }
        self.release(end);
    }

    fn skip(&mut self, skip: Skip) {
        if !self.way.selection.takes_time(self.told.time) {
            self.told.unselected += skip.length;
        } else if self.told.frames == 0 {
            let at = SKIPS
                .iter()
                .position(|kind| *kind == skip.kind)
                .unwrap_or(0);
            self.told.opening().skips[at]
                .get_or_insert((skip.offset, 0))
                .1 += skip.length;
        } else {
            self.way
                .observer
                .skip(self.origin, skip.kind, skip.offset, skip.length);
        }
        self.release(skip.offset + skip.length);
    }

    /// The first frame is found: what was held back counts.
    #[cold]
    pub fn open(&mut self) {
        let Some(opening) = self.told.opening.take() else {
            return;
        };
        for (kind, skip) in SKIPS.into_iter().zip(opening.skips) {
            if let Some((offset, length)) = skip {
                self.way.observer.skip(self.origin, kind, offset, length);
            }
        }
        for fault in &opening.faults {
            self.way.observer.fault(self.origin, &fault.record());
        }
    }

    #[inline]
    pub fn release(&mut self, offset: u64) {
        let (origin, way) = (self.origin, &mut self.way);
        self.track
            .release(offset, &mut |segment| way.segment(origin, segment));
    }

    fn fold(&mut self, from: u64, settled: u64) {
        let (origin, way) = (self.origin, &mut self.way);
        self.track
            .fold(from, settled, &mut |segment| way.segment(origin, segment));
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
