//! Two readers that share the connections count what one alone counts.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use deframe::{
    analysis::Stats,
    capture::{CaptureSet, Input, LinkType, ReadConfig, Time, WriteFormat, Writer},
    decode,
    framing::FrameTable,
    pipeline::{self, Outcome, Selection},
    protocol::Protocol,
    tcp,
};
use etherparse::PacketBuilder;

use crate::support::shared_captures;

fn options(tcp: tcp::TcpConfig) -> pipeline::RunConfig {
    pipeline::RunConfig {
        table: Arc::new(FrameTable::new(&Protocol::fd().layout).unwrap()),
        selection: Selection::default(),
        decode: decode::DecodeConfig::default(),
        tcp,
    }
}

fn counters() -> Stats {
    Stats::new(&Protocol::fd().layout)
}

fn set(paths: &[&Path]) -> CaptureSet {
    let inputs = paths.iter().map(|path| Input::Path(path.to_path_buf()));
    CaptureSet::new(inputs.collect(), ReadConfig::default())
}

fn alone(paths: &[&Path], tcp: tcp::TcpConfig) -> (Outcome, Stats) {
    let mut stats = counters();
    let outcome = pipeline::run(&mut set(paths), &options(tcp), &mut stats, &mut |_| {});
    (outcome, stats)
}

/// `None` where one reader had to do it.
fn shared(paths: &[&Path], tcp: tcp::TcpConfig) -> Option<(Outcome, Stats)> {
    let (_, outcome, stats) =
        pipeline::run_shared(|| set(paths), &options(tcp), 0, counters, &mut |_| {});
    (outcome.readers == 2).then_some((outcome, stats))
}

/// All that a report can be made of, slots apart: they are names while a capture is read.
fn report((outcome, stats): &(Outcome, Stats)) -> String {
    let tcp = &outcome.tcp;
    let mut lines = vec![
        format!(
            "{:?} {:?} {}",
            outcome.decode, outcome.unselected, outcome.payload_bytes
        ),
        format!("{} {} {}", tcp.packets, tcp.connections, tcp.evicted),
        format!("{} {} {}", tcp.held, tcp.wild_segments, tcp.forced_gaps),
        format!(
            "{:?} {} {:?}",
            stats.total, stats.silent_streams, stats.dropped
        ),
        format!("{:?} {:?}", stats.intervals, stats.completion),
    ];
    for stream in stats.by_connection() {
        let id = stream.id;
        lines.push(format!(
            "{} {:?} {:?}",
            id.connection,
            id.dir,
            stream.numbers()
        ));
    }
    lines.join("\n")
}

/// Numbers of streams and connections compared, so that a test can require some.
fn same(path: &Path) -> (usize, u64) {
    let one = alone(&[path], tcp::TcpConfig::default());
    // Of what is packed one reader takes all.
    if let Some(two) = shared(&[path], tcp::TcpConfig::default()) {
        assert_eq!(report(&one), report(&two), "{}", path.display());
        return (one.1.streams.len(), one.0.tcp.connections);
    }
    (0, 0)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let (folders, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| self::files(folder)));
    files
}

#[test]
fn on_all_shared_captures() {
    let Some(folder) = shared_captures() else {
        return;
    };
    let compared = files(&folder).into_iter().map(|path| same(&path));
    let (streams, connections) = compared.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(
        streams > 200 && connections > 200,
        "{streams} streams, {connections} connections"
    );
}

