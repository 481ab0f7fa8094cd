//! Cases 74 to 76 of the table: which connection of a 4-tuple a packet belongs to.

use super::*;

/// Where one connection of the 4-tuple stands in sequence space: the first byte of client and server.
#[derive(Clone, Copy)]
struct At {
    client: i64,
    server: i64,
}

const FIRST: At = at(0, 0);
/// As far from the first as two random numbers.
const ELSEWHERE: At = at(1_300_000_000, -900_000_000);

const fn at(client: i64, server: i64) -> At {
    At { client, server }
}

impl At {
    fn c(self, at: i64, data: &[u8]) -> Pkt {
        c(self.client + at, data).ack(self.server)
    }
    fn c_flags(self, flags: u8, at: i64) -> Pkt {
        pkt(0, flags, self.client + at, b"").ack(self.server)
    }
    fn s(self, ack: i64) -> Pkt {
        pkt(1, A, self.server, b"").ack(self.client + ack)
    }
    fn syn(self) -> Pkt {
        pkt(0, S, self.client - 1, b"")
    }
    fn syn_ack(self) -> Pkt {
        pkt(1, S, self.server - 1, b"").ack(self.client)
    }
    /// SYN, SYN/ACK, ACK.
    fn hello(self) -> Vec<Pkt> {
        vec![self.syn(), self.syn_ack(), self.c_flags(A, 0)]
    }
    /// Segments of four bytes each, every one acknowledged.
    fn data(self, segments: &[&[u8; 4]]) -> Vec<Pkt> {
        let each = |(n, data): (i64, &&[u8; 4])| [self.c(4 * n, *data), self.s(4 * n + 4)];
        (0..).zip(segments).flat_map(each).collect()
    }
    /// Both ends close behind `at` bytes of the client.
    fn bye(self, at: i64) -> Vec<Pkt> {
        let last = pkt(0, A, self.client + at + 1, b"").ack(self.server + 1);
        vec![
            self.c_flags(F, at),
            pkt(1, F, self.server, b"").ack(self.client + at + 1),
            last,
        ]
    }
}

/// Moves the first packet by this many milliseconds after what comes before it.
fn later(ms: i64, mut packets: Vec<Pkt>) -> Vec<Pkt> {
    packets[0].ms = ms;
    packets
}

/// Asserts the client's bytes of each connection, and that nothing else was taken for bytes or gaps.
#[track_caller]
fn connections(name: &str, packets: Vec<Vec<Pkt>>, want: &[&str]) {
    let log = run(&packets.concat());
    let number = log.summaries.keys().map(|k| k.0).max().map_or(0, |n| n + 1);
    let bytes: Vec<String> = (0..number)
        .map(|n| {
            let bytes = log.bytes.get(&(n, Dir::C2s)).cloned().unwrap_or_default();
            String::from_utf8(bytes).unwrap()
        })
        .collect();
    assert_eq!(bytes, want, "{name}: {:?}", log.lines);
    let gaps: u64 = log.summaries.values().map(|s| s.counts.gap_bytes).sum();
    assert_eq!(gaps, 0, "{name}: {:?}", log.lines);
}

const BOOT: &[&[u8; 4]] = &[b"boot", b"one."];
const AGAIN: &[&[u8; 4]] = &[b"Boot", b"two."];
const SECOND: &[&str] = &["bootone.", "Boottwo."];

