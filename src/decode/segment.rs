//! The TCP segment: what `decode` hands to `tcp`.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use crate::capture::Time;

/// An IP address as one integer, quick to hash and compare; IPv4 as its IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2).
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

    /// The number that stands for the address.
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

/// The control bits of a TCP header (RFC 9293, 3.1), as they stand in its byte 13.
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

    /// The acknowledgement field counts.
    #[inline]
    pub fn ack(self) -> bool {
        self.any(Self::ACK)
    }

    /// The urgent pointer counts.
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

/// One TCP packet, with its payload lent out of the packet that brought it.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// Number of the packet that carried it (the one that completed it, if IP cut it into fragments).
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
    /// Acknowledgement number, as it stands in the header.
    pub ack: u32,
    /// Control bits.
    pub flags: Flags,
    /// Urgent pointer, as it stands in the header.
    pub urgent: u16,
    /// Identification of the IPv4 header: with it a packet that a mirror port delivered twice is told from one that
    /// was sent twice. None for IPv6.
    pub ip_id: Option<u16>,
    /// Time to live (IPv4) or hop limit (IPv6), as captured.
    pub ttl: u8,
    /// Outermost VLAN tag and tunnel network number, 0 where there is none: part of the flow key if asked for.
    pub vlan: u16,
    /// VXLAN, GENEVE or GTP-U network number, 0 where there is none.
    pub vni: u32,
    /// Whether its TCP checksum is right.
    pub checksum: TcpChecksum,
    /// The TCP header with its options, as far as it was captured; [`Segment::window`] and [`Segment::options`] read it.
    pub header: &'a [u8],
    /// The payload captured.
    pub payload: &'a [u8],
    /// Length of the payload on the wire; more than `payload.len()` where the snap length cut it.
    pub payload_len: u32,
}
