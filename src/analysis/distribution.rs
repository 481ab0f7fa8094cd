//! A distribution of durations in little memory: exact minimum and maximum, quantiles to 3 %.

use std::ops::AddAssign;

/// Binary logarithm of the number of buckets in each power of two.
const SUB: u32 = 5;

/// Buckets for every duration of 64 bits.
const BUCKETS: usize = (65 - SUB as usize) << SUB;

/// Durations in nanoseconds, 0 and more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    buckets: Vec<u64>,
    /// Complement of the shortest.
    least: u64,
    max: u64,
    /// Times that went backwards: counted, and no part of the rest.
    pub negative: u64,
}

impl Distribution {
    /// Adds a duration.
    #[inline(always)]
    pub fn add(&mut self, nanos: i64) {
        let n = nanos as u64;
        // What is negative is longer than any here.
        if !n <= self.least
            && n <= self.max
            && let Some(count) = self.buckets.get_mut(bucket(n))
        {
            *count += 1;
        } else {
            self.stretch(nanos);
        }
    }

    /// The first, one that is shorter or longer than those before, or a negative one.
    #[inline(never)]
    fn stretch(&mut self, nanos: i64) {
        let Ok(nanos) = u64::try_from(nanos) else {
            self.negative += 1;
            return;
        };
        if self.buckets.is_empty() {
            self.buckets.resize(BUCKETS, 0);
        }
        self.buckets[bucket(nanos)] += 1;
        // The complement of the shortest, so that 0 can stand for none.
        self.least = self.least.max(!nanos);
        self.max = self.max.max(nanos);
    }

    /// How many durations.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// The shortest.
    pub fn min(&self) -> Option<u64> {
        (!self.buckets.is_empty()).then_some(!self.least)
    }

    /// The longest.
    pub fn max(&self) -> Option<u64> {
        (!self.buckets.is_empty()).then_some(self.max)
    }

    /// The duration below or at which a share `q` (0 to 1) of all lie, to 3 %.
    pub fn quantile(&self, q: f64) -> Option<u64> {
        let count = self.count();
        let rank = ((count as f64 * q).ceil() as u64).clamp(1, count.max(1));
        let mut below = 0;
        let at = self.buckets.iter().position(|n| {
            below += n;
            below >= rank
        })?;
        Some(middle(at).clamp(!self.least, self.max))
    }
}

/// Small numbers have a bucket each; larger ones share their top six bits.
#[inline]
fn bucket(n: u64) -> usize {
    let power = (n | (1 << SUB)).ilog2() - SUB;
    (power as usize) * (1 << SUB) + (n >> power) as usize
}

fn middle(bucket: usize) -> u64 {
    let power = (bucket >> SUB).saturating_sub(1);
    let low = ((bucket - (power << SUB)) as u64) << power;
    low + ((1u64 << power) >> 1)
}

impl AddAssign<&Distribution> for Distribution {
    fn add_assign(&mut self, other: &Self) {
        self.least = self.least.max(other.least);
        self.max = self.max.max(other.max);
        self.negative += other.negative;
        if self.buckets.len() < other.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        for (sum, n) in self.buckets.iter_mut().zip(&other.buckets) {
            *sum += n;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(durations: &[i64]) -> Distribution {
        let mut all = Distribution::default();
        durations.iter().for_each(|n| all.add(*n));
        all
    }

    #[test]
    fn buckets_are_in_order_and_three_percent_wide() {
        for n in (0..5_000).chain([1 << 20, 1 << 40, u64::MAX / 2, u64::MAX]) {
            let m = middle(bucket(n));
            assert!(m.abs_diff(n) as f64 <= n as f64 * 0.032, "{n} -> {m}");
            assert!(bucket(n) <= bucket(n.saturating_add(1)), "{n}");
        }
    }

    #[test]
    fn quantiles() {
        let all = of(&(1..=1000).map(|n| n * 1_000_000).collect::<Vec<_>>());
        assert_eq!(
            (all.count(), all.min(), all.max()),
            (1000, Some(1_000_000), Some(1_000_000_000))
        );
        for (q, want) in [(0.5, 500e6), (0.99, 990e6), (0.0, 1e6), (1.0, 1000e6)] {
            let got = all.quantile(q).unwrap() as f64;
            assert!((got - want).abs() <= want * 0.032, "{q}: {got}");
        }
    }

    #[test]
    fn nothing_and_negative() {
        let none = of(&[-5]);
        assert_eq!(
            (none.count(), none.min(), none.quantile(0.5), none.negative),
            (0, None, None, 1)
        );
    }

    #[test]
    fn sums_are_as_if_counted_together() {
        let mut sum = of(&[3, 70, 9_000]);
        sum += &of(&[1, 1 << 50]);
        assert_eq!(sum, of(&[3, 70, 9_000, 1, 1 << 50]));
    }
}
