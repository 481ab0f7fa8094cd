//! The arithmetic of checksums. All of them are linear: over a ring of their own, feeding a byte multiplies the register
//! by a constant and adds the byte. So the checksum of any range of a stream follows from registers taken at other
//! places of it ([`Algorithm::skip`]), without reading the bytes between them.
//!
//! Knows bytes; nothing of frames.

use super::layout::{ChecksumKind, Crc};

/// A checksum algorithm ready to compute. Its registers are `u32` in a form of its own, 0 for "nothing fed".
#[derive(Debug)]
pub(super) enum Algorithm {
    Crc(Box<CrcTables>),
    /// Sum of bytes, modulo 2^32: the checksums of 8 and 16 bits are its low bits.
    Sum(ChecksumKind),
    Xor,
    /// Two sums, the second in the upper half, modulo this.
    Fletcher(u32, ChecksumKind),
    /// Bytes as digits to the base 256, modulo 65,535.
    Internet,
}

impl Algorithm {
    pub fn new(kind: ChecksumKind) -> Self {
        match kind {
            ChecksumKind::Crc(crc) => Self::Crc(Box::new(CrcTables::new(crc))),
            ChecksumKind::Sum8 | ChecksumKind::Sum16 | ChecksumKind::Lrc => Self::Sum(kind),
            ChecksumKind::Xor8 => Self::Xor,
            ChecksumKind::Fletcher8 => Self::Fletcher(256, kind),
            ChecksumKind::Fletcher16 => Self::Fletcher(255, kind),
            ChecksumKind::Adler32 => Self::Fletcher(65_521, kind),
            ChecksumKind::Internet => Self::Internet,
        }
    }

    /// The register at the start of a checksum.
    pub fn start(&self) -> u32 {
        match self {
            Self::Crc(crc) => crc.start,
            Self::Fletcher(_, ChecksumKind::Adler32) => 1,
            _ => 0,
        }
    }

    /// The register after these bytes.
    pub fn feed(&self, register: u32, bytes: &[u8]) -> u32 {
        match self {
            Self::Crc(crc) => crc.feed(register, bytes),
            Self::Sum(_) => bytes
                .iter()
                .fold(register, |sum, &byte| sum.wrapping_add(byte.into())),
            Self::Xor => bytes
                .iter()
                .fold(register, |sum, &byte| sum ^ u32::from(byte)),
            Self::Fletcher(modulus, _) => {
                let (mut first, mut second) = halves(register);
                // At most this many bytes at once, so that the sums stay below 2^32.
                for bytes in bytes.chunks(4096) {
                    for &byte in bytes {
                        first += u32::from(byte);
                        second += first;
                    }
                    (first, second) = (first % modulus, second % modulus);
                }
                second << 16 | first
            }
            Self::Internet => bytes.iter().fold(register, |sum, &byte| {
                (sum * 256 + u32::from(byte)) % 65_535
            }),
        }
    }

    /// The register after `length` bytes that are not read, of which the registers of another checksum before and
    /// after them are known.
    pub fn skip(&self, register: u32, before: u32, after: u32, length: u64) -> u32 {
        match self {
            Self::Crc(crc) => crc.advance(register ^ before, length) ^ after,
            Self::Sum(_) => register.wrapping_sub(before).wrapping_add(after),
            Self::Xor => register ^ before ^ after,
            Self::Fletcher(modulus, _) => {
                let modulus = u64::from(*modulus);
                let minus = |a: u32, b: u32| (u64::from(a) + modulus - u64::from(b)) % modulus;
                let ((a1, a2), (b1, b2), (c1, c2)) =
                    (halves(register), halves(before), halves(after));
                let first = minus(a1, b1);
                let second = minus(a2, b2) + length % modulus * first;
                let sum = |a: u64, b: u32| ((a + u64::from(b)) % modulus) as u32;
                sum(second, c2) << 16 | sum(first, c1)
            }
            Self::Internet => {
                let sum = (register + 65_535 - before) % 65_535;
                let sum = if length % 2 == 1 { sum * 256 } else { sum };
                (sum + after) % 65_535
            }
        }
    }

