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
    // Four lanes of 64 bits, each taking both halves of a word: no carry to chase, and the compiler can use vectors.
    let mut lanes = [0u64; 4];
    let mut blocks = data.chunks_exact(32);
    for block in &mut blocks {
        for (lane, bytes) in lanes.iter_mut().zip(block.chunks_exact(8)) {
            let word = u64::from_ne_bytes(bytes.try_into().unwrap_or_default());
            *lane += (word & 0xffff_ffff) + (word >> 32);
        }
    }
    let mut total = lanes.iter().sum::<u64>();
    let mut words = blocks.remainder().chunks_exact(4);
    for bytes in &mut words {
        total += u64::from(u32::from_ne_bytes(bytes.try_into().unwrap_or_default()));
    }
    total
        + match *words.remainder() {
            [a] => u64::from(u16::from_ne_bytes([a, 0])),
            [a, b] => u64::from(u16::from_ne_bytes([a, b])),
            [a, b, c] => {
                u64::from(u16::from_ne_bytes([a, b])) + u64::from(u16::from_ne_bytes([c, 0]))
            }
            _ => 0,
        }
}

#[inline]
fn fold(wide: u64) -> u16 {
    let wide = (wide & 0xffff_ffff) + (wide >> 32);
    let wide = (wide & 0xffff) + ((wide >> 16) & 0xffff) + (wide >> 32);
    let wide = (wide & 0xffff) + (wide >> 16);
    ((wide & 0xffff) + (wide >> 16)) as u16
}

/// Checks an IPv4 header.
#[inline]
pub(super) fn ipv4(header: &[u8]) -> Check {
    // Nearly all are 20 bytes: a sum without a loop.
    let sum = match <&[u8; 20]>::try_from(header) {
        Ok(header) => sum(header),
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
