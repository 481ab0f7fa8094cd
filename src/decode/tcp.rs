//! The TCP header.

use etherparse::{TcpHeaderSlice, err};

use super::{
    Endpoint, Flags, Segment, TcpChecksum,
    ip::Ip,
    reason::Reason,
    view::{View, be16},
};
use crate::capture::Packet;

/// Builds the segment of a TCP header and what follows it (RFC 9293, 3.1). `vlan` and `vni` are the caller's.
#[inline]
pub(super) fn segment<'a>(
    view: View<'a>,
    ip: &Ip,
    packet: &Packet<'_>,
) -> Result<Segment<'a>, Reason> {
    let header = match TcpHeaderSlice::from_slice(view.data) {
        Ok(header) => header,
        Err(error) => return cut(view, ip, packet, error),
    };
    let payload = view.skip(header.slice().len())?;
    Ok(whole(header, payload, ip, packet))
}

/// The same for a header that is complete and right; none for any other. Apart from the rest, so that the segment is
/// built where it is used.
#[inline(always)]
pub(super) fn complete<'a>(view: View<'a>, ip: &Ip, packet: &Packet<'_>) -> Option<Segment<'a>> {
    let header = TcpHeaderSlice::from_slice(view.data).ok()?;
    let payload = view.skip(header.slice().len()).ok()?;
    Some(whole(header, payload, ip, packet))
}

#[inline(always)]
fn whole<'a>(
    header: TcpHeaderSlice<'a>,
    payload: View<'a>,
    ip: &Ip,
    packet: &Packet<'_>,
) -> Segment<'a> {
    Segment {
        packet: packet.number,
        capture: packet.capture,
        time: packet.time,
        src: Endpoint {
            addr: ip.src,
            port: header.source_port(),
        },
        dst: Endpoint {
            addr: ip.dst,
            port: header.destination_port(),
        },
        seq: header.sequence_number(),
        ack: header.acknowledgment_number(),
        flags: Flags(header.slice()[13]),
        urgent: header.urgent_pointer(),
        ip_id: ip.id,
        ttl: ip.ttl,
        vlan: 0,
        vni: 0,
        checksum: TcpChecksum::Unchecked,
        header: header.slice(),
        payload: payload.data,
        payload_len: u32::try_from(payload.wire).unwrap_or(u32::MAX),
    }
}

/// A header that is bad or cut. As long as its ports, numbers, offset and flags were captured, the length of the
/// payload is known, and the segment says that all of it is missing.
#[cold]
fn cut<'a>(
    view: View<'a>,
    ip: &Ip,
    packet: &Packet<'_>,
    error: err::tcp::HeaderSliceError,
) -> Result<Segment<'a>, Reason> {
    if view.wire < 20 {
        return Err(Reason::ShortHeader);
    }
    if let err::tcp::HeaderSliceError::Content(_) = error {
        return Err(Reason::BadTcpOffset);
    }
    let Some(head) = view.data.first_chunk::<14>() else {
        return Err(Reason::CutTcpHeader);
    };
    let length = usize::from(head[12] >> 4) * 4;
    if length < 20 || length > view.wire {
        return Err(Reason::BadTcpOffset);
    }
    Ok(Segment {
        packet: packet.number,
        capture: packet.capture,
        time: packet.time,
        src: Endpoint {
            addr: ip.src,
            port: be16(head[0], head[1]),
        },
        dst: Endpoint {
            addr: ip.dst,
            port: be16(head[2], head[3]),
        },
        seq: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
        ack: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
        flags: Flags(head[13]),
        urgent: view
            .data
            .get(18..20)
            .map_or(0, |field| be16(field[0], field[1])),
        ip_id: ip.id,
        ttl: ip.ttl,
        vlan: 0,
        vni: 0,
        checksum: TcpChecksum::Unchecked,
        header: view.data.get(..length).unwrap_or(view.data),
        payload: &[],
        payload_len: u32::try_from(view.wire - length).unwrap_or(u32::MAX),
    })
}

/// Whether the segment at `view` lost a part of its header to the snap length.
#[inline]
pub(super) fn header_cut(view: View<'_>) -> bool {
    view.data.len() < 20 || view.data.len() < usize::from(view.data[12] >> 4) * 4
}
