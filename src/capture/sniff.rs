//! Tells formats by their first bytes, those that are read and those that are only named.

use super::Compression;

/// What the first bytes of a file say.
pub(super) enum Sniffed {
    /// pcap of any variant that is read.
    Pcap,
    /// pcapng.
    Pcapng,
    /// Compressed data of any kind.
    Compressed(Compression),
    /// Known, not read.
    Unsupported(&'static str),
    /// No capture; what it looks like, where that is known.
    Unknown(Option<&'static str>),
}

/// Judges the first bytes of a file (16 if it has them).
pub(super) fn sniff(first: &[u8]) -> Sniffed {
    match first {
        [0xa1, 0xb2, 0xc3, 0xd4, ..] | [0xd4, 0xc3, 0xb2, 0xa1, ..] => Sniffed::Pcap,
        [0xa1, 0xb2, 0x3c, 0x4d, ..] | [0x4d, 0x3c, 0xb2, 0xa1, ..] => Sniffed::Pcap,
        [0xa1, 0xb2, 0xcd, 0x34, ..] | [0x34, 0xcd, 0xb2, 0xa1, ..] => Sniffed::Pcap,
        [0x0a, 0x0d, 0x0d, 0x0a, ..] => Sniffed::Pcapng,
        _ => match compression(first) {
            Some(compression) => Sniffed::Compressed(compression),
            None => named(first),
        },
    }
}

/// The compression whose data begins so.
pub(super) fn compression(first: &[u8]) -> Option<Compression> {
    match first {
        [0x1f, 0x8b, ..] => Some(Compression::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Compression::Zstd),
        [0x04, 0x22, 0x4d, 0x18, ..] => Some(Compression::Lz4),
        // A skippable frame (RFC 8878, 3.1.2); LZ4 has it too, but only zstd tools begin with one.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Compression::Zstd),
        _ => None,
    }
}

/// Other formats of captures, then formats that are none.
fn named(first: &[u8]) -> Sniffed {
    const CAPTURES: &[(&[u8], &str)] = &[
        (
            b"\x1c\x00\x01\xab",
            "a capture in IXIA's variant of pcap (lcap, software)",
        ),
        (
            b"\xab\x01\x00\x1c",
            "a capture in IXIA's variant of pcap (lcap, software)",
        ),
        (
            b"\x1c\x00\x01\xac",
            "a capture in IXIA's variant of pcap (lcap, hardware)",
        ),
        (
            b"\xac\x01\x00\x1c",
            "a capture in IXIA's variant of pcap (lcap, hardware)",
        ),
        (b"snoop\0\0\0", "a snoop capture (Solaris, RFC 1761)"),
        (b"btsnoop\0", "a btsnoop capture (Bluetooth)"),
        (b"iptrace ", "an AIX iptrace capture"),
        (b"RTSS", "a Microsoft Network Monitor 1 capture"),
        (b"GMBU", "a Microsoft Network Monitor 2 capture"),
        (b"XCP\0", "a NetXRay or Windows Sniffer capture"),
        (b"TRSNIFF data", "a DOS Sniffer capture"),
        (b"\x02!L\x18", "data in the legacy LZ4 format"),
    ];
    const OTHERS: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", "a ZIP archive (unpack it first)"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive (unpack it first)"),
        (b"\xfd7zXZ\0", "xz-compressed data (unpack it first)"),
        (b"BZh", "bzip2-compressed data (unpack it first)"),
        (b"\x7fELF", "a program"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a PNG image"),
        (b"<!DOCTYPE", "an HTML page (a failed download?)"),
        (b"<html", "an HTML page (a failed download?)"),
    ];
    if let Some((_, name)) = CAPTURES.iter().find(|(magic, _)| first.starts_with(magic)) {
        return Sniffed::Unsupported(name);
    }
    let other = OTHERS
        .iter()
        .find(|(magic, _)| first.starts_with(magic))
        .map(|(_, name)| *name);
    Sniffed::Unknown(other.or_else(|| looks_like(first)))
}

fn looks_like(first: &[u8]) -> Option<&'static str> {
    let text = |byte: &u8| byte.is_ascii_graphic() || b" \t\r\n".contains(byte);
    if first.len() < 4 {
        Some("too few bytes for any format")
    } else if first.iter().all(|byte| *byte == 0) {
        Some("zeros (a file whose data was never written)")
    } else if erf(first) {
        Some("an ERF capture (Endace); convert it to pcapng")
    } else if first.iter().all(text) {
        Some("text")
    } else {
        None
    }
}

/// ERF has no magic number: a record header of 16 bytes with a plausible type, flags and length.
fn erf(first: &[u8]) -> bool {
    matches!(first, [_, _, _, _, _, _, _, _, kind, _, high, low, _, _, wire_high, wire_low, ..]
        if (1..=48).contains(&(kind & 0x7f))
            && u16::from_be_bytes([*high, *low]) > 16
            && u16::from_be_bytes([*wire_high, *wire_low]) > 0
            && u16::from_be_bytes([*high, *low]).abs_diff(u16::from_be_bytes([*wire_high, *wire_low])) < 64)
}
