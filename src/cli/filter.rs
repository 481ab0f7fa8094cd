//! `--kind`, `--type` and `--limit`, for the commands that list.

use clap::Args;
use deframe::{framing::FaultKind, protocol::Protocol, tcp::GapCause};

use super::exit::Failure;
use crate::report::filter::{CONFLICT, Filter};

/// What is listed of what is found.
#[derive(Clone, Debug, Args)]
pub struct FilterArgs {
    /// Only faults of this kind, or gaps with this cause; may be given several times.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kinds(), help_heading = "Selecting")]
    pub kind: Vec<String>,
    /// Only frames of this type, and faults that come closest to it; may be given several times.
    #[arg(
        long = "type",
        value_name = "NAME",
        value_delimiter = ',',
        help_heading = "Selecting"
    )]
    pub types: Vec<String>,
    /// Show at most N.
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}

fn kinds() -> clap::builder::PossibleValuesParser {
    names().collect::<Vec<_>>().into()
}

fn names() -> impl Iterator<Item = &'static str> {
    let faults = FaultKind::ALL.iter().map(|kind| kind.name());
    faults
        .chain(GapCause::ALL.iter().map(|cause| cause.name()))
        .chain([CONFLICT])
}

impl FilterArgs {
    /// The filter, for a protocol that has the types named.
    pub fn filter(&self, protocol: &Protocol) -> Result<Filter, Failure> {
        let index = |name: &String| {
            let found = protocol.frames.iter().position(|kind| kind.name == *name);
            found.ok_or_else(|| {
                let known: Vec<&str> = protocol.frames.iter().map(|kind| &*kind.name).collect();
                Failure(format!(
                    "--type {name}: {} has no such frame type; it has: {}",
                    protocol.name,
                    known.join(", ")
                ))
            })
        };
        Ok(Filter {
            kinds: names()
                .filter(|name| self.kind.iter().any(|kind| kind == name))
                .collect(),
            types: self.types.iter().map(index).collect::<Result<_, _>>()?,
            limit: self.limit.unwrap_or(u64::MAX),
        })
    }
}
