//! Checksums of frames.

use super::layout::{Blocks, Checksum, ChecksumKind, Endian};

/// A checksum ready to compute.
#[derive(Debug)]
pub(super) struct Summer {
    spec: Checksum,
    /// Remainders of single bytes, for CRCs.
    crc: Option<Box<[u16; 256]>>,
}

impl Summer {
    pub fn new(spec: &Checksum) -> Self {
        let crc = match spec.kind {
            ChecksumKind::Crc16 {
                poly, reflected, ..
            } => Some(Box::new(remainders(poly, reflected))),
            _ => None,
        };
        Self {
            spec: spec.clone(),
            crc,
        }
    }

    /// Bytes that it takes in a frame.
    pub fn width(&self) -> usize {
        match self.spec.kind {
            ChecksumKind::Crc16 { .. } | ChecksumKind::Sum16 => 2,
            ChecksumKind::Sum8 | ChecksumKind::Xor8 | ChecksumKind::Lrc => 1,
        }
    }

    /// Whether a whole frame carries the checksums that its bytes have. False where there is no room for them.
    pub fn holds(&self, frame: &[u8], blocks: Option<Blocks>) -> bool {
        match blocks {
            Some(blocks) if self.spec.blocks => self.all_blocks(frame, blocks).unwrap_or(false),
            _ => self.once(frame).unwrap_or(false),
        }
    }

    /// Computes the checksums of a whole frame and writes them in their place; `None` where there is no room.
    pub fn write(&self, frame: &mut [u8], blocks: Option<Blocks>) -> Option<()> {
        if let Some(blocks) = blocks.filter(|_| self.spec.blocks) {
            let (mut at, mut last) = (self.spec.from, usize::try_from(blocks.after).ok()?);
            while at < frame.len() {
                self.put(frame, at, last.min(frame.len()).checked_sub(self.width())?)?;
                at = last;
                last = last
                    .saturating_add(usize::try_from(blocks.every.checked_add(blocks.add)?).ok()?);
            }
            return Some(());
        }
        let at = self.place(frame.len())?;
        self.put(frame, self.spec.from, at)
    }

    fn put(&self, frame: &mut [u8], from: usize, at: usize) -> Option<()> {
        let sum = self.sum(frame.get(from..at)?);
        let bytes = match self.spec.endian {
            Endian::Big => sum.to_be_bytes(),
            Endian::Little => sum.to_le_bytes(),
        };
        let room = frame.get_mut(at..at + self.width())?;
        match room {
            [one] => *one = sum as u8,
            _ => room.copy_from_slice(&bytes),
        }
        Some(())
    }

    fn place(&self, len: usize) -> Option<usize> {
        match usize::try_from(self.spec.at) {
            Ok(at) => Some(at),
            Err(_) => len.checked_sub(usize::try_from(self.spec.at.unsigned_abs()).ok()?),
        }
    }

    fn once(&self, frame: &[u8]) -> Option<bool> {
        let at = self.place(frame.len())?;
        self.stands(frame, self.spec.from, at)
    }

    /// Match behind the bytes before the first block, and one behind every block.
    fn all_blocks(&self, frame: &[u8], blocks: Blocks) -> Option<bool> {
        let (mut at, mut last) = (self.spec.from, usize::try_from(blocks.after).ok()?);
        while at < frame.len() {
            if !self.stands(frame, at, last.min(frame.len()).checked_sub(self.width())?)? {
                return Some(false);
            }
            at = last;
            last =
                last.saturating_add(usize::try_from(blocks.every.checked_add(blocks.add)?).ok()?);
        }
        Some(true)
    }

    /// Whether the checksum of `from..at` stands at `at`.
    fn stands(&self, frame: &[u8], from: usize, at: usize) -> Option<bool> {
        let found = frame.get(at..at.checked_add(self.width())?)?;
        let sum = self.sum(frame.get(from..at)?);
        Some(match (found, self.spec.endian) {
            (&[one], _) => u16::from(one) == sum,
            (&[a, b], Endian::Big) => u16::from_be_bytes([a, b]) == sum,
            (&[a, b], Endian::Little) => u16::from_le_bytes([a, b]) == sum,
            _ => false,
        })
    }

    fn sum(&self, bytes: &[u8]) -> u16 {
        match self.spec.kind {
            ChecksumKind::Crc16 {
                init,
                reflected,
                xorout,
                ..
            } => self.crc(bytes, init, reflected) ^ xorout,
            ChecksumKind::Sum8 => u16::from(bytes.iter().fold(0u8, |sum, &b| sum.wrapping_add(b))),
            ChecksumKind::Sum16 => bytes
                .iter()
                .fold(0u16, |sum, &b| sum.wrapping_add(u16::from(b))),
            ChecksumKind::Xor8 => u16::from(bytes.iter().fold(0u8, |sum, &b| sum ^ b)),
            ChecksumKind::Lrc => u16::from(
                bytes
                    .iter()
                    .fold(0u8, |sum, &b| sum.wrapping_add(b))
                    .wrapping_neg(),
            ),
        }
    }

    fn crc(&self, bytes: &[u8], init: u16, reflected: bool) -> u16 {
        let Some(table) = &self.crc else { return 0 };
        if reflected {
            return bytes.iter().fold(init.reverse_bits(), |crc, &b| {
                crc >> 8 ^ table[usize::from(crc as u8 ^ b)]
            });
        }
        bytes.iter().fold(init, |crc, &b| {
            crc << 8 ^ table[usize::from((crc >> 8) as u8 ^ b)]
        })
    }
}

fn remainders(poly: u16, reflected: bool) -> [u16; 256] {
    std::array::from_fn(|byte| {
        let byte = byte as u16;
        if reflected {
            let poly = poly.reverse_bits();
            return (0..8).fold(byte, |crc, _| {
                crc >> 1 ^ if crc & 1 == 1 { poly } else { 0 }
            });
        }
        (0..8).fold(byte << 8, |crc, _| {
            crc << 1 ^ if crc >> 15 == 1 { poly } else { 0 }
        })
    })
}
