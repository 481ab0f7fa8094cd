//! Names from captures, descriptions, files and options never reach a terminal as control characters.

use crate::support::{Bench, Run};

/// Clear screen, bell, C1 colour, right-to-left override, zero width, DEL.
const HOSTILE: &str = "\u{1b}[2J\u{7}\u{9b}31m\u{202e}\u{200b}\u{7f}";

/// A description with such a name wherever it takes one.
fn description() -> String {
    let name = r"\u001b[2J\u0007\u009b31m\u202e\u200b\u007f";
    format!(
        r#"
name = "p{name}"
description = "d{name}"
[[frame]]
name = "realtime{name}"
header = "FD AA"
payload = 150
end = "CC DD"
[[frame.field]]
name = "f{name}"
offset = 2
type = "u8"
unit = "u{name}"
values = {{ 0 = "v{name}" }}
[[frame]]
name = "extra190{name}"
header = "FD CC"
payload = 190
end = "CC DD"
[[frame]]
name = "extra192{name}"
header = "FD CC"
payload = 192
end = "CC DD"
[[message]]
name = "m{name}"
frames = ["realtime{name}", "extra190{name}", "extra192{name}"]
"#
    )
}

/// Requires that nothing but line breaks acts on a terminal.
#[track_caller]
fn is_harmless(run: &Run) {
    for (stream, text) in [("stdout", run.stdout()), ("stderr", run.stderr())] {
        let active = |c: char| {
            c.is_control() && c != '\n'
                || ('\u{200b}'..='\u{200f}').contains(&c)
                || ('\u{202a}'..='\u{202e}').contains(&c)
        };
        if let Some(at) = text.find(active) {
            let c = text[at..].chars().next().unwrap();
            panic!("{} on {stream}: {run:?}", c.escape_default());
        }
    }
}

#[test]
fn every_command_escapes_every_name() {
    let bench = Bench::new();
    bench.write("p.toml", description());
    let capture = format!("x{HOSTILE}.pcap");
    let other = format!("y{HOSTILE}.pcap");
    let faults = [
        "--bad-end-marker",
        "0.1",
        "--junk",
        "0.05",
        "--bad-header",
        "0.1",
        "--drop",
        "0.05",
    ];
    for (name, seed) in [(&capture, "1"), (&other, "2")] {
        bench.simulate(
            name,
            &[&["--payload", "zeros", "--seed", seed][..], &faults].concat(),
        );
    }
    let protocol = ["--protocol", "p.toml"];
    let rows: [&[&str]; 24] = [
        &["stats"],
        &["stats", "--all", "--format", "json"],
        &["stats", "--field", "x\u{1b}[2J"],
        &["stats", "--field", &format!("f{HOSTILE}")],
        &["streams"],
        &["streams", "--format", "json"],
        &["streams", "--format", "csv"],
        &["frames"],
        &["export"],
        &["export", "--format", "json"],
        &["export", "--format", "csv"],
        &["export", "-o", "no\u{1b}/folder"],
        &["errors"],
        &["errors", "--format", "ndjson"],
        &["errors", "--format", "csv"],
        &["dump"],
        &["diff", &other],
        &["diff", "--format", "ndjson", &other],
        &["diff", "--ignore", "\u{1b}x", &other],
        &["identify"],
        &["identify", "--format", "json"],
        &["stats", "--host", "\u{1b}[2J"],
        &["stats", "--from", "\u{9b}"],
        &["stats", "missing\u{1b}[2J.pcap"],
    ];
    for args in rows {
        is_harmless(&bench.run(&[args, &protocol, &[&capture]].concat()));
    }
    for args in [
        &["protocol", "check", "p.toml"][..],
        &["protocol", "show", "\u{1b}[2J"],
        &["stats", "--protocol", "\u{1b}[2J", &capture],
        &["stats", "--format", "\u{1b}[2J", &capture],
        &["stats", "--\u{1b}[2J", &capture],
        &["\u{1b}[2J"],
        &[
            "simulate",
            "--mix",
            "1,2",
            "--protocol",
            "p.toml",
            "-o",
            "z.pcap",
        ],
        &["simulate", "-o", &format!("z{HOSTILE}.pcap")],
    ] {
        is_harmless(&bench.run(args));
    }
}
