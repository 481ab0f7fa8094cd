//! Guesses at the frames of an unknown protocol, many of them; what they are worth shows when they are tried.
//!
//! Two ways: bytes that repeat are taken for headers, and what is between two of them for a frame, whose size must
//! then be explained; or a length field is assumed, and followed from the first byte.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;

use super::{
    chain::{by_end, by_length},
    runs::Run,
    shape::{Extent, Field, Shape},
};

/// Pairs of bytes that may be headers.
const PAIRS: usize = 6;
/// Places at which a length field is looked for.
const OFFSETS: usize = 12;
/// Share of frames that must be of the same kind.
const MOST: f64 = 0.75;
/// Bytes that begin less than one frame of so many may be no header.
const RARE: usize = 50;
/// Frames looked at of one kind.
pub(super) const FRAMES: usize = 256;
/// Frames of them that a length field is looked for in.
const FIELD_FRAMES: usize = 48;
/// Longest end marker guessed.
pub(super) const END: usize = 2;

/// All guesses, without doubles.
pub(super) fn guesses(runs: &[Run<'_>]) -> Vec<Vec<Shape>> {
    let mut all = BTreeSet::new();
    all.extend(by_headers(runs));
    all.extend(by_length(runs));
    all.extend(by_end(runs));
    all.into_iter().collect()
}

/// Pairs of bytes that come far more often than by chance, with how often, most first,
/// those with a zero in them last.
pub(super) fn pairs(runs: &[Run<'_>]) -> Vec<([u8; 2], u32)> {
    let mut counts = vec![0u32; 1 << 16];
    let mut total = 0u32;
    for pair in runs.iter().flat_map(|run| run.bytes.windows(2)) {
        if let &[a, b] = pair
            && let Some(count) = counts.get_mut(usize::from(u16::from_be_bytes([a, b])))
        {
            *count += 1;
            total += 1;
        }
    }
    let least = (total / 4096).max(4);
    let mut pairs: Vec<([u8; 2], u32)> = (0u16..=u16::MAX)
        .zip(counts)
        .filter(|&(_, count)| count >= least)
        .map(|(pair, count)| (pair.to_be_bytes(), count))
        .filter(|&(pair, _)| pair != [0, 0])
        .collect();
    // Small numbers, with zeros in front of them, repeat more often than any header.
    pairs.sort_by_key(|&(pair, count)| (pair.contains(&0), std::cmp::Reverse(count), pair));
    pairs
}

/// Sets of headers, and what lies between them.
fn by_headers(runs: &[Run<'_>]) -> Vec<Vec<Shape>> {
    let known = || runs.iter().filter(|run| run.known).map(|run| run.bytes);
    let mut guesses = Vec::new();
    for width in [2, 1] {
        let first: BTreeSet<Vec<u8>> = known()
            .filter_map(|bytes| Some(bytes.get(..width)?.to_vec()))
            .collect();
        let mut sure: Vec<Vec<u8>> = first.into_iter().collect();
        sure.truncate(4);
        let more: Vec<Vec<u8>> = match width {
            2 => pairs(runs)
                .into_iter()
                .take(4 * PAIRS)
                .map(|(pair, _)| pair.to_vec())
                .collect(),
            _ => Vec::new(),
        };
        let more: Vec<Vec<u8>> = more
            .into_iter()
            .filter(|pair| !sure.contains(pair))
            .take(PAIRS)
            .collect();
        let all = [sure.clone(), more.clone()].concat();
        let places = places(&all, runs);
        for chosen in 0u32..1 << more.len() {
            let chosen = ((1 << sure.len()) - 1) | (chosen << sure.len());
            if (1..=4).contains(&chosen.count_ones()) {
                guesses.extend(explain(&all, chosen, &places, runs));
            }
        }
    }
    guesses
}

/// A header at a place.
struct Place {
    run: usize,
    at: usize,
    header: usize,
}

/// Where these headers stand, in order.
fn places(headers: &[Vec<u8>], runs: &[Run<'_>]) -> Vec<Place> {
    let mut places = Vec::new();
    for (run, bytes) in runs.iter().map(|run| run.bytes).enumerate() {
        for (header, marker) in headers.iter().enumerate() {
            places.extend(memmem::find_iter(bytes, marker).map(|at| Place { run, at, header }));
        }
    }
    places.sort_by_key(|place| (place.run, place.at));
    places
}

/// The frames that begin with the chosen headers, explained; none if their sizes make no sense.
fn explain(
    headers: &[Vec<u8>],
    chosen: u32,
    places: &[Place],
    runs: &[Run<'_>],
) -> Option<Vec<Shape>> {
    let mut frames = vec![Vec::<&[u8]>::new(); headers.len()];
    let mut open: Option<&Place> = None;
    for place in places
        .iter()
        .filter(|place| chosen >> place.header & 1 == 1)
    {
        if let Some(from) = open.filter(|from| from.run == place.run) {
            if place.at < from.at + headers.get(from.header).map_or(0, Vec::len) {
                continue;
            }
            let bytes = runs
                .get(from.run)
                .and_then(|run| run.bytes.get(from.at..place.at));
            if let Some(frames) = frames
                .get_mut(from.header)
                .filter(|frames| frames.len() < FRAMES)
            {
                frames.extend(bytes);
            }
        }
        open = Some(place);
    }
    let all: usize = frames.iter().map(Vec::len).sum();
    let mut shapes = Vec::new();
    for (header, frames) in headers
        .iter()
        .zip(&frames)
        .filter(|(_, frames)| !frames.is_empty())
    {
        match kinds(header, frames) {
            Some(kinds) => shapes.extend(kinds),
            // What a stream happens to begin with may be junk.
            None if frames.len() * RARE <= all => {}
            None => return None,
        }
    }
    (!shapes.is_empty()).then_some(shapes)
}

/// The frame types with this header.
fn kinds(header: &[u8], frames: &[&[u8]]) -> Option<Vec<Shape>> {
    let mut sizes = BTreeMap::<usize, u32>::new();
    for frame in frames {
        *sizes.entry(frame.len()).or_default() += 1;
    }
    let headers = vec![header.to_vec()];
    if sizes.len() >= 2
        && let Some(field) = field(header.len(), frames)
    {
        let sized: Vec<&[u8]> = frames
            .iter()
            .copied()
            .filter(|frame| field.size(frame) == Some(frame.len()))
            .collect();
        let end = common_end(&sized, header.len().max(field.offset + field.width));
        return Some(vec![Shape {
            headers,
            extent: Extent::Length(field),
            end,
        }]);
    }
    let enough = (frames.len() as f64 * 0.1).max(2.0);
    let often: Vec<usize> = sizes
        .iter()
        .filter(|&(_, &n)| f64::from(n) >= enough)
        .map(|(&size, _)| size)
        .collect();
    let covered: u32 = often.iter().filter_map(|size| sizes.get(size)).sum();
    if (1..=4).contains(&often.len()) && f64::from(covered) >= frames.len() as f64 * MOST {
        let fixed = often.into_iter().map(|size| {
            let alike: Vec<&[u8]> = frames
                .iter()
                .copied()
                .filter(|frame| frame.len() == size)
                .collect();
            Shape {
                headers: headers.clone(),
                extent: Extent::Fixed(size),
                end: common_end(&alike, header.len()),
            }
        });
        return Some(fixed.collect());
    }
    let end = common_end(frames, header.len());
    (!end.is_empty()).then(|| {
        vec![Shape {
            headers,
            extent: Extent::Delimited,
            end,
        }]
    })
}

/// A length field that explains the sizes of most frames.
fn field(header: usize, frames: &[&[u8]]) -> Option<Field> {
    let frames = frames.get(..FIELD_FRAMES).unwrap_or(frames);
    let mut best: Option<(usize, Field)> = None;
    for (offset, width, little) in fields(header) {
        let mut field = Field {
            offset,
            width,
            little,
            adjust: 0,
        };
        let mut adjusts = BTreeMap::<i64, (usize, BTreeSet<usize>)>::new();
        for frame in frames {
            if let Some(value) = field
                .value(frame)
                .and_then(|value| i64::try_from(value).ok())
            {
                let seen = adjusts.entry(frame.len() as i64 - value).or_default();
                seen.0 += 1;
                seen.1.insert(frame.len());
            }
        }
        let Some((adjust, (count, sizes))) =
            adjusts.into_iter().max_by_key(|(_, (count, _))| *count)
        else {
            continue;
        };
        field.adjust = adjust;
        let fits =
            count as f64 >= frames.len() as f64 * MOST && sizes.len() >= 2 && plausible(adjust);
        // A wider field is the same with zeros in front: it says more.
        if fits && best.is_none_or(|(other, _)| count >= other) {
            best = Some((count, field));
        }
    }
    best.map(|(_, field)| field)
}

pub(super) fn plausible(adjust: i64) -> bool {
    (-64..=64).contains(&adjust)
}

/// Places, widths and orders of fields behind a header.
pub(super) fn fields(header: usize) -> impl Iterator<Item = (usize, usize, bool)> {
    (header..header + OFFSETS).flat_map(|offset| {
        let one = std::iter::once((offset, 1, false));
        one.chain(
            [2, 3, 4]
                .into_iter()
                .flat_map(move |width| [(offset, width, false), (offset, width, true)]),
        )
    })
}

/// The last bytes of frames if nearly all have the same, at most `END`.
pub(super) fn common_end(frames: &[&[u8]], header: usize) -> Vec<u8> {
    let mut end = Vec::new();
    for back in 1..=END {
        let mut counts = BTreeMap::<u8, usize>::new();
        for frame in frames.iter().filter(|frame| frame.len() >= header + back) {
            if let Some(&byte) = frame.get(frame.len() - back) {
                *counts.entry(byte).or_default() += 1;
            }
        }
        match counts.into_iter().max_by_key(|&(_, count)| count) {
            Some((byte, count)) if count >= 3 && count as f64 >= frames.len() as f64 * 0.9 => {
                end.insert(0, byte)
            }
            _ => break,
        }
    }
    // Zeros at the end are filling sooner than a marker.
    if end.iter().all(|&byte| byte == 0) {
        Vec::new()
    } else {
        end
    }
}
