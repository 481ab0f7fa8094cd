//! The complete way through a packet, layer by layer.
//!
//! A layer takes its header off and names the next one; no layer calls another. Every layer takes at least a byte or
//! hands over to one that does, so the walk ends.

use super::{
    Addr, Checksums, Decoder, Segment, Tunnel, Verdict,
    fragments::{Added, Key},
    ip::{self, Fragment, Ip, protocol},
    link,
    reason::Reason,
    tcp,
    view::View,
};
use crate::capture::Packet;

/// What the rest of the packet begins with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Layer {
    /// The first layer of this link type.
    Link(u16),
    Ethernet,
    /// What this EtherType announces.
    EtherType(u16),
    Llc,
    Ppp,
    Hdlc,
    Pppoe,
    Mpls,
    Radiotap,
    /// `padded`: its header is filled up to a multiple of four bytes.
    Wifi {
        padded: bool,
    },
    /// IPv4 or IPv6, by its first four bits.
    Ip,
    Ipv4,
    Ipv6,
    /// What this IP protocol number announces.
    Upper(u8),
}

/// What a layer led to.
pub(super) enum Step<'a> {
    Next(Layer, View<'a>),
    Done(Verdict),
}

pub(super) type Outcome<'a> = Result<Step<'a>, Reason>;

/// One packet on its way.
pub(super) struct Walk<'d, 'p> {
    pub(super) decoder: &'d mut Decoder,
    pub(super) packet: &'p Packet<'p>,
    emit: &'d mut dyn FnMut(&Segment<'_>),
    /// Outermost VLAN tag, innermost tunnel network.
    pub(super) vlan: u16,
    pub(super) vni: u32,
    /// Tunnels passed.
    pub(super) depth: u8,
    /// Of the IP header passed last.
    ip: Ip,
    routed: bool,
}

