//! `deframe streams`.

use std::{
    io,
    path::{Path, PathBuf},
    rc::Rc,
};

use clap::Args;
use deframe::capture::in_words;

use super::{
    common::Common,
    exit::{Exit, Failure},
    files::cannot_write,
    format::{self, Format},
    input::Input,
    plan::Plan,
};
use crate::report::{
    output::Output,
    records::{Layout, Shape, Writer, stream_columns},
    views::{
        Saver,
        streams::{Streams, table},
    },
};

/// `streams`.
#[derive(Debug, Args)]
pub struct StreamsArgs {
    #[command(flatten)]
    pub input: Input,
    /// Add the SHA-256 of each stream's captured bytes.
    #[arg(long)]
    pub digest: bool,
    /// Write each stream's bytes to a file in this folder, and its gaps to another beside it.
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format::one_of(&[Format::Table, Format::JSON, Format::NDJSON, Format::CSV]))]
    pub format: Format,
}

pub fn run(args: &StreamsArgs, common: &Common) -> Result<Exit, Failure> {
    let mut plan = Plan::new(&args.input, common)?;
    let saver = args.save.as_deref().map(saver).transpose()?;
    let mut streams = Streams::new(Rc::clone(&plan.names), args.digest, saver);
    let Some(outcome) = plan.run(&mut streams) else {
        return Ok(Exit::Failure);
    };
    let saved = streams.saver.take().map_or(Ok(()), Saver::finish);
    let written = if saved.is_ok() {
        write(args, &plan.names, &streams)
    } else {
        Ok(())
    };
    let exit = plan.close(&outcome, None, false);
    saved.map_err(|(path, error)| not_saved(&path, &error))?;
    written.map_err(|error| cannot_write(None, &error))?;
    Ok(exit)
}

fn write(args: &StreamsArgs, names: &[String], streams: &Streams) -> io::Result<()> {
    let shape = match args.format {
        Format::Records(shape) => shape,
        Format::Table => {
            let mut out = Output::people();
            out.with(|out| table(streams, out));
            return out.finish();
        }
    };
    write_records(streams, names, Output::stdout(), shape, None)
}

/// Writes the streams as records, with these columns or with all.
pub fn write_records(
    streams: &Streams,
    names: &[String],
    out: Output,
    shape: Shape,
    columns: Option<&[String]>,
) -> io::Result<()> {
    let csv_columns = stream_columns();
    let columns = columns.or((shape == Shape::Csv).then_some(&csv_columns));
    let document = ("deframe.streams/1", "streams");
    let mut writer = Writer::new(out, shape, document, columns.unwrap_or_default());
    let layout = columns.map_or_else(Layout::all, Layout::new);
    for row in streams.rows() {
        row.write(&mut writer, &layout, names);
    }
    writer.finish()
}

fn saver(folder: &Path) -> Result<Saver, Failure> {
    Saver::new(folder).map_err(|error| {
        Failure(format!(
            "{}: cannot save there: {}",
            folder.display(),
            in_words(&error)
        ))
    })
}

fn not_saved(path: &Path, error: &io::Error) -> Failure {
    let (file, folder) = (path.display(), path.parent().unwrap_or(path).display());
    Failure(match error.kind() {
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
