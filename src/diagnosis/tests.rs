//! Rules, each on a connection that shows its cause and on ones that do not.

use std::{io::Cursor, sync::Arc};

use super::{Asked, Case, Finding, diagnose};
use crate::{
    analysis::Stats,
    capture::{CaptureSet, Input, ReadConfig},
    decode::DecodeConfig,
    framing::FrameTable,
    pipeline::{self, RunConfig, Selection},
    protocol::Protocol,
    tcp::TcpConfig,
};

const SYN: u8 = 2;
const FIN: u8 = 1;
const RST: u8 = 4;
const ACK: u8 = 16;

/// One connection after another, packet by packet; times in milliseconds.
#[derive(Default)]
struct Script {
    packets: Vec<u8>,
    now: u64,
    /// Port of the device.
    port: u16,
    /// Next sequence number of device and server.
    next: [u32; 2],
    id: u16,
}

/// A packet that is not quite the usual one.
#[derive(Clone, Copy)]
struct Odd {
    seq: u32,
    window: u16,
    ttl: u8,
    id: Option<u16>,
}

impl Script {
    fn new() -> Self {
        let mut header = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0];
        header.extend([0; 8]);
        header.extend(262_144_u32.to_le_bytes());
        header.extend(101_u32.to_le_bytes());
        Self {
            packets: header,
            now: 1_000_000,
            ..Self::default()
        }
    }

    /// A packet of the device (0) or the server (1) as it would be next.
    fn usual(&self, from: usize) -> Odd {
        Odd {
            seq: self.next[from],
            window: 8192,
            ttl: 64,
            id: None,
        }
    }

    /// Writes a packet with raw IP, its checksum left to the network card.
    fn write(&mut self, from: usize, flags: u8, odd: Odd, data: &[u8]) {
        self.id += 1;
        let hosts = [[10, 0, 0, 7], [10, 0, 0, 1]];
        let ports = [self.port, 9000];
        let mut packet = vec![0x45, 0];
        packet.extend((40 + data.len() as u16).to_be_bytes());
        packet.extend(odd.id.unwrap_or(self.id).to_be_bytes());
        packet.extend([0x40, 0, odd.ttl, 6, 0, 0]);
        packet.extend(hosts[from]);
        packet.extend(hosts[1 - from]);
        packet.extend(ports[from].to_be_bytes());
        packet.extend(ports[1 - from].to_be_bytes());
        packet.extend(odd.seq.to_be_bytes());
        packet.extend(self.next[1 - from].to_be_bytes());
        packet.extend([0x50, flags]);
        packet.extend(odd.window.to_be_bytes());
        packet.extend([0; 4]);
        packet.extend(data);
        let length = packet.len() as u32;
        for field in [
            (self.now / 1000) as u32,
            (self.now % 1000 * 1000) as u32,
            length,
            length,
        ] {
            self.packets.extend(field.to_le_bytes());
        }
        self.packets.extend(packet);
        self.now += 1;
    }

    fn send(&mut self, from: usize, flags: u8, data: &[u8]) {
        self.write(from, flags, self.usual(from), data);
        let numbers = data.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        self.next[from] = self.next[from].wrapping_add(numbers);
    }

    /// The handshake of the next connection.
    fn open(&mut self) {
        self.port = 40_000.max(self.port + 1);
        self.next = [1000, 5000];
        self.send(0, SYN, &[]);
        self.send(1, SYN | ACK, &[]);
        self.send(0, ACK, &[]);
    }

    /// Data of the device, acknowledged, then 100 ms.
    fn data(&mut self, data: &[u8]) {
        self.send(0, ACK, data);
        self.send(1, ACK, &[]);
        self.now += 100;
    }

    fn frames(&mut self, n: usize) {
        for _ in 0..n {
            self.data(&frame(154));
        }
    }

    fn close(&mut self) {
        self.send(0, FIN | ACK, &[]);
        self.send(1, FIN | ACK, &[]);
    }

    fn findings(self) -> Vec<Finding> {
        let protocol = Protocol::fd();
        let input = Input::Reader {
            name: "script.pcap".to_owned(),
            read: Box::new(Cursor::new(self.packets)),
        };
        let mut captures = CaptureSet::new(vec![input], ReadConfig::default());
        let config = RunConfig {
            table: Arc::new(FrameTable::new(&protocol.layout).unwrap()),
            selection: Selection::default(),
            decode: DecodeConfig::default(),
            tcp: TcpConfig::default(),
        };
        let mut stats = Stats::new(&protocol.layout);
        let outcome = pipeline::run(&mut captures, &config, &mut stats, &mut |_| {});
        let asked = Asked {
            arguments: "script.pcap".to_owned(),
            ..Asked::default()
        };
        diagnose(&Case {
            stats: &stats,
            outcome: &outcome,
            captures: captures.table(),
            protocol: &protocol,
            asked: &asked,
        })
    }
}

/// A frame of the device protocol of this size: 154 with its own header, else with the other.
fn frame(size: usize) -> Vec<u8> {
    let header: &[u8] = if size == 154 {
        &[0xfd, 0xaa]
    } else {
        &[0xfd, 0xcc]
    };
    let mut bytes = header.to_vec();
    bytes.resize(size - 2, 0x11);
    bytes.extend([0xcc, 0xdd]);
    bytes
}

