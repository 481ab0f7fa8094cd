//! Headers that an operating system puts in front of what it captures: loopback and cooked captures, packet filters,
//! taps.

use super::{
    reason::Reason,
    view::{View, le16, le32},
    walk::{Layer, Outcome, Step, Walk},
};

/// Whether a packet with a number for private use begins with a PKTAP header that describes a packet.
pub(super) fn is_pktap(view: View<'_>) -> bool {
    match pktap_header(view) {
        Ok((length, kind, link)) => (108..=1024).contains(&length) && kind == 1 && link < 300,
        Err(_) => false,
    }
}

/// Length, record type and link type of a PKTAP header (`net/pktap.h` of XNU): little-endian, as all its hosts are.
fn pktap_header(view: View<'_>) -> Result<(usize, u32, u32), Reason> {
    let header = view.peek::<12>()?;
    Ok((le32(header, 0) as usize, le32(header, 4), le32(header, 8)))
}

impl Walk<'_, '_> {
    /// BSD loopback: an address family in the byte order of the capturing host.
    pub(super) fn loopback<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
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
            _ => Err(self.unknown(Reason::OtherFamily, family as u16)),
        }
    }

    /// Netfilter log: an address family, then fields of type, length and value, the packet one of them. Their byte
    /// order is that of the capturing host, in practice little-endian.
    pub(super) fn nflog<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const PAYLOAD: u16 = 9;
        let (&[family, ..], mut fields) = view.split::<4>()?;
        loop {
            let field = fields.peek::<4>()?;
            let (length, kind) = (usize::from(le16(field, 0)), le16(field, 2));
            if length < 4 {
                return Err(Reason::BadLinkHeader);
            }
            if kind & 0x7fff == PAYLOAD {
                let payload = fields.at_most(length).skip(4)?;
                return match family {
                    2 | 10 => Ok(Step::Next(Layer::Ip, payload)),
                    _ => Err(self.unknown(Reason::OtherFamily, family.into())),
                };
            }
            fields = fields.skip(length.next_multiple_of(4))?;
        }
    }

    /// Linux cooked capture: the hardware type defines the meaning of the protocol field.
    pub(super) fn cooked<'a>(
        &mut self,
        hardware: u16,
        protocol: u16,
        view: View<'a>,
    ) -> Outcome<'a> {
        const RADIOTAP: u16 = 803;
        const NETLINK: u16 = 824;
        const LLC: u16 = 4;
        match (hardware, protocol) {
            (NETLINK, _) => Err(Reason::OtherFamily),
            (RADIOTAP, _) => Ok(Step::Next(Layer::Radiotap, view)),
            (_, LLC) => Ok(Step::Next(Layer::Llc, view)),
            (_, 0..=0x5ff) => Err(self.unknown(Reason::OtherEtherType, protocol)),
            _ => Ok(Step::Next(Layer::EtherType(protocol), view)),
        }
    }

    /// OpenBSD packet filter log: the first byte is the length of the header, which is padded to a multiple of 4.
    pub(super) fn pflog<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let &[length, family] = view.peek::<2>()?;
        let rest = view.skip(usize::from(length).next_multiple_of(4))?;
        match (family, rest.peek::<1>()?[0] >> 4) {
            _ if length < 4 => Err(Reason::BadLinkHeader),
            (2 | 10 | 24 | 28 | 30, _) | (_, 4 | 6) => Ok(Step::Next(Layer::Ip, rest)),
            _ => Err(self.unknown(Reason::OtherFamily, family.into())),
        }
    }

    /// Apple's packet tap: a header with the link type of the packet after it.
    pub(super) fn pktap<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const PACKET: u32 = 1;
        let (length, kind, link) = pktap_header(view)?;
        if kind != PACKET || length < 12 {
            return Err(Reason::BadLinkHeader);
        }
        self.inner_link(link, view.skip(length)?)
    }

    /// Per-packet information (CACE Technologies): a header with the link type, then fields of type and length. The
    /// field of 802.11 carries a flag for a check sequence behind the frame.
    pub(super) fn ppi<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const WIFI_COMMON: u16 = 2;
        let (header, mut fields) = view.split::<8>()?;
        let (length, link) = (usize::from(le16(header, 2)), le32(header, 4));
        if header[0] != 0 || length < 8 {
            return Err(Reason::BadLinkHeader);
        }
        let frame = view.skip(length)?;
        fields = fields.at_most(length - 8);
        let mut check_sequence = false;
        while let Ok((field, rest)) = fields.split::<4>() {
            let flags = rest.data.get(8).filter(|_| le16(field, 0) == WIFI_COMMON);
            check_sequence |= flags.is_some_and(|flags| flags & 1 != 0);
            match rest.skip(usize::from(le16(field, 2))) {
                Ok(rest) => fields = rest,
                Err(_) => break,
            }
        }
        let frame = if check_sequence {
            frame.drop_last(4)
        } else {
            frame
        };
        self.inner_link(link, frame)
    }

    /// A link type that a header names.
    fn inner_link<'a>(&mut self, link: u32, view: View<'a>) -> Outcome<'a> {
        let link = u16::try_from(link).map_err(|_| Reason::BadLinkHeader)?;
        Ok(Step::Next(Layer::Link(link), view))
    }
}
