//! Flags of records: what is unusual about a frame, fault, gap or stream, by name.

use deframe::{pipeline::Provenance, tcp::StreamSummary};
use serde::Serialize;

/// What is odd about a record, by name.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Flags(Vec<&'static str>);

impl Flags {
    pub fn of(place: &Provenance<'_>) -> Self {
        Self::default()
            .with("conflict", place.conflict)
            .with("urgent", place.urgent)
            .with("after_fin", place.after_fin)
    }

    pub fn of_stream(summary: &StreamSummary) -> Self {
        let outside = summary.counts.outside;
        Self::default()
            .with("midstream", !summary.syn)
            .with("conflict", summary.counts.conflict_bytes > 0)
            .with("duplicates", summary.counts.duplicated_segments > 0)
            .with("keepalive", summary.counts.keepalives > 0)
            .with("urgent", summary.urgent)
            .with("after_fin", summary.after_fin)
            .with("rst_payload", outside.rst_payload > 0)
            .with("before_start", outside.before_start > 0)
            .with("refused", outside.refused > 0)
            .with("evicted", summary.evicted)
    }

    pub fn with(mut self, name: &'static str, set: bool) -> Self {
        if set {
            self.0.push(name);
        }
        self
    }

    pub fn names(&self) -> &[&'static str] {
        &self.0
    }
}
