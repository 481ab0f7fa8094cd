//! The loop: packet by packet through decode, tcp and framing.

use std::sync::Arc;

use crate::{
    capture::CaptureSet,
    decode::{self, DecodeStats, Decoder, Lane},
    framing::{FrameTable, Framer, StreamStart},
    pipeline::{Observer, PacketSpan, Selection, StreamRef, emit::Output, stream::Stream},
    tcp::{self, Begin, Chunk, Conflict, End, Gap, Reassembler, Sink, StreamId, StreamSummary},
};

/// Which frames to search for, in which connections, and the settings of every stage.
#[derive(Clone, Debug)]
pub struct RunConfig {
    /// The frames of the protocol.
    pub table: Arc<FrameTable>,
    /// Which connections and times.
    pub selection: Selection,
    /// Settings of the decoder.
    pub decode: decode::DecodeConfig,
    /// Settings of the reassembler.
    pub tcp: tcp::TcpConfig,
}

/// What was read, beside what the observer received.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Packets by verdict of the decoder.
    pub decode: DecodeStats,
    /// What the reassembler counted.
    pub tcp: tcp::TcpStats,
    /// What the selection left out.
    pub unselected: Unselected,
    /// TCP payload captured, of all connections, in bytes.
    pub payload_bytes: u64,
    /// Whether the observer stopped before all was read.
    pub stopped: bool,
    /// Number of threads that read; see [`run_shared`](super::run_shared).
    pub readers: u32,
}

/// Connections that are not selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unselected {
    /// Their streams.
    pub streams: u64,
    /// Their TCP packets.
    pub packets: u64,
    /// Their payload, in bytes.
    pub bytes: u64,
}

/// Reads all captures of the set and emits to `observer` what is in them.
///
/// An error of a capture is a value in the set's table; what was read before it is emitted all the same. `tick` is called
/// with the set after each block that is read, to show progress.
pub fn run(
    captures: &mut CaptureSet,
    options: &RunConfig,
    observer: &mut impl Observer,
    tick: &mut dyn FnMut(&CaptureSet),
) -> Outcome {
    let mut reader = Reader::new(options, None, observer);
    reader.read::<false>(captures, &mut |captures, _| {
        tick(captures);
        true
    });
    let outcome = reader.finish();
    observer.end_of_input();
    outcome
}

/// From packets to the calls of one observer.
pub(super) struct Reader<'o, O> {
    /// `None` takes all connections.
    lane: Option<Lane>,
    pub decoder: Decoder,
    pub reassembler: Reassembler,
    driver: Driver<'o, O>,
    payload_bytes: u64,
    stopped: bool,
}

impl<'o, O: Observer> Reader<'o, O> {
    /// For all connections, or for those of one lane.
    pub fn new(options: &RunConfig, lane: Option<Lane>, observer: &'o mut O) -> Self {
        Self {
            lane,
            decoder: Decoder::new(options.decode.clone()),
            reassembler: match lane {
                None => Reassembler::new(options.tcp.clone()),
                Some(_) => Reassembler::of_two(options.tcp.clone()),
            },
            driver: Driver {
                table: Arc::clone(&options.table),
                selection: options.selection.clone(),
                streams: Vec::new(),
                spans: Vec::new(),
                unselected: Unselected::default(),
                observer,
            },
            payload_bytes: 0,
            stopped: false,
        }
    }

