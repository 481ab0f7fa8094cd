//! Who is to blame: pure rules from counted evidence to findings.
//!
//! Knows the numbers of `analysis` and what was read beside them; reads nothing, prints nothing, and draws its findings
//! from nothing else. Every rule is two functions: one picks its evidence from a stream, one makes the sentence. What they
//! compare with stands in `threshold`. Rules for all of them: nobody is blamed for what another did; what the capture
//! cannot show is said to be so; the receiver's view counts; several causes give several findings.

mod case;
mod draft;
mod facts;
mod finding;
mod rules;
#[cfg(test)]
mod tests;
mod threshold;
mod words;

pub use case::{Asked, Case};
pub use finding::{Cause, Culprit, Finding, FindingStream, MAX_STREAMS, Severity, Share};

/// The findings, most important first.
pub fn diagnose(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = rules::apply(case);
    findings.sort_by_key(|finding| {
        let Finding {
            severity, cause, ..
        } = finding;
        (std::cmp::Reverse(*severity), *cause)
    });
    findings
}
