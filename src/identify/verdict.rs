//! Which protocol speaks on which streams: every description tried on every sample, the best that is proved named.
//!
//! Streams of one server port are judged together, for one frame in each direction proves little and a hundred much.

use std::collections::BTreeMap;

use super::{
    fit::{Candidate, Fit},
    sample::Sample,
};
use crate::{framing::LayoutError, protocol::Protocol, tcp::Dir};

/// Bits from which on a protocol is proved: it fits by chance in one of a million streams.
const PROOF: f64 = 20.0;
/// What it is worth that a protocol is found on its own port.
const PORT: f64 = 16.0;
/// Share of a stream that must be frames.
const EXPLAINED: f64 = 0.4;
/// The same of text whose lines are all that is known of a protocol.
const TEXT_EXPLAINED: f64 = 0.9;
/// Streams of a port and direction on which every protocol is tried; on further ones those that fitted these.
const TRIED: usize = 8;

/// A protocol to look for.
#[derive(Clone, Debug)]
pub struct Known {
    /// It.
    pub protocol: Protocol,
    /// Whether it was asked for by name: then it is believed as soon as it fits.
    pub asked: bool,
}

/// A protocol and how it fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Index of the protocol in the list that was given.
    pub protocol: usize,
    /// How it fits, over all streams of the finding.
    pub fit: Fit,
    /// Whether the port is one of its own.
    pub port: bool,
}

/// What speaks on some streams of a port.
#[derive(Clone, Debug)]
pub struct Identified {
    /// Port of the server.
    pub port: u16,
    /// What speaks; none if it is unknown.
    pub best: Option<Match>,
    /// What fits next best.
    pub runner_up: Option<Match>,
    /// If unknown, a framing without a name of its own that fits: lines, length-prefixed blocks.
    pub framing: Option<Match>,
    /// Indices of the samples.
    pub samples: Vec<usize>,
    /// Sampled bytes.
    pub bytes: u64,
}

/// Tries all protocols on all samples. Findings come with those first that are proved best, those that
/// are unknown last, by bytes.
///
/// # Errors
///
/// Where a layout cannot be framed.
pub fn identify(samples: &[Sample], known: &[Known]) -> Result<Vec<Identified>, LayoutError> {
    let candidates = known
        .iter()
        .map(|known| Candidate::new(&known.protocol))
        .collect::<Result<Vec<_>, _>>()?;
    let mut ports = BTreeMap::<u16, Vec<usize>>::new();
    for (index, sample) in samples.iter().enumerate() {
        ports.entry(sample.port).or_default().push(index);
    }
    let mut findings = Vec::new();
    for (port, members) in ports {
        let group = Group::new(port, members, samples, known, &candidates);
        findings.extend(group.findings());
    }
    let strength = |finding: &Identified| finding.best.map_or(-1.0, |best| best.fit.score());
    findings.sort_by(|a, b| {
        strength(b)
            .total_cmp(&strength(a))
            .then(b.bytes.cmp(&a.bytes))
            .then(a.port.cmp(&b.port))
    });
    Ok(findings)
}

/// The streams of one port.
struct Group<'a> {
    port: u16,
    members: Vec<usize>,
    samples: &'a [Sample],
    known: &'a [Known],
    candidates: &'a [Candidate<'a>],
    /// By member, then by candidate; none where it was not tried.
    fits: Vec<Vec<Option<Fit>>>,
    /// By candidate, over all members.
    totals: Vec<Fit>,
}

