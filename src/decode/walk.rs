//! The full walk through a packet, layer by layer.
//!
//! A layer removes its header and names the next one; no layer calls another. Every layer removes at least a byte or
//! names one that does, so the walk ends.

use super::{
    Addr, Checksums, Decoder, Segment, Tunnel, Verdict,
    fragments::{Added, Datagram, Key},
    ip::{self, Fragment, Ip, Length, protocol},
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
    Nsh,
    Radiotap,
    /// `padded`: its header is padded to a multiple of four bytes.
    Wifi {
        padded: bool,
    },
    /// 802.11 as access points send it to their controllers.
    CapwapWifi,
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

/// The walk through one packet.
pub(super) struct Walk<'d, 'p> {
    pub(super) decoder: &'d mut Decoder,
    pub(super) packet: &'p Packet<'p>,
    emit: &'d mut dyn FnMut(&Segment<'_>),
    /// Outermost VLAN tag, innermost tunnel network.
    pub(super) vlan: u16,
    pub(super) vni: u32,
    /// Tunnels entered.
    pub(super) depth: u8,
    /// A frame inside a tunnel: a mirror may have cut it.
    mirrored: bool,
    /// Of the last IP header.
    pub(super) ip: Ip,
    /// Its addresses or its length are not those that the TCP checksum covers.
    unverifiable: bool,
}

impl<'d, 'p> Walk<'d, 'p> {
    pub(super) fn new(
        decoder: &'d mut Decoder,
        packet: &'p Packet<'p>,
        emit: &'d mut dyn FnMut(&Segment<'_>),
    ) -> Self {
        let unspecified = Addr::v4([0; 4]);
        let ip = Ip {
            src: unspecified,
            dst: unspecified,
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
            mirrored: false,
            ip,
            unverifiable: false,
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
            Layer::Ethernet => {
                self.mirrored |= self.depth > 0;
                self.ethernet(view)
            }
            Layer::EtherType(kind) => self.ether_type(kind, view),
            Layer::Llc => self.llc(view),
            Layer::Ppp => self.ppp(view),
            Layer::Hdlc => self.hdlc(view),
            Layer::Pppoe => self.pppoe(view),
            Layer::Mpls => self.mpls(view),
            Layer::Radiotap => self.radiotap(view),
            Layer::Wifi { padded } => self.wifi(padded, view),
            Layer::CapwapWifi => self.capwap_wifi(view),
            Layer::Nsh => self.nsh(view),
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
        (self.ip, self.unverifiable) = (v4.ip, false);
        let payload = self.extent(v4.length, v4.payload);
        match v4.fragment {
            Some(fragment) => self.fragment(fragment, v4.protocol, payload),
            None => Ok(Step::Next(Layer::Upper(v4.protocol), payload)),
        }
    }

    fn ipv6<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let v6 = ip::v6(view)?;
        (self.ip, self.unverifiable) = (v6.ip, false);
        let payload = self.extent(v6.length, v6.payload);
        Ok(Step::Next(Layer::Upper(v6.next), payload))
    }

    /// Where an IP packet claims more bytes than its frame has: a device that mirrors frames through a tunnel may cut
    /// them, so inside a tunnel the rest was cut off; elsewhere the claim contradicts the frame, and is counted.
    fn extent<'a>(&mut self, length: Length, payload: View<'a>) -> View<'a> {
        match length {
            Length::Beyond(bytes) if self.mirrored => View::new(payload.data, payload.wire + bytes),
            Length::Beyond(_) => {
                self.decoder.stats.ip_beyond_frame.add(self.packet.number);
                self.unverifiable = true;
                payload
            }
            Length::Within | Length::Absent => payload,
        }
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
            protocol::L2TP => self.l2tp_over_ip(view),
            protocol::ESP => self.esp(view),
            protocol::NO_NEXT_HEADER => Err(Reason::NoNextHeader),
            extension
                if ip::is_extension(extension)
                    && (self.ip.id.is_none() || extension == protocol::AUTHENTICATION) =>
            {
                let upper = ip::extensions(view, extension)?;
                self.unverifiable |= upper.routed;
                match upper.fragment {
                    Some(fragment) => self.fragment(fragment, upper.protocol, upper.payload),
                    None => Ok(Step::Next(Layer::Upper(upper.protocol), upper.payload)),
                }
            }
            _ => Err(self.unknown(Reason::OtherIpProtocol, number.into())),
        }
    }

    /// A fragment of an IP datagram. It is held only if there can be TCP in the datagram.
    fn fragment<'a>(&mut self, fragment: Fragment, number: u8, view: View<'a>) -> Outcome<'a> {
        use protocol::{ESP, GRE, IPV4, IPV6, L2TP, MPLS, TCP, UDP};
        let carries = matches!(number, TCP | UDP | GRE | IPV4 | IPV6 | MPLS | L2TP | ESP);
        if !carries && !ip::is_extension(number) {
            return Ok(Step::Next(Layer::Upper(number), view));
        }
        let key_protocol = self.ip.id.map(|_| number);
        match self.hold(fragment, key_protocol, number, view)? {
            None => Ok(Step::Done(Verdict::FragmentHeld)),
            Some(whole) => {
                let view = View::new(&whole.data, whole.wire);
                Ok(Step::Done(self.run(Layer::Upper(whole.protocol), view)))
            }
        }
    }

    /// A fragment of what another layer cut up, `layer` the first layer of the whole.
    pub(super) fn reassemble<'a>(
        &mut self,
        fragment: Fragment,
        layer: Layer,
        view: View<'a>,
    ) -> Outcome<'a> {
        /// In place of an IP protocol: reserved by IANA, so that no IP fragment has the same key.
        const NOT_IP: u8 = 255;
        match self.hold(fragment, Some(NOT_IP), NOT_IP, view)? {
            None => Ok(Step::Done(Verdict::FragmentHeld)),
            Some(whole) => {
                let view = View::new(&whole.data, whole.wire);
                Ok(Step::Done(self.run(layer, view)))
            }
        }
    }

    /// Adds a fragment to the pool; the datagram if that completes it.
    fn hold(
        &mut self,
        fragment: Fragment,
        key_protocol: Option<u8>,
        number: u8,
        view: View<'_>,
    ) -> Result<Option<Datagram>, Reason> {
        let key = Key {
            src: self.ip.src,
            dst: self.ip.dst,
            id: fragment.id,
            protocol: key_protocol,
            vni: self.vni,
            depth: self.depth,
        };
        let decoder = &mut *self.decoder;
        let context = (&decoder.config, &mut decoder.stats.fragments);
        let packet = (self.packet.number, self.packet.time);
        let pool = &mut decoder.fragments;
        match pool.add(key, fragment, number, view, packet, context) {
            Added::Held => Ok(None),
            Added::Refused => Err(Reason::BadFragment),
            Added::Complete(whole) => {
                self.deeper()?;
                Ok(Some(whole))
            }
        }
    }

    fn tcp<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let mut segment = tcp::segment(view, &self.ip, self.packet)?;
        (segment.vlan, segment.vni) = (self.vlan, self.vni);
        if self.decoder.config.checksums != Checksums::Ignore && !self.unverifiable {
            segment.checksum = self.decoder.check_tcp(view, &self.ip, self.packet.number)?;
        }
        self.decoder.emit(view, &segment, self.emit);
        Ok(Step::Done(Verdict::Tcp))
    }
}
