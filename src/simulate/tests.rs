//! The small parts against stupid models.

use super::{ranges::Ranges, rng::Rng};

#[test]
fn ranges_agree_with_a_table_of_bytes() {
    for seed in 0..200 {
        let mut rng = Rng::new(seed, 0);
        let (mut ranges, mut model) = (Ranges::default(), [false; 64]);
        for _ in 0..20 {
            let from = rng.below(64) as usize;
            let to = from + rng.below(65 - from as u64) as usize;
            let expected: Vec<u64> = (from..to)
                .filter(|at| !model[*at])
                .map(|at| at as u64)
                .collect();
            let mut fresh = Vec::new();
            ranges.add(from as u64, to as u64, |from, to| fresh.extend(from..to));
            assert_eq!(fresh, expected, "seed {seed}");
            model[from..to].fill(true);
            let held = model.iter().filter(|held| **held).count() as u64;
            let run = model.iter().position(|held| !held).unwrap_or(64) as u64;
            let end = model
                .iter()
                .rposition(|held| *held)
                .map_or(0, |at| at as u64 + 1);
            assert_eq!(
                (ranges.count(0, 64), ranges.contiguous(), ranges.end()),
                (held, run, end)
            );
            let holes: u64 = ranges.holes(64).iter().map(|hole| hole.1).sum();
            assert_eq!(holes, 64 - held);
            assert_eq!(
                ranges.covers(from as u64, to as u64),
                model[from..to].iter().all(|held| *held)
            );
        }
    }
}

#[test]
fn chances_come_as_often_as_they_should() {
    let mut rng = Rng::new(7, 7);
    for rate in [0.0, 0.01, 0.5, 1.0] {
        let hits = (0..100_000).filter(|_| rng.chance(rate)).count() as f64;
        assert!((hits / 100_000.0 - rate).abs() < 0.01, "{rate}: {hits}");
    }
    let mut seen = [false; 5];
    (0..200).for_each(|_| seen[rng.between(0, 4) as usize] = true);
    assert_eq!(seen, [true; 5]);
}
