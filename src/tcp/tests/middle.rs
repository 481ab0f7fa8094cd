//! Between start and end: cases 8 and 58 to 71 of the table.

use super::*;

#[test]
fn case_58_offsets_go_past_4_gib() {
    let step = 0x3000_0000i64;
    let mut packets = hello();
    for i in 0..12 {
        packets.push(c(i * step, b"x"));
        packets.push(s((i * step + 1) & 0xffff_ffff).ms(2000));
    }
    let log = run(&packets);
    assert_eq!(
        log.sum(0, Dir::C2s).counts.gap_bytes,
        11 * (step as u64 - 1)
    );
    assert_eq!(log.sum(0, Dir::C2s).counts.bytes, 12);
}

#[test]
fn case_59_a_wild_segment_needs_a_second_one() {
    let far = 1 << 30 | 5000;
    let log = client_stream(
        &[c(0, b"abc"), c(far, b"wild"), c(3, b"def")],
        &["abc", "def", "Open"],
    );
    assert_eq!(log.sum(0, Dir::C2s).counts.outside.refused, 4);
    let gap = format!("gap {} LostOrLate", far - 3);
    client_stream(
        &[c(0, b"abc"), c(far, b"far"), c(far + 3, b"off")],
        &["abc", &gap, "far", "off", "Open"],
    );
}

#[test]
fn case_60_exact_retransmission() {
    let log = client_stream(
        &[c(0, b"abc"), c(0, b"abc").ms(600_000), c(3, b"d")],
        &["abc", "d", "Open"],
    );
    let sum = log.sum(0, Dir::C2s);
    assert_eq!(
        (
            sum.counts.retransmitted_bytes,
            sum.counts.retransmitted_segments,
            sum.counts.conflict_bytes
        ),
        (3, 1, 0)
    );
}

#[test]
fn case_61_of_a_larger_retransmission_the_new_tail() {
    client_stream(
        &[c(0, b"abc"), c(0, b"abcdef"), c(4, b"efgh")],
        &["abc", "def+", "gh+", "Open"],
    );
}

#[test]
fn case_62_first_captured_wins() {
    // Against bytes held: an in-order segment does not beat them.
    let log = client_stream(
        &[c(3, b"DEF"), c(0, b"abcdefg")],
        &["abc", "conflict 3 DEF/def", "DEF!", "g+", "Open"],
    );
    assert_eq!(log.sum(0, Dir::C2s).counts.conflict_bytes, 3);
    // Against bytes handed out.
    client_stream(
        &[c(0, b"abcd"), c(1, b"bXdef")],
        &["abcd", "conflict 2 c/X", "ef+", "Open"],
    );
}

#[test]
fn case_63_out_of_order() {
    let log = client_stream(
        &[
            c(6, b"ghi"),
            c(3, b"def"),
            pkt(1, P, 0, b"other"),
            c(0, b"abc"),
        ],
        &["abc", "def", "ghi", "Open"],
    );
    assert_eq!(log.sum(0, Dir::C2s).counts.out_of_order_segments, 2);
}

#[test]
fn case_63_limits_force_a_gap() {
    let config = TcpConfig {
        max_held_segments: 3,
        ..TcpConfig::default()
    };
    let packets: Vec<_> = hello()
        .into_iter()
        .chain((0..5).map(|i| c(10 + 2 * i, b"x")))
        .collect();
    let log = run_with(&config, &packets);
    assert_eq!(log.of("0>")[..2], ["gap 10 LostOrLate forced", "x"]);
    let config = TcpConfig {
        max_held_total: 0,
        ..TcpConfig::default()
    };
    assert_eq!(
        run_with(&config, &packets).of("0>")[..2],
        ["gap 10 LostOrLate forced", "x"]
    );
}

#[test]
fn case_64_causes_of_gaps() {
    client_stream(
        &[c(0, b"abc"), c(5, b"f"), s(6)],
        &["abc", "gap 2 NotCaptured", "f", "Open"],
    );
    client_stream(
        &[c(0, b"abc"), c(5, b"f"), s(4)],
        &["abc", "gap 1 NotCaptured", "gap 1 LostOrLate", "f", "Open"],
    );
    client_stream(
        &[c(0, b"abc"), c(5, b"f")],
        &["abc", "gap 2 LostOrLate", "f", "Open"],
    );
}

#[test]
fn case_65_late_data_fills_an_acknowledged_hole() {
    client_stream(
        &[c(0, b"abc"), c(5, b"f"), s(6), c(3, b"de").ms(900)],
        &["abc", "de", "f", "Open"],
    );
    let log = client_stream(
        &[c(0, b"abc"), c(5, b"f"), s(6), s(6).ms(1000), c(3, b"de")],
        &["abc", "gap 2 NotCaptured", "f", "Open"],
    );
    assert_eq!(log.sum(0, Dir::C2s).counts.outside.refused, 2, "too late");
    let mut packets = vec![c(0, b"abc"), c(5, b"f")];
    packets.extend((0..300).map(|_| s(6)));
    packets.push(c(3, b"de"));
    client_stream(&packets, &["abc", "gap 2 NotCaptured", "f", "Open"]);
}

#[test]
fn case_66_one_direction_only() {
    let log = run(&[
        pkt(0, S, -1, b""),
        c(0, b"abc"),
        c(5, b"f"),
        c(6, b"g").ms(59_000),
        c(7, b"h").ms(1000),
    ]);
    assert_eq!(
        log.of("0>"),
        ["abc", "gap 2 LostOrLate", "f", "g", "h", "Open"]
    );
    assert!(log.of("0<").is_empty());
}