    /// The checksum of `length` bytes that ended with this register.
    fn finish(&self, register: u32, length: usize) -> u32 {
        match self {
            Self::Crc(crc) => crc.finish(register),
            Self::Sum(ChecksumKind::Sum8) => register & 0xFF,
            Self::Sum(ChecksumKind::Lrc) => register.wrapping_neg() & 0xFF,
            Self::Sum(_) => register & 0xFFFF,
            Self::Xor | Self::Fletcher(_, ChecksumKind::Adler32) => register,
            Self::Fletcher(..) => {
                let (first, second) = halves(register);
                second << 8 | first
            }
            // An odd number of bytes is filled up with a zero (RFC 1071).
            Self::Internet => match length % 2 {
                0 => 0xFFFF - register,
                _ => 0xFFFF - register * 256 % 65_535,
            },
        }
    }

    /// Whether `found` is the checksum of `length` bytes that ended with this register.
    pub fn matches(&self, register: u32, length: usize, found: u32) -> bool {
        let expected = self.finish(register, length);
        // In one's complement arithmetic 0 and 65,535 are the same number.
        let zero = |sum: u32| sum.is_multiple_of(65_535);
        found == expected || matches!(self, Self::Internet) && zero(found) && zero(expected)
    }

    /// The checksum of these bytes.
    pub fn checksum(&self, bytes: &[u8]) -> u32 {
        self.finish(self.feed(self.start(), bytes), bytes.len())
    }
}

fn halves(register: u32) -> (u32, u32) {
    (register & 0xFFFF, register >> 16)
}

/// A CRC's register holds a polynomial: of a reflected one the highest power in bit 0, else in bit 31.
#[derive(Debug)]
pub(super) struct CrcTables {
    crc: Crc,
    poly: u32,
    start: u32,
    /// The register after a byte, from nothing.
    bytes: [u32; 256],
    /// x^(8 n 256^k): what n 256^k bytes multiply the register by.
    powers: [[u32; 256]; 4],
}

impl CrcTables {
    fn new(crc: Crc) -> Self {
        let unused = 32 - u32::from(crc.width);
        let native = |value: u32| match crc.reflect_in {
            true => value.reverse_bits() >> unused,
            false => value << unused,
        };
        let mut tables = Self {
            crc,
            poly: native(crc.poly),
            start: native(crc.init),
            bytes: [0; 256],
            powers: [[0; 256]; 4],
        };
        for byte in 0..=255u8 {
            let register = match crc.reflect_in {
                true => u32::from(byte),
                false => u32::from(byte) << 24,
            };
            tables.bytes[usize::from(byte)] = (0..8).fold(register, |r, _| tables.double(r));
        }
        let one = native(1);
        let mut step = (0..8).fold(one, |r, _| tables.double(r));
        for k in 0..4 {
            let mut power = one;
            for n in 0..256 {
                tables.powers[k][n] = power;
                power = tables.product(power, step);
            }
            step = power;
        }
        tables
    }

    /// The register times x.
    fn double(&self, register: u32) -> u32 {
        let (shifted, carry) = match self.crc.reflect_in {
            true => (register >> 1, register & 1),
            false => (register << 1, register >> 31),
        };
        shifted ^ if carry == 1 { self.poly } else { 0 }
    }

    /// The product of two registers.
    fn product(&self, a: u32, b: u32) -> u32 {
        (0..u32::from(self.crc.width)).fold(0, |product, power| {
            let bit = match self.crc.reflect_in {
                true => b >> power,
                false => b >> (31 - power),
            };
            self.double(product) ^ if bit & 1 == 1 { a } else { 0 }
        })
    }

    /// The register after `length` zero bytes.
    fn advance(&self, register: u32, length: u64) -> u32 {
        let digits = length.to_le_bytes();
        self.powers
            .iter()
            .zip(digits)
            .filter(|(_, digit)| *digit != 0)
            .fold(register, |register, (powers, digit)| {
                self.product(register, powers[usize::from(digit)])
            })
    }

