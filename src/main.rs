//! deframe
fn main() {}