    /// Reads until the end, until [`Observer::stop`], or until `go_on`, called after each block, returns false.
    ///
    /// `SHARED` is whether the reader has a lane, decided at compile time to keep it out of the loop.
    pub fn read<const SHARED: bool>(
        &mut self,
        captures: &mut CaptureSet,
        go_on: &mut dyn FnMut(&CaptureSet, &Reassembler) -> bool,
    ) {
        let (mut started, mut shown) = (false, 0);
        let (reassembler, driver) = (&mut self.reassembler, &mut self.driver);
        while !self.stopped {
            if captures.may_wait() {
                driver.observer.idle();
            }
            if !captures.ready() {
                break;
            }
            let packets = captures.batch();
            if !started && let Some(time) = packets.first_time() {
                driver.selection = std::mem::take(&mut driver.selection).from_start(time);
                started = true;
            }
            for packet in packets {
                if let (true, Some(lane)) = (SHARED, self.lane) {
                    self.decoder
                        .decode_in_lane(&packet, lane, &mut |segment| match segment {
                            Some(segment) => {
                                self.payload_bytes += segment.payload.len() as u64;
                                reassembler.feed(segment, driver)
                            }
                            None => reassembler.pass_by(packet.time, driver),
                        });
                } else {
                    self.decoder.decode(&packet, &mut |segment| {
                        self.payload_bytes += segment.payload.len() as u64;
                        reassembler.feed(segment, driver)
                    });
                }
                if driver.observer.stop() {
                    self.stopped = true;
                    break;
                }
            }
            if shown != captures.bytes_read() {
                shown = captures.bytes_read();
                self.stopped |= !go_on(captures, reassembler);
            }
        }
        self.decoder.finish();
        if !self.stopped {
            reassembler.finish(driver);
        }
    }

    /// What was read.
    pub fn finish(self) -> Outcome {
        Outcome {
            decode: self.decoder.stats(),
            tcp: self.reassembler.stats().clone(),
            unselected: self.driver.unselected,
            payload_bytes: self.payload_bytes,
            stopped: self.stopped,
            readers: 1,
        }
    }
}

/// Takes chunks from the reassembler to the framer of their stream.
struct Driver<'o, O> {
    table: Arc<FrameTable>,
    selection: Selection,
    /// By slot; none for what is not selected.
    streams: Vec<Option<Box<Stream>>>,
    spans: Vec<PacketSpan>,
    unselected: Unselected,
    observer: &'o mut O,
}

impl<O> Driver<'_, O> {
    #[inline]
    fn stream(&mut self, id: StreamId) -> Option<(&mut Stream, Output<'_, O>)> {
        let stream = self.streams.get_mut(id.slot as usize)?.as_deref_mut()?;
        let out = Output {
            selection: &self.selection,
            spans: &mut self.spans,
            observer: self.observer,
        };
        Some((stream, out))
    }
}

impl<O: Observer> Sink for Driver<'_, O> {
    fn begin(&mut self, id: StreamId, begin: &Begin) {
        let slot = id.slot as usize;
        if self.streams.len() <= slot {
            self.streams.resize_with(slot + 1, || None);
        }
        if !self.selection.takes(id.connection, begin.src, begin.dst) {
            return;
        }
        let start = if begin.syn {
            StreamStart::Known
        } else {
            StreamStart::Unknown
        };
        let framer = Framer::new(Arc::clone(&self.table), start);
        self.streams[slot] = Some(Box::new(Stream::new(id, *begin, framer)));
        self.observer.begin(StreamRef { id, begin });
    }

    #[inline]
    fn chunk(&mut self, id: StreamId, chunk: &Chunk<'_>) {
        if let Some((stream, out)) = self.stream(id) {
            stream.chunk(chunk, out);
        }
    }

    fn gap(&mut self, id: StreamId, gap: &Gap) {
        if let Some((stream, out)) = self.stream(id) {
            stream.gap(gap, out);
        }
    }

    fn conflict(&mut self, id: StreamId, conflict: &Conflict<'_>) {
        if let Some((stream, out)) = self.stream(id) {
            stream.conflict(conflict);
            out.observer.conflict(stream.origin(), conflict);
        }
    }

    fn end(&mut self, id: StreamId, end: End) {
        if let Some((stream, out)) = self.stream(id) {
            stream.end(end, out);
        }
    }

    fn summary(&mut self, id: StreamId, summary: &StreamSummary) {
        match self
            .streams
            .get_mut(id.slot as usize)
            .and_then(Option::take)
        {
            Some(stream) => stream.summary(summary, self.observer),
            None => {
                self.unselected.streams += 1;
                self.unselected.packets += summary.counts.packets;
                self.unselected.bytes += summary.counts.payload_bytes;
            }
        }
    }
}