#[test]
fn case_67_keepalive_never_wins_nor_conflicts() {
    let log = client_stream(
        &[
            c(0, b"abc"),
            pkt(0, A, 2, b"\0"),
            pkt(0, A, 2, b""),
            c(3, b"d"),
        ],
        &["abc", "d", "Open"],
    );
    let sum = log.sum(0, Dir::C2s);
    assert_eq!(
        (
            sum.counts.keepalives,
            sum.counts.conflict_bytes,
            sum.counts.retransmitted_segments
        ),
        (2, 0, 0)
    );
    // As the first packet of a direction.
    let log = run(&[pkt(0, A, -1, b"\0"), c(0, b"abc")]);
    assert_eq!(log.of("0>"), ["abc", "Open"]);
}

#[test]
fn case_67_keepalive_while_bytes_are_held() {
    type Row<'a> = (&'a [Pkt], &'a [&'a str], [u64; 4]);
    let check = |log: Log, (_, lines, counts): Row<'_>| {
        assert_eq!(log.of("0>"), lines);
        let sum = log.sum(0, Dir::C2s);
        let again = (
            sum.counts.retransmitted_segments,
            sum.counts.retransmitted_bytes,
        );
        let found = [
            sum.counts.keepalives,
            sum.counts.conflict_bytes,
            again.0,
            again.1,
        ];
        assert_eq!(found, counts, "{lines:?}");
    };
    let probe = |at| pkt(0, A, at, b"\0");
    let opening: [Row<'_>; 3] = [
        (
            &[c(0, b"abc"), probe(2), c(3, b"d")],
            &["abc", "d", "Open"],
            [1, 0, 0, 1],
        ),
        // One byte comes first, and is no keep-alive; or the byte before the first that came.
        (&[c(0, b"a"), c(1, b"bc")], &["a", "bc", "Open"], [0; 4]),
        (&[c(1, b"bc"), c(0, b"a")], &["a", "bc", "Open"], [0; 4]),
    ];
    for row in opening {
        check(run(row.0), row);
    }
    let behind_a_hole: [Row<'_>; 3] = [
        (
            &[c(0, b"a"), c(3, b"def"), probe(5), c(1, b"bc")],
            &["a", "bc", "def", "Open"],
            [1, 0, 0, 1],
        ),
        // The byte just below the highest is missing: cut off.
        (
            &[c(0, b"ab").wire(4), c(3, b"d"), c(2, b"c")],
            &["ab", "c", "d", "Open"],
            [0; 4],
        ),
        // Not the highest byte.
        (
            &[c(0, b"a"), c(3, b"def"), c(4, b"X"), c(1, b"bc")],
            &["a", "bc", "conflict 4 e/X", "def!", "Open"],
            [0, 1, 1, 1],
        ),
    ];
    for row in behind_a_hole {
        check(after_hello(row.0), row);
    }
}

#[test]
fn case_68_zero_window_probe_is_data() {
    let log = client_stream(
        &[c(0, b"abc"), c(3, b"d"), c(3, b"def")],
        &["abc", "d", "ef+", "Open"],
    );
    assert_eq!(log.sum(0, Dir::C2s).counts.retransmitted_segments, 1);
}

#[test]
fn case_69_mirror_copies_are_no_loss() {
    let copy = || c(0, b"abc").id(77);
    let log = client_stream(
        &[copy(), copy(), c(3, b"d").id(78), c(0, b"abc").id(79)],
        &["abc", "d", "Open"],
    );
    let sum = log.sum(0, Dir::C2s);
    assert_eq!(
        (
            sum.counts.duplicated_segments,
            sum.counts.retransmitted_segments,
            sum.counts.retransmitted_bytes
        ),
        (1, 1, 6)
    );
}

#[test]
fn case_70_urgent_inline_and_out_of_line() {
    let packets = [hello(), vec![c(0, b"abc").urgent(2), c(3, b"d")]].concat();
    assert_eq!(run(&packets).of("0>"), ["abcu", "d", "Open"]);
    let config = TcpConfig {
        urgent: Urgent::Oob,
        ..TcpConfig::default()
    };
    let log = run_with(&config, &packets);
    assert_eq!(log.of("0>"), ["a", "cu+", "d", "Open"]);
    assert_eq!(log.sum(0, Dir::C2s).counts.outside.urgent, 1);
}

#[test]
fn case_71_super_segments() {
    let big = vec![b'x'; 200_000];
    let log = after_hello(&[c(100_000, &big[100_000..]), c(0, &big)]);
    assert_eq!(
        (
            log.sum(0, Dir::C2s).counts.bytes,
            log.sum(0, Dir::C2s).counts.largest_segment
        ),
        (200_000, 200_000)
    );
}

#[test]
fn case_8_snap_length_cuts() {
    client_stream(
        &[c(0, b"ab").wire(5), c(5, b"fg"), s(7)],
        &["ab", "gap 3 CutShort", "fg", "Open"],
    );
    client_stream(
        &[c(0, b"ab").wire(5), c(5, b"fg"), c(0, b"abcde")],
        &["ab", "cde+", "fg", "Open"],
    );
    client_stream(&[c(0, b"ab").wire(5)], &["ab", "gap 3 CutShort", "Open"]);
}
