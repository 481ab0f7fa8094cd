//! The `deframe` program: see `deframe --help`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod cli;
mod report;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
