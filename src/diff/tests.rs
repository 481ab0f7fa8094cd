//! Rows for the parts that need no capture.

use super::{
    Mask, Masks, Span,
    align::{Hunk, ascending, hunks, moved},
    span::{distance, spans},
};

/// splitmix64.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The runs must leave the same behind on both sides; how many frames they leave.
fn equal(a: &[u64], b: &[u64], hunks: &[Hunk]) -> usize {
    let (mut x, mut y, mut sum) = (0, 0, 0);
    let end = Hunk {
        a: a.len()..a.len(),
        b: b.len()..b.len(),
    };
    for hunk in hunks.iter().chain([&end]) {
        assert_eq!(a[x..hunk.a.start], b[y..hunk.b.start], "{hunk:?}");
        sum += hunk.a.start - x;
        (x, y) = (hunk.a.end, hunk.b.end);
    }
    sum
}

#[test]
fn small_rows() {
    for (a, b, want) in [
        (&[1, 2, 3][..], &[1, 2, 3][..], &[][..]),
        (&[1, 2, 3], &[1, 3], &[(1..2, 1..1)]),
        (&[1, 3], &[1, 2, 3], &[(1..1, 1..2)]),
        (&[1, 2, 3], &[1, 9, 3], &[(1..2, 1..2)]),
        (&[], &[1], &[(0..0, 0..1)]),
        (&[], &[], &[]),
    ] {
        let found: Vec<_> = hunks(a, b)
            .into_iter()
            .map(|hunk| (hunk.a, hunk.b))
            .collect();
        assert_eq!(found, want, "{a:?} {b:?}");
    }
}

/// Long rows go between anchors and in windows, and still match what is the same.
#[test]
fn long_rows_of_all_sorts() {
    for (seed, kinds, least) in [(1, u64::MAX, 98), (2, 1000, 95), (3, 3, 90), (4, 1, 98)] {
        let mut state = seed;
        let a: Vec<u64> = (0..40_000).map(|_| random(&mut state) % kinds).collect();
        let mut b = a.clone();
        for _ in 0..200 {
            let at = random(&mut state) as usize % b.len();
            match random(&mut state) % 3 {
                0 => drop(b.remove(at)),
                1 => b.insert(at, random(&mut state) % kinds),
                _ => b[at] = random(&mut state) % kinds,
            }
        }
        let same = equal(&a, &b, &hunks(&a, &b));
        assert!(same * 100 >= least * a.len(), "{kinds} kinds: {same}");
    }
}

#[test]
fn rows_that_have_nothing_in_common() {
    let (a, b): (Vec<u64>, Vec<u64>) = (0..30_000).map(|n| (n, n + 1_000_000)).unzip();
    assert_eq!(
        hunks(&a, &b),
        [Hunk {
            a: 0..30_000,
            b: 0..30_000
        }]
    );
}

#[test]
fn moved_only_without_doubt() {
    let row = |list: &'static [u64]| move |at: usize| list.get(at).copied();
    for (a, b, want) in [
        (&[7, 1][..], &[2, 7][..], vec![(0, 1)]),
        (&[7, 7], &[2, 7], vec![]),
        (&[7, 1], &[7, 7], vec![]),
        (&[1, 2], &[3, 4], vec![]),
    ] {
        let hunk = Hunk {
            a: 0..a.len(),
            b: 0..b.len(),
        };
        let found: Vec<_> = moved(&[hunk], row(a), row(b)).into_iter().collect();
        assert_eq!(found, want, "{a:?} {b:?}");
    }
}

#[test]
fn longest_ascending_run() {
    for (pairs, want) in [
        (&[(0, 0), (1, 1), (2, 2)][..], 3),
        (&[(0, 5), (1, 1), (2, 2)], 2),
        (&[(0, 1), (1, 0)], 1),
        (&[], 0),
    ] {
        let run = ascending(pairs);
        assert_eq!(run.len(), want, "{pairs:?}");
        assert!(run.windows(2).all(|two| two[0].1 < two[1].1));
    }
}

#[test]
fn differing_bytes() {
    let masks = Masks::new(
        1,
        &[Mask {
            kind: None,
            from: 1,
            to: Some(3),
        }],
    );
    let masked = masks.of(0);
    for (a, b, masks, want, bytes) in [
        (&b"abcd"[..], &b"abcd"[..], &[][..], vec![], 0),
        (b"abcd", b"aXcY", &[], vec![(1..2, 1..2), (3..4, 3..4)], 2),
        (b"abcd", b"aXYd", masked, vec![], 0),
        (b"abcd", b"aXYZ", masked, vec![(3..4, 3..4)], 1),
        (b"abcd", b"abXXcd", &[], vec![(2..2, 2..4)], 2),
        (b"abXcd", b"abcd", &[], vec![(2..3, 2..2)], 1),
        (b"", b"ab", &[], vec![(0..0, 0..2)], 2),
    ] {
        let found = spans(a, b, masks);
        let wanted: Vec<Span> = want.into_iter().map(|(a, b)| Span { a, b }).collect();
        assert_eq!(found, wanted, "{a:?} {b:?}");
        assert_eq!(distance(a, b, masks), bytes, "{a:?} {b:?}");
    }
}

#[test]
fn masks_merge_and_cut() {
    let mask = |kind, from, to| Mask { kind, from, to };
    let masks = Masks::new(
        2,
        &[
            mask(None, 4, Some(6)),
            mask(Some(1), 5, Some(8)),
            mask(Some(0), 9, None),
            mask(None, 3, Some(3)),
        ],
    );
    assert_eq!(masks.of(0), [4..6, 9..usize::MAX]);
    assert_eq!((masks.of(1).len(), masks.of(1)[0].clone()), (1, 4..8));
    assert!(masks.hides(1, 7) && !masks.hides(1, 8) && !masks.hides(7, 5));
    let pieces =
        |kind, bytes: &'static [u8]| masks.pieces(kind, bytes).collect::<Vec<_>>().concat();
    assert_eq!(pieces(0, b"0123456789ab"), b"0123678");
    assert_eq!(pieces(1, b"0123456789ab"), b"012389ab");
    assert_eq!(pieces(0, b"01"), b"01");
    assert_eq!(pieces(9, b"01"), b"01");
}
