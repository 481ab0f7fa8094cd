//! `deframe frames`.

use std::rc::Rc;

use super::{
    Exit, Trouble,
    args::{Common, FramesArgs},
    export::cannot_write,
    plan::Plan,
};
use crate::report::{frames::Frames, output::Output, text::count};

pub fn run(args: &FramesArgs, common: &Common) -> Result<Exit, Trouble> {
    let mut plan = Plan::new(&args.input, common)?;
    let mut list = Frames::new(Output::people(), Rc::clone(&plan.protocol), args.bytes);
    let Some(outcome) = plan.run(&mut list) else {
        return Ok(Exit::Trouble);
    };
    let frames = list.frames;
    let written = list.finish();
    let exit = plan.close(&outcome, Some(frames), false);
    written.map_err(|error| cannot_write(None, &error))?;
    if common.quiet < 1 && frames > 0 {
        anstream::eprintln!("deframe: {}", count(frames, "frame"));
    }
    Ok(exit)
}