#[test]
fn case_74_a_device_reboots_with_the_same_number() {
    let other = at(0, 1_000_003);
    let first = || [FIRST.hello(), FIRST.data(BOOT)].concat();
    let second = |at: At| [at.hello(), at.data(AGAIN)].concat();
    let only = |from: u8, packets: Vec<Pkt>| -> Vec<Pkt> {
        packets.into_iter().filter(|p| p.from == from).collect()
    };
    let rows = [
        (
            "another SYN/ACK, a minute later",
            vec![first(), later(60_000, second(other))],
        ),
        ("at once", vec![first(), second(other)]),
        (
            "closed before",
            vec![first(), FIRST.bye(8), later(60_000, second(other))],
        ),
        (
            "reset before",
            vec![first(), vec![pkt(1, R, 0, b"")], second(other)],
        ),
        (
            "the same number of the server, other bytes",
            vec![first(), second(FIRST)],
        ),
        (
            "client only",
            vec![only(0, first()), only(0, second(other))],
        ),
        (
            "client only, the same number",
            vec![only(0, first()), only(0, second(FIRST))],
        ),
        (
            "without SYN/ACK",
            vec![first(), vec![other.syn()], other.data(AGAIN)],
        ),
        (
            "without SYN, another server",
            vec![
                first(),
                at(0, 99_000_000).data(&[b"Boot", b"two.", b"tri.", b"four"]),
            ],
        ),
    ];
    for (name, packets) in rows {
        let want: &[&str] = match name.starts_with("without SYN,") {
            true => &["bootone.", "Boottwo.tri.four"],
            false => SECOND,
        };
        connections(name, packets, want);
    }
    // The same bytes again: time and the timestamps option decide.
    let copy = |at: At| [at.hello(), at.data(BOOT)].concat();
    let twice = ["bootone.", "bootone."];
    connections(
        "same bytes, another server",
        vec![first(), copy(other)],
        &twice,
    );
    connections(
        "same bytes, an hour later",
        vec![first(), later(3_600_000, copy(FIRST))],
        &twice,
    );
    connections(
        "same bytes, another tap",
        vec![first(), later(50, copy(FIRST))],
        &["bootone."],
    );
    let clock = |ticks: u32, mut packets: Vec<Pkt>| -> Vec<Pkt> {
        packets[0] = packets[0].clone().clock(ticks);
        packets
    };
    let clocked = vec![clock(5, first()), clock(900, copy(FIRST))];
    connections("same bytes, another clock", clocked, &twice);
}

#[test]
fn case_74_copies_of_a_handshake_stay() {
    let all = || [FIRST.hello(), FIRST.data(BOOT)].concat();
    let more = || vec![FIRST.c(8, b"more")];
    let early = |mut packets: Vec<Pkt>| {
        packets[0].ms = -500;
        packets
    };
    let rows = [
        (
            "late SYN, last",
            vec![all(), FIRST.bye(8), vec![FIRST.syn()]],
            "bootone.",
        ),
        (
            "late SYN, data goes on",
            vec![all(), vec![FIRST.syn()], more()],
            "bootone.more",
        ),
        (
            "late SYN a second later",
            vec![all(), vec![FIRST.syn().ms(1000)], more()],
            "bootone.more",
        ),
        (
            "late SYN and SYN/ACK",
            vec![all(), vec![FIRST.syn(), FIRST.syn_ack()], more()],
            "bootone.more",
        ),
        (
            "late SYN, answered as RFC 5961 asks",
            vec![all(), vec![FIRST.syn(), FIRST.s(8)], more()],
            "bootone.more",
        ),
        (
            "SYN captured last",
            vec![all()[1..].to_vec(), early(vec![FIRST.syn()])],
            "bootone.",
        ),
        (
            "handshake captured last",
            vec![FIRST.data(BOOT), FIRST.bye(8), early(FIRST.hello())],
            "bootone.",
        ),
        (
            "handshake captured last, no times",
            vec![FIRST.data(BOOT), FIRST.hello()],
            "bootone.",
        ),
        (
            "SYN without answer sent again",
            vec![vec![FIRST.syn(), FIRST.syn().ms(64_000)], all()],
            "bootone.",
        ),
        (
            "SYN/ACK sent again",
            vec![all(), vec![FIRST.syn_ack().ms(3000)], more()],
            "bootone.more",
        ),
    ];
    for (name, packets, want) in rows {
        connections(name, packets, &[want]);
    }
}

