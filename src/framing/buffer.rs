//! The bytes of a stream that are undecided when a feed ends, and how the next feed completes them.
//!
//! Bytes of the caller are used where they are. Only those that a decision still waits for are copied, and only as many
//! new ones are copied behind them as that decision needs.

use super::{
    decide::{Tail, Verdict, Window},
    event::Event,
    memo::Memo,
    state::State,
    table::FrameTable,
};

/// Bytes taken at once, at least, to complete what is buffered, for layouts that can only ask for one more.
pub(super) const MIN_TAKEN_BYTES: usize = 32;

/// Largest buffer that is kept when it is empty, in bytes.
pub(super) const MAX_KEPT_BYTES: usize = 16 << 10;

/// Room of a new buffer, at most, in bytes; it grows when it must.
const MAX_INITIAL_BYTES: usize = 4096;

impl State {
    /// The general path of [`Framer::feed`](super::Framer::feed).
    #[inline(never)]
    pub fn feed(&mut self, table: &FrameTable, bytes: &[u8], emit: &mut impl FnMut(Event<'_>)) {
        let rest = match self.buffered() {
            0 => Some(bytes),
            _ => self.complete_buffer(table, bytes, emit),
        };
        let Some(rest) = rest else {
            return;
        };
        let used = self.advance(table, rest, emit);
        if let Some(left) = rest.get(used..).filter(|left| !left.is_empty()) {
            self.buffer(table, left);
        }
        self.release_buffer();
    }

    /// Frees the buffer if it is empty and not to be kept.
    #[inline]
    pub fn release_buffer(&mut self) {
        if !self.keep_buffer && self.buffered() == 0 && self.buf.capacity() > 0 {
            (self.buf, self.start) = (Vec::new(), 0);
        }
    }

    /// Buffers undecided bytes; the buffer is empty.
    #[inline]
    pub fn buffer(&mut self, table: &FrameTable, bytes: &[u8]) {
        self.buf.clear();
        self.start = 0;
        if self.buf.capacity() == 0 {
            self.buf
                .reserve(table.window.unwrap_or(0).min(MAX_INITIAL_BYTES) + MIN_TAKEN_BYTES);
        }
        self.buf.extend_from_slice(bytes);
    }

    /// Decides the buffered bytes, with as many of the next as that needs. Gives the undecided rest of `bytes` once no
    /// earlier byte is undecided; none if all of them are buffered.
    fn complete_buffer<'b>(
        &mut self,
        table: &FrameTable,
        bytes: &'b [u8],
        emit: &mut impl FnMut(Event<'_>),
    ) -> Option<&'b [u8]> {
        let mut taken = 0;
        loop {
            let buffered = self.buffered();
            if buffered <= taken {
                self.buf.clear();
                self.start = 0;
                if self.buf.capacity() > MAX_KEPT_BYTES {
                    self.buf = Vec::new();
                    self.with_memo(Memo::release);
                }
                return bytes.get(taken - buffered..);
            }
            let want = self
                .need
                .saturating_sub(buffered)
                .max(MIN_TAKEN_BYTES)
                .min(bytes.len() - taken);
            self.buf.extend_from_slice(bytes.get(taken..taken + want)?);
            taken += want;
            if want == 0 || self.buffered() < self.need {
                self.compact();
                return None;
            }
            let buf = std::mem::take(&mut self.buf);
            self.start += self.advance(table, buf.get(self.start..).unwrap_or_default(), emit);
            self.buf = buf;
        }
    }

    /// Drops the decided bytes of the buffer, once they are more than half of it.
    pub fn compact(&mut self) {
        if self.start > self.buf.len() / 2 {
            self.buf.drain(..self.start);
            self.start = 0;
        }
    }

    /// Emits the frame that the buffer begins with if it is complete, though it could still become a longer one; and so on.
    pub fn flush(&mut self, table: &FrameTable, emit: &mut impl FnMut(Event<'_>)) {
        let buf = std::mem::take(&mut self.buf);
        while let Some(w) = buf.get(self.start..).filter(|w| !w.is_empty()) {
            let window = Window {
                bytes: w,
                offset: self.at,
                tail: Tail::End,
                limit: self.limit,
            };
            let Verdict::Frame(found) = self.with_memo(|memo| table.decide(window, memo)) else {
                break;
            };
            self.close(table, &[], self.at, emit);
            let size = self.take(found, window, emit);
            (self.at, self.start) = (self.at + size as u64, self.start + size);
            self.start += self.advance(table, buf.get(self.start..).unwrap_or_default(), emit);
        }
        self.buf = buf;
        self.compact();
    }
}
