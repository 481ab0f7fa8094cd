//! The two lanes that connections are dealt to by their ends, so that two readers can share the work.

use super::Endpoint;

/// One of two lanes. Both directions of a connection, and all connections of the same ends, are in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// The one.
    Left,
    /// The other.
    Right,
}

impl Lane {
    /// The lane of a packet between these ends, whichever sent it.
    #[inline(always)]
    pub fn of(src: Endpoint, dst: Endpoint) -> Self {
        // What is the same for both directions: the difference of the ends.
        let addr = src.addr.bits() ^ dst.addr.bits();
        let port = u64::from(src.port ^ dst.port);
        let ends = addr as u64 ^ (addr >> 64) as u64 ^ port << 32;
        // A multiplication takes every bit of it to the uppermost (Knuth, TAOCP 3, 6.4).
        match ends.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 63 {
            0 => Self::Left,
            _ => Self::Right,
        }
    }
}
