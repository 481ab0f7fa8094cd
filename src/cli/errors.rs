//! `deframe errors`.

use std::rc::Rc;

use clap::Args;

use super::{
    common::Common,
    exit::{Exit, Failure},
    files::cannot_write,
    format::{self, Format},
    input::Input,
    plan::Plan,
    stderr::say,
};
use crate::report::{
    output::Output,
    records::Records,
    text::Grouped,
    views::errors::{COLUMNS, ErrorBlocks, Errors},
};

/// `errors`.
#[derive(Debug, Args)]
pub struct ErrorsArgs {
    #[command(flatten)]
    pub input: Input,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format::one_of(&[Format::Table, Format::JSON, Format::NDJSON, Format::CSV]))]
    pub format: Format,
    /// Show no more than so many faults and gaps; the rest is counted.
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}

pub fn run(args: &ErrorsArgs, common: &Common) -> Result<Exit, Failure> {
    let shape = match args.format {
        Format::Records(shape) => shape,
        Format::Table => return for_people(args, common),
    };
    let mut plan = Plan::new(&args.input, common)?;
    let document = ("deframe.errors/1", "errors");
    let limit = args.limit.unwrap_or(u64::MAX);
    let mut errors = Errors {
        records: Records::new(Output::stdout(), shape, document, COLUMNS),
        protocol: Rc::clone(&plan.protocol),
        names: Rc::clone(&plan.names),
        limit,
        frames: 0,
        faults: 0,
        gaps: 0,
    };
    let Some(outcome) = plan.run(&mut errors) else {
        return Ok(Exit::Failure);
    };
    let (frames, faults, all) = (errors.frames, errors.faults, errors.faults + errors.gaps);
    let written = errors.finish();
    // Who stops reading has seen enough: no failure, and nothing found that anybody waits for.
    let found = (faults > 0 || frames == 0) && !matches!(written, Ok(false));
    let exit = plan.close(&outcome, Some(frames.max(faults)), found);
    written.map_err(|error| cannot_write(None, &error))?;
    if all > limit && common.quiet < 1 {
        say(&format!(
            "{} more, not shown: --limit",
            Grouped(all - limit)
        ));
    }
    Ok(exit)
}

fn for_people(args: &ErrorsArgs, common: &Common) -> Result<Exit, Failure> {
    let mut plan = Plan::new(&args.input, common)?;
    let limit = args.limit.unwrap_or(u64::MAX);
    let (protocol, names) = (Rc::clone(&plan.protocol), Rc::clone(&plan.names));
    let mut blocks = ErrorBlocks::new(Output::people(), protocol, names, limit);
    let Some(outcome) = plan.run(&mut blocks) else {
        return Ok(Exit::Failure);
    };
    let (frames, faults) = (blocks.frames(), blocks.faults());
    let written = blocks.finish();
    // Who stops reading has seen enough: no failure, and nothing found that anybody waits for.
    let found = (faults > 0 || frames == 0) && !matches!(written, Ok(false));
    let exit = plan.close(&outcome, Some(frames.max(faults)), found);
    written.map_err(|error| cannot_write(None, &error))?;
    Ok(exit)
}