#[test]
fn case_75_a_4_tuple_comes_back_without_its_syn() {
    let first = || [FIRST.hello(), FIRST.data(BOOT)].concat();
    let back = at(-1_200_000_000, 700_000_000);
    let same_server = at(-1_200_000_000, 0);
    let long: &[&[u8; 4]] = &[b"Boot", b"two.", b"tri.", b"four"];
    let only =
        |packets: Vec<Pkt>| -> Vec<Pkt> { packets.into_iter().filter(|p| p.from == 0).collect() };
    let rows = [
        ("ahead", vec![first(), ELSEWHERE.data(AGAIN)]),
        ("behind", vec![first(), back.data(AGAIN)]),
        (
            "behind, days later",
            vec![first(), later(345_600_000, back.data(AGAIN))],
        ),
        ("after FIN", vec![first(), FIRST.bye(8), back.data(AGAIN)]),
        (
            "after FIN, one segment",
            vec![first(), FIRST.bye(8), vec![ELSEWHERE.c(0, b"Boottwo.")]],
        ),
        (
            "after FIN, just ahead",
            vec![first(), FIRST.bye(8), at(50_000, 0).data(AGAIN)],
        ),
        (
            "after RST",
            vec![first(), vec![pkt(0, R, 8, b"")], ELSEWHERE.data(AGAIN)],
        ),
        (
            "the server's number is the same",
            vec![first(), same_server.data(AGAIN)],
        ),
        (
            "an acknowledgement first",
            vec![first(), vec![ELSEWHERE.s(0)], ELSEWHERE.data(AGAIN)],
        ),
        (
            "both without SYN",
            vec![FIRST.data(BOOT), later(5000, ELSEWHERE.data(AGAIN))],
        ),
    ];
    for (name, packets) in rows {
        connections(name, packets, SECOND);
    }
    let one_way = vec![only(first()), only(ELSEWHERE.data(long))];
    connections("one way", one_way, &["bootone.", "Boottwo.tri.four"]);
}

#[test]
fn case_75_one_wild_packet_is_no_connection() {
    let first = || [FIRST.hello(), FIRST.data(BOOT)].concat();
    let more = || vec![FIRST.c(8, b"more"), FIRST.s(12)];
    let wild = ELSEWHERE.c(0, b"wild");
    let rows = [
        ("ahead", vec![first(), vec![wild.clone()], more()]),
        (
            "behind",
            vec![
                first(),
                vec![at(-9_000_000, 77_000_000).c(0, b"wild")],
                more(),
            ],
        ),
        (
            "an acknowledgement",
            vec![first(), vec![ELSEWHERE.s(4)], more()],
        ),
        (
            "two that do not agree",
            vec![
                first(),
                vec![wild.clone(), at(-1_000_000_000, 5).c(0, b"wild")],
                more(),
            ],
        ),
        (
            "in between",
            vec![first(), vec![wild.clone()], more(), vec![wild], vec![]],
        ),
    ];
    for (name, packets) in rows {
        connections(name, packets, &["bootone.more"]);
    }
}

#[test]
fn case_75_a_long_loss_in_one_direction_is_a_gap() {
    let far = 800_000_000;
    let log = after_hello(&[
        c(0, b"abc").ack(0),
        s(3),
        c(far, b"def").ack(0).ms(2000),
        s(far + 3),
        c(far + 3, b"ghi").ack(0),
    ]);
    let gap = format!("gap {} NotCaptured", far - 3);
    assert_eq!(log.of("0>"), ["abc", &gap, "def", "ghi", "Open"]);
}

#[test]
fn case_76_a_syn_below_the_numbers_of_a_midstream_connection() {
    let old = vec![c(0, b"bootone.").ack(0), s(8)];
    let below = |client| {
        let at = at(client, 72_000);
        [at.hello(), at.data(AGAIN)].concat()
    };
    let reset = vec![pkt(1, R, 0, b"").ack(8)];
    connections(
        "reset",
        vec![old.clone(), reset.clone(), later(50, below(-60))],
        SECOND,
    );
    connections(
        "not reset",
        vec![old.clone(), later(50, below(-60))],
        SECOND,
    );
    connections(
        "the same number",
        vec![old.clone(), later(50, below(0))],
        SECOND,
    );
    connections("above", vec![old, reset, later(50, below(5))], SECOND);
}
