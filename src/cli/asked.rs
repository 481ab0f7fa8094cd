//! What was asked for, as `diagnosis` needs it: the command line to paste again, and, where nothing was found, what
//! another reading of the same captures finds.

use std::{fs, path::PathBuf};

use deframe::{
    diagnosis::Asked,
    identify::{self, Identified, Sample, Sampler},
    pipeline::{FrameRecord, FrameRun, Merge, Observer, StreamRef},
    protocol::Protocol,
};

use super::{
    common::Common,
    exit::Failure,
    input::{Input, Lengths},
    plan::{self, Plan},
};

/// What the streams carry where no frame was found.
#[derive(Default)]
pub struct Elsewhere {
    /// In a line each.
    pub lines: Vec<String>,
    /// Name of the protocol, and the options that select it.
    pub protocol: Option<(String, Option<String>)>,
    /// Frames found if the lengths of the description are those of whole frames.
    pub frames_by_whole_lengths: u64,
}

/// For `input`, with what was found elsewhere.
pub fn asked(input: &Input, plan: &Plan, elsewhere: &Elsewhere) -> Asked {
    Asked {
        arguments: arguments(input),
        default_ports: plan.default_ports,
        timed: input.from.is_some() || input.to.is_some(),
        other_protocol: elsewhere.protocol.clone(),
        frames_by_whole_lengths: elsewhere.frames_by_whole_lengths,
    }
}

/// Reads the captures again, which only files allow, for another protocol or other lengths.
pub fn elsewhere(input: &Input, common: &Common) -> Result<Elsewhere, Failure> {
    let is_file = |path: &PathBuf| fs::metadata(path).is_ok_and(|meta| meta.is_file());
    if !input.captures.iter().all(is_file) {
        return Ok(Elsewhere {
            lines: vec!["a pipe is read only once: save it and run `deframe identify`".to_owned()],
            ..Elsewhere::default()
        });
    }
    let frames_by_whole_lengths = frames_by_whole_lengths(input, common)?;
    let mut input = input.clone();
    // The protocol looked for says nothing about where another one is.
    input.protocol = "fd".to_owned();
    let mut sampler = Sampler::default();
    Plan::new(&input, common)?.run(&mut sampler);
    let samples = sampler.finish().0;
    Ok(Elsewhere {
        lines: identify::summary(&samples),
        protocol: protocol(&samples),
        frames_by_whole_lengths,
    })
}

fn protocol(samples: &[Sample]) -> Option<(String, Option<String>)> {
    if let Some(name) = identify::signature(samples) {
        return Some((name.to_owned(), None));
    }
    let known = identify::known();
    let found = identify::identify(samples, &known).unwrap_or_default();
    let name = |found: &Identified| {
        let best = known.get(found.best.as_ref()?.protocol)?;
        let options = format!("--protocol {} --port {}", best.protocol.name, found.port);
        Some((best.protocol.name.clone(), Some(options)))
    };
    found.iter().find_map(name)
}

/// How many frames there are if lengths are those of whole frames; 0 where the description cannot be read so.
fn frames_by_whole_lengths(input: &Input, common: &Common) -> Result<u64, Failure> {
    let protocol: Protocol = plan::named_protocol("--protocol", &input.protocol)?;
    if input.lengths == Lengths::Frame || protocol.with_lengths_as_frame().is_err() {
        return Ok(0);
    }
    let mut input = input.clone();
    input.lengths = Lengths::Frame;
    let mut plan = Plan::new(&input, common)?;
    let counted = plan.run_shared(FrameCount::default);
    Ok(counted.map_or(0, |(_, frames)| frames.0))
}

/// Counts frames and nothing else, in constant memory.
#[derive(Default)]
struct FrameCount(u64);

impl Observer for FrameCount {
    fn frame(&mut self, _origin: StreamRef<'_>, _frame: &FrameRecord<'_>) {
        self.0 += 1;
    }

    fn frames(&mut self, _origin: StreamRef<'_>, run: &FrameRun<'_>) {
        self.0 += run.frames.len() as u64;
    }
}

impl Merge for FrameCount {
    fn renumber(&mut self, _number: &dyn Fn(u64) -> u64) {}

    fn merge(&mut self, other: Self) {
        self.0 += other.0;
    }
}

/// The options that say what is read, and the captures, as a shell takes them.
fn arguments(input: &Input) -> String {
    let mut words = Vec::new();
    let mut option = |name: &str, value: &str| {
        words.push(name.to_owned());
        words.push(quoted(value));
    };
    if input.protocol != "fd" {
        option("--protocol", &input.protocol);
    }
    if input.lengths == Lengths::Frame {
        option("--lengths", "frame");
    }
    input
        .port
        .iter()
        .for_each(|port| option("--port", &port.to_string()));
    input.host.iter().for_each(|host| option("--host", host));
    if let Some(from) = &input.from {
        option("--from", from);
    }
    if let Some(to) = &input.to {
        option("--to", to);
    }
    words.extend(
        input
            .captures
            .iter()
            .map(|path| quoted(&path.display().to_string())),
    );
    words.join(" ")
}

/// A word for a POSIX shell, in quotes where it needs them.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:+@%,=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_survive_a_shell() {
        for (word, want) in [
            ("field.pcap", "field.pcap"),
            ("my capture.pcap", "'my capture.pcap'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("$(rm)", "'$(rm)'"),
        ] {
            assert_eq!(quoted(word), want);
        }
    }
}
