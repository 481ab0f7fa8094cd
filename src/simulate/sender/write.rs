//! What a device writes, and how the writes are cut into segments.
//!
//! Knows frames as bytes that the device made up; nothing of what becomes of a segment.

use std::io::Write;

use super::{Connection, Context, Kind, Phase, Planned, ROUND_TRIP};
use crate::simulate::{
    device::Piece,
    options::{LAST_TIME, SimConfig, StartOffset},
    segments::{self, Burst},
    truth::Sent,
};

impl Connection {
    /// The device writes, and the write is cut into segments.
    pub(super) fn write<W: Write>(&mut self, context: &mut Context<'_, W>) {
        let options = context.options;
        if options.size > 0 && context.out.bytes() >= options.size {
            self.frames_left = self.frames_left.min(options.faults.truncate_end.into());
        }
        if self.next_write > LAST_TIME {
            self.frames_left = 0;
        }
        self.trim();
        let mss = options.segment_bytes() as usize;
        let how = options.segmentation;
        let mut first = 0;
        let waiting = self.waiting();
        let mut left = segments::burst(how, &mut self.rng, mss, waiting);
        while self.frames_left > 0 && !matches!(left, Burst::Frames(0) | Burst::Bytes(0)) {
            let before = self.waiting();
            self.frame(context);
            let now = self.waiting();
            first = if first == 0 { now } else { first };
            left = match left {
                Burst::Frames(n) => Burst::Frames(n - 1),
                Burst::Bytes(n) => Burst::Bytes(n.saturating_sub(now - before)),
            };
        }
        let flush = self.frames_left == 0;
        self.clock = self.clock.max(self.next_write);
        loop {
            let waiting = self.waiting();
            let next = segments::next(how, &mut self.rng, mss, waiting, first, flush);
            let Some(length) = next else { break };
            first = first.saturating_sub(length);
            self.segment(options, length, length == waiting);
        }
        self.after_write(options, flush);
    }

    fn after_write(&mut self, options: &SimConfig, flush: bool) {
        if self.rng.chance(options.replies) {
            let length = self.rng.between(1, 16);
            let time = self.clock + self.rng.between(ROUND_TRIP / 2, ROUND_TRIP) as i64;
            self.plan(Planned::new(time, Kind::Reply, self.replied, length as u32));
            self.replied += length;
        }
        if flush {
            self.phase = Phase::Draining;
        }
        let pause = self
            .rng
            .between(options.interval / 2, options.interval / 2 * 3);
        let resumes = self.pause(options);
        self.next_write = (self.next_write + pause as i64)
            .max(self.clock)
            .max(resumes);
    }

    fn waiting(&self) -> usize {
        self.buf.len() - (self.planned_to - self.base) as usize
    }

    /// The rest of the frame that the capture begins in.
    fn enter<W>(&mut self, context: &Context<'_, W>) {
        let Self {
            source, rng, buf, ..
        } = self;
        source.send(&context.recipe, rng, buf, 0, false, |_| {});
        let size = buf.len() as u64;
        let skip = match context.options.start_offset {
            StartOffset::At(skip) => u64::from(skip) % size,
            _ => rng.below(size),
        };
        buf.drain(..skip as usize);
        self.leading = buf.len() as u64;
    }

    /// One more frame at the end of the buffer.
    fn frame<W>(&mut self, context: &mut Context<'_, W>) {
        self.frames_left -= 1;
        let start = self.base == 0 && self.buf.is_empty();
        if start && context.options.start_offset != StartOffset::Frame {
            return self.enter(context);
        }
        let last = self.frames_left == 0;
        let Self {
            source,
            rng,
            buf,
            base,
            notes,
            ..
        } = self;
        let Context {
            recipe,
            options,
            sent_frames,
            faults,
            ..
        } = context;
        let mut pieces: [Option<Piece>; 2] = [None, None];
        source.send(recipe, rng, buf, *base, last, |piece| {
            let free = usize::from(pieces[0].is_some());
            pieces[free] = Some(piece);
        });
        for piece in pieces.into_iter().flatten() {
            match piece {
                Piece::Frame {
                    kind,
                    offset,
                    length,
                } => {
                    sent_frames[kind] += 1;
                    let Some(notes) = notes else { continue };
                    let from = (offset - *base) as usize;
                    let bytes = options
                        .truth_payloads
                        .then(|| buf[from..from + length as usize].to_vec());
                    notes.sent.push(Sent {
                        kind,
                        offset,
                        length,
                        bytes,
                    });
                }
                Piece::Fault(fault) => {
                    *faults += 1;
                    if let Some(notes) = notes {
                        notes.faults.push(fault);
                    }
                }
            }
        }
    }
}
