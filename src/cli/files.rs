//! Output files of commands: an input is never overwritten, and no signal leaves a partial file.

use std::path::{Path, PathBuf};

use deframe::{capture::in_words, protocol::Protocol};

use super::exit::Failure;
use crate::report::output::{self, Output, same_file, stdout_is};

/// Exit status of a process that Ctrl-C ends, as shells have it.
const INTERRUPTED: i32 = 130;

/// Opens the output, unless that is one of the inputs. None is standard output.
pub fn open(path: Option<&Path>, captures: &[PathBuf], protocol: &str) -> Result<Output, Failure> {
    let Some(path) = path else {
        return Ok(Output::stdout());
    };
    is_no_input(path, captures, protocol)?;
    create(path)
}

/// Opens an output file. Ctrl-C, a termination or a hang-up removes it again until it is complete.
pub fn create(path: &Path) -> Result<Output, Failure> {
    let out = Output::file(path).map_err(|error| cannot_write(Some(path), &error))?;
    // Where another handler is set already, that one removes the files.
    let _ = ctrlc::set_handler(|| {
        output::remove_partial_files();
        std::process::exit(INTERRUPTED);
    });
    Ok(out)
}

/// An input is never overwritten: not a capture, not the file that standard input comes from, not the description of the
/// protocol; under any name, a hard link too.
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

/// Whether standard output is redirected to one of the captures, as in `deframe export x >> x`: reading it would not
/// end.
pub fn stdout_is_no_input(captures: &[PathBuf]) -> Result<(), Failure> {
    match captures.iter().find(|capture| stdout_is(capture)) {
        Some(capture) => Err(Failure(format!(
            "{}: is an input, and standard output is redirected to it; name another output",
            capture.display()
        ))),
        None => Ok(()),
    }
}

/// What to say when output fails.
pub fn cannot_write(path: Option<&Path>, error: &std::io::Error) -> Failure {
    let name = path.map_or("standard output".to_owned(), |path| {
        path.display().to_string()
    });
    Failure(format!("{name}: cannot write: {}", in_words(error)))
}
