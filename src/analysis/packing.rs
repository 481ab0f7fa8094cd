//! Numbers of 64 bits, most of them small or zero, as bytes.
//!
//! Knows nothing of what they mean; [`Unpacker`] yields zeros behind the end.

/// Small numbers of either sign as small numbers.
pub(super) fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

pub(super) fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

/// Writes numbers to few bytes: for each eight a byte whose bits say which are not 0, then those as LEB128.
#[derive(Clone, Debug, Default)]
pub(super) struct Packer {
    numbers: Vec<u64>,
    bytes: Vec<u8>,
}

impl Packer {
    pub fn push(&mut self, number: u64) {
        self.numbers.push(number);
    }

    /// The numbers pushed since the last call, as bytes.
    pub fn pack(&mut self) -> &[u8] {
        self.bytes.clear();
        for eight in self.numbers.chunks(8) {
            let set = eight.iter().enumerate();
            let mask = set.fold(0, |mask, (at, n)| mask | u8::from(*n != 0) << at);
            self.bytes.push(mask);
            for n in eight.iter().filter(|n| **n != 0) {
                let mut n = *n;
                while n > 0x7f {
                    self.bytes.push(n as u8 | 0x80);
                    n >>= 7;
                }
                self.bytes.push(n as u8);
            }
        }
        self.numbers.clear();
        &self.bytes
    }
}

/// Reads what [`Packer`] wrote.
pub(super) struct Unpacker<'a> {
    bytes: std::slice::Iter<'a, u8>,
    mask: u8,
    taken: usize,
}

impl<'a> Unpacker<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes: bytes.iter(),
            mask: 0,
            taken: 0,
        }
    }

    pub fn take(&mut self) -> u64 {
        if self.taken.is_multiple_of(8) {
            self.mask = self.bytes.next().copied().unwrap_or(0);
        }
        let there = self.mask >> (self.taken % 8) & 1 == 1;
        self.taken += 1;
        let mut n = 0;
        for shift in (0..64).step_by(7).take_while(|_| there) {
            let byte = self.bytes.next().copied().unwrap_or(0);
            n |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        n
    }
}
