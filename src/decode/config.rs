//! What a caller may choose.

/// What to do with wrong checksums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checksums {
    /// Not look at them.
    Ignore,
    /// Count them, and take the data all the same: of public captures with TCP every fourth holds wrong ones, most
    /// of them because the capturing host left the sum to its network card.
    #[default]
    Count,
    /// Count them, and drop the packet as the receiver did. Checksums left to the network card are not wrong.
    Drop,
}

/// A tunnel told by its UDP port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UdpTunnel {
    /// VXLAN.
    Vxlan,
    /// GENEVE.
    Geneve,
    /// GTP-U.
    GtpU,
    /// GRE in UDP.
    Gre,
}

impl UdpTunnel {
    /// The word a user writes for it.
    pub const fn name(self) -> &'static str {
        match self {
            UdpTunnel::Vxlan => "vxlan",
            UdpTunnel::Geneve => "geneve",
            UdpTunnel::GtpU => "gtp",
            UdpTunnel::Gre => "gre",
        }
    }

    /// What a user's word stands for.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            UdpTunnel::Vxlan,
            UdpTunnel::Geneve,
            UdpTunnel::GtpU,
            UdpTunnel::Gre,
        ]
        .into_iter()
        .find(|t| t.name() == name)
    }
}

/// What a [`Decoder`](super::Decoder) may be told. The default is what suits captures from the field.
#[derive(Clone, Debug)]
pub struct DecodeConfig {
    /// What to do with wrong checksums.
    pub checksums: Checksums,
    /// UDP ports (of either end) that carry tunnels; the first row that fits counts.
    pub tunnel_ports: Vec<(u16, UdpTunnel)>,
    /// Take MPLS payload that begins with a zero nibble for a pseudowire: a control word, then Ethernet (RFC 4448).
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
            tunnel_ports: vec![
                (4789, UdpTunnel::Vxlan),
                (6081, UdpTunnel::Geneve),
                (2152, UdpTunnel::GtpU),
                (4754, UdpTunnel::Gre),
                (4755, UdpTunnel::Gre),
            ],
            pseudowire: false,
            max_datagrams: 4096,
            max_fragment_bytes: 16 << 20,
            fragment_timeout: 30_000_000_000,
        }
    }
}
