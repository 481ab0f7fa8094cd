//! The Internet checksum (RFC 1071), over IPv4 headers and TCP segments.

use super::{Addr, ip::Ip};

/// What a checksum field turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Good,
    Bad,
    /// 0: left empty.
    Empty,
    /// The sum of the pseudo-header alone, as a host leaves it to its network card.
    Partial,
}

/// Sum of 16-bit words in the machine's own byte order, folded to 16 bits; an odd last byte counts as if a zero
/// followed it. The order does not matter to a comparison (RFC 1071, 2 B).
#[inline]
pub(super) fn sum(data: &[u8]) -> u16 {
    fold(wide_sum(data))
}

/// Not folded yet.
#[inline]
fn wide_sum(data: &[u8]) -> u64 {
    // Eight bytes at a time, each an addition and one for the carry, over two sums that do not wait for one another.
    let (mut first, mut second) = (0u128, 0u128);
    let mut add = |word: u128| {
        first += word & u128::from(u64::MAX);
        second += word >> 64;
    };
    let (blocks, rest) = data.as_chunks::<64>();
    for block in blocks {
        for bytes in block.as_chunks::<16>().0 {
            add(u128::from_ne_bytes(*bytes));
        }
    }
    let (blocks, rest) = rest.as_chunks::<32>();
    if let Some(block) = blocks.first() {
        for bytes in block.as_chunks::<16>().0 {
            add(u128::from_ne_bytes(*bytes));
        }
    }
    let (blocks, rest) = rest.as_chunks::<16>();
    if let Some(bytes) = blocks.first() {
        add(u128::from_ne_bytes(*bytes));
    }
    if !rest.is_empty() {
        add(padded(data, rest));
    }
    let total = first + second;
    let low = total as u64;
    (low & 0xffff_ffff) + (low >> 32) + (total >> 64) as u64
}

/// The last 1 to 15 bytes with zeros behind them.
#[inline]
fn padded(data: &[u8], rest: &[u8]) -> u128 {
    let word = match data.last_chunk::<16>() {
        // Where more bytes stand before them, all are read at once and those shifted out.
        Some(last) => u128::from_le_bytes(*last) >> (8 * (16 - rest.len())),
        None => (rest.iter().rev()).fold(0, |word, byte| word << 8 | u128::from(*byte)),
    };
    u128::from_ne_bytes(word.to_le_bytes())
}

#[inline]
fn fold(wide: u64) -> u16 {
    let wide = (wide & 0xffff_ffff) + (wide >> 32);
    let wide = (wide & 0xffff) + (wide >> 16);
    let wide = (wide & 0xffff) + (wide >> 16);
    ((wide & 0xffff) + (wide >> 16)) as u16
}

/// Checks an IPv4 header.
#[inline]
pub(super) fn ipv4(header: &[u8]) -> Check {
    // Nearly all are 20 bytes: a sum without a loop.
    let sum = match <&[u8; 20]>::try_from(header) {
        Ok(header) => fold(
            (header.as_chunks::<4>().0.iter())
                .map(|word| u64::from(u32::from_ne_bytes(*word)))
                .sum(),
        ),
        Err(_) => sum(header),
    };
    match sum {
        0xffff => Check::Good,
        _ if header.get(10..12) == Some(&[0, 0]) => Check::Empty,
        _ => Check::Bad,
    }
}

/// Checks a TCP segment, header and payload, captured whole.
#[inline]
pub(super) fn tcp(segment: &[u8], ip: &Ip) -> Check {
    let field = match segment.get(16..18) {
        Some(&[0, 0]) | None => return Check::Empty,
        Some(field) => [field[0], field[1]],
    };
    let addresses = address_sum(ip.src) + address_sum(ip.dst) + u64::from(u16::from_be(6_u16));
    let length = length_sum(segment.len());
    match fold(wide_sum(segment) + addresses + length) {
        0xffff => Check::Good,
        _ => not_good(u16::from_ne_bytes(field), addresses, length),
    }
}

/// A host that leaves the checksum to its network card fills in the sum of the pseudo-header, without the length
/// if the card is to cut the segment up.
#[cold]
fn not_good(field: u16, addresses: u64, length: u64) -> Check {
    if field == fold(addresses + length) || field == fold(addresses) {
        Check::Partial
    } else {
        Check::Bad
    }
}

/// IPv4-mapped addresses give the sum of the IPv4 address and 0xffff, which is zero in one's complement.
#[inline]
fn address_sum(addr: Addr) -> u64 {
    let bytes = addr.bits().to_be();
    let (low, high) = (bytes as u64, (bytes >> 64) as u64);
    (low & 0xffff_ffff) + (low >> 32) + (high & 0xffff_ffff) + (high >> 32)
}

#[inline]
fn length_sum(length: usize) -> u64 {
    let bytes = (length as u32).to_be();
    u64::from(bytes)
}
