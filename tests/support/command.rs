//! One run of a program: how it is started, and what it printed.

use std::{
    ffi::OsStr,
    fmt,
    fs::File,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
};

use serde_json::Value;

/// The program under test.
pub fn deframe() -> TestCommand {
    let mut test = TestCommand::new(env!("CARGO_BIN_EXE_deframe"));
    test.command
        .env_remove("CLICOLOR_FORCE")
        .env_remove("NO_COLOR");
    test
}

/// A command under construction. `ok` and `expect` check the exit status; every failure prints the command, its status
/// and both outputs.
pub struct TestCommand {
    command: Command,
    input: Input,
    stdout: Option<Stdio>,
}

/// What a command reads on standard input.
enum Input {
    Nothing,
    Bytes(Vec<u8>),
    File(File),
}

impl TestCommand {
    pub fn new(program: &str) -> Self {
        Self {
            command: Command::new(program),
            input: Input::Nothing,
            stdout: None,
        }
    }

    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Adds the words of a line that holds no quotes.
    pub fn line(self, line: &str) -> Self {
        self.args(line.split_whitespace())
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// The bytes of its standard input.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Input::Bytes(bytes.into());
        self
    }

    /// A file as its standard input.
    pub fn stdin_file(mut self, file: File) -> Self {
        self.input = Input::File(file);
        self
    }

    /// Where its standard output goes instead of into the `Run`.
    pub fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.stdout = Some(to.into());
        self
    }

    /// Runs it, whatever its exit status.
    pub fn run(mut self) -> Run {
        let command = self.to_string();
        self.command.stderr(Stdio::piped());
        self.command
            .stdout(self.stdout.take().unwrap_or_else(Stdio::piped));
        let output = match std::mem::replace(&mut self.input, Input::Nothing) {
            Input::Nothing => self.command.stdin(Stdio::null()).output(),
            Input::File(file) => self.command.stdin(file).output(),
            Input::Bytes(bytes) => self.run_with(bytes),
        };
        let output = output.unwrap_or_else(|error| panic!("{command}: {error}"));
        Run { command, output }
    }

    /// Runs it and requires exit status 0.
    #[track_caller]
    pub fn ok(self) -> Run {
        self.expect(0)
    }

    /// Runs it and requires this exit status.
    #[track_caller]
    pub fn expect(self, status: i32) -> Run {
        let run = self.run();
        assert!(
            run.status() == Some(status),
            "expected status {status}: {run}"
        );
        run
    }

    fn run_with(&mut self, input: Vec<u8>) -> std::io::Result<Output> {
        let mut child = self.command.stdin(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().expect("a pipe");
        // From a thread, for the program may fill its output pipes first. It may also exit before it has read everything.
        let writer = thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output();
        writer.join().expect("the writer does not panic");
        output
    }
}

impl fmt::Display for TestCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = Path::new(self.command.get_program());
        write!(f, "{}", program.file_name().unwrap_or_default().display())?;
        for arg in self.command.get_args() {
            write!(f, " {}", arg.display())?;
        }
        Ok(())
    }
}

/// What a command printed, and its exit status. Its `Display` is what a failed assertion should print.
pub struct Run {
    command: String,
    output: Output,
}

impl Run {
    /// The exit status, none if a signal ended it.
    pub fn status(&self) -> Option<i32> {
        self.output.status.code()
    }

    /// Standard output, byte for byte.
    pub fn bytes(&self) -> &[u8] {
        &self.output.stdout
    }

    /// Standard output as text.
    #[track_caller]
    pub fn stdout(&self) -> &str {
        str::from_utf8(&self.output.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// Standard error as text.
    #[track_caller]
    pub fn stderr(&self) -> &str {
        str::from_utf8(&self.output.stderr).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// Standard output as one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// Standard output as one JSON object a line.
    #[track_caller]
    pub fn ndjson(&self) -> Vec<Value> {
        let parse = |line| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}: {self}"))
        };
        self.stdout().lines().map(parse).collect()
    }

    /// Requires text on standard output.
    #[track_caller]
    pub fn prints(&self, text: &str) -> &Self {
        assert!(
            self.stdout().contains(text),
            "no {text:?} on stdout: {self}"
        );
        self
    }

    /// Requires text on standard error.
    #[track_caller]
    pub fn warns(&self, text: &str) -> &Self {
        assert!(
            self.stderr().contains(text),
            "no {text:?} on stderr: {self}"
        );
        self
    }

    /// Requires that standard error is empty.
    #[track_caller]
    pub fn quiet(&self) -> &Self {
        assert!(self.output.stderr.is_empty(), "stderr is not empty: {self}");
        self
    }

    /// Requires that standard output is empty.
    #[track_caller]
    pub fn no_output(&self) -> &Self {
        assert!(self.output.stdout.is_empty(), "stdout is not empty: {self}");
        self
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy;
        write!(
            f,
            "\n$ {}\n{}\n--- stdout\n{}\n--- stderr\n{}",
            self.command,
            self.output.status,
            text(&self.output.stdout),
            text(&self.output.stderr)
        )
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
