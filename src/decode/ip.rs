//! IPv4 and IPv6 headers, down to the upper-layer protocol.
//!
//! Knows lengths, options, extension headers and fragment fields; has no state.

use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice, err};

use super::{
    Addr,
    reason::Reason,
    view::{View, be16},
};

/// Upper-layer protocol numbers (IANA "Assigned Internet Protocol Numbers").
pub(super) mod protocol {
    pub const HOP_BY_HOP: u8 = 0;
    pub const ICMP: u8 = 1;
    pub const IPV4: u8 = 4;
    pub const TCP: u8 = 6;
    pub const UDP: u8 = 17;
    pub const IPV6: u8 = 41;
    pub const ROUTING: u8 = 43;
    pub const FRAGMENT: u8 = 44;
    pub const GRE: u8 = 47;
    pub const L2TP: u8 = 115;
    pub const ESP: u8 = 50;
    pub const AUTHENTICATION: u8 = 51;
    pub const ICMPV6: u8 = 58;
    pub const NO_NEXT_HEADER: u8 = 59;
    pub const DESTINATION: u8 = 60;
    pub const MOBILITY: u8 = 135;
    pub const MPLS: u8 = 137;
}

/// The addresses that a segment travelled between.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ip {
    pub(super) src: Addr,
    pub(super) dst: Addr,
    pub(super) id: Option<u16>,
    /// Time to live or hop limit.
    pub(super) ttl: u8,
}

/// Where a fragment belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    pub(super) id: u32,
    pub(super) offset: usize,
    pub(super) more: bool,
}

/// An IPv4 header, removed.
#[derive(Clone, Copy)]
pub(super) struct V4<'a> {
    pub(super) ip: Ip,
    pub(super) header: &'a [u8],
    pub(super) protocol: u8,
    pub(super) fragment: Option<Fragment>,
    pub(super) length: Length,
    pub(super) payload: View<'a>,
}

/// What the length field of an IP header says about the frame around the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// The packet ends within the frame.
    Within,
    /// 0: the capturing host left the length to its network card (TSO), and the packet ends with the frame.
    Absent,
    /// The packet ends this many bytes after the frame.
    Beyond(usize),
}

/// Bounds a packet by its length field. A packet never ends after the frame: what is beyond was not sent in it.
#[inline]
fn bounded(view: View<'_>, length: usize) -> (View<'_>, Length) {
    match length.checked_sub(view.wire) {
        None | Some(0) => (view.end_at(length), Length::Within),
        Some(beyond) => (view, Length::Beyond(beyond)),
    }
}

/// Removes an IPv4 header (RFC 791). Total length 0 means the rest of the frame.
#[inline]
pub(super) fn v4(view: View<'_>) -> Result<V4<'_>, Reason> {
    let header = match Ipv4HeaderSlice::from_slice(view.data) {
        Ok(header) => header,
        Err(error) => return Err(v4_error(view, error)),
    };
    let (length, total) = (header.slice().len(), usize::from(header.total_len()));
    let fragmented = header.more_fragments() || header.fragments_offset().value() != 0;
    let (bounded, extent) = if total >= length {
        bounded(view, total)
    } else if total == 0 && !fragmented {
        (view, Length::Absent)
    } else {
        return Err(Reason::BadIpTotalLength);
    };
    let id = header.identification();
    Ok(V4 {
        ip: Ip {
            src: Addr::v4(header.source()),
            dst: Addr::v4(header.destination()),
            id: Some(id),
            ttl: header.ttl(),
        },
        header: header.slice(),
        protocol: header.protocol().0,
        fragment: fragmented.then(|| Fragment {
            id: id.into(),
            offset: usize::from(header.fragments_offset().value()) * 8,
            more: header.more_fragments(),
        }),
        length: extent,
        payload: bounded.skip(length)?,
    })
}

#[cold]
fn v4_error(view: View<'_>, error: err::ipv4::HeaderSliceError) -> Reason {
    use err::ipv4::{HeaderError, HeaderSliceError};
    match error {
        HeaderSliceError::Len(error) => view.missing(error.required_len),
        HeaderSliceError::Content(HeaderError::UnexpectedVersion { .. }) => Reason::BadIpVersion,
        HeaderSliceError::Content(HeaderError::HeaderLengthSmallerThanHeader { .. }) => {
            Reason::BadIpHeaderLength
        }
    }
}

/// An IPv6 header, removed; extension headers are not.
#[derive(Clone, Copy)]
pub(super) struct V6<'a> {
    pub(super) ip: Ip,
    pub(super) next: u8,
    pub(super) length: Length,
    pub(super) payload: View<'a>,
}

