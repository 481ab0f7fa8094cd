//! Bytes of frames that do not count: counters, clocks, what is known to differ.

use std::ops::Range;

/// A range of bytes, counted from the first byte of the frame, of one frame type or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mask {
    /// Index of the frame type; none for all.
    pub kind: Option<usize>,
    /// First byte.
    pub from: usize,
    /// First byte behind it; none for all that follow.
    pub to: Option<usize>,
}

/// All masks, by frame type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masks {
    /// Sorted, apart from each other.
    by_kind: Vec<Vec<Range<usize>>>,
}

impl Masks {
    /// For so many frame types.
    pub fn new(kinds: usize, masks: &[Mask]) -> Self {
        let of = |kind: usize| {
            let mut ranges: Vec<Range<usize>> = masks
                .iter()
                .filter(|mask| mask.kind.is_none_or(|only| only == kind))
                .map(|mask| mask.from..mask.to.unwrap_or(usize::MAX))
                .filter(|range| !range.is_empty())
                .collect();
            ranges.sort_by_key(|range| range.start);
            let mut merged: Vec<Range<usize>> = Vec::new();
            for range in ranges {
                match merged.last_mut() {
                    Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                    _ => merged.push(range),
                }
            }
            merged
        };
        Self {
            by_kind: (0..kinds).map(of).collect(),
        }
    }

    /// The ranges of a frame type, in order.
    #[inline]
    pub fn of(&self, kind: usize) -> &[Range<usize>] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Whether a byte of a frame type does not count.
    pub fn hides(&self, kind: usize, at: usize) -> bool {
        self.of(kind).iter().any(|range| range.contains(&at))
    }

    /// The parts of a frame that count.
    #[inline]
    pub(super) fn pieces<'b>(
        &self,
        kind: usize,
        bytes: &'b [u8],
    ) -> impl Iterator<Item = &'b [u8]> {
        let ranges = self.of(kind);
        (0..=ranges.len()).map(move |at| {
            let from = at.checked_sub(1).and_then(|at| ranges.get(at));
            let from = from.map_or(0, |range| range.end.min(bytes.len()));
            let to = ranges
                .get(at)
                .map_or(bytes.len(), |range| range.start.min(bytes.len()));
            bytes.get(from..to).unwrap_or_default()
        })
    }
}
