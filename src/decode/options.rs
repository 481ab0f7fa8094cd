//! Fields of a TCP header that only some callers need, read from the header when asked for.
//!
//! Nothing here runs for a packet unless a caller asks: a [`Segment`] lends its header, and these methods parse it.

use super::{Segment, view::be16};

/// The TCP options that describe how the sender delivers data.
///
/// RFC 9293, 3.2 (maximum segment size) and RFC 7323 (window scale, timestamps); RFC 2018 (selective acknowledgement).
/// An option that is absent, or that has a wrong length, is `None`; of an option that occurs twice the first counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpOptions {
    /// Largest payload in bytes that the sender accepts. Only a SYN has it.
    pub mss: Option<u16>,
    /// Number of bits by which the sender's later window fields are shifted left. Only a SYN has it.
    pub window_scale: Option<u8>,
    /// Timestamp value, and the value echoed from the peer.
    pub timestamps: Option<(u32, u32)>,
    /// The sender accepts selective acknowledgements. Only a SYN has it.
    pub sack_permitted: bool,
    /// First block of a selective acknowledgement: sequence number of its first byte and of the byte after its last.
    pub sack: Option<(u32, u32)>,
}

impl Segment<'_> {
    /// Window field as it stands in the header, not scaled. `None` if the snap length cut the header before it.
    #[inline]
    pub fn window(&self) -> Option<u16> {
        match self.header {
            [_, _, _, _, _, _, _, _, _, _, _, _, _, _, high, low, ..] => Some(be16(*high, *low)),
            _ => None,
        }
    }

    /// Length of the IP packet on the wire in bytes, without IP options and extension headers: to compare with an MTU.
    /// Of a segment that arrived in IP fragments it is the length of the whole datagram.
    #[inline]
    pub fn ip_len(&self) -> u32 {
        let ip = if self.ip_id.is_some() { 20 } else { 40 };
        ip + u32::from(self.header_len()) + self.payload_len
    }

    /// Length of the TCP header on the wire in bytes: 20 to 60; 0 if there is no header.
    #[inline]
    pub fn header_len(&self) -> u8 {
        self.header.get(12).map_or(0, |byte| (byte >> 4) * 4)
    }

    /// Parses the options. Costs nothing where a header has none; stops at the first option that cannot be right.
    pub fn options(&self) -> TcpOptions {
        let mut found = TcpOptions::default();
        let mut rest = self.header.get(20..).unwrap_or_default();
        loop {
            rest = match *rest {
                [1, ref rest @ ..] => rest,
                [kind, length, ref after @ ..] if kind > 1 && length > 1 => {
                    let Some((value, rest)) = after.split_at_checked(usize::from(length - 2))
                    else {
                        return found;
                    };
                    found.add(kind, value);
                    rest
                }
                _ => return found,
            };
        }
    }
}

impl TcpOptions {
    fn add(&mut self, kind: u8, value: &[u8]) {
        match (kind, value) {
            (2, &[high, low]) => {
                self.mss.get_or_insert(be16(high, low));
            }
            (3, &[shift]) => {
                self.window_scale.get_or_insert(shift);
            }
            (4, []) => self.sack_permitted = true,
            (5, value) => self.sack = self.sack.or_else(|| pair(value)),
            (8, value) if value.len() == 8 => {
                self.timestamps = self.timestamps.or_else(|| pair(value))
            }
            _ => {}
        }
    }
}

/// Two 32-bit numbers in network order.
fn pair(value: &[u8]) -> Option<(u32, u32)> {
    let ([first, second, ..], _) = value.as_chunks::<4>() else {
        return None;
    };
    Some((u32::from_be_bytes(*first), u32::from_be_bytes(*second)))
}

#[cfg(test)]
mod tests {
    use crate::decode::{Addr, Endpoint, Flags, TcpChecksum};

    use super::*;

    fn segment(header: &[u8]) -> Segment<'_> {
        let end = |port| Endpoint {
            addr: Addr::v4([10, 0, 0, 1]),
            port,
        };
        Segment {
            packet: 1,
            capture: 0,
            time: None,
            src: end(1),
            dst: end(2),
            seq: 0,
            ack: 0,
            flags: Flags(Flags::SYN),
            urgent: 0,
            ip_id: Some(7),
            ttl: 64,
            vlan: 0,
            vni: 0,
            checksum: TcpChecksum::Unchecked,
            header,
            payload: &[],
            payload_len: 100,
        }
    }

    fn with_options(options: &[u8]) -> TcpOptions {
        let header = [&[0; 20][..], options].concat();
        segment(&header).options()
    }

    #[test]
    fn options_of_a_syn() {
        let all = [
            2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 0, 2, 4, 1, 1,
        ];
        let expected = TcpOptions {
            mss: Some(1460),
            window_scale: Some(7),
            timestamps: Some((9, 8)),
            sack_permitted: true,
            sack: None,
        };
        assert_eq!(with_options(&all), expected);
        let sack = with_options(&[5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4]);
        assert_eq!(sack.sack, Some((1, 2)));
    }

    #[test]
    fn options_that_cannot_be_right_are_absent() {
        for options in [
            &[2, 3, 5][..],
            &[2, 0, 2, 4, 5, 0xb4],
            &[2, 4, 5],
            &[3],
            &[8, 9, 1, 2, 3, 4, 5, 6, 7],
            &[5, 6, 0, 0, 0, 1],
            &[],
        ] {
            assert_eq!(with_options(options), TcpOptions::default(), "{options:?}");
        }
    }

    #[test]
    fn fields_of_whole_and_of_cut_headers() {
        let mut header = [0; 24];
        (header[12], header[14], header[15]) = (0x60, 1, 2);
        let whole = segment(&header);
        assert_eq!(
            (whole.window(), whole.header_len(), whole.ip_len()),
            (Some(258), 24, 144)
        );
        let cut = segment(&header[..14]);
        assert_eq!((cut.window(), cut.header_len()), (None, 24));
        let none = segment(&[]);
        assert_eq!(
            (none.window(), none.header_len(), none.options()),
            (None, 0, TcpOptions::default())
        );
    }
}
