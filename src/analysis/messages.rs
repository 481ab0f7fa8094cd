//! Messages: frames in the order that the protocol names, back to back.

/// So many frames are kept before those are forgotten that no message can need.
const KEPT: usize = 64;

/// Counts the messages of one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageCounter {
    recent: Vec<usize>,
    next: u64,
}

impl MessageCounter {
    /// Takes the next frame; gives the index of the message that it completes, if any. `messages` are the frame types
    /// of each.
    #[inline]
    pub fn frame(
        &mut self,
        messages: &[Vec<usize>],
        kind: usize,
        offset: u64,
        length: u64,
    ) -> Option<usize> {
        if offset != self.next {
            self.recent.clear();
        }
        self.next = offset + length;
        if messages.is_empty() {
            return None;
        }
        self.recent.push(kind);
        let complete = messages
            .iter()
            .position(|frames| frames.last() == Some(&kind) && self.ends_with(frames));
        if complete.is_some() {
            self.recent.clear();
        } else if self.recent.len() >= KEPT {
            self.forget(messages);
        }
        complete
    }

    /// By hand: these are few, and a call that compares memory costs more than they do.
    #[inline]
    fn ends_with(&self, frames: &[usize]) -> bool {
        let mut recent = self.recent.iter().rev();
        frames
            .iter()
            .rev()
            .all(|frame| recent.next() == Some(frame))
    }

    /// Keeps only what a message can still need.
    #[cold]
    fn forget(&mut self, messages: &[Vec<usize>]) {
        let longest = messages.iter().map(Vec::len).max().unwrap_or(0);
        if self.recent.len() >= longest.saturating_mul(2) {
            self.recent.drain(..self.recent.len() - longest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(kinds: &[usize], hole_before: Option<usize>) -> Vec<usize> {
        let messages = [vec![0, 1, 2], vec![3, 3]];
        let (mut counter, mut offset) = (MessageCounter::default(), 0);
        let mut found = Vec::new();
        for (at, kind) in kinds.iter().enumerate() {
            offset += (Some(at) == hole_before) as u64;
            found.extend(counter.frame(&messages, *kind, offset, 10));
            offset += 10;
        }
        found
    }

    #[test]
    fn rows() {
        for (kinds, hole, want) in [
            (&[0, 1, 2][..], None, &[0][..]),
            (&[0, 1, 2, 0, 1, 2], None, &[0, 0]),
            (&[0, 0, 1, 2], None, &[0]),
            (&[1, 2, 0, 1], None, &[]),
            (&[0, 1, 2], Some(1), &[]),
            (&[3, 3, 3], None, &[1]),
            (&[0, 3, 3, 0, 1, 2], None, &[1, 0]),
        ] {
            assert_eq!(count(kinds, hole), want, "{kinds:?} {hole:?}");
        }
    }
}
