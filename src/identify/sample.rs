//! The first bytes of every stream, kept while a capture is read, within bounds.
//!
//! Knows the pipeline's values; nothing of protocols.

use std::{collections::HashMap, sync::Arc};

use crate::{
    framing::{Event, FrameTable, Framer, StreamEnd, StreamStart},
    pipeline::{Observer, StreamRef},
    tcp::{Dir, Gap, StreamSummary},
};

/// Bytes kept of a stream.
const PER_STREAM: usize = 16 << 10;
/// Bytes kept of a stream once many are.
const PER_STREAM_LATER: usize = 2 << 10;
/// Streams that are kept in full, for each port and direction.
const IN_FULL: u32 = 8;
/// Streams that are kept in full in all, so that the time it takes stays small beside that of reading the capture.
const ALL_IN_FULL: u32 = 64;
/// Bytes kept in all.
const IN_ALL: usize = 16 << 20;
/// Samples in all: enough for as many kept in part as fit into [`IN_ALL`].
const MAX_SAMPLES: u32 = 8192;
/// Gaps kept of a sample.
const MAX_GAPS: usize = PER_STREAM;

/// The beginning of a stream.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Number of its connection.
    pub connection: u64,
    /// Its direction.
    pub dir: Dir,
    /// Port of the server's end.
    pub port: u16,
    /// Whether its first byte is the first that was sent.
    pub syn: bool,
    /// Its captured bytes, holes left out.
    pub bytes: Vec<u8>,
    /// Where in `bytes` a segment begins.
    pub segments: Vec<u32>,
    /// Where in `bytes` something is missing, and how much.
    pub gaps: Vec<(u32, u64)>,
    /// Whether the stream goes on behind `bytes`.
    pub more: bool,
}

impl Sample {
    /// Feeds the sample to a framer for `table`.
    pub(super) fn frame(
        &self,
        table: &Arc<FrameTable>,
        limit: usize,
        emit: &mut impl FnMut(Event<'_>),
    ) {
        let start = if self.syn {
            StreamStart::Known
        } else {
            StreamStart::Unknown
        };
        let mut framer = Framer::new(Arc::clone(table), start);
        let end = limit.min(self.bytes.len());
        let (mut at, mut gaps) = (0, self.gaps.iter().peekable());
        let mut borders = self
            .segments
            .iter()
            .map(|&at| at as usize)
            .skip_while(|&at| at == 0);
        while at < end {
            while let Some((_, length)) = gaps.next_if(|gap| gap.0 as usize <= at) {
                framer.gap(*length, emit);
            }
            framer.mark();
            let next = borders.next().unwrap_or(end).min(end);
            framer.feed(self.bytes.get(at..next).unwrap_or_default(), emit);
            at = next;
        }
        framer.finish(StreamEnd::Open, emit);
    }

    /// Where a run of bytes without a hole ends in which `at` lies.
    pub(super) fn run_end(&self, at: usize) -> usize {
        let gap = self.gaps.iter().find(|gap| gap.0 as usize > at);
        gap.map_or(self.bytes.len(), |gap| gap.0 as usize)
    }
}

/// Takes samples of streams.
///
/// Memory is bounded: 16 KiB of a stream, less of the many on one port, 16 MiB and 8,192 samples in all; beside that 16
/// bytes for each stream open at once.
#[derive(Debug, Default)]
pub struct Sampler {
    /// By slot.
    open: Vec<State>,
    done: Vec<Sample>,
    /// Number of samples begun, by port and direction.
    begun: HashMap<(u16, Dir), u32>,
    /// Number of samples begun in all.
    samples: u32,
    /// Bytes kept of them.
    bytes: usize,
    /// Number of streams with data of which nothing is kept.
    left_out: u64,
}

/// What is known of an open stream.
#[derive(Debug, Default)]
enum State {
    /// It has brought no data.
    #[default]
    Empty,
    /// It is sampled.
    Sampled(Box<Sample>),
    /// It has brought data of which nothing is kept.
    LeftOut,
}

impl Sampler {
    /// The samples, by connection and direction, and the number of streams with data that have none.
    pub fn finish(mut self) -> (Vec<Sample>, u64) {
        for state in std::mem::take(&mut self.open) {
            self.close(state);
        }
        self.done
            .sort_by_key(|sample| (sample.connection, sample.dir));
        (self.done, self.left_out)
    }

    fn close(&mut self, state: State) {
        if let State::Sampled(sample) = state {
            self.done.push(*sample);
        }
    }

    /// A sample of the stream, or none where there are too many.
    #[cold]
    fn begin(&mut self, origin: StreamRef<'_>, offset: u64) -> State {
        if self.bytes >= IN_ALL || self.samples >= MAX_SAMPLES {
            self.left_out += 1;
            return State::LeftOut;
        }
        let begin = origin.begin;
        let port = match origin.id.dir {
            Dir::C2s => begin.dst.port,
            Dir::S2c => begin.src.port,
        };
        self.samples += 1;
        *self.begun.entry((port, origin.id.dir)).or_default() += 1;
        State::Sampled(Box::new(Sample {
            connection: origin.id.connection,
            dir: origin.id.dir,
            port,
            syn: begin.syn && offset == 0,
            bytes: Vec::new(),
            segments: Vec::new(),
            gaps: Vec::new(),
            more: false,
        }))
    }
}

impl Observer for Sampler {
    fn begin(&mut self, origin: StreamRef<'_>) {
        let slot = origin.id.slot as usize;
        if self.open.len() <= slot {
            self.open.resize_with(slot + 1, State::default);
        }
    }

    fn bytes(&mut self, origin: StreamRef<'_>, offset: u64, bytes: &[u8], selected: bool) {
        let slot = origin.id.slot as usize;
        if !selected {
            // A sample is one run of the selected time: it does not go on behind bytes that are left out.
            if let Some(State::Sampled(sample)) = self.open.get_mut(slot) {
                sample.more = true;
            }
            return;
        }
        match self.open.get(slot) {
            // Most chunks come when the sample of their stream is full.
            Some(State::Sampled(sample)) if sample.more => return,
            Some(State::Empty) => {
                let state = self.begin(origin, offset);
                self.open[slot] = state;
            }
            _ => {}
        }
        let Some(State::Sampled(sample)) = self.open.get_mut(slot) else {
            return;
        };
        let begun = self.begun.get(&(sample.port, sample.dir));
        let few = begun.is_none_or(|&begun| begun <= IN_FULL) && self.samples <= ALL_IN_FULL;
        let limit = if few { PER_STREAM } else { PER_STREAM_LATER };
        let take = limit
            .saturating_sub(sample.bytes.len())
            .min(bytes.len())
            .min(IN_ALL.saturating_sub(self.bytes));
        sample.more |= take < bytes.len();
        if take > 0 {
            sample.segments.push(sample.bytes.len() as u32);
            let taken = bytes.get(..take).unwrap_or_default();
            sample.bytes.extend_from_slice(taken);
            self.bytes += take;
        }
    }

    fn gap(&mut self, origin: StreamRef<'_>, gap: &Gap) {
        if let Some(State::Sampled(sample)) = self.open.get_mut(origin.id.slot as usize)
            && !sample.more
            && sample.gaps.len() < MAX_GAPS
        {
            sample.gaps.push((sample.bytes.len() as u32, gap.length));
        }
    }

    fn summary(&mut self, origin: StreamRef<'_>, _summary: &StreamSummary) {
        let state = self.open.get_mut(origin.id.slot as usize);
        if let Some(state) = state.map(std::mem::take) {
            self.close(state);
        }
    }
}