/// What happens on a connection.
type Play = fn(&mut Script);

/// A row: what happens, and the findings, most important first, each with a part of its sentence.
type Row = (&'static str, Play, &'static [(&'static str, &'static str)]);

const ROWS: &[Row] = &[
    ("nothing", |s| s.frames(20), &[]),
    (
        "a wrong end marker",
        |s| {
            s.frames(5);
            let mut bad = frame(154);
            bad[153] = 0;
            s.data(&bad);
            s.frames(5);
        },
        &[(
            "device.garbled_frames",
            "10.0.0.7:40000 sent 1 garbled frame (1 wrong end marker), in packet 14",
        )],
    ),
    (
        "short frames now and then",
        |s| {
            for _ in 0..2 {
                s.frames(20);
                s.data(&frame(186));
            }
            s.frames(2);
        },
        &[(
            "device.wrong_length",
            "sent 2 frames that are 8 bytes short of extra190",
        )],
    ),
    (
        "a length of its own, again and again",
        |s| {
            for _ in 0..6 {
                s.frames(3);
                s.data(&frame(204));
            }
            s.frames(1);
        },
        &[(
            "device.unknown_frame_type",
            "6 frames of 204 bytes that begin with FD CC",
        )],
    ),
    (
        "a reset in the middle of a frame, and the rest of it later",
        |s| {
            s.frames(5);
            s.data(&frame(154)[..60]);
            s.send(0, RST | ACK, &[]);
            s.now += 8000;
            s.open();
            s.data(&frame(154)[60..]);
            s.frames(5);
        },
        &[("device.restarted", "connected again 8.0 s later")],
    ),
    (
        "silence, then a new connection",
        |s| {
            s.frames(12);
            s.now += 30_000;
            s.open();
            s.frames(5);
        },
        &[(
            "device.restarted",
            "without closing its connection and connected again 30.1 s later",
        )],
    ),
    (
        "a new connection after a clean end",
        |s| {
            s.frames(12);
            s.close();
            s.now += 30_000;
            s.open();
            s.frames(5);
        },
        &[],
    ),
    (
        "20 minutes of keep-alives",
        |s| {
            s.frames(20);
            for _ in 0..20 {
                s.now += 60_000;
                let mut keepalive = s.usual(1);
                keepalive.seq -= 1;
                s.write(1, ACK, keepalive, &[]);
                s.send(0, ACK, &[]);
            }
            s.frames(20);
        },
        &[("device.silent", "for 20 min")],
    ),
    (
        "pauses are the habit",
        |s| {
            for _ in 0..10 {
                s.frames(3);
                s.now += 600_000;
                s.send(1, ACK, &[]);
                s.send(0, ACK, &[]);
                s.send(1, ACK, &[]);
            }
        },
        &[],
    ),
    (
        "requests that nobody answers",
        |s| {
            s.frames(5);
            s.send(1, ACK, b"request");
            s.next[1] -= 7;
            for _ in 0..3 {
                s.now += 2000;
                s.write(1, ACK, s.usual(1), b"request");
            }
        },
        &[("device.no_answer", "10.0.0.7:40000 acknowledged nothing")],
    ),
    (
        "two frames in a segment",
        |s| {
            s.frames(5);
            s.data(&[frame(154), frame(154)].concat());
        },
        &[("server.coalesced_reads", "(1 of 7 frames)")],
    ),
    (
        "the server resets between frames",
        |s| {
            s.frames(5);
            s.send(1, RST | ACK, &[]);
        },
        &[("server.reset", "10.0.0.1:9000 reset 1 connection")],
    ),
    (
        "the server closes in the middle of a frame",
        |s| {
            s.frames(5);
            s.data(&frame(154)[..71]);
            s.now += 30_000;
            s.send(1, FIN | ACK, &[]);
            s.send(0, RST, &[]);
        },
        &[(
            "server.closed_mid_frame",
            "the rest of it had not come for 30.1 s",
        )],
    ),
    (
        "a closed window",
        |s| {
            s.frames(5);
            let mut full = s.usual(1);
            full.window = 0;
            s.write(1, ACK, full, &[]);
            s.now += 2000;
            s.send(1, ACK, &[]);
            s.frames(5);
        },
        &[(
            "server.zero_window",
            "once (zero window), for 2.0 s at most",
        )],
    ),
    (
        "sent again after a time-out",
        |s| {
            s.frames(5);
            let lost = s.usual(0);
            s.send(0, ACK, &frame(154));
            s.now += 2000;
            s.write(0, ACK, lost, &frame(154));
            s.send(1, ACK, &[]);
            s.frames(5);
        },
        &[("network.loss", "1 segment lost behind the place of capture")],
    ),
    (
        "a hole filled late, and what waited",
        |s| {
            s.frames(5);
            let lost = s.usual(0);
            s.next[0] += 154;
            s.send(0, ACK, &frame(154));
            s.now += 300;
            s.write(0, ACK, lost, &frame(154));
            s.send(1, ACK, &[]);
            s.frames(5);
        },
        &[
            ("server.coalesced_reads", "(1 of 12 frames)"),
            ("network.loss", "1 segment lost before the place of capture"),
        ],
    ),
    (
        "two segments swapped",
        |s| {
            s.frames(5);
            let first = Odd {
                id: Some(100),
                ..s.usual(0)
            };
            s.next[0] += 154;
            let second = Odd {
                id: Some(101),
                ..s.usual(0)
            };
            s.write(0, ACK, second, &frame(154));
            s.write(0, ACK, first, &frame(154));
            s.next[0] += 154;
            s.send(1, ACK, &[]);
        },
        &[
            ("server.coalesced_reads", ""),
            (
                "network.reordering",
                "1 segment of 10.0.0.7:40000 overtaken",
            ),
        ],
    ),
    (
        "other bytes",
        |s| {
            s.frames(5);
            let first = s.usual(0);
            s.data(&frame(154));
            let mut other = frame(154);
            other[80] = 0x22;
            s.write(0, ACK, first, &other);
            s.frames(5);
        },
        &[(
            "network.rewritten",
            "1 segment of 10.0.0.7:40000 came again with other bytes",
        )],
    ),
    (
        "a hole that the server acknowledged",
        |s| {
            s.frames(5);
            s.next[0] += 154;
            s.frames(300);
        },
        &[("capture.not_captured", "misses 154 bytes in 1 gap")],
    ),
    (
        "no acknowledgements",
        |s| {
            for _ in 0..20 {
                s.send(0, ACK, &frame(154));
                s.now += 100;
            }
        },
        &[(
            "capture.one_way",
            "no acknowledgement of what 10.0.0.7:40000 sent",
        )],
    ),
    (
        "every packet twice, behind a router too",
        |s| {
            for _ in 0..5 {
                let copy = Odd {
                    ttl: 63,
                    id: Some(s.id + 1),
                    ..s.usual(0)
                };
                s.send(0, ACK, &frame(154));
                s.write(0, ACK, copy, &frame(154));
                s.send(1, ACK, &[]);
                s.now += 100;
            }
        },
        &[(
            "capture.duplicates",
            "5 packets of 10.0.0.7:40000 captured twice, first in packet 5: before and behind a router",
        )],
    ),
    (
        "merged segments",
        |s| {
            s.frames(5);
            s.data(&frame(154).repeat(20));
        },
        &[
            ("server.coalesced_reads", ""),
            ("capture.merged_segments", "up to 3,080 bytes"),
        ],
    ),
    (
        "the clock goes back",
        |s| {
            s.frames(5);
            s.now -= 3_600;
            s.frames(5);
        },
        &[("capture.clock_step", "went back by 3.4 s")],
    ),
    (
        "a lossy mirror and a bad device",
        |s| {
            s.frames(5);
            let mut bad = frame(154);
            bad[0] = 0;
            s.data(&bad);
            s.frames(5);
            s.next[0] += 154;
            s.frames(300);
        },
        &[
            ("device.garbled_frames", "1 wrong header"),
            ("capture.not_captured", ""),
        ],
    ),
];

