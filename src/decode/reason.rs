//! What can become of a packet, as one closed list.

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// At least one TCP segment was found in it.
    Tcp,
    /// A fragment of an IP datagram, held until the rest arrives.
    FragmentHeld,
    /// No segment, and why.
    Other(Reason),
}

macro_rules! reasons {
    ($($group:ident { $($variant:ident $name:literal $text:literal)* })*) => {
        /// Why a packet gave no TCP segment.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[doc = $text] $variant,)*)*
        }

        impl Reason {
            /// All of them, in the order of their numbers.
            pub const ALL: &[Reason] = &[$($(Reason::$variant,)*)*];

            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// A stable word for machines, snake_case.
            pub const fn name(self) -> &'static str {
                match self { $($(Reason::$variant => $name,)*)* }
            }

            /// A few words for people.
            pub const fn describe(self) -> &'static str {
                match self { $($(Reason::$variant => $text,)*)* }
            }

            /// Whether the packet is complete and merely not TCP, or could not be decoded.
            pub const fn group(self) -> Group {
                match self { $($(Reason::$variant => Group::$group,)*)* }
            }
        }
    };
}

/// Whether a packet without a segment is a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Something other than TCP.
    NotTcp,
    /// There may be TCP in it, but it could not be decoded.
    Undecodable,
}

reasons! {
    NotTcp {
        Udp "udp" "UDP"
        Icmp "icmp" "ICMP or ICMPv6 (TCP headers quoted in it are no packets)"
        OtherIpProtocol "other_ip_protocol" "another protocol over IP"
        NoNextHeader "no_next_header" "IPv6 packet without a payload"
        Arp "arp" "ARP"
        OtherEtherType "other_ether_type" "another EtherType"
        OtherLlc "other_llc" "802.2 LLC without IP"
        OtherPpp "other_ppp" "PPP control or another protocol over PPP"
        OtherFamily "other_family" "another address family"
        OtherGre "other_gre" "GRE with another protocol"
        OtherArcnet "other_arcnet" "another protocol over ARCnet"
        OtherErf "other_erf" "ERF record without a frame that can carry IP"
        OtherNsh "other_nsh" "network service header with another protocol"
        WifiNotData "wifi_not_data" "802.11 management or control frame, or no data in it"
        GtpControl "gtp_control" "GTP message without a user packet"
        L2tpControl "l2tp_control" "L2TP control message"
        CapwapControl "capwap_control" "CAPWAP keep-alive or another payload"
        Empty "empty" "packet without bytes"
    }
    Undecodable {
        Esp "esp" "encrypted (IPsec ESP)"
        MacsecEncrypted "macsec_encrypted" "encrypted (MACsec)"
        CapwapEncrypted "capwap_encrypted" "encrypted (CAPWAP in DTLS)"
        LispEncrypted "lisp_encrypted" "encrypted (LISP)"
        WifiEncrypted "wifi_encrypted" "encrypted 802.11 frame"
        WifiFragment "wifi_fragment" "fragment of an 802.11 frame"
        ArcnetFragment "arcnet_fragment" "fragment of an ARCnet packet"
        VxlanPort "vxlan_port" "probably VXLAN, on another UDP port"
        UnknownLinkType "unknown_link_type" "link type not supported"
        UnknownMplsPayload "unknown_mpls_payload" "MPLS payload that is not IP"
        UnknownL2tpPayload "unknown_l2tp_payload" "L2TPv3 payload that is neither Ethernet, PPP nor IP"
        CutHeader "cut_header" "cut off by the snap length inside a header"
        CutTcpHeader "cut_tcp_header" "cut off by the snap length inside the TCP header"
        ShortHeader "short_header" "packet ends inside a header"
        BadIpVersion "bad_ip_version" "wrong IP version"
        BadIpHeaderLength "bad_ip_header_length" "IP header length below 20"
        BadIpTotalLength "bad_ip_total_length" "IP total length below its header"
        BadIpChecksum "bad_ip_checksum" "wrong IP header checksum"
        BadTcpOffset "bad_tcp_offset" "TCP data offset below 5 or behind the end"
        BadTcpChecksum "bad_tcp_checksum" "wrong TCP checksum"
        BadExtension "bad_extension" "IPv6 extension headers: too many, or a wrong length"
        BadLinkHeader "bad_link_header" "link header that contradicts itself"
        BadTunnelHeader "bad_tunnel_header" "tunnel header that contradicts itself"
        TooManyTags "too_many_tags" "more VLAN tags or MPLS labels than allowed"
        TooDeep "too_deep" "more tunnels in tunnels than allowed"
        BadFragment "bad_fragment" "IP fragment that contradicts the others or passes 65,535 bytes"
    }
}

impl Reason {
    /// One of the numbers counted in [`DecodeStats::numbers`](super::DecodeStats) under this reason, in the notation
    /// of its registry.
    pub fn number(self, number: u16) -> String {
        match self {
            Reason::OtherEtherType | Reason::OtherPpp | Reason::OtherGre => {
                format!("0x{number:04x}")
            }
            _ => number.to_string(),
        }
    }

    /// The option of the program that decodes such packets, where there is one.
    pub const fn option(self) -> Option<&'static str> {
        match self {
            Reason::VxlanPort => Some("--vxlan-port"),
            _ => None,
        }
    }
}
