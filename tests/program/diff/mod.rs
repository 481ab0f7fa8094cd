//! Two captures of simulated devices with known edits between them: each edit is reported and nothing else.

mod build;
mod edits;
mod screen;

use crate::support::Random;
use build::{Device, Wire, capture, compared, setup};
use deframe::{
    diff::{Edit, Hand, Line, Mask, Masks, Nature, PairedBy, Side, Why},
    framing::{Endian, FaultKind},
};
use edits::{edited, frames, losses, told};

fn device(nth: usize, nat: bool, frames: &[Vec<u8>], lost: Vec<(usize, usize)>) -> Device {
    Device {
        addr: if nat {
            [192, 0, 2, 1]
        } else {
            [10, 0, 0, 10 + nth as u8]
        },
        port: if nat { 60_000 - 7 * nth as u16 } else { 40_000 },
        bytes: frames.concat(),
        lost,
        after: 0,
    }
}

fn wire(seed: u64, rng: &mut Random) -> Wire {
    Wire {
        seed,
        most: [20, 200, 1460][rng.below(3)],
        again: [0, 3, 20][rng.below(3)],
        start: 1_700_000_000 + rng.below(1_000_000) as i64,
    }
}

fn plain(frames: &[Vec<Vec<u8>>], wire: &Wire) -> Vec<u8> {
    let devices: Vec<Device> = frames
        .iter()
        .enumerate()
        .map(|(nth, frames)| device(nth, false, frames, Vec::new()))
        .collect();
    capture(wire, &devices)
}

#[test]
fn every_edit_and_nothing_else() {
    let mut kinds = [0; 4];
    for seed in 0..150 {
        let mut rng = Random(seed);
        let devices = 1 + rng.below(4);
        let nat = rng.one_in(3);
        // Of adversarial frames a part may be a frame: what is lost then is anybody's guess.
        let with_loss = !seed.is_multiple_of(3) && rng.one_in(2);
        let all = frames(seed, devices as u32, 60 + rng.below(200) as u64);
        let spare = frames(seed + 10_000, 1, 200).remove(0);
        let mut want = Vec::new();
        let mut sent = Vec::new();
        for (nth, before) in all.iter().enumerate() {
            let (after, calm) = edited(&mut rng, before, &spare[nth * 50..], &mut want);
            let lost = if with_loss {
                losses(&mut rng, &after, &calm, &mut want)
            } else {
                Vec::new()
            };
            sent.push(device(nth, nat, &after, lost));
        }
        want.sort();
        let a = plain(&all, &wire(seed, &mut rng));
        let b = capture(&wire(seed + 1, &mut rng), &sent);
        let (a, b, comparison) = compared(&setup(), a, b);
        assert!(
            comparison.only_a.is_empty() && comparison.only_b.is_empty(),
            "seed {seed}"
        );
        let by = if nat {
            PairedBy::Content
        } else {
            PairedBy::Address
        };
        assert!(
            comparison.pairs.iter().all(|diff| diff.pair.by == by),
            "seed {seed}"
        );
        let got = told(&a, &b, &comparison);
        for (at, (got, want)) in got.iter().zip(&want).enumerate() {
            assert_eq!(got, want, "seed {seed}, item {at}");
        }
        assert_eq!(got.len(), want.len(), "seed {seed}");
        for told in &want {
            kinds[match told {
                edits::Told::Changed(..) => 0,
                edits::Told::OnlyA(..) => 1,
                edits::Told::OnlyB(..) => 2,
                edits::Told::Moved(..) => 3,
            }] += 1;
        }
    }
    assert!(kinds.iter().all(|n| *n > 500), "{kinds:?}");
}

