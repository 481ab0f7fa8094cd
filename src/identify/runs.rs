//! The bytes that a draft is made from: runs without a hole, of the streams of one direction.
//!
//! Knows samples; nothing of protocols.

use std::collections::BTreeMap;

use super::sample::Sample;
use crate::tcp::Dir;

/// Streams looked at.
const STREAMS: usize = 8;
/// Bytes looked at of each run.
const LONGEST: usize = 6 << 10;
/// Shortest run of use.
const SHORTEST: usize = 8;

/// A run without a hole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    pub bytes: &'a [u8],
    /// A frame begins at its first byte: it is the first one that was sent.
    pub known: bool,
    /// How long its first segment is.
    pub first_segment: usize,
}

/// The samples of the direction that says most, the longest of them.
pub(super) fn talkers<'a>(samples: &'a [Sample], of: &[usize]) -> Vec<&'a Sample> {
    let mut by_dir = BTreeMap::<Dir, Vec<&Sample>>::new();
    for sample in of.iter().filter_map(|&at| samples.get(at)) {
        by_dir.entry(sample.dir).or_default().push(sample);
    }
    let bytes = |samples: &Vec<&Sample>| {
        samples
            .iter()
            .map(|sample| sample.bytes.len())
            .sum::<usize>()
    };
    let mut most = by_dir.into_values().max_by_key(bytes).unwrap_or_default();
    most.sort_by_key(|sample| std::cmp::Reverse(sample.bytes.len()));
    most.truncate(STREAMS);
    most
}

/// Their runs.
pub(super) fn runs<'a>(samples: &[&'a Sample]) -> Vec<Run<'a>> {
    let mut runs = Vec::new();
    for sample in samples {
        let mut at = 0;
        while at < sample.bytes.len() {
            let end = sample.run_end(at);
            let bytes = sample.bytes.get(at..end).unwrap_or_default();
            let segment = sample
                .segments
                .iter()
                .map(|&border| border as usize)
                .find(|&border| border > at);
            let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
            if bytes.len() >= SHORTEST {
                runs.push(Run {
                    bytes,
                    known: at == 0 && sample.syn,
                    first_segment: (segment.unwrap_or(end).min(end) - at).min(bytes.len()),
                });
            }
            at = end.max(at + 1);
        }
    }
    runs
}
