//! What the decoder counts: every packet once, by what became of it.

use std::ops::AddAssign;

use super::{Reason, Verdict};

/// How many packets, and which was the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Packets.
    pub packets: u64,
    /// Number of the first of them, 0 if there is none.
    pub first: u64,
}

impl Count {
    /// Adds what another counted of other packets.
    fn add_all(&mut self, other: Count) {
        self.first = match (self.packets, other.packets) {
            (_, 0) => self.first,
            (0, _) => other.first,
            _ => self.first.min(other.first),
        };
        self.packets += other.packets;
    }

    /// One more. Numbers come in ascending order.
    #[inline]
    pub(super) fn add(&mut self, number: u64) {
        if self.packets == 0 {
            self.first = number;
        }
        self.packets += 1;
    }
}

/// Counts by a 16-bit number (EtherType, link type, IP protocol), for the first 64 different ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    rows: Vec<(u16, u64)>,
    rest: u64,
}

impl Tally {
    const LIMIT: usize = 64;

    pub(super) fn add(&mut self, number: u16) {
        match self.rows.iter().position(|row| row.0 == number) {
            Some(at) => self.rows[at].1 += 1,
            None if self.rows.len() < Self::LIMIT => self.rows.push((number, 1)),
            None => self.rest += 1,
        }
    }

    /// Numbers and counts, the most frequent first.
    pub fn top(&self) -> Vec<(u16, u64)> {
        let mut rows = self.rows.clone();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.1), row.0));
        rows
    }

    /// Packets whose numbers had no room.
    pub fn rest(&self) -> u64 {
        self.rest
    }
}

/// A way to carry packets inside packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Tunnel {
    /// IP in IP: RFC 2003, RFC 2473, RFC 4213.
    IpInIp,
    /// GRE, RFC 2784 and RFC 2890, NVGRE and PPTP included.
    Gre,
    /// ERSPAN I, II and III.
    Erspan,
    /// GRE in UDP, RFC 8086.
    GreInUdp,
    /// VXLAN, RFC 7348.
    Vxlan,
    /// GENEVE, RFC 8926.
    Geneve,
    /// GTP-U, 3GPP TS 29.281.
    GtpU,
    /// MPLS labels, RFC 3032.
    Mpls,
    /// PPPoE session, RFC 2516.
    Pppoe,
}

impl Tunnel {
    /// All of them, in the order of their numbers.
    pub const ALL: &[Tunnel] = &[
        Tunnel::IpInIp,
        Tunnel::Gre,
        Tunnel::Erspan,
        Tunnel::GreInUdp,
        Tunnel::Vxlan,
        Tunnel::Geneve,
        Tunnel::GtpU,
        Tunnel::Mpls,
        Tunnel::Pppoe,
    ];

    /// A stable word for machines, snake_case.
    pub const fn name(self) -> &'static str {
        match self {
            Tunnel::IpInIp => "ip_in_ip",
            Tunnel::Gre => "gre",
            Tunnel::Erspan => "erspan",
            Tunnel::GreInUdp => "gre_in_udp",
            Tunnel::Vxlan => "vxlan",
            Tunnel::Geneve => "geneve",
            Tunnel::GtpU => "gtp_u",
            Tunnel::Mpls => "mpls",
            Tunnel::Pppoe => "pppoe",
        }
    }
}

/// Checksums looked at. Only packets captured whole can be checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChecksumStats {
    /// IPv4 headers with a wrong checksum, outer ones included.
    pub ip_bad: Count,
    /// IPv4 headers with 0 in its place: left to the network card of the capturing host.
    pub ip_empty: Count,
    /// TCP segments with a wrong checksum.
    pub tcp_bad: Count,
    /// TCP segments that hold the sum of the pseudo-header only: left to the network card of the capturing host.
    pub tcp_partial: Count,
    /// TCP segments with 0 in its place: not filled in. Not looked into further, though it is right once in 65,536.
    pub tcp_empty: Count,
    /// TCP segments cut by the snap length.
    pub tcp_unchecked: Count,
}

impl AddAssign<&ChecksumStats> for ChecksumStats {
    fn add_assign(&mut self, other: &Self) {
        self.ip_bad.add_all(other.ip_bad);
        self.ip_empty.add_all(other.ip_empty);
        self.tcp_bad.add_all(other.tcp_bad);
        self.tcp_partial.add_all(other.tcp_partial);
        self.tcp_empty.add_all(other.tcp_empty);
        self.tcp_unchecked.add_all(other.tcp_unchecked);
    }
}

/// IP fragments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FragmentStats {
    /// Packets that were fragments.
    pub packets: u64,
    /// Datagrams put together.
    pub completed: u64,
    /// Datagrams given up: too old, too many, or still open at the end (`frag_incomplete`).
    pub incomplete: u64,
    /// Fragments that brought bytes which were there already, the same ones.
    pub overlapping: Count,
    /// Fragments that brought other bytes for a place that was filled already. The first stand.
    pub conflicting: Count,
    /// Datagrams dropped because two fragments disagreed about their end.
    pub contradicting: Count,
}

/// Everything that was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeStats {
    /// Packets decoded: the sum of `tcp`, `held` and all reasons.
    pub packets: u64,
    /// Packets with a TCP segment.
    pub tcp: u64,
    /// TCP segments: more than `tcp` where 802.11 frames carried several.
    pub segments: u64,
    /// Fragments kept for a datagram that was not complete yet.
    pub held: Count,
    /// Segments whose TCP header the snap length cut in its options: they are told, without payload.
    pub tcp_header_cut: Count,
    /// Checksums.
    pub checksums: ChecksumStats,
    /// Fragments.
    pub fragments: FragmentStats,
    /// EtherTypes that were not decoded.
    pub ether_types: Tally,
    /// Link types that were not decoded.
    pub link_types: Tally,
    /// IP protocols that were not decoded.
    pub ip_protocols: Tally,
    tunnels: [Count; Tunnel::ALL.len()],
    reasons: [Count; Reason::COUNT],
}

impl Default for DecodeStats {
    fn default() -> Self {
        Self {
            packets: 0,
            tcp: 0,
            segments: 0,
            held: Count::default(),
            tcp_header_cut: Count::default(),
            checksums: ChecksumStats::default(),
            fragments: FragmentStats::default(),
            ether_types: Tally::default(),
            link_types: Tally::default(),
            ip_protocols: Tally::default(),
            tunnels: [Count::default(); Tunnel::ALL.len()],
            reasons: [Count::default(); Reason::COUNT],
        }
    }
}

impl DecodeStats {
    /// How often a reason was given.
    pub fn reason(&self, reason: Reason) -> Count {
        self.reasons[reason as usize]
    }

    /// How often a tunnel was entered; the packet of several tunnels counts in each.
    pub fn tunnel(&self, tunnel: Tunnel) -> Count {
        self.tunnels[tunnel as usize]
    }

    /// All reasons that were given, with their counts.
    pub fn reasons(&self) -> impl Iterator<Item = (Reason, Count)> + '_ {
        Reason::ALL
            .iter()
            .map(|&reason| (reason, self.reason(reason)))
            .filter(|(_, count)| count.packets > 0)
    }

    #[inline]
    pub(super) fn verdict(&mut self, verdict: Verdict, number: u64) {
        self.packets += 1;
        match verdict {
            Verdict::Tcp => self.tcp += 1,
            Verdict::FragmentHeld => self.held.add(number),
            Verdict::Other(reason) => self.reasons[reason as usize].add(number),
        }
    }

    pub(super) fn entered(&mut self, tunnel: Tunnel, number: u64) {
        self.tunnels[tunnel as usize].add(number);
    }
}
