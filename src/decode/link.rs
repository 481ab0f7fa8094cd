//! Link layers: from the first byte of a packet to the IP header.
//!
//! Numbers of link types: <https://www.tcpdump.org/linktypes.html>; of EtherTypes: IANA "IEEE 802 Numbers".

use super::{
    reason::Reason,
    view::{View, be16},
    walk::{Layer, Outcome, Step, Walk},
};
use crate::capture::Packet;

/// Link types that are decoded.
pub(super) mod link_type {
    pub const NULL: u16 = 0;
    pub const ETHERNET: u16 = 1;
    pub const PPP: u16 = 9;
    pub const FDDI: u16 = 10;
    pub const RAW_BSD: u16 = 12;
    pub const RAW_OPENBSD: u16 = 14;
    pub const PPP_HDLC: u16 = 50;
    pub const PPP_ETHER: u16 = 51;
    pub const RAW: u16 = 101;
    pub const CISCO_HDLC: u16 = 104;
    pub const WIFI: u16 = 105;
    pub const LOOP: u16 = 108;
    pub const LINUX_SLL: u16 = 113;
    pub const RADIOTAP: u16 = 127;
    pub const IPV4: u16 = 228;
    pub const IPV6: u16 = 229;
    pub const NFLOG: u16 = 239;
    pub const LINUX_SLL2: u16 = 276;
}

/// EtherTypes that are decoded.
pub(super) mod ether_type {
    pub const IPV4: u16 = 0x0800;
    pub const ARP: u16 = 0x0806;
    pub const ETHERNET: u16 = 0x6558;
    pub const VLAN: u16 = 0x8100;
    pub const IPV6: u16 = 0x86dd;
    pub const PPP: u16 = 0x880b;
    pub const MPLS: u16 = 0x8847;
    pub const MPLS_MULTICAST: u16 = 0x8848;
    pub const PPPOE_SESSION: u16 = 0x8864;
    pub const JUMBO_LLC: u16 = 0x8870;
    pub const PBB: u16 = 0x88e7;
    pub const PROVIDER_VLAN: u16 = 0x88a8;
    pub const FABRIC_PATH: u16 = 0x8903;
    pub const VN_TAG: u16 = 0x8926;
    pub const OLD_QINQ: u16 = 0x9100;
}

/// VLAN tags and their like on one frame, at most.
const MAX_TAGS: usize = 8;

/// The whole packet as it was on the wire, without its frame check sequence.
pub(super) fn whole<'a>(packet: &Packet<'a>) -> View<'a> {
    View::new(packet.data, packet.wire_len as usize).drop_last(packet.fcs_len.into())
}

