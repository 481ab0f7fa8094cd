//! Random connections, one after another on one 4-tuple, against their truth: where the evidence is in the capture,
//! every byte lies in its connection.

use super::*;

/// How a side chooses its initial sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    /// As RFC 6528 asks.
    Random,
    /// After each boot the same.
    Constant,
    /// A little higher each time.
    Incremented,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Nothing,
    Fin,
    Rst,
}

/// What is the same for all connections of one capture.
#[derive(Clone, Copy, Debug)]
struct Plan {
    numbers: [Number; 2],
    /// Which directions were captured.
    captured: [bool; 2],
    /// The server sends bytes too.
    replies: bool,
}

/// One connection: its truth.
#[derive(Clone, Debug)]
struct Truth {
    isn: [i64; 2],
    /// Its SYN and SYN/ACK were captured.
    handshake: bool,
    ending: Ending,
    /// Milliseconds of silence before it.
    pause: i64,
    bytes: [Vec<u8>; 2],
}

fn choose<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.below(from.len() as u64) as usize]
}

/// A number far from those before: 256 MiB at least.
fn number(rng: &mut Rng, how: Number, before: &[i64]) -> i64 {
    match (how, before) {
        (Number::Constant, [first, ..]) => *first,
        (Number::Incremented, [.., last]) => last + 1 + rng.below(70_000) as i64,
        _ => loop {
            let new = rng.below(1 << 32) as i64;
            let is_far = |old: &i64| ((new - old) as u32 as i32).unsigned_abs() > 1 << 28;
            if before.iter().all(is_far) {
                return new;
            }
        },
    }
}

/// The packets of one connection as both ends send them.
fn send(rng: &mut Rng, plan: &Plan, truth: &mut Truth) -> Vec<Pkt> {
    let base = truth.isn.map(|isn| isn + 1);
    let mut sent = [0i64; 2];
    let mut packets = Vec::new();
    let out = |from: usize, flags: u8, sent: &[i64; 2], data: &[u8]| {
        pkt(from as u8, flags, base[from] + sent[from], data)
            .ack(base[1 - from] + sent[1 - from])
            .ms(5)
    };
    if truth.handshake {
        packets.push(pkt(0, S, truth.isn[0], b""));
        packets.push(pkt(1, S, truth.isn[1], b"").ack(base[0]));
        packets.push(out(0, A, &sent, b""));
    }
    for _ in 0..5 + rng.below(4) {
        for from in 0..=usize::from(plan.replies) {
            let data: Vec<u8> = (0..10 + rng.below(40))
                .map(|_| rng.below(256) as u8)
                .collect();
            packets.push(out(from, P | A, &sent, &data));
            sent[from] += data.len() as i64;
            truth.bytes[from].extend(data);
            packets.push(out(1 - from, A, &sent, b""));
        }
    }
    match truth.ending {
        Ending::Nothing => {}
        Ending::Rst => packets.push(out(rng.below(2) as usize, R | A, &sent, b"")),
        Ending::Fin => {
            packets.push(out(0, F | A, &sent, b""));
            sent[0] += 1;
            packets.push(out(1, F | A, &sent, b""));
            sent[1] += 1;
            packets.push(out(0, A, &sent, b""));
        }
    }
    packets[0].ms += truth.pause;
    packets
}

/// Whether the capture holds evidence that `next` is not `before`: the table of `docs/IDENTITY.md`.
fn has_evidence(plan: &Plan, before: &Truth, next: &Truth) -> bool {
    let [client, server] = plan.numbers;
    let [sees_client, sees_server] = plan.captured;
    let both = sees_client && sees_server;
    let over = both && before.ending != Ending::Nothing;
    if next.handshake && sees_client {
        // A SYN with another number; or with the same number, another answer or other bytes.
        return true;
    }
    if next.handshake {
        return server != Number::Constant && plan.replies;
    }
    let far = [client, server].map(|n| n == Number::Random);
    match (sees_client, sees_server) {
        (true, true) => far[1] || far[0] && over,
        // Each packet carries both numbers.
        (true, false) => far[1],
        (false, true) => far[0] && plan.replies,
        (false, false) => false,
    }
}

fn capture(seed: u64) -> (Plan, Vec<Truth>, Vec<Pkt>) {
    let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    rng.below(2);
    let all = [Number::Random, Number::Constant, Number::Incremented];
    let plan = Plan {
        numbers: [choose(&mut rng, &all), choose(&mut rng, &all)],
        captured: choose(
            &mut rng,
            &[[true, true], [true, true], [true, false], [false, true]],
        ),
        replies: rng.below(2) == 0,
    };
    let (mut truths, mut packets) = (Vec::<Truth>::new(), Vec::new());
    for _ in 0..2 + rng.below(3) {
        let before = |side: usize| -> Vec<i64> { truths.iter().map(|t| t.isn[side]).collect() };
        let isn = [
            number(&mut rng, plan.numbers[0], &before(0)),
            number(&mut rng, plan.numbers[1], &before(1)),
        ];
        let mut truth = Truth {
            isn,
            handshake: rng.below(2) == 0,
            ending: choose(&mut rng, &[Ending::Nothing, Ending::Fin, Ending::Rst]),
            pause: choose(&mut rng, &[1, 500, 5000, 200_000, 3_600_000]),
            bytes: [Vec::new(), Vec::new()],
        };
        packets.extend(send(&mut rng, &plan, &mut truth));
        truths.push(truth);
    }
    let mut ms = 0;
    packets.retain_mut(|p| {
        ms += p.ms;
        p.ms = ms;
        let seen = plan.captured[usize::from(p.from)];
        ms = if seen { 0 } else { ms };
        seen
    });
    (plan, truths, packets)
}

#[test]
fn every_byte_lies_in_its_connection_where_there_is_evidence() {
    let (mut judged, mut unknown) = (0, 0);
    for seed in 1..4000u64 {
        let (plan, truths, packets) = capture(seed);
        let log = run_from(0, &TcpConfig::default(), &packets);
        let payload: u64 = packets.iter().map(|p| p.data.len() as u64).sum();
        let counted: u64 = log.summaries.values().map(|s| s.counts.payload_bytes).sum();
        assert_eq!(counted, payload, "seed {seed}: every byte is counted");
        if !truths
            .windows(2)
            .all(|pair| has_evidence(&plan, &pair[0], &pair[1]))
        {
            unknown += 1;
            continue;
        }
        judged += 1;
        for (number, truth) in truths.iter().enumerate() {
            for (side, dir) in [(0, Dir::C2s), (1, Dir::S2c)] {
                let got = log
                    .bytes
                    .get(&(number as u64, dir))
                    .cloned()
                    .unwrap_or_default();
                let want = match plan.captured[side] {
                    true => &truth.bytes[side][..],
                    false => &[],
                };
                assert!(
                    got == want,
                    "seed {seed}, connection {number} {dir:?}: {} of {} bytes\n{plan:?}\n{:#?}\n{:?}",
                    got.len(),
                    want.len(),
                    truths
                        .iter()
                        .map(|t| (t.isn, t.handshake, t.ending, t.pause))
                        .collect::<Vec<_>>(),
                    log.summaries
                        .iter()
                        .map(|(k, s)| (k, s.counts.packets, s.counts.bytes))
                        .collect::<Vec<_>>()
                );
            }
        }
        let found = log.summaries.keys().map(|k| k.0).max();
        assert_eq!(
            found,
            Some(truths.len() as u64 - 1),
            "seed {seed}: connections"
        );
    }
    assert!(
        judged > 1000 && unknown > 100,
        "{judged} judged, {unknown} unknown"
    );
}
