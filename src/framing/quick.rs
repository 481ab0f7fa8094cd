//! The quick ways of a framer for whole frames of fixed size: a run of them at the front of the bytes, and the one that
//! is held and lacks its last bytes, or what decides it.
//!
//! They take only what the rows of [`Table`] are certain of, and tell the same frames as [`State::feed`], which is the
//! way for all else.

use super::{
    event::{Frame, Step},
    framer::{Steps, Then},
    state::{LITTLE, Mode, State},
    table::{Quick, Table, quick},
};

impl State {
    /// Takes the run of whole and certain frames that `bytes` begin with, in step and with nothing held; and holds
    /// what is behind it, if that could be a frame and is too short to tell.
    #[inline]
    pub fn steps(&mut self, table: &Table, bytes: &[u8], out: &mut [Step]) -> Steps {
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
        // Frames nearly always begin with the same byte, so what may begin with it is looked up once.
        let (mut rows, mut rest, mut frames) = (table.rows(first), bytes, 0);
        let then = loop {
            let Some(start) = rest.first_chunk::<8>() else {
                break if rest.is_empty() {
                    Then::End
                } else {
                    Then::Feed
                };
            };
            if start[0] != first {
                first = start[0];
                rows = table.rows(first);
            }
            match quick(rows, u64::from_le_bytes(*start), rest) {
                Quick::Frame { kind, size } => {
                    let (Some(step), Some(behind)) = (out.get_mut(frames), rest.get(size..)) else {
                        break Then::Again;
                    };
                    *step = Step { kind, size };
                    frames += 1;
                    rest = behind;
                }
                Quick::Short(need) => {
                    self.need = need;
                    self.hold(table, rest);
                    break Then::Held;
                }
                Quick::No | Quick::Unsure => break Then::Feed,
            }
        };
        let taken = bytes.len() - rest.len();
        self.at += taken as u64;
        self.frames += frames as u64;
        self.forget_marks();
        Steps {
            frames,
            bytes: taken,
            then,
        }
    }

    /// Takes the frame that begins with what is held, if the first of `bytes` make it whole and certain and it ends
    /// in them or right before them; gives what is behind it. None leaves everything as it was.
    #[inline]
    pub fn complete<'b>(
        &mut self,
        table: &Table,
        bytes: &'b [u8],
        emit: &mut impl FnMut(&Frame<'_>),
    ) -> Option<&'b [u8]> {
        let held = self.held();
        let lacking = self.need.saturating_sub(held);
        if held == 0 || self.mode != Mode::Step || bytes.len() < lacking {
            return None;
        }
        let little = bytes.get(..lacking.max(LITTLE)).unwrap_or(bytes);
        let before = self.carry.len();
        self.carry.extend_from_slice(little);
        let window = self.carry.get(self.start..).unwrap_or_default();
        let Quick::Frame { kind, size } = table.quick(window) else {
            self.carry.truncate(before);
            return None;
        };
        let (Some(frame), Some(behind)) = (
            window.get(..size),
            size.checked_sub(held).and_then(|own| bytes.get(own..)),
        ) else {
            self.carry.truncate(before);
            return None;
        };
        emit(&Frame {
            kind,
            offset: self.at,
            bytes: frame,
            checksum_ok: true,
        });
        self.at += size as u64;
        self.frames += 1;
        self.empty();
        self.forget_marks();
        Some(behind)
    }
}
