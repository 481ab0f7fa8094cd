//! Messages: frames in the order that the protocol names, back to back.

/// Counts the messages of one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageCounter {
    /// How many frames of each message the latest ones are.
    have: Box<[u32]>,
    /// Where the next frame of them begins.
    next: u64,
}

impl MessageCounter {
    /// Takes the next frame; gives the index of the message that it completes, if any: of several the first, and no
    /// frame is in two of them. `messages` are the frame types of each.
    #[inline]
    pub fn frame(
        &mut self,
        messages: &[Vec<usize>],
        kind: usize,
        offset: u64,
        length: u64,
    ) -> Option<usize> {
        if self.have.len() != messages.len() {
            self.have = vec![0; messages.len()].into();
        }
        if offset != self.next {
            self.have.fill(0);
        }
        self.next = offset + length;
        let mut complete = None;
        for (at, (frames, have)) in messages.iter().zip(&mut self.have).enumerate() {
            *have = advance(frames, *have as usize, kind) as u32;
            if complete.is_none() && *have as usize == frames.len() && !frames.is_empty() {
                complete = Some(at);
            }
        }
        if complete.is_some() {
            self.have.fill(0);
        }
        complete
    }
}

/// How many first frames of a message the latest ones are, `kind` after `have` that were.
#[inline]
fn advance(frames: &[usize], have: usize, kind: usize) -> usize {
    if frames.get(have) == Some(&kind) {
        return have + 1;
    }
    restart(frames, have, kind)
}

/// The same where the message does not go on: the longest of its beginnings that the latest frames are.
#[cold]
fn restart(frames: &[usize], have: usize, kind: usize) -> usize {
    let had = frames.get(..have).unwrap_or_default();
    (1..=have)
        .rev()
        .find(|&n| {
            frames.get(n - 1) == Some(&kind) && frames.get(..n - 1) == had.get(have + 1 - n..)
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(kinds: &[usize], hole_before: Option<usize>) -> Vec<usize> {
        let messages = [vec![0, 1, 2], vec![3, 3], vec![4, 4, 5]];
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
            (&[4, 4, 4, 4, 5], None, &[2]),
            (&[4, 4, 0, 4, 5], None, &[]),
        ] {
            assert_eq!(count(kinds, hole), want, "{kinds:?} {hole:?}");
        }
    }
}
