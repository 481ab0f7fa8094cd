//! How a write of the device becomes segments.

use super::{options::Segmentation, rng::Rng};

/// Frames that the device writes at once. `waiting` bytes from before are still unsent.
pub(super) fn burst(how: Segmentation, rng: &mut Rng, mss: usize, waiting: usize) -> Burst {
    match how {
        Segmentation::One | Segmentation::Tiny => Burst::Frames(1),
        Segmentation::Coalesced { min, max } => Burst::Frames(rng.between(min.into(), max.into())),
        Segmentation::Nagle => Burst::Frames(rng.between(1, 6)),
        Segmentation::Random => Burst::Frames(rng.between(1, 4)),
        Segmentation::Mss => Burst::Bytes(
            (mss * rng.between(1, 3) as usize)
                .saturating_sub(waiting)
                .max(1),
        ),
    }
}

/// How much the device writes at once.
#[derive(Clone, Copy, Debug)]
pub(super) enum Burst {
    /// So many frames.
    Frames(u64),
    /// As many frames as have so many bytes.
    Bytes(usize),
}

/// Length of the next segment, out of `waiting` bytes, the first `first` of which are the burst's first frame and what
/// waited before it; none: the rest waits for the next burst. `flush`: there is none.
pub(super) fn next(
    how: Segmentation,
    rng: &mut Rng,
    mss: usize,
    waiting: usize,
    first: usize,
    flush: bool,
) -> Option<usize> {
    if waiting == 0 {
        return None;
    }
    let most = mss.min(waiting);
    match how {
        Segmentation::One | Segmentation::Coalesced { .. } => Some(most),
        Segmentation::Mss => (most == mss || flush).then_some(most),
        Segmentation::Nagle if first > 0 => Some(most.min(first)),
        Segmentation::Nagle => (most == mss || flush || rng.below(2) == 0).then_some(most),
        Segmentation::Random => Some(rng.between(1, most as u64) as usize),
        Segmentation::Tiny => Some(most.min(rng.between(1, 20) as usize)),
    }
}
