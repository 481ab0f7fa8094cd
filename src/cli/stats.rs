//! `deframe stats`.

use std::rc::Rc;

use clap::Args;
use deframe::{
    analysis::{FieldStats, Fields, Stats, Watched},
    diagnosis::{self, Case},
    protocol::Protocol,
};

use super::{
    asked::{self, Elsewhere},
    common::Common,
    exit::{Exit, Failure},
    fail_on::{self, FailOn},
    files::cannot_write,
    format::{self, Format},
    input::Input,
    pager,
    plan::Plan,
};
use crate::report::{
    output::Output,
    records,
    views::stats::{Document, FieldRow, Report},
};

/// `stats`.
#[derive(Debug, Args)]
pub struct StatsArgs {
    #[command(flatten)]
    pub input: Input,
    /// Show every stream, not only the busiest and the faulty ones.
    #[arg(long)]
    pub all: bool,
    /// Summarise this field of the protocol over time: lowest, middle, highest, changes, gaps of a counter; may be given
    /// several times.
    #[arg(long, value_name = "NAME")]
    pub field: Vec<String>,
    /// Show the findings alone.
    #[arg(long)]
    pub brief: bool,
    /// Findings that make the exit status 1, of any severity: a culprit (network) or one cause (network.loss); `never` for
    /// none [default: every finding of severity fault, and no frame found].
    #[arg(long, value_name = "CULPRIT[.CAUSE]", value_delimiter = ',', value_parser = fail_on::parse)]
    pub fail_on: Vec<FailOn>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format::one_of(&[Format::Table, Format::JSON]))]
    pub format: Format,
}

pub fn run(args: &StatsArgs, common: &Common) -> Result<Exit, Failure> {
    let mut plan = Plan::new(&args.input, common)?;
    let (protocol, names) = (Rc::clone(&plan.protocol), Rc::clone(&plan.names));
    let (watched, mut rows) = watched(&protocol, &args.field)?;
    let counted = if watched.is_empty() {
        plan.run_shared(|| Stats::new(&protocol.layout))
    } else {
        let mut both = Fields::new(Stats::new(&protocol.layout), watched);
        let outcome = plan.run(&mut both);
        for (row, found) in rows.iter_mut().zip(both.stats) {
            row.stats = found;
        }
        outcome.map(|outcome| (outcome, both.inner))
    };
    let Some((outcome, stats)) = counted else {
        return Ok(Exit::Failure);
    };
    let frames = stats.total.frame_count();
    let notes = plan.notes(&outcome, Some(frames));
    let elsewhere = match frames {
        0 if outcome.payload_bytes > 0 && notes.may_be_another() => {
            asked::elsewhere(&args.input, common)?
        }
        _ => Elsewhere::default(),
    };
    let findings = diagnosis::diagnose(&Case {
        stats: &stats,
        outcome: &outcome,
        captures: plan.captures.table(),
        protocol: &protocol,
        asked: &asked::asked(&args.input, &plan, &elsewhere),
    });
    let report = Report {
        captures: plan.captures.table(),
        outcome: &outcome,
        stats: &stats,
        protocol: &protocol,
        nothing: (frames == 0).then(|| notes.why_nothing()),
        identified: &elsewhere.lines,
        findings: &findings,
        fields: &rows,
        all: args.all,
    };
    let written = match args.format {
        Format::Table => pager::show(|out| match args.brief {
            true => report.findings(out),
            false => report.write(out),
        }),
        Format::Records(_) => {
            let mut out = Output::stdout();
            let document = Document::new(&report, &names);
            out.with(|out| {
                records::write(&mut *out, &document)?;
                out.write_all(b"\n")
            });
            out.finish()
        }
    };
    // That there is no frame is a finding, and is not said a second time.
    let found = fail_on::fails(&args.fail_on, &findings, frames);
    let exit = plan.close(&outcome, None, found);
    written.map_err(|error| cannot_write(None, &error))?;
    Ok(exit)
}

/// The fields of these names, of every frame type that has one, and how to read them.
fn watched<'a>(
    protocol: &'a Protocol,
    names: &[String],
) -> Result<(Vec<Watched<'a>>, Vec<FieldRow>), Failure> {
    let (mut watched, mut rows) = (Vec::new(), Vec::new());
    for name in names {
        let before = rows.len();
        for (at, kind) in protocol.frames.iter().enumerate() {
            for field in kind.fields.iter().filter(|field| field.name == *name) {
                watched.push(Watched {
                    kind: at,
                    read: Box::new(|frame| field.read(frame)?.as_number()),
                    wraps_at: field.wraps_at(),
                });
                rows.push(FieldRow {
                    name: name.clone(),
                    kind: kind.name.clone(),
                    unit: field.unit.clone(),
                    stats: FieldStats::default(),
                });
            }
        }
        if rows.len() == before {
            let mut known: Vec<_> = (protocol.frames.iter())
                .flat_map(|kind| kind.fields.iter().map(|field| field.name.as_str()))
                .collect();
            known.dedup();
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            let protocol = &protocol.name;
            return Err(Failure(format!(
                "--field {name}: {protocol} has no such field; it has: {known}"
            )));
        }
    }
    Ok((watched, rows))
}
