//! CAPWAP data (RFC 5415, 4.3): 802.11 or 802.3 frames between an access point and its controller, also in fragments.

use super::{
    Tunnel,
    ip::Fragment,
    reason::Reason,
    view::{View, be16},
    walk::{Layer, Outcome, Step, Walk},
};

/// What the third and fourth byte of a header say.
const NATIVE: u8 = 0x01;
const FRAGMENT: u8 = 0x80;
const LAST: u8 = 0x40;
const KEEP_ALIVE: u8 = 0x08;
/// Wireless binding: IEEE 802.11.
const WIFI: u8 = 1;

impl Walk<'_, '_> {
    pub(super) fn capwap<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const PLAIN: u8 = 0;
        const DTLS: u8 = 1;
        let Ok(&[preamble, a, b, flags, i0, i1, o0, o1]) = view.peek::<8>() else {
            return Err(Reason::Udp);
        };
        match preamble {
            PLAIN => {}
            DTLS => return Err(Reason::CapwapEncrypted),
            _ => return Err(Reason::Udp),
        }
        let length = usize::from(a >> 3) * 4;
        if length < 8 {
            return Err(Reason::BadTunnelHeader);
        }
        if flags & KEEP_ALIVE != 0 {
            return Err(Reason::CapwapControl);
        }
        let payload = view.skip(length)?;
        let layer = match (b & NATIVE, b >> 1 & 0x1f) {
            (0, _) => Layer::Ethernet,
            (_, WIFI) => Layer::CapwapWifi,
            _ => return Err(Reason::CapwapControl),
        };
        self.enter(Tunnel::Capwap)?;
        if flags & FRAGMENT == 0 {
            return Ok(Step::Next(layer, payload));
        }
        let fragment = Fragment {
            id: be16(i0, i1).into(),
            offset: usize::from(be16(o0, o1) & 0xfff8),
            more: flags & LAST == 0,
        };
        self.reassemble(fragment, layer, payload)
    }

    /// An 802.11 frame. Some access points swap the two bytes of its frame control field.
    pub(super) fn capwap_wifi<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let swapped =
            matches!(view.peek::<2>()?, [first, second] if first & 3 != 0 && second & 3 == 0);
        self.wifi_frame(swapped, false, view)
    }
}
