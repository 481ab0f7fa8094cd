//! The Internet checksum (RFC 1071), over IPv4 headers and TCP segments.

use super::{Addr, ip::Ip};

/// What a checksum field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Good,
    Bad,
    /// 0: left empty.
    Empty,
    /// The checksum of the pseudo-header alone: the host left the rest to its network card.
    Partial,
}

/// Sum of 16-bit words in the machine's byte order, folded to 16 bits; an odd last byte counts as if a zero followed
/// it. The byte order does not change the result of a comparison (RFC 1071, 2 B).
#[inline]
pub(super) fn sum(data: &[u8]) -> u16 {
    fold(wide_sum(data))
}

/// The sum before it is folded.
#[inline]
fn wide_sum(data: &[u8]) -> u64 {
    // Two independent sums, which the processor adds in parallel.
    let (mut sum, mut other, mut carries) = (0, 0, 0);
    let (blocks, rest) = data.as_chunks::<64>();
    for block in blocks {
        let (first, second) = block.as_chunks::<8>().0.split_at(4);
        carries += u64::from(add_words(&mut sum, first));
        carries += u64::from(add_words(&mut other, second));
    }
    carries += u64::from(add_words(&mut sum, &[other.to_ne_bytes()]));
    let (words, odd) = rest.as_chunks::<8>();
    for word in words {
        carries += u64::from(add_words(&mut sum, std::slice::from_ref(word)));
    }
    let last = padded(data, odd).to_ne_bytes();
    carries += u64::from(add_words(&mut sum, &[last]));
    (sum & 0xffff_ffff) + (sum >> 32) + carries
}

/// Adds eight bytes at a time, the carry of each to the next: one instruction for each.
#[inline(always)]
fn add_words(sum: &mut u64, words: &[[u8; 8]]) -> bool {
    let mut carry = false;
    for word in words {
        let (with_word, over) = sum.overflowing_add(u64::from_ne_bytes(*word));
        let (with_carry, over_again) = with_word.overflowing_add(u64::from(carry));
        (*sum, carry) = (with_carry, over | over_again);
    }
    carry
}

/// The last 0 to 7 bytes, followed by zeros.
#[inline]
fn padded(data: &[u8], rest: &[u8]) -> u64 {
    let word = match data.last_chunk::<8>() {
        _ if rest.is_empty() => 0,
        // If there are more bytes before them, eight are read at once and the others shifted out.
        Some(last) => u64::from_le_bytes(*last) >> (64 - 8 * rest.len()),
        None => (rest.iter().rev()).fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    u64::from_ne_bytes(word.to_le_bytes())
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
    // Nearly all headers have 20 bytes: a sum without a loop.
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
    tcp_between(segment, address_sum(ip.src) + address_sum(ip.dst))
}

/// The same for IPv4: source and destination address, one after the other.
#[inline(always)]
pub(super) fn tcp_v4(segment: &[u8], addresses: &[u8; 8]) -> Check {
    let both = u64::from_ne_bytes(*addresses);
    tcp_between(segment, (both & 0xffff_ffff) + (both >> 32))
}

#[inline(always)]
fn tcp_between(segment: &[u8], addresses: u64) -> Check {
    let field = match segment.get(16..18) {
        Some(&[0, 0]) | None => return Check::Empty,
        Some(field) => [field[0], field[1]],
    };
    let addresses = addresses + u64::from(u16::from_be(6_u16));
    let length = length_sum(segment.len());
    // The sum is never 0, because it contains the protocol; a multiple of 0xffff folds to 0xffff.
    match (wide_sum(segment) + addresses + length) % 0xffff {
        0 => Check::Good,
        _ => not_good(u16::from_ne_bytes(field), addresses, length),
    }
}

/// A host that leaves the checksum to its network card fills in that of the pseudo-header, without the length if the
/// card is to divide the segment.
#[cold]
fn not_good(field: u16, addresses: u64, length: u64) -> Check {
    if field == fold(addresses + length) || field == fold(addresses) {
        Check::Partial
    } else {
        Check::Bad
    }
}

/// An IPv4-mapped address gives the sum of the IPv4 address and 0xffff, which is 0 in one's complement.
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
