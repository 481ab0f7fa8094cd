//! Messages: frames in the order that the protocol names, back to back.

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
        let longest = messages.iter().map(Vec::len).max()?;
        if self.recent.len() == longest {
            self.recent.remove(0);
        }
        self.recent.push(kind);
        let complete = messages
            .iter()
            .position(|frames| self.recent.ends_with(frames))?;
        self.recent.clear();
        Some(complete)
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
