//! `deframe streams`.

use std::{io, path::Path, rc::Rc};

use deframe::capture::in_words;

use super::{
    Exit, Trouble,
    args::{Common, Format, StreamsArgs},
    export::cannot_write,
    plan::Plan,
};
use crate::report::{
    output::Output,
    records::{Records, Shape},
    save::Saver,
    streams::{COLUMNS, Streams, table},
};

pub fn run(args: &StreamsArgs, common: &Common) -> Result<Exit, Trouble> {
    let mut plan = Plan::new(&args.input, common)?;
    let saver = args.save.as_deref().map(saver).transpose()?;
    let mut streams = Streams::new(Rc::clone(&plan.names), args.digest, saver);
    let Some(outcome) = plan.run(&mut streams) else {
        return Ok(Exit::Trouble);
    };
    let saved = streams.saver.take().map_or(Ok(()), Saver::finish);
    let written = if saved.is_ok() {
        write(args, &plan.names, &mut streams)
    } else {
        Ok(())
    };
    let exit = plan.close(&outcome, None, false);
    saved.map_err(|(path, error)| not_saved(&path, &error))?;
    written.map_err(|error| cannot_write(None, &error))?;
    Ok(exit)
}

fn write(args: &StreamsArgs, names: &[String], streams: &mut Streams) -> io::Result<()> {
    let shape = match args.format {
        Format::Ndjson => Shape::Ndjson,
        Format::Json => Shape::Json,
        Format::Csv => Shape::Csv,
        Format::Table => {
            let mut out = Output::people();
            out.with(|out| table(streams.rows(), out));
            return out.finish();
        }
    };
    let document = ("deframe.streams/1", "streams");
    let mut records = Records::new(Output::stdout(), shape, document, COLUMNS);
    for row in streams.rows() {
        records.write(&row.record(names));
    }
    records.finish()
}

fn saver(folder: &Path) -> Result<Saver, Trouble> {
    Saver::new(folder).map_err(|error| {
        Trouble(format!(
            "{}: cannot save there: {}",
            folder.display(),
            in_words(&error)
        ))
    })
}

fn not_saved(path: &Path, error: &io::Error) -> Trouble {
    let (file, folder) = (path.display(), path.parent().unwrap_or(path).display());
    Trouble(match error.kind() {
        io::ErrorKind::AlreadyExists => {
            format!(
                "{file}: exists already and is left as it is; the streams in {folder} are not complete, save to another folder"
            )
        }
        _ => format!(
            "{file}: cannot write: {}; the streams in {folder} are not complete",
            in_words(error)
        ),
    })
}
