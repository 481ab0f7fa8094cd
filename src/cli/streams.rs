//! `deframe streams`.

use std::rc::Rc;

use super::{
    Exit, Trouble,
    args::{Common, Format, StreamsArgs},
    export::cannot_write,
    plan::Plan,
};
use crate::report::{
    output::Output,
    records::{Records, Shape},
    streams::{COLUMNS, Streams},
};

pub fn run(args: &StreamsArgs, common: &Common) -> Result<Exit, Trouble> {
    let mut plan = Plan::new(&args.input, common)?;
    let mut streams = Streams::new(Rc::clone(&plan.names), args.digest);
    let outcome = plan.run(&mut streams);
    let names = Rc::clone(&plan.names);
    let shape = match args.format {
        Format::Ndjson => Shape::Ndjson,
        Format::Json => Shape::Json,
        Format::Csv => Shape::Csv,
        Format::Table => todo!(),
    };
    let mut records = Records::new(
        Output::stdout(),
        shape,
        ("deframe.streams/1", "streams"),
        COLUMNS,
    );
    for row in streams.rows() {
        records.write(&row.record(&names));
    }
    records
        .finish()
        .map_err(|error| cannot_write(None, &error))?;
    Ok(plan.close(&outcome, None, false))
}