/// Removes an IPv6 header (RFC 8200). Payload length 0 means that of the jumbo payload option (RFC 2675), or without
/// that option the rest of the frame.
#[inline]
pub(super) fn v6(view: View<'_>) -> Result<V6<'_>, Reason> {
    let header = match Ipv6HeaderSlice::from_slice(view.data) {
        Ok(header) => header,
        Err(error) => return Err(v6_error(view, error)),
    };
    let (length, next) = (usize::from(header.payload_length()), header.next_header().0);
    let payload = view.skip(header.slice().len())?;
    let (payload, length) = match length {
        0 => jumbo(payload, next),
        _ => bounded(payload, length),
    };
    let ip = Ip {
        src: Addr::v6(header.source()),
        dst: Addr::v6(header.destination()),
        id: None,
        ttl: header.hop_limit(),
    };
    Ok(V6 {
        ip,
        next,
        length,
        payload,
    })
}

#[cold]
fn v6_error(view: View<'_>, error: err::ipv6::HeaderSliceError) -> Reason {
    match error {
        err::ipv6::HeaderSliceError::Len(error) => view.missing(error.required_len),
        err::ipv6::HeaderSliceError::Content(_) => Reason::BadIpVersion,
    }
}

/// Ends the payload where a jumbo payload option in the hop-by-hop header says so.
#[cold]
fn jumbo(payload: View<'_>, next: u8) -> (View<'_>, Length) {
    const JUMBO: u8 = 0xc2;
    let length = match payload.data {
        [_, words, ..] if next == protocol::HOP_BY_HOP => (usize::from(*words) + 1) * 8,
        _ => return (payload, Length::Absent),
    };
    let mut options = payload.data.get(2..length).unwrap_or_default();
    loop {
        options = match options {
            [0, rest @ ..] => rest,
            [JUMBO, 4, a, b, c, d, ..] => {
                let claimed = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
                // A length that fits the ordinary field is no jumbogram's.
                return if claimed > 0xffff {
                    bounded(payload, claimed)
                } else {
                    (payload, Length::Absent)
                };
            }
            [_, length, rest @ ..] => rest.get(usize::from(*length)..).unwrap_or_default(),
            _ => return (payload, Length::Absent),
        };
    }
}

/// What follows the extension headers.
#[derive(Clone, Copy)]
pub(super) struct Upper<'a> {
    pub(super) protocol: u8,
    pub(super) fragment: Option<Fragment>,
    /// A routing header leads on: the address in the IP header is not the one in the TCP checksum.
    pub(super) routed: bool,
    pub(super) payload: View<'a>,
}

/// Whether a protocol number is that of an extension header which [`extensions`] removes.
pub(super) fn is_extension(next: u8) -> bool {
    use protocol::{AUTHENTICATION, DESTINATION, FRAGMENT, HOP_BY_HOP, MOBILITY, ROUTING};
    matches!(
        next,
        HOP_BY_HOP | ROUTING | FRAGMENT | AUTHENTICATION | DESTINATION | MOBILITY
    )
}

/// Removes extension headers (RFC 8200, 4; RFC 4302), at most 16, to the upper layer or the first fragment header
/// that really is one (RFC 6946: offset 0 and no more is the whole datagram).
pub(super) fn extensions(mut payload: View<'_>, mut next: u8) -> Result<Upper<'_>, Reason> {
    const MAX: usize = 16;
    let mut routed = false;
    for _ in 0..MAX {
        if !is_extension(next) {
            return Ok(Upper {
                protocol: next,
                fragment: None,
                routed,
                payload,
            });
        }
        let head: &[u8; 8] = payload.peek()?;
        let length = match next {
            protocol::FRAGMENT => 8,
            protocol::AUTHENTICATION => (usize::from(head[1]) + 2) * 4,
            _ => (usize::from(head[1]) + 1) * 8,
        };
        routed |= next == protocol::ROUTING && head[3] != 0;
        payload = payload.skip(length)?;
        if next == protocol::FRAGMENT {
            let field = be16(head[2], head[3]);
            let id = u32::from_be_bytes([head[4], head[5], head[6], head[7]]);
            let fragment = Fragment {
                id,
                offset: usize::from(field & 0xfff8),
                more: field & 1 != 0,
            };
            if fragment.offset != 0 || fragment.more {
                return Ok(Upper {
                    protocol: head[0],
                    fragment: Some(fragment),
                    routed,
                    payload,
                });
            }
        }
        next = head[0];
    }
    Err(Reason::BadExtension)
}
