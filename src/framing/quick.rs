//! The quick ways of a framer for whole frames of fixed size: a run of them at the front of the bytes, and the one that
//! is held and lacks its last bytes, or what decides it.
//!
//! They take only what [`Table::quick`] is certain of, and tell the same frames as [`State::feed`], which is the
//! way for all else.

use super::{
    event::{Frame, Step},
    framer::{Steps, Then},
    state::{LARGE, LITTLE, Mode, State},
    table::{FrameTable, Quick, quick},
};

impl State {
    /// Takes the run of whole and certain frames that `bytes` begin with, in step and with nothing held; and holds
    /// what is behind it, if that could be a frame and is too short to tell.
    // A function of its own: its loop wants all registers.
    #[inline(never)]
    pub fn steps(&mut self, table: &FrameTable, bytes: &[u8], out: &mut [Step]) -> Steps {
        let none = |then| Steps {
            frames: 0,
            bytes: 0,
            then,
        };
        let Some(&(mut first)) = bytes.first() else {
            return none(Then::End);
        };
        if self.mode != Mode::Step || self.held() != 0 {
            return none(Then::Feed);
        }
        let (mut rest, mut frames) = (bytes, 0);
        let then = 'run: loop {
            // Frames nearly always begin with the same byte, so what may begin with it is looked up once.
            let heads = table.heads(first);
            loop {
                let Some(start) = rest.first_chunk::<8>() else {
                    break 'run match rest {
                        [] => Then::End,
                        _ => Then::Feed,
                    };
                };
                if start[0] != first {
                    first = start[0];
                    break;
                }
                match quick(heads, u64::from_le_bytes(*start), rest) {
                    Quick::Frame(frame) => {
                        let Some(behind) = rest.get(frame.size..) else {
                            break 'run Then::Feed;
                        };
                        let Some(step) = out.get_mut(frames) else {
                            break 'run Then::Again;
                        };
                        *step = *frame;
                        frames += 1;
                        rest = behind;
                    }
                    Quick::Short(need) => {
                        self.need = need;
                        self.hold(table, rest);
                        break 'run Then::Held;
                    }
                    Quick::No | Quick::Unsure => break 'run Then::Feed,
                }
            }
        };
        let taken = bytes.len() - rest.len();
        self.at += taken as u64;
        self.frames += frames as u64;
        if self.has_aid() {
            self.forget_marks();
        }
        Steps {
            frames,
            bytes: taken,
            then,
        }
    }

    /// Lets go of the memory of what was held.
    #[inline]
    pub fn shrink(&mut self) {
        if self.held() == 0 && self.carry.capacity() > 0 {
            (self.carry, self.start) = (Vec::new(), 0);
        }
    }

    /// Adds bytes to what is held, if they are too few to tell anything of it.
    #[inline]
    pub fn keep(&mut self, bytes: &[u8]) -> bool {
        let held = self.held();
        if held == 0 || held + bytes.len() >= self.need {
            return false;
        }
        self.carry.extend_from_slice(bytes);
        self.compact();
        true
    }

    /// Takes the frame that begins with what is held, if the first of `bytes` make it whole and certain and it ends
    /// in them or right before them; gives what is behind it, too. None leaves everything as it was.
    #[inline(always)]
    pub fn complete<'b>(
        &mut self,
        table: &FrameTable,
        bytes: &'b [u8],
    ) -> Option<(Frame<'_>, &'b [u8])> {
        let (held, before) = (self.held(), self.carry.len());
        // A carry that has grown large is for the other way to let go of.
        if held == 0
            || self.mode != Mode::Step
            || held + bytes.len() < self.need
            || self.carry.capacity() > LARGE
        {
            return None;
        }
        let (mut need, mut taken) = (self.need, 0);
        if let Some(little) = bytes.first_chunk::<LITTLE>() {
            self.carry.extend_from_slice(little);
            taken = LITTLE;
        }
        let (kind, size) = loop {
            let lacking = need.saturating_sub(held).max(LITTLE).min(bytes.len());
            if lacking > taken {
                self.carry
                    .extend_from_slice(bytes.get(taken..lacking).unwrap_or_default());
                taken = lacking;
            }
            let window = self.carry.get(self.start..).unwrap_or_default();
            match table.quick(window) {
                Quick::Frame(&Step { kind, size }) if size >= held => break (kind, size),
                // A longer one could still come of it.
                Quick::Short(longer) if held + bytes.len() >= longer => need = longer,
                _ => {
                    self.carry.truncate(before);
                    return None;
                }
            }
        };
        let behind = bytes.get(size - held..)?;
        let (from, offset) = (self.start, self.at);
        self.at += size as u64;
        self.frames += 1;
        if self.has_aid() {
            self.forget_marks();
        }
        // Nothing is held any more: the bytes stay only until something is.
        self.start = self.carry.len();
        let frame = Frame {
            kind,
            offset,
            bytes: self.carry.get(from..from + size)?,
            checksum_ok: true,
        };
        Some((frame, behind))
    }
}
