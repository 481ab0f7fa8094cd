//! What the README shows was run: every `console` block of it is run again and compared.
//!
//! A line `…` stands for any number of lines. `DEFRAME_BLESS=1` writes what is printed now into blocks without one.

use std::fs;

use crate::support::{deframe, is_blessing};

/// The blocks of a kind of code, without their fences.
fn blocks<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let fence = format!("```{kind}\n");
    text.split(fence.as_str())
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect()
}

/// A command line and what it prints on standard output.
fn run(line: &str) -> String {
    let words = line
        .strip_prefix("$ deframe ")
        .expect("a block begins with a command of deframe");
    let run = deframe().line(words).run();
    assert!(run.status() < Some(2), "{run}");
    run.stdout().to_owned()
}

/// Whether lines are the wanted ones, where `…` is any number of them.
fn fits(wanted: &[&str], lines: &[&str]) -> bool {
    match wanted.split_first() {
        None => lines.is_empty(),
        Some((&"…", rest)) => (0..=lines.len()).any(|n| fits(rest, &lines[n..])),
        Some((first, rest)) => lines.first() == Some(first) && fits(rest, &lines[1..]),
    }
}

#[test]
fn every_screen_was_run() {
    let mut readme = fs::read_to_string("README.md").unwrap();
    let before = readme.clone();
    let screens = blocks(&before, "console");
    assert!(screens.len() >= 5, "only {} screens", screens.len());
    for block in screens {
        let (command, wanted) = block.split_once('\n').unwrap();
        let printed = run(command);
        let printed = printed.trim_end();
        if is_blessing() && !wanted.lines().any(|line| line == "…") {
            readme = readme.replace(block, &format!("{command}\n{printed}"));
            continue;
        }
        let (wanted, lines): (Vec<_>, Vec<_>) =
            (wanted.lines().collect(), printed.lines().collect());
        assert!(fits(&wanted, &lines), "{command} prints\n{printed}");
    }
    if readme != before {
        fs::write("README.md", readme).unwrap();
    }
}

#[test]
fn the_command_of_the_first_page_is_there() {
    let readme = fs::read_to_string("README.md").unwrap();
    assert!(blocks(&readme, "sh").contains(&"cargo test"));
    assert!(
        blocks(&readme, "sh")
            .iter()
            .any(|block| block.starts_with("cargo run --release -- stats testdata/"))
    );
}
