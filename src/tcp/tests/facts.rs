//! Facts of streams and connections in their summaries.

use super::*;

#[test]
fn who_ended_a_connection_and_how() {
    let data = c(0, b"abc").ack(0);
    let fin = |from: u8, at| pkt(from, F, at, b"").ack(3);
    let rst = |from: u8, at| pkt(from, R, at, b"").ack(3);
    let (device, server) = (Some(Dir::C2s), Some(Dir::S2c));
    let rows: [(&str, Vec<Pkt>, EndCause, Option<Dir>); 7] = [
        ("nobody", vec![data.clone()], EndCause::Capture, None),
        (
            "device",
            vec![data.clone(), fin(0, 3), fin(1, 0)],
            EndCause::Fin,
            device,
        ),
        (
            "server",
            vec![data.clone(), fin(1, 0), fin(0, 3)],
            EndCause::Fin,
            server,
        ),
        (
            "reset by the server",
            vec![data.clone(), rst(1, 0)],
            EndCause::Rst,
            server,
        ),
        (
            "reset after FIN",
            vec![data.clone(), fin(1, 0), rst(0, 3)],
            EndCause::Fin,
            server,
        ),
        (
            "a forged RST",
            vec![data.clone(), rst(1, 0), c(3, b"d").ack(0)],
            EndCause::Capture,
            None,
        ),
        (
            "replaced",
            vec![data, pkt(0, S, 99_999_999, b"")],
            EndCause::Replaced,
            None,
        ),
    ];
    for (name, packets, end, by) in rows {
        let log = after_hello(&packets);
        for dir in [Dir::C2s, Dir::S2c] {
            let sum = log.sum(0, dir);
            assert_eq!((sum.end, sum.ended_by), (end, by), "{name} {dir:?}");
        }
    }
}

#[test]
fn keepalives_of_a_silent_server_are_counted() {
    let probe = || pkt(1, A, -1, b"").ack(3);
    let log = after_hello(&[c(0, b"abc").ack(0), s(3), probe(), probe(), s(3)]);
    assert_eq!(log.sum(0, Dir::S2c).counts.keepalives, 2);
    assert_eq!(log.of("0<"), ["Open"]);
}

#[test]
fn conflicts_name_both_packets() {
    // After the two packets of the handshake: against bytes handed out, and against bytes held.
    let log = after_hello(&[c(0, b"abc"), c(0, b"aXc"), c(5, b"fg"), c(4, b"eYg")]);
    assert_eq!(log.disputes, [(3, 4), (5, 6)]);
}

#[test]
fn gaps_that_touch_are_one_and_name_their_packet() {
    let log = after_hello(&[c(0, b"abc"), c(5, b"f"), s(4)]);
    assert_eq!(
        log.of("0>")[1..3],
        ["gap 1 NotCaptured", "gap 1 LostOrLate"]
    );
    let counts = log.sum(0, Dir::C2s).counts;
    assert_eq!((counts.gap_count, counts.gap_bytes), (1, 2));
    assert_eq!(log.places, [(4, 0), (4, 0)]);
}

#[test]
fn a_late_packet_on_both_sides_of_an_early_one_is_one_segment() {
    let log = after_hello(&[c(3, b"def"), c(0, b"abcdefghi")]);
    let counts = log.sum(0, Dir::C2s).counts;
    assert_eq!(log.of("0>"), ["abc", "def", "ghi+", "Open"]);
    assert_eq!((counts.segments, counts.out_of_order_segments), (2, 1));
    assert_eq!(
        (counts.retransmitted_segments, counts.retransmitted_bytes),
        (1, 3)
    );
}
