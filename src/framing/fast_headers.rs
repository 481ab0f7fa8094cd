//! Fast path of one decision, for frame types of fixed size without a checksum: headers and end markers as 8-byte words.
//!
//! Takes: windows that begin with a header of such types. Equals: [`FrameTable::decide`](super::table::FrameTable), which
//! asks it first; what it cannot decide it says to be [`FastMatch::Unknown`]. Proved by `what_is_decided_stays_decided` in
//! `tests.rs` and by the model of `tests/framing`.

use std::cmp::Reverse;

use super::{event::RunFrame, table::Kind};

/// Alternatives of a header that the fast path compares, at most.
const MAX_FAST_HEADERS: usize = 16;

/// A header as 8-byte word, and the frames that begin with it.
#[derive(Debug)]
pub(super) struct FastHeader {
    header: u64,
    mask: u64,
    ends: Vec<End>,
}

/// An end marker as 8-byte word, and the frame whose last bytes it is.
#[derive(Debug)]
struct End {
    end: u64,
    mask: u64,
    /// Where in the frame this word is.
    at: u32,
    frame: RunFrame,
}

impl FastHeader {
    /// Whether no bytes begin with both headers.
    fn excludes(&self, other: &Self) -> bool {
        (self.header ^ other.header) & self.mask & other.mask != 0
    }

    /// The frame that begins with this header.
    #[inline(always)]
    fn ending(&self, w: &[u8]) -> FastMatch<'_> {
        let mut ends = self.ends.iter();
        let found = loop {
            let Some(end) = ends.next() else {
                return FastMatch::No;
            };
            match end.is_in(w) {
                Some(true) => break &end.frame,
                Some(false) => {}
                None => return FastMatch::Short(end.frame.size as usize),
            }
        };
        for end in ends {
            match end.is_in(w) {
                Some(true) => return FastMatch::Unknown,
                Some(false) => {}
                None => return FastMatch::Short(end.frame.size as usize),
            }
        }
        FastMatch::Frame(found)
    }
}

impl End {
    /// Whether it is where it should be; none if that is behind the window.
    #[inline(always)]
    fn is_in(&self, w: &[u8]) -> Option<bool> {
        let at = self.at as usize;
        let last = w.get(at..at + 8)?.first_chunk::<8>()?;
        Some(u64::from_le_bytes(*last) & self.mask == self.end)
    }
}

/// What [`fast_match`] finds at the beginning of a window.
pub(super) enum FastMatch<'t> {
    /// Exactly this frame.
    Frame(&'t RunFrame),
    /// No frame.
    No,
    /// Undecided with fewer bytes than this.
    Short(usize),
    /// For the general path: fewer than 8 bytes, several frames at once, or types that it does not cover.
    Unknown,
}

/// The same for a window of which the first word and the headers for its first byte are known.
#[inline(always)]
pub(super) fn fast_match<'t>(heads: &'t [FastHeader], start: u64, w: &[u8]) -> FastMatch<'t> {
    for head in heads {
        if start & head.mask == head.header {
            return head.ending(w);
        }
    }
    match heads {
        [] => FastMatch::Unknown,
        _ => FastMatch::No,
    }
}

/// What the fast path compares for these types, if it covers all of them.
pub(super) fn fast_headers(kinds: &[Kind], members: &[u16]) -> Option<Vec<FastHeader>> {
    let mut heads: Vec<FastHeader> = Vec::new();
    for &member in members {
        let kind = kinds.get(usize::from(member))?;
        let size = kind.fixed().filter(|&size| size >= 8)?;
        let patterns = kind.headers.patterns();
        if patterns.len() > MAX_FAST_HEADERS {
            return None;
        }
        if kind.checksum.is_some() || patterns.is_empty() {
            return None;
        }
        for pattern in patterns {
            let (header, mask) = (first_word(&pattern.value)?, first_word(&pattern.mask)?);
            let (end, end_mask) = last_word(&kind.end)?;
            let end = End {
                end,
                mask: end_mask,
                at: u32::try_from(size - 8).ok()?,
                frame: RunFrame {
                    kind: member,
                    size: u32::try_from(size).ok()?,
                },
            };
            match heads
                .iter_mut()
                .find(|h| (h.header, h.mask) == (header, mask))
            {
                Some(head) => head.ends.push(end),
                None => heads.push(FastHeader {
                    header,
                    mask,
                    ends: vec![end],
                }),
            }
        }
    }
    // The header of most types is nearly always the most frequent.
    heads.sort_by_key(|head| Reverse(head.ends.len()));
    let apart =
        |(at, head): (usize, &FastHeader)| heads.iter().skip(at + 1).all(|h| h.excludes(head));
    heads.iter().enumerate().all(apart).then_some(heads)
}

fn first_word(bytes: &[u8]) -> Option<u64> {
    let mut word = [0; 8];
    word.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(u64::from_le_bytes(word))
}

/// The bytes as the last of a word, and the mask that selects them.
fn last_word(bytes: &[u8]) -> Option<(u64, u64)> {
    let (mut word, mut mask) = ([0; 8], [0; 8]);
    let from = 8usize.checked_sub(bytes.len())?;
    word.get_mut(from..)?.copy_from_slice(bytes);
    mask.get_mut(from..)?.fill(0xFF);
    Some((u64::from_le_bytes(word), u64::from_le_bytes(mask)))
}