impl<'a> Group<'a> {
    fn new(
        port: u16,
        members: Vec<usize>,
        samples: &'a [Sample],
        known: &'a [Known],
        candidates: &'a [Candidate<'a>],
    ) -> Self {
        let mut group = Self {
            port,
            samples,
            known,
            candidates,
            fits: Vec::with_capacity(members.len()),
            totals: vec![Fit::default(); candidates.len()],
            members,
        };
        let mut tried = BTreeMap::<Dir, usize>::new();
        for &member in &group.members {
            let Some(sample) = samples.get(member) else {
                continue;
            };
            let tried = tried.entry(sample.dir).or_default();
            *tried += 1;
            let all = *tried <= TRIED;
            let mut fits = Vec::with_capacity(candidates.len());
            for (candidate, total) in candidates.iter().zip(&mut group.totals) {
                let fit = (all || total.frames > 0).then(|| candidate.fit(sample));
                if let Some(fit) = fit.filter(|fit| fit.frames > 0) {
                    total.add(&fit);
                }
                fits.push(fit);
            }
            group.fits.push(fits);
        }
        group
    }

    fn own_port(&self, candidate: usize) -> bool {
        self.known
            .get(candidate)
            .is_some_and(|known| known.protocol.ports.contains(&self.port))
    }

    fn asked(&self, candidate: usize) -> bool {
        self.known.get(candidate).is_some_and(|known| known.asked)
    }

    /// How strongly a fit speaks for a candidate.
    fn rank(&self, candidate: usize, fit: &Fit) -> f64 {
        if fit.frames == 0 {
            return 0.0;
        }
        let prior = if self.own_port(candidate) { PORT } else { 0.0 };
        fit.score() + (prior + if self.asked(candidate) { PORT } else { 0.0 }) * fit.explained()
    }

    /// Whether a candidate may be named here at all.
    fn nameable(&self, candidate: usize) -> bool {
        let solid = self
            .candidates
            .get(candidate)
            .is_some_and(Candidate::is_solid);
        solid || self.own_port(candidate) || self.asked(candidate)
    }

    fn is_text(&self, candidate: usize) -> bool {
        self.candidates
            .get(candidate)
            .is_some_and(Candidate::is_bare)
    }

    /// Whether the group as a whole proves a candidate.
    fn proved(&self, candidate: usize) -> bool {
        let Some(total) = self.totals.get(candidate) else {
            return false;
        };
        if !self.nameable(candidate) || total.frames == 0 {
            return false;
        }
        if self.is_text(candidate) {
            return total.explained() >= TEXT_EXPLAINED && self.text_share() >= TEXT_EXPLAINED;
        }
        self.rank(candidate, total) >= PROOF
    }

    /// Share of bytes that are text. Half of random bytes are over 0x7F; only UTF-8 makes text of them.
    fn text_share(&self) -> f64 {
        let text = |byte: &u8| matches!(byte, 1..=3 | 9 | 10 | 13 | 0x1F..=0x7E | 0x80..);
        let (mut all, mut of_text) = (0, 0);
        for sample in self.members.iter().filter_map(|&at| self.samples.get(at)) {
            let chunks = sample.bytes.utf8_chunks();
            let valid = chunks.map(|chunk| chunk.valid().bytes().filter(|byte| text(byte)).count());
            of_text += valid.sum::<usize>();
            all += sample.bytes.len();
        }
        of_text as f64 / all.max(1) as f64
    }

    /// The candidate for one member: the best of those that the group proves.
    fn choose(&self, fits: &[Option<Fit>]) -> Option<usize> {
        let fair = |fit: &Fit| {
            fit.explained() >= EXPLAINED || fit.bits >= 4.0 * PROOF && fit.explained() >= 0.1
        };
        fits.iter()
            .enumerate()
            .filter_map(|(candidate, fit)| Some((candidate, fit.as_ref()?)))
            .filter(|(candidate, fit)| fit.frames > 0 && fair(fit) && self.proved(*candidate))
            .max_by(|a, b| self.weight(a.0, a.1).total_cmp(&self.weight(b.0, b.1)))
            .map(|(candidate, _)| candidate)
    }

    /// A member's own fit, and what its siblings say.
    fn weight(&self, candidate: usize, fit: &Fit) -> f64 {
        let total = self.totals.get(candidate).copied().unwrap_or_default();
        self.rank(candidate, fit) + self.rank(candidate, &total).min(4.0 * PROOF) / 8.0
    }

    fn findings(&self) -> Vec<Identified> {
        let mut chosen = BTreeMap::<Option<usize>, Vec<usize>>::new();
        for (at, fits) in self.fits.iter().enumerate() {
            chosen.entry(self.choose(fits)).or_default().push(at);
        }
        chosen
            .into_iter()
            .map(|(best, members)| self.finding(best, &members))
            .collect()
    }

    fn finding(&self, best: Option<usize>, members: &[usize]) -> Identified {
        let others = self.others(best, members);
        let samples: Vec<usize> = members
            .iter()
            .filter_map(|&at| self.members.get(at).copied())
            .collect();
        let bytes = samples
            .iter()
            .filter_map(|&at| self.samples.get(at))
            .map(|sample| sample.bytes.len() as u64)
            .sum();
        // Of two framings that fit, the one whose frames are what was sent at once: the other sees zeros as frames.
        let whole = |found: &&Match| found.fit.aligned as f64 / found.fit.frames.max(1) as f64;
        Identified {
            port: self.port,
            best: best.map(|candidate| self.sum(candidate, members)),
            framing: others
                .iter()
                .filter(|other| best.is_none() && self.is_framing(other))
                .max_by(|a, b| whole(a).total_cmp(&whole(b)))
                .copied(),
            runner_up: others
                .into_iter()
                .find(|other| self.nameable(other.protocol)),
            bytes,
            samples,
        }
    }

    /// How a candidate fits some members, together.
    fn sum(&self, candidate: usize, members: &[usize]) -> Match {
        let mut fit = Fit::default();
        for one in members
            .iter()
            .filter_map(|&at| (*self.fits.get(at)?.get(candidate)?).as_ref())
        {
            fit.add(one);
        }
        Match {
            protocol: candidate,
            fit,
            port: self.own_port(candidate),
        }
    }

    /// The candidates of which frames were found, the best first.
    fn others(&self, best: Option<usize>, members: &[usize]) -> Vec<Match> {
        let mut others: Vec<Match> = (0..self.candidates.len())
            .filter(|&candidate| Some(candidate) != best)
            .map(|candidate| self.sum(candidate, members))
            .filter(|other| other.fit.frames > 0)
            .collect();
        let rank = |other: &Match| self.rank(other.protocol, &other.fit);
        others.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
        others
    }

    /// Whether it is a stock framing, and fits.
    fn is_framing(&self, found: &Match) -> bool {
        let stock = self
            .known
            .get(found.protocol)
            .is_some_and(|known| known.protocol.ports.is_empty() && !known.asked);
        let solid = self
            .candidates
            .get(found.protocol)
            .is_some_and(Candidate::is_solid);
        let fits = if self.is_text(found.protocol) {
            self.text_share() >= TEXT_EXPLAINED
        } else {
            found.fit.aligned >= 4 && found.fit.bits >= PROOF
        };
        stock && !solid && fits && found.fit.explained() >= TEXT_EXPLAINED
    }
}
