//! A description for streams that no known one explains: guesses, tried like any protocol, and the best of them.

use std::collections::BTreeMap;

use super::{
    fit::{Candidate, Fit},
    guess::{guesses, pairs},
    runs::{Run, runs, talkers},
    sample::Sample,
    shape::{Extent, Shape, hex, toml},
    verdict::Identified,
};
use crate::{
    framing::{Layout, Resync},
    protocol::Protocol,
};

/// What it costs a guess to name one more frame type, and one more alternative for a header, in bits.
const TYPE: f64 = 24.0;
/// What each frame costs: of two guesses that prove the same the one with fewer frames says more.
const FRAME: f64 = 4.0;
/// What a draft must prove at least, in bits.
const LEAST: f64 = 24.0;
/// Share of the bytes that it must explain.
const EXPLAINED: f64 = 0.6;

/// Guesses that are tried on all bytes, those that are worth most by the first ones.
const FINALISTS: usize = 16;
/// Bytes of a stream, and streams, that all guesses are tried on.
const GLANCE: usize = 4096;
const GLANCE_STREAMS: usize = 3;

/// A drafted description, and what it was made from.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What was seen, line by line.
    pub evidence: Vec<String>,
    /// The description, as TOML.
    pub text: String,
}

/// Drafts a description for the streams of a finding; none if no structure shows.
pub fn draft(samples: &[Sample], finding: &Identified) -> Option<Draft> {
    let talkers = talkers(samples, &finding.samples);
    let runs = runs(&talkers);
    let name = format!("port{}", finding.port);
    let mut rough: Vec<(f64, Vec<Shape>)> = guesses(&runs)
        .into_iter()
        .filter_map(|shapes| Some((glance(&shapes, &talkers)?, shapes)))
        .collect();
    rough.sort_by(|a, b| b.0.total_cmp(&a.0));
    let tried = rough.into_iter().take(FINALISTS).filter_map(|(_, shapes)| {
        let text = toml(&name, finding.port, &shapes);
        let protocol = Protocol::parse(&text, &name).ok()?;
        let fit = try_on(&protocol, &talkers, usize::MAX)?;
        Some((worth(&fit, &shapes), fit, shapes, text))
    });
    let (worth, fit, shapes, text) = tried.max_by(|a, b| a.0.total_cmp(&b.0))?;
    if worth < LEAST || fit.explained() < EXPLAINED || fit.frames < 3 {
        return None;
    }
    Some(Draft {
        evidence: evidence(&runs, &shapes, &fit, &talkers),
        text,
    })
}

/// What a guess is worth by the first bytes of a few streams.
fn glance(shapes: &[Shape], samples: &[&Sample]) -> Option<f64> {
    let protocol = Protocol {
        name: String::new(),
        description: None,
        source: None,
        ports: Vec::new(),
        layout: Layout {
            frames: shapes.iter().map(Shape::layout).collect(),
            resync: if shapes.iter().any(|shape| shape.headers.is_empty()) {
                Resync::Segment
            } else {
                Resync::Scan
            },
            messages: Vec::new(),
        },
        frames: Vec::new(),
        messages: Vec::new(),
    };
    let fit = try_on(
        &protocol,
        samples.get(..GLANCE_STREAMS).unwrap_or(samples),
        GLANCE,
    )?;
    Some(worth(&fit, shapes))
}

fn try_on(protocol: &Protocol, samples: &[&Sample], limit: usize) -> Option<Fit> {
    let candidate = Candidate::new(protocol).ok()?;
    let mut sum = Fit::default();
    for sample in samples {
        sum.add(&candidate.fit_within(sample, limit));
    }
    Some(sum)
}

/// What a guess is worth: what it proves and explains, less what it takes to say.
fn worth(fit: &Fit, shapes: &[Shape]) -> f64 {
    let said: usize = shapes.iter().map(|shape| shape.headers.len().max(1)).sum();
    let counted = fit.frames.min(512) as f64;
    (fit.bits - FRAME * counted).max(0.0) * fit.explained().powi(3) - TYPE * said as f64
}

/// What was seen, in words.
fn evidence(runs: &[Run<'_>], shapes: &[Shape], fit: &Fit, samples: &[&Sample]) -> Vec<String> {
    let mut lines = Vec::new();
    let often: Vec<String> = pairs(runs)
        .iter()
        .take(6)
        .map(|(pair, count)| format!("{} ({count} times)", hex(pair)))
        .collect();
    if !often.is_empty() {
        lines.push(format!("bytes that repeat: {}", often.join(", ")));
    }
    for header in shapes.iter().flat_map(|shape| &shape.headers) {
        let distances = distances(runs, header);
        if !distances.is_empty() {
            lines.push(format!(
                "from one {} to the next: {}",
                hex(header),
                distances.join(", ")
            ));
        }
    }
    for shape in shapes {
        lines.push(said(shape));
    }
    lines.dedup();
    lines.push(format!(
        "so read, {:.1} % of {} bytes ({} stream{}) are {} frames",
        100.0 * fit.explained(),
        fit.judged,
        samples.len(),
        if samples.len() == 1 { "" } else { "s" },
        fit.frames
    ));
    lines
}

fn said(shape: &Shape) -> String {
    let header = match &shape.headers[..] {
        [] => "frames without a header".to_owned(),
        headers => {
            let headers: Vec<String> = headers.iter().map(|header| hex(header)).collect();
            format!("frames that begin with {}", headers.join(" or "))
        }
    };
    let size = match &shape.extent {
        Extent::Fixed(size) => format!("have {size} bytes"),
        Extent::Delimited => format!("go up to {}", hex(&shape.end)),
        Extent::Length(field) => format!(
            "state their size at byte {} in {} byte{}{}: value {} {}",
            field.offset,
            field.width,
            if field.width == 1 { "" } else { "s" },
            match (field.width, field.little) {
                (1, _) => "",
                (_, true) => ", least significant first",
                (_, false) => ", most significant first",
            },
            if field.adjust < 0 { "-" } else { "+" },
            field.adjust.unsigned_abs()
        ),
    };
    let end = match &shape.extent {
        Extent::Delimited => String::new(),
        _ if shape.end.is_empty() => String::new(),
        _ => format!(" and end with {}", hex(&shape.end)),
    };
    format!("{header} {size}{end}")
}

/// The most frequent distances between the places of a header.
fn distances(runs: &[Run<'_>], header: &[u8]) -> Vec<String> {
    let mut counts = BTreeMap::<usize, u32>::new();
    for run in runs {
        let places = (0..run.bytes.len()).filter(|&at| {
            run.bytes
                .get(at..)
                .is_some_and(|rest| rest.starts_with(header))
        });
        let mut last = None;
        for at in places {
            if let Some(last) = last.replace(at) {
                *counts.entry(at - last).or_default() += 1;
            }
        }
    }
    let mut counts: Vec<(usize, u32)> =
        counts.into_iter().filter(|&(_, count)| count > 1).collect();
    counts.sort_by_key(|&(distance, count)| (std::cmp::Reverse(count), distance));
    counts
        .into_iter()
        .take(4)
        .map(|(distance, count)| format!("{distance} bytes ({count} times)"))
        .collect()
}