impl<'d, 'p> Walk<'d, 'p> {
    pub(super) fn new(
        decoder: &'d mut Decoder,
        packet: &'p Packet<'p>,
        emit: &'d mut dyn FnMut(&Segment<'_>),
    ) -> Self {
        let nowhere = Addr::v4([0; 4]);
        let ip = Ip {
            src: nowhere,
            dst: nowhere,
            id: None,
            ttl: 0,
        };
        Self {
            decoder,
            packet,
            emit,
            vlan: 0,
            vni: 0,
            depth: 0,
            ip,
            routed: false,
        }
    }

    /// From its first byte.
    pub(super) fn packet(mut self) -> Verdict {
        self.run(Layer::Link(self.packet.link.0), link::whole(self.packet))
    }

    pub(super) fn run(&mut self, mut layer: Layer, mut view: View<'_>) -> Verdict {
        loop {
            (layer, view) = match self.step(layer, view) {
                Ok(Step::Next(layer, view)) => (layer, view),
                Ok(Step::Done(verdict)) => return verdict,
                Err(reason) => return Verdict::Other(reason),
            };
        }
    }

    fn step<'a>(&mut self, layer: Layer, view: View<'a>) -> Outcome<'a> {
        match layer {
            Layer::Link(link) => self.link(link, view),
            Layer::Ethernet => self.ethernet(view),
            Layer::EtherType(kind) => self.ether_type(kind, view),
            Layer::Llc => self.llc(view),
            Layer::Ppp => self.ppp(view),
            Layer::Hdlc => self.hdlc(view),
            Layer::Pppoe => self.pppoe(view),
            Layer::Mpls => self.mpls(view),
            Layer::Radiotap => self.radiotap(view),
            Layer::Wifi { padded } => self.wifi(padded, view),
            Layer::Ip => match view.peek::<1>()?[0] >> 4 {
                4 => self.ipv4(view),
                6 => self.ipv6(view),
                _ => Err(Reason::BadIpVersion),
            },
            Layer::Ipv4 => self.ipv4(view),
            Layer::Ipv6 => self.ipv6(view),
            Layer::Upper(protocol) => self.upper(protocol, view),
        }
    }

    fn ipv4<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let v4 = ip::v4(view)?;
        if self.decoder.config.checksums != Checksums::Ignore {
            self.decoder.check_ip(v4.header, self.packet.number)?;
        }
        (self.ip, self.routed) = (v4.ip, false);
        match v4.fragment {
            Some(fragment) => self.fragment(fragment, v4.protocol, v4.payload),
            None => Ok(Step::Next(Layer::Upper(v4.protocol), v4.payload)),
        }
    }

    fn ipv6<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let v6 = ip::v6(view)?;
        (self.ip, self.routed) = (v6.ip, false);
        Ok(Step::Next(Layer::Upper(v6.next), v6.payload))
    }

    fn upper<'a>(&mut self, number: u8, view: View<'a>) -> Outcome<'a> {
        match number {
            protocol::TCP => self.tcp(view),
            protocol::UDP => self.udp(view),
            protocol::GRE => self.gre(view),
            protocol::IPV4 | protocol::IPV6 => {
                self.enter(Tunnel::IpInIp)?;
                Ok(Step::Next(Layer::Ip, view))
            }
            protocol::MPLS => Ok(Step::Next(Layer::Mpls, view)),
            protocol::ICMP | protocol::ICMPV6 => Err(Reason::Icmp),
            protocol::ESP => Err(Reason::Esp),
            protocol::NO_NEXT_HEADER => Err(Reason::NoNextHeader),
            extension
                if ip::is_extension(extension)
                    && (self.ip.id.is_none() || extension == protocol::AUTHENTICATION) =>
            {
                let upper = ip::extensions(view, extension)?;
                self.routed |= upper.routed;
                match upper.fragment {
                    Some(fragment) => self.fragment(fragment, upper.protocol, upper.payload),
                    None => Ok(Step::Next(Layer::Upper(upper.protocol), upper.payload)),
                }
            }
            _ => {
                self.decoder.stats.ip_protocols.add(number.into());
                Err(Reason::OtherIpProtocol)
            }
        }
    }

    /// A piece of a datagram. What cannot have TCP in it is not worth holding.
    fn fragment<'a>(&mut self, fragment: Fragment, number: u8, view: View<'a>) -> Outcome<'a> {
        use protocol::{GRE, IPV4, IPV6, MPLS, TCP, UDP};
        if !matches!(number, TCP | UDP | GRE | IPV4 | IPV6 | MPLS) && !ip::is_extension(number) {
            return Ok(Step::Next(Layer::Upper(number), view));
        }
        let Ip { src, dst, id, .. } = self.ip;
        let (vni, depth) = (self.vni, self.depth);
        let key = Key {
            src,
            dst,
            id: fragment.id,
            protocol: id.map(|_| number),
            vni,
            depth,
        };
        let decoder = &mut *self.decoder;
        let context = (&decoder.config, &mut decoder.stats.fragments);
        let packet = (self.packet.number, self.packet.time);
        match decoder
            .fragments
            .add(key, fragment, number, view, packet, context)
        {
            Added::Held => Ok(Step::Done(Verdict::FragmentHeld)),
            Added::Refused => Err(Reason::BadFragment),
            Added::Complete(whole) => {
                self.deeper()?;
                let view = View::new(&whole.data, whole.wire);
                Ok(Step::Done(self.run(Layer::Upper(whole.protocol), view)))
            }
        }
    }

    fn tcp<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let mut segment = tcp::segment(view, &self.ip, self.packet)?;
        (segment.vlan, segment.vni) = (self.vlan, self.vni);
        if self.decoder.config.checksums != Checksums::Ignore && !self.routed {
            segment.checksum = self.decoder.check_tcp(view, &self.ip, self.packet.number)?;
        }
        self.decoder.tell(view, &segment, self.emit);
        Ok(Step::Done(Verdict::Tcp))
    }
}
