//! `deframe export`.

use std::{path::Path, rc::Rc};

use deframe::capture::in_words;

use super::{
    Exit, Trouble,
    args::{Common, ExportArgs, ExportFormat, PayloadFormat},
    plan::Plan,
};
use crate::report::{
    export::{COLUMNS, Export},
    json::Encoding,
    output::same_file,
    records::{self, Records, Shape},
};

pub fn run(args: &ExportArgs, common: &Common) -> Result<Exit, Trouble> {
    let mut plan = Plan::new(&args.input, common)?;
    let shape = match args.format {
        ExportFormat::Ndjson => Shape::Ndjson,
        ExportFormat::Json => Shape::Json,
        ExportFormat::Csv => Shape::Csv,
    };
    let out = open(args.output.as_deref(), &args.input.captures)?;
    let mut export = Export {
        records: Records::new(out, shape, ("deframe.frames/1", "frames"), COLUMNS),
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
        return Ok(Exit::Trouble);
    };
    let frames = Some(export.frames);
    let written = export.finish();
    let exit = plan.close(&outcome, frames, false);
    written.map_err(|error| cannot_write(args.output.as_deref(), &error))?;
    Ok(exit)
}

/// Opens the output, unless that is one of the inputs.
pub fn open(
    path: Option<&Path>,
    inputs: &[std::path::PathBuf],
) -> Result<crate::report::output::Output, Trouble> {
    if let Some(path) = path
        && inputs.iter().any(|input| same_file(input, path))
    {
        return Err(Trouble(format!(
            "{}: is an input; name another output",
            path.display()
        )));
    }
    records::open(path).map_err(|error| cannot_write(path, &error))
}

/// What to say when output fails.
pub fn cannot_write(path: Option<&Path>, error: &std::io::Error) -> Trouble {
    let name = path.map_or("standard output".to_owned(), |path| {
        path.display().to_string()
    });
    Trouble(format!("{name}: cannot write: {}", in_words(error)))
}