#[test]
fn each_rule_finds_its_cause_and_nothing_else() {
    let mut wrong = Vec::new();
    for (what, play, want) in ROWS {
        let mut script = Script::new();
        script.open();
        play(&mut script);
        let found = script.findings();
        let said: Vec<_> = found.iter().map(|f| (name(f), f.text.as_str())).collect();
        let fits = |((name, text), (wanted, part)): (&(String, &str), &(&str, &str))| {
            name == wanted && text.contains(part)
        };
        if said.len() != want.len() || !said.iter().zip(*want).all(fits) {
            wrong.push(format!("{what}: {said:#?}"));
        }
        for finding in &found {
            assert!(finding.first_packet.is_some() && finding.next.ends_with("script.pcap"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Its culprit and cause.
fn name(finding: &Finding) -> String {
    let cause = finding.cause;
    format!("{}.{}", cause.culprit().name(), cause.name())
}

#[test]
fn attempts_without_data() {
    let rows: [(&str, Play, &str); 2] = [
        ("refused", |s| s.send(1, RST | ACK, &[]), "server.refused"),
        (
            "unanswered",
            |s| {
                s.write(
                    0,
                    SYN,
                    Odd {
                        seq: 1000,
                        ..s.usual(0)
                    },
                    &[],
                )
            },
            "server.no_answer",
        ),
    ];
    for (what, answer, want) in rows {
        let mut script = Script::new();
        for _ in 0..30 {
            script.port += 1;
            script.next = [1000, 5000];
            script.send(0, SYN, &[]);
            answer(&mut script);
        }
        let found = script.findings();
        let names: Vec<_> = found.iter().map(name).collect();
        assert_eq!(names, [want], "{what}");
        let finding = &found[0];
        assert_eq!(
            (finding.count, finding.streams.len(), finding.more_streams),
            (30, 20, 10)
        );
        assert_eq!(finding.first_packet, Some(1));
    }
}
