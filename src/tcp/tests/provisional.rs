//! Case 78 of the table: packets with a wrong TCP checksum.

use super::*;

impl Pkt {
    fn wrong(mut self) -> Self {
        self.checksum = TcpChecksum::Wrong;
        self
    }
}

/// What becomes of packets behind a handshake, and how many packets and bytes were bit errors.
#[track_caller]
fn check(packets: &[Pkt], want: &[&str], errors: (u64, u64)) {
    let log = client_stream(packets, want);
    let counts = log.sum(0, Dir::C2s).counts;
    let found = (counts.bit_error_segments, counts.outside.bit_errors);
    assert_eq!(found, errors);
    assert_eq!(log.sum(0, Dir::C2s).evidence.bit_errors.count, errors.0);
}

#[test]
fn case_78_a_right_copy_replaces_the_garbled_one() {
    let more = c(6, b"ghi");
    let right = c(3, b"def");
    let rows: [&[Pkt]; 3] = [
        &[
            c(0, b"abc"),
            c(3, b"dXf").wrong(),
            right.clone(),
            s(6),
            more.clone(),
        ],
        &[
            c(0, b"abc"),
            c(3, b"dXf").wrong(),
            more.clone(),
            s(3),
            right.clone(),
            s(9),
        ],
        // The header was garbled, not the payload.
        &[c(0, b"abc"), c(3, b"def").wrong(), s(3), right, s(6), more],
    ];
    for packets in rows {
        check(packets, &["abc", "def", "ghi", "Open"], (1, 3));
    }
}

#[test]
fn case_78_what_the_peer_took_stands() {
    let packets = [
        c(0, b"abc").wrong(),
        s(3),
        c(3, b"def").wrong(),
        c(6, b"ghi"),
    ];
    check(&packets, &["abc", "def", "ghi", "Open"], (0, 0));
    // A retransmission of bytes that were taken is compared as ever.
    let packets = [c(0, b"abc").wrong(), s(3), c(0, b"aXc")];
    check(&packets, &["abc", "conflict 1 b/X", "Open"], (0, 0));
    // The acknowledgement came first.
    check(&[s(3), c(0, b"abc").wrong()], &["abc", "Open"], (0, 0));
}

#[test]
fn case_78_where_nothing_else_comes_the_bytes_stand() {
    check(&[c(0, b"abc").wrong()], &["abc", "Open"], (0, 0));
    check(
        &[c(0, b"abc").wrong(), pkt(0, F, 3, b"")],
        &["abc", "Closed"],
        (0, 0),
    );
    let late = [
        c(0, b"abc").wrong(),
        c(3, b"def"),
        c(6, b"g").ms(60_000),
        c(0, b"abX"),
    ];
    check(
        &late,
        &["abc", "def", "g", "conflict 2 c/X", "Open"],
        (0, 0),
    );
    // One behind the other without any acknowledgement: the sender offloads.
    let packets: Vec<Pkt> = (0..9).map(|n| c(n, b"x").wrong()).collect();
    let log = after_hello(&packets);
    assert_eq!(log.sum(0, Dir::C2s).counts.bytes, 9);
    // A hole before it is a gap all the same.
    check(
        &[c(0, b"abc"), c(5, b"f").wrong()],
        &["abc", "gap 2 LostOrLate", "f", "Open"],
        (0, 0),
    );
}

#[test]
fn case_78_every_byte_is_counted_whatever_is_wrong() {
    for seed in 1..300u64 {
        let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut packets = hello();
        let mut payload = 0;
        for _ in 0..rng.below(50) {
            let (at, len) = (rng.below(200) as i64, 2 + rng.below(30) as i64);
            let data: Vec<u8> = (at..at + len).map(|n| n as u8).collect();
            payload += data.len() as u64;
            let packet = match rng.below(4) {
                0 => c(at, &data).wrong(),
                1 => c(at, &vec![rng.below(256) as u8; data.len()]).wrong(),
                _ => c(at, &data),
            };
            packets.push(packet.ms(rng.below(3) as i64 * 20_000));
            if rng.below(3) == 0 {
                packets.push(s(rng.below(200) as i64));
            }
        }
        let log = run_from(seed as u32, &TcpConfig::default(), &packets);
        assert_eq!(
            log.sum(0, Dir::C2s).counts.payload_bytes,
            payload,
            "seed {seed}"
        );
    }
}
