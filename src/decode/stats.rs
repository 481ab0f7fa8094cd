//! What the decoder counts: every packet once, by what became of it; tunnels, checksums and fragments beside that.

use std::ops::AddAssign;

use super::{Count, Numbers, Reason, Verdict};

macro_rules! tunnels {
    ($($variant:ident $name:literal $text:literal)*) => {
        /// A way to carry packets inside packets.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Tunnel {
            $(#[doc = $text] $variant,)*
        }

        impl Tunnel {
            /// All of them, in the order of their numbers.
            pub const ALL: &[Tunnel] = &[$(Tunnel::$variant,)*];

            /// A stable word for machines, snake_case.
            pub const fn name(self) -> &'static str {
                match self { $(Tunnel::$variant => $name,)* }
            }
        }
    };
}

tunnels! {
    IpInIp "ip_in_ip" "IP in IP: RFC 2003, RFC 2473, RFC 4213."
    Gre "gre" "GRE, RFC 2784 and RFC 2890, NVGRE and PPTP included."
    Erspan "erspan" "ERSPAN I, II and III."
    GreInUdp "gre_in_udp" "GRE in UDP, RFC 8086."
    Vxlan "vxlan" "VXLAN, RFC 7348, and VXLAN-GPE."
    Geneve "geneve" "GENEVE, RFC 8926."
    GtpU "gtp_u" "GTP-U, 3GPP TS 29.281."
    Mpls "mpls" "MPLS labels, RFC 3032."
    MplsInUdp "mpls_in_udp" "MPLS in UDP, RFC 7510."
    Pppoe "pppoe" "PPPoE session, RFC 2516."
    L2tp "l2tp" "L2TP version 2, RFC 2661, and version 3, RFC 3931."
    Nsh "nsh" "Network service header, RFC 8300."
    Lisp "lisp" "LISP data packet, RFC 9300."
    Teredo "teredo" "Teredo, RFC 4380."
    Ayiya "ayiya" "AYIYA, draft-massar-v6ops-ayiya."
    Capwap "capwap" "CAPWAP data, RFC 5415."
    Gue "gue" "Generic UDP encapsulation, draft-ietf-intarea-gue."
    EspNull "esp_null" "ESP without encryption, RFC 2410 and RFC 4543."
    Macsec "macsec" "MACsec without encryption, IEEE 802.1AE."
}

/// Checksums verified. Only packets captured whole can be checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChecksumStats {
    /// IPv4 headers with a wrong checksum, outer ones included.
    pub ip_bad: Count,
    /// IPv4 headers with 0 in its place: left to the network card of the capturing host.
    pub ip_empty: Count,
    /// TCP segments with a wrong checksum.
    pub tcp_bad: Count,
    /// TCP segments that hold the checksum of the pseudo-header alone: left to the network card of the capturing host.
    pub tcp_partial: Count,
    /// TCP segments with 0 in its place: not filled in. Not checked further, although 0 is right once in 65,536.
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
    /// Datagrams reassembled.
    pub completed: u64,
    /// Datagrams discarded: too old, too many, or still open at the end.
    pub incomplete: u64,
    /// Fragments that brought bytes which were there already, the same ones.
    pub overlapping: Count,
    /// Fragments that brought other bytes for a place that was filled already.
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
    /// Fragments held for a datagram that was not complete yet.
    pub held: Count,
    /// Segments whose TCP header the snap length cut in its options: emitted without payload.
    pub tcp_header_cut: Count,
    /// Checksums.
    pub checksums: ChecksumStats,
    /// Fragments.
    pub fragments: FragmentStats,
    /// IP packets whose length field passes the end of the link frame around them, although the snap length did not
    /// cut that frame. Only the bytes that are there are used.
    pub ip_beyond_frame: Count,
    /// Numbers of what was not decoded: link types, EtherTypes, protocols, ports.
    pub numbers: Numbers,
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
            ip_beyond_frame: Count::default(),
            numbers: Numbers::default(),
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

    /// A reason in words, with the most frequent numbers that no layer decodes and the option that decodes them:
    /// "another EtherType (0x88cc, 0x893a)".
    pub fn describe(&self, reason: Reason) -> String {
        const MAX_NUMBERS: usize = 4;
        let text = reason.describe();
        let numbers = self.numbers.of(reason);
        let shown = numbers.iter().take(MAX_NUMBERS);
        let mut list: Vec<_> = shown.map(|row| reason.number(row.0)).collect();
        let Some(first) = list.first().cloned() else {
            return text.to_owned();
        };
        if numbers.len() > MAX_NUMBERS {
            list.push("…".to_owned());
        }
        let list = list.join(", ");
        match reason.option() {
            Some(option) => format!("{text} ({list}; decode with {option} {first})"),
            None => format!("{text} ({list})"),
        }
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
