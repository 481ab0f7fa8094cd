//! Option sets: every option is set by some row.

use deframe::{
    capture::{ByteOrder, Container, Resolution, WriteFormat},
    simulate::{
        Close, Faults, Isn, Link, Options, Payload, Profile, Segmentation, StartOffset, Trouble,
    },
};

/// Everything at once, at rates that a small capture shows.
pub fn mess() -> Trouble {
    Trouble {
        drop: 0.03,
        drop_burst: 2,
        loss: 0.06,
        reorder: 0.08,
        reorder_by: 4,
        retransmit: 0.08,
        partial_retransmit: 0.08,
        duplicate: 0.05,
        keepalive: 0.06,
        conflict: 0.05,
        bad_checksum: 0.05,
        ack_early: 0.05,
    }
}

pub fn faults() -> Faults {
    Faults {
        bad_header: 0.05,
        bad_end_marker: 0.05,
        short_frame: 0.05,
        long_frame: 0.05,
        junk: 0.05,
        truncate_end: true,
    }
}

/// The table: every option is set by some row.
pub fn table() -> Vec<(&'static str, Options)> {
    let d = Options::default;
    let t = Trouble::default;
    let ng = WriteFormat {
        container: Container::Pcapng,
        ..WriteFormat::default()
    };
    let big = ByteOrder::Big;
    let nanos = Resolution::Nanos;
    vec![
        ("default", d()),
        ("none", Options { devices: 0, ..d() }),
        ("empty streams", Options { frames: 0, ..d() }),
        (
            "one",
            Options {
                segmentation: Segmentation::One,
                messages: true,
                ..d()
            },
        ),
        (
            "mss",
            Options {
                segmentation: Segmentation::Mss,
                ..d()
            },
        ),
        (
            "small mss",
            Options {
                mss: 100,
                segmentation: Segmentation::One,
                ..d()
            },
        ),
        (
            "one byte",
            Options {
                mss: 1,
                frames: 3,
                interval: 1,
                ..d()
            },
        ),
        (
            "coalesced",
            Options {
                segmentation: Segmentation::Coalesced { min: 1, max: 4 },
                ..d()
            },
        ),
        (
            "random",
            Options {
                segmentation: Segmentation::Random,
                ..d()
            },
        ),
        (
            "tiny",
            Options {
                segmentation: Segmentation::Tiny,
                frames: 20,
                ..d()
            },
        ),
        (
            "jumbo",
            Options {
                segmentation: Segmentation::Mss,
                mss: 64_000,
                frames: 900,
                ..d()
            },
        ),
        (
            "mix",
            Options {
                mix: vec![0, 1, 6],
                payload: Payload::Zeros,
                ..d()
            },
        ),
        (
            "ascii",
            Options {
                payload: Payload::Ascii,
                replies: 0.3,
                ..d()
            },
        ),
        (
            "counter",
            Options {
                payload: Payload::Counter,
                messages: true,
                ..d()
            },
        ),
        (
            "adversarial",
            Options {
                payload: Payload::Adversarial,
                faults: faults(),
                ..d()
            },
        ),
        (
            "drop",
            Options {
                trouble: Trouble { drop: 0.1, ..t() },
                ..d()
            },
        ),
        (
            "drop unseen",
            Options {
                trouble: Trouble { drop: 0.2, ..t() },
                acks: false,
                close: Close::None,
                ..d()
            },
        ),
        (
            "loss",
            Options {
                trouble: Trouble { loss: 0.2, ..t() },
                ..d()
            },
        ),
        (
            "reorder",
            Options {
                trouble: Trouble {
                    reorder: 0.2,
                    reorder_by: 1,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "retransmit",
            Options {
                trouble: Trouble {
                    retransmit: 0.3,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "partial",
            Options {
                trouble: Trouble {
                    partial_retransmit: 0.3,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "duplicate",
            Options {
                trouble: Trouble {
                    duplicate: 1.0,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "keepalive",
            Options {
                trouble: Trouble {
                    keepalive: 0.5,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "conflict",
            Options {
                trouble: Trouble {
                    conflict: 0.3,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "checksums",
            Options {
                trouble: Trouble {
                    bad_checksum: 0.3,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "ack early",
            Options {
                trouble: Trouble {
                    ack_early: 0.5,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "mess",
            Options {
                trouble: mess(),
                faults: faults(),
                replies: 0.1,
                ..d()
            },
        ),
        (
            "mess tiny",
            Options {
                trouble: mess(),
                segmentation: Segmentation::Tiny,
                frames: 20,
                ..d()
            },
        ),
        (
            "mess cut",
            Options {
                trouble: mess(),
                snaplen: 300,
                segmentation: Segmentation::Mss,
                ..d()
            },
        ),
        (
            "snaplen",
            Options {
                snaplen: 96,
                segmentation: Segmentation::One,
                ..d()
            },
        ),
        (
            "midstream",
            Options {
                handshake: false,
                start_offset: StartOffset::Random,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "midstream 77",
            Options {
                handshake: false,
                start_offset: StartOffset::At(77),
                one_way: true,
                ..d()
            },
        ),
        (
            "rst",
            Options {
                close: Close::Rst,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "no close",
            Options {
                close: Close::None,
                ..d()
            },
        ),
        (
            "again",
            Options {
                connections: 5,
                port_reuse: true,
                frames: 10,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "nat",
            Options {
                connections: 3,
                nat: true,
                frames: 10,
                ..d()
            },
        ),
        (
            "wrap",
            Options {
                isn: Isn::Wrap,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "isn",
            Options {
                isn: Isn::Fixed(u32::MAX),
                server_port: 502,
                ..d()
            },
        ),
        (
            "vlan",
            Options {
                vlans: vec![100, 7],
                timestamps: true,
                ..d()
            },
        ),
        (
            "unpadded",
            Options {
                padding: false,
                segmentation: Segmentation::Tiny,
                frames: 9,
                ..d()
            },
        ),
        (
            "sll",
            Options {
                link: Link::Sll,
                ..d()
            },
        ),
        (
            "sll2 v6",
            Options {
                link: Link::Sll2,
                ipv6: true,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "raw",
            Options {
                link: Link::Raw,
                ..d()
            },
        ),
        (
            "null v6",
            Options {
                link: Link::Null,
                ipv6: true,
                timestamps: true,
                ..d()
            },
        ),
        (
            "loop",
            Options {
                link: Link::Loop,
                ..d()
            },
        ),
        (
            "pcapng",
            Options {
                format: ng,
                interfaces: 3,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "pcapng be ns",
            Options {
                format: WriteFormat {
                    endian: big,
                    resolution: nanos,
                    ..ng
                },
                link: Link::Null,
                ..d()
            },
        ),
        (
            "pcap be",
            Options {
                format: WriteFormat {
                    endian: big,
                    ..WriteFormat::default()
                },
                link: Link::Null,
                ..d()
            },
        ),
        (
            "pcap ns",
            Options {
                format: WriteFormat {
                    resolution: nanos,
                    ..WriteFormat::default()
                },
                ..d()
            },
        ),
        (
            "by size",
            Options {
                size: 100_000,
                frames: u64::MAX,
                faults: faults(),
                ..d()
            },
        ),
        (
            "churn",
            Options {
                size: 100_000,
                connections: u32::MAX,
                frames: 5,
                ..d()
            },
        ),
        (
            "quick",
            Options {
                interval: 1,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "later",
            Options {
                start: deframe::capture::Time::from_nanos(1_999_999_999),
                ..d()
            },
        ),
        (
            "field",
            Options {
                truth: true,
                truth_payloads: true,
                ..Profile::Field.options(400_000)
            },
        ),
    ]
}
