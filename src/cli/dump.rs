//! `deframe dump`.

use std::{collections::BTreeSet, rc::Rc};

use clap::Args;

use super::{
    common::Common,
    exit::{Exit, Failure},
    files::cannot_write,
    filter::FilterArgs,
    input::Input,
    plan::Plan,
};
use crate::report::{
    output::Output,
    text::count,
    views::dump::{Dump, Wanted},
};

/// `dump`.
#[derive(Debug, Args)]
pub struct DumpArgs {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Frames and faults of which this packet has bytes; may be given several times.
    #[arg(long, value_name = "N", help_heading = "What to dump")]
    pub packet: Vec<u64>,
    /// The frame of this number in its stream, from 0 (select the stream with --connection); may be given several times.
    #[arg(long, value_name = "INDEX", help_heading = "What to dump")]
    pub frame: Vec<u64>,
    /// The fault of this number, from 0, as `errors` numbers them; may be given several times.
    #[arg(long, value_name = "INDEX", help_heading = "What to dump")]
    pub fault: Vec<u64>,
}

pub fn run(args: &DumpArgs, common: &Common) -> Result<Exit, Failure> {
    let mut plan = Plan::new(&args.input, common)?;
    let wanted = Wanted {
        packets: args.packet.iter().copied().collect(),
        frames: args.frame.iter().copied().collect(),
        faults: args.fault.iter().copied().collect(),
    };
    let (protocol, names) = (Rc::clone(&plan.protocol), Rc::clone(&plan.names));
    let filter = args.filter.filter(&plan.protocol)?;
    let mut dump = Dump::new(Output::people(), protocol, names, wanted, filter);
    let Some(outcome) = plan.run(&mut dump) else {
        return Ok(Exit::Failure);
    };
    let (frames, faults) = (dump.frames, dump.faults);
    let missed = if dump.is_full() {
        Vec::new()
    } else {
        missed(&dump)
    };
    let written = dump.finish();
    let exit = plan.close(&outcome, Some(frames.max(faults)), false);
    written.map_err(|error| cannot_write(None, &error))?;
    match missed[..] {
        [] => Ok(exit),
        _ => Err(Failure(missed.join("; "))),
    }
}

/// What was asked for and is not there.
fn missed(dump: &Dump) -> Vec<String> {
    let list = |numbers: &BTreeSet<u64>| {
        let texts: Vec<String> = numbers.iter().map(u64::to_string).collect();
        texts.join(", ")
    };
    let missed = &dump.missed;
    let mut said = Vec::new();
    if !missed.packets.is_empty() {
        let packets = list(&missed.packets);
        said.push(format!("no frame or fault has bytes of packet {packets}"));
    }
    if !missed.frames.is_empty() {
        let frames = list(&missed.frames);
        said.push(format!("no stream that was looked at has a frame {frames}"));
    }
    if !missed.faults.is_empty() {
        let (faults, all) = (list(&missed.faults), count(dump.faults, "fault"));
        said.push(format!(
            "no fault {faults}: there are {all}, numbered from 0"
        ));
    }
    said
}
