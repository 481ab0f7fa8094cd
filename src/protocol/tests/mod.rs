mod errors;
mod fields;

use super::*;
use crate::framing::{Checksum, ChecksumKind, Endian, FrameLayout, FrameTable, Layout, Size};

#[test]
fn the_device_protocol() {
    let fd = Protocol::fd();
    let sizes: Vec<_> = fd.layout.frames.iter().map(|frame| frame.min).collect();
    assert_eq!(sizes, [154, 194, 196]);
    assert_eq!(fd.layout.messages[0], [0, 1, 2]);
    let sizes = fd
        .with_lengths_as_frame()
        .unwrap()
        .layout
        .frames
        .iter()
        .map(|frame| frame.max)
        .collect::<Vec<_>>();
    assert_eq!(sizes, [150, 190, 192]);
}

#[test]
fn every_description_of_the_library_parses() {
    let mut names: Vec<_> = library().map(|entry| entry.name).collect();
    for Entry { name, text } in library() {
        let protocol = Protocol::parse(text, name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(protocol.name, name);
        assert!(
            protocol.description.is_some() && protocol.source.is_some(),
            "{name}"
        );
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), library().len());
    Protocol::parse(STARTER, "starter").unwrap_or_else(|error| panic!("{error}"));
}

/// The check value of an algorithm is what it makes of the nine digits "123456789".
#[test]
fn crcs_have_the_check_values_of_the_catalogue() {
    let rows = [
        ("crc8-smbus", 0xf4),
        ("crc8-maxim-dow", 0xa1),
        ("crc16-modbus", 0x4b37),
        ("crc16-ibm-3740", 0x29b1),
        ("crc16-dnp", 0xea82),
        ("crc16-x25", 0x906e),
        ("crc24-openpgp", 0x21cf02),
        ("crc32-iso-hdlc", 0xcbf43926),
        ("crc32", 0xcbf43926),
        ("crc32c", 0xe3069283),
        ("crc32-bzip2", 0xfc891918),
    ];
    for (name, check) in rows {
        let (_, kind) = CHECKSUMS.iter().find(|(known, _)| *known == name).unwrap();
        let found = checksum(*kind, b"123456789");
        assert_eq!(found, check, "{name}: {found:x}");
    }
}

/// Every CRC against the definition, bit by bit.
#[test]
fn crcs_are_what_their_parameters_say() {
    let mut checked = 0;
    for (name, kind) in CHECKSUMS {
        let ChecksumKind::Crc(crc) = *kind else {
            continue;
        };
        let top = 1u64 << crc.width;
        let reversed = |value: u64| value.reverse_bits() >> (64 - u32::from(crc.width));
        let mut register = u64::from(crc.init);
        for byte in b"any bytes at all" {
            let byte = if crc.reflect_in {
                byte.reverse_bits()
            } else {
                *byte
            };
            register ^= u64::from(byte) << (crc.width - 8);
            for _ in 0..8 {
                register <<= 1;
                if register & top != 0 {
                    register ^= top | u64::from(crc.poly);
                }
            }
        }
        let value = if crc.reflect_out {
            reversed(register)
        } else {
            register
        };
        let want = value as u32 ^ crc.xorout;
        assert_eq!(checksum(*kind, b"any bytes at all"), want, "{name}");
        checked += 1;
    }
    assert!(checked > 80, "{checked}");
}

/// What the framer writes into a frame that begins with these bytes and ends with the checksum.
fn checksum(kind: ChecksumKind, bytes: &[u8]) -> u32 {
    let width = kind.width();
    let size = bytes.len() + width;
    let layout = Layout {
        frames: vec![FrameLayout {
            headers: Vec::new(),
            size: Size::Fixed(size),
            end: Vec::new(),
            min: size as u64,
            max: size as u64,
            checksum: Some(Checksum {
                kind,
                endian: Endian::Big,
                at: -(width as i64),
                from: 0,
                blocks: false,
            }),
        }],
        ..Layout::default()
    };
    let table = FrameTable::new(&layout).unwrap();
    let mut frame = Vec::new();
    let payload = [bytes, &vec![0; width]].concat();
    table.encode(0, &payload, &mut frame).unwrap();
    let join = |value: u32, byte: &u8| value << 8 | u32::from(*byte);
    frame[bytes.len()..].iter().fold(0, join)
}

#[test]
fn a_crc_by_its_parameters() {
    let text = "name = \"p\"\n[[frame]]\nname = \"f\"\nheader = \"AB\"\nsize = 8\nchecksum = { kind = \"crc\", \
                width = 16, poly = 0x8005, init = 0xFFFF, reflect_in = true, reflect_out = true }";
    let own = Protocol::parse(text, "own").unwrap_or_else(|error| panic!("{error}"));
    let (_, modbus) = CHECKSUMS
        .iter()
        .find(|(name, _)| *name == "crc16-modbus")
        .unwrap();
    let checksum = own.layout.frames[0].checksum.clone().unwrap();
    assert_eq!(checksum.kind, *modbus);
}

#[test]
fn very_many_headers() {
    let headers: Vec<String> = (0..65_536).map(|n| format!("\"{n:04X}\"")).collect();
    let list = headers.join(",");
    let frame = |name: &str, more: &str| {
        format!("[[frame]]\nname = \"{name}\"\nheader = [{list}]\nsize = 9\n{more}\n")
    };
    let text = format!(
        "name = \"p\"\n{}{}",
        frame("f", "checksum = { kind = \"sum8\" }"),
        frame("g", "")
    );
    let started = std::time::Instant::now();
    let protocol = Protocol::parse(&text, "many").unwrap_or_else(|error| panic!("{error}"));
    FrameTable::new(&protocol.layout).unwrap();
    // Quadratic, it took minutes.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
