//! Where the bytes of a capture come from.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use super::{ProblemKind, problem::in_words};

/// A capture to read.
pub enum Input {
    /// A file, or a named pipe.
    Path(PathBuf),
    /// Anything else, standard input for instance.
    Reader {
        /// Its name in reports.
        name: String,
        /// Its bytes; reads may be short.
        read: Box<dyn Read + Send>,
    },
}

/// Decides what follows the end of a file that is still being written. See [`CaptureSet::follow`](super::CaptureSet::follow).
pub trait Follow: Send {
    /// Called at the end of the last file. True: wait over, read again. False: this file is complete.
    fn wait(&mut self) -> bool;

    /// The file to read next, once [`Follow::wait`] has returned false; none ends the reading.
    fn next_file(&mut self) -> Option<PathBuf>;
}

/// A [`Follow`] that the set and its current reader share.
pub(super) type SharedFollow = Arc<Mutex<dyn Follow>>;

impl Input {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Reader { name, .. } => name.clone(),
        }
    }

    /// Bytes of a regular file.
    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Self::Path(path) => fs::metadata(path)
                .ok()
                .filter(fs::Metadata::is_file)
                .map(|meta| meta.len()),
            Self::Reader { .. } => None,
        }
    }

    pub(super) fn open(
        self,
        follow: Option<SharedFollow>,
    ) -> Result<Box<dyn Read + Send>, ProblemKind> {
        match self {
            Self::Reader { read, .. } => Ok(read),
            Self::Path(path) => {
                let file = File::open(path)
                    .map_err(|error| ProblemKind::Open(error.kind(), in_words(&error)))?;
                match (file.metadata(), follow) {
                    (Ok(meta), _) if meta.is_dir() => Err(ProblemKind::Directory),
                    (_, Some(follow)) => Ok(Box::new(Following { file, follow })),
                    _ => Ok(Box::new(file)),
                }
            }
        }
    }
}

/// A file that may still grow: its end is its end only when [`Follow::wait`] says so.
struct Following {
    file: File,
    follow: SharedFollow,
}

impl Read for Following {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.file.read(buf)?;
            let mut follow = self.follow.lock().unwrap_or_else(PoisonError::into_inner);
            if n > 0 || buf.is_empty() || !follow.wait() {
                return Ok(n);
            }
        }
    }
}
