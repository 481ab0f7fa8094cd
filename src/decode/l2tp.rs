//! L2TP: version 2 in UDP (RFC 2661), version 3 in UDP and directly over IP (RFC 3931).

use super::{
    Tunnel,
    ethernet::looks_like_ethernet,
    overlay::begins_ip,
    reason::Reason,
    view::{View, be16},
    walk::{Layer, Outcome, Step, Walk},
};

impl Walk<'_, '_> {
    /// Both versions in UDP begin with flags and the version.
    pub(super) fn l2tp_in_udp<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const CONTROL: u8 = 0x80;
        let Ok((&[flags, version], rest)) = view.split::<2>() else {
            return Err(Reason::Udp);
        };
        match version & 0x0f {
            2 | 3 if flags & CONTROL != 0 => Err(Reason::L2tpControl),
            2 => self.l2tp_2(flags, view, rest),
            // Two reserved bytes.
            3 => self.l2tp_3(rest.skip(2)?),
            _ => Err(Reason::Udp),
        }
    }

    /// Version 3 directly over IP: session 0 is control.
    pub(super) fn l2tp_over_ip<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        match view.peek::<4>()? {
            [0, 0, 0, 0] => Err(Reason::L2tpControl),
            _ => self.l2tp_3(view),
        }
    }

    /// A data message of version 2, flags and version removed: PPP.
    fn l2tp_2<'a>(&mut self, flags: u8, whole: View<'a>, rest: View<'a>) -> Outcome<'a> {
        const LENGTH: u8 = 0x40;
        const SEQUENCE: u8 = 0x08;
        const OFFSET: u8 = 0x02;
        let mut rest = rest;
        if flags & LENGTH != 0 {
            // The length counts from the first byte of the header.
            let (&[high, low], _) = rest.split::<2>()?;
            rest = whole.at_most(be16(high, low).into()).skip(4)?;
        }
        // Tunnel and session, then sequence numbers.
        rest = rest.skip(if flags & SEQUENCE != 0 { 8 } else { 4 })?;
        if flags & OFFSET != 0 {
            let (&[high, low], padded) = rest.split::<2>()?;
            rest = padded.skip(be16(high, low).into())?;
        }
        self.enter(Tunnel::L2tp)?;
        Ok(Step::Next(Layer::Ppp, rest))
    }

    /// A data message of version 3 from its session on. Control messages agree on the length of the cookie (0, 4 or 8
    /// bytes), the sublayer (0 or 4) and the payload, and may not be in the capture: the payload shows what it is.
    fn l2tp_3<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let rest = view.skip(4)?;
        for header in [0, 4, 8, 12] {
            if let Ok(payload) = rest.skip(header)
                && let Some(layer) = recognised(payload)
            {
                self.enter(Tunnel::L2tp)?;
                return Ok(Step::Next(layer, payload));
            }
        }
        Err(Reason::UnknownL2tpPayload)
    }
}

/// What a pseudowire's payload is, if its first bytes show it.
fn recognised(view: View<'_>) -> Option<Layer> {
    match *view.data {
        [0xff, 0x03, 0, 0x21, 0x45..=0x4f, ..] | [0xff, 0x03, 0, 0x57, 0x60..=0x6f, ..] => {
            Some(Layer::Ppp)
        }
        [0x0f | 0x8f, 0, 0x08, 0x00, 0x45..=0x4f, ..]
        | [0x0f | 0x8f, 0, 0x86, 0xdd, 0x60..=0x6f, ..] => Some(Layer::Hdlc),
        [0x45..=0x4f, _, high, low, ..] if usize::from(be16(high, low)) == view.wire => {
            Some(Layer::Ipv4)
        }
        [0x60..=0x6f, _, _, _, high, low, ..]
            if begins_ip(view) && usize::from(be16(high, low)) + 40 == view.wire =>
        {
            Some(Layer::Ipv6)
        }
        _ => looks_like_ethernet(view).then_some(Layer::Ethernet),
    }
}
