//! The TCP segment: what `decode` gives to `tcp`.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use crate::capture::Time;

/// An IP address as one integer, fast to hash and compare; IPv4 as its IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Addr(u128);

impl Addr {
    /// From the four bytes of an IPv4 header.
    #[inline]
    pub fn v4(bytes: [u8; 4]) -> Self {
        Self(0xffff_0000_0000 | u32::from_be_bytes(bytes) as u128)
    }

    /// From the sixteen bytes of an IPv6 header.
    #[inline]
    pub fn v6(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// The address as a number.
    #[inline]
    pub fn bits(self) -> u128 {
        self.0
    }
}

impl From<IpAddr> for Addr {
    fn from(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => Self::v4(ip.octets()),
            IpAddr::V6(ip) => Self::v6(ip.octets()),
        }
    }
}

impl From<Addr> for IpAddr {
    fn from(addr: Addr) -> Self {
        match addr.0 >> 32 {
            0xffff => IpAddr::V4(Ipv4Addr::from_bits(addr.0 as u32)),
            _ => IpAddr::V6(Ipv6Addr::from_bits(addr.0)),
        }
    }
}

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        IpAddr::from(*self).fmt(f)
    }
}

impl fmt::Debug for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// IP address.
    pub addr: Addr,
    /// TCP port.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match IpAddr::from(self.addr) {
            IpAddr::V4(ip) => write!(f, "{ip}:{}", self.port),
            IpAddr::V6(ip) => write!(f, "[{ip}]:{}", self.port),
        }
    }
}

/// The control bits of a TCP header (RFC 9293, 3.1): its byte 13.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// FIN bit.
    pub const FIN: u8 = 0x01;
    /// SYN bit.
    pub const SYN: u8 = 0x02;
    /// RST bit.
    pub const RST: u8 = 0x04;
    /// PSH bit.
    pub const PSH: u8 = 0x08;
    /// ACK bit.
    pub const ACK: u8 = 0x10;
    /// URG bit.
    pub const URG: u8 = 0x20;

    /// Whether any of these bits is set.
    #[inline]
    pub fn any(self, bits: u8) -> bool {
        self.0 & bits != 0
    }

    /// No more data from the sender.
    #[inline]
    pub fn fin(self) -> bool {
        self.any(Self::FIN)
    }

    /// Synchronise sequence numbers.
    #[inline]
    pub fn syn(self) -> bool {
        self.any(Self::SYN)
    }

    /// Reset the connection.
    #[inline]
    pub fn rst(self) -> bool {
        self.any(Self::RST)
    }

    /// The acknowledgement field is valid.
    #[inline]
    pub fn ack(self) -> bool {
        self.any(Self::ACK)
    }

    /// The urgent pointer is valid.
    #[inline]
    pub fn urg(self) -> bool {
        self.any(Self::URG)
    }
}

/// What the TCP checksum of one packet showed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TcpChecksum {
    /// Not checked: the configuration says so, the packet was not captured whole, or a routing header changes the
    /// address that the checksum covers.
    #[default]
    Unchecked,
    /// Right.
    Right,
    /// 0, or that of the pseudo-header alone: the capturing host left it to its network card.
    Offloaded,
    /// Wrong.
    Wrong,
}

/// One TCP packet; header and payload are borrowed from the packet that carried it.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// Number of the packet that carried it (the one that completed it, if it came in IP fragments).
    pub packet: u64,
    /// Index of the capture that holds that packet.
    pub capture: u32,
    /// When that packet was captured.
    pub time: Option<Time>,
    /// Sender.
    pub src: Endpoint,
    /// Receiver.
    pub dst: Endpoint,
    /// Sequence number of its first byte (of its SYN, if it has one).
    pub seq: u32,
    /// Acknowledgement number, as in the header.
    pub ack: u32,
    /// Control bits.
    pub flags: Flags,
    /// Urgent pointer, as in the header.
    pub urgent: u16,
    /// Identification of the IPv4 header: it distinguishes a packet that a mirror port delivered twice from one that
    /// was sent twice. None for IPv6.
    pub ip_id: Option<u16>,
    /// Time to live (IPv4) or hop limit (IPv6), as captured.
    pub ttl: u8,
    /// Outermost VLAN tag, 0 if there is none. Part of the flow key if configured.
    pub vlan: u16,
    /// Network number of the innermost tunnel (VXLAN, GENEVE, GTP-U, NVGRE, LISP), 0 if there is none. Part of the flow
    /// key if configured.
    pub vni: u32,
    /// Whether its TCP checksum is right.
    pub checksum: TcpChecksum,
    /// The TCP header with its options, as far as it was captured; [`Segment::window`] and [`Segment::options`] read it.
    pub header: &'a [u8],
    /// The payload captured.
    pub payload: &'a [u8],
    /// Length of the payload on the wire in bytes; more than `payload.len()` where the snap length cut it.
    pub payload_len: u32,
}
