//! Messages: frames in the order that the protocol names, back to back.

use crate::framing::RunFrame;

/// The messages of a protocol, as the machine that finds them: for every number of first frames that are there and
/// every frame type, how many are there then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageTable {
    messages: Vec<Message>,
    kinds: usize,
    /// Where there is one message only: the same with its end in it. By row, which is `kinds` for each frame there,
    /// and type: twice the next row, and 1 more where the message is complete, which leads to the first row.
    only: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Message {
    /// How many frames it has.
    length: u16,
    /// By frames there (fewer than `length`), then by type.
    then: Vec<u16>,
}

impl MessageTable {
    /// For `kinds` frame types; `messages` are the frame types of each message.
    pub fn new(kinds: usize, messages: &[Vec<usize>]) -> Self {
        let message = |frames: &Vec<usize>| Message {
            length: if frames.is_empty() {
                u16::MAX
            } else {
                frames.len() as u16
            },
            then: (0..frames.len())
                .flat_map(|have| (0..kinds).map(move |kind| then(frames, have, kind) as u16))
                .collect(),
        };
        let messages: Vec<Message> = messages.iter().map(message).collect();
        Self {
            only: only(&messages, kinds),
            messages,
            kinds,
        }
    }

    /// How many messages the protocol has.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}

fn only(messages: &[Message], kinds: usize) -> Vec<u32> {
    let [message] = messages else {
        return Vec::new();
    };
    let next = |&have: &u16| match have == message.length {
        true => 1,
        false => u32::from(have) * kinds as u32 * 2,
    };
    message.then.iter().map(next).collect()
}

/// How many first frames of a message the latest ones are, `kind` behind `have` that were: the longest of its
/// beginnings that they end with.
fn then(frames: &[usize], have: usize, kind: usize) -> usize {
    let had = frames.get(..have).unwrap_or_default();
    (1..=have + 1)
        .rev()
        .find(|&n| {
            frames.get(n - 1) == Some(&kind) && frames.get(..n - 1) == had.get(have + 1 - n..)
        })
        .unwrap_or(0)
}

/// Counts the messages of one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageCounter {
    /// Where the next frame of them begins.
    next: u64,
    /// Where there is one message only: how many are complete, and its row.
    complete: u64,
    row: u32,
    /// Where there are more.
    many: Option<Box<Many>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Many {
    /// How many frames of each message the latest ones are.
    have: Box<[u16]>,
    /// How many of each are complete.
    complete: Box<[u64]>,
}

impl MessageCounter {
    /// For the messages of a table.
    pub fn new(table: &MessageTable) -> Self {
        let many = table.only.is_empty() && !table.is_empty();
        Self {
            many: many.then(|| {
                Box::new(Many {
                    have: vec![0; table.len()].into(),
                    complete: vec![0; table.len()].into(),
                })
            }),
            ..Self::default()
        }
    }

    /// How many of each are complete.
    pub fn counts(&self, table: &MessageTable) -> Vec<u64> {
        match &self.many {
            Some(many) => many.complete.to_vec(),
            None => vec![self.complete; table.len()],
        }
    }

    /// Takes the next frames, which stand back to back between these two offsets.
    #[inline(always)]
    pub fn frames(&mut self, table: &MessageTable, (offset, end): (u64, u64), run: &[RunFrame]) {
        if table.only.is_empty() {
            return self.each(table, offset, run);
        }
        let mut row = if offset == self.next { self.row } else { 0 };
        let mut complete = 0;
        for frame in run {
            let then = table
                .only
                .get(row as usize + usize::from(frame.kind))
                .copied()
                .unwrap_or(0);
            row = then >> 1;
            complete += u64::from(then & 1);
        }
        self.complete += complete;
        (self.row, self.next) = (row, end);
    }

    /// The same one by one, for any number of messages.
    fn each(&mut self, table: &MessageTable, mut offset: u64, run: &[RunFrame]) {
        if self.many.is_none() {
            return;
        }
        for frame in run {
            let length = frame.size.into();
            self.frame(table, frame.kind.into(), offset, length);
            offset += length;
        }
    }

    /// Takes the next frame; gives the index of the message that it completes, if any: of several the first, and no
    /// frame is in two of them.
    #[inline]
    pub fn frame(
        &mut self,
        table: &MessageTable,
        kind: usize,
        offset: u64,
        length: u64,
    ) -> Option<usize> {
        let in_order = offset == self.next;
        self.next = offset + length;
        let Some(many) = self.many.as_deref_mut() else {
            let row = if in_order { self.row } else { 0 };
            let then = table.only.get(row as usize + kind).copied().unwrap_or(0);
            self.row = then >> 1;
            self.complete += u64::from(then & 1);
            return (then & 1 == 1).then_some(0);
        };
        if !in_order {
            many.have.fill(0);
        }
        let mut complete = None;
        for (at, (message, have)) in table.messages.iter().zip(&mut many.have).enumerate() {
            let state = usize::from(*have) * table.kinds + kind;
            *have = message.then.get(state).copied().unwrap_or(0);
            if *have == message.length && complete.is_none() {
                complete = Some(at);
            }
        }
        if let Some(at) = complete {
            many.have.fill(0);
            many.complete[at] += 1;
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(kinds: &[usize], hole_before: Option<usize>) -> Vec<usize> {
        let messages = [vec![0, 1, 2], vec![3, 3], vec![4, 4, 5]];
        let table = MessageTable::new(6, &messages);
        let (mut counter, mut offset) = (MessageCounter::new(&table), 0);
        let mut found = Vec::new();
        for (at, kind) in kinds.iter().enumerate() {
            offset += (Some(at) == hole_before) as u64;
            found.extend(counter.frame(&table, *kind, offset, 10));
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
            (&[4, 4, 4, 5], None, &[2]),
        ] {
            assert_eq!(count(kinds, hole), want, "{kinds:?} {hole:?}");
        }
    }

    /// Steps of a seeded random walk, with a hole now and then.
    #[test]
    fn one_message_alone_is_found_as_among_others() {
        let mut seed = 1u64;
        let mut below = |n: u64| {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            ((seed >> 33) % n) as usize
        };
        for message in [&[0, 1, 2][..], &[0], &[0, 0, 1], &[0, 1, 0, 1, 2]] {
            let alone = MessageTable::new(4, &[message.to_vec()]);
            let among = MessageTable::new(4, &[message.to_vec(), vec![3, 3, 3, 3, 3, 3, 3]]);
            let (mut a, mut b, mut c) = (
                MessageCounter::new(&alone),
                MessageCounter::new(&among),
                MessageCounter::new(&alone),
            );
            let (mut singles, mut offset) = (0, 0);
            for _ in 0..2_000 {
                offset += u64::from(below(9) == 0);
                let run: Vec<RunFrame> = (0..1 + below(6))
                    .map(|_| RunFrame {
                        kind: if below(20) == 0 { 3 } else { below(3) as u16 },
                        size: 10,
                    })
                    .collect();
                let end = offset + 10 * run.len() as u64;
                a.frames(&alone, (offset, end), &run);
                b.frames(&among, (offset, end), &run);
                for frame in run {
                    singles += u64::from(c.frame(&alone, frame.kind.into(), offset, 10).is_some());
                    offset += 10;
                }
            }
            let runs = a.counts(&alone)[0];
            assert!(runs > 10, "{message:?}");
            assert_eq!(runs, b.counts(&among)[0], "{message:?}");
            assert_eq!((runs, runs), (singles, c.counts(&alone)[0]), "{message:?}");
        }
    }
}
