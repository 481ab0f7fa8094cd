//! A moment of the capture, to the nanosecond.

/// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted, as captures keep them.
///
/// Holds 1677 to 2262; what a damaged record claims beyond that is clamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// From nanoseconds since the epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From wider arithmetic, clamped to what a `Time` holds.
    pub fn from_nanos_clamped(nanos: i128) -> Self {
        Self(nanos.clamp(i64::MIN as i128, i64::MAX as i128) as i64)
    }

    /// Nanoseconds since the epoch.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn sec(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// Nanoseconds above [`Time::sec`], 0 to 999,999,999.
    pub const fn nsec(self) -> u32 {
        self.0.rem_euclid(1_000_000_000) as u32
    }

    /// Nanoseconds from `earlier` to here; negative when the capture's time went backwards.
    pub const fn since(self, earlier: Time) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}
