//! The program as its users meet it: every command, its outputs, its errors, the README.

#[path = "../support/mod.rs"]
mod support;

mod diff;
mod findings;
mod identify;
mod live;
mod outputs;
mod protocol_command;
mod readme;
mod schemas;
mod simulate;
mod stats;
mod terminal;
mod testdata;
mod trouble;
mod views;
