//! `--follow`: waits for more of the last capture and for the next file of a rotated set, until Ctrl-C.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};

use deframe::capture::Follow;
use glob::Pattern;

use super::exit::Failure;
use crate::report::output::remove_partial_files;

/// Time between two reads at the end of a file.
const POLL: Duration = Duration::from_millis(100);

/// The end of the last capture.
pub struct Tail {
    /// Where the next file of a rotated set appears, and how it is named.
    set: Option<(PathBuf, Pattern)>,
    seen: HashSet<PathBuf>,
    /// The file that comes next; the one before it is read once more before it ends.
    next: Option<PathBuf>,
    interrupted: Arc<AtomicBool>,
}

impl Tail {
    /// Of the last capture named, which is removed from `captures` if it is a pattern.
    pub fn new(captures: &mut Vec<PathBuf>) -> Result<Self, Failure> {
        let set = match captures.last() {
            Some(last) => pattern(last)?,
            None => None,
        };
        if set.is_some() {
            captures.pop();
        }
        let interrupted = Arc::new(AtomicBool::new(false));
        let signal = Arc::clone(&interrupted);
        // The second signal ends the program at once.
        let on_signal = move || {
            if signal.swap(true, Ordering::Relaxed) {
                remove_partial_files();
                std::process::exit(130);
            }
        };
        ctrlc::set_handler(on_signal)
            .map_err(|error| Failure(format!("--follow: cannot handle Ctrl-C: {error}")))?;
        Ok(Self {
            set,
            seen: captures.iter().cloned().collect(),
            next: None,
            interrupted,
        })
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// The oldest file of the set that was not read yet.
    fn find(&self) -> Option<PathBuf> {
        let (folder, pattern) = self.set.as_ref()?;
        let files = fs::read_dir(folder).ok()?.filter_map(Result::ok);
        let unread = files.filter_map(|entry| {
            let meta = entry.metadata().ok()?;
            let path = folder.join(entry.file_name());
            let fits = pattern.matches(entry.file_name().to_str()?);
            let changed = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            (meta.is_file() && fits && !self.seen.contains(&path)).then_some((changed, path))
        });
        unread.min().map(|(_, path)| path)
    }
}

impl Follow for Tail {
    fn wait(&mut self) -> bool {
        if self.is_interrupted() || self.next.is_some() {
            return false;
        }
        self.next = self.find();
        if self.next.is_none() {
            thread::sleep(POLL);
        }
        true
    }

    fn next_file(&mut self) -> Option<PathBuf> {
        let next = loop {
            if self.is_interrupted() {
                return None;
            }
            if let Some(next) = self.next.take().or_else(|| self.find()) {
                break next;
            }
            self.set.as_ref()?;
            thread::sleep(POLL);
        };
        self.seen.insert(next.clone());
        Some(next)
    }
}

/// Folder and name pattern, if `path` is no file and has wildcards.
fn pattern(path: &Path) -> Result<Option<(PathBuf, Pattern)>, Failure> {
    let name = path.file_name().and_then(|name| name.to_str());
    let Some(name) = name.filter(|name| name.contains(['*', '?', '[']) && !path.exists()) else {
        return Ok(None);
    };
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let pattern = Pattern::new(name)
        .map_err(|error| Failure(format!("--follow {}: {error}", path.display())))?;
    Ok(Some((folder, pattern)))
}
