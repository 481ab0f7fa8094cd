//! Fast path of the framer, for whole frames of fixed size without a checksum.
//!
//! Takes: a run of frames at the front of the new bytes, a frame of which the first bytes are buffered, and bytes that
//! are too few to decide anything. Equals: the general path, [`State::feed`], frame by frame. Whatever
//! [`FrameTable::fast_match`] is not certain of is left to that path. Proved by `the_fast_path_equals_the_general_path`
//! in `tests.rs`, and against a model without a fast path by `tests/framing/cuts.rs`.

use super::{
    buffer::{MAX_KEPT_BYTES, MIN_TAKEN_BYTES},
    event::{Event, Run, RunFrame},
    fast_headers::{FastMatch, fast_match},
    state::{Mode, State},
    table::FrameTable,
};

/// Frames of one run event, at most.
const MAX_RUN_FRAMES: usize = 16;

/// What follows a run of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// No bytes.
    End,
    /// At least one frame more, for which the run has no room.
    Run,
    /// The beginning of a frame; it is buffered.
    Buffered,
    /// Bytes for the general path.
    General,
}

impl State {
    /// Takes what it can of the next bytes; the rest is for [`State::feed`], none if there is no rest.
    #[inline(always)]
    pub fn feed_fast<'b>(
        &mut self,
        table: &FrameTable,
        bytes: &'b [u8],
        emit: &mut impl FnMut(Event<'_>),
    ) -> Option<&'b [u8]> {
        let mut rest = bytes;
        if self.buffered() > 0 {
            if self.append(bytes) {
                return None;
            }
            match self.complete(table, bytes, emit) {
                Some(behind) => rest = behind,
                None => return Some(bytes),
            }
        }
        let mut frames = [RunFrame::default(); MAX_RUN_FRAMES];
        loop {
            let (count, length, next) = self.scan_run(table, rest, &mut frames);
            if let (Some(frames @ [_, ..]), Some((bytes, behind))) =
                (frames.get(..count), rest.split_at_checked(length))
            {
                emit(Event::Frames(Run {
                    offset: self.at - length as u64,
                    bytes,
                    frames,
                    checksum_ok: true,
                }));
                rest = behind;
            }
            match next {
                Next::Run => {}
                Next::Buffered => return None,
                Next::General => return Some(rest),
                Next::End => {
                    self.release_buffer();
                    return None;
                }
            }
        }
    }

    /// Finds the run of frames that `bytes` begin with, and buffers what follows if that is the beginning of a frame.
    /// Gives the number of frames and of their bytes.
    // Not inlined: its loop needs all registers.
    #[inline(never)]
    fn scan_run(
        &mut self,
        table: &FrameTable,
        bytes: &[u8],
        out: &mut [RunFrame; MAX_RUN_FRAMES],
    ) -> (usize, usize, Next) {
        let Some(&(mut first)) = bytes.first() else {
            return (0, 0, Next::End);
        };
        if self.mode != Mode::Synced {
            return (0, 0, Next::General);
        }
        let (mut rest, mut frames) = (bytes, 0);
        let next = 'run: loop {
            // Consecutive frames nearly always begin with the same byte: its headers are fetched once.
            let headers = table.fast_headers(first);
            loop {
                let Some(start) = rest.first_chunk::<8>() else {
                    break 'run match rest {
                        [] => Next::End,
                        _ => Next::General,
                    };
                };
                if start[0] != first {
                    first = start[0];
                    break;
                }
                match fast_match(headers, u64::from_le_bytes(*start), rest) {
                    FastMatch::Frame(frame) => {
                        let Some(behind) = rest.get(frame.size as usize..) else {
                            break 'run Next::General;
                        };
                        let Some(place) = out.get_mut(frames) else {
                            break 'run Next::Run;
                        };
                        *place = *frame;
                        frames += 1;
                        rest = behind;
                    }
                    FastMatch::Short(need) => {
                        self.need = need;
                        self.buffer(table, rest);
                        break 'run Next::Buffered;
                    }
                    FastMatch::No | FastMatch::Unknown => break 'run Next::General,
                }
            }
        };
        let taken = bytes.len() - rest.len();
        self.at += taken as u64;
        self.frames += frames as u64;
        if self.has_marks() {
            self.drop_marks();
        }
        (frames, taken, next)
    }

    /// Appends the bytes to the buffer if together they are still too few to decide anything.
    #[inline]
    fn append(&mut self, bytes: &[u8]) -> bool {
        if self.buffered() + bytes.len() >= self.need {
            return false;
        }
        self.buf.extend_from_slice(bytes);
        self.compact();
        true
    }

    /// Emits the frame that begins with the buffered bytes, if the first of `bytes` complete it or decide that it was
    /// complete; gives what follows. None changes nothing.
    #[inline(always)]
    fn complete<'b>(
        &mut self,
        table: &FrameTable,
        bytes: &'b [u8],
        emit: &mut impl FnMut(Event<'_>),
    ) -> Option<&'b [u8]> {
        let (buffered, before) = (self.buffered(), self.buf.len());
        // A large buffer is left to the general path, which frees it.
        if self.mode != Mode::Synced || self.buf.capacity() > MAX_KEPT_BYTES {
            return None;
        }
        let (mut need, mut taken) = (self.need, 0);
        if let Some(few) = bytes.first_chunk::<MIN_TAKEN_BYTES>() {
            self.buf.extend_from_slice(few);
            taken = MIN_TAKEN_BYTES;
        }
        let frame = loop {
            let lacking = need
                .saturating_sub(buffered)
                .max(MIN_TAKEN_BYTES)
                .min(bytes.len());
            if lacking > taken {
                self.buf
                    .extend_from_slice(bytes.get(taken..lacking).unwrap_or_default());
                taken = lacking;
            }
            let window = self.buf.get(self.start..).unwrap_or_default();
            match table.fast_match(window) {
                FastMatch::Frame(frame) if frame.size as usize >= buffered => break *frame,
                // It could still be the beginning of a longer one.
                FastMatch::Short(longer) if buffered + bytes.len() >= longer => need = longer,
                _ => {
                    self.buf.truncate(before);
                    return None;
                }
            }
        };
        let size = frame.size as usize;
        let behind = bytes.get(size - buffered..)?;
        let (from, offset) = (self.start, self.at);
        self.at += size as u64;
        self.frames += 1;
        if self.has_marks() {
            self.drop_marks();
        }
        // Nothing is buffered any more; the bytes stay for the event alone.
        self.start = self.buf.len();
        emit(Event::Frames(Run {
            offset,
            bytes: self.buf.get(from..from + size)?,
            frames: &[frame],
            checksum_ok: true,
        }));
        Some(behind)
    }
}
