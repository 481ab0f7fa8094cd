//! How streams begin: cases 45 to 50 of the table.

use super::*;

#[test]
fn case_45_midstream_begins_at_the_lowest_byte_held() {
    let log = run(&[c(3, b"def"), c(0, b"abc"), c(6, b"g")]);
    assert_eq!(log.of("0>"), ["abc", "def", "g", "Open"]);
    // After a second it is settled: what lies lower comes too late.
    let log = run(&[c(3, b"def"), c(6, b"g").ms(1000), c(0, b"abc")]);
    assert_eq!(log.of("0>"), ["def", "g", "Open"]);
    assert_eq!(log.sum(0, Dir::C2s).counts.outside.before_start, 3);
}

#[test]
fn case_45_midstream_is_settled_by_64_packets() {
    let mut packets: Vec<_> = (0..70).map(|i| c(10 + i, b"x")).collect();
    packets.push(c(0, b"abc"));
    assert_eq!(
        run(&packets).sum(0, Dir::C2s).counts.outside.before_start,
        3
    );
}

#[test]
fn case_46_an_empty_packet_one_below_sets_no_base() {
    let log = run(&[pkt(0, A, -1, b""), c(0, b"abc")]);
    assert_eq!(log.of("0>"), ["abc", "Open"]);
    let log = run(&[pkt(0, A, -4, b""), c(0, b"abc")]);
    assert_eq!(log.of("0>"), ["gap 4 LostOrLate", "abc", "Open"]);
}

#[test]
fn case_47_handshake_out_of_order() {
    let log = run(&[pkt(1, S | A, -1, b""), pkt(0, S, -1, b""), c(0, b"abc")]);
    assert_eq!(log.of("0>"), ["abc", "Open"]);
    let log = run(&[c(0, b"abc"), pkt(0, S, -1, b"")]);
    assert_eq!(log.of("0>"), ["abc", "Open"]);
    assert!(log.sum(0, Dir::C2s).syn);
    assert_eq!(log.summaries.len(), 1, "one connection");
}

#[test]
fn case_47_roles_without_handshake() {
    assert_eq!(
        run(&[c(0, b"a"), pkt(1, A, 0, b"b")]).of("0<"),
        ["b", "Open"]
    );
    // A SYN/ACK alone names the server, whatever the ports.
    let mut syn_ack = pkt(0, S | A, -1, b"");
    syn_ack.port = 50_000;
    assert_eq!(run(&[syn_ack, pkt(1, A, 0, b"b")]).of("0>"), ["b", "Open"]);
}

#[test]
fn case_48_of_several_syn_acks_the_one_that_fits() {
    let other = pkt(1, S | A, 900_000, b"");
    let data = pkt(1, P, 0, b"abc");
    let log = run(&[
        pkt(0, S, -1, b""),
        pkt(1, S | A, -1, b""),
        other.clone(),
        data.clone(),
    ]);
    assert_eq!(log.of("0<"), ["abc", "Open"]);
    let log = run(&[pkt(0, S, -1, b""), other, pkt(1, S | A, -1, b""), data]);
    assert_eq!(log.of("0<"), ["abc", "Open"]);
}

#[test]
fn case_49_data_on_the_syn_counts_from_behind_it() {
    let log = run(&[
        pkt(0, S, -1, b"abc"),
        pkt(1, S | A, -1, b""),
        c(0, b"abc"),
        c(3, b"d"),
    ]);
    assert_eq!(log.of("0>"), ["abc", "d", "Open"]);
    assert_eq!(log.sum(0, Dir::C2s).counts.retransmitted_bytes, 3);
}

#[test]
fn case_50_a_syn_from_the_other_side_opens_no_connection() {
    let log = run(&[
        pkt(0, S, -1, b""),
        pkt(1, S, -1, b""),
        pkt(0, S | A, -1, b""),
        pkt(1, S | A, -1, b""),
        c(0, b"ab"),
    ]);
    assert_eq!(log.of("0>"), ["ab", "Open"]);
    assert!(log.of("1").is_empty());
}