#[test]
fn the_same_cut_otherwise_is_the_same() {
    for seed in 0..30 {
        let mut rng = Random(seed);
        let all = frames(seed, 3, 80);
        let a = plain(&all, &wire(seed, &mut rng));
        let nat = rng.one_in(2);
        let devices = all.iter().enumerate();
        let devices: Vec<_> = devices
            .map(|(nth, frames)| device(nth, nat, frames, Vec::new()))
            .collect();
        let b = capture(&wire(seed + 99, &mut rng), &devices);
        let (a, b, comparison) = compared(&setup(), a, b);
        assert!(comparison.is_same(), "seed {seed}");
        assert_eq!(
            comparison.pairs.iter().map(|diff| diff.equal).sum::<u64>(),
            240
        );
        assert_eq!(a.frame_count(), b.frame_count());
    }
}

/// A device that numbers its frames from `first` at bytes 4..8 and has a version at byte 20.
fn counting(frames: &[Vec<u8>], first: u32, version: u8) -> Vec<Vec<u8>> {
    let mut frames = frames.to_vec();
    for (at, frame) in frames.iter_mut().enumerate() {
        frame[4..8].copy_from_slice(&(first + at as u32).to_be_bytes());
        frame[20] = version;
    }
    frames
}

#[test]
fn a_counter_is_known_and_can_be_masked() {
    let all = frames(1, 1, 600).remove(0);
    let before = counting(&all, 70_000, 1);
    let mut after = counting(&all, 1_000, 2);
    after.remove(300);
    let a = || {
        plain(
            std::slice::from_ref(&before),
            &Wire {
                seed: 1,
                most: 900,
                again: 0,
                start: 1_700_000_000,
            },
        )
    };
    let b = || {
        plain(
            std::slice::from_ref(&after),
            &Wire {
                seed: 2,
                most: 300,
                again: 0,
                start: 1_700_009_000,
            },
        )
    };
    let (_, _, comparison) = compared(&setup(), a(), b());
    let [diff] = &comparison.pairs[..] else {
        panic!("{comparison:?}")
    };
    assert_eq!((diff.equal, diff.edits.len()), (0, 600));
    assert_eq!(comparison.habits.len(), 3);
    let mut masks = Vec::new();
    for habit in &comparison.habits {
        assert_eq!(habit.only_there, habit.changed);
        let places: Vec<_> = habit
            .places
            .iter()
            .map(|place| place.range.clone())
            .collect();
        assert_eq!(places, [4..8, 20..21]);
        let (step, endian) = (None, Endian::Big);
        assert_eq!(habit.places[0].nature, Nature::Counter { step, endian });
        assert_eq!(
            habit.places[1].nature,
            Nature::Fixed {
                a: vec![1],
                b: vec![2]
            }
        );
        masks.extend(habit.masks());
    }
    let mut masked = setup();
    masked.masks = Masks::new(3, &masks);
    let (_, _, comparison) = compared(&masked, a(), b());
    assert_eq!(
        (comparison.pairs[0].equal, comparison.pairs[0].edits.len()),
        (599, 1)
    );
    masked.masks = Masks::new(
        3,
        &[Mask {
            kind: None,
            from: 4,
            to: Some(21),
        }],
    );
    let (_, _, comparison) = compared(&masked, a(), b());
    assert_eq!(
        (comparison.pairs[0].equal, comparison.pairs[0].edits.len()),
        (599, 1)
    );
}

fn quiet(seed: u64) -> Wire {
    Wire {
        seed,
        most: 500,
        again: 0,
        start: 1_700_000_000,
    }
}

#[test]
fn like_frames_are_missed_where_the_gap_is() {
    let one = frames(1, 1, 1).remove(0).remove(0);
    let all = vec![one.clone(); 50];
    let lost = vec![(one.len() * 30 + 5, one.len() * 31 + 5)];
    let a = plain(std::slice::from_ref(&all), &quiet(1));
    let b = capture(&quiet(2), &[device(0, false, &all, lost)]);
    let (_, _, comparison) = compared(&setup(), a, b);
    let edits = &comparison.pairs[0].edits;
    let gap = |a| Edit::OnlyA {
        a,
        b: 30,
        why: Why::Gap,
    };
    assert_eq!(edits[..], [gap(30), gap(31)]);
}

