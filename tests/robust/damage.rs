//! Captures cut off and captures with bytes flipped: no panic, an end in time, bounded memory, every byte in its place.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    bed,
    support::{Random, shared_captures},
};

/// Captures below this are cut at every byte.
const SMALL: usize = 20_000;
/// Cuts of each other capture.
const CUTS: usize = 200;
/// Captures with flipped bytes, unless `DEFRAME_FLIPS` says how many.
const FLIPS: usize = 500;
/// Nothing may take longer.
const LIMIT: Duration = Duration::from_secs(60);
/// What all of it may take, of memory, the captures themselves counted.
const MEMORY_KIB: u64 = 512 << 10;

fn captures() -> Option<Vec<(PathBuf, Arc<[u8]>)>> {
    let folder = shared_captures()?;
    let mut paths: Vec<PathBuf> = ["tcp", "ics", "fd"]
        .iter()
        .flat_map(|part| fs::read_dir(folder.join(part)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "json"))
        .collect();
    paths.sort();
    assert!(paths.len() > 100, "only {} captures", paths.len());
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap();
        (path, bytes.into())
    };
    Some(paths.into_iter().map(read).collect())
}

/// Runs jobs on two threads. A job that panics or does not end is reported with its name, so that it can be run again.
fn in_time(jobs: usize, name: &(dyn Fn(usize) -> String + Sync), job: &(dyn Fn(usize) + Sync)) {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let current = [const { Mutex::new(None::<(usize, Instant)>) }; 2];
    let (done, all_done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        for current in &current {
            let (next, failed, done) = (&next, &failed, done.clone());
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= jobs || failed.load(Ordering::Relaxed) {
                        break;
                    }
                    *current.lock().unwrap() = Some((at, Instant::now()));
                    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(at)));
                    if caught.is_err() {
                        eprintln!("failed: {}", name(at));
                        failed.store(true, Ordering::Relaxed);
                    }
                }
                *current.lock().unwrap() = None;
                drop(done);
            });
        }
        drop(done);
        while all_done.recv_timeout(Duration::from_secs(1)) == Err(mpsc::RecvTimeoutError::Timeout)
        {
            for current in &current {
                if let Some((at, since)) = *current.lock().unwrap()
                    && since.elapsed() > LIMIT
                {
                    eprintln!("no end: {}", name(at));
                    process::abort();
                }
            }
        }
    });
    assert!(!failed.load(Ordering::Relaxed));
}

fn check_memory() {
    if let Some(peak) = bed::peak_kib() {
        println!("peak memory {peak} KiB");
        assert!(peak < MEMORY_KIB, "{peak} KiB");
    }
}

/// Where a capture is cut: everywhere, or at seeded places.
fn cuts(path: &Path, length: usize) -> Vec<usize> {
    if length < SMALL {
        return (0..=length).collect();
    }
    let seed = path
        .file_name()
        .unwrap()
        .as_encoded_bytes()
        .iter()
        .fold(7, |seed: u64, byte| {
            seed.wrapping_mul(31) + u64::from(*byte)
        });
    let mut random = Random(seed);
    (0..CUTS)
        .map(|_| random.below(length))
        .chain([length])
        .collect()
}

#[test]
fn captures_cut_anywhere() {
    let Some(captures) = captures() else { return };
    let mut cuts: Vec<(usize, usize)> = captures
        .iter()
        .enumerate()
        .flat_map(|(at, (path, bytes))| {
            cuts(path, bytes.len())
                .into_iter()
                .map(move |cut| (at, cut))
        })
        .collect();
    // The long ones first, so that the threads end together.
    cuts.sort_by_key(|&(_, cut)| std::cmp::Reverse(cut));
    let name = |at: usize| format!("{} cut at {}", captures[cuts[at].0].0.display(), cuts[at].1);
    let packets = AtomicU64::new(0);
    in_time(cuts.len(), &name, &|at| {
        let (capture, cut) = cuts[at];
        let run = bed::run(&captures[capture].1, cut);
        packets.fetch_add(run.outcome.decode.packets, Ordering::Relaxed);
    });
    println!("{} cuts, {} packets", cuts.len(), packets.into_inner());
    check_memory();
}

/// Bytes of a capture, some of them others: anywhere, or in the first packets, where all that follows depends on them.
fn flipped(bytes: &[u8], random: &mut Random) -> Arc<[u8]> {
    let mut bytes = bytes.to_vec();
    let front = match random.below(3) {
        0 => bytes.len().min(2000),
        _ => bytes.len(),
    };
    for _ in 0..1 << random.below(7) {
        let at = random.below(front);
        bytes[at] = match random.below(4) {
            0 => bytes[at] ^ (1 << random.below(8)),
            1 => 0xff,
            2 => 0,
            _ => random.next() as u8,
        };
    }
    bytes.into()
}

#[test]
fn captures_with_flipped_bytes() {
    let Some(captures) = captures() else { return };
    let flips = env::var("DEFRAME_FLIPS").map_or(FLIPS, |n| n.parse().expect("a number of runs"));
    let name = |at: usize| format!("run {at} on {}", captures[at % captures.len()].0.display());
    let packets = AtomicU64::new(0);
    in_time(flips, &name, &|at| {
        let bytes = flipped(&captures[at % captures.len()].1, &mut Random(at as u64));
        let run = bed::run(&bytes, bytes.len());
        packets.fetch_add(run.outcome.decode.packets, Ordering::Relaxed);
    });
    println!("{flips} runs, {} packets", packets.into_inner());
    check_memory();
}
