//! A finding in the making: evidence of many streams, added up.

use std::collections::BTreeMap;

use crate::{
    analysis::FaultGroup,
    capture::Time,
    diagnosis::{
        facts::{Facts, Restart},
        finding::{Cause, Finding, FindingStream, MAX_STREAMS, Severity, Share},
        rules::kind_in_words,
    },
    tcp::Evidence,
};

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// All of it.
    pub seen: Evidence,
    /// What it is a part of.
    pub of: u64,
    /// Streams, with what each shows.
    streams: Vec<(u64, FindingStream)>,
    more: u64,
    details: Details,
}

/// What sentences say beside numbers.
#[derive(Clone, Debug, Default)]
struct Details {
    /// Garbled frames by what is wrong.
    kinds: BTreeMap<&'static str, u64>,
    wrong_length: Length,
    unknown_length: Length,
    restart: Option<Restart>,
    /// Segments sent again, holes filled late, holes never filled.
    loss: [u64; 3],
    stalled_over_interval: bool,
    routed: bool,
}

/// Faults of one length, or of several.
#[derive(Clone, Debug, Default)]
struct Length {
    first: Option<FaultGroup>,
    various: bool,
}

impl Length {
    fn add(&mut self, group: &FaultGroup) {
        let like = |first: &FaultGroup| {
            (first.nearest, first.length) == (group.nearest, group.length) && group.length > 0
        };
        self.various |= self.first.as_ref().is_some_and(|first| !like(first)) || group.length == 0;
        self.first.get_or_insert(*group);
    }

    fn get(&self) -> Option<&FaultGroup> {
        self.first.as_ref().filter(|_| !self.various)
    }
}

impl Draft {
    /// What one stream shows.
    pub fn add(&mut self, stream: FindingStream, seen: Evidence, of: u64) {
        if seen.is_empty() {
            return;
        }
        self.seen += seen;
        self.of += of;
        self.streams.push((seen.count, stream));
        if self.streams.len() > 4 * MAX_STREAMS {
            self.shorten();
        }
    }

    /// Takes what sentences say of a stream that shows `seen`.
    pub fn note(&mut self, facts: &Facts<'_>, seen: &Evidence) {
        let (evidence, tcp) = (&facts.numbers.evidence, &facts.numbers.summary.evidence);
        let details = &mut self.details;
        for group in &evidence.groups {
            if facts.is_unknown_type(group) {
                details.unknown_length.add(group);
            } else if facts.is_wrong_length(group) {
                details.wrong_length.add(group);
            } else {
                *details.kinds.entry(kind_in_words(group.kind)).or_default() += group.seen.count;
            }
        }
        if details.restart.is_none() {
            details.restart = facts.all.restarts.get(&facts.stream.connection).copied();
        }
        let counts = [&tcp.sent_again, &tcp.filled_late, &evidence.gaps[1]];
        for (sum, n) in details.loss.iter_mut().zip(counts) {
            *sum += n.count;
        }
        details.stalled_over_interval |= seen.longest_ns > facts.mean_interval_ns();
        details.routed |= tcp.routed_duplicates > 0;
    }

    /// What is wrong with garbled frames: `3 wrong header`, the most frequent first.
    pub fn kinds(&self) -> Vec<String> {
        let mut kinds: Vec<_> = self.details.kinds.iter().collect();
        kinds.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
        kinds
            .iter()
            .map(|(kind, n)| format!("{n} {kind}"))
            .collect()
    }

    /// The one wrong length of all frames, if there is one only.
    pub fn wrong_length(&self) -> Option<&FaultGroup> {
        self.details.wrong_length.get()
    }

    /// The one length of all frames of an unknown type, if there is one only.
    pub fn unknown_length(&self) -> Option<&FaultGroup> {
        self.details.unknown_length.get()
    }

    /// The first restart.
    pub fn restart(&self) -> Option<Restart> {
        self.details.restart
    }

    /// Segments sent again, holes filled late, holes never filled.
    pub fn loss(&self) -> (u64, u64, u64) {
        let [sent_again, filled, unrepaired] = self.details.loss;
        (sent_again, filled, unrepaired)
    }

