//! What `simulate` writes against a stupid reader of its own: records by hand, checksums by the book, streams sorted by
//! sequence number with the first byte winning. It shares no code with the library but the types of the truth.

mod check;
mod reader;
mod table;

use std::collections::BTreeSet;

use deframe::{
    framing::{FrameLayout, Layout, Pattern, Size},
    simulate::{
        Counts, Incident, Isn, Link, Segmentation, SimConfig, StartOffset, Stream, Truth, simulate,
    },
};

use self::{
    check::check,
    reader::{read, records},
    table::{faults, mess, table},
};

/// The device protocol, by hand.
fn fd() -> Layout {
    let frame = |header: [u8; 2], size: usize| FrameLayout {
        headers: vec![Pattern {
            value: header.to_vec(),
            mask: vec![0xff; 2],
        }],
        size: Size::Fixed(size),
        end: vec![0xcc, 0xdd],
        min: size as u64,
        max: size as u64,
        checksum: None,
    };
    let frames = vec![
        frame([0xfd, 0xaa], 154),
        frame([0xfd, 0xcc], 194),
        frame([0xfd, 0xcc], 196),
    ];
    Layout {
        frames,
        messages: vec![vec![0, 1, 2]],
        ..Layout::default()
    }
}

fn make(options: &SimConfig) -> (Vec<u8>, Truth) {
    let layout = fd();
    let mut capture = Vec::new();
    let truth = simulate(options, &layout, &mut capture).expect("simulate");
    (capture, truth)
}

#[test]
fn every_row_says_the_truth() {
    for (name, options) in table() {
        for seed in 1..=4 {
            let options = SimConfig {
                seed,
                ..options.clone()
            };
            let (capture, truth) = make(&options);
            let packets = read(&capture, &options);
            println!("{name}, seed {seed}: {} packets", packets.len());
            check(&options, &packets, &truth);
            assert_eq!(truth.totals.bytes, capture.len() as u64);
        }
    }
}

/// FNV-1a, 64 bits.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let tiny = SimConfig {
        devices: 1,
        frames: 3,
        ..SimConfig::default()
    };
    assert_eq!(
        hash(&make(&tiny).0),
        GOLDEN,
        "captures made by older versions change"
    );
    for (name, options) in table().into_iter().filter(|(name, _)| *name != "none") {
        let (first, again) = (make(&options), make(&options));
        assert!(first == again, "{name}");
        let other = SimConfig {
            seed: 99,
            ..options.clone()
        };
        assert!(first.0 != make(&other).0, "{name}: seeds");
        let silent = SimConfig {
            truth: false,
            ..options
        };
        let (capture, truth) = make(&silent);
        assert!(
            first.0 == capture && truth.streams.is_empty(),
            "{name}: truth changes nothing"
        );
    }
}

const GOLDEN: u64 = 14_470_541_337_905_604_675;

#[test]
fn every_trouble_happens() {
    let (_, truth) = make(&SimConfig {
        trouble: mess(),
        faults: faults(),
        replies: 0.1,
        ..SimConfig::default()
    });
    let c = truth.totals.counts;
    let all = [
        c.retransmitted,
        c.partial,
        c.out_of_order,
        c.duplicates,
        c.keepalives,
        c.conflicts,
        c.bad_checksums,
        c.acks,
        c.replies,
        c.dropped,
        c.lost,
        c.reordered,
        truth.totals.faults,
        truth.totals.gaps,
        truth.totals.lost,
    ];
    assert!(all.iter().all(|count| *count > 0), "{:?}", truth.totals);
    let kinds: BTreeSet<_> = truth
        .streams
        .iter()
        .flat_map(|s| &s.faults)
        .map(|fault| fault.kind)
        .collect();
    assert_eq!(kinds.len(), 6, "{kinds:?}");
    let wrapped = make(&SimConfig {
        isn: Isn::Wrap,
        ..SimConfig::default()
    })
    .1;
    assert!(
        wrapped
            .streams
            .iter()
            .all(|s| u64::from(s.base_seq) + s.sent > 1 << 32 || s.base_seq < 2)
    );
}

