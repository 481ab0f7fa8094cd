//! Which protocol is this? Every known description tried on the beginning of every stream; and for streams that none
//! of them explains, what can be seen in the bytes, and a description made from it.
//!
//! ```text
//! Sampler ──▶ identify: fit, strength, verdict ──▶ findings
//! (observer)                                          └─ unknown ──▶ infer ──▶ draft description
//! ```
//!
//! Knows descriptions, the framer and the pipeline's values; reads nothing and prints nothing.

mod draft;
mod fit;
mod guess;
mod runs;
mod sample;
mod shape;
mod strength;
mod verdict;

pub use draft::{Draft, draft};
pub use fit::Fit;
pub use sample::{Sample, Sampler};
pub use verdict::{Finding, Known, Match, identify};

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