/// The IP header and the VLAN of a usual packet.
#[inline]
pub(super) fn usual<'a>(packet: &Packet<'a>) -> Option<(View<'a>, u16)> {
    let view = View::new(packet.data, packet.wire_len as usize);
    let view = if packet.fcs_len == 0 {
        view
    } else {
        whole(packet)
    };
    let (kind, view) = match packet.link.0 {
        link_type::ETHERNET => {
            let (header, view) = view.split::<14>().ok()?;
            (be16(header[12], header[13]), view)
        }
        link_type::LINUX_SLL => {
            let (header, view) = view.split::<16>().ok()?;
            (be16(header[14], header[15]), view)
        }
        link_type::LINUX_SLL2 => {
            let (header, view) = view.split::<20>().ok()?;
            (be16(header[0], header[1]), view)
        }
        link_type::RAW => return Some((view, 0)),
        _ => return None,
    };
    let nibble = |version: u8| view.data.first().is_some_and(|byte| byte >> 4 == version);
    match kind {
        ether_type::IPV4 => nibble(4).then_some((view, 0)),
        ether_type::IPV6 => nibble(6).then_some((view, 0)),
        ether_type::VLAN => {
            let (tag, view) = view.split::<4>().ok()?;
            match (be16(tag[2], tag[3]), view.data.first()? >> 4) {
                (ether_type::IPV4, 4) | (ether_type::IPV6, 6) => {
                    Some((view, be16(tag[0], tag[1]) & 0x0fff))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

impl Walk<'_, '_> {
    /// Where a packet of this link type begins.
    pub(super) fn link<'a>(&mut self, link: u16, view: View<'a>) -> Outcome<'a> {
        if view.wire == 0 {
            return Err(Reason::Empty);
        }
        let layer = match link {
            link_type::ETHERNET => Layer::Ethernet,
            link_type::NULL | link_type::LOOP => return self.loopback(view),
            link_type::RAW_BSD | link_type::RAW_OPENBSD | link_type::RAW => Layer::Ip,
            link_type::PPP | link_type::PPP_HDLC => return self.serial(view),
            link_type::PPP_ETHER => Layer::Pppoe,
            link_type::CISCO_HDLC => Layer::Hdlc,
            link_type::FDDI => return Ok(Step::Next(Layer::Llc, view.skip(13)?)),
            link_type::WIFI => Layer::Wifi { padded: false },
            link_type::RADIOTAP => Layer::Radiotap,
            link_type::NFLOG => return self.nflog(view),
            link_type::IPV4 => Layer::Ipv4,
            link_type::IPV6 => Layer::Ipv6,
            link_type::LINUX_SLL => {
                let (header, view) = view.split::<16>()?;
                return self.cooked(
                    be16(header[2], header[3]),
                    be16(header[14], header[15]),
                    view,
                );
            }
            link_type::LINUX_SLL2 => {
                let (header, view) = view.split::<20>()?;
                return self.cooked(be16(header[8], header[9]), be16(header[0], header[1]), view);
            }
            _ => {
                self.decoder.stats.link_types.add(link);
                return Err(Reason::UnknownLinkType);
            }
        };
        Ok(Step::Next(layer, view))
    }

    /// BSD loopback: an address family in the byte order of who captured.
    fn loopback<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let (family, rest) = view.split::<4>()?;
        let family = u32::from_be_bytes(*family);
        let family = if family > 0xffff {
            family.swap_bytes()
        } else {
            family
        };
        let nibble = rest.data.first().map_or(0, |byte| byte >> 4);
        match (family, nibble) {
            (2 | 10 | 24 | 28 | 30, _) | (_, 4 | 6) => Ok(Step::Next(Layer::Ip, rest)),
            _ => Err(Reason::OtherFamily),
        }
    }

    /// Netfilter log: an address family, then fields of type, length and value, the packet one of them. Their byte
    /// order is that of who captured, in practice little-endian.
    fn nflog<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const PAYLOAD: u16 = 9;
        let (&[family, ..], mut fields) = view.split::<4>()?;
        loop {
            let &[l0, l1, t0, t1] = fields.peek::<4>()?;
            let (length, kind) = (
                usize::from(u16::from_le_bytes([l0, l1])),
                u16::from_le_bytes([t0, t1]),
            );
            if length < 4 {
                return Err(Reason::BadLinkHeader);
            }
            if kind & 0x7fff == PAYLOAD {
                let payload = fields.at_most(length).skip(4)?;
                return match family {
                    2 | 10 => Ok(Step::Next(Layer::Ip, payload)),
                    _ => Err(Reason::OtherFamily),
                };
            }
            fields = fields.skip(length.next_multiple_of(4))?;
        }
    }

    /// Linux cooked: the hardware type says what the protocol field means.
    fn cooked<'a>(&mut self, hardware: u16, protocol: u16, view: View<'a>) -> Outcome<'a> {
        const RADIOTAP: u16 = 803;
        const NETLINK: u16 = 824;
        const LLC: u16 = 4;
        match (hardware, protocol) {
            (NETLINK, _) => Err(Reason::OtherFamily),
            (RADIOTAP, _) => Ok(Step::Next(Layer::Radiotap, view)),
            (_, LLC) => Ok(Step::Next(Layer::Llc, view)),
            (_, 0..=0x5ff) => Err(self.other_ether_type(protocol)),
            _ => Ok(Step::Next(Layer::EtherType(protocol), view)),
        }
    }

    /// Ethernet II or 802.3.
    pub(super) fn ethernet<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let (header, rest) = view.split::<14>()?;
        Ok(Step::Next(
            Layer::EtherType(be16(header[12], header[13])),
            rest,
        ))
    }

    /// What an EtherType announces, any stack of VLAN tags before it taken off. Up to 1,500 it is the length of an
    /// 802.3 frame, which LLC begins.
    pub(super) fn ether_type<'a>(&mut self, mut kind: u16, mut view: View<'a>) -> Outcome<'a> {
        for _ in 0..=MAX_TAGS {
            (kind, view) = match kind {
                ether_type::VLAN | ether_type::PROVIDER_VLAN | ether_type::OLD_QINQ => {
                    let (tag, rest) = view.split::<4>()?;
                    if self.vlan == 0 {
                        self.vlan = be16(tag[0], tag[1]) & 0x0fff;
                    }
                    (be16(tag[2], tag[3]), rest)
                }
                ether_type::VN_TAG => {
                    let (tag, rest) = view.split::<6>()?;
                    (be16(tag[4], tag[5]), rest)
                }
                ether_type::PBB => {
                    let (tag, rest) = view.split::<18>()?;
                    (be16(tag[16], tag[17]), rest)
                }
                _ => return self.untagged(kind, view),
            };
        }
        Err(Reason::TooManyTags)
    }

    fn untagged<'a>(&mut self, kind: u16, view: View<'a>) -> Outcome<'a> {
        let layer = match kind {
            ether_type::IPV4 => Layer::Ipv4,
            ether_type::IPV6 => Layer::Ipv6,
            0..=1500 => return Ok(Step::Next(Layer::Llc, view.at_most(kind.into()))),
            ether_type::ETHERNET => Layer::Ethernet,
            // Cisco FabricPath: a forwarding tag, then the frame.
            ether_type::FABRIC_PATH => return Ok(Step::Next(Layer::Ethernet, view.skip(2)?)),
            ether_type::PPP => Layer::Ppp,
            ether_type::MPLS | ether_type::MPLS_MULTICAST => Layer::Mpls,
            ether_type::PPPOE_SESSION => Layer::Pppoe,
            ether_type::JUMBO_LLC => Layer::Llc,
            ether_type::ARP => return Err(Reason::Arp),
            _ => return Err(self.other_ether_type(kind)),
        };
        Ok(Step::Next(layer, view))
    }

    /// 802.2 LLC, and SNAP in it (RFC 1042).
    pub(super) fn llc<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const IP_SAP: u8 = 6;
        match view.peek::<3>()? {
            [0xaa, 0xaa, 0x03] => {
                let (header, rest) = view.split::<8>()?;
                match header {
                    // 00 00 F8 is the same thing, behind an 802.1H bridge.
                    [_, _, _, 0, 0, 0 | 0xf8, high, low] if be16(*high, *low) > 1500 => {
                        Ok(Step::Next(Layer::EtherType(be16(*high, *low)), rest))
                    }
                    _ => Err(Reason::OtherLlc),
                }
            }
            [IP_SAP, IP_SAP, 0x03] => Ok(Step::Next(Layer::Ip, view.skip(3)?)),
            _ => Err(Reason::OtherLlc),
        }
    }

    pub(super) fn other_ether_type(&mut self, kind: u16) -> Reason {
        self.decoder.stats.ether_types.add(kind);
        Reason::OtherEtherType
    }
}
