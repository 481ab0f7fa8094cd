//! What is no capture, and several captures as one: cases 18 to 20.

use std::{fs, io};

use deframe::capture::{CaptureOrder, CaptureSet, Input, NoticeKind, ProblemKind, ReadConfig};

use super::{
    Reading,
    build::{MICROS, NANOS, Order, Pcap, Pcapng, mixed_pcapng, small_pcap},
    read, read_all, read_in_batches, read_set, reader,
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
            &[0xd4, 0xc3, 0xb2, 0xa1],
            "it ends after 4 bytes, within the file header of 24",
        ),
        (
            &small_pcap()[..23],
            "it ends after 23 bytes, within the file header of 24",
        ),
        (
            &mixed_pcapng()[..27],
            "it ends after 27 bytes, within the file header of 28",
        ),
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

/// Files of these seconds, each packet with its file and second as data; the order in which they are read, one and one
/// and by the batch, which must be the same.
fn read_files(order: CaptureOrder, files: &[&[u32]]) -> Reading {
    let folder = tempfile::tempdir().unwrap();
    let mut inputs = [Vec::new(), Vec::new()];
    for (at, seconds) in files.iter().enumerate() {
        let mut pcap = Pcap::new(Order::Le, MICROS);
        for second in *seconds {
            pcap = pcap.packet(*second, 0, format!("{at}:{second}").as_bytes());
        }
        let path = folder.path().join(at.to_string());
        fs::write(&path, pcap.bytes).unwrap();
        inputs
            .iter_mut()
            .for_each(|inputs| inputs.push(Input::Path(path.clone())));
    }
    let config = ReadConfig {
        order,
        ..ReadConfig::default()
    };
    let [one, batch] = inputs;
    let reading = read_all(one, config);
    assert_eq!(read_in_batches(batch, config), reading);
    for (at, packet) in reading.packets.iter().enumerate() {
        assert_eq!(packet.number, at as u64 + 1);
        assert!(
            packet
                .data
                .starts_with(packet.capture.to_string().as_bytes())
        );
    }
    reading
}

/// Names of the packets, and which captures were merged by the position at which they were given.
fn order_of(files: &[&[u32]]) -> (String, Vec<u32>) {
    let reading = read_files(CaptureOrder::ByTime, files);
    let data = reading.data();
    let names: Vec<_> = data
        .iter()
        .map(|name| String::from_utf8_lossy(name))
        .collect();
    let merged = reading.table.iter().filter(|info| info.merged);
    (names.join(" "), merged.map(|info| info.given).collect())
}

#[test]
fn files_are_read_in_the_order_of_their_first_packets() {
    for (files, order, merged) in [
        // As a shell sorts pcap, pcap1, pcap10, pcap2.
        (
            &[&[1, 2][..], &[3, 4], &[9], &[5, 6]][..],
            "0:1 0:2 1:3 1:4 3:5 3:6 2:9",
            &[][..],
        ),
        // Two taps: packet by packet, of equal times the one given first.
        (
            &[&[1, 3, 5], &[2, 3, 4]],
            "0:1 1:2 0:3 1:3 1:4 0:5",
            &[0, 1],
        ),
        (
            &[&[2, 3, 4], &[1, 3, 5]],
            "1:1 0:2 0:3 1:3 0:4 1:5",
            &[1, 0],
        ),
        // One ends when the other begins: no overlap.
        (&[&[1, 2], &[2, 3]], "0:1 0:2 1:2 1:3", &[]),
        // Empty files, and time that goes back within a file.
        (&[&[], &[4], &[], &[1]], "3:1 1:4", &[]),
        (&[&[5, 1, 6], &[2, 7]], "1:2 0:5 0:1 0:6 1:7", &[1, 0]),
    ] {
        assert_eq!(
            order_of(files),
            (order.to_owned(), merged.to_vec()),
            "{files:?}"
        );
    }
}

#[test]
fn files_are_read_as_given_where_that_is_asked_for() {
    let reading = read_files(CaptureOrder::AsGiven, &[&[5, 6], &[1, 9]]);
    assert_eq!(reading.data(), [b"0:5", b"0:6", b"1:1", b"1:9"]);
    assert_eq!(reading.table[1].notices[0].kind, NoticeKind::BeginsEarlier);
}

#[test]
fn a_pipe_or_a_capture_without_times_keeps_the_order_given() {
    let late = Pcap::new(Order::Le, MICROS).packet(9, 0, b"late").bytes;
    let early = Pcap::new(Order::Le, MICROS).packet(1, 0, b"early").bytes;
    let timeless = Pcapng::new(Order::Le)
        .interface(1, 0, &[])
        .simple(4, b"none")
        .bytes;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        Input::Path(path)
    };
    let inputs = vec![
        file("late", &late),
        file("early", &early),
        file("none", &timeless),
    ];
    let reading = read_all(inputs, ReadConfig::default());
    assert_eq!(reading.data(), [&b"late"[..], b"early", b"none"]);
    let inputs = vec![file("late", &late), reader("pipe", io::Cursor::new(early))];
    let reading = read_all(inputs, ReadConfig::default());
    assert_eq!(reading.data(), [&b"late"[..], b"early"]);
}

#[test]
fn more_overlapping_files_than_are_opened_at_once_are_all_read() {
    let files: Vec<Vec<u32>> = (0..200).map(|at| vec![at + 1, at + 1000]).collect();
    let files: Vec<&[u32]> = files.iter().map(Vec::as_slice).collect();
    assert_eq!(read_files(CaptureOrder::ByTime, &files).packets.len(), 400);
}
