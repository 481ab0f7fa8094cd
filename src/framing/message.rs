//! Messages, put together from the frames of a framer.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;

use super::{codec::MessageLayout, event::Frame, table::FrameTable};

/// Finds where the frames of a stream make a message: its frame types in order, back to back, no frame in two of them.
#[derive(Clone, Debug)]
pub struct MessageTracker {
    kinds: Arc<[usize]>,
    /// How many frames of a message the last ones are.
    have: usize,
    /// Where the next frame of it would begin.
    next: u64,
}

impl MessageTracker {
    /// For messages of these frame types, in this order; of none, no message is ever found.
    pub fn new(kinds: &[usize]) -> Self {
        Self {
            kinds: kinds.into(),
            have: 0,
            next: 0,
        }
    }

    /// Takes the next frame of the stream: its type, stream offset and size. True if it completes a message.
    pub fn frame(&mut self, kind: usize, offset: u64, size: u64) -> bool {
        if offset != self.next {
            self.have = 0;
        }
        self.next = offset + size;
        while self.have > 0 && self.kinds.get(self.have) != Some(&kind) {
            self.have = self.shorter();
        }
        self.have += usize::from(self.kinds.get(self.have) == Some(&kind));
        let complete = self.have > 0 && self.have == self.kinds.len();
        if complete {
            self.have = 0;
        }
        complete
    }

    /// How many frames of a message have come, of one that is not complete.
    pub fn have(&self) -> usize {
        self.have
    }

    /// The most frames, fewer than `have`, that end a beginning of a message and are a beginning themselves.
    fn shorter(&self) -> usize {
        let had = self.kinds.get(..self.have).unwrap_or_default();
        (1..self.have)
            .rev()
            .find(|&n| had.get(self.have - n..) == had.get(..n))
            .unwrap_or(0)
    }
}

/// A message that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Stream offset of its first byte.
    pub offset: u64,
    /// The payloads of its frames, in order.
    pub payloads: Vec<Bytes>,
}

/// Puts messages together from the events of a framer.
#[derive(Clone, Debug)]
pub struct MessageAssembler {
    table: Arc<FrameTable>,
    tracker: MessageTracker,
    /// Offsets and payloads of the frames of a message not complete.
    parts: VecDeque<(u64, Bytes)>,
}

impl MessageAssembler {
    /// For the messages of one stream.
    pub fn new(layout: &MessageLayout) -> Self {
        let tracker = MessageTracker::new(layout.kinds());
        Self {
            table: Arc::clone(layout.table()),
            tracker,
            parts: VecDeque::new(),
        }
    }

    /// Takes the next frame of the stream; returns the message that it completes. A fault, a gap or a frame of another
    /// type within a message ends it: its frames are in none. Nor is a frame whose checksum is wrong in any.
    pub fn frame(&mut self, frame: &Frame<'_>) -> Option<Message> {
        if !frame.checksum_ok {
            return None;
        }
        let complete = self
            .tracker
            .frame(frame.kind, frame.offset, frame.bytes.len() as u64);
        let payload = Bytes::copy_from_slice(self.table.payload(frame.kind, frame.bytes));
        self.parts.push_back((frame.offset, payload));
        if complete {
            let offset = self.parts.iter().rev().nth(self.tracker.kinds.len() - 1)?.0;
            let payloads = self
                .parts
                .drain(..)
                .filter(|(at, _)| *at >= offset)
                .map(|(_, p)| p)
                .collect();
            return Some(Message { offset, payloads });
        }
        let stale = self.parts.len().saturating_sub(self.tracker.have());
        self.parts.drain(..stale);
        None
    }
}