#[test]
fn options_that_contradict_themselves_are_refused() {
    let d = SimConfig::default;
    let rows = [
        SimConfig { mss: 0, ..d() },
        SimConfig {
            mss: u16::MAX,
            ..d()
        },
        SimConfig {
            frames: u64::MAX,
            ..d()
        },
        SimConfig {
            replies: 1.5,
            ..d()
        },
        SimConfig {
            replies: f64::NAN,
            ..d()
        },
        SimConfig {
            start_offset: StartOffset::Random,
            ..d()
        },
        SimConfig {
            vlans: vec![1],
            link: Link::Raw,
            ..d()
        },
        SimConfig {
            interfaces: 0,
            ..d()
        },
        SimConfig {
            interfaces: 2,
            ..d()
        },
        SimConfig {
            vlans: vec![7, 4095],
            ..d()
        },
        SimConfig {
            mix: vec![0, 0, 0],
            ..d()
        },
        SimConfig {
            mix: vec![1; 4],
            ..d()
        },
        SimConfig {
            interval: u64::MAX,
            ..d()
        },
        SimConfig {
            segmentation: Segmentation::Coalesced { min: 3, max: 2 },
            ..d()
        },
    ];
    let layout = fd();
    for options in rows {
        assert!(
            simulate(&options, &layout, std::io::sink()).is_err(),
            "{options:?}"
        );
    }
    let mut searched = fd();
    searched.frames[0].size = Size::Searched;
    assert!(simulate(&d(), &searched, std::io::sink()).is_err());
}

#[test]
fn the_reader_of_captures_reads_them() {
    use deframe::capture;
    for (name, options) in table() {
        let (file, truth) = make(&options);
        let records = records(&file).1;
        let read = Box::new(std::io::Cursor::new(file.clone()));
        let inputs = vec![capture::Input::Reader {
            name: name.into(),
            read,
        }];
        let mut set = capture::CaptureSet::new(inputs, capture::ReadConfig::default());
        let mut count = 0;
        while let Some(packet) = set.next_packet() {
            let (time, data, wire_len, _) = records[count];
            assert_eq!(packet.time.map(capture::Time::nanos), Some(time), "{name}");
            assert_eq!(
                (packet.data, packet.wire_len as usize),
                (data, wire_len),
                "{name}"
            );
            assert_eq!(packet.link, options.link.link_type(), "{name}");
            count += 1;
        }
        assert_eq!(count as u64, truth.totals.packets, "{name}");
    }
}

#[test]
fn every_incident_happens_and_the_truth_names_it() {
    let rows: Vec<_> = table().into_iter().collect();
    let of = |name: &str| {
        let (_, options) = rows.iter().find(|row| row.0 == name).expect("a row");
        make(options).1
    };
    for (row, incident) in [
        ("reboot", Incident::Rebooted),
        ("drop syn", Incident::HandshakeMissed),
        ("refused", Incident::Refused),
        ("unanswered", Incident::Unanswered),
        ("server reset", Incident::ServerReset),
    ] {
        let streams = of(row).streams;
        let has = |stream: &&Stream| stream.incidents.contains(&incident);
        let count = streams.iter().filter(has).count();
        assert!(count > 0 && count < streams.len(), "{row}: {count}");
        for stream in streams.iter().filter(has) {
            assert_eq!(stream.syn, incident != Incident::HandshakeMissed);
            let rst = matches!(incident, Incident::Refused | Incident::ServerReset);
            assert_eq!(stream.rst, rst, "{row}");
        }
    }
    let counts = |row: &str| {
        of(row)
            .streams
            .iter()
            .fold(Counts::default(), |mut sum, stream| {
                sum += stream.counts;
                sum
            })
    };
    assert!(counts("bit errors").bit_errors > 0);
    assert!(counts("zero window").zero_windows > 0);
    assert!(counts("silence").probes > 0);
    assert!(counts("routed copies").duplicates > 0);
    let reboot = of("reboot");
    let first = &reboot.streams[0];
    let again = reboot
        .streams
        .iter()
        .filter(|stream| stream.client == first.client);
    assert!(again.clone().count() == 3 && again.clone().all(|one| one.base_seq == first.base_seq));
    let blocks = of("other blocks");
    let last = blocks.streams.iter().map(|stream| stream.last_packet).max();
    assert!(last > Some(blocks.totals.packets), "blocks are numbered");
}
