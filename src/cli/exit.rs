//! How a command ends.

use std::process::ExitCode;

/// Exit status of a command, in the order of diff(1); a worse one is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Nothing wrong.
    Success,
    /// Faults or differences were found.
    Found,
    /// Usage, I/O, a damaged capture.
    Failure,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Success => 0,
            Exit::Found => 1,
            Exit::Failure => 2,
        })
    }
}

/// Why a command cannot go on: a whole message.
#[derive(Debug)]
pub struct Failure(pub String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
