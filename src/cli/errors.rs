//! `deframe errors`.

use std::rc::Rc;

use super::{
    Exit, Trouble,
    args::{Common, ErrorsArgs, Format},
    export::cannot_write,
    plan::Plan,
};
use crate::report::{
    errors::{COLUMNS, Errors},
    findings::Findings,
    output::Output,
    records::{Records, Shape},
    text::Grouped,
};

pub fn run(args: &ErrorsArgs, common: &Common) -> Result<Exit, Trouble> {
    let shape = match args.format {
        Format::Ndjson => Shape::Ndjson,
        Format::Json => Shape::Json,
        Format::Csv => Shape::Csv,
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
        return Ok(Exit::Trouble);
    };
    let (frames, faults, all) = (errors.frames, errors.faults, errors.faults + errors.gaps);
    let written = errors.finish();
    // Who stops reading has seen enough: no failure, and nothing found that anybody waits for.
    let found = faults > 0 && !matches!(written, Ok(false));
    let exit = plan.close(&outcome, Some(frames.max(faults)), found);
    written.map_err(|error| cannot_write(None, &error))?;
    if all > limit && common.quiet < 1 {
        anstream::eprintln!("deframe: {} more, not shown: --limit", Grouped(all - limit));
    }
    Ok(exit)
}

fn for_people(args: &ErrorsArgs, common: &Common) -> Result<Exit, Trouble> {
    let mut plan = Plan::new(&args.input, common)?;
    let limit = args.limit.unwrap_or(u64::MAX);
    let (protocol, names) = (Rc::clone(&plan.protocol), Rc::clone(&plan.names));
    let mut findings = Findings::new(Output::people(), protocol, names, limit);
    let Some(outcome) = plan.run(&mut findings) else {
        return Ok(Exit::Trouble);
    };
    let (frames, faults) = (findings.frames(), findings.faults());
    let written = findings.finish();
    // Who stops reading has seen enough: no failure, and nothing found that anybody waits for.
    let found = faults > 0 && !matches!(written, Ok(false));
    let exit = plan.close(&outcome, Some(frames.max(faults)), found);
    written.map_err(|error| cannot_write(None, &error))?;
    Ok(exit)
}