#[test]
fn a_garbled_frame_is_missed_where_the_fault_is() {
    let before = frames(4, 1, 50).remove(0);
    let mut after = before.clone();
    let last = after[20].len() - 1;
    after[20][last] ^= 1;
    let (a, b) = (plain(&[before], &quiet(1)), plain(&[after], &quiet(2)));
    let (_, _, comparison) = compared(&setup(), a, b);
    let why = Why::Fault(FaultKind::BadEndMarker);
    assert_eq!(
        comparison.pairs[0].edits,
        [Edit::OnlyA { a: 20, b: 20, why }]
    );
}

#[test]
fn a_device_that_connected_anew_is_one_device() {
    let all = frames(5, 1, 60).remove(0);
    let a = plain(std::slice::from_ref(&all), &quiet(1));
    let mut second = device(0, false, &all[25..], Vec::new());
    (second.port, second.after) = (40_001, 1000);
    let b = capture(
        &quiet(2),
        &[device(0, false, &all[..25], Vec::new()), second],
    );
    let (_, _, comparison) = compared(&setup(), a, b);
    assert!(comparison.is_same());
    assert_eq!((comparison.pairs.len(), comparison.pairs[0].equal), (1, 60));
}

#[test]
fn what_has_no_partner_is_told() {
    let all = frames(6, 3, 30);
    let (a, b) = (plain(&all, &quiet(1)), plain(&all[..2], &quiet(2)));
    let (_, _, comparison) = compared(&setup(), a, b);
    assert_eq!(
        (
            comparison.pairs.len(),
            comparison.only_a.len(),
            comparison.only_b.len()
        ),
        (2, 1, 0)
    );
    assert!(!comparison.is_same() && comparison.pairs.iter().all(|diff| diff.edits.is_empty()));
}

/// Devices that share nothing are paired in order, or by hand.
#[test]
fn pairs_without_evidence() {
    let all = frames(8, 2, 30);
    let others: Vec<_> = frames(9, 2, 30);
    let sent = |addr: u8, nth: usize| {
        let mut device = device(nth, false, &others[nth], Vec::new());
        device.addr[3] = addr;
        device
    };
    let b = || capture(&quiet(2), &[sent(100, 0), sent(101, 1)]);
    let pairs = |hands: &[(u64, u64)]| {
        let mut setup = setup();
        setup.hands = hands
            .iter()
            .map(|(a, b)| Hand::Connections(*a, *b))
            .collect();
        let (a, b, comparison) = compared(&setup, plain(&all, &quiet(1)), b());
        let number = |side: &Side, line: &Line| line.sent(side).next().unwrap().id.connection;
        let pairs = comparison.pairs.iter().map(|diff| &diff.pair);
        pairs
            .map(|pair| (number(&a, &pair.a), number(&b, &pair.b), pair.by))
            .collect::<Vec<_>>()
    };
    let order = PairedBy::Order;
    assert_eq!(pairs(&[]), [(0, 0, order), (1, 1, order)]);
    assert_eq!(pairs(&[(0, 1)]), [(0, 1, PairedBy::Hand), (1, 0, order)]);
}

#[test]
fn bytes_over_the_budget_are_compared_by_digest() {
    let before = frames(4, 1, 50).remove(0);
    let mut after = before.clone();
    after[30][50] ^= 1;
    let mut small = setup();
    small.budget = 2_000;
    let (a, b) = (plain(&[before], &quiet(1)), plain(&[after], &quiet(2)));
    let (a, _, comparison) = compared(&small, a, b);
    assert!(a.unkept > 30);
    assert_eq!(comparison.pairs[0].edits, [Edit::Changed { a: 30, b: 30 }]);
}
