//! `deframe export`.

use std::{path::PathBuf, rc::Rc};

use super::{
    common::Common,
    exit::{Exit, Failure},
    files::{cannot_write, open},
    format,
    input::Input,
    plan::Plan,
};
use crate::report::{
    records::{Records, Shape, values::Encoding},
    views::export::{COLUMNS, Export},
};
use clap::{Args, ValueEnum};

/// `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub input: Input,
    /// Output file; it appears when it is complete.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "ndjson", value_parser = format::records())]
    pub format: Shape,
    /// How payloads are written.
    #[arg(long, value_name = "HOW", default_value = "hex")]
    pub payload: PayloadFormat,
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
    let mut plan = Plan::new(&args.input, common)?;
    let out = open(
        args.output.as_deref(),
        &args.input.captures,
        &args.input.protocol,
    )?;
    let mut export = Export {
        records: Records::new(out, args.format, ("deframe.frames/1", "frames"), COLUMNS),
        protocol: Rc::clone(&plan.protocol),
        names: Rc::clone(&plan.names),
        payload: match args.payload {
            PayloadFormat::Hex => Encoding::Hex,
            PayloadFormat::Base64 => Encoding::Base64,
            PayloadFormat::None => Encoding::Omit,
        },
        frames: 0,
    };
    let Some(outcome) = plan.run(&mut export) else {
        return Ok(Exit::Failure);
    };
    let frames = Some(export.frames);
    let written = export.finish();
    let exit = plan.close(&outcome, frames, false);
    written.map_err(|error| cannot_write(args.output.as_deref(), &error))?;
    Ok(exit)
}
