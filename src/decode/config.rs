//! What a caller can configure.

/// What to do with wrong checksums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checksums {
    /// Do not check them.
    Ignore,
    /// Count them, and use the data anyway: one public capture with TCP in four holds wrong checksums, mostly because
    /// the capturing host left the checksum to its network card.
    #[default]
    Count,
    /// Count them, and drop the packet as the receiver did. Checksums left to the network card are not wrong.
    Drop,
}

macro_rules! udp_tunnels {
    ($($variant:ident $name:literal $text:literal [$($port:literal)*])*) => {
        /// A tunnel that is recognised by its UDP port.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum UdpTunnel {
            $(#[doc = $text] $variant,)*
        }

        impl UdpTunnel {
            /// A stable word for it.
            pub const fn name(self) -> &'static str {
                match self { $(UdpTunnel::$variant => $name,)* }
            }

            /// The tunnel of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(UdpTunnel::$variant),)* _ => None }
            }

            /// Ports that IANA or common practice assigns to tunnels.
            pub const PORTS: &[(u16, UdpTunnel)] = &[$($(($port, UdpTunnel::$variant),)*)*];
        }
    };
}

udp_tunnels! {
    Vxlan "vxlan" "VXLAN (RFC 7348): its own port and that of the Linux driver." [4789 8472]
    VxlanGpe "vxlan-gpe" "VXLAN with a protocol field." [4790]
    Geneve "geneve" "GENEVE (RFC 8926)." [6081]
    GtpU "gtp" "GTP-U (3GPP TS 29.281)." [2152]
    Gre "gre" "GRE in UDP (RFC 8086)." [4754 4755]
    Mpls "mpls" "MPLS in UDP (RFC 7510)." [6635]
    L2tp "l2tp" "L2TP (RFC 2661, RFC 3931)." [1701]
    Lisp "lisp" "LISP data packets (RFC 9300)." [4341]
    Teredo "teredo" "Teredo (RFC 4380)." [3544]
    Ayiya "ayiya" "AYIYA (draft-massar-v6ops-ayiya)." [5072]
    Capwap "capwap" "CAPWAP data (RFC 5415)." [5247]
    Gue "gue" "Generic UDP encapsulation (draft-ietf-intarea-gue)." [6080]
    Esp "esp" "ESP behind network address translation (RFC 3948)." [4500]
}

/// Configuration of a [`Decoder`](super::Decoder). The default suits captures from the field.
#[derive(Clone, Debug)]
pub struct DecodeConfig {
    /// What to do with wrong checksums.
    pub checksums: Checksums,
    /// UDP ports (of either end) that carry tunnels; the first row that matches counts.
    pub tunnel_ports: Vec<(u16, UdpTunnel)>,
    /// Decode MPLS payload that begins with a zero nibble as a pseudowire: a control word, then Ethernet (RFC 4448).
    pub pseudowire: bool,
    /// IP datagrams of which fragments are held, at most.
    pub max_datagrams: usize,
    /// Bytes of memory they take together, at most.
    pub max_fragment_bytes: usize,
    /// Nanoseconds of capture time for which a datagram may stay incomplete.
    pub fragment_timeout: i64,
}

impl Default for DecodeConfig {
    fn default() -> Self {
        Self {
            checksums: Checksums::default(),
            tunnel_ports: UdpTunnel::PORTS.to_vec(),
            pseudowire: false,
            max_datagrams: 4096,
            max_fragment_bytes: 16 << 20,
            fragment_timeout: 30_000_000_000,
        }
    }
}
