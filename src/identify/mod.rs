//! Which protocol is this? Every known description tried on the beginning of every stream; and for streams that none
//! of them explains, what can be seen in the bytes, and a description made from it.
//!
//! ```text
//! Sampler ──▶ identify: fit, strength, verdict ──▶ findings
//! (observer)                                          └─ unknown ──▶ infer ──▶ draft description
//! ```
//!
//! Knows descriptions, the framer and the pipeline's values; reads nothing and prints nothing.

mod chain;
mod draft;
mod fit;
mod guess;
mod runs;
mod sample;
mod shape;
mod signature;
mod strength;
mod verdict;

pub use draft::{Draft, draft};
pub use fit::Fit;
pub use sample::{Sample, Sampler};
pub use signature::signature;
pub use verdict::{Identified, Known, Match, identify};

use crate::protocol::{Protocol, library};

/// All protocols of the library.
pub fn known() -> Vec<Known> {
    let parse = |entry: crate::protocol::Entry| Protocol::parse(entry.text, entry.name).ok();
    library()
        .filter_map(parse)
        .map(|protocol| Known {
            protocol,
            asked: false,
        })
        .collect()
}

/// What the streams of a capture speak, in a line or two, for whoever looked for another protocol and found nothing.
pub fn summary(samples: &[Sample]) -> Vec<String> {
    let known = known();
    let findings = identify(samples, &known).unwrap_or_default();
    let line = |finding: &Identified| {
        let streams = match finding.samples.len() {
            1 => "1 stream".to_owned(),
            n => format!("{n} streams"),
        };
        let name = |found: &Match| {
            known
                .get(found.protocol)
                .map(|known| known.protocol.name.as_str())
        };
        let port = finding.port;
        match (
            finding.best.as_ref().and_then(name),
            finding.framing.as_ref().and_then(name),
        ) {
            (Some(name), _) => {
                format!("port {port}: {streams} of {name}; try --protocol {name} --port {port}")
            }
            (None, Some(name)) => {
                format!(
                    "port {port}: {streams} framed like {name}, of no known protocol; `deframe identify --draft FILE` drafts a description"
                )
            }
            (None, None) => format!(
                "port {port}: {streams} of no known protocol; `deframe identify` may draft a description"
            ),
        }
    };
    findings.iter().take(SUMMARY).map(line).collect()
}

/// Lines of a summary.
const SUMMARY: usize = 2;
