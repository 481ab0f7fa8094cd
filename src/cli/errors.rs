//! `deframe errors`.

use std::{io, rc::Rc};

use clap::Args;
use deframe::pipeline::Outcome;

use super::{
    common::Common,
    exit::{Exit, Failure},
    files::cannot_write,
    filter::FilterArgs,
    format::{self, Format},
    input::Input,
    plan::Plan,
    stderr::say,
};
use crate::report::{
    output::Output,
    records::{Layout, Records, Shape, Writer, error_columns, tables::StreamTexts},
    text::Grouped,
    views::errors::{ErrorBlocks, Errors, Summary},
};

/// `errors`.
#[derive(Debug, Args)]
pub struct ErrorsArgs {
    #[command(flatten)]
    pub input: Input,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format::one_of(&[Format::Table, Format::JSON, Format::NDJSON, Format::CSV]))]
    pub format: Format,
    /// Show groups of like faults, the largest first, instead of each.
    #[arg(long)]
    pub summary: bool,
    #[command(flatten)]
    pub filter: FilterArgs,
}

pub fn run(args: &ErrorsArgs, common: &Common) -> Result<Exit, Failure> {
    let shape = match (args.summary, args.format) {
        (true, _) => return summary(args, common),
        (false, Format::Records(shape)) => shape,
        (false, Format::Table) => return for_people(args, common),
    };
    let mut plan = Plan::new(&args.input, common)?;
    let (filter, columns) = (args.filter.filter(&plan.protocol)?, error_columns());
    let (limit, csv) = (filter.limit, shape == Shape::Csv);
    let document = ("deframe.errors/1", "errors");
    let mut errors = Errors {
        writer: Writer::new(Output::stdout(), shape, document, &columns),
        fault_layout: Some(if csv {
            Layout::new(&columns)
        } else {
            Layout::all()
        }),
        gap_layout: Some(if csv {
            Layout::new(&columns)
        } else {
            Layout::all()
        }),
        conflict_layout: Some(if csv {
            Layout::new(&columns)
        } else {
            Layout::all()
        }),
        protocol: Rc::clone(&plan.protocol),
        names: Rc::clone(&plan.names),
        filter,
        texts: StreamTexts::default(),
        frames: 0,
        faults: 0,
        selected: 0,
    };
    let Some(outcome) = plan.run(&mut errors) else {
        return Ok(Exit::Failure);
    };
    let (frames, faults, selected) = (errors.frames, errors.faults, errors.selected);
    let written = errors.finish();
    let exit = close(&plan, &outcome, (frames, faults), &written);
    written.map_err(|error| cannot_write(None, &error))?;
    if selected > limit && common.quiet < 1 {
        say(&format!(
            "{} more, not shown: --limit",
            Grouped(selected - limit)
        ));
    }
    Ok(exit)
}

/// The exit status: 1 with faults, or where nothing was recognised. A reader that closed the pipe waits for none.
fn close(
    plan: &Plan,
    outcome: &Outcome,
    (frames, faults): (u64, u64),
    written: &io::Result<bool>,
) -> Exit {
    let found = (faults > 0 || frames == 0) && !matches!(written, Ok(false));
    plan.close(outcome, Some(frames.max(faults)), found)
}

fn summary(args: &ErrorsArgs, common: &Common) -> Result<Exit, Failure> {
    let mut plan = Plan::new(&args.input, common)?;
    let filter = args.filter.filter(&plan.protocol)?;
    let mut groups = Summary::new(Rc::clone(&plan.protocol), filter);
    let Some(outcome) = plan.run(&mut groups) else {
        return Ok(Exit::Failure);
    };
    let written = match args.format {
        Format::Table => {
            let mut out = Output::people();
            out.with(|out| groups.table(out));
            out.finish()
        }
        Format::Records(Shape::Csv) => {
            return Err(Failure(
                "errors --summary: csv is for the list; use json or ndjson".to_owned(),
            ));
        }
        Format::Records(shape) => {
            let document = ("deframe.fault_groups/1", "groups");
            let mut records = Records::new(Output::stdout(), shape, document);
            groups.records(&mut records);
            records.finish()
        }
    };
    let written = written.map(|()| true);
    let exit = close(&plan, &outcome, (groups.frames, groups.faults), &written);
    written.map_err(|error| cannot_write(None, &error))?;
    Ok(exit)
}

fn for_people(args: &ErrorsArgs, common: &Common) -> Result<Exit, Failure> {
    let mut plan = Plan::new(&args.input, common)?;
    let filter = args.filter.filter(&plan.protocol)?;
    let (protocol, names) = (Rc::clone(&plan.protocol), Rc::clone(&plan.names));
    let mut blocks = ErrorBlocks::new(Output::people(), protocol, names, filter);
    let Some(outcome) = plan.run(&mut blocks) else {
        return Ok(Exit::Failure);
    };
    let (frames, faults) = (blocks.frames(), blocks.faults());
    let written = blocks.finish();
    let exit = close(&plan, &outcome, (frames, faults), &written);
    written.map_err(|error| cannot_write(None, &error))?;
    Ok(exit)
}