    fn feed(&self, register: u32, bytes: &[u8]) -> u32 {
        match self.crc.reflect_in {
            true => bytes.iter().fold(register, |r, &byte| {
                r >> 8 ^ self.bytes[usize::from(r as u8 ^ byte)]
            }),
            false => bytes.iter().fold(register, |r, &byte| {
                r << 8 ^ self.bytes[usize::from((r >> 24) as u8 ^ byte)]
            }),
        }
    }

    fn finish(&self, register: u32) -> u32 {
        let unused = 32 - u32::from(self.crc.width);
        let value = match (self.crc.reflect_in, self.crc.reflect_out) {
            (true, true) => register,
            (true, false) => register.reverse_bits() >> unused,
            (false, false) => register >> unused,
            (false, true) => register.reverse_bits(),
        };
        value ^ self.crc.xorout
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds() -> Vec<ChecksumKind> {
        let crc = |width, poly, init, reflect_in, reflect_out, xorout| {
            ChecksumKind::Crc(Crc {
                width,
                poly,
                init,
                reflect_in,
                reflect_out,
                xorout,
            })
        };
        vec![
            crc(8, 0x07, 0x00, false, false, 0x55),
            crc(8, 0x31, 0xFF, true, true, 0x00),
            crc(16, 0x1021, 0xFFFF, false, false, 0x0000),
            crc(16, 0x8005, 0x1234, true, true, 0xFFFF),
            crc(16, 0x8005, 0x1234, true, false, 0),
            crc(24, 0x86_4CFB, 0xB7_04CE, false, false, 0),
            crc(24, 0x86_4CFB, 0xB7_04CE, false, true, 0),
            crc(32, 0x04C1_1DB7, !0, true, true, !0),
            crc(32, 0x04C1_1DB7, !0, false, false, !0),
            ChecksumKind::Sum8,
            ChecksumKind::Sum16,
            ChecksumKind::Xor8,
            ChecksumKind::Lrc,
            ChecksumKind::Fletcher8,
            ChecksumKind::Fletcher16,
            ChecksumKind::Adler32,
            ChecksumKind::Internet,
        ]
    }

    #[test]
    fn published_values() {
        let rows: &[(ChecksumKind, &[u8], u32)] = &[
            (ChecksumKind::Fletcher16, b"abcde", 0xC8F0),
            (ChecksumKind::Fletcher16, b"abcdefgh", 0x0627),
            (ChecksumKind::Adler32, b"Wikipedia", 0x11E6_0398),
            // UBX-MON-VER poll: class 0A, id 04, no payload; CK_A 0E, CK_B 34.
            (ChecksumKind::Fletcher8, &[0x0A, 0x04, 0, 0], 0x340E),
            // The example of RFC 1071, 3: its sum is DDF2.
            (
                ChecksumKind::Internet,
                &[0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7],
                0x220D,
            ),
            (ChecksumKind::Internet, &[0x12], 0xEDFF),
            (ChecksumKind::Lrc, &[1, 2, 3], 0xFA),
        ];
        for (kind, bytes, want) in rows {
            let got = Algorithm::new(*kind).checksum(bytes);
            assert_eq!(got, *want, "{kind:?} {bytes:02x?}: {got:x}");
        }
    }

    #[test]
    fn skipping_equals_feeding() {
        let bytes: Vec<u8> = (0..900u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        for kind in kinds() {
            let algorithm = Algorithm::new(kind);
            let from_zero = |to: usize| algorithm.feed(0, &bytes[..to]);
            for (from, c, d, to) in [
                (0, 0, 900, 900),
                (3, 10, 777, 800),
                (5, 5, 6, 7),
                (1, 300, 301, 557),
            ] {
                let register = algorithm.feed(algorithm.start(), &bytes[from..c]);
                let register = algorithm.skip(register, from_zero(c), from_zero(d), (d - c) as u64);
                let register = algorithm.feed(register, &bytes[d..to]);
                let want = algorithm.checksum(&bytes[from..to]);
                assert!(
                    algorithm.matches(register, to - from, want),
                    "{kind:?} {from} {c} {d} {to}"
                );
                assert!(
                    !algorithm.matches(register, to - from, want ^ 1),
                    "{kind:?}"
                );
            }
        }
    }
}
