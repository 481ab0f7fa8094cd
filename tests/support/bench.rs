//! A temporary folder with captures in it, in which the program runs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::command::{Run, TestCommand, deframe};

pub struct Bench(tempfile::TempDir);

impl Bench {
    /// An empty folder.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A folder with simulated captures, each with its name and options of `simulate`.
    #[track_caller]
    pub fn with_captures(captures: &[(&str, &[&str])]) -> Self {
        let bench = Self::new();
        for (name, options) in captures {
            bench.simulate(name, options);
        }
        bench
    }

    /// Adds a simulated capture: 20 messages, if the options say nothing else.
    #[track_caller]
    pub fn simulate(&self, name: &str, options: &[&str]) {
        let mut args = vec!["simulate", "-q", "-o", name];
        if !options.contains(&"--frames") {
            args.extend(["--frames", "20"]);
        }
        args.extend(options);
        self.deframe(&args).ok();
    }

    /// Adds a file; returns its path.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name);
        fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }

    /// The bytes of a file.
    #[track_caller]
    pub fn read(&self, name: &str) -> Vec<u8> {
        let path = self.file(name);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The path of a file that may or may not exist.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The program with these arguments, to run in this folder.
    pub fn deframe(&self, args: &[&str]) -> TestCommand {
        deframe().args(args).dir(self.path())
    }

    /// Runs the program in this folder, whatever its exit status.
    pub fn run(&self, args: &[&str]) -> Run {
        self.deframe(args).run()
    }
}
