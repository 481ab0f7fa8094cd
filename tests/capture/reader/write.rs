//! What the writer makes: read back here, and by tshark.

use std::{fs, process::Command};

use deframe::capture::{
    ByteOrder, Container, Interface, LinkType, Resolution, Time, WriteFormat, Writer,
};

use super::read;
use crate::support::has_peer;

/// Two interfaces of different link types and resolutions, comments, a packet cut short, a custom block.
fn commented(endian: ByteOrder) -> Vec<u8> {
    let format = WriteFormat {
        container: Container::Pcapng,
        endian,
        resolution: Resolution::Micros,
    };
    let ethernet = Interface::new(LinkType(1));
    let mut out = Writer::with_comment(Vec::new(), format, ethernet, "a slice").unwrap();
    let raw = Interface {
        resolution: Some(Resolution::Nanos),
        ..Interface::new(LinkType(101))
    };
    assert_eq!(out.add_interface(raw).unwrap(), 1);
    let time = |nanos: i64| Some(Time::from_nanos(1_700_000_000_000_000_000 + nanos));
    out.commented_packet(time(1_001), &[0; 60], 1514, 0, "cut: \u{e4}\u{20ac}")
        .unwrap();
    out.block(0xbad, b"\0\0\x7e\xd9custom").unwrap();
    out.commented_packet(time(2_003), &[0x45; 41], 41, 1, "frame 2")
        .unwrap();
    out.packet(time(3_000), &[0; 61], 61, 0).unwrap();
    assert_eq!((out.packets(), out.last_number()), (3, 4));
    out.finish().unwrap()
}

const BOTH: [ByteOrder; 2] = [ByteOrder::Little, ByteOrder::Big];

#[test]
fn comments_interfaces_and_blocks_are_read_back() {
    for endian in BOTH {
        let reading = read(&commented(endian));
        reading.assert_whole();
        let rows: Vec<_> = reading
            .packets
            .iter()
            .map(|packet| {
                let time = packet.time.unwrap() - 1_700_000_000_000_000_000;
                (
                    packet.number,
                    packet.link,
                    time,
                    packet.data.len(),
                    packet.wire_len,
                )
            })
            .collect();
        let expected = [
            (1, 1, 1_000, 60, 1514),
            (3, 101, 2_003, 41, 41),
            (4, 1, 3_000, 61, 61),
        ];
        assert_eq!(rows, expected);
    }
}

#[test]
fn tshark_shows_the_comments() {
    if !has_peer(&["tshark", "--version"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for endian in BOTH {
        let path = folder.path().join("commented.pcapng");
        fs::write(&path, commented(endian)).unwrap();
        let output = Command::new("tshark")
            .arg("-r")
            .arg(&path)
            .args([
                "-T",
                "fields",
                "-e",
                "frame.number",
                "-e",
                "frame.comment",
                "-e",
                "frame.len",
            ])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<_> = text
            .lines()
            .filter(|line| !line.starts_with("2\t"))
            .collect();
        let expected = ["1\tcut: \u{e4}\u{20ac}\t1514", "3\tframe 2\t41", "4\t\t61"];
        assert_eq!(
            lines,
            expected,
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn pcap_refuses_what_it_cannot_hold() {
    let (format, ethernet) = (WriteFormat::default(), Interface::new(LinkType(1)));
    assert!(Writer::with_comment(Vec::new(), format, ethernet, "x").is_err());
    let mut out = Writer::with_interface(Vec::new(), format, ethernet).unwrap();
    assert!(out.commented_packet(None, b"", 0, 0, "x").is_err());
    assert!(out.block(0xbad, b"").is_err());
    assert!(out.add_interface(ethernet).is_err());
    let long = "x".repeat(1 << 16);
    let pcapng = WriteFormat {
        container: Container::Pcapng,
        ..format
    };
    assert!(Writer::with_comment(Vec::new(), pcapng, ethernet, &long).is_err());
}
