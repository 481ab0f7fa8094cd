//! What is no capture, and several captures as one: cases 18 to 20.

use std::{fs, io};

use deframe::capture::{CaptureSet, Input, NoticeKind, ProblemKind, ReadConfig};

use super::{
    build::{MICROS, NANOS, Order, Pcap, Pcapng, small_pcap},
    read, read_all, read_set, reader,
};

#[test]
fn case_18_what_is_no_capture_is_named() {
    for (bytes, says) in [
        (&b"snoop\0\0\0\0\0\0\x02\0\0\0\x04"[..], "snoop"),
        (b"RTSS\x01\x02\0\0", "Network Monitor"),
        (b"\x5b\x1c\x9d\x2e\0\0\0\0\x02\0\0\x60\0\0\0\x50", "ERF"),
        (b"No.     Time        Source", "text"),
        (b"PK\x03\x04....", "ZIP"),
        (b"\0\0\0\0\0\0\0\0", "zeros"),
        (b"\x7fELF\x02\x01", "a program"),
        (b"\xd4\xc3", "too few bytes"),
        (
            b"\x1b[31mred\x07\xff",
            "begins with 1b 5b 33 31 6d 72 65 64 07 ff;",
        ),
    ] {
        let reading = read(bytes);
        assert!(reading.problem().contains(says), "{}", reading.problem());
        assert!(!reading.problem().chars().any(char::is_control));
        assert_eq!(reading.info().format, None);
    }
}

#[test]
fn case_18_an_empty_file_is_said_to_be_empty() {
    assert_eq!(
        read(b"").info().problem.as_ref().unwrap().kind,
        ProblemKind::Empty
    );
}

#[test]
fn case_18_the_name_tells_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("really-pcapng.pcap.gz");
    fs::write(
        &path,
        Pcapng::new(Order::Le)
            .interface(1, 0, &[])
            .packet(0, 1, b"data", &[])
            .bytes,
    )
    .unwrap();
    let reading = read_all(vec![Input::Path(path)], ReadConfig::default());
    assert_eq!(reading.assert_whole().data(), [b"data"]);
}

#[test]
fn files_that_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing\n.pcap");
    let inputs = vec![
        Input::Path(missing),
        Input::Path(folder.path().to_owned()),
        reader("good", io::Cursor::new(small_pcap())),
    ];
    let reading = read_all(inputs, ReadConfig::default());
    let [missing, directory, good] = &reading.table[..] else {
        panic!("{:?}", reading.table)
    };
    let problem = missing.problem.as_ref().unwrap();
    assert!(matches!(
        problem.kind,
        ProblemKind::Open(io::ErrorKind::NotFound, _)
    ));
    assert!(
        problem.to_string().contains("missing\\n.pcap: cannot open"),
        "{problem}"
    );
    assert_eq!(
        directory.problem.as_ref().unwrap().kind,
        ProblemKind::Directory
    );
    assert_eq!(
        (good.packets, good.first_packet, reading.packets[0].capture),
        (4, 1, 2)
    );
}

#[test]
fn a_failing_read_is_a_problem_and_what_came_before_stands() {
    struct Fails;
    impl io::Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk\x1b is on fire"))
        }
    }
    let bytes = small_pcap();
    for end in [0, 10, 24, 30, bytes.len()] {
        let read = io::Read::chain(io::Cursor::new(bytes[..end].to_vec()), Fails);
        let reading = read_all(vec![reader("test", read)], ReadConfig::default());
        assert!(
            reading.problem().contains("the disk\\u{1b} is on fire"),
            "{}",
            reading.problem()
        );
        assert_eq!(
            reading.packets.len(),
            if end == bytes.len() { 4 } else { 0 }
        );
        assert_eq!(reading.info().truncated, None);
    }
}

#[test]
fn case_19_rotated_files_are_one_capture() {
    let first = Pcap::new(Order::Le, MICROS)
        .packet(10, 0, b"a")
        .packet(11, 0, b"b")
        .bytes;
    let second = Pcapng::new(Order::Be)
        .interface(113, 0, &[])
        .packet(0, 12_000_000, b"c", &[])
        .bytes;
    let third = Pcap::new(Order::Be, NANOS).packet(13, 0, b"d").bytes;
    let reading = read_set(&[&first, &first[..24], &second, &third]);
    assert_eq!(reading.assert_whole().data(), [b"a", b"b", b"c", b"d"]);
    let places: Vec<_> = reading
        .packets
        .iter()
        .map(|packet| (packet.number, packet.capture))
        .collect();
    assert_eq!(places, [(1, 0), (2, 0), (3, 2), (4, 3)]);
    let rows: Vec<_> = reading
        .table
        .iter()
        .map(|info| (info.first_packet, info.packets))
        .collect();
    assert_eq!(rows, [(1, 2), (3, 0), (3, 1), (4, 1)]);
    assert!(reading.table.iter().all(|info| info.notices.is_empty()));
}

#[test]
fn case_19_descending_first_times_are_noticed() {
    let at = |sec| {
        Pcap::new(Order::Le, MICROS)
            .packet(sec, 0, b"x")
            .packet(100, 0, b"y")
            .bytes
    };
    let reading = read_set(&[&at(10), &at(9), &at(9), &at(8)]);
    let noticed: Vec<_> = reading
        .table
        .iter()
        .map(|info| info.notices.iter().map(|n| n.kind).collect::<Vec<_>>())
        .collect();
    let earlier = || vec![NoticeKind::BeginsEarlier];
    assert_eq!(noticed, [vec![], earlier(), vec![], earlier()]);
}

#[test]
fn case_20_time_going_backwards_is_counted_and_kept() {
    let mut pcap = Pcap::new(Order::Le, MICROS);
    for sec in [5, 7, 6, 6, 9, 1, 9] {
        pcap = pcap.packet(sec, 0, b"");
    }
    let reading = read(&pcap.bytes);
    let secs: Vec<_> = reading
        .times()
        .iter()
        .map(|time| time.unwrap() / 1_000_000_000)
        .collect();
    assert_eq!(secs, [5, 7, 6, 6, 9, 1, 9]);
    let info = reading.assert_whole().info();
    assert_eq!(info.backwards, 2);
    assert_eq!(
        (
            info.first_time.unwrap().sec(),
            info.last_time.unwrap().sec()
        ),
        (1, 9)
    );
}

#[test]
fn progress_counts_the_bytes_of_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [folder.path().join("1"), folder.path().join("2")];
    let bytes = small_pcap();
    for path in &paths {
        fs::write(path, &bytes).unwrap();
    }
    let mut set = CaptureSet::new(paths.map(Input::Path).into(), ReadConfig::default());
    assert_eq!(
        (set.bytes_read(), set.total_bytes()),
        (0, Some(2 * bytes.len() as u64))
    );
    while set.next_packet().is_some() {}
    assert_eq!(set.bytes_read(), 2 * bytes.len() as u64);
    assert_eq!(
        CaptureSet::new(vec![reader("pipe", io::empty())], ReadConfig::default()).total_bytes(),
        None
    );
}
