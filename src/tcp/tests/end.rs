//! How streams and connections end: cases 51 to 57 of the table.

use super::*;

#[test]
fn case_51_fin_with_data() {
    client_stream(&[pkt(0, F, 0, b"abc"), s(4)], &["abc", "Closed"]);
}

#[test]
fn case_51_fin_retransmitted() {
    let fin = || pkt(0, F, 3, b"");
    client_stream(
        &[c(0, b"abc"), fin(), fin(), s(4), fin()],
        &["abc", "Closed"],
    );
}

#[test]
fn case_51_fin_captured_before_data() {
    client_stream(&[pkt(0, F, 3, b""), c(0, b"abc"), s(4)], &["abc", "Closed"]);
    client_stream(
        &[pkt(0, F, 3, b"def"), c(0, b"abc"), s(7)],
        &["abc", "def", "Closed"],
    );
}

#[test]
fn case_52_fin_shows_missing_bytes() {
    client_stream(
        &[c(0, b"abc"), pkt(0, F, 10, b"")],
        &["abc", "gap 7 LostOrLate", "Closed"],
    );
    client_stream(
        &[pkt(0, F, 10, b""), s(11)],
        &["gap 10 NotCaptured", "Closed"],
    );
}

#[test]
fn case_52_acknowledgement_beyond_everything() {
    client_stream(
        &[c(0, b"abc"), s(10)],
        &["abc", "gap 7 NotCaptured", "Open"],
    );
    // One more than was captured may be a FIN.
    client_stream(&[c(0, b"abc"), s(4)], &["abc", "Open"]);
    let mut fin = s(10);
    fin.flags |= F;
    client_stream(&[c(0, b"abc"), fin], &["abc", "gap 6 NotCaptured", "Open"]);
}

#[test]
fn case_53_data_after_fin_is_flagged() {
    let log = client_stream(
        &[pkt(0, F, 0, b"abc"), s(4), c(3, b"xy")],
        &["abc", "Closed", "xyf", "Closed"],
    );
    assert!(log.sum(0, Dir::C2s).after_fin);
    // The FIN takes a number, but no byte.
    client_stream(
        &[pkt(0, F, 0, b"abc"), s(4), c(4, b"xy")],
        &["abc", "Closed", "xyf", "Closed"],
    );
}

#[test]
fn case_53_a_forged_fin_ahead_ends_nothing() {
    client_stream(
        &[c(0, b"abc"), pkt(0, F, 1000, b""), c(3, b"def"), s(6)],
        &["abc", "def", "gap 994 LostOrLate", "Closed"],
    );
    let cancelled = [pkt(0, F, 4, b""), c(0, b"abcdef"), s(6)];
    client_stream(&cancelled, &["abcdef", "Open"]);
}

#[test]
fn case_54_data_after_rst_goes_on() {
    client_stream(
        &[c(0, b"abc"), pkt(1, R, 0, b""), c(3, b"def")],
        &["abc", "def", "Open"],
    );
    client_stream(&[c(0, b"abc"), pkt(1, R, 0, b"")], &["abc", "Closed"]);
    // Its acknowledgement shows no gap.
    client_stream(
        &[c(0, b"abc"), pkt(1, R, 0, b"").ack(500)],
        &["abc", "Closed"],
    );
}

#[test]
fn case_55_rst_payload_is_no_data() {
    let log = client_stream(
        &[c(0, b"abc"), pkt(0, R, 3, b"go away")],
        &["abc", "Closed"],
    );
    assert_eq!(log.sum(0, Dir::C2s).counts.outside.rst_payload, 7);
}

#[test]
fn case_56_a_new_syn_on_old_ports_is_a_new_connection() {
    let close = [
        pkt(0, F, 3, b""),
        s(4),
        pkt(1, F | A, 0, b"").ack(4),
        pkt(0, A, 4, b"").ack(1),
    ];
    let again = [pkt(0, S, 99, b""), c(100, b"new")];
    let log = after_hello(&[&[c(0, b"abc")][..], &close, &again].concat());
    assert_eq!(
        (log.of("0>"), log.of("1>")),
        (vec!["abc", "Closed"], vec!["new", "Open"])
    );
    // The old one still open, the new number far away.
    let log = after_hello(&[
        c(0, b"abc"),
        pkt(0, S, 99_999_999, b""),
        c(100_000_000, b"new"),
    ]);
    assert_eq!(
        (log.of("0>"), log.of("1>")),
        (vec!["abc", "Closed"], vec!["new", "Open"])
    );
    // Another try of an unanswered handshake.
    let log = run(&[pkt(0, S, 5000, b""), pkt(0, S, -1, b""), c(0, b"abc")]);
    assert_eq!(log.of("0>"), ["abc", "Open"]);
    // The same SYN again.
    client_stream(&[c(0, b"abc"), pkt(0, S, -1, b"")], &["abc", "Open"]);
}

#[test]
fn case_57_silence_changes_no_byte() {
    client_stream(
        &[c(0, b"abc"), c(3, b"def").ms(3_000_000)],
        &["abc", "def", "Open"],
    );
}

#[test]
fn case_57_eviction_is_counted() {
    let config = TcpConfig {
        max_connections: 2,
        ..TcpConfig::default()
    };
    let packets: Vec<_> = (0..4)
        .map(|i| Pkt {
            port: 1000 + i,
            ..c(0, b"abc")
        })
        .collect();
    let log = run_with(&config, &packets);
    assert_eq!(log.summaries.values().filter(|s| s.evicted).count(), 2);
    assert_eq!(
        log.summaries.values().map(|s| s.counts.bytes).sum::<u64>(),
        12
    );
}
