//! What the test binaries share: runs of the program, temporary folders with simulated captures, the place of the shared
//! captures and of peers, and seeded random numbers.

// Each test binary includes this module and uses a part of it.
#![allow(dead_code)]

mod bench;
mod command;
mod golden;
mod random;
mod shared;

#[allow(unused_imports)]
pub use self::{
    bench::Bench,
    command::{Run, TestCommand, deframe},
    golden::{golden, is_blessing},
    random::Random,
    shared::{has_peer, shared_captures},
};
