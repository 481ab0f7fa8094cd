//! `deframe frames`.

use std::rc::Rc;

use clap::Args;

use super::{
    common::Common,
    exit::{Exit, Failure},
    files::cannot_write,
    input::Input,
    plan::Plan,
    stderr::say,
};
use crate::report::{output::Output, text::count, views::frames::Frames};

/// `frames`.
#[derive(Debug, Args)]
pub struct FramesArgs {
    #[command(flatten)]
    pub input: Input,
    /// Bytes of each payload to show.
    #[arg(long, value_name = "N", default_value = "8")]
    pub bytes: usize,
}

pub fn run(args: &FramesArgs, common: &Common) -> Result<Exit, Failure> {
    let mut plan = Plan::new(&args.input, common)?;
    let mut list = Frames::new(Output::people(), Rc::clone(&plan.protocol), args.bytes);
    let Some(outcome) = plan.run(&mut list) else {
        return Ok(Exit::Failure);
    };
    let frames = list.frames;
    let written = list.finish();
    let exit = plan.close(&outcome, Some(frames), false);
    written.map_err(|error| cannot_write(None, &error))?;
    if common.quiet < 1 && frames > 0 {
        say(&count(frames, "frame"));
    }
    Ok(exit)
}
