use super::*;

/// Seeded, so that a failure comes again (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }
}

fn key(id: u32) -> Key {
    let addr = Addr::v4([10, 0, 0, 1]);
    Key {
        src: addr,
        dst: addr,
        id,
        protocol: Some(6),
        vni: 0,
        depth: 0,
    }
}

/// The stupid way: a byte or nothing for every place, on the wire and captured.
#[derive(Default)]
struct Model {
    wire: Vec<bool>,
    /// The byte, and where its fragment began.
    captured: Vec<Option<(u8, usize)>>,
    total: Option<usize>,
    conflicts: u64,
    overlaps: u64,
}

impl Model {
    /// None when the fragments contradict each other.
    fn add(
        &mut self,
        start: usize,
        data: &[u8],
        length: usize,
        more: bool,
    ) -> Option<Option<(Vec<u8>, usize)>> {
        let (end, reach) = (start + length, self.wire.len());
        let contradiction = match self.total {
            Some(total) => {
                if more {
                    end > total
                } else {
                    end != total
                }
            }
            None => !more && end < reach,
        };
        if contradiction {
            return None;
        }
        if !more {
            self.total = Some(end);
        }
        self.wire.resize(reach.max(end), false);
        self.captured.resize(reach.max(end), None);
        self.wire[start..end].fill(true);
        let (mut met, mut differ) = (false, false);
        for (place, &byte) in self.captured[start..].iter_mut().zip(data) {
            met |= place.is_some();
            differ |= place.is_some_and(|kept| kept.0 != byte);
            if place.is_none_or(|kept| start < kept.1) {
                *place = Some((byte, start));
            }
        }
        self.conflicts += u64::from(differ);
        self.overlaps += u64::from(met && !differ);
        if self.total != Some(self.wire.len()) || self.wire.contains(&false) {
            return Some(None);
        }
        Some(Some((
            self.captured
                .iter()
                .map_while(|place| Some((*place)?.0))
                .collect(),
            self.wire.len(),
        )))
    }
}

#[test]
fn random_fragments_against_a_map_of_bytes() {
    let mut random = Random(0x5eed_0002);
    let config = DecodeConfig::default();
    let (mut completed, mut contradicted) = (0, 0);
    for _ in 0..4_000 {
        let (mut pool, mut stats) = (Pool::default(), FragmentStats::default());
        let (mut model, size) = (Model::default(), 16 + random.below(200));
        let (mut conflicts, mut overlaps) = (0, 0);
        for number in 1..80 {
            let start = random.below(size / 8 + 1) * 8;
            let length = (1 + random.below(40)).min(size - start.min(size)).max(1);
            let more = start + length < size || random.below(200) == 0;
            // Mostly the same byte at the same place; now and then another, or a part not captured.
            let lie = u8::from(random.below(12) == 0);
            let kept = if random.below(10) == 0 {
                random.below(length + 1)
            } else {
                length
            };
            let data: Vec<u8> = (start..start + kept).map(|at| at as u8 ^ lie).collect();
            let fragment = Fragment {
                id: 1,
                offset: start,
                more,
            };
            let view = View::new(&data, length);
            let added = pool.add(
                key(1),
                fragment,
                6,
                view,
                (number, None),
                (&config, &mut stats),
            );
            match (added, model.add(start, &data, length, more)) {
                (Added::Held, Some(None)) => {}
                (Added::Complete(whole), Some(Some(expected))) => {
                    assert_eq!((whole.data, whole.wire), expected);
                    completed += 1;
                    (conflicts, overlaps) =
                        (conflicts + model.conflicts, overlaps + model.overlaps);
                    model = Model::default();
                }
                (Added::Refused, None) => {
                    contradicted += 1;
                    (conflicts, overlaps) =
                        (conflicts + model.conflicts, overlaps + model.overlaps);
                    model = Model::default();
                }
                (added, expected) => panic!("{added:?} {expected:?}"),
            }
        }
        (conflicts, overlaps) = (conflicts + model.conflicts, overlaps + model.overlaps);
        assert_eq!(
            (stats.conflicting.packets, stats.overlapping.packets),
            (conflicts, overlaps)
        );
        pool.clear(&mut stats);
        assert_eq!((pool.bytes(), pool.lengths()), (0, (0, 0)));
    }
    assert!(
        completed > 1_000 && contradicted > 1_000,
        "{completed} {contradicted}"
    );
}

#[test]
fn bounds_hold_in_a_flood() {
    let config = DecodeConfig {
        max_datagrams: 100,
        max_fragment_bytes: 200_000,
        ..DecodeConfig::default()
    };
    let (mut pool, mut stats) = (Pool::default(), FragmentStats::default());
    let mut random = Random(0x5eed_0003);
    let data = [7; 1480];
    for number in 1..50_000 {
        let id = random.below(1 + number as usize / 10) as u32;
        let fragment = Fragment {
            id,
            offset: random.below(8_000) * 8,
            more: true,
        };
        let view = View::new(&data[..random.below(data.len()) + 1], 0);
        pool.add(
            key(id),
            fragment,
            6,
            view,
            (number, None),
            (&config, &mut stats),
        );
        let (open, aged) = pool.lengths();
        assert!(
            open <= 100 && aged <= 300 && pool.bytes() <= 200_000,
            "{open} {aged} {}",
            pool.bytes()
        );
    }
    assert!(stats.incomplete > 1_000);
}

#[test]
fn the_completed_behind_a_stuck_one_are_forgotten() {
    let (mut pool, mut stats) = (Pool::default(), FragmentStats::default());
    let config = DecodeConfig::default();
    let mut add = |pool: &mut Pool, id, offset, more| {
        let fragment = Fragment { id, offset, more };
        pool.add(
            key(id),
            fragment,
            6,
            View::new(&[1; 8], 8),
            (1, None),
            (&config, &mut stats),
        )
    };
    add(&mut pool, 0, 0, true);
    for id in 1..10_000 {
        assert_eq!(add(&mut pool, id, 0, true), Added::Held);
        assert!(matches!(add(&mut pool, id, 8, false), Added::Complete(_)));
        assert!(pool.lengths().1 < 100);
    }
    assert_eq!(pool.lengths().0, 1);
}

#[test]
fn as_many_fragments_as_a_datagram_can_have() {
    let (mut pool, mut stats) = (Pool::default(), FragmentStats::default());
    let config = DecodeConfig::default();
    let mut last = Added::Held;
    // Every other one first, so that nothing joins.
    for at in (0..8_191).step_by(2).chain((1..8_191).step_by(2)) {
        let fragment = Fragment {
            id: 1,
            offset: at * 8,
            more: at < 8_190,
        };
        last = pool.add(
            key(1),
            fragment,
            6,
            View::new(&[1; 8], 8),
            (1, None),
            (&config, &mut stats),
        );
    }
    assert!(matches!(last, Added::Complete(whole) if whole.data.len() == 65_528));
}
