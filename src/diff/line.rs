//! What one device sent: a stream, or several one after the other, as one row of frames.

use super::{Record, Sent, Side};

/// Streams of one device that follow each other in time, as indices into [`Side::streams`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The streams.
    pub streams: Vec<usize>,
    /// For each, how many frames stand before its first.
    starts: Vec<usize>,
    /// Frames in all.
    len: usize,
}

impl Line {
    /// From streams of a side.
    pub fn new(side: &Side, streams: Vec<usize>) -> Self {
        let mut len = 0;
        let starts = streams
            .iter()
            .map(|at| {
                let start = len;
                len += side.streams.get(*at).map_or(0, |sent| sent.frames.len());
                start
            })
            .collect();
        Self {
            streams,
            starts,
            len,
        }
    }

    /// How many frames.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A frame, its stream, and its index there.
    #[inline]
    pub fn get<'s>(&self, side: &'s Side, at: usize) -> Option<(&'s Sent, &'s Record, usize)> {
        let part = self
            .starts
            .partition_point(|start| *start <= at)
            .checked_sub(1)?;
        let sent = side.streams.get(*self.streams.get(part)?)?;
        let index = at - self.starts[part];
        Some((sent, sent.frames.get(index)?, index))
    }

    /// A frame.
    #[inline]
    pub(super) fn record<'s>(&self, side: &'s Side, at: usize) -> Option<&'s Record> {
        Some(self.get(side, at)?.1)
    }

    /// All frames in order.
    pub(super) fn records<'s>(&'s self, side: &'s Side) -> impl Iterator<Item = &'s Record> {
        self.streams
            .iter()
            .filter_map(|at| side.streams.get(*at))
            .flat_map(|sent| &sent.frames)
    }

    /// Its streams.
    pub fn sent<'s>(&'s self, side: &'s Side) -> impl Iterator<Item = &'s Sent> {
        self.streams.iter().filter_map(|at| side.streams.get(*at))
    }
}
