//! One protocol tried on one sample: what of it are frames, and how much that proves.

use std::sync::Arc;

use super::{
    sample::Sample,
    strength::{self, Strength},
};
use crate::{
    framing::{Event, FrameTable, LayoutError, SkipKind},
    protocol::Protocol,
};

/// So many frames prove all that frames can prove; more say the same again.
const ENOUGH: u32 = 64;
/// What it costs, in bits, if a frame does not begin where the one before it ends: real senders rarely stumble.
const STUMBLE: f64 = 12.0;
/// The same if it begins where a segment does.
const STARTS: f64 = 3.0;
/// Bytes that a protocol is first tried on; if none of them is in a frame, the rest is spared it.
const FIRST_LOOK: usize = 4096;

/// A protocol ready to be tried.
#[derive(Debug)]
pub(super) struct Candidate<'p> {
    pub protocol: &'p Protocol,
    pub table: Arc<FrameTable>,
    strengths: Vec<Strength>,
}

/// How a protocol fits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fit {
    /// Frames found.
    pub frames: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Bytes that could be judged: all but a frame that is still open at the end.
    pub judged: u64,
    /// What the frames prove, in bits.
    pub bits: f64,
    /// Frames that begin where one should: at the start of the stream, or right behind another.
    pub chained: u64,
    /// Frames whose end is also that of a segment.
    pub aligned: u64,
    /// Frames whose checksum is right.
    pub sums: u64,
}

impl Fit {
    /// Share of the judged bytes that frames explain, 0 to 1.
    pub fn explained(&self) -> f64 {
        self.bytes as f64 / self.judged.max(1) as f64
    }

    /// How good the fit is, in bits: what is proved, less what is not explained.
    pub fn score(&self) -> f64 {
        self.bits.max(0.0) * self.explained().powi(2)
    }

    /// Both together.
    pub(super) fn add(&mut self, other: &Fit) {
        self.frames += other.frames;
        self.bytes += other.bytes;
        self.judged += other.judged;
        self.bits += other.bits;
        self.chained += other.chained;
        self.aligned += other.aligned;
        self.sums += other.sums;
    }
}

impl<'p> Candidate<'p> {
    pub fn new(protocol: &'p Protocol) -> Result<Self, LayoutError> {
        Ok(Self {
            protocol,
            table: Arc::new(FrameTable::new(&protocol.layout)?),
            strengths: protocol.layout.frames.iter().map(Strength::of).collect(),
        })
    }

    /// Whether all its frame types are nothing but a searched end marker.
    pub fn is_bare(&self) -> bool {
        self.strengths.iter().all(|strength| strength.bare)
    }

    /// Whether its frames are proved by the bytes in them.
    pub fn is_solid(&self) -> bool {
        self.strengths.iter().all(Strength::is_solid)
    }

    /// Tries it.
    pub fn fit(&self, sample: &Sample) -> Fit {
        let first = self.fit_within(sample, FIRST_LOOK);
        if first.frames == 0
            && sample.bytes.len() > FIRST_LOOK
            && first.judged as usize >= FIRST_LOOK / 2
            || sample.bytes.len() <= FIRST_LOOK
        {
            return first;
        }
        self.fit_within(sample, usize::MAX)
    }

    /// Tries it on the first bytes of a sample.
    pub fn fit_within(&self, sample: &Sample, limit: usize) -> Fit {
        let mut fit = Fit {
            judged: sample.bytes.len().min(limit) as u64,
            ..Fit::default()
        };
        let mut ends = Borders::new(sample, limit);
        let mut expected = sample.syn.then_some(0);
        sample.frame(&self.table, limit, &mut |event| {
            for frame in event.frames() {
                let chained = expected == Some(frame.offset);
                let end = frame.offset + frame.bytes.len() as u64;
                let (starts, aligned) = (ends.is_border(frame.offset), ends.is_border(end));
                fit.frames += 1;
                fit.bytes += frame.bytes.len() as u64;
                fit.chained += u64::from(chained);
                fit.aligned += u64::from(aligned);
                let Some(strength) = self.strengths.get(frame.kind) else {
                    return;
                };
                // A wrong checksum speaks against a protocol as much as a right one speaks for it.
                let sum = if frame.checksum_ok {
                    strength.checksum
                } else {
                    -strength.checksum
                };
                fit.sums += u64::from(sum > 0.0);
                if fit.frames <= u64::from(ENOUGH) {
                    let mut bits = strength.marks + sum;
                    bits += if aligned { strength.aligned } else { 0.0 };
                    if let Some(kind) = self.protocol.frames.get(frame.kind) {
                        bits += strength::fields(kind, frame.bytes);
                    }
                    // Looking for a frame at many places finds one by chance.
                    if !chained {
                        let looked = frame.offset - expected.unwrap_or(0).min(frame.offset);
                        let places = if starts { 2.0 } else { (looked + 2) as f64 };
                        bits -= places.log2() + if starts { STARTS } else { STUMBLE };
                    }
                    fit.bits += bits;
                }
                expected = Some(end);
            }
            if let Event::Skip(skip) = event
                && skip.kind == SkipKind::Unfinished
            {
                fit.judged = fit.judged.saturating_sub(skip.length);
            }
        });
        fit
    }
}

/// Stream offsets at which segments begin or end, asked for in ascending order.
struct Borders {
    offsets: Vec<u64>,
}

impl Borders {
    fn new(sample: &Sample, limit: usize) -> Self {
        let mut gaps = sample.gaps.iter().peekable();
        let mut missing = 0;
        let mut offsets = Vec::with_capacity(sample.segments.len() + 1);
        for &at in &sample.segments {
            while let Some(gap) = gaps.next_if(|gap| gap.0 <= at) {
                offsets.push(u64::from(gap.0) + missing);
                missing += gap.1;
            }
            offsets.push(u64::from(at) + missing);
        }
        if !sample.more && sample.bytes.len() <= limit {
            offsets.push(sample.bytes.len() as u64 + missing);
        }
        Self { offsets }
    }

    fn is_border(&mut self, offset: u64) -> bool {
        self.offsets.binary_search(&offset).is_ok()
    }
}
