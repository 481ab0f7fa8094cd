//! What stands behind an IP header and is not TCP itself: tunnels by IP protocol and by UDP port.
//!
//! A tunnel told by a port is entered only if its header is sane; else the packet is plain UDP.

use super::{
    Tunnel, UdpTunnel,
    link::ether_type,
    reason::Reason,
    view::{View, be16},
    walk::{Layer, Outcome, Step, Walk},
};

/// Tunnels in tunnels, at most.
const MAX_DEPTH: u8 = 8;

const PPTP: u16 = 0x880b;
const ERSPAN_1_2: u16 = 0x88be;
const ERSPAN_3: u16 = 0x22eb;
/// Protocols under which Aruba controllers carry 802.11 frames.
const ARUBA: std::ops::RangeInclusive<u16> = 0x8200..=0x8370;

/// UDP ports of tunnels that are only named.
const TEREDO: u16 = 3544;
const AYIYA: u16 = 5072;
const CAPWAP: u16 = 5247;

impl Walk<'_, '_> {
    /// One level down.
    pub(super) fn deeper(&mut self) -> Result<(), Reason> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            Err(Reason::TooDeep)
        } else {
            Ok(())
        }
    }

    pub(super) fn enter(&mut self, tunnel: Tunnel) -> Result<(), Reason> {
        self.deeper()?;
        self.decoder.stats.entered(tunnel, self.packet.number);
        Ok(())
    }

    /// UDP (RFC 768).
    pub(super) fn udp<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let (header, rest) = view.split::<8>()?;
        let [src, dst, length] = [
            be16(header[0], header[1]),
            be16(header[2], header[3]),
            be16(header[4], header[5]),
        ];
        // A length of 0 is a jumbogram's, or left to the network card.
        let payload = if length < 8 {
            rest
        } else {
            rest.at_most(usize::from(length) - 8)
        };
        let ports = &self.decoder.config.tunnel_ports;
        match ports
            .iter()
            .find(|row| row.0 == dst || row.0 == src)
            .map(|row| row.1)
        {
            Some(UdpTunnel::Vxlan) => self.vxlan(payload),
            Some(UdpTunnel::Geneve) => self.geneve(payload),
            Some(UdpTunnel::GtpU) => self.gtp_u(payload),
            Some(UdpTunnel::Gre) => self.gre_in_udp(payload),
            None => Err(named_only(src, dst, payload)),
        }
    }

    /// VXLAN (RFC 7348), also with the group policy extension and, by its P bit, generic protocols (VXLAN-GPE).
    fn vxlan<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let Ok((&[flags, _, _, next, a, b, c, _], rest)) = view.split::<8>() else {
            return Err(Reason::Udp);
        };
        let layer = match (flags & 0x08, flags & 0x04, next) {
            (0, _, _) => return Err(Reason::Udp),
            (_, 0, _) | (_, _, 3) => Layer::Ethernet,
            (_, _, 1 | 2) => Layer::Ip,
            _ => return Err(Reason::Udp),
        };
        self.enter(Tunnel::Vxlan)?;
        self.vni = u32::from_be_bytes([0, a, b, c]);
        Ok(Step::Next(layer, rest))
    }

    /// GENEVE (RFC 8926): version 0, options of 4-byte words.
    fn geneve<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let Ok((&[first, _, p0, p1, a, b, c, _], rest)) = view.split::<8>() else {
            return Err(Reason::Udp);
        };
        if first >> 6 != 0 || be16(p0, p1) <= 1500 {
            return Err(Reason::Udp);
        }
        let rest = rest.skip(usize::from(first & 0x3f) * 4)?;
        self.enter(Tunnel::Geneve)?;
        self.vni = u32::from_be_bytes([0, a, b, c]);
        Ok(Step::Next(Layer::EtherType(be16(p0, p1)), rest))
    }

    /// GTP-U (3GPP TS 29.281): version 1, user packets only, chained extension headers of 4-byte words.
    fn gtp_u<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const USER_PACKET: u8 = 255;
        let Ok((&[flags, kind, l0, l1, t0, t1, t2, t3], rest)) = view.split::<8>() else {
            return Err(Reason::Udp);
        };
        if flags & 0xf0 != 0x30 {
            return Err(Reason::Udp);
        }
        if kind != USER_PACKET {
            return Err(Reason::GtpControl);
        }
        let mut rest = rest.at_most(be16(l0, l1).into());
        if flags & 0x07 != 0 {
            let (optional, behind) = rest.split::<4>()?;
            rest = behind;
            let mut next = if flags & 0x04 != 0 { optional[3] } else { 0 };
            while next != 0 {
                let words = usize::from(rest.peek::<1>()?[0]);
                let last = words
                    .checked_mul(4)
                    .filter(|&n| n > 0)
                    .ok_or(Reason::BadTunnelHeader)?
                    - 1;
                let behind = rest.skip(last + 1)?;
                next = rest.data.get(last).copied().unwrap_or_default();
                rest = behind;
            }
        }
        // What is no IP is another use of the port.
        if !matches!(rest.peek::<1>()?[0] >> 4, 4 | 6) {
            return Err(Reason::Udp);
        }
        self.enter(Tunnel::GtpU)?;
        self.vni = u32::from_be_bytes([t0, t1, t2, t3]);
        Ok(Step::Next(Layer::Ip, rest))
    }

    /// GRE in UDP (RFC 8086), where the reserved bits, the version and the protocol look like GRE.
    fn gre_in_udp<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let Ok(&[first, second, p0, p1]) = view.peek::<4>() else {
            return Err(Reason::Udp);
        };
        let known = [
            ether_type::IPV4,
            ether_type::IPV6,
            ether_type::ETHERNET,
            ether_type::MPLS,
            PPTP,
            ERSPAN_1_2,
        ];
        if first & 0x4f != 0 || second & 0x7f != 0 || !known.contains(&be16(p0, p1)) {
            return Err(Reason::Udp);
        }
        self.decoder
            .stats
            .entered(Tunnel::GreInUdp, self.packet.number);
        self.gre(view)
    }

    /// GRE (RFC 2784, 2890; NVGRE RFC 7637), version 1 of it (PPTP, RFC 2637), ERSPAN in it.
    pub(super) fn gre<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let (&[first, second, p0, p1], mut rest) = view.split::<4>()?;
        let (version, kind) = (second & 0x07, be16(p0, p1));
        // Routing (RFC 1701) is long gone; without its lengths nothing behind it can be found.
        if version > 1 || first & 0x40 != 0 {
            return Err(Reason::BadTunnelHeader);
        }
        if first & 0x80 != 0 {
            rest = rest.skip(4)?;
        }
        let mut key = None;
        if first & 0x20 != 0 {
            let (field, behind) = rest.split::<4>()?;
            (key, rest) = (Some(u32::from_be_bytes(*field)), behind);
        }
        let numbered = first & 0x10 != 0;
        if numbered {
            rest = rest.skip(4)?;
        }
        if version == 1 {
            if !numbered || kind != PPTP {
                return Err(Reason::OtherGre);
            }
            let rest = if second & 0x80 != 0 {
                rest.skip(4)?
            } else {
                rest
            };
            self.enter(Tunnel::Gre)?;
            return Ok(Step::Next(
                Layer::Ppp,
                rest.at_most((key.unwrap_or_default() >> 16) as usize),
            ));
        }
        self.gre_payload(kind, key, numbered, rest)
    }

    fn gre_payload<'a>(
        &mut self,
        kind: u16,
        key: Option<u32>,
        numbered: bool,
        rest: View<'a>,
    ) -> Outcome<'a> {
        let erspan = |rest| Ok(Step::Next(Layer::Ethernet, rest));
        match kind {
            0..=1500 => return Err(Reason::OtherGre),
            ERSPAN_1_2 => {
                self.enter(Tunnel::Erspan)?;
                // Type I has no header of its own, and no sequence number.
                return erspan(if numbered { rest.skip(8)? } else { rest });
            }
            ERSPAN_3 => {
                self.enter(Tunnel::Erspan)?;
                let (header, rest) = rest.split::<12>()?;
                // The O bit: a platform-specific part follows.
                return erspan(if header[11] & 1 != 0 {
                    rest.skip(8)?
                } else {
                    rest
                });
            }
            _ => {}
        }
        self.enter(Tunnel::Gre)?;
        let layer = match kind {
            PPTP => Layer::Ppp,
            kind if ARUBA.contains(&kind) => Layer::Wifi { padded: false },
            ether_type::ETHERNET => {
                // NVGRE: 24 bits of network and 8 of flow.
                self.vni = key.map_or(self.vni, |key| key >> 8);
                Layer::Ethernet
            }
            _ => Layer::EtherType(kind),
        };
        Ok(Step::Next(layer, rest))
    }
}

/// UDP, or a tunnel that is known by name only.
fn named_only(src: u16, dst: u16, payload: View<'_>) -> Reason {
    let port = |port| src == port || dst == port;
    match payload.data {
        [0x60..=0x6f, ..] | [0, 0 | 1, ..] if port(TEREDO) => Reason::Teredo,
        [_, _, _, 41, ..] if port(AYIYA) => Reason::Ayiya,
        [0 | 1, ..] if port(CAPWAP) => Reason::Capwap,
        _ => Reason::Udp,
    }
}
