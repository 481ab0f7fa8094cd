//! GRE and what is carried in it: PPTP, NVGRE, ERSPAN, WCCP.

use super::{
    Tunnel,
    ethernet::ether_type,
    reason::Reason,
    view::{View, be16},
    walk::{Layer, Outcome, Step, Walk},
};

const PPTP: u16 = 0x880b;
const WCCP: u16 = 0x883e;
const ERSPAN_1_2: u16 = 0x88be;
const ERSPAN_3: u16 = 0x22eb;
/// Protocols under which Aruba controllers carry 802.11 frames.
const ARUBA: std::ops::RangeInclusive<u16> = 0x8200..=0x8370;

impl Walk<'_, '_> {
    /// GRE in UDP (RFC 8086), where the reserved bits, the version and the protocol look like GRE.
    pub(super) fn gre_in_udp<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
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
        // Routing (RFC 1701) is obsolete, and its length is not known without parsing its entries.
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
                return Err(self.unknown(Reason::OtherGre, kind));
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
        if matches!(kind, ERSPAN_1_2 | ERSPAN_3) {
            return self.erspan(kind, numbered, rest);
        }
        if kind <= 1500 {
            return Err(self.unknown(Reason::OtherGre, kind));
        }
        self.enter(Tunnel::Gre)?;
        let layer = match kind {
            PPTP => Layer::Ppp,
            WCCP => return self.redirected(rest),
            ether_type::CISCO_METADATA => {
                let (&[high, low, ..], rest) = rest.split::<8>()?;
                return Ok(Step::Next(Layer::EtherType(be16(high, low)), rest));
            }
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

    /// ERSPAN: a mirrored frame behind a header that depends on the type.
    fn erspan<'a>(&mut self, kind: u16, numbered: bool, rest: View<'a>) -> Outcome<'a> {
        self.enter(Tunnel::Erspan)?;
        let frame = if kind == ERSPAN_3 {
            let (header, rest) = rest.split::<12>()?;
            // The O bit: a platform-specific part follows.
            rest.skip(if header[11] & 1 != 0 { 8 } else { 0 })?
        } else {
            // Type I has no header of its own, and no sequence number.
            rest.skip(if numbered { 8 } else { 0 })?
        };
        Ok(Step::Next(Layer::Ethernet, frame))
    }

    /// Redirected by WCCP: version 2 puts 4 bytes before the packet, version 1 none.
    fn redirected<'a>(&mut self, rest: View<'a>) -> Outcome<'a> {
        let rest = match rest.peek::<1>()?[0] >> 4 {
            4 => rest,
            _ => rest.skip(4)?,
        };
        Ok(Step::Next(Layer::Ip, rest))
    }
}
