//! The rest of a packet while its headers are removed: the bytes captured and the length on the wire.
//!
//! Knows lengths, no protocol. Every read is bounded by the bytes captured; where bytes are missing, the error says
//! whether the snap length cut them or the packet itself was too short.

use super::reason::Reason;

/// Bytes captured, and how many there were on the wire: never fewer.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) data: &'a [u8],
    pub(super) wire: usize,
}

impl<'a> View<'a> {
    /// A `wire` below the captured length is wrong, and replaced by that length.
    #[inline]
    pub(super) fn new(data: &'a [u8], wire: usize) -> Self {
        Self {
            data,
            wire: wire.max(data.len()),
        }
    }

    /// The reason if fewer than `needed` bytes are there.
    #[inline]
    pub(super) fn missing(self, needed: usize) -> Reason {
        if needed > self.wire {
            Reason::ShortHeader
        } else {
            Reason::CutHeader
        }
    }

    /// Removes a header of a fixed length.
    #[inline]
    pub(super) fn split<const N: usize>(self) -> Result<(&'a [u8; N], Self), Reason> {
        match self.data.split_first_chunk::<N>() {
            Some((head, rest)) => Ok((
                head,
                Self {
                    data: rest,
                    wire: self.wire - N,
                },
            )),
            None => Err(self.missing(N)),
        }
    }

    /// Removes `n` bytes.
    #[inline]
    pub(super) fn skip(self, n: usize) -> Result<Self, Reason> {
        match self.data.get(n..) {
            Some(data) => Ok(Self {
                data,
                wire: self.wire - n,
            }),
            None => Err(self.missing(n)),
        }
    }

    /// The first bytes, without removing them.
    #[inline]
    pub(super) fn peek<const N: usize>(self) -> Result<&'a [u8; N], Reason> {
        self.data.first_chunk::<N>().ok_or_else(|| self.missing(N))
    }

    /// Ends after `wire` bytes, because a header says so; what was captured after them is padding or a trailer. If
    /// `wire` is beyond the end, the rest was cut off.
    #[inline]
    pub(super) fn end_at(self, wire: usize) -> Self {
        Self {
            data: self.data.get(..wire).unwrap_or(self.data),
            wire,
        }
    }

    /// Ends after `wire` bytes, or where it ends already.
    #[inline]
    pub(super) fn at_most(self, wire: usize) -> Self {
        if wire < self.wire {
            self.end_at(wire)
        } else {
            self
        }
    }

    /// Without the last `n` bytes on the wire.
    #[inline]
    pub(super) fn drop_last(self, n: usize) -> Self {
        self.at_most(self.wire.saturating_sub(n))
    }
}

/// A 16-bit field in network order.
#[inline]
pub(super) fn be16(high: u8, low: u8) -> u16 {
    u16::from_be_bytes([high, low])
}

/// A 16-bit field at `at`, little-endian; 0 beyond the end.
#[inline]
pub(super) fn le16(header: &[u8], at: usize) -> u16 {
    let field = header.get(at..).and_then(|rest| rest.first_chunk());
    field.map_or(0, |field| u16::from_le_bytes(*field))
}

/// A 32-bit field at `at`, little-endian; 0 beyond the end.
#[inline]
pub(super) fn le32(header: &[u8], at: usize) -> u32 {
    let field = header.get(at..).and_then(|rest| rest.first_chunk());
    field.map_or(0, |field| u32::from_le_bytes(*field))
}
