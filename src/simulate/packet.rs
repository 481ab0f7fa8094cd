//! Headers and checksums: a TCP segment as the packet that a capture would hold.
//!
//! Knows link layers, IP and TCP (RFC 791, 8200, 9293); nothing of streams or frames.

use super::options::{Link, SimConfig};
use crate::{capture::ByteOrder, decode::Flags};

/// One end, as it stands in headers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Host {
    /// Of an IPv4 address the last four bytes count.
    pub(super) addr: [u8; 16],
    pub(super) port: u16,
    pub(super) mac: [u8; 6],
}

/// The TCP header's changing part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) flags: Flags,
    /// Identification of the IPv4 header.
    pub(super) ip_id: u16,
    /// Value of the timestamp option, where it is sent.
    pub(super) clock: u32,
    pub(super) bad_checksum: bool,
    /// Receive window, not scaled.
    pub(super) window: u16,
    /// Time to live, or hop limit.
    pub(super) ttl: u8,
}

/// Builds packets in a buffer of its own.
#[derive(Debug)]
pub(super) struct Builder {
    link: Link,
    vlans: Vec<u16>,
    ipv6: bool,
    padding: bool,
    timestamps: bool,
    mss: u16,
    null_order: ByteOrder,
    packet: Vec<u8>,
}

/// A packet, and where its TCP payload begins.
pub(super) struct Built<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) payload_at: usize,
}

impl Builder {
    pub(super) fn new(options: &SimConfig) -> Self {
        Self {
            link: options.link,
            vlans: options.vlans.clone(),
            ipv6: options.ipv6,
            padding: options.padding,
            timestamps: options.timestamps,
            mss: options.mss,
            null_order: options.format.endian,
            packet: Vec::with_capacity(2048),
        }
    }

