//! Known edits of what devices send, and what must be reported of them.

use deframe::{
    diff::{Comparison, Edit, Side, Why, spans},
    protocol::Protocol,
    simulate,
};

use crate::support::Random;

/// What is to be reported, by the bytes of the frames, for no two frames are alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// Before, after, and the offsets changed.
    Changed(Vec<u8>, Vec<u8>, Vec<usize>),
    OnlyA(Vec<u8>, Why),
    OnlyB(Vec<u8>, Why),
    Moved(Vec<u8>),
}

/// Frames of several devices out of the simulator.
pub fn frames(seed: u64, devices: u32, frames: u64) -> Vec<Vec<Vec<u8>>> {
    let protocol = Protocol::fd();
    let options = simulate::SimConfig {
        seed,
        devices,
        frames,
        payload: if seed.is_multiple_of(3) {
            simulate::Payload::Adversarial
        } else {
            simulate::Payload::Random
        },
        ..simulate::SimConfig::default()
    };
    let truth = simulate::simulate(&options, &protocol.layout, Vec::new()).unwrap();
    let bytes = |frame: simulate::Frame| frame.bytes.unwrap();
    let streams = truth.streams.into_iter();
    streams
        .map(|stream| stream.frames.into_iter().map(bytes).collect())
        .collect()
}

/// The frames of one device with edits in them, far enough from each other to be told apart.
pub fn edited(
    rng: &mut Random,
    before: &[Vec<u8>],
    spare: &[Vec<u8>],
    told: &mut Vec<Told>,
) -> (Vec<Vec<u8>>, Vec<bool>) {
    let mut after = Vec::new();
    // Frames that no edit is near of.
    let mut calm = Vec::new();
    let mut push = |after: &mut Vec<Vec<u8>>, frame: &[u8], still: bool| {
        after.push(frame.to_vec());
        calm.push(still);
    };
    let mut at = 0;
    let mut spares = spare.iter();
    while at < before.len() {
        let near = at > 3 && at + 14 < before.len();
        match if near { rng.below(12) } else { 11 } {
            0 => told.push(Told::OnlyA(before[at].clone(), Why::NotSent)),
            1 => {
                let frame = spares.next().unwrap();
                push(&mut after, frame, false);
                told.push(Told::OnlyB(frame.clone(), Why::NotSent));
                push(&mut after, &before[at], false);
            }
            2 => {
                let mut frame = before[at].clone();
                let mut offsets = Vec::new();
                for _ in 0..1 + rng.below(20) {
                    // Between header and end marker, and clear of where a shorter type would end.
                    let offset = 2 + rng.below(146);
                    if !offsets.contains(&offset) {
                        frame[offset] ^= 1 + rng.below(255) as u8;
                        offsets.push(offset);
                    }
                }
                offsets.sort_unstable();
                push(&mut after, &frame, false);
                told.push(Told::Changed(before[at].clone(), frame, offsets));
            }
            3 => {
                let behind = 4 + rng.below(6);
                for frame in &before[at + 1..=at + behind] {
                    push(&mut after, frame, false);
                }
                push(&mut after, &before[at], false);
                told.push(Told::Moved(before[at].clone()));
                at += behind;
            }
            _ => {
                push(&mut after, &before[at], true);
                at += 1;
                continue;
            }
        }
        at += 1;
        // Some frames in peace behind every edit.
        for _ in 0..3 {
            if at < before.len() {
                push(&mut after, &before[at], false);
                at += 1;
            }
        }
    }
    (after, calm)
}

/// Picks bytes to lose, in frames that no edit is near of; what is then missing, is told.
pub fn losses(
    rng: &mut Random,
    frames: &[Vec<u8>],
    calm: &[bool],
    told: &mut Vec<Told>,
) -> Vec<(usize, usize)> {
    let mut lost: Vec<(usize, usize)> = Vec::new();
    let mut offset = 0;
    for (at, frame) in frames.iter().enumerate() {
        let end = offset + frame.len();
        let still = at > 0 && (at - 1..at + 3).all(|at| calm.get(at).is_some_and(|calm| *calm));
        let apart = lost.last().is_none_or(|lost| lost.1 + 400 < offset);
        if still && apart && rng.one_in(6) {
            let from = offset + rng.below(frame.len());
            // Into the next frame, or not.
            let to = from + 1 + rng.below(end - from + 100);
            told.push(Told::OnlyA(frame.clone(), Why::Gap));
            if to > end {
                told.push(Told::OnlyA(frames[at + 1].clone(), Why::Gap));
            }
            lost.push((from, to));
        }
        offset = end;
    }
    lost
}

/// What a comparison tells.
pub fn told(a: &Side, b: &Side, comparison: &Comparison) -> Vec<Told> {
    let mut told = Vec::new();
    for diff in &comparison.pairs {
        let left = |at| a.bytes(diff.pair.a.get(a, at).unwrap().1).unwrap().to_vec();
        let right = |at| b.bytes(diff.pair.b.get(b, at).unwrap().1).unwrap().to_vec();
        for edit in &diff.edits {
            told.push(match *edit {
                Edit::Changed { a, b } => {
                    let (a, b) = (left(a), right(b));
                    let offsets = spans(&a, &b, &[])
                        .into_iter()
                        .flat_map(|span| span.a)
                        .collect();
                    Told::Changed(a, b, offsets)
                }
                Edit::OnlyA { a, why, .. } => Told::OnlyA(left(a), why),
                Edit::OnlyB { b, why, .. } => Told::OnlyB(right(b), why),
                Edit::Moved { a, b } => {
                    assert_eq!(left(a), right(b));
                    Told::Moved(left(a))
                }
            });
        }
    }
    told.sort();
    told
}
