//! Where results go: standard output, or a file that appears under its name when it is complete.

use std::{
    fs::{self, File},
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
};

/// Large enough that writing costs no more than the text does.
const BUFFER: usize = 64 * 1024;

/// A result on its way out.
pub struct Output {
    out: Option<BufWriter<Box<dyn Write>>>,
    file: Option<Pending>,
    failed: Option<io::Error>,
    /// Somebody is looking: every piece goes out at once.
    live: bool,
}

/// A file beside the one to be written.
struct Pending {
    temporary: PathBuf,
    path: PathBuf,
}

impl Output {
    /// Standard output.
    pub fn stdout() -> Self {
        Self::new(Box::new(io::stdout().lock()), None)
    }

    /// Standard output for people: in colour if that is wanted, and at once if it is a terminal.
    pub fn people() -> Self {
        let out = io::stdout().lock();
        let live = out.is_terminal();
        let mut output = Self::new(Box::new(anstream::AutoStream::auto(out)), None);
        output.live = live;
        output
    }

    /// A file, written beside `path` and renamed by [`Output::finish`]. `-` is standard output.
    pub fn file(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::stdout());
        }
        // A device or a pipe is written to, not replaced.
        if fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
            let file = File::options().write(true).open(path)?;
            return Ok(Self::new(Box::new(file), None));
        }
        let name = path
            .file_name()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no file name"))?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.partial", std::process::id()));
        let temporary = path.with_file_name(hidden);
        let file = File::options()
            .write(true)
            .create_new(true)
            .open(&temporary)?;
        Ok(Self::new(
            Box::new(file),
            Some(Pending {
                temporary,
                path: path.to_owned(),
            }),
        ))
    }

    fn new(out: Box<dyn Write>, file: Option<Pending>) -> Self {
        Self {
            out: Some(BufWriter::with_capacity(BUFFER, out)),
            file,
            failed: None,
            live: false,
        }
    }

    /// Does something with the writer, unless it has failed before; the first failure is kept for [`Output::finish`].
    pub fn with(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if let (Some(out), None) = (&mut self.out, &self.failed) {
            let mut written = write(out);
            if self.live && written.is_ok() {
                written = out.flush();
            }
            if let Err(error) = written {
                self.failed = Some(error);
            }
        }
    }

    /// Writes out what is buffered, unless it goes to a file that has no name yet.
    pub fn flush(&mut self) {
        if self.file.is_none() {
            self.with(|out| out.flush());
        }
    }

    /// Whether writing failed: nothing more need be made.
    pub fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Whether nobody reads any more, as far as is known once all is written that can be.
    pub fn is_closed(&mut self) -> bool {
        self.with(|out| out.flush());
        let kind = self.failed.as_ref().map(io::Error::kind);
        kind == Some(io::ErrorKind::BrokenPipe)
    }

    /// Writes what is left and gives the file its name. A pipe that nobody reads any more is no failure.
    pub fn finish(mut self) -> io::Result<()> {
        self.with(|out| out.flush());
        // Without its buffer the file is closed before it is renamed.
        if let Some(out) = self.out.take() {
            drop(out.into_parts());
        }
        match (self.failed.take(), self.file.take()) {
            (Some(error), pending) => {
                if let Some(pending) = pending {
                    let _ = fs::remove_file(pending.temporary);
                }
                if error.kind() == io::ErrorKind::BrokenPipe {
                    Ok(())
                } else {
                    Err(error)
                }
            }
            (None, Some(pending)) => fs::rename(pending.temporary, pending.path),
            (None, None) => Ok(()),
        }
    }
}

impl Drop for Output {
    /// What was not finished is not written.
    fn drop(&mut self) {
        if let Some(out) = self.out.take() {
            drop(out.into_parts());
        }
        if let Some(pending) = self.file.take() {
            let _ = fs::remove_file(pending.temporary);
        }
    }
}

/// Whether both paths are the same existing file.
pub fn same_file(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}
