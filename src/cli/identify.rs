//! `deframe identify`.

use std::path::{Path, PathBuf};

use clap::Args;
use deframe::{
    identify::{self, Identified, Known, Sample, Sampler},
    protocol::{Protocol, library},
};

use super::{
    common::Common,
    exit::{Exit, Failure},
    files::{cannot_write, open},
    format::{self, Format},
    input::Input,
    plan::Plan,
    stderr::say,
};
use crate::report::{
    output::Output,
    records::Records,
    views::identify::{Drafted, Identification},
};

/// `identify`.
#[derive(Debug, Args)]
pub struct IdentifyArgs {
    #[command(flatten)]
    input: Input,
    /// Write the description drafted for the largest unknown stream (or, if none is, the first known one) to this file.
    #[arg(long, value_name = "FILE")]
    draft: Option<PathBuf>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format::one_of(&[Format::Table, Format::JSON, Format::NDJSON]))]
    format: Format,
}

/// So many unknown findings get a draft.
const DRAFTS: usize = 4;

pub fn run(args: &IdentifyArgs, common: &Common) -> Result<Exit, Failure> {
    let mut plan = Plan::new(&args.input, common)?;
    // All ports count here, not those of the one protocol that the pipeline frames by on the way.
    plan.options.selection.ports.clone_from(&args.input.port);
    let draft = match &args.draft {
        Some(path) => Some((
            path,
            open(Some(path), &args.input.captures, &args.input.protocol)?,
        )),
        None => None,
    };
    let mut sampler = Sampler::default();
    let Some(outcome) = plan.run(&mut sampler) else {
        return Ok(Exit::Failure);
    };
    let (samples, left_out) = sampler.finish();
    let known = known(&plan.protocol, &args.input);
    let findings =
        identify::identify(&samples, &known).map_err(|error| Failure(error.to_string()))?;
    let drafts = drafts(&samples, &findings, draft.is_some());
    let identified = Identification {
        samples,
        known,
        identified: findings,
        drafts,
        left_out,
    };
    let written = write(&identified, args.format);
    let exit = plan.close(&outcome, None, false);
    let notes = plan.notes(&outcome, None);
    if let Some(short) = notes.cut_short()
        && common.quiet < 1
    {
        say(&format!("frames may look other than they are: {short}"));
    }
    if let Some((path, out)) = draft {
        save(&identified.drafts, path, out)?;
    }
    written.map_err(|error| cannot_write(None, &error))?;
    Ok(exit)
}

/// The protocols of the library, and the one asked for, read as `--lengths` says.
fn known(asked: &Protocol, input: &Input) -> Vec<Known> {
    let mut known = identify::known();
    let of_library = library().any(|entry| entry.name == input.protocol);
    if let (true, Some(same)) = (
        of_library,
        known
            .iter_mut()
            .find(|known| known.protocol.name == asked.name),
    ) {
        same.protocol = asked.clone();
    } else {
        let asked = Known {
            protocol: asked.clone(),
            asked: true,
        };
        known.insert(0, asked);
    }
    known
}

/// Writes the first draft.
fn save(drafts: &[Drafted], path: &Path, mut out: Output) -> Result<(), Failure> {
    let draft = drafts.iter().find_map(|drafted| match drafted {
        Drafted::Draft(draft) => Some(draft),
        Drafted::Nothing | Drafted::NotTried => None,
    });
    let Some(draft) = draft else {
        return Err(Failure(format!(
            "{}: not written: no stream that is unknown shows a structure",
            path.display()
        )));
    };
    out.with(|out| out.write_all(draft.text.as_bytes()));
    out.finish()
        .map_err(|error| cannot_write(Some(path), &error))
}

/// Drafts for the largest unknown findings; if asked for, for the first that is known, where none is unknown. Of those
/// that a stock framing explains only if asked for: one byte of length explains nearly anything.
fn drafts(samples: &[Sample], findings: &[Identified], asked: bool) -> Vec<Drafted> {
    let draft = |finding| match identify::draft(samples, finding) {
        Some(draft) => Drafted::Draft(draft),
        None => Drafted::Nothing,
    };
    let mut left = DRAFTS;
    let mut drafts: Vec<Drafted> = Vec::with_capacity(findings.len());
    for finding in findings {
        let unknown = finding.best.is_none() && (asked || finding.framing.is_none());
        drafts.push(match unknown && left > 0 {
            true => draft(finding),
            false => Drafted::NotTried,
        });
        left -= usize::from(unknown && left > 0);
    }
    let none = |drafted: &Drafted| !matches!(drafted, Drafted::Draft(_));
    if asked && drafts.iter().all(none) {
        let known = |(finding, _): &(&Identified, &mut Drafted)| finding.best.is_some();
        if let Some((finding, drafted)) = findings.iter().zip(&mut drafts).find(known) {
            *drafted = draft(finding);
        }
    }
    drafts
}

fn write(identified: &Identification, format: Format) -> std::io::Result<()> {
    let shape = match format {
        Format::Table => {
            let mut out = Output::people();
            out.with(|out| out.write_all(identified.table().as_bytes()));
            return out.finish();
        }
        Format::Records(shape) => shape,
    };
    let mut records = Records::new(
        Output::stdout(),
        shape,
        ("deframe.identify/1", "identified"),
    );
    for record in identified.records() {
        records.write(&record);
    }
    records.finish()
}
