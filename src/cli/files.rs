//! Output files of commands: an input is never overwritten.

use std::path::{Path, PathBuf};

use deframe::{capture::in_words, protocol::Protocol};

use super::exit::Failure;
use crate::report::output::{Output, same_file};

/// Opens the output, unless that is one of the inputs.
pub fn open(path: Option<&Path>, captures: &[PathBuf], protocol: &str) -> Result<Output, Failure> {
    if let Some(path) = path {
        is_no_input(path, captures, protocol)?;
    }
    path.map_or_else(|| Ok(Output::stdout()), Output::file)
        .map_err(|error| cannot_write(path, &error))
}

/// An input is never overwritten: not a capture, not the file that standard input comes from, not the description of the
/// protocol.
pub fn is_no_input(path: &Path, captures: &[PathBuf], protocol: &str) -> Result<(), Failure> {
    let stdin = Path::new("/dev/stdin");
    let source = |capture: &PathBuf| match capture == Path::new("-") {
        true => same_file(stdin, path),
        false => same_file(capture, path),
    };
    let described = Protocol::named(protocol).is_none() && same_file(Path::new(protocol), path);
    if captures.iter().any(source) || described {
        let path = path.display();
        return Err(Failure(format!("{path}: is an input; name another output")));
    }
    Ok(())
}

/// What to say when output fails.
pub fn cannot_write(path: Option<&Path>, error: &std::io::Error) -> Failure {
    let name = path.map_or("standard output".to_owned(), |path| {
        path.display().to_string()
    });
    Failure(format!("{name}: cannot write: {}", in_words(error)))
}
