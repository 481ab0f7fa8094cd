//! The loop: packet by packet through decode, tcp and framing.

use std::sync::Arc;

use crate::{
    capture::CaptureSet,
    decode::{self, DecodeStats, Decoder},
    framing::{Framer, StreamStart, Table},
    pipeline::{Observer, Origin, Part, Selection, stream::Stream},
    tcp::{self, Begin, Chunk, Conflict, End, Gap, Reassembler, Sink, StreamId, StreamSummary},
};

/// Packets from one tick to the next.
const TICK: u32 = 1 << 16;

/// What to look for, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// The frames of the protocol.
    pub table: Arc<Table>,
    /// Which connections and times.
    pub selection: Selection,
    /// Settings of the decoder.
    pub decode: decode::Config,
    /// Settings of the reassembler.
    pub tcp: tcp::Config,
}

/// What was read, beside what the observer was told.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What became of the packets.
    pub decode: DecodeStats,
    /// What the reassembler counted.
    pub tcp: tcp::Stats,
    /// TCP packets left out by the selection.
    pub unselected: u64,
    /// Their payload, in bytes.
    pub unselected_bytes: u64,
}

/// Reads all captures of the set and tells `observer` what is in them.
///
/// Trouble with a capture is a value in the set's table; what was read before it is told all the same. `tick` is called
/// now and then with the set, to show how far it is read.
pub fn run(
    captures: &mut CaptureSet,
    options: &Options,
    observer: &mut impl Observer,
    tick: &mut dyn FnMut(&CaptureSet),
) -> Outcome {
    let mut decoder = Decoder::new(options.decode.clone());
    let mut reassembler = Reassembler::new(options.tcp.clone());
    let mut driver =
        Driver { table: Arc::clone(&options.table), streams: Vec::new(), parts: Vec::new(), observer, stopped: false };
    let (mut unselected, mut unselected_bytes) = (0, 0);
    let everything = options.selection.is_everything();
    let (mut selection, mut started, mut until_tick) = (options.selection.clone(), false, TICK);
    while let Some(packet) = captures.next_packet() {
        if !started && let Some(time) = packet.time {
            (selection, started) = (selection.from_start(time), true);
        }
        decoder.decode(&packet, &mut |segment| {
            if everything || selection.takes(segment) && {
                let connection = reassembler.number(segment);
                selection.takes_connection(connection)
            } {
                reassembler.feed(segment, &mut driver);
            } else {
                reassembler.number(segment);
                unselected += 1;
                unselected_bytes += segment.payload.len() as u64;
            }
        });
        if driver.observer.stop() {
            driver.stopped = true;
            break;
        }
        until_tick -= 1;
        if until_tick == 0 {
            until_tick = TICK;
            tick(captures);
        }
    }
    decoder.finish();
    if !driver.stopped {
        reassembler.finish(&mut driver);
    }
    Outcome { decode: decoder.stats().clone(), tcp: reassembler.stats().clone(), unselected, unselected_bytes }
}

/// Takes chunks from the reassembler to the framer of their stream.
struct Driver<'o, O> {
    table: Arc<Table>,
    streams: Vec<Option<Box<Stream>>>,
    parts: Vec<Part>,
    observer: &'o mut O,
    stopped: bool,
}

impl<O> Driver<'_, O> {
    fn stream(&mut self, id: StreamId) -> Option<(&mut Stream, &mut Vec<Part>, &mut O)> {
        let stream = self.streams.get_mut(id.slot as usize)?.as_deref_mut()?;
        Some((stream, &mut self.parts, self.observer))
    }
}

impl<O: Observer> Sink for Driver<'_, O> {
    fn begin(&mut self, id: StreamId, begin: &Begin) {
        let slot = id.slot as usize;
        if self.streams.len() <= slot {
            self.streams.resize_with(slot + 1, || None);
        }
        let start = if begin.syn { StreamStart::Known } else { StreamStart::Unknown };
        let framer = Framer::new(Arc::clone(&self.table), start);
        self.streams[slot] = Some(Box::new(Stream::new(id, *begin, framer)));
        self.observer.begin(Origin { id, begin });
    }

    #[inline]
    fn chunk(&mut self, id: StreamId, chunk: &Chunk<'_>) {
        if let Some((stream, parts, observer)) = self.stream(id) {
            stream.chunk(chunk, parts, observer);
        }
    }

    fn gap(&mut self, id: StreamId, gap: &Gap) {
        if let Some((stream, parts, observer)) = self.stream(id) {
            stream.gap(gap, parts, observer);
        }
    }

    fn conflict(&mut self, id: StreamId, conflict: &Conflict<'_>) {
        if let Some((stream, _, observer)) = self.stream(id) {
            stream.conflict(conflict.offset, conflict.length);
            observer.conflict(stream.origin(), conflict);
        }
    }

    fn end(&mut self, id: StreamId, end: End) {
        if let Some((stream, parts, observer)) = self.stream(id) {
            stream.end(end, parts, observer);
        }
    }

    fn summary(&mut self, id: StreamId, summary: &StreamSummary) {
        if let Some(stream) = self.streams.get_mut(id.slot as usize).and_then(Option::take) {
            self.observer.summary(stream.origin(), summary);
        }
    }
}