    /// The packet that carries `payload` from `src` to `dst`; `outgoing` as cooked captures say it.
    pub(super) fn build(
        &mut self,
        src: &Host,
        dst: &Host,
        header: &Header,
        payload: &[u8],
        outgoing: bool,
    ) -> Built<'_> {
        self.packet.clear();
        self.link(src, dst, outgoing);
        let syn = header.flags.syn();
        let options = 12 * usize::from(self.timestamps) + 4 * usize::from(syn);
        let tcp_len = 20 + options + payload.len();
        let pseudo = self.ip(src, dst, header, tcp_len);
        let tcp_at = self.packet.len();
        self.tcp(src.port, dst.port, header, options);
        let payload_at = self.packet.len();
        self.packet.extend_from_slice(payload);
        let sum = fold(pseudo + tcp_len as u64 + sum(&self.packet[tcp_at..]));
        let checksum = if header.bad_checksum {
            !sum ^ 0x0101
        } else {
            !sum
        };
        self.packet[tcp_at + 16..tcp_at + 18].copy_from_slice(&checksum.to_be_bytes());
        if self.padding && self.link == Link::Ethernet && self.packet.len() < 60 {
            self.packet.resize(60, 0);
        }
        Built {
            bytes: &self.packet,
            payload_at,
        }
    }

    fn link(&mut self, src: &Host, dst: &Host, outgoing: bool) {
        let protocol: [u8; 2] = if self.ipv6 {
            [0x86, 0xdd]
        } else {
            [0x08, 0x00]
        };
        let out = &mut self.packet;
        match self.link {
            Link::Ethernet => {
                out.extend_from_slice(&dst.mac);
                out.extend_from_slice(&src.mac);
                for (i, &vlan) in self.vlans.iter().enumerate() {
                    // 802.1ad outside, 802.1Q inside.
                    let outer = i + 1 < self.vlans.len();
                    out.extend_from_slice(if outer { &[0x88, 0xa8] } else { &[0x81, 0x00] });
                    out.extend_from_slice(&vlan.to_be_bytes());
                }
                out.extend_from_slice(&protocol);
            }
            Link::Sll => {
                // Packet type (0 to us, 4 from us), ARPHRD_ETHER, address length, address, protocol.
                out.extend_from_slice(&[0, if outgoing { 4 } else { 0 }, 0, 1, 0, 6]);
                out.extend_from_slice(&src.mac);
                out.extend_from_slice(&[0, 0]);
                out.extend_from_slice(&protocol);
            }
            Link::Sll2 => {
                out.extend_from_slice(&protocol);
                // Reserved, interface index, ARPHRD_ETHER, packet type, address length, address.
                out.extend_from_slice(&[0, 0, 0, 0, 0, 2, 0, 1]);
                out.extend_from_slice(&[if outgoing { 4 } else { 0 }, 6]);
                out.extend_from_slice(&src.mac);
                out.extend_from_slice(&[0, 0]);
            }
            Link::Raw => {}
            Link::Null | Link::Loop => {
                let family: u32 = if self.ipv6 { 30 } else { 2 };
                let little = self.link == Link::Null && self.null_order == ByteOrder::Little;
                out.extend_from_slice(&if little {
                    family.to_le_bytes()
                } else {
                    family.to_be_bytes()
                });
            }
        }
    }

    /// The IP header; returns the sum of the pseudo header without the length.
    fn ip(&mut self, src: &Host, dst: &Host, header: &Header, tcp_len: usize) -> u64 {
        let out = &mut self.packet;
        if self.ipv6 {
            out.extend_from_slice(&[0x60, 0, 0, 0]);
            out.extend_from_slice(&(tcp_len as u16).to_be_bytes());
            out.extend_from_slice(&[6, header.ttl]);
            out.extend_from_slice(&src.addr);
            out.extend_from_slice(&dst.addr);
            return 6 + sum(&src.addr) + sum(&dst.addr);
        }
        let at = out.len();
        out.extend_from_slice(&[0x45, 0]);
        out.extend_from_slice(&(20 + tcp_len as u16).to_be_bytes());
        out.extend_from_slice(&header.ip_id.to_be_bytes());
        // Don't fragment; time to live; TCP.
        out.extend_from_slice(&[0x40, 0, header.ttl, 6, 0, 0]);
        out.extend_from_slice(&src.addr[12..]);
        out.extend_from_slice(&dst.addr[12..]);
        let checksum = !fold(sum(&out[at..]));
        out[at + 10..at + 12].copy_from_slice(&checksum.to_be_bytes());
        6 + sum(&src.addr[12..]) + sum(&dst.addr[12..])
    }

    /// The TCP header, its checksum 0.
    fn tcp(&mut self, sport: u16, dport: u16, header: &Header, options: usize) {
        let out = &mut self.packet;
        out.extend_from_slice(&sport.to_be_bytes());
        out.extend_from_slice(&dport.to_be_bytes());
        out.extend_from_slice(&header.seq.to_be_bytes());
        out.extend_from_slice(&header.ack.to_be_bytes());
        let words = (20 + options) as u8 / 4;
        out.extend_from_slice(&[words << 4, header.flags.0]);
        out.extend_from_slice(&header.window.to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        if header.flags.syn() {
            out.extend_from_slice(&[2, 4]);
            out.extend_from_slice(&self.mss.to_be_bytes());
        }
        if self.timestamps {
            out.extend_from_slice(&[1, 1, 8, 10]);
            out.extend_from_slice(&header.clock.to_be_bytes());
            out.extend_from_slice(&header.clock.wrapping_sub(1).to_be_bytes());
        }
    }
}

/// Sum of big-endian 16-bit words, an odd last byte padded with zero (RFC 1071), not yet folded.
#[inline]
fn sum(bytes: &[u8]) -> u64 {
    let mut total = 0u64;
    let mut words = bytes.chunks_exact(4);
    // 32-bit words: their halves meet when the sum is folded.
    for word in &mut words {
        total += u64::from(u32::from_be_bytes([word[0], word[1], word[2], word[3]]));
    }
    let mut last = [0; 4];
    let rest = words.remainder();
    last[..rest.len()].copy_from_slice(rest);
    total + u64::from(u32::from_be_bytes(last))
}

fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    sum as u16
}
