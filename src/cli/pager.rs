//! A report that is longer than the terminal goes through `$PAGER`, as in git.

use std::{
    env,
    io::{self, IsTerminal, Write},
    process::{Child, Command, Stdio},
};

use anstream::AutoStream;

use crate::report::output::Output;

/// Used where `PAGER` is not set.
const DEFAULT_PAGER: &str = "less";
/// What less does if `LESS` is not set: ends at once if all fits, shows colours, leaves the text on the terminal.
const LESS: &str = "FRX";

/// Writes what `write` writes to standard output, through the pager if that is a terminal with fewer lines.
pub fn show(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let stdout = io::stdout();
    let mut text = AutoStream::new(Vec::new(), AutoStream::choice(&stdout));
    write(&mut text)?;
    let text = text.into_inner();
    let rows = terminal_size::terminal_size_of(&stdout).map(|(_, height)| usize::from(height.0));
    let lines = text.iter().filter(|byte| **byte == b'\n').count();
    if stdout.is_terminal()
        && rows.is_some_and(|rows| lines >= rows)
        && let Some(mut pager) = pager()
    {
        if let Some(mut input) = pager.stdin.take() {
            // A pager that is left before its end closes the pipe.
            let _ = input.write_all(&text);
        }
        pager.wait()?;
        return Ok(());
    }
    let mut out = Output::stdout();
    out.with(|out| out.write_all(&text));
    out.finish()
}

/// The pager, started; none where `PAGER` is empty or `cat`, or cannot be started.
fn pager() -> Option<Child> {
    let command = env::var("PAGER").unwrap_or_else(|_| DEFAULT_PAGER.to_owned());
    if command.is_empty() || command == "cat" {
        return None;
    }
    let mut shell = match cfg!(windows) {
        true => Command::new("cmd"),
        false => Command::new("sh"),
    };
    shell.args([if cfg!(windows) { "/C" } else { "-c" }, &command]);
    if env::var_os("LESS").is_none() {
        shell.env("LESS", LESS);
    }
    shell.stdin(Stdio::piped()).spawn().ok()
}
