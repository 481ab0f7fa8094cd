//! Protocols that no description covers and whose first bytes name them.

use super::Sample;

/// Whether a stream of the protocol can begin so.
type Begins = fn(&[u8]) -> bool;

/// A protocol, and how its streams begin.
const SIGNATURES: &[(&str, Begins)] = &[
    ("TLS", is_tls),
    ("SSH", |bytes| bytes.starts_with(b"SSH-")),
    ("HTTP", is_http),
];

/// A TLS record: type, version 3.x, a length that the record layer allows (RFC 8446, 5.1).
fn is_tls(bytes: &[u8]) -> bool {
    let [kind, 3, minor, high, low, ..] = *bytes else {
        return false;
    };
    let length = u16::from_be_bytes([high, low]);
    (20..=24).contains(&kind) && minor <= 4 && (1..=16_384 + 256).contains(&length)
}

fn is_http(bytes: &[u8]) -> bool {
    const STARTS: [&[u8]; 8] = [
        b"GET ",
        b"PUT ",
        b"POST ",
        b"HEAD ",
        b"DELETE ",
        b"OPTIONS ",
        b"CONNECT ",
        b"HTTP/1.",
    ];
    STARTS.iter().any(|start| bytes.starts_with(start))
}

/// The protocol whose signature most streams begin with, if it is more than half of those with bytes from their start.
pub fn signature(samples: &[Sample]) -> Option<&'static str> {
    let begun = || samples.iter().filter(|sample| !sample.bytes.is_empty());
    let all = begun().count();
    SIGNATURES
        .iter()
        .find(|(_, is)| begun().filter(|sample| is(&sample.bytes)).count() * 2 > all)
        .map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::Dir;

    fn named(bytes: &[u8]) -> Option<&'static str> {
        let sample = Sample {
            connection: 0,
            dir: Dir::C2s,
            port: 9000,
            syn: true,
            bytes: bytes.to_vec(),
            segments: Vec::new(),
            gaps: Vec::new(),
            more: false,
        };
        signature(&[sample])
    }

    #[test]
    fn streams_are_named_by_their_first_bytes() {
        for (bytes, want) in [
            (&b"\x16\x03\x01\x02\x00\x01\x00"[..], Some("TLS")),
            (b"\x17\x03\x03\x00\x40......", Some("TLS")),
            (b"\x16\x03\x09\x02\x00", None),
            (b"\x16\x03\x03\xff\xff", None),
            (b"SSH-2.0-dropbear\r\n", Some("SSH")),
            (b"POST /data HTTP/1.1\r\n", Some("HTTP")),
            (b"HTTP/1.1 200 OK\r\n", Some("HTTP")),
            (b"\xfd\xaa\x00\x01", None),
            (b"", None),
        ] {
            assert_eq!(named(bytes), want, "{bytes:?}");
        }
    }
}
