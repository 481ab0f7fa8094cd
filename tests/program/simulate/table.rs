//! Option sets: every option is set by some row.

use deframe::{
    capture::{ByteOrder, Container, Resolution, WriteFormat},
    simulate::{
        Close, Faults, Impairments, Incidents, Isn, Link, Payload, Profile, Segmentation,
        SimConfig, StartOffset,
    },
};

/// Everything at once, at rates that a small capture shows.
pub fn mess() -> Impairments {
    Impairments {
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

/// Devices that make three connections, with one kind of incident.
fn incident(name: &'static str, set: fn(&mut Incidents)) -> (&'static str, SimConfig) {
    let mut incidents = Incidents::default();
    set(&mut incidents);
    let format = WriteFormat {
        container: Container::Pcapng,
        ..WriteFormat::default()
    };
    let options = SimConfig {
        connections: 3,
        frames: 20,
        incidents,
        format,
        ..SimConfig::default()
    };
    (name, options)
}

/// The table: every option is set by some row.
pub fn table() -> Vec<(&'static str, SimConfig)> {
    let d = SimConfig::default;
    let t = Impairments::default;
    let ng = WriteFormat {
        container: Container::Pcapng,
        ..WriteFormat::default()
    };
    let big = ByteOrder::Big;
    let nanos = Resolution::Nanos;
    vec![
        ("default", d()),
        ("none", SimConfig { devices: 0, ..d() }),
        ("empty streams", SimConfig { frames: 0, ..d() }),
        (
            "one",
            SimConfig {
                segmentation: Segmentation::One,
                messages: true,
                ..d()
            },
        ),
        (
            "mss",
            SimConfig {
                segmentation: Segmentation::Mss,
                ..d()
            },
        ),
        (
            "small mss",
            SimConfig {
                mss: 100,
                segmentation: Segmentation::One,
                ..d()
            },
        ),
        (
            "one byte",
            SimConfig {
                mss: 1,
                frames: 3,
                interval: 1,
                ..d()
            },
        ),
        (
            "coalesced",
            SimConfig {
                segmentation: Segmentation::Coalesced { min: 1, max: 4 },
                ..d()
            },
        ),
        (
            "random",
            SimConfig {
                segmentation: Segmentation::Random,
                ..d()
            },
        ),
        (
            "tiny",
            SimConfig {
                segmentation: Segmentation::Tiny,
                frames: 20,
                ..d()
            },
        ),
        (
            "jumbo",
            SimConfig {
                segmentation: Segmentation::Mss,
                mss: 64_000,
                frames: 900,
                ..d()
            },
        ),
        (
            "mix",
            SimConfig {
                mix: vec![0, 1, 6],
                payload: Payload::Zeros,
                ..d()
            },
        ),
        (
            "ascii",
            SimConfig {
                payload: Payload::Ascii,
                replies: 0.3,
                ..d()
            },
        ),
        (
            "counter",
            SimConfig {
                payload: Payload::Counter,
                messages: true,
                ..d()
            },
        ),
        (
            "adversarial",
            SimConfig {
                payload: Payload::Adversarial,
                faults: faults(),
                ..d()
            },
        ),
        (
            "drop",
            SimConfig {
                trouble: Impairments { drop: 0.1, ..t() },
                ..d()
            },
        ),
        (
            "drop unseen",
            SimConfig {
                trouble: Impairments { drop: 0.2, ..t() },
                acks: false,
                close: Close::None,
                ..d()
            },
        ),
        (
            "loss",
            SimConfig {
                trouble: Impairments { loss: 0.2, ..t() },
                ..d()
            },
        ),
        (
            "reorder",
            SimConfig {
                trouble: Impairments {
                    reorder: 0.2,
                    reorder_by: 1,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "retransmit",
            SimConfig {
                trouble: Impairments {
                    retransmit: 0.3,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "partial",
            SimConfig {
                trouble: Impairments {
                    partial_retransmit: 0.3,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "duplicate",
            SimConfig {
                trouble: Impairments {
                    duplicate: 1.0,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "keepalive",
            SimConfig {
                trouble: Impairments {
                    keepalive: 0.5,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "conflict",
            SimConfig {
                trouble: Impairments {
                    conflict: 0.3,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "checksums",
            SimConfig {
                trouble: Impairments {
                    bad_checksum: 0.3,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "ack early",
            SimConfig {
                trouble: Impairments {
                    ack_early: 0.5,
                    ..t()
                },
                ..d()
            },
        ),
        (
            "mess",
            SimConfig {
                trouble: mess(),
                faults: faults(),
                replies: 0.1,
                ..d()
            },
        ),
        (
            "mess tiny",
            SimConfig {
                trouble: mess(),
                segmentation: Segmentation::Tiny,
                frames: 20,
                ..d()
            },
        ),
        (
            "mess cut",
            SimConfig {
                trouble: mess(),
                snaplen: 300,
                segmentation: Segmentation::Mss,
                ..d()
            },
        ),
        (
            "snaplen",
            SimConfig {
                snaplen: 96,
                segmentation: Segmentation::One,
                ..d()
            },
        ),
        (
            "midstream",
            SimConfig {
                handshake: false,
                start_offset: StartOffset::Random,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "midstream 77",
            SimConfig {
                handshake: false,
                start_offset: StartOffset::At(77),
                one_way: true,
                ..d()
            },
        ),
        (
            "rst",
            SimConfig {
                close: Close::Rst,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "no close",
            SimConfig {
                close: Close::None,
                ..d()
            },
        ),
        (
            "again",
            SimConfig {
                connections: 5,
                port_reuse: true,
                frames: 10,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "nat",
            SimConfig {
                connections: 3,
                nat: true,
                frames: 10,
                ..d()
            },
        ),
        (
            "wrap",
            SimConfig {
                isn: Isn::Wrap,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "isn",
            SimConfig {
                isn: Isn::Fixed(u32::MAX),
                server_port: 502,
                ..d()
            },
        ),
        (
            "vlan",
            SimConfig {
                vlans: vec![100, 7],
                timestamps: true,
                ..d()
            },
        ),
        (
            "unpadded",
            SimConfig {
                padding: false,
                segmentation: Segmentation::Tiny,
                frames: 9,
                ..d()
            },
        ),
        (
            "sll",
            SimConfig {
                link: Link::Sll,
                ..d()
            },
        ),
        (
            "sll2 v6",
            SimConfig {
                link: Link::Sll2,
                ipv6: true,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "raw",
            SimConfig {
                link: Link::Raw,
                ..d()
            },
        ),
        (
            "null v6",
            SimConfig {
                link: Link::Null,
                ipv6: true,
                timestamps: true,
                ..d()
            },
        ),
        (
            "loop",
            SimConfig {
                link: Link::Loop,
                ..d()
            },
        ),
        (
            "pcapng",
            SimConfig {
                format: ng,
                interfaces: 3,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "pcapng be ns",
            SimConfig {
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
            SimConfig {
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
            SimConfig {
                format: WriteFormat {
                    resolution: nanos,
                    ..WriteFormat::default()
                },
                ..d()
            },
        ),
        (
            "by size",
            SimConfig {
                size: 100_000,
                frames: u64::MAX,
                faults: faults(),
                ..d()
            },
        ),
        (
            "churn",
            SimConfig {
                size: 100_000,
                connections: u32::MAX,
                frames: 5,
                ..d()
            },
        ),
        (
            "quick",
            SimConfig {
                interval: 1,
                trouble: mess(),
                ..d()
            },
        ),
        (
            "later",
            SimConfig {
                start: deframe::capture::Time::from_nanos(1_999_999_999),
                ..d()
            },
        ),
        (
            "constant isn",
            SimConfig {
                connections: 3,
                frames: 10,
                isn: Isn::PerDevice,
                ..d()
            },
        ),
        (
            "midstream again",
            SimConfig {
                handshake: false,
                connections: 3,
                frames: 10,
                port_reuse: true,
                ..d()
            },
        ),
        incident("reboot", |i| i.reboot = true),
        incident("drop syn", |i| i.drop_syn = 0.5),
        incident("refused", |i| i.refused = 0.5),
        incident("unanswered", |i| i.unanswered = 0.5),
        incident("server reset", |i| i.server_reset = 0.5),
        incident("bit errors", |i| i.bit_errors = 0.1),
        incident("zero window", |i| i.zero_window = 0.2),
        incident("silence", |i| i.silence = 0.2),
        incident("merge", |i| i.merge = 4),
        incident("clock back", |i| {
            (i.clock_step, i.clock_step_after) = (-3_600_000_000_000, 50);
        }),
        incident("other blocks", |i| i.other_blocks = 0.2),
        (
            "time-outs",
            SimConfig {
                trouble: Impairments { loss: 0.1, ..t() },
                incidents: Incidents {
                    timeout: 1_500_000_000,
                    ..Incidents::default()
                },
                ..d()
            },
        ),
        (
            "routed copies",
            SimConfig {
                trouble: Impairments {
                    duplicate: 0.3,
                    ..t()
                },
                incidents: Incidents {
                    routed_copies: true,
                    ..Incidents::default()
                },
                ..d()
            },
        ),
        (
            "field",
            SimConfig {
                truth: true,
                truth_payloads: true,
                ..Profile::Field.options(400_000)
            },
        ),
    ]
}
