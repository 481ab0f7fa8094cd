//! Which bytes of a stream are there: disjoint ranges of offsets, in order.

/// A set of offsets. Growing at the end, the usual case, takes constant time.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// Adds `from..to` and calls `fresh` for each part that was not there, in order.
    pub(super) fn add(&mut self, from: u64, to: u64, mut fresh: impl FnMut(u64, u64)) {
        if from >= to {
            return;
        }
        match self.0.last_mut() {
            Some(last) if from == last.1 => {
                last.1 = to;
                return fresh(from, to);
            }
            Some(last) if from < last.1 => {}
            _ => {
                self.0.push((from, to));
                return fresh(from, to);
            }
        }
        // The first range that touches from..to, and the one behind the last.
        let first = self.0.partition_point(|range| range.1 < from);
        let mut next = first;
        let (mut low, mut high, mut at) = (from, to, from);
        while let Some(&(start, end)) = self.0.get(next).filter(|range| range.0 <= to) {
            if at < start {
                fresh(at, start);
            }
            (low, high, at) = (low.min(start), high.max(end), at.max(end));
            next += 1;
        }
        if at < to {
            fresh(at, to);
        }
        self.0.splice(first..next, [(low, high)]);
    }

    /// Whether all of `from..to` is there.
    pub(super) fn covers(&self, from: u64, to: u64) -> bool {
        let at = self.0.partition_point(|range| range.1 <= from);
        from >= to
            || self
                .0
                .get(at)
                .is_some_and(|range| range.0 <= from && to <= range.1)
    }

    /// Where the run of bytes from offset 0 on ends.
    pub(super) fn contiguous(&self) -> u64 {
        self.0
            .first()
            .filter(|range| range.0 == 0)
            .map_or(0, |range| range.1)
    }

    /// Behind the last byte that is there.
    pub(super) fn end(&self) -> u64 {
        self.0.last().map_or(0, |range| range.1)
    }

    /// How many bytes of `from..to` are there.
    pub(super) fn count(&self, from: u64, to: u64) -> u64 {
        let first = self.0.partition_point(|range| range.1 <= from);
        let inside = self.0[first..].iter().take_while(|range| range.0 < to);
        inside
            .map(|range| range.1.min(to) - range.0.max(from))
            .sum()
    }

    /// What is missing below `end`: offset and length.
    pub(super) fn holes(&self, end: u64) -> Vec<(u64, u64)> {
        let mut at = 0;
        let mut holes = Vec::new();
        for &(from, to) in &self.0 {
            if at < from {
                holes.push((at, from - at));
            }
            at = to;
        }
        if at < end {
            holes.push((at, end - at));
        }
        holes
    }
}
