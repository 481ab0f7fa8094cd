//! The first bytes of every stream, kept while a capture is read, within bounds.
//!
//! Knows the pipeline's values; nothing of protocols.

use crate::{
    framing::{Event, FrameTable, Framer, StreamEnd, StreamStart},
    pipeline::{Observer, StreamRef},
    tcp::{Dir, Gap},
};
use std::sync::Arc;

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

/// Takes samples of all streams. Memory is bounded: 16 KiB a stream, less of the many on one port, 16 MiB in all.
#[derive(Debug, Default)]
pub struct Sampler {
    open: Vec<Option<Box<Sample>>>,
    done: Vec<Sample>,
    /// Streams by port and direction.
    seen: std::collections::HashMap<(u16, Dir), u32>,
    /// Streams in all.
    streams: u32,
    held: usize,
    /// Streams with data of which nothing is kept.
    left_out: u64,
}

impl Sampler {
    /// The samples, by connection and direction, and how many streams were too many to take one of.
    pub fn finish(mut self) -> (Vec<Sample>, u64) {
        self.done
            .extend(self.open.into_iter().flatten().map(|sample| *sample));
        self.done.retain(|sample| !sample.bytes.is_empty());
        self.done
            .sort_by_key(|sample| (sample.connection, sample.dir));
        (self.done, self.left_out)
    }

    fn limit(&self, key: (u16, Dir)) -> usize {
        match self.seen.get(&key) {
            Some(&seen) if seen > IN_FULL || self.streams > ALL_IN_FULL => PER_STREAM_LATER,
            _ => PER_STREAM,
        }
    }
}

impl Observer for Sampler {
    fn bytes(&mut self, origin: StreamRef<'_>, offset: u64, bytes: &[u8], selected: bool) {
        let slot = origin.id.slot as usize;
        if !selected {
            // A sample is one run of the selected time: it does not go on behind bytes that are left out.
            if let Some(Some(sample)) = self.open.get_mut(slot) {
                sample.more = true;
            }
            return;
        }
        // Most chunks come when the sample of their stream is full.
        if let Some(Some(sample)) = self.open.get(slot)
            && sample.more
        {
            return;
        }
        if self.open.len() <= slot {
            self.open.resize_with(slot + 1, || None);
        }
        let known = matches!(self.open.get(slot), Some(Some(_)));
        if !known {
            if self.held >= IN_ALL {
                self.left_out += 1;
            }
            let sample = self.begin(origin, offset);
            if let Some(place) = self.open.get_mut(slot) {
                *place = Some(Box::new(sample));
            }
        }
        let room = IN_ALL.saturating_sub(self.held);
        let Some(Some(sample)) = self.open.get(slot) else {
            return;
        };
        let limit = self.limit((sample.port, sample.dir));
        let Some(Some(sample)) = self.open.get_mut(slot) else {
            return;
        };
        let take = limit
            .saturating_sub(sample.bytes.len())
            .min(bytes.len())
            .min(room);
        sample.more |= take < bytes.len();
        if take > 0 {
            sample.segments.push(sample.bytes.len() as u32);
            sample
                .bytes
                .extend_from_slice(bytes.get(..take).unwrap_or_default());
            self.held += take;
        }
    }

    fn gap(&mut self, origin: StreamRef<'_>, gap: &Gap) {
        if let Some(Some(sample)) = self.open.get_mut(origin.id.slot as usize)
            && !sample.more
        {
            sample.gaps.push((sample.bytes.len() as u32, gap.length));
        }
    }

    fn summary(&mut self, origin: StreamRef<'_>, _summary: &crate::tcp::StreamSummary) {
        let sample = self
            .open
            .get_mut(origin.id.slot as usize)
            .and_then(Option::take);
        self.done.extend(
            sample
                .map(|sample| *sample)
                .filter(|sample| !sample.bytes.is_empty()),
        );
    }
}

impl Sampler {
    fn begin(&mut self, origin: StreamRef<'_>, offset: u64) -> Sample {
        let begin = origin.begin;
        let port = match origin.id.dir {
            Dir::C2s => begin.dst.port,
            Dir::S2c => begin.src.port,
        };
        self.streams = self.streams.saturating_add(1);
        *self.seen.entry((port, origin.id.dir)).or_default() += 1;
        Sample {
            connection: origin.id.connection,
            dir: origin.id.dir,
            port,
            syn: begin.syn && offset == 0,
            bytes: Vec::new(),
            segments: Vec::new(),
            gaps: Vec::new(),
            more: false,
        }
    }
}
