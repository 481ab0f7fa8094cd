//! The program: arguments in, exit status out.
//!
//! Knows every room's front door. It is the only place that names `clap`, looks at the environment and prints.

mod args;
mod asked;
mod common;
mod diff;
mod dump;
mod errors;
mod exit;
mod export;
mod fail_on;
mod files;
mod filter;
mod follow;
mod format;
mod frames;
mod identify;
mod input;
mod notes;
mod pager;
mod plan;
mod protocol;
mod select;
mod simulate;
mod stats;
mod stderr;
mod streams;

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use clap::{
    CommandFactory, Parser,
    error::{ContextKind, ContextValue},
};

use args::{Cli, Command};
use exit::{Exit, Failure};
use files::cannot_write;
use stderr::say;

use crate::report::{
    output::Output,
    text::{escape_lines, style},
};

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            return explain(&error).into();
        }
    };
    cli.common.choose_colour();
    if let Some(columns) = terminal_columns() {
        style::set_width(columns);
    }
    match run(&cli) {
        Ok(exit) => exit.into(),
        Err(Failure(message)) => {
            if cli.common.quiet < 2 {
                say(&message);
            }
            Exit::Failure.into()
        }
    }
}

fn run(cli: &Cli) -> Result<Exit, Failure> {
    match &cli.command {
        Command::Stats(args) => stats::run(args, &cli.common),
        Command::Streams(args) => streams::run(args, &cli.common),
        Command::Frames(args) => frames::run(args, &cli.common),
        Command::Export(args) => export::run(args, &cli.common),
        Command::Simulate(args) => simulate::run(args, &cli.common),
        Command::Identify(args) => identify::run(args, &cli.common),
        Command::Protocol(args) => protocol::run(args),
        Command::Errors(args) => errors::run(args, &cli.common),
        Command::Dump(args) => dump::run(args, &cli.common),
        Command::Diff(args) => diff::run(args, &cli.common),
        Command::Completions { shell } => completions(*shell),
    }
}

/// Says what is wrong with the arguments, or gives the help that was asked for, which may fail as any output does.
fn explain(error: &clap::Error) -> Exit {
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
        && Path::new(word).is_file()
    {
        say(&format!(
            "name a command before the captures, as in `deframe stats {word}`; see `deframe --help`"
        ));
        return Exit::Failure;
    }
    if error.use_stderr() {
        // The message holds what was typed.
        anstream::eprint!("{}", escape_lines(&error.render().to_string()));
        return Exit::Failure;
    }
    match error.print().and_then(|()| io::stdout().flush()) {
        // A pipe that nobody reads is no failure.
        Err(failed) if failed.kind() != io::ErrorKind::BrokenPipe => {
            let Failure(message) = cannot_write(None, &failed);
            say(&message);
            Exit::Failure
        }
        _ => Exit::Success,
    }
}

fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "deframe", &mut script);
    let mut out = Output::stdout();
    out.with(|out| out.write_all(&script));
    out.finish().map_err(|error| cannot_write(None, &error))?;
    Ok(Exit::Success)
}

/// Columns of the terminal that people read on; `COLUMNS` overrides it.
fn terminal_columns() -> Option<usize> {
    let stated = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    stated.or_else(|| {
        let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
        Some(width.0.into())
    })
}
