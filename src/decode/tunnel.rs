//! Tunnels: the bound on their depth, and those that are recognised by a UDP port.
//!
//! A tunnel recognised by its port is entered only if its header is plausible; else the packet is plain UDP.

use super::{
    Tunnel, UdpTunnel,
    ethernet::looks_like_ethernet,
    overlay::begins_ip,
    reason::Reason,
    view::{View, be16},
    walk::{Layer, Outcome, Step, Walk},
};

/// Tunnels in tunnels, at most.
const MAX_DEPTH: u8 = 8;

impl Walk<'_, '_> {
    /// One level down.
    pub(super) fn deeper(&mut self) -> Result<(), Reason> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            Err(Reason::TooDeep)
        } else {
            Ok(())
        }
    }

    pub(super) fn enter(&mut self, tunnel: Tunnel) -> Result<(), Reason> {
        self.deeper()?;
        self.decoder.stats.entered(tunnel, self.packet.number);
        Ok(())
    }

    /// Counts a number that no layer decodes.
    pub(super) fn unknown(&mut self, reason: Reason, number: u16) -> Reason {
        self.decoder.stats.numbers.add(reason, number);
        reason
    }

    /// UDP (RFC 768).
    pub(super) fn udp<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let (header, rest) = view.split::<8>()?;
        let [src, dst, length] = [0, 2, 4].map(|at| be16(header[at], header[at + 1]));
        // A length of 0 is a jumbogram's, or left to the network card.
        let payload = if length < 8 {
            rest
        } else {
            rest.at_most(usize::from(length) - 8)
        };
        let ports = &self.decoder.config.tunnel_ports;
        let row = ports.iter().find(|row| row.0 == dst || row.0 == src);
        match row.map(|row| row.1) {
            Some(UdpTunnel::Vxlan | UdpTunnel::VxlanGpe) => self.vxlan(payload),
            Some(UdpTunnel::Geneve) => self.geneve(payload),
            Some(UdpTunnel::GtpU) => self.gtp_u(payload),
            Some(UdpTunnel::Gre) => self.gre_in_udp(payload),
            Some(UdpTunnel::Mpls) => self.mpls_in_udp(payload),
            Some(UdpTunnel::L2tp) => self.l2tp_in_udp(payload),
            Some(UdpTunnel::Lisp) => self.lisp(payload),
            Some(UdpTunnel::Teredo) => self.teredo(payload),
            Some(UdpTunnel::Ayiya) => self.ayiya(payload),
            Some(UdpTunnel::Capwap) => self.capwap(payload),
            Some(UdpTunnel::Gue) => self.gue(payload),
            Some(UdpTunnel::Esp) => self.esp_in_udp(payload),
            None => Err(self.other_udp(dst, payload)),
        }
    }

    /// UDP to a port without a tunnel. VXLAN on a port of its own choice is common, and has an option.
    fn other_udp(&mut self, dst: u16, payload: View<'_>) -> Reason {
        match payload.split::<8>() {
            Ok(([8, 0, 0, 0, _, _, _, 0], frame)) if looks_like_ethernet(frame) => {
                self.unknown(Reason::VxlanPort, dst)
            }
            _ => Reason::Udp,
        }
    }

    /// MPLS in UDP (RFC 7510), if IP or Ethernet stands behind the labels.
    fn mpls_in_udp<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        if view.data.len() < 4 {
            return Err(Reason::Udp);
        }
        self.enter(Tunnel::MplsInUdp)?;
        Ok(Step::Next(Layer::Mpls, view))
    }

    /// Teredo (RFC 4380, 5.1.1): authentication and origin, both optional, then IPv6.
    fn teredo<'a>(&mut self, mut view: View<'a>) -> Outcome<'a> {
        loop {
            let indicator = match *view.data {
                // Lengths of client identifier and authentication value; a nonce of 8 bytes and a confirmation byte.
                [0, 1, id, value, ..] => 4 + usize::from(id) + usize::from(value) + 9,
                [0, 0, ..] => 8,
                [0x60..=0x6f, ..] => break,
                _ => return Err(Reason::Udp),
            };
            view = view.skip(indicator)?;
        }
        self.enter(Tunnel::Teredo)?;
        Ok(Step::Next(Layer::Ipv6, view))
    }

    /// AYIYA: lengths of identity (a power of two) and signature (in words of 4 bytes), an operation, a protocol.
    fn ayiya<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        const FORWARD: u8 = 1;
        let Ok(&[identity, signature, operation, next, ..]) = view.peek::<8>() else {
            return Err(Reason::Udp);
        };
        let length = 8 + (1 << (identity >> 4)) + usize::from(signature >> 4) * 4;
        match (operation & 0x0f, next) {
            (FORWARD, 4 | 41) if view.skip(length).is_ok_and(begins_ip) => {
                self.enter(Tunnel::Ayiya)?;
                Ok(Step::Next(Layer::Ip, view.skip(length)?))
            }
            _ => Err(Reason::Udp),
        }
    }
}
