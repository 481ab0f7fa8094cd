//! Sequence numbers, and the 64-bit positions that they stand for.
//!
//! A TCP sequence number has 32 bits and wraps; everything here but the wire speaks of positions, which do not. The low
//! 32 bits of a position are its sequence number. Knows arithmetic, nothing else.

/// A place in the sequence space of one direction, unwrapped: it only grows.
pub(super) type Pos = u64;

/// Where positions begin: high enough that nothing a stream meets lies below zero.
const FIRST: Pos = 1 << 40;

/// A sequence number as on the wire. Ordered by difference (RFC 9293, 3.4), so it has no `Ord`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seq(pub u32);

impl Seq {
    /// How far this lies behind `other`, negative when before it.
    #[inline]
    pub fn since(self, other: Seq) -> i32 {
        self.0.wrapping_sub(other.0) as i32
    }

    /// The number `n` further on.
    #[inline]
    pub fn plus(self, n: u32) -> Seq {
        Seq(self.0.wrapping_add(n))
    }

    /// The first position of a stream that is at this number.
    pub fn first(self) -> Pos {
        FIRST | self.0 as Pos
    }

    /// The position nearest to `near` that has this number.
    #[inline]
    pub fn near(self, near: Pos) -> Pos {
        near.wrapping_add_signed(self.since(Seq(near as u32)) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_by_difference_across_the_wrap() {
        for (a, b, want) in [
            (5, 3, 2),
            (3, 5, -2),
            (10, u32::MAX - 9, 20),
            (u32::MAX - 9, 10, -20),
            (0, u32::MAX, 1),
            (0x7fff_ffff, 0, i32::MAX),
            (0x8000_0000, 0, i32::MIN),
        ] {
            assert_eq!(Seq(a).since(Seq(b)), want, "{a} since {b}");
        }
    }

    #[test]
    fn positions_go_on_through_many_wraps() {
        let mut at = Seq(7).first();
        for turn in 1..40u64 {
            let next = Seq(7u32.wrapping_add((turn as u32).wrapping_mul(0x3fff_ffff))).near(at);
            assert_eq!(next - at, 0x3fff_ffff);
            at = next;
        }
        assert_eq!(Seq(at as u32).near(at + 0x7fff_ffff), at);
        assert_eq!(Seq(at as u32).near(at - 0x7fff_ffff), at);
    }
}
