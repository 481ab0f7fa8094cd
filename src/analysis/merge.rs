//! Two counts of one capture, each of a part of its connections, as one.

use crate::analysis::Stats;

impl Stats {
    /// Gives the connections of all streams their numbers in the whole capture.
    pub fn renumber(&mut self, number: impl Fn(u64) -> u64) {
        for stream in &mut self.streams {
            stream.id.connection = number(stream.id.connection);
        }
        for list in self.failed.lists() {
            for stream in &mut list.streams {
                stream.id.connection = number(stream.id.connection);
            }
        }
    }

    /// Adds what was counted of other connections of the same capture. None if so many streams were kept that counting
    /// all together might have kept others.
    pub fn join(mut self, mut other: Self) -> Option<Self> {
        let summed = self.rest.streams + other.rest.streams;
        if summed > 0 || self.streams.len() + other.streams.len() >= Self::MOST {
            return None;
        }
        self.streams.extend(other.streams);
        self.total += &other.total;
        self.silent_streams += other.silent_streams;
        for (list, others) in self.failed.lists().into_iter().zip(other.failed.lists()) {
            list.join(others);
        }
        for (sum, intervals) in self.intervals.iter_mut().zip(&other.intervals) {
            *sum += intervals;
        }
        self.completion += &other.completion;
        Some(self)
    }
}
