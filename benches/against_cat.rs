//! `deframe stats` against `cat`, on captures made up for it, one after the other in each round.
//!
//! ```text
//! cargo bench --bench against_cat -- [--rounds N] [--connections] [field] [mss] [tiny]
//! ```
//!
//! `cat FILE` to the null device is what reading costs; `one reader` is the library's pipeline and its counting on one
//! thread, which is what `stats` does where no second processor is to be had. Each figure is of a process from its start to its end. Compare within one run only, and
//! the smallest times rather than the middle ones where the machine has other work.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use deframe::{
    analysis::Stats,
    capture::{CaptureSet, Input, ReadConfig},
    decode,
    framing::FrameTable,
    pipeline::{self, Selection},
    protocol::Protocol,
    simulate::{self, Profile, simulate},
    tcp,
};

const MIB: u64 = 1 << 20;

/// Runs of each contender by default.
const ROUNDS: usize = 15;

/// A capture to measure with.
struct Bench {
    name: &'static str,
    profile: Profile,
    size: u64,
    connections: u32,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "field",
        profile: Profile::Field,
        size: 256 * MIB,
        connections: 100,
    },
    Bench {
        name: "mss",
        profile: Profile::Mss,
        size: 256 * MIB,
        connections: 100,
    },
    Bench {
        name: "tiny",
        profile: Profile::Tiny,
        size: 64 * MIB,
        connections: 100,
    },
];

const CONNECTIONS: &[Bench] = &[
    Bench {
        name: "field, 10,000 connections",
        profile: Profile::Field,
        size: 256 * MIB,
        connections: 10_000,
    },
    Bench {
        name: "field, 100,000 connections",
        profile: Profile::Field,
        size: 256 * MIB,
        connections: 100_000,
    },
];

/// One of those that run in turn.
struct Contender {
    name: &'static str,
    command: fn(&Path) -> Command,
}

const CONTENDERS: [Contender; 3] = [
    Contender {
        name: "cat",
        command: |path| with(Command::new("cat"), &[], path),
    },
    Contender {
        name: "deframe stats",
        command: |path| {
            with(
                Command::new(env!("CARGO_BIN_EXE_deframe")),
                &["stats"],
                path,
            )
        },
    },
    Contender {
        name: "one reader",
        command: |path| {
            with(
                Command::new(env::current_exe().expect("this program")),
                &["--library"],
                path,
            )
        },
    },
];

fn with(mut command: Command, arguments: &[&str], path: &Path) -> Command {
    command
        .args(arguments)
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// The pipeline and its counting, as `stats` has them.
fn library(path: PathBuf) {
    let protocol = Protocol::fd();
    let mut stats = Stats::new(&protocol.layout);
    let options = pipeline::RunConfig {
        table: Arc::new(FrameTable::new(&protocol.layout).expect("a sound layout")),
        selection: Selection::default(),
        decode: decode::DecodeConfig::default(),
        tcp: tcp::TcpConfig::default(),
    };
    let mut captures = CaptureSet::new(vec![Input::Path(path)], ReadConfig::default());
    pipeline::run(&mut captures, &options, &mut stats, &mut |_| {});
    assert!(stats.total.frame_count() > 0);
}

/// Writes the capture; gives back how many packets it has.
fn make(bench: &Bench, path: &Path) -> u64 {
    let protocol = Protocol::fd();
    let options = simulate::SimConfig {
        devices: bench.connections,
        ..bench.profile.options(bench.size)
    };
    let file = File::create(path).expect("a file in the temporary folder");
    simulate(&options, &protocol.layout, file)
        .expect("a simulation")
        .totals
        .packets
}

fn wait(mut child: Child, name: &str) {
    let status = child.wait().expect("a child");
    // 1 says that there are faults.
    assert!(matches!(status.code(), Some(0 | 1)), "{name}: {status}");
}

fn time(contender: &Contender, path: &Path) -> Duration {
    let mut command = (contender.command)(path);
    let start = Instant::now();
    wait(command.spawn().expect("a program"), contender.name);
    start.elapsed()
}

/// Most memory resident, in MiB, of a run of its own: asking for it takes time. None where the system does not say.
fn peak(contender: &Contender, path: &Path) -> Option<f64> {
    let mut child = (contender.command)(path).spawn().expect("a program");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    while child.try_wait().expect("a child").is_none() {
        let kib = fs::read_to_string(&status).ok().and_then(|status| {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix("VmHWM:"))?;
            line.trim()
                .trim_end_matches("kB")
                .trim()
                .parse::<f64>()
                .ok()
        });
        peak = kib.map(|kib| kib / 1024.0).or(peak);
        thread::sleep(Duration::from_micros(200));
    }
    peak
}

fn run(bench: &Bench, folder: &Path, rounds: usize) {
    let path = folder.join("capture.pcap");
    let packets = make(bench, &path);
    let size = fs::metadata(&path).expect("the capture").len();
    println!(
        "\n{}: {} MiB, {packets} packets, {rounds} rounds",
        bench.name,
        size / MIB
    );
    println!(
        "{:<16}{:>10}{:>10}{:>8}{:>8}{:>12}{:>10}{:>10}",
        "", "median ms", "min ms", "x cat", "min x", "ns/packet", "GB/s", "peak MiB"
    );
    let mut times = CONTENDERS.each_ref().map(|_| Vec::with_capacity(rounds));
    for round in 0..=rounds {
        for (contender, times) in CONTENDERS.iter().zip(&mut times) {
            let time = time(contender, &path);
            // The first round warms the page cache.
            if round > 0 {
                times.push(time.as_secs_f64());
            }
        }
    }
    times
        .iter_mut()
        .for_each(|times| times.sort_by(f64::total_cmp));
    let median = |times: &[f64]| times[times.len() / 2];
    for (contender, mine) in CONTENDERS.iter().zip(&times) {
        let (middle, least) = (median(mine), mine[0]);
        let peak = peak(contender, &path).map_or("-".to_owned(), |mib| format!("{mib:.1}"));
        println!(
            "{:<16}{:>10.1}{:>10.1}{:>8.2}{:>8.2}{:>12.0}{:>10.1}{:>10}",
            contender.name,
            middle * 1e3,
            least * 1e3,
            middle / median(&times[0]),
            least / times[0][0],
            middle * 1e9 / packets as f64,
            size as f64 / middle / 1e9,
            peak
        );
    }
}

fn main() {
    let mut arguments = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .peekable();
    if arguments
        .peek()
        .is_some_and(|argument| argument == "--library")
    {
        return library(arguments.nth(1).expect("a capture").into());
    }
    let (mut rounds, mut many, mut names) = (ROUNDS, false, Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => {
                rounds = arguments
                    .next()
                    .and_then(|n| n.parse().ok())
                    .expect("a number of rounds")
            }
            "--connections" => many = true,
            _ => names.push(argument),
        }
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let chosen = BENCHES
        .iter()
        .filter(|bench| names.is_empty() || names.iter().any(|name| name == bench.name));
    for bench in chosen.chain(if many { CONNECTIONS } else { &[] }) {
        run(bench, folder.path(), rounds.max(1));
    }
}
