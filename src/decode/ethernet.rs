//! Ethernet, the tags between its header and its payload, and 802.2 LLC.
//!
//! Numbers of EtherTypes: IANA "IEEE 802 Numbers". An EtherType is one line of [`Walk::untagged`], a tag one line of
//! [`Walk::tag`].

use super::{
    Tunnel,
    reason::Reason,
    view::{View, be16},
    walk::{Layer, Outcome, Step, Walk},
};

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
    pub const PROVIDER_VLAN: u16 = 0x88a8;
    pub const MACSEC: u16 = 0x88e5;
    pub const PBB: u16 = 0x88e7;
    pub const FABRIC_PATH: u16 = 0x8903;
    pub const CISCO_METADATA: u16 = 0x8909;
    pub const VN_TAG: u16 = 0x8926;
    pub const HSR: u16 = 0x892f;
    pub const E_TAG: u16 = 0x893f;
    pub const NSH: u16 = 0x894f;
    pub const OLD_QINQ: u16 = 0x9100;
}

/// VLAN tags and similar tags on one frame, at most.
const MAX_TAGS: usize = 8;

/// What the start of a frame's payload shows, to find frames that no field announces: addresses, VLAN tags, and IP of
/// the version that the EtherType says, or ARP.
pub(super) fn looks_like_ethernet(view: View<'_>) -> bool {
    let mut at = 12;
    for _ in 0..=MAX_TAGS {
        let Some(&[high, low, first]) = view.data.get(at..).and_then(|rest| rest.first_chunk())
        else {
            return false;
        };
        match (be16(high, low), first) {
            (ether_type::VLAN | ether_type::PROVIDER_VLAN, _) => at += 4,
            (ether_type::IPV4, 0x45..=0x4f) | (ether_type::IPV6, 0x60..=0x6f) => return true,
            (ether_type::ARP, 0) => return true,
            _ => return false,
        }
    }
    false
}

impl Walk<'_, '_> {
    /// Ethernet II or 802.3.
    pub(super) fn ethernet<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let (header, rest) = without_redundancy_trailer(view).split::<14>()?;
        Ok(Step::Next(
            Layer::EtherType(be16(header[12], header[13])),
            rest,
        ))
    }

    /// What an EtherType announces, any stack of tags before it removed. Up to 1,500 it is the length of an 802.3
    /// frame, which LLC begins.
    pub(super) fn ether_type<'a>(&mut self, mut kind: u16, mut view: View<'a>) -> Outcome<'a> {
        for _ in 0..=MAX_TAGS {
            match self.tag(kind, view)? {
                Some(next) => (kind, view) = next,
                None => return self.untagged(kind, view),
            }
        }
        Err(Reason::TooManyTags)
    }

    /// Removes a tag: the EtherType after it and the rest. None if the EtherType is not that of a tag.
    fn tag<'a>(&mut self, kind: u16, view: View<'a>) -> Result<Option<(u16, View<'a>)>, Reason> {
        let next = match kind {
            ether_type::VLAN | ether_type::PROVIDER_VLAN | ether_type::OLD_QINQ => {
                let (tag, rest) = view.split::<4>()?;
                if self.vlan == 0 {
                    self.vlan = be16(tag[0], tag[1]) & 0x0fff;
                }
                (be16(tag[2], tag[3]), rest)
            }
            // High-availability seamless redundancy (IEC 62439-3): path, size, sequence number.
            ether_type::VN_TAG | ether_type::HSR => {
                let (tag, rest) = view.split::<6>()?;
                (be16(tag[4], tag[5]), rest)
            }
            // Bridge port extension (IEEE 802.1BR); Cisco metadata: version, length, option, security group.
            ether_type::E_TAG | ether_type::CISCO_METADATA => {
                let (tag, rest) = view.split::<8>()?;
                (be16(tag[6], tag[7]), rest)
            }
            ether_type::PBB => {
                let (tag, rest) = view.split::<18>()?;
                (be16(tag[16], tag[17]), rest)
            }
            ether_type::MACSEC => self.macsec(view)?,
            _ => return Ok(None),
        };
        Ok(Some(next))
    }

    /// MACsec (IEEE 802.1AE, 9.3): decoded if it protects integrity alone. Behind the payload stands a check value of
    /// 16 bytes.
    fn macsec<'a>(&mut self, view: View<'a>) -> Result<(u16, View<'a>), Reason> {
        const CHECK_VALUE_BYTES: usize = 16;
        let (&[control, short, ..], rest) = view.split::<6>()?;
        let rest = if control & 0x20 != 0 {
            rest.skip(8)?
        } else {
            rest
        };
        if control & 0x80 != 0 {
            return Err(Reason::BadLinkHeader);
        }
        // E: encrypted; C: changed by the cipher.
        if control & 0x0c != 0 {
            return Err(Reason::MacsecEncrypted);
        }
        let rest = match usize::from(short & 0x3f) {
            0 => rest.drop_last(CHECK_VALUE_BYTES),
            length => rest.at_most(length),
        };
        let (&[high, low], payload) = rest.split::<2>()?;
        let stats = &mut self.decoder.stats;
        stats.entered(Tunnel::Macsec, self.packet.number);
        Ok((be16(high, low), payload))
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
            ether_type::NSH => Layer::Nsh,
            ether_type::ARP => return Err(Reason::Arp),
            _ => return Err(self.unknown(Reason::OtherEtherType, kind)),
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
                    // 00 00 F8 has the same meaning, behind an 802.1H bridge.
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
}

/// Removes the trailer of the parallel redundancy protocol (IEC 62439-3): sequence number, LAN and size, suffix. It
/// matters only to packets without a length field of their own; padding may stand before it.
fn without_redundancy_trailer(view: View<'_>) -> View<'_> {
    const TRAILER_BYTES: usize = 6;
    let Some(&[.., lan, size, 0x88, 0xfb]) = view.data.last_chunk::<TRAILER_BYTES>() else {
        return view;
    };
    let claimed = usize::from(be16(lan & 0x0f, size));
    // The size counts everything from the EtherType's payload on, the trailer included, VLAN tags not.
    let within = view.wire.saturating_sub(14);
    if view.wire == view.data.len()
        && matches!(lan >> 4, 0xa | 0xb)
        && [within, within.saturating_sub(4)].contains(&claimed)
    {
        view.drop_last(TRAILER_BYTES)
    } else {
        view
    }
}
