//! Whether two frame types can be distinguished.

use std::collections::{HashMap, HashSet};

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
    if earlier.headers.is_empty() || later.headers.is_empty() {
        return earlier.headers.is_empty();
    }
    let mut wide: HashMap<&[u8], HashSet<&[u8]>> = HashMap::new();
    for header in &earlier.headers {
        wide.entry(&header.mask).or_default().insert(&header.value);
    }
    let covered = |narrow: &Pattern| {
        wide.iter().any(|(mask, values)| {
            seen_through(narrow, mask).is_some_and(|v| values.contains(&v[..]))
        })
    };
    later.headers.iter().all(covered)
}

/// The bits of a header that the mask selects; none if the header leaves one of them open.
fn seen_through(header: &Pattern, mask: &[u8]) -> Option<Vec<u8>> {
    let at = |bytes: &[u8], at: usize| bytes.get(at).copied().unwrap_or(0);
    let bits = |(index, mask): (usize, &u8)| {
        let (value, known) = (at(&header.value, index), at(&header.mask, index));
        (mask & !known == 0).then_some(value & mask)
    };
    mask.iter().enumerate().map(bits).collect()
}
