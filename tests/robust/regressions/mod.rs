//! Inputs on which something was once wrong, and the fuzzers' seeds, once through the fuzzers' own checks.
//!
//! Each check is a file beside this one that knows nothing of the fuzzer: `fuzz/fuzz_targets` calls the same ones.

mod blocks;
mod capture;
mod decode;
mod description;
mod framer;
mod tcp;
mod work;

use std::{fs, path::Path};

/// Runs a check on every file of the target; says how many there were.
fn replay(target: &str, check: fn(&[u8])) {
    let mut inputs = 0;
    for folder in ["seeds", "regressions"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fuzz")
            .join(folder)
            .join(target);
        // A packaged crate comes without `fuzz`.
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            println!("{}", path.display());
            check(&fs::read(&path).unwrap());
            inputs += 1;
        }
    }
    if inputs == 0 {
        eprintln!("skipped: no inputs for {target}");
    }
}

#[test]
fn captures() {
    replay("capture", capture::check);
}

#[test]
fn packets() {
    replay("decode", decode::check);
}

#[test]
fn segments() {
    replay("tcp", tcp::check);
}

#[test]
fn streams() {
    replay("framer", framer::check);
}

#[test]
fn work() {
    replay("work", work::check);
}

#[test]
fn blocks() {
    replay("blocks", blocks::check);
}

#[test]
fn descriptions() {
    replay("description", description::check);
}
