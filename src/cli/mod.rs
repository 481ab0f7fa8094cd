//! The program: arguments in, exit status out.
//!
//! Knows every room's front door. It is the only place that names `clap`, looks at the environment and prints.

mod args;
mod diff;
mod dump;
mod errors;
mod export;
mod frames;
mod identify;
mod notes;
mod plan;
mod progress;
mod protocol;
mod select;
mod simulate;
mod stats;
mod streams;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Cli, Command, Common, When};

/// What a command comes to, as diff(1) has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Nothing wrong.
    Fine,
    /// Faults or differences found.
    Found,
    /// Usage, I/O, a damaged capture.
    Trouble,
}

/// Why a command cannot go on: a whole message.
#[derive(Debug)]
pub struct Trouble(pub String);

impl<E: std::error::Error> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Found => 1,
            Exit::Trouble => 2,
        })
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap prints help on stdout; a pipe that nobody reads is no failure.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Trouble
            } else {
                Exit::Fine
            }
            .into();
        }
    };
    choose_colour(&cli.common);
    match run(&cli) {
        Ok(exit) => exit.into(),
        Err(Trouble(message)) => {
            if cli.common.quiet < 2 {
                anstream::eprintln!("deframe: {message}");
            }
            Exit::Trouble.into()
        }
    }
}

fn run(cli: &Cli) -> Result<Exit, Trouble> {
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

fn choose_colour(common: &Common) {
    match common.color {
        When::Auto => {}
        When::Always => anstream::ColorChoice::Always.write_global(),
        When::Never => anstream::ColorChoice::Never.write_global(),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<Exit, Trouble> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "deframe", &mut script);
    let mut out = crate::report::output::Output::stdout();
    out.with(|out| out.write_all(&script));
    out.finish()?;
    Ok(Exit::Fine)
}
