//! A list of streams that are over, packed: about 100 bytes each.
//!
//! Knows their start, their TCP counters and numbers of its caller; a million streams take 100 MB.

use crate::{
    analysis::{
        packed::{each_of_begin, each_of_summary, no_begin},
        packing::{Packer, Unpacker},
    },
    tcp::{Begin, Dir, StreamId, StreamSummary},
};

/// See the module.
#[derive(Debug, Default)]
pub struct StreamList {
    /// Connection, direction, and where in `bytes` the stream begins.
    index: Vec<(u64, Dir, u64)>,
    bytes: Vec<u8>,
    packer: Packer,
}

/// One stream of a [`StreamList`].
#[derive(Clone, Debug)]
pub struct StreamEntry {
    /// Its connection and direction; its slot is 0.
    pub id: StreamId,
    /// Its ends and start.
    pub begin: Begin,
    /// Its TCP counters.
    pub summary: StreamSummary,
    /// The numbers that its caller added.
    pub numbers: Vec<u64>,
}

impl StreamList {
    /// Adds a stream, with numbers of the caller's own.
    pub fn push(&mut self, id: StreamId, begin: &Begin, summary: &StreamSummary, numbers: &[u64]) {
        let (mut begin, mut summary) = (*begin, summary.clone());
        each_of_begin(&mut begin, &mut |n| self.packer.push(*n));
        each_of_summary(&mut summary, &mut |n| self.packer.push(*n));
        self.packer.push(numbers.len() as u64);
        numbers.iter().for_each(|n| self.packer.push(*n));
        let at = self.bytes.len() as u64;
        self.index.push((id.connection, id.dir, at));
        self.bytes.extend_from_slice(self.packer.pack());
    }

    /// Sorts the streams by connection, client first.
    pub fn sort(&mut self) {
        self.index.sort_unstable();
    }

    /// The streams, in order.
    pub fn iter(&self) -> impl Iterator<Item = StreamEntry> {
        self.index.iter().map(|&(connection, dir, at)| {
            let bytes = self.bytes.get(at as usize..).unwrap_or_default();
            let mut packed = Unpacker::new(bytes);
            let (mut begin, mut summary) = (no_begin(), StreamSummary::default());
            each_of_begin(&mut begin, &mut |n| *n = packed.take());
            each_of_summary(&mut summary, &mut |n| *n = packed.take());
            let count = packed.take();
            StreamEntry {
                id: StreamId {
                    connection,
                    slot: 0,
                    dir,
                },
                begin,
                summary,
                numbers: (0..count).map(|_| packed.take()).collect(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{capture::Time, tcp::Counts};

    #[test]
    fn streams_are_listed_as_they_were_added() {
        let mut list = StreamList::default();
        for connection in [7, 0, 300, 2] {
            for dir in [Dir::S2c, Dir::C2s] {
                let id = StreamId {
                    connection,
                    slot: 9,
                    dir,
                };
                let mut begin = no_begin();
                (begin.src.port, begin.capture) = (connection as u16, 3);
                let summary = StreamSummary {
                    counts: Counts {
                        packets: connection * connection,
                        ..Counts::default()
                    },
                    end_time: Some(Time::from_nanos(-5)),
                    fin: dir == Dir::C2s,
                    ..StreamSummary::default()
                };
                list.push(
                    id,
                    &begin,
                    &summary,
                    &[u64::MAX, connection, 0][..dir as usize + 2],
                );
            }
        }
        list.sort();
        let listed: Vec<_> = list.iter().collect();
        let order: Vec<_> = listed.iter().map(|s| (s.id.connection, s.id.dir)).collect();
        assert!(order.is_sorted() && order.len() == 8);
        for stream in listed {
            let connection = stream.id.connection;
            let dir = stream.id.dir;
            assert_eq!(
                (stream.begin.src.port, stream.begin.capture),
                (connection as u16, 3)
            );
            assert_eq!(stream.summary.counts.packets, connection * connection);
            assert_eq!(stream.summary.end_time, Some(Time::from_nanos(-5)));
            assert_eq!(stream.summary.fin, dir == Dir::C2s);
            assert_eq!(
                stream.numbers,
                [u64::MAX, connection, 0][..dir as usize + 2]
            );
        }
    }
}
