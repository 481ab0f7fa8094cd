//! The text of dissectors: Lua accepts that of every built-in description and of 500 generated ones, and tshark loads
//! them.

use std::{fmt::Write, path::Path};

use deframe::{
    protocol::{Protocol, STARTER, library},
    wireshark,
};

use crate::support::{Bench, Random, TestCommand, has_peer};

const GENERATED: usize = 500;

/// Text that would break out of a Lua string or comment, a display filter, or a format.
const HOSTILE: &[&str] = &[
    "\"; os.execute('touch run') --",
    "]] os.execute('touch run') --[[",
    "\\",
    "\\\"",
    "%s %d %",
    "a\nos.execute('touch run')",
    "190",
    "end",
    "é",
    "\u{202e}gpj",
    "PROTO",
    "COLUMN",
    "--? scan",
    "\0",
    "a.b-c",
];

const TYPES: &[(&str, usize)] = &[
    ("u8", 1),
    ("u16", 2),
    ("u24", 3),
    ("u32", 4),
    ("u48", 6),
    ("u64", 8),
    ("i8", 1),
    ("i16", 2),
    ("i32", 4),
    ("i64", 8),
    ("f32", 4),
    ("f64", 8),
];

const CHECKSUMS: &[&str] = &[
    "crc16-modbus",
    "crc16-ccitt-false",
    "sum8",
    "sum16",
    "xor8",
    "lrc",
];

/// How the size of a frame is known, with 40 bytes at least.
fn size(random: &mut Random) -> String {
    match random.below(4) {
        0 => format!("payload = {}\nend = 'CC DD'\n", 40 + random.below(100)),
        1 => format!("size = {}\n", 60 + random.below(100)),
        2 => format!(
            "end = '0D 0A'\nmin = 50\nmax = {}\n",
            60 + random.below(1000)
        ),
        _ => format!(
            "length = {{ offset = 3, width = {}, endian = '{}', adjust = {} }}\nmin = 50\nmax = 200\n",
            1 + random.below(2),
            random.pick(&["big", "little"]),
            random.below(9)
        ),
    }
}

/// A description with one to three frame types; its names are plain, for the parser checks them.
fn description(random: &mut Random, number: usize) -> String {
    let mut text = format!("name = 'generated{number}'\n");
    for kind in 0..1 + random.below(3) {
        let header = format!("A{kind} {:02X} 5A", random.below(256));
        let size = size(random);
        let _ = write!(
            text,
            "[[frame]]\nname = 'kind{kind}'\nheader = '{header}'\n{size}"
        );
        if size.starts_with("size") && random.one_in(2) {
            let checksum = random.pick(CHECKSUMS);
            let _ = writeln!(text, "checksum = {{ kind = '{checksum}', at = -2 }}");
        }
        for field in 0..random.below(4) {
            let (name, width) = random.pick(TYPES);
            let offset = 6 + random.below(40 - width - 6);
            let _ = write!(
                text,
                "[[frame.field]]\nname = 'field{field}'\noffset = {offset}\ntype = '{name}'\n"
            );
            if *width > 1 {
                let _ = writeln!(text, "endian = '{}'", random.pick(&["big", "little"]));
            }
        }
    }
    text
}

/// Puts hostile text wherever a description has text.
fn poison(protocol: &mut Protocol, random: &mut Random) {
    let mut text = || {
        let parts = (0..1 + random.below(3)).map(|_| *random.pick(HOSTILE));
        parts.collect::<Vec<_>>().join(" ")
    };
    protocol.name = format!("{} {}", protocol.name, text());
    protocol.description = Some(text());
    protocol.source = Some(text());
    for frame in &mut protocol.frames {
        frame.name = text();
        frame.description = Some(text());
        for field in &mut frame.fields {
            field.name = text();
            field.description = Some(text());
            field.unit = Some(text());
            field.names = vec![(0, text()), (7, text())];
        }
    }
}

/// The dissectors, written as `N.lua`; how many.
fn write_all(bench: &Bench) -> usize {
    let mut texts: Vec<String> = library()
        .map(|entry| (entry.text, entry.name))
        .chain([(STARTER, "starter")])
        .map(|(text, name)| wireshark::dissector(&Protocol::parse(text, name).unwrap()))
        .collect();
    let mut random = Random(7);
    for number in 0..GENERATED {
        let text = description(&mut random, number);
        let mut protocol =
            Protocol::parse(&text, "generated").unwrap_or_else(|error| panic!("{error}\n{text}"));
        poison(&mut protocol, &mut random);
        texts.push(wireshark::dissector(&protocol));
    }
    for (at, text) in texts.iter().enumerate() {
        bench.write(&format!("{at}.lua"), text);
    }
    texts.len()
}

/// The Lua compiler under one of its names.
fn luac() -> Option<&'static str> {
    let names = ["luac5.2", "luac5.4", "luac"];
    let found = names.into_iter().find(|name| {
        std::process::Command::new(name)
            .arg("-v")
            .output()
            .is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        has_peer(&["luac", "-v"]);
    }
    found
}

#[test]
fn lua_accepts_every_dissector() {
    let Some(luac) = luac() else { return };
    let bench = Bench::new();
    let names: Vec<String> = (0..write_all(&bench))
        .map(|at| format!("{at}.lua"))
        .collect();
    assert!(names.len() > GENERATED);
    for some in names.chunks(100) {
        let run = TestCommand::new(luac)
            .arg("-p")
            .args(some)
            .dir(bench.path())
            .ok();
        run.quiet().no_output();
    }
}

#[test]
fn tshark_loads_every_dissector() {
    if !has_peer(&["tshark", "--version"]) {
        return;
    }
    let bench = Bench::new();
    let count = write_all(&bench);
    let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/tiny.pcap");
    // All of a hundred in one run: their names differ.
    for first in (0..count).step_by(100) {
        let scripts = (first..count.min(first + 100))
            .flat_map(|at| ["-X".to_owned(), format!("lua_script:{at}.lua")]);
        let run = TestCommand::new("tshark")
            .args(["-n", "-c", "9", "-r"])
            .arg(&tiny)
            .args(scripts)
            .dir(bench.path())
            .ok();
        assert!(!run.stderr().contains("Lua"), "{run}");
    }
    assert!(!bench.file("run").exists(), "a description was run");
}
