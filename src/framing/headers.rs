//! Headers of a frame type: whether one of them is at the beginning of some bytes, however many alternatives there are.

use super::layout::Pattern;

/// Alternatives up to which each is compared; more are looked up.
const MAX_COMPARED: usize = 8;

/// Ways in which headers of a type may leave bits open: each costs a look-up at every place.
pub(super) const MAX_MASKS: usize = 64;

/// Whether a header is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// It is, with this many bytes.
    Is(usize),
    /// So far it could be, and would have this many bytes.
    Begins(usize),
    No,
}

/// The headers of a frame type.
#[derive(Debug)]
pub(super) struct Headers {
    patterns: Vec<Pattern>,
    /// The same by mask, if there are many.
    by_mask: Vec<SameMask>,
}

/// Headers that leave the same bits open.
#[derive(Debug)]
struct SameMask {
    mask: Vec<u8>,
    /// Their bytes, ascending, and the index of each.
    values: Vec<(Vec<u8>, usize)>,
}

impl Headers {
    pub fn new(patterns: &[Pattern]) -> Self {
        let mut by_mask: Vec<SameMask> = Vec::new();
        if patterns.len() > MAX_COMPARED {
            for (index, pattern) in patterns.iter().enumerate() {
                let value = (pattern.value.clone(), index);
                match by_mask.iter_mut().find(|same| same.mask == pattern.mask) {
                    Some(same) => same.values.push(value),
                    None => by_mask.push(SameMask {
                        mask: pattern.mask.clone(),
                        values: vec![value],
                    }),
                }
            }
        }
        for same in &mut by_mask {
            same.values.sort();
            same.values.dedup_by(|later, first| later.0 == first.0);
        }
        Self {
            patterns: patterns.to_vec(),
            by_mask,
        }
    }

    /// All of them, in the order of the layout.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Bytes of the longest.
    pub fn longest(&self) -> usize {
        let lengths = self.patterns.iter().map(|pattern| pattern.value.len());
        lengths.max().unwrap_or(0)
    }

    /// For each byte, whether a frame may begin with it.
    pub fn firsts(&self) -> [bool; 256] {
        let mut firsts = [self.patterns.is_empty(); 256];
        for pattern in &self.patterns {
            let (Some(&value), Some(&mask)) = (pattern.value.first(), pattern.mask.first()) else {
                continue;
            };
            match mask {
                0xFF => firsts[usize::from(value)] = true,
                _ => (0..=255u8)
                    .filter(|byte| byte & mask == value)
                    .for_each(|byte| firsts[usize::from(byte)] = true),
            }
        }
        firsts
    }

    /// Whether one of them is at the beginning of these bytes; of several the first in the layout.
    #[inline]
    pub fn at(&self, bytes: &[u8]) -> Header {
        if self.patterns.is_empty() {
            return Header::Is(0);
        }
        if !self.by_mask.is_empty() {
            return self.look_up(bytes);
        }
        let mut begins = Header::No;
        for pattern in &self.patterns {
            if agrees(pattern, bytes) {
                let length = pattern.value.len();
                if bytes.len() >= length {
                    return Header::Is(length);
                }
                begins = Header::Begins(length);
            }
        }
        begins
    }

    fn look_up(&self, bytes: &[u8]) -> Header {
        let (mut found, mut begins) = (None, None);
        for same in &self.by_mask {
            let length = same.mask.len();
            let masked: Vec<u8> = bytes.iter().zip(&same.mask).map(|(b, m)| b & m).collect();
            let at = same
                .values
                .partition_point(|(value, _)| value[..] < masked[..]);
            let Some((value, index)) = same.values.get(at) else {
                continue;
            };
            if masked.len() == length && *value == masked {
                found = found.min(Some((*index, length))).or(Some((*index, length)));
            } else if masked.len() < length && value.starts_with(&masked) {
                begins = begins.min(Some(length)).or(Some(length));
            }
        }
        match (found, begins) {
            (Some((_, length)), _) => Header::Is(length),
            (None, Some(length)) => Header::Begins(length),
            (None, None) => Header::No,
        }
    }
}

/// Whether the bytes agree with the pattern as far as both go.
fn agrees(pattern: &Pattern, bytes: &[u8]) -> bool {
    let masked = pattern.value.iter().zip(&pattern.mask);
    masked
        .zip(bytes)
        .all(|((value, mask), byte)| byte & mask == *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_up_equals_comparing() {
        let mut patterns = Vec::new();
        for n in 0..40u8 {
            let mask =
                [vec![0xFF, 0xFF], vec![0xF0, 0xFF], vec![0xFF, 0x0F]][usize::from(n % 3)].clone();
            let value = [n / 8, n.wrapping_mul(37) % 7];
            let value = value.iter().zip(&mask).map(|(v, m)| v & m).collect();
            patterns.push(Pattern { value, mask });
        }
        let many = Headers::new(&patterns);
        assert!(!many.by_mask.is_empty());
        let compared = Headers {
            by_mask: Vec::new(),
            patterns,
        };
        for first in 0..=255u8 {
            assert_eq!(many.at(&[first]), compared.at(&[first]), "{first}");
            for second in 0..=255u8 {
                let bytes = [first, second, 9];
                assert_eq!(many.at(&bytes), compared.at(&bytes), "{bytes:?}");
            }
        }
        assert_eq!(many.at(&[]), Header::Begins(2));
    }
}
