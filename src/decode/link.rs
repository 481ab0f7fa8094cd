//! Link types: from the first byte of a packet to its first layer.
//!
//! Numbers: <https://www.tcpdump.org/linktypes.html>. A link type is one line of [`Walk::link`], and a function in
//! `host.rs` or `device.rs` if it has a header of its own.

use super::{
    ethernet::ether_type,
    reason::Reason,
    view::{View, be16},
    walk::{Layer, Outcome, Step, Walk},
};
use crate::capture::Packet;

/// Link types that are decoded.
pub(super) mod link_type {
    pub const NULL: u16 = 0;
    pub const ETHERNET: u16 = 1;
    pub const ARCNET: u16 = 7;
    pub const SLIP: u16 = 8;
    pub const PPP: u16 = 9;
    pub const FDDI: u16 = 10;
    pub const RAW_BSD: u16 = 12;
    pub const RAW_OPENBSD: u16 = 14;
    pub const PPP_HDLC: u16 = 50;
    pub const PPP_ETHER: u16 = 51;
    pub const RFC1483: u16 = 100;
    pub const RAW: u16 = 101;
    pub const CISCO_HDLC: u16 = 104;
    pub const WIFI: u16 = 105;
    pub const LOOP: u16 = 108;
    pub const ENC: u16 = 109;
    pub const LINUX_SLL: u16 = 113;
    pub const PFLOG: u16 = 117;
    pub const PRISM: u16 = 119;
    pub const RADIOTAP: u16 = 127;
    pub const ARCNET_LINUX: u16 = 129;
    pub const FIREWIRE: u16 = 138;
    /// Reserved for private use; Apple's tcpdump writes PKTAP with it.
    pub const USER_2: u16 = 149;
    pub const WIFI_AVS: u16 = 163;
    pub const PPP_PPPD: u16 = 166;
    pub const JUNIPER_ETHERNET: u16 = 178;
    pub const PPI: u16 = 192;
    pub const ERF: u16 = 197;
    pub const PPP_WITH_DIRECTION: u16 = 204;
    pub const CISCO_HDLC_WITH_DIRECTION: u16 = 205;
    pub const IPV4: u16 = 228;
    pub const IPV6: u16 = 229;
    pub const NFLOG: u16 = 239;
    pub const NETANALYZER: u16 = 240;
    pub const NETANALYZER_TRANSPARENT: u16 = 241;
    pub const IPOIB: u16 = 242;
    pub const PKTAP: u16 = 258;
    pub const LINUX_SLL2: u16 = 276;
}

/// The whole packet as it was on the wire, without its frame check sequence.
pub(super) fn whole<'a>(packet: &Packet<'a>) -> View<'a> {
    View::new(packet.data, packet.wire_len as usize).drop_last(packet.fcs_len.into())
}

/// The IP header and the VLAN of a packet with one of the frequent link headers and at most one VLAN tag.
#[inline]
pub(super) fn frequent<'a>(packet: &Packet<'a>) -> Option<(View<'a>, u16)> {
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
        let after = |n: usize, layer| Ok(Step::Next(layer, view.skip(n)?));
        match link {
            link_type::ETHERNET => after(0, Layer::Ethernet),
            link_type::RAW_BSD | link_type::RAW_OPENBSD | link_type::RAW => after(0, Layer::Ip),
            link_type::IPV4 => after(0, Layer::Ipv4),
            link_type::IPV6 => after(0, Layer::Ipv6),
            link_type::PPP | link_type::PPP_HDLC => self.serial(view),
            // The direction stands in place of the address byte, or before it.
            link_type::PPP_PPPD | link_type::PPP_WITH_DIRECTION => match view.data {
                [_, 0x03, ..] => after(2, Layer::Ppp),
                _ => self.serial(view.skip(1)?),
            },
            link_type::PPP_ETHER => after(0, Layer::Pppoe),
            link_type::CISCO_HDLC => after(0, Layer::Hdlc),
            link_type::CISCO_HDLC_WITH_DIRECTION => after(1, Layer::Hdlc),
            link_type::RFC1483 => after(0, Layer::Llc),
            link_type::FDDI => after(13, Layer::Llc),
            link_type::WIFI => after(0, Layer::Wifi { padded: false }),
            link_type::PRISM => self.prism(view),
            link_type::WIFI_AVS => self.avs(view),
            link_type::RADIOTAP => after(0, Layer::Radiotap),
            link_type::NULL | link_type::LOOP => self.loopback(view),
            link_type::NFLOG => self.nflog(view),
            link_type::LINUX_SLL => {
                let (header, view) = view.split::<16>()?;
                let [hardware, protocol] =
                    [be16(header[2], header[3]), be16(header[14], header[15])];
                self.cooked(hardware, protocol, view)
            }
            link_type::LINUX_SLL2 => {
                let (header, view) = view.split::<20>()?;
                self.cooked(be16(header[8], header[9]), be16(header[0], header[1]), view)
            }
            link_type::SLIP => after(16, Layer::Ip),
            link_type::ENC => after(12, Layer::Ip),
            link_type::PFLOG => self.pflog(view),
            link_type::PKTAP => self.pktap(view),
            link_type::USER_2 if super::host::is_pktap(view) => self.pktap(view),
            link_type::PPI => self.ppi(view),
            link_type::ERF => self.erf(view),
            link_type::ARCNET => self.arcnet(view, 2),
            link_type::ARCNET_LINUX => self.arcnet(view, 4),
            link_type::FIREWIRE => {
                let (header, rest) = view.split::<18>()?;
                Ok(Step::Next(
                    Layer::EtherType(be16(header[16], header[17])),
                    rest,
                ))
            }
            link_type::JUNIPER_ETHERNET => self.juniper_ethernet(view),
            link_type::NETANALYZER => self.netanalyzer(view),
            link_type::NETANALYZER_TRANSPARENT => self.netanalyzer_transparent(view),
            link_type::IPOIB => self.ip_over_infiniband(view),
            _ => Err(self.unknown(Reason::UnknownLinkType, link)),
        }
    }
}
