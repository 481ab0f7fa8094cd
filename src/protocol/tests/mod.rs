mod errors;
mod fields;

use super::*;
use crate::framing::ChecksumKind;

#[test]
fn the_device_protocol() {
    let fd = Protocol::fd();
    let sizes: Vec<_> = fd.layout.frames.iter().map(|frame| frame.min).collect();
    assert_eq!(sizes, [154, 194, 196]);
    assert_eq!(fd.messages[0].frames, [0, 1, 2]);
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

/// Bit by bit, as the catalogue defines it; the framer has a quicker way.
fn crc16(poly: u16, init: u16, reflected: bool, xorout: u16, bytes: &[u8]) -> u16 {
    let mut register = init;
    for byte in bytes {
        let byte = if reflected {
            byte.reverse_bits()
        } else {
            *byte
        };
        register ^= u16::from(byte) << 8;
        for _ in 0..8 {
            let carry = register & 0x8000 != 0;
            register = register << 1 ^ if carry { poly } else { 0 };
        }
    }
    let register = if reflected {
        register.reverse_bits()
    } else {
        register
    };
    register ^ xorout
}

/// The check value of an algorithm is what it makes of the nine digits "123456789".
#[test]
fn crcs_have_the_check_values_of_the_catalogue() {
    let rows = [
        ("crc16-arc", 0xbb3d),
        ("crc16-ibm", 0xbb3d),
        ("crc16-cdma2000", 0x4c06),
        ("crc16-cms", 0xaee7),
        ("crc16-dds-110", 0x9ecf),
        ("crc16-dect-r", 0x007e),
        ("crc16-dect-x", 0x007f),
        ("crc16-dnp", 0xea82),
        ("crc16-en-13757", 0xc2b7),
        ("crc16-genibus", 0xd64e),
        ("crc16-gsm", 0xce3c),
        ("crc16-ibm-3740", 0x29b1),
        ("crc16-ccitt", 0x29b1),
        ("crc16-ccitt-false", 0x29b1),
        ("crc16-ibm-sdlc", 0x906e),
        ("crc16-x25", 0x906e),
        ("crc16-hdlc", 0x906e),
        ("crc16-iso-iec-14443-3-a", 0xbf05),
        ("crc16-riello", 0x63d0),
        ("crc16-tms37157", 0x26b1),
        ("crc16-kermit", 0x2189),
        ("crc16-lj1200", 0xbdf4),
        ("crc16-m17", 0x772b),
        ("crc16-maxim-dow", 0x44c2),
        ("crc16-mcrf4xx", 0x6f91),
        ("crc16-modbus", 0x4b37),
        ("crc16-nrsc-5", 0xa066),
        ("crc16-opensafety-a", 0x5d38),
        ("crc16-opensafety-b", 0x20fe),
        ("crc16-profibus", 0xa819),
        ("crc16-spi-fujitsu", 0xe5cc),
        ("crc16-aug-ccitt", 0xe5cc),
        ("crc16-t10-dif", 0xd0db),
        ("crc16-teledisk", 0x0fb3),
        ("crc16-umts", 0xfee8),
        ("crc16-usb", 0xb4c8),
        ("crc16-xmodem", 0x31c3),
    ];
    let mut checked = 0;
    for (name, kind) in CHECKSUMS {
        if let ChecksumKind::Crc16 {
            poly,
            init,
            reflected,
            xorout,
        } = *kind
        {
            let value = crc16(poly, init, reflected, xorout, b"123456789");
            assert!(rows.contains(&(name, value)), "{name} makes {value:04x}");
            checked += 1;
        }
    }
    assert_eq!(checked, rows.len());
}
