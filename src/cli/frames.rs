//! `deframe frames`.

use std::rc::Rc;

use clap::Args;

use super::{
    common::Common,
    exit::{Exit, Failure},
    files::cannot_write,
    filter::FilterArgs,
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
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Bytes of each payload to show.
    #[arg(long, value_name = "N", default_value = "8")]
    pub bytes: usize,
}

pub fn run(args: &FramesArgs, common: &Common) -> Result<Exit, Failure> {
    let mut plan = Plan::new(&args.input, common)?;
    let filter = args.filter.filter(&plan.protocol)?;
    let mut list = Frames::new(
        Output::people(),
        Rc::clone(&plan.protocol),
        args.bytes,
        filter,
    );
    let Some(outcome) = plan.run(&mut list) else {
        return Ok(Exit::Failure);
    };
    let (frames, shown) = (list.frames, list.shown);
    let written = list.finish();
    let exit = plan.close(&outcome, Some(frames), false);
    written.map_err(|error| cannot_write(None, &error))?;
    if common.quiet < 1 && frames > 0 {
        say(&count(shown, "frame"));
    }
    Ok(exit)
}
