//! The bytes of each stream in a file of its own, its gaps in another beside it, written as they come.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use deframe::{pipeline::StreamRef, tcp::Gap};

use crate::report::records::{
    tables::{GapRow, Gaps, Head, StreamText},
    write_line,
};

/// So many files are open at once.
const OPEN: usize = 128;

/// A folder with the streams saved in it.
pub struct Saver {
    folder: PathBuf,
    /// Files open now, the latest used last.
    open: Vec<(PathBuf, BufWriter<File>)>,
    /// What went wrong first, and with which file.
    failed: Option<(PathBuf, io::Error)>,
}

impl Saver {
    /// Makes the folder where there is none.
    pub fn new(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            open: Vec::new(),
            failed: None,
        })
    }

    /// The next bytes of a stream; `first` if nothing of it was written before.
    pub fn bytes(&mut self, origin: StreamRef<'_>, bytes: &[u8], first: bool) {
        self.append(&name(origin, "bin"), first, |out| out.write_all(bytes));
    }

    /// Bytes missing from a stream; `first` if it is its first gap.
    pub fn gap(&mut self, origin: StreamRef<'_>, capture: &str, gap: &Gap, first: bool) {
        let head = Head {
            capture,
            stream: origin,
            text: &StreamText::new(origin),
        };
        let row = GapRow { head, gap };
        self.append(&name(origin, "gaps.ndjson"), first, |out| {
            write_line::<Gaps>(out, &row)
        });
    }

    /// Whether writing failed: nothing more need be read.
    pub fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Writes what is left. On failure: the file, and why.
    pub fn finish(mut self) -> Result<(), (PathBuf, io::Error)> {
        while let Some((path, mut file)) = self.open.pop() {
            if let (Err(error), None) = (file.flush(), &self.failed) {
                self.failed = Some((path, error));
            }
        }
        self.failed.map_or(Ok(()), Err)
    }

    fn append(
        &mut self,
        name: &str,
        first: bool,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) {
        if self.failed.is_some() {
            return;
        }
        let path = self.folder.join(name);
        let written = self.file(&path, first).and_then(|file| write(file));
        if let Err(error) = written {
            self.failed = Some((path, error));
        }
    }

    fn file(&mut self, path: &Path, first: bool) -> io::Result<&mut BufWriter<File>> {
        let at = if first {
            None
        } else {
            self.open.iter().rposition(|(known, _)| known == path)
        };
        let file = match at {
            Some(at) => self.open.remove(at).1,
            None => {
                if self.open.len() == OPEN {
                    self.open.remove(0).1.flush()?;
                }
                // What is there already is somebody else's.
                let file = File::options().append(true).create_new(first).open(path)?;
                BufWriter::with_capacity(16 * 1024, file)
            }
        };
        self.open.push((path.to_owned(), file));
        self.open
            .last_mut()
            .map(|(_, file)| file)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A file name of digits, letters, dots, dashes and underscores, whatever the addresses are.
fn name(origin: StreamRef<'_>, ending: &str) -> String {
    let (id, begin) = (origin.id, origin.begin);
    let name = format!(
        "{}-{}-{}.{}-{}.{}.{ending}",
        id.connection,
        id.dir.name(),
        begin.src.addr,
        begin.src.port,
        begin.dst.addr,
        begin.dst.port
    );
    name.replace(':', "_")
}