    /// Whether a stream stood still for longer than the mean time between its segments.
    pub fn stalled_over_interval(&self) -> bool {
        self.details.stalled_over_interval
    }

    /// Whether copies have another TTL than their originals.
    pub fn routed(&self) -> bool {
        self.details.routed
    }

    /// The connection, if all is of one stream.
    pub fn only_connection(&self) -> Option<u64> {
        match &self.streams[..] {
            [(_, stream)] if self.more == 0 => Some(stream.connection),
            _ => None,
        }
    }

    /// Who sends on the first stream.
    pub fn first_sender(&self) -> String {
        let first = self.streams.first();
        first.map_or(String::new(), |(_, stream)| stream.src.to_string())
    }

    /// Adds streams that are only listed, `seen` of them in all.
    pub fn add_listed(
        &mut self,
        streams: impl Iterator<Item = FindingStream>,
        seen: Evidence,
        of: u64,
    ) {
        if seen.is_empty() {
            return;
        }
        let before = self.streams.len();
        self.streams.extend(streams.map(|stream| (1, stream)));
        let listed = (self.streams.len() - before) as u64;
        self.more += seen.count.saturating_sub(listed);
        self.seen += seen;
        self.of = self.of.max(of);
    }

    /// What cannot be said of one stream.
    pub fn add_unplaced(&mut self, seen: Evidence, streams: u64) {
        self.seen += seen;
        self.more += streams;
    }

    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    fn shorten(&mut self) {
        // Stable: of streams alike, those of lower connections.
        self.streams.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
        let over = self.streams.len().saturating_sub(MAX_STREAMS);
        self.streams.truncate(MAX_STREAMS);
        self.more += over as u64;
    }

    /// How many streams.
    pub fn stream_count(&self) -> u64 {
        self.streams.len() as u64 + self.more
    }

    /// Who sends on its streams: `10.1.0.12:40001`, `10.1.0.12:40001 and 3 other streams`.
    pub fn senders(&self) -> String {
        self.named(|stream| stream.src.to_string())
    }

    /// The same of who receives.
    pub fn receivers(&self) -> String {
        let mut all: Vec<_> = self.streams.iter().map(|(_, stream)| stream.dst).collect();
        all.dedup();
        match all[..] {
            [one] if self.more == 0 => one.to_string(),
            _ => self.named(|stream| stream.dst.to_string()),
        }
    }

    fn named(&self, name: impl Fn(&FindingStream) -> String) -> String {
        let most = self
            .streams
            .iter()
            .max_by_key(|(n, stream)| (*n, std::cmp::Reverse(stream.connection)));
        let Some((_, most)) = most else {
            return "somebody".to_owned();
        };
        match self.stream_count() - 1 {
            0 => name(most),
            1 => format!("{} and 1 more stream", name(most)),
            n => format!("{} and {n} more streams", name(most)),
        }
    }

    /// The finding.
    pub fn finish(
        mut self,
        cause: Cause,
        severity: Severity,
        what: Option<&'static str>,
        text: String,
        next: String,
    ) -> Finding {
        self.shorten();
        let seen = self.seen;
        let packet = |n: u64| (n > 0).then_some(n);
        Finding {
            cause,
            severity,
            count: seen.count,
            share: what.map(|what| Share {
                of: self.of.max(seen.count),
                what,
            }),
            streams: self.streams.into_iter().map(|(_, stream)| stream).collect(),
            more_streams: self.more,
            first_packet: packet(seen.first_packet),
            last_packet: packet(seen.last_packet),
            time: seen.time,
            text,
            next,
        }
    }
}

/// Evidence of one thing in these packets.
pub(super) fn evidence(count: u64, first: u64, last: u64, time: Option<Time>) -> Evidence {
    Evidence {
        count,
        first_packet: if count == 0 { 0 } else { first },
        last_packet: last,
        time,
        longest_ns: 0,
        total_ns: 0,
    }
}
