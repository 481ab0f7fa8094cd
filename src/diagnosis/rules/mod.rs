//! The rules, by culprit.

mod capture;
mod device;
mod network;
mod server;
mod settings;

pub(super) use device::kind_in_words;

use super::{
    case::Case,
    draft::Draft,
    facts::{Facts, Together},
    finding::{Cause, Finding, Severity},
};
use crate::tcp::Evidence;

/// What one stream shows of a cause, and of how many it is a part.
struct Picked {
    seen: Evidence,
    of: u64,
}

/// The words of a finding.
struct Said {
    severity: Severity,
    /// What is counted, in the plural, where the count is a share.
    what: Option<&'static str>,
    text: String,
    next: String,
}

/// A cause that shows in single streams.
struct Rule {
    cause: Cause,
    /// What a stream shows of it; none if nothing.
    pick: fn(&Facts<'_>) -> Option<Picked>,
    /// What is said of all of it, which is never nothing.
    say: fn(&Draft, &Case<'_>) -> Said,
}

impl Picked {
    /// Evidence of which nothing is no evidence.
    fn some(seen: Evidence, of: u64) -> Option<Self> {
        (!seen.is_empty()).then_some(Self { seen, of })
    }
}

/// The findings of all rules.
pub(super) fn apply(case: &Case<'_>) -> Vec<Finding> {
    let together = Together::new(case);
    let rules = || {
        device::RULES
            .iter()
            .chain(server::RULES)
            .chain(network::RULES)
            .chain(capture::RULES)
    };
    let mut drafts: Vec<Draft> = rules().map(|_| Draft::default()).collect();
    for stream in case.stats.by_connection() {
        let facts = Facts::new(case, &together, stream);
        for (rule, draft) in rules().zip(&mut drafts) {
            if let Some(picked) = (rule.pick)(&facts) {
                draft.note(&facts, &picked.seen);
                draft.add(facts.stream, picked.seen, picked.of);
            }
        }
    }
    let said = rules().zip(drafts).filter_map(|(rule, mut draft)| {
        server::add_failed(rule.cause, case, &together, &mut draft);
        if draft.is_empty() {
            return None;
        }
        let Said {
            severity,
            what,
            text,
            next,
        } = (rule.say)(&draft, case);
        Some(draft.finish(rule.cause, severity, what, text, next))
    });
    let mut findings: Vec<_> = said.collect();
    findings.extend(capture::of_files(case));
    findings.extend(settings::finding(case));
    findings
}
