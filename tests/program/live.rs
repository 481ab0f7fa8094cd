//! Input that is still being written: lines leave as packets come, `--follow` goes on until Ctrl-C.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use crate::support::Bench;

/// Longest wait for a line, far above what it takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn spawn(folder: &Path, args: &[&str], stdin: Stdio) -> (Child, Receiver<String>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_deframe"))
        .args(args)
        .current_dir(folder)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let (send, lines) = channel();
    thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    (child, lines)
}

/// A capture of one device, 20 frames of one segment each, and where its second half begins.
fn capture(bench: &Bench, format: &str) -> (Vec<u8>, usize) {
    let options = [
        "--devices",
        "1",
        "--segmentation",
        "one",
        "--mix",
        "1,0,0",
        "--format",
        format,
    ];
    bench.simulate("all.cap", &options);
    let bytes = bench.read("all.cap");
    let half = bytes.len() / 2;
    (bytes, half)
}

#[test]
fn lines_leave_before_the_next_packet_comes() {
    let bench = Bench::new();
    for format in ["pcap", "pcapng"] {
        let (bytes, half) = capture(&bench, format);
        for args in [
            &["frames", "-"][..],
            &["export", "-"],
            &["export", "--format", "csv", "-"],
        ] {
            let (mut child, lines) = spawn(bench.path(), args, Stdio::piped());
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(&bytes[..half]).unwrap();
            // While the writer says nothing more.
            for _ in 0..5 {
                lines
                    .recv_timeout(PATIENCE)
                    .unwrap_or_else(|_| panic!("{args:?}"));
            }
            stdin.write_all(&bytes[half..]).unwrap();
            drop(stdin);
            assert!(child.wait().unwrap().success());
            assert!(lines.iter().count() > 10);
        }
    }
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    let status = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

#[test]
#[cfg(unix)]
fn a_growing_file_is_followed_until_ctrl_c() {
    let bench = Bench::new();
    let (bytes, half) = capture(&bench, "pcap");
    let path = bench.write("grow.cap", &bytes[..half]);
    let (mut child, lines) = spawn(
        bench.path(),
        &["export", "--follow", "grow.cap"],
        Stdio::null(),
    );
    lines.recv_timeout(PATIENCE).unwrap();
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(&bytes[half..]).unwrap();
    for _ in 1..20 {
        lines.recv_timeout(PATIENCE).unwrap();
    }
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
#[cfg(unix)]
fn the_next_file_of_a_rotated_set_is_followed() {
    let bench = Bench::new();
    let (bytes, _) = capture(&bench, "pcap");
    // Cut between two records: the file header, and the records before and behind the middle.
    let mut at = 24;
    while at < bytes.len() / 2 {
        let length = u32::from_le_bytes(bytes[at + 8..at + 12].try_into().unwrap());
        at += 16 + length as usize;
    }
    bench.write("ring1.pcap", &bytes[..at]);
    let args = ["export", "--follow", "ring*.pcap"];
    let (mut child, lines) = spawn(bench.path(), &args, Stdio::null());
    lines.recv_timeout(PATIENCE).unwrap();
    let mut next = File::create(bench.file("ring2.pcap")).unwrap();
    next.write_all(&bytes[..24]).unwrap();
    next.write_all(&bytes[at..]).unwrap();
    let mut last = String::new();
    for _ in 1..20 {
        last = lines.recv_timeout(PATIENCE).unwrap();
    }
    assert!(last.contains("\"index\":19"), "{last}");
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(fs::remove_file(bench.file("ring1.pcap")));
}

#[test]
fn standard_input_is_read_once() {
    for command in ["stats", "frames", "identify"] {
        let run = Bench::new().deframe(&[command, "-", "-"]).expect(2);
        assert!(run.stderr().contains("named twice"), "{run}");
    }
}

#[test]
fn the_order_of_captures_is_reported() {
    let bench = Bench::new();
    let early = ["--devices", "1", "--start", "1000"];
    let late = ["--devices", "1", "--start", "2000"];
    bench.simulate("a.pcap", &late);
    bench.simulate("b.pcap", &early);
    let run = bench.run(&["stats", "a.pcap", "b.pcap"]);
    assert!(
        run.stderr()
            .contains("in the order of their first packets: b.pcap, a.pcap"),
        "{run}"
    );
    let run = bench.run(&["stats", "--in-order-given", "a.pcap", "b.pcap"]);
    assert!(run.stderr().contains("begins earlier"), "{run}");
    bench.simulate(
        "c.pcap",
        &["--devices", "1", "--start", "1000", "--seed", "2"],
    );
    let run = bench.run(&["stats", "b.pcap", "c.pcap"]);
    assert!(run.stderr().contains("2 captures overlap in time"), "{run}");
}

#[test]
fn identify_obeys_times_and_lengths() {
    let bench = Bench::new();
    bench.simulate("a.pcap", &["--devices", "1", "--start", "1000"]);
    let count = |args: &[&str]| bench.deframe(args).run().stdout().lines().count();
    let all = count(&["identify", "--format", "ndjson", "a.pcap"]);
    let none = count(&["identify", "--format", "ndjson", "--from", "5000", "a.pcap"]);
    assert!(all > 0 && none == 0, "{all} {none}");
    let run = bench.run(&[
        "identify",
        "--format",
        "ndjson",
        "--lengths",
        "frame",
        "a.pcap",
    ]);
    assert!(!run.stdout().contains("\"protocol\":\"fd\""), "{run}");
}
