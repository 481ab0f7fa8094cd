//! `deframe dump`.

use std::{collections::BTreeSet, rc::Rc};

use super::{
    Exit, Trouble,
    args::{Common, DumpArgs},
    export::cannot_write,
    plan::Plan,
};
use crate::report::{
    dump::{Dump, Wanted},
    output::Output,
    text::count,
};

pub fn run(args: &DumpArgs, common: &Common) -> Result<Exit, Trouble> {
    let mut plan = Plan::new(&args.input, common)?;
    let wanted = Wanted {
        packets: args.packet.iter().copied().collect(),
        frames: args.frame.iter().copied().collect(),
        faults: args.fault.iter().copied().collect(),
    };
    let (protocol, names) = (Rc::clone(&plan.protocol), Rc::clone(&plan.names));
    let limit = args.limit.unwrap_or(u64::MAX);
    let mut dump = Dump::new(Output::people(), protocol, names, wanted, limit);
    let Some(outcome) = plan.run(&mut dump) else {
        return Ok(Exit::Trouble);
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
        _ => Err(Trouble(missed.join("; "))),
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
