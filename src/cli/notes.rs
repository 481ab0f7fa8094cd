//! What is said on stderr about the captures when all is read: what failed, what was cut, why nothing was found.

use deframe::{
    capture::CaptureInfo,
    decode::Group,
    pipeline::{Moment, Outcome, Selection},
};

use crate::report::text::{Escaped, Grouped, Rfc3339, count, size};

/// With more than one in this number of TCP packets cut short, that may be why no frame was found.
const ENOUGH: u64 = 20;

/// Captures named in one note.
const MAX_NAMES: usize = 4;

/// What the notes are about.
pub struct Notes<'a> {
    /// The captures read.
    pub captures: &'a [CaptureInfo],
    /// Name of the protocol.
    pub protocol: &'a str,
    /// What was asked for.
    pub selection: &'a Selection,
    /// Whether the ports come from the protocol and not from the user.
    pub default_ports: bool,
    /// What came of reading.
    pub outcome: &'a Outcome,
    /// Frames found, if it was frames that were looked for.
    pub frames: Option<u64>,
}

impl Notes<'_> {
    /// Captures that could not be read, or not to their end.
    pub fn errors(&self) -> Vec<String> {
        self.captures
            .iter()
            .filter_map(|capture| capture.problem.as_ref())
            .map(ToString::to_string)
            .collect()
    }

    /// Everything else.
    pub fn warnings(&self, verbose: bool) -> Vec<String> {
        let mut said = Vec::new();
        said.extend(self.order());
        for capture in self.captures {
            let name = Escaped(&capture.name);
            if let Some(cut) = &capture.truncated {
                said.push(format!(
                    "{name}: ends in the middle of packet {} (byte {}); everything before it was used",
                    cut.packet, cut.offset
                ));
            }
            said.extend(
                capture
                    .notices
                    .iter()
                    .map(|notice| format!("{name}: {notice}")),
            );
            if capture.backwards > 0 && verbose {
                let packets = count(capture.backwards, "packet");
                said.push(format!(
                    "{name}: {packets} earlier than the one before; the order of the file was kept"
                ));
            }
            if capture.bad_fractions > 0 {
                let packets = count(capture.bad_fractions, "packet");
                said.push(format!("{name}: {packets} with a fraction of a second over one second; it was carried over"));
            }
        }
        if self.frames == Some(0) && !self.outcome.stopped {
            said.push(format!("NO FRAMES FOUND: {}", self.why_nothing()));
        }
        if verbose && let Some(skipped) = self.undecoded() {
            said.push(skipped);
        }
        said
    }

    /// That captures were not read one behind the other as given.
    fn order(&self) -> Option<String> {
        let table = self.captures;
        if table.iter().any(|capture| capture.merged) {
            let merged = table.iter().filter(|capture| capture.merged).count();
            return Some(format!(
                "{} overlap in time and were merged as mergecap does; packet numbers are those of the merged capture \
                 (--in-order-given reads them one behind the other)",
                count(merged as u64, "capture")
            ));
        }
        if table.is_sorted_by_key(|capture| capture.given) {
            return None;
        }
        let names: Vec<_> = table
            .iter()
            .take(MAX_NAMES)
            .map(|capture| Escaped(&capture.name).to_string())
            .collect();
        let more = match table.len() {
            n if n > MAX_NAMES => format!(" and {} more", n - MAX_NAMES),
            _ => String::new(),
        };
        Some(format!(
            "captures were read in the order of their first packets: {}{more} (--in-order-given keeps yours)",
            names.join(", ")
        ))
    }

    /// Why there may be no frame: the first reason that holds.
    pub fn why_nothing(&self) -> String {
        let decode = &self.outcome.decode;
        let name = self.protocol;
        if decode.packets == 0 {
            "the captures hold no packets".to_owned()
        } else if decode.segments == 0 {
            format!(
                "no TCP in {}{}",
                count(decode.packets, "packet"),
                self.mostly()
            )
        } else if self.outcome.unselected.packets == decode.segments {
            let from = if self.default_ports {
                "the protocol's own ports; --port selects others"
            } else {
                "--port, --host, --connection"
            };
            format!(
                "nothing was selected of {} ({from})",
                count(decode.segments, "TCP packet")
            )
        } else if let Some(span) = self.outside() {
            format!("nothing was captured between --from and --to: the captures go {span}")
        } else if let Some(short) = self.cut_short() {
            let data = size(self.outcome.payload_bytes);
            format!("no {name} frame in {data} of TCP data: {short}")
        } else if self.outcome.payload_bytes == 0 {
            "the TCP packets carry no data".to_owned()
        } else {
            let selection = self.selection;
            let timed = match selection.from.is_some() || selection.to.is_some() {
                true => " or time",
                false => "",
            };
            format!(
                "no {name} frame in {} of TCP data: another protocol or --lengths, TLS, or another port{timed}",
                size(self.outcome.payload_bytes)
            )
        }
    }

    /// Whether another protocol may be why there is no frame.
    pub fn may_be_another(&self) -> bool {
        self.outside().is_none() && self.cut_short().is_none()
    }

    /// From when to when the captures go, if that is all before or behind the times asked for.
    fn outside(&self) -> Option<String> {
        let table = || self.captures.iter();
        let first = table().filter_map(|capture| capture.first_time).min()?;
        let last = table().filter_map(|capture| capture.last_time).max()?;
        let asked = self.selection.clone().from_start(first);
        let late = matches!(asked.from, Some(Moment::At(from)) if from > last);
        let early = matches!(asked.to, Some(Moment::At(to)) if to <= first);
        (late || early).then(|| format!("from {} to {}", Rfc3339(first), Rfc3339(last)))
    }

    /// What the snap length left out, if that is enough to hide every frame: a few short packets do not.
    pub fn cut_short(&self) -> Option<String> {
        let decode = &self.outcome.decode;
        let short = decode.checksums.tcp_unchecked.packets;
        let table = self.captures.iter();
        let missing: u64 = table
            .map(|capture| capture.wire_bytes.saturating_sub(capture.captured_bytes))
            .sum();
        (short > decode.segments / ENOUGH).then(|| {
            format!(
                "{} of {} were captured short (snap length), {} bytes are missing; capture whole packets (tcpdump -s 0)",
                Grouped(short),
                count(decode.segments, "TCP packet"),
                Grouped(missing),
            )
        })
    }

    /// What most packets were instead.
    fn mostly(&self) -> String {
        let most = self
            .outcome
            .decode
            .reasons()
            .max_by_key(|(_, count)| count.packets);
        most.map_or(String::new(), |(reason, count)| {
            format!(
                "; most were: {} (packet {})",
                self.outcome.decode.describe(reason),
                count.first
            )
        })
    }

    /// Packets that should have been decoded and could not be.
    fn undecoded(&self) -> Option<String> {
        let bad: Vec<String> = self
            .outcome
            .decode
            .reasons()
            .filter(|(reason, _)| reason.group() == Group::Undecodable)
            .map(|(reason, count)| {
                format!(
                    "{} {} (first: packet {})",
                    count.packets,
                    self.outcome.decode.describe(reason),
                    count.first
                )
            })
            .collect();
        (!bad.is_empty()).then(|| format!("not decoded: {}", bad.join(", ")))
    }
}
