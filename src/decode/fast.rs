//! The fast paths.
//!
//! The first takes Ethernet, IPv4 without options or fragments, and TCP, captured whole: it reads the 54 bytes that the
//! headers have at fixed places, once. The second takes four link types, one VLAN tag and IPv6 as well. Whatever they
//! do not take they leave to the full walk, so they never decide that a packet is wrong. Both equal the full walk:
//! verdict, segment and counts; `tests::hostile::fast_paths_equal_the_full_walk` and every packet of the other tests prove it.

use super::{
    Addr, Checksums, Decoder, Endpoint, Flags, Lane, Segment, TcpChecksum, Verdict,
    checksum::{self, Check},
    ip::{self, Ip, protocol},
    link::{self, link_type},
    tcp,
    view::be16,
};
use crate::capture::Packet;

/// Ethernet, IPv4 and TCP headers without options.
const HEADERS: usize = 14 + 20 + 20;

/// A packet of the first fast path.
pub(super) struct FastPacket<'a> {
    head: &'a [u8; HEADERS],
    /// TCP header and payload.
    pub(super) tcp: &'a [u8],
    header_len: usize,
}

impl<'a> FastPacket<'a> {
    /// None if the packet is not of this kind.
    #[inline(always)]
    pub(super) fn of(packet: &Packet<'a>) -> Option<Self> {
        let head = packet.data.first_chunk::<HEADERS>()?;
        let kind = u32::from_be_bytes([head[12], head[13], head[14], 0]);
        let fragment = be16(head[20], head[21]) & 0x3fff;
        let (total, offset) = (
            usize::from(be16(head[16], head[17])),
            usize::from(head[46] >> 4) * 4,
        );
        if packet.link.0 != link_type::ETHERNET
            || packet.fcs_len != 0
            || kind != 0x0800_4500
            || fragment != 0
            || head[23] != 6
            || offset < 20
        {
            return None;
        }
        // Ends where the header says, which is within the bytes captured.
        let tcp = packet.data.get(34..14 + total)?;
        if offset > tcp.len() {
            return None;
        }
        Some(Self {
            head,
            tcp,
            header_len: offset,
        })
    }

    /// Its addresses, identification and time to live.
    #[inline(always)]
    pub(super) fn ip(&self) -> Ip {
        let h = self.head;
        Ip {
            src: Addr::v4([h[26], h[27], h[28], h[29]]),
            dst: Addr::v4([h[30], h[31], h[32], h[33]]),
            id: Some(be16(h[18], h[19])),
            ttl: h[22],
        }
    }

    /// The IPv4 header.
    pub(super) fn ip_header(&self) -> &'a [u8] {
        &self.head[14..34]
    }

    /// Whether the checksums of IP and TCP are right.
    #[inline(always)]
    pub(super) fn is_right(&self) -> bool {
        checksum::ipv4(&self.head[14..34]) == Check::Good
            && checksum::tcp_v4(self.tcp, &self.addresses()) == Check::Good
    }

    /// Source and destination address.
    #[inline(always)]
    fn addresses(&self) -> [u8; 8] {
        let h = self.head;
        [h[26], h[27], h[28], h[29], h[30], h[31], h[32], h[33]]
    }

    /// The lane of its connection.
    #[inline(always)]
    pub(super) fn lane(&self) -> Lane {
        let (h, ip) = (self.head, self.ip());
        let (src, dst) = (be16(h[34], h[35]), be16(h[36], h[37]));
        let end = |addr, port| Endpoint { addr, port };
        Lane::of(end(ip.src, src), end(ip.dst, dst))
    }

    /// The segment.
    #[inline(always)]
    pub(super) fn segment(&self, packet: &Packet<'_>, checksum: TcpChecksum) -> Segment<'a> {
        let (h, ip) = (self.head, self.ip());
        let (header, payload) = self.tcp.split_at(self.header_len);
        Segment {
            packet: packet.number,
            capture: packet.capture,
            time: packet.time,
            src: Endpoint {
                addr: ip.src,
                port: be16(h[34], h[35]),
            },
            dst: Endpoint {
                addr: ip.dst,
                port: be16(h[36], h[37]),
            },
            seq: u32::from_be_bytes([h[38], h[39], h[40], h[41]]),
            ack: u32::from_be_bytes([h[42], h[43], h[44], h[45]]),
            flags: Flags(h[47]),
            urgent: be16(h[52], h[53]),
            ip_id: ip.id,
            vlan: 0,
            vni: 0,
            ttl: ip.ttl,
            checksum,
            header,
            payload,
            payload_len: payload.len() as u32,
        }
    }
}

impl Decoder {
    /// The second fast path: one of four link types, at most one VLAN tag, an IP header within its frame, TCP. None as
    /// soon as anything else is found, and then nothing has been counted or emitted yet.
    #[inline]
    pub(super) fn short_walk(
        &mut self,
        packet: &Packet<'_>,
        emit: &mut dyn FnMut(&Segment<'_>),
    ) -> Option<Verdict> {
        let (view, vlan) = link::frequent(packet)?;
        let (ip, header, payload) = match view.data.first()? >> 4 {
            4 => {
                let v4 = ip::v4(view).ok()?;
                if v4.protocol != protocol::TCP
                    || v4.fragment.is_some()
                    || v4.length != ip::Length::Within
                {
                    return None;
                }
                (v4.ip, v4.header, v4.payload)
            }
            6 => {
                let v6 = ip::v6(view).ok()?;
                if v6.next != protocol::TCP || v6.length != ip::Length::Within {
                    return None;
                }
                (v6.ip, &[][..], v6.payload)
            }
            _ => return None,
        };
        let mut segment = tcp::complete(payload, &ip, packet)?;
        segment.vlan = vlan;
        if self.config.checksums != Checksums::Ignore {
            if !header.is_empty()
                && let Err(reason) = self.check_ip(header, packet.number)
            {
                return Some(Verdict::Other(reason));
            }
            match self.check_tcp(payload, &ip, packet.number) {
                Ok(checksum) => segment.checksum = checksum,
                Err(reason) => return Some(Verdict::Other(reason)),
            }
        }
        self.emit(payload, &segment, emit);
        Some(Verdict::Tcp)
    }
}
