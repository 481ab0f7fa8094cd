//! A description for streams that no known one explains.

use super::{sample::Sample, verdict::Finding};

/// A drafted description, and what it was made from.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What was seen, line by line.
    pub evidence: Vec<String>,
    /// The description, as TOML.
    pub text: String,
}

/// Drafts one.
pub fn draft(_samples: &[Sample], _finding: &Finding) -> Option<Draft> {
    None
}
