//! Headers of capture cards and of networks other than Ethernet: ERF, Juniper, netANALYZER, ARCnet, InfiniBand.

use super::{
    reason::Reason,
    view::{View, be16},
    walk::{Layer, Outcome, Step, Walk},
};

impl Walk<'_, '_> {
    /// Endace's extensible record format: 16 bytes, extension headers of 8 bytes, a header of the record's type, the
    /// frame. The frame's own length on the wire is a field of the record.
    pub(super) fn erf<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        /// The highest bit of a type: another extension header follows.
        const MORE: u8 = 0x80;
        let (header, rest) = view.split::<16>()?;
        let [record, wire] = [10, 14].map(|at| usize::from(be16(header[at], header[at + 1])));
        let mut rest = match record {
            // Records of an unknown length end where the packet ends.
            0..16 => rest,
            _ => rest.at_most(record - 16),
        };
        let mut more = header[8] & MORE;
        while more != 0 {
            let (extension, behind) = rest.split::<8>()?;
            (more, rest) = (extension[0] & MORE, behind);
        }
        let frame = |rest: View<'a>| if wire == 0 { rest } else { rest.end_at(wire) };
        match header[8] & !MORE {
            // HDLC, also with a colour or a hash, and of several channels.
            1 | 10 | 15 | 19 => self.serial(frame(rest)),
            5 | 17 => self.serial(frame(rest.skip(4)?)),
            // Ethernet, behind an offset and a padding byte.
            2 | 11 | 16 | 20 => Ok(Step::Next(Layer::Ethernet, frame(rest.skip(2)?))),
            // AAL5: a cell header without its check byte, then LLC.
            4 => Ok(Step::Next(Layer::Llc, frame(rest).skip(4)?)),
            9 => Ok(Step::Next(Layer::Llc, frame(rest.skip(4)?).skip(4)?)),
            22 => Ok(Step::Next(Layer::Ipv4, frame(rest))),
            23 => Ok(Step::Next(Layer::Ipv6, frame(rest))),
            other => Err(self.unknown(Reason::OtherErf, other.into())),
        }
    }

    /// Juniper's header: a magic number, flags, extensions with their length, the frame. Without a link header a
    /// protocol number of 4 bytes takes its place.
    pub(super) fn juniper_ethernet<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const NO_LINK_HEADER: u8 = 0x02;
        const EXTENSIONS: u8 = 0x80;
        let (&[m, g, c, flags], mut rest) = view.split::<4>()?;
        if [m, g, c] != *b"MGC" {
            return Err(Reason::BadLinkHeader);
        }
        if flags & EXTENSIONS != 0 {
            let (&[high, low], extensions) = rest.split::<2>()?;
            rest = extensions.skip(be16(high, low).into())?;
        }
        match flags & NO_LINK_HEADER {
            0 => Ok(Step::Next(Layer::Ethernet, rest)),
            _ => Ok(Step::Next(Layer::Ip, rest.skip(4)?)),
        }
    }

    /// Hilscher netANALYZER: 4 bytes of state, then the frame with its check sequence.
    pub(super) fn netanalyzer<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        Ok(Step::Next(Layer::Ethernet, view.skip(4)?))
    }

    /// The same in transparent mode: preamble and start frame delimiter stand before the frame. Damaged preambles are
    /// shorter or longer than 7 bytes.
    pub(super) fn netanalyzer_transparent<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const START_FRAME_DELIMITER: u8 = 0xd5;
        const MAX_PREAMBLE_BYTES: usize = 15;
        let line = view.skip(4)?;
        let mut preamble = line.data.iter().take(MAX_PREAMBLE_BYTES + 1);
        match preamble.position(|&byte| byte == START_FRAME_DELIMITER) {
            Some(at) => Ok(Step::Next(Layer::Ethernet, line.skip(at + 1)?)),
            None => Err(Reason::BadLinkHeader),
        }
    }

    /// ARCnet (RFC 1201; RFC 1051 without fragments; RFC 2497). `type_at` is the place of the type byte, behind the
    /// addresses and, on Linux, an offset.
    pub(super) fn arcnet<'a>(&mut self, view: View<'a>, type_at: usize) -> Outcome<'a> {
        /// Three bytes of padding follow, then the split flag again: the length of the packet has a gap there.
        const EXCEPTION: u8 = 0xff;
        let (&[kind], rest) = view.skip(type_at)?.split::<1>()?;
        let ip = match kind {
            240 => return Ok(Step::Next(Layer::Ipv4, rest)),
            212 => Layer::Ipv4,
            196 => Layer::Ipv6,
            213 | 241 => return Err(Reason::Arp),
            _ => return Err(self.unknown(Reason::OtherArcnet, kind.into())),
        };
        let rest = match rest.peek::<1>()? {
            [EXCEPTION] => rest.skip(3)?,
            _ => rest,
        };
        let (&[split, _, _], payload) = rest.split::<3>()?;
        match split {
            0 => Ok(Step::Next(ip, payload)),
            _ => Err(Reason::ArcnetFragment),
        }
    }

    /// IP over InfiniBand (RFC 4391, 6): an EtherType and two reserved bytes, in captures behind a global routing
    /// header of 40 bytes.
    pub(super) fn ip_over_infiniband<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const GLOBAL_ROUTING_HEADER: usize = 40;
        let rest = match view.peek::<5>()? {
            [8, 0, 0, 0, first] if first >> 4 == 4 => view,
            [0x86, 0xdd, 0, 0, first] if first >> 4 == 6 => view,
            _ => view.skip(GLOBAL_ROUTING_HEADER)?,
        };
        let (&[high, low, ..], payload) = rest.split::<4>()?;
        Ok(Step::Next(Layer::EtherType(be16(high, low)), payload))
    }
}
