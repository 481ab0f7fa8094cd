//! Guesses that need no header: a length field followed from the first byte of the streams, or an end marker.

use std::collections::BTreeSet;

use super::{
    guess::{END, FRAMES, common_end, fields, plausible},
    runs::Run,
    shape::{Extent, Field, Shape},
};

/// Guesses at a length field that are worth a try.
const CHAINS: usize = 12;

/// Length fields followed from the first byte of the streams.
pub(super) fn by_length(runs: &[Run<'_>]) -> Vec<Vec<Shape>> {
    let mut chains: Vec<(usize, Field)> = Vec::new();
    for (offset, width, little) in fields(0) {
        let none = Field {
            offset,
            width,
            little,
            adjust: 0,
        };
        let behind = (offset + width) as i64;
        let mut adjusts: BTreeSet<i64> = [0, behind, behind + 1, behind + 2, behind + 4].into();
        for run in runs.iter().take(4) {
            let value = none
                .value(run.bytes)
                .and_then(|value| i64::try_from(value).ok());
            adjusts.extend(value.map(|value| run.first_segment as i64 - value));
        }
        for adjust in adjusts.into_iter().filter(|&adjust| plausible(adjust)) {
            let field = Field { adjust, ..none };
            let (frames, sizes) = follow(&field, runs);
            if frames >= 4 && sizes >= 2 {
                chains.push((frames, field));
            }
        }
    }
    // The longest chains of one width are often nonsense of tiny steps: leave room for others.
    chains.sort_by_key(|&(frames, field)| (std::cmp::Reverse(frames), field));
    let (tiny, rest): (Vec<_>, Vec<_>) =
        chains.into_iter().partition(|(_, field)| field.width == 1);
    let kept = tiny
        .into_iter()
        .take(CHAINS)
        .chain(rest.into_iter().take(4 * CHAINS));
    kept.flat_map(|(_, field)| headed(&field, runs)).collect()
}

/// How many frames stand one behind the other by this field, in all runs, and how many sizes they have. None if a
/// run breaks.
fn follow(field: &Field, runs: &[Run<'_>]) -> (usize, usize) {
    let mut sizes = BTreeSet::new();
    let (mut count, mut broken) = (0, 0);
    for run in runs {
        let mut rest = run.bytes;
        while rest.len() >= field.offset + field.width {
            match field.size(rest) {
                Some(size) if size <= 1 << 16 => {
                    count += usize::from(size <= rest.len());
                    sizes.insert(size);
                    rest = rest.get(size..).unwrap_or_default();
                }
                _ => {
                    broken += 1;
                    break;
                }
            }
        }
    }
    if broken > 0 {
        (0, 0)
    } else {
        (count, sizes.len())
    }
}

/// The shapes that this field and what is constant around it make.
fn headed(field: &Field, runs: &[Run<'_>]) -> Vec<Vec<Shape>> {
    let mut frames = Vec::new();
    for run in runs {
        let mut rest = run.bytes;
        while let Some(frame) = field.size(rest).and_then(|size| rest.get(..size)) {
            frames.push(frame);
            rest = rest.get(frame.len()..).unwrap_or_default();
            if frames.len() >= FRAMES || frame.is_empty() {
                break;
            }
        }
    }
    let end = common_end(&frames, field.offset + field.width);
    let shape = |headers: Vec<Vec<u8>>| {
        vec![Shape {
            headers,
            extent: Extent::Length(*field),
            end: end.clone(),
        }]
    };
    let mut guesses = vec![shape(Vec::new())];
    for width in 1..=field.offset.min(4) {
        let headers: BTreeSet<&[u8]> = frames
            .iter()
            .filter_map(|frame| frame.get(..width))
            .collect();
        if headers.len() <= 4 {
            let headers: Vec<Vec<u8>> = headers.into_iter().map(<[u8]>::to_vec).collect();
            if headers
                .iter()
                .any(|header| header.iter().any(|&byte| byte != 0))
            {
                guesses.push(shape(headers));
            }
        }
    }
    guesses
}

/// End markers without a header.
pub(super) fn by_end(runs: &[Run<'_>]) -> Vec<Vec<Shape>> {
    let last = runs.iter().flat_map(|run| {
        let segment = run.bytes.get(..run.first_segment).unwrap_or_default();
        (1..=END).filter_map(move |width| segment.get(segment.len().checked_sub(width)?..))
    });
    let ends: BTreeSet<Vec<u8>> = last
        .map(<[u8]>::to_vec)
        .chain([vec![13, 10], vec![10], vec![0]])
        .collect();
    let shape = |end| {
        vec![Shape {
            headers: Vec::new(),
            extent: Extent::Delimited,
            end,
        }]
    };
    ends.into_iter()
        .filter(|end| end.iter().any(|&byte| byte != 0))
        .take(16)
        .map(shape)
        .collect()
}
