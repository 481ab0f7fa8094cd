//! Whether two frame types can be told apart.

use crate::framing::{FrameLayout, Pattern, Size};

/// Whether every frame of `later` is also one of `earlier`, of the same size, so that `later` is never found.
pub(super) fn hides(earlier: &FrameLayout, later: &FrameLayout) -> bool {
    let same_size = match (&earlier.size, &later.size) {
        (Size::Fixed(a), Size::Fixed(b)) => a == b,
        (Size::Length(a), Size::Length(b)) => a == b,
        (Size::Searched, Size::Searched) => earlier.end == later.end,
        _ => false,
    };
    let checks_less = earlier.checksum.is_none() || earlier.checksum == later.checksum;
    let wider = earlier.min <= later.min && later.max <= earlier.max;
    same_size
        && checks_less
        && wider
        && later.end.ends_with(&earlier.end)
        && headers_cover(earlier, later)
}

fn headers_cover(earlier: &FrameLayout, later: &FrameLayout) -> bool {
    let covered = |header: &Pattern| earlier.headers.iter().any(|wide| covers(wide, header));
    earlier.headers.is_empty() || (!later.headers.is_empty() && later.headers.iter().all(covered))
}

/// Whether `wide` matches whatever `narrow` matches.
fn covers(wide: &Pattern, narrow: &Pattern) -> bool {
    let bits = |pattern: &Pattern, at: usize| {
        (
            pattern.value.get(at).copied().unwrap_or(0),
            pattern.mask.get(at).copied().unwrap_or(0),
        )
    };
    (0..wide.value.len()).all(|at| {
        let ((wide, mask), (value, known)) = (bits(wide, at), bits(narrow, at));
        mask & !known == 0 && (wide ^ value) & mask == 0
    })
}
