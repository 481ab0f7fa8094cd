//! Stream bytes for which packets brought different values, as ranges of offsets.
//!
//! Knows offsets only. At most [`MAX_RANGES`] are kept: one more widens its neighbour, so that a report may flag too
//! much and never too little.

use std::ops::Range;

const MAX_RANGES: usize = 1024;

/// Disjoint ranges of stream offsets, in ascending order.
#[derive(Debug, Default)]
pub(super) struct DisputedRanges(Vec<Range<u64>>);

impl DisputedRanges {
    /// Adds the byte at `offset`.
    pub fn add(&mut self, offset: u64) {
        let full = self.0.len() >= MAX_RANGES;
        let mut at = self.0.partition_point(|range| range.end < offset);
        if full {
            at = at.min(self.0.len() - 1);
        }
        match self.0.get_mut(at) {
            Some(range) if full || range.start <= offset + 1 => {
                *range = range.start.min(offset)..range.end.max(offset + 1);
            }
            _ => self.0.insert(at, offset..offset + 1),
        }
    }

    /// Whether any byte from `start` to `end` (exclusive) is among them.
    pub fn overlaps(&self, start: u64, end: u64) -> bool {
        let at = self.0.partition_point(|range| range.end <= start);
        self.0.get(at).is_some_and(|range| range.start < end)
    }

    /// Drops the ranges that end at `offset` or before it. Returns whether none is left.
    pub fn release(&mut self, offset: u64) -> bool {
        let released = self.0.partition_point(|range| range.end <= offset);
        self.0.drain(..released);
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_ranges_than_kept_widen_their_neighbours() {
        let mut disputed = DisputedRanges::default();
        (0..5000).for_each(|n| disputed.add(n * 2));
        assert_eq!(disputed.0.len(), MAX_RANGES);
        assert!((0..5000).all(|n| disputed.overlaps(n * 2, n * 2 + 1)));
        assert!(!disputed.release(9_998) && disputed.release(9_999));
    }
}
