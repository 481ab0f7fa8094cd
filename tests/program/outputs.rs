//! What happens to output files: each row of the table in docs/OUTPUTS.md.

#![cfg(unix)]

use std::{
    fs,
    io::Write,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::support::Bench;

fn bench() -> Bench {
    Bench::with_captures(&[("x.pcap", &[])])
}

fn export(bench: &Bench, output: &str) -> crate::support::Run {
    bench.run(&["export", "-q", "--format", "csv", "x.pcap", "-o", output])
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Names in the folder, hidden ones too.
fn names(bench: &Bench) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(bench.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn new_and_existing_files() {
    for (before, after) in [
        (None, 0o644),
        (Some(0o600), 0o600),
        (Some(0o640), 0o640),
        (Some(0o755), 0o755),
    ] {
        let bench = bench();
        if let Some(mode) = before {
            chmod(&bench.write("out.csv", "old"), mode);
        }
        let umask = mode(&bench.write("probe", ""));
        assert_eq!(export(&bench, "out.csv").status(), Some(0));
        let expected = before.map_or(umask, |_| after);
        assert_eq!(mode(&bench.file("out.csv")), expected, "{before:?}");
        assert!(bench.read("out.csv").starts_with(b"capture,"));
        assert_eq!(names(&bench), ["out.csv", "probe", "x.pcap"]);
    }
}

#[test]
fn a_read_only_file_is_refused() {
    let bench = bench();
    chmod(&bench.write("out.csv", "old"), 0o400);
    let run = export(&bench, "out.csv");
    assert_eq!(run.status(), Some(2), "{run}");
    run.warns("out.csv: cannot write: the file is read-only");
    assert_eq!(bench.read("out.csv"), b"old");
}

#[test]
fn links() {
    let bench = bench();
    bench.write("real.csv", "old");
    symlink("real.csv", bench.file("link.csv")).unwrap();
    assert_eq!(export(&bench, "link.csv").status(), Some(0));
    let meta = fs::symlink_metadata(bench.file("link.csv")).unwrap();
    assert!(meta.is_symlink());
    assert!(bench.read("real.csv").starts_with(b"capture,"));

    symlink("nothing.csv", bench.file("broken.csv")).unwrap();
    let run = export(&bench, "broken.csv");
    assert_eq!(run.status(), Some(2), "{run}");
    run.warns("it is a link to a file that cannot be found");

    bench.write("one.csv", "old");
    fs::hard_link(bench.file("one.csv"), bench.file("other.csv")).unwrap();
    assert_eq!(export(&bench, "one.csv").status(), Some(0));
    assert_eq!(bench.read("other.csv"), b"old");
}

#[test]
fn an_input_is_never_overwritten() {
    let bench = bench();
    fs::hard_link(bench.file("x.pcap"), bench.file("hard.pcap")).unwrap();
    symlink("x.pcap", bench.file("soft.pcap")).unwrap();
    let before = bench.read("x.pcap");
    for output in ["x.pcap", "./x.pcap", "hard.pcap", "soft.pcap"] {
        let run = export(&bench, output);
        assert_eq!(run.status(), Some(2), "{run}");
        run.warns("is an input; name another output");
    }
    assert_eq!(bench.read("x.pcap"), before);
}

#[test]
fn standard_output_is_no_input() {
    let bench = bench();
    let before = bench.read("x.pcap");
    for command in ["export", "stats", "frames"] {
        let out = fs::File::options()
            .append(true)
            .open(bench.file("x.pcap"))
            .unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_deframe"))
            .args([command, "x.pcap"])
            .current_dir(bench.path())
            .stdout(out)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("redirected to it"));
        assert_eq!(bench.read("x.pcap"), before);
    }
}

#[test]
fn devices_and_failures() {
    let bench = bench();
    assert_eq!(export(&bench, "/dev/null").status(), Some(0));
    let run = export(&bench, "/dev/full");
    assert_eq!(run.status(), Some(2), "{run}");
    run.warns("/dev/full: cannot write: No space left on device");
    let run = export(&bench, "-");
    assert!(run.bytes().starts_with(b"capture,"), "{run}");

    bench.write("no.pcap", "no capture, but some text");
    bench.write("out.csv", "old");
    let run = bench.run(&["export", "-q", "no.pcap", "-o", "out.csv"]);
    assert_eq!(run.status(), Some(2), "{run}");
    assert_eq!(bench.read("out.csv"), b"old");
    assert_eq!(names(&bench), ["no.pcap", "out.csv", "x.pcap"]);
}

#[test]
fn signals_leave_no_partial_file() {
    for signal in ["INT", "TERM", "HUP"] {
        let bench = bench();
        bench.write("out.csv", "old");
        let mut child = Command::new(env!("CARGO_BIN_EXE_deframe"))
            .args(["export", "-", "-o", "out.csv"])
            .current_dir(bench.path())
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let capture = bench.read("x.pcap");
        let mut input = child.stdin.take().unwrap();
        input.write_all(&capture).unwrap();
        let begun = Instant::now();
        while names(&bench).len() < 3 {
            assert!(begun.elapsed() < Duration::from_secs(20), "no partial file");
            thread::sleep(Duration::from_millis(10));
        }
        // The handler is set right after the file is made.
        thread::sleep(Duration::from_millis(200));
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(130), "{signal}");
        assert_eq!(names(&bench), ["out.csv", "x.pcap"], "{signal}");
        assert_eq!(bench.read("out.csv"), b"old");
    }
}
