//! Where results go: standard output, or a file that gets its name when it is complete.
//!
//! `docs/OUTPUTS.md` lists what happens to existing files, links, devices and permissions.

use std::{
    fs::{self, File, Permissions},
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use tempfile::{NamedTempFile, TempPath};

/// Size of the write buffer. One system call a buffer costs little beside the formatting of its text.
const BUFFER_BYTES: usize = 256 * 1024;

/// Temporary files of this process that are not renamed yet.
static PARTIAL_FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A result on its way out.
pub struct Output {
    out: Option<BufWriter<Box<dyn Write>>>,
    file: Option<PartialFile>,
    failed: Option<io::Error>,
    /// A person reads along: every write is flushed.
    live: bool,
}

/// A file under its temporary name, removed when dropped.
struct PartialFile {
    temporary: TempPath,
    /// The name that it gets.
    path: PathBuf,
    /// Those of the file that it replaces.
    permissions: Option<Permissions>,
}

impl Output {
    /// Standard output.
    pub fn stdout() -> Self {
        Self::new(Box::new(io::stdout().lock()), None)
    }

    /// Standard output for people: in colour if that is wanted, flushed at every write if it is a terminal.
    pub fn people() -> Self {
        let out = io::stdout().lock();
        let live = out.is_terminal();
        let mut output = Self::new(Box::new(anstream::AutoStream::auto(out)), None);
        output.live = live;
        output
    }

    /// A file, written beside `path` and renamed by [`Output::finish`]. `-` is standard output.
    ///
    /// # Errors
    ///
    /// Where `path` is read-only or a link to nothing, or its folder cannot be written to.
    pub fn file(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::stdout());
        }
        let existing = fs::metadata(path).ok();
        // A device or a named pipe is written to, not replaced.
        if existing.as_ref().is_some_and(|meta| !meta.is_file()) {
            let file = File::options().write(true).open(path)?;
            return Ok(Self::new(Box::new(file), None));
        }
        let permissions = existing.map(|meta| meta.permissions());
        if permissions.as_ref().is_some_and(Permissions::readonly) {
            let why = "the file is read-only; make it writable or name another output";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        let path = target(path)?;
        let file = create_beside(&path)?;
        let (file, temporary) = file.into_parts();
        if let Ok(mut partial) = PARTIAL_FILES.lock() {
            partial.push(temporary.to_path_buf());
        }
        let pending = PartialFile {
            temporary,
            path,
            permissions,
        };
        Ok(Self::new(Box::new(file), Some(pending)))
    }

    fn new(out: Box<dyn Write>, file: Option<PartialFile>) -> Self {
        Self {
            out: Some(BufWriter::with_capacity(BUFFER_BYTES, out)),
            file,
            failed: None,
            live: false,
        }
    }

    /// Runs `write` on the output, unless an earlier write failed; the first failure is kept for [`Output::finish`].
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

    /// Whether writing failed: further results would be lost.
    pub fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Whether the reader of a pipe closed it, as far as a flush shows.
    pub fn is_closed(&mut self) -> bool {
        self.flush();
        let kind = self.failed.as_ref().map(io::Error::kind);
        kind == Some(io::ErrorKind::BrokenPipe)
    }

    /// Writes out what is buffered and gives the file its name. A closed pipe is no failure.
    pub fn finish(mut self) -> io::Result<()> {
        self.with(|out| out.flush());
        // The file is closed before it is renamed, as Windows requires. Without its buffer, which is empty or lost.
        if let Some(out) = self.out.take() {
            drop(out.into_parts());
        }
        match (self.failed.take(), self.file.take()) {
            (Some(error), _) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            (Some(error), _) => Err(error),
            (None, Some(file)) => file.rename(),
            (None, None) => Ok(()),
        }
    }
}

impl Drop for Output {
    /// An output that was not finished leaves nothing: its buffer is dropped unwritten, its file removed.
    fn drop(&mut self) {
        if let Some(out) = self.out.take() {
            drop(out.into_parts());
        }
    }
}

impl PartialFile {
    fn rename(self) -> io::Result<()> {
        if let Some(permissions) = &self.permissions {
            fs::set_permissions(&self.temporary, permissions.clone())?;
        }
        let temporary = self.temporary.to_path_buf();
        self.temporary.persist(&self.path)?;
        if let Ok(mut partial) = PARTIAL_FILES.lock() {
            partial.retain(|path| *path != temporary);
        }
        Ok(())
    }
}

/// The file that `path` names, links followed.
fn target(path: &Path) -> io::Result<PathBuf> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_symlink() => fs::canonicalize(path).map_err(|error| {
            let why =
                format!("it is a link to a file that cannot be found ({error}); name that file");
            io::Error::new(error.kind(), why)
        }),
        _ => Ok(path.to_owned()),
    }
}

/// A hidden file in the folder of `path`, with the permissions that a new file gets.
fn create_beside(path: &Path) -> io::Result<NamedTempFile> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no file name"))?;
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".partial");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Removes the files that are not complete: for a process that a signal ends, which drops nothing.
pub fn remove_partial_files() {
    if let Ok(partial) = PARTIAL_FILES.lock() {
        for path in partial.iter() {
            let _ = fs::remove_file(path);
        }
    }
}

/// Whether both paths are the same existing file, under whatever name or link.
pub fn same_file(a: &Path, b: &Path) -> bool {
    same_file::is_same_file(a, b).unwrap_or(false)
}

/// Whether standard output is a file, and is the one at `path`: then the program would read what it writes.
pub fn stdout_is(path: &Path) -> bool {
    let handles = same_file::Handle::stdout().and_then(|out| {
        let is_file = out.as_file().metadata()?.is_file();
        Ok(is_file && out == same_file::Handle::from_path(path)?)
    });
    handles.unwrap_or(false)
}
