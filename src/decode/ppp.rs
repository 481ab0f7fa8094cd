//! Point-to-point links and labels: PPP, Cisco HDLC, PPPoE, MPLS.

use super::{
    Tunnel,
    reason::Reason,
    view::{View, be16},
    walk::{Layer, Outcome, Step, Walk},
};

/// MPLS labels on one packet, at most.
const MAX_LABELS: usize = 16;

impl Walk<'_, '_> {
    /// A serial line: PPP in HDLC-like framing (RFC 1662), or Cisco HDLC under the same number.
    pub(super) fn serial<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let layer = match view.peek::<2>()? {
            [0x0f | 0x8f, 0] => Layer::Hdlc,
            _ => Layer::Ppp,
        };
        Ok(Step::Next(layer, view))
    }

    /// PPP: address and control may be absent, the protocol may be one byte (RFC 1661, 6.5 and 6.6).
    pub(super) fn ppp<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let view = match view.data {
            [0xff, 0x03, ..] => view.skip(2)?,
            _ => view,
        };
        let first = view.peek::<1>()?[0];
        let (protocol, rest) = if first & 1 != 0 {
            (u16::from(first), view.skip(1)?)
        } else {
            let (field, rest) = view.split::<2>()?;
            (be16(field[0], field[1]), rest)
        };
        let layer = match protocol {
            0x0021 => Layer::Ipv4,
            0x0057 => Layer::Ipv6,
            0x0281 | 0x0283 => Layer::Mpls,
            _ => return Err(self.unknown(Reason::OtherPpp, protocol)),
        };
        Ok(Step::Next(layer, rest))
    }

    /// Cisco HDLC: address, 0, EtherType.
    pub(super) fn hdlc<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let (&[address, _, high, low], rest) = view.split::<4>()?;
        match (address, be16(high, low)) {
            (0x0f | 0x8f, kind @ 1501..) => Ok(Step::Next(Layer::EtherType(kind), rest)),
            (0x0f | 0x8f, kind) => Err(self.unknown(Reason::OtherEtherType, kind)),
            _ => Err(Reason::BadLinkHeader),
        }
    }

    /// PPPoE (RFC 2516), the session stage.
    pub(super) fn pppoe<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let (header, rest) = view.split::<6>()?;
        match header {
            [0x11, 0, ..] => {
                self.decoder
                    .stats
                    .entered(Tunnel::Pppoe, self.packet.number);
                Ok(Step::Next(
                    Layer::Ppp,
                    rest.at_most(be16(header[4], header[5]).into()),
                ))
            }
            [0x11, ..] => Err(Reason::OtherPpp),
            _ => Err(Reason::BadLinkHeader),
        }
    }

    /// MPLS labels (RFC 3032). No field names the payload; its first four bits show what it is.
    pub(super) fn mpls<'a>(&mut self, mut view: View<'a>) -> Outcome<'a> {
        for _ in 0..MAX_LABELS {
            let (label, rest) = view.split::<4>()?;
            view = rest;
            if label[2] & 1 == 0 {
                continue;
            }
            self.decoder.stats.entered(Tunnel::Mpls, self.packet.number);
            return match view.peek::<1>()?[0] >> 4 {
                4 | 6 => Ok(Step::Next(Layer::Ip, view)),
                0 if self.decoder.config.pseudowire => {
                    Ok(Step::Next(Layer::Ethernet, view.skip(4)?))
                }
                _ => Err(Reason::UnknownMplsPayload),
            };
        }
        Err(Reason::TooManyTags)
    }
}