#[test]
fn on_captures_with_every_mishap() {
    let folder = tempfile::tempdir().unwrap();
    for (at, mishaps) in [
        "--segmentation coalesced",
        "--segmentation tiny --drop .01 --reorder .02",
        "--drop .02 --drop-burst 5 --retransmit .05 --partial-retransmit .05",
        "--conflict .05 --duplicate .05 --keepalive .05 --retransmit .1",
        "--midstream --ack-early .02 --reorder .05 --reorder-by 9",
        "--port-reuse --close rst --connections 200 --drop .01",
        "--bad-header .02 --bad-end-marker .02 --short-frame .02 --junk .02 --replies .5",
        "--bad-checksum .05 --isn wrap --segmentation random",
        "--link sll --no-acks --close none --truncate-end --format pcapng",
    ]
    .iter()
    .enumerate()
    {
        let path = folder.path().join(format!("{at}.pcap"));
        let made = Command::new(env!("CARGO_BIN_EXE_deframe"))
            .args(["simulate", "--devices", "40", "--frames", "400", "-o"])
            .arg(&path)
            .args(mishaps.split(' '))
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{mishaps}: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        let (streams, connections) = same(&path);
        assert!(
            streams >= 40 && connections >= 40,
            "{mishaps}: {streams}, {connections}"
        );
    }
}

/// A capture of connections with one packet of 10 bytes at each of the seconds.
fn silent(path: &Path, connections: u16, seconds: &[i64]) {
    let file = fs::File::create(path).unwrap();
    let mut writer = Writer::new(file, WriteFormat::default(), LinkType(1), 0).unwrap();
    for (nth, second) in seconds.iter().enumerate() {
        for connection in 0..connections {
            let port = 1000 + connection;
            let packet = PacketBuilder::ethernet2([2; 6], [4; 6])
                .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
                .tcp(port, 9000, 100 + 10 * nth as u32, 1000)
                .ack(1);
            let mut bytes = Vec::new();
            packet.write(&mut bytes, b"0123456789").unwrap();
            let time = Time::from_nanos(second * 1_000_000_000 + i64::from(connection));
            let length = bytes.len() as u32;
            writer.packet(Some(time), &bytes, length, 0).unwrap();
        }
    }
    writer.finish().unwrap();
}

#[test]
fn silence_ends_no_connection_whoever_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("silent.pcap");
    for (connections, seconds) in [
        (3, &[0, 3601][..]),
        (3, &[0, 1, 4000, 9000]),
        (500, &[0, 3000, 7000]),
    ] {
        silent(&path, connections, seconds);
        let one = alone(&[&path], tcp::TcpConfig::default());
        let counts = (one.0.tcp.connections, one.0.tcp.evicted);
        assert_eq!(
            counts,
            (u64::from(connections), 0),
            "{connections} {seconds:?}"
        );
        assert_eq!(same(&path).1, u64::from(connections));
    }
}

#[test]
fn where_silent_connections_are_evicted_one_reader_has_to_do_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("silent.pcap");
    let few = || tcp::TcpConfig {
        few: 100,
        ..tcp::TcpConfig::default()
    };
    for (seconds, is_shared) in [(&[0, 3000, 6000][..], false), (&[0, 3600], true)] {
        silent(&path, 500, seconds);
        let one = alone(&[&path], few());
        assert_eq!(shared(&[&path], few()).is_some(), is_shared, "{seconds:?}");
        assert_eq!(one.0.tcp.connections, 500);
    }
    silent(&path, 500, &[0, 7000]);
    let evicted = alone(&[&path], few()).0.tcp.evicted;
    assert!(evicted > 20, "{evicted}");
}

#[test]
fn near_a_bound_on_all_connections_one_reader_has_to_do_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.pcap");
    silent(&path, 400, &[0, 1]);
    let bound = |max_connections| tcp::TcpConfig {
        max_connections,
        ..tcp::TcpConfig::default()
    };
    assert!(shared(&[&path], bound(1000)).is_some());
    assert!(shared(&[&path], bound(300)).is_none());
}

#[test]
fn several_files_are_shared_as_one_is() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [0, 1, 2].map(|at| folder.path().join(format!("{at}.pcap")));
    for (at, path) in (0..).zip(&paths) {
        silent(path, 60 + 20 * at as u16, &[100 * at, 100 * at + 5]);
    }
    let paths = paths.each_ref().map(PathBuf::as_path);
    let one = alone(&paths, tcp::TcpConfig::default());
    let two = shared(&paths, tcp::TcpConfig::default()).expect("two readers");
    assert_eq!(report(&one), report(&two));
    assert_eq!(one.0.tcp.connections, 100);
}
