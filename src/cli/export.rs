//! `deframe export`.

use std::{
    path::{Path, PathBuf},
    rc::Rc,
};

use deframe::{capture::in_words, protocol::Protocol};

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
    let out = open(
        args.output.as_deref(),
        &args.input.captures,
        &args.input.protocol,
    )?;
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
    captures: &[PathBuf],
    protocol: &str,
) -> Result<crate::report::output::Output, Trouble> {
    if let Some(path) = path {
        is_no_input(path, captures, protocol)?;
    }
    records::open(path).map_err(|error| cannot_write(path, &error))
}

/// An input is never overwritten: not a capture, not the file that standard input comes from, not the description of the
/// protocol.
pub fn is_no_input(path: &Path, captures: &[PathBuf], protocol: &str) -> Result<(), Trouble> {
    let stdin = Path::new("/dev/stdin");
    let source = |capture: &PathBuf| match capture == Path::new("-") {
        true => same_file(stdin, path),
        false => same_file(capture, path),
    };
    let described = Protocol::named(protocol).is_none() && same_file(Path::new(protocol), path);
    if captures.iter().any(source) || described {
        let path = path.display();
        return Err(Trouble(format!("{path}: is an input; name another output")));
    }
    Ok(())
}

/// What to say when output fails.
pub fn cannot_write(path: Option<&Path>, error: &std::io::Error) -> Trouble {
    let name = path.map_or("standard output".to_owned(), |path| {
        path.display().to_string()
    });
    Trouble(format!("{name}: cannot write: {}", in_words(error)))
}
