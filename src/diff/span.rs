//! Which bytes of two frames differ.

use std::ops::Range;

/// A run of bytes that differ, counted from the first byte of each frame. In frames of one size both are the same;
/// else one may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// In A.
    pub a: Range<usize>,
    /// In B.
    pub b: Range<usize>,
}

/// All runs, in order. Frames of different sizes differ in one run, between what they begin with and what they end
/// with in common. `masked` are sorted ranges that do not count.
pub fn spans(a: &[u8], b: &[u8], masked: &[Range<usize>]) -> Vec<Span> {
    let hidden = |at: usize| masked.iter().any(|range| range.contains(&at));
    let same = |at: usize| a[at] == b[at] || !masked.is_empty() && hidden(at);
    let common = a.len().min(b.len());
    let mut spans = Vec::new();
    if a.len() == b.len() {
        let mut at = 0;
        while let Some(from) = (at..common).find(|at| !same(*at)) {
            at = (from..common).find(|at| same(*at)).unwrap_or(common);
            spans.push(Span {
                a: from..at,
                b: from..at,
            });
        }
        return spans;
    }
    let head = (0..common).take_while(|at| same(*at)).count();
    let tail = a[head..]
        .iter()
        .rev()
        .zip(b[head..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    spans.push(Span {
        a: head..a.len() - tail,
        b: head..b.len() - tail,
    });
    spans
}

/// How many bytes differ; of frames of different sizes, those of the larger run.
#[inline]
pub(super) fn distance(a: &[u8], b: &[u8], masked: &[Range<usize>]) -> usize {
    if a.len() != b.len() {
        return spans(a, b, masked)
            .iter()
            .map(|span| span.a.len().max(span.b.len()))
            .sum();
    }
    let count = |a: &[u8], b: &[u8]| a.iter().zip(b).filter(|(a, b)| a != b).count();
    let hidden: usize = masked
        .iter()
        .map(|range| range.start.min(a.len())..range.end.min(a.len()))
        .map(|range| count(&a[range.clone()], &b[range]))
        .sum();
    count(a, b) - hidden
}
