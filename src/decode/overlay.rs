//! Tunnels of data centres and mobile networks: VXLAN, GENEVE, GTP-U, LISP, GUE, and the network service header.

use super::{
    Tunnel,
    reason::Reason,
    view::{View, be16},
    walk::{Layer, Outcome, Step, Walk},
};

/// What a next protocol field announces: the numbers of the network service header (RFC 8300, 2.2), which VXLAN-GPE
/// and LISP-GPE (RFC 9305) share.
fn next_protocol(number: u8) -> Option<Layer> {
    match number {
        1 => Some(Layer::Ipv4),
        2 => Some(Layer::Ipv6),
        3 => Some(Layer::Ethernet),
        4 => Some(Layer::Nsh),
        5 => Some(Layer::Mpls),
        _ => None,
    }
}

impl Walk<'_, '_> {
    /// VXLAN (RFC 7348), also with the group policy extension and, by its P bit, other payloads (VXLAN-GPE).
    pub(super) fn vxlan<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let Ok((&[flags, _, _, next, a, b, c, _], rest)) = view.split::<8>() else {
            return Err(Reason::Udp);
        };
        let layer = match (flags & 0x08, flags & 0x04) {
            (0, _) => return Err(Reason::Udp),
            (_, 0) => Layer::Ethernet,
            _ => next_protocol(next).ok_or(Reason::Udp)?,
        };
        self.enter(Tunnel::Vxlan)?;
        self.vni = u32::from_be_bytes([0, a, b, c]);
        Ok(Step::Next(layer, rest))
    }

    /// GENEVE (RFC 8926): version 0, options of 4-byte words.
    pub(super) fn geneve<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
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
    pub(super) fn gtp_u<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
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

    /// LISP data packets (RFC 9300, 5.1): IP, or what the next protocol field of LISP-GPE says.
    pub(super) fn lisp<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const ENCRYPTED: u8 = 0x03;
        const INSTANCE: u8 = 0x08;
        const GENERIC: u8 = 0x04;
        let Ok((&[flags, _, _, next, a, b, c, _], rest)) = view.split::<8>() else {
            return Err(Reason::Udp);
        };
        if flags & ENCRYPTED != 0 {
            return Err(Reason::LispEncrypted);
        }
        let layer = match flags & GENERIC {
            0 => Layer::Ip,
            _ => next_protocol(next).ok_or(Reason::Udp)?,
        };
        if matches!(layer, Layer::Ip) && !begins_ip(rest) {
            return Err(Reason::Udp);
        }
        self.enter(Tunnel::Lisp)?;
        if flags & INSTANCE != 0 {
            self.vni = u32::from_be_bytes([0, a, b, c]);
        }
        Ok(Step::Next(layer, rest))
    }

    /// Generic UDP encapsulation: version 0 has an IP protocol number and optional words, version 1 is an IP packet.
    pub(super) fn gue<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const CONTROL: u8 = 0x20;
        let Ok(&[first, protocol, ..]) = view.peek::<4>() else {
            return Err(Reason::Udp);
        };
        match first >> 6 {
            0 if first & CONTROL == 0 => {
                let rest = view.skip(4 + usize::from(first & 0x1f) * 4)?;
                self.enter(Tunnel::Gue)?;
                Ok(Step::Next(Layer::Upper(protocol), rest))
            }
            1 if begins_ip(view) => {
                self.enter(Tunnel::Gue)?;
                Ok(Step::Next(Layer::Ip, view))
            }
            _ => Err(Reason::Udp),
        }
    }

    /// The network service header (RFC 8300): its length in words of 4 bytes, a next protocol.
    pub(super) fn nsh<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let &[first, second, _, next, ..] = view.peek::<8>()?;
        let words = usize::from(second & 0x3f);
        if first >> 6 != 0 || words < 2 {
            return Err(Reason::BadTunnelHeader);
        }
        let rest = view.skip(words * 4)?;
        let Some(layer) = next_protocol(next) else {
            return Err(self.unknown(Reason::OtherNsh, next.into()));
        };
        self.enter(Tunnel::Nsh)?;
        Ok(Step::Next(layer, rest))
    }
}

/// Whether the version of IP stands at the start.
pub(super) fn begins_ip(view: View<'_>) -> bool {
    matches!(view.data.first(), Some(0x45..=0x4f | 0x60..=0x6f))
}
