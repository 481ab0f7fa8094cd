//! The capture reader: containers, compression, damage, several files.

#[path = "../support/mod.rs"]
mod support;

mod reader;
