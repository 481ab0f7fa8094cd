//! `deframe export`.

use std::{io, path::PathBuf, rc::Rc};

use clap::{Args, ValueEnum};

use super::{
    common::Common,
    exit::{Exit, Failure},
    files::{cannot_write, open},
    filter::FilterArgs,
    format,
    input::Input,
    plan::Plan,
    streams::write_records,
};
use crate::report::{
    output::Output,
    records::{
        Layout, Shape, Writer, error_columns, frame_columns, stream_columns, tables::StreamTexts,
        unknown, values::Encoding,
    },
    views::{errors::Errors, export::Export, streams::Streams},
};

/// `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub input: Input,
    /// What is exported.
    #[arg(long, value_name = "WHAT", default_value = "frames")]
    pub what: What,
    /// Output file; it appears when it is complete.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "ndjson", value_parser = format::records())]
    pub format: Shape,
    /// Only these columns, in this order; a field of the protocol is `field.NAME`. docs/COLUMNS.md lists them.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// How payloads are written.
    #[arg(long, value_name = "HOW", default_value = "hex")]
    pub payload: PayloadFormat,
    /// In CSV, mark text that begins with =, +, - or @ by an apostrophe: a spreadsheet would take it for a formula.
    #[arg(long)]
    pub csv_safe: bool,
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Valid frames.
    Frames,
    /// Faults.
    Faults,
    /// Gaps.
    Gaps,
    /// Streams.
    Streams,
}

/// How payloads are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PayloadFormat {
    /// Lower-case hex.
    Hex,
    /// Base64.
    Base64,
    /// Not at all.
    None,
}

pub fn run(args: &ExportArgs, common: &Common) -> Result<Exit, Failure> {
    let plan = Plan::new(&args.input, common)?;
    let known = match args.what {
        What::Frames => frame_columns(&plan.protocol),
        What::Faults | What::Gaps => error_columns(),
        What::Streams => stream_columns(),
    };
    if let Some(name) = unknown(&args.columns, &known) {
        let known = known.join(", ");
        return Err(Failure(format!(
            "--columns {name}: there is no such column; there are: {known}"
        )));
    }
    let columns = match (&args.columns[..], args.format) {
        ([], Shape::Csv) => Some(known),
        ([], _) => None,
        (columns, _) => Some(columns.to_vec()),
    };
    let out = open(
        args.output.as_deref(),
        &args.input.captures,
        &args.input.protocol,
    )?;
    match args.what {
        What::Frames => frames(args, plan, out, columns.as_deref()),
        What::Faults | What::Gaps => errors(args, plan, out, columns.as_deref()),
        What::Streams => streams(args, plan, out, columns.as_deref()),
    }
}

fn frames(
    args: &ExportArgs,
    mut plan: Plan,
    out: Output,
    columns: Option<&[String]>,
) -> Result<Exit, Failure> {
    let document = ("deframe.frames/1", "frames");
    let mut export = Export {
        writer: Writer::new(out, args.format, document, columns.unwrap_or_default())
            .csv_safe(args.csv_safe),
        layout: columns.map_or_else(Layout::all, Layout::new),
        protocol: Rc::clone(&plan.protocol),
        names: Rc::clone(&plan.names),
        payload: match args.payload {
            PayloadFormat::Hex => Encoding::Hex,
            PayloadFormat::Base64 => Encoding::Base64,
            PayloadFormat::None => Encoding::Omit,
        },
        filter: args.filter.filter(&plan.protocol)?,
        texts: StreamTexts::default(),
        frames: 0,
        written: 0,
    };
    let Some(outcome) = plan.run(&mut export) else {
        return Ok(Exit::Failure);
    };
    let frames = Some(export.frames);
    let written = export.finish();
    let exit = plan.close(&outcome, frames, false);
    end(args, written, exit)
}

fn errors(
    args: &ExportArgs,
    mut plan: Plan,
    out: Output,
    columns: Option<&[String]>,
) -> Result<Exit, Failure> {
    let document = ("deframe.errors/1", "errors");
    let faults = args.what == What::Faults;
    let mut errors = Errors {
        writer: Writer::new(out, args.format, document, columns.unwrap_or_default())
            .csv_safe(args.csv_safe),
        fault_layout: faults.then(|| columns.map_or_else(Layout::all, Layout::new)),
        conflict_layout: None,
        gap_layout: (!faults).then(|| columns.map_or_else(Layout::all, Layout::new)),
        protocol: Rc::clone(&plan.protocol),
        names: Rc::clone(&plan.names),
        filter: args.filter.filter(&plan.protocol)?,
        texts: StreamTexts::default(),
        frames: 0,
        faults: 0,
        selected: 0,
    };
    let Some(outcome) = plan.run(&mut errors) else {
        return Ok(Exit::Failure);
    };
    let found = errors.frames.max(errors.faults);
    let written = errors.finish();
    let exit = plan.close(&outcome, Some(found), false);
    end(args, written.map(|_| ()), exit)
}

fn streams(
    args: &ExportArgs,
    mut plan: Plan,
    out: Output,
    columns: Option<&[String]>,
) -> Result<Exit, Failure> {
    let mut streams = Streams::new(Rc::clone(&plan.names), false, None);
    let Some(outcome) = plan.run(&mut streams) else {
        return Ok(Exit::Failure);
    };
    let written = write_records(&streams, &plan.names, out, args.format, columns);
    let exit = plan.close(&outcome, None, false);
    end(args, written, exit)
}

fn end(args: &ExportArgs, written: io::Result<()>, exit: Exit) -> Result<Exit, Failure> {
    written.map_err(|error| cannot_write(args.output.as_deref(), &error))?;
    Ok(exit)
}
