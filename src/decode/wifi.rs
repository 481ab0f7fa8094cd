//! 802.11 frames, with and without radiotap, and aggregates of several packets (A-MSDU).
//!
//! Only data that is not encrypted is decoded. IEEE 802.11-2020, 9.2 and 9.3.2; <https://www.radiotap.org>.

use super::{
    Verdict,
    reason::Reason,
    view::{View, be16},
    walk::{Layer, Outcome, Step, Walk},
};

impl Walk<'_, '_> {
    /// Radiotap: its length, and two of its flags.
    pub(super) fn radiotap<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const CHECK_SEQUENCE: u8 = 0x10;
        const PADDED: u8 = 0x20;
        let header = view.peek::<8>()?;
        let length = usize::from(u16::from_le_bytes([header[2], header[3]]));
        if header[0] != 0 || length < 8 {
            return Err(Reason::BadLinkHeader);
        }
        let frame = view.skip(length)?;
        let flags = radiotap_flags(view.data.get(..length).unwrap_or_default()).unwrap_or_default();
        let frame = if flags & CHECK_SEQUENCE != 0 {
            frame.drop_last(4)
        } else {
            frame
        };
        Ok(Step::Next(
            Layer::Wifi {
                padded: flags & PADDED != 0,
            },
            frame,
        ))
    }

    /// Prism header: 144 bytes, then an 802.11 frame; some drivers wrote an AVS header under the same link type.
    pub(super) fn prism<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        match view.peek::<4>()? {
            [0x80, 0x21, 0x10, _] => self.avs(view),
            _ => Ok(Step::Next(Layer::Wifi { padded: false }, view.skip(144)?)),
        }
    }

    /// AVS header: a version, its length, then an 802.11 frame.
    pub(super) fn avs<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let header = view.peek::<8>()?;
        let length = u32::from_be_bytes([header[4], header[5], header[6], header[7]]) as usize;
        match length {
            8..=4096 => Ok(Step::Next(
                Layer::Wifi { padded: false },
                view.skip(length)?,
            )),
            _ => Err(Reason::BadLinkHeader),
        }
    }

    /// An 802.11 frame. `padded`: its header is padded to a multiple of four bytes.
    pub(super) fn wifi<'a>(&mut self, padded: bool, view: View<'a>) -> Outcome<'a> {
        self.wifi_frame(false, padded, view)
    }

    /// The same; `swapped`: the two bytes of the frame control field stand in the other order.
    pub(super) fn wifi_frame<'a>(
        &mut self,
        swapped: bool,
        padded: bool,
        view: View<'a>,
    ) -> Outcome<'a> {
        let (control, flags) = match *view.peek::<2>()? {
            [flags, control] if swapped => (control, flags),
            [control, flags] => (control, flags),
        };
        let (kind, subtype) = (control >> 2 & 3, control >> 4);
        let both_systems = flags & 0x03 == 0x03;
        if control & 3 != 0 {
            return Err(Reason::BadLinkHeader);
        }
        if kind != 2 || subtype & 4 != 0 {
            return Err(Reason::WifiNotData);
        }
        if flags & 0x40 != 0 {
            return Err(Reason::WifiEncrypted);
        }
        if flags & 0x04 != 0 || view.peek::<24>()?[22] & 0x0f != 0 {
            return Err(Reason::WifiFragment);
        }
        let mut length = if both_systems { 30 } else { 24 };
        let (mut aggregate, mut mesh) = (false, false);
        if subtype & 8 != 0 {
            let quality = view.skip(length)?.peek::<2>()?;
            aggregate = quality[0] & 0x80 != 0;
            mesh = both_systems && quality[1] & 0x01 != 0;
            length += if flags & 0x80 != 0 { 6 } else { 2 };
        }
        let body = view.skip(if padded {
            length.next_multiple_of(4)
        } else {
            length
        })?;
        if aggregate {
            return Ok(Step::Done(self.aggregate(body)));
        }
        let body = if mesh {
            body.skip(6 + usize::from(body.peek::<1>()?[0] & 0x03) * 6)?
        } else {
            body
        };
        Ok(Step::Next(Layer::Llc, body))
    }

    /// Several packets in one frame, each with addresses and length, padded to a multiple of four bytes. The
    /// verdict is that of the packet with the most: TCP, a fragment, anything else.
    fn aggregate(&mut self, mut body: View<'_>) -> Verdict {
        const HEADER: usize = 14;
        let mut verdict = None;
        while let Ok((header, rest)) = body.split::<HEADER>() {
            let length = usize::from(be16(header[12], header[13]));
            let outside = (self.vlan, self.vni, self.depth);
            let one = self.run(Layer::Llc, rest.at_most(length));
            (self.vlan, self.vni, self.depth) = outside;
            verdict = match (verdict, one) {
                (Some(Verdict::Tcp), _) | (_, Verdict::Tcp) => Some(Verdict::Tcp),
                (Some(Verdict::FragmentHeld), _) | (_, Verdict::FragmentHeld) => {
                    Some(Verdict::FragmentHeld)
                }
                (verdict, one) => verdict.or(Some(one)),
            };
            match body.skip((HEADER + length).next_multiple_of(4)) {
                Ok(next) => body = next,
                Err(_) => break,
            }
        }
        verdict.unwrap_or(Verdict::Other(body.missing(HEADER)))
    }
}

/// The flags field of a radiotap header: after the words that say which fields there are, and the 64-bit timestamp.
fn radiotap_flags(header: &[u8]) -> Option<u8> {
    const MORE: u32 = 1 << 31;
    let present = |at: usize| Some(u32::from_le_bytes(*header.get(at..)?.first_chunk()?));
    let first = present(4)?;
    let (mut at, mut word) = (8, first);
    while word & MORE != 0 {
        word = present(at)?;
        at += 4;
    }
    if first & 2 == 0 {
        return None;
    }
    if first & 1 != 0 {
        at = at.next_multiple_of(8) + 8;
    }
    header.get(at).copied()
}
