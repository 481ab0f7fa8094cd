//! What every command that reads captures takes: captures, protocol, selection, and how to read.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What to read and what to look for.
#[derive(Clone, Debug, Args)]
pub struct Input {
    /// Captures (pcap or pcapng, plain or compressed), `-` for standard input; several are read as one, in the order of
    /// their times.
    #[arg(required = true, value_name = "CAPTURE")]
    pub captures: Vec<PathBuf>,
    /// Protocol: the name of a known one, or a TOML file that describes one.
    #[arg(
        long,
        value_name = "NAME|FILE",
        default_value = "fd",
        help_heading = "Protocol"
    )]
    pub protocol: String,
    /// What the protocol's `payload` lengths mean: the payload between the markers, or the whole frame.
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "payload",
        help_heading = "Protocol"
    )]
    pub lengths: Lengths,
    /// Only connections with this TCP port at either end; may be given several times.
    #[arg(long, value_name = "PORT", help_heading = "Selecting")]
    pub port: Vec<u16>,
    /// Only connections with this address or network (10.0.0.0/8) at either end; may be given several times.
    #[arg(long, value_name = "ADDR[/BITS]", help_heading = "Selecting")]
    pub host: Vec<String>,
    /// Only this connection (Wireshark's tcp.stream); may be given several times.
    #[arg(long, value_name = "N", help_heading = "Selecting")]
    pub connection: Vec<u64>,
    /// Only packets captured at this time or later: RFC 3339, seconds since 1970, or +SECONDS after the first packet.
    #[arg(long, value_name = "TIME", help_heading = "Selecting")]
    pub from: Option<String>,
    /// Only packets captured before this time.
    #[arg(long, value_name = "TIME", help_heading = "Selecting")]
    pub to: Option<String>,
    /// Treat a capture that ends in the middle of a packet as trouble.
    #[arg(long, help_heading = "Reading")]
    pub strict: bool,
    /// Drop packets with a wrong IP or TCP checksum, instead of counting them.
    #[arg(long, help_heading = "Reading")]
    pub verify_checksums: bool,
    /// Tell equal 4-tuples apart by VLAN or tunnel network number as well.
    #[arg(
        long,
        value_name = "KEY",
        value_delimiter = ',',
        help_heading = "Reading"
    )]
    pub flow_key: Vec<FlowKeyPart>,
    /// UDP port that carries VXLAN, beside 4789, 4790 and 8472; may be given several times.
    #[arg(long, value_name = "PORT", help_heading = "Reading")]
    pub vxlan_port: Vec<u16>,
    /// What becomes of urgent bytes: left in the stream, or taken out of it.
    #[arg(
        long,
        value_name = "HOW",
        default_value = "inline",
        help_heading = "Reading"
    )]
    pub urgent: Urgent,
    /// Read the captures in the order given, one behind the other, whatever their times.
    #[arg(long, help_heading = "Reading")]
    pub in_order_given: bool,
    /// At the end of the last capture wait for more until Ctrl-C; it may be a pattern ('DIR/*.pcap'), whose next file
    /// follows.
    #[arg(long, help_heading = "Reading")]
    pub follow: bool,
    /// Maximum window of zstd data, in bytes: memory that a capture may demand.
    #[arg(
        long,
        value_name = "BYTES",
        default_value = "134217728",
        help_heading = "Reading"
    )]
    pub max_window: u64,
    /// Longest packet record believed, in bytes.
    #[arg(
        long,
        value_name = "BYTES",
        default_value = "262144",
        help_heading = "Reading"
    )]
    pub max_record: u32,
}

/// What a protocol's lengths count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lengths {
    /// The bytes between header and end marker.
    Payload,
    /// The whole frame.
    Frame,
}

/// What distinguishes flows besides the 4-tuple.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FlowKeyPart {
    /// Outermost VLAN tag.
    Vlan,
    /// VXLAN, GENEVE or GTP-U network number.
    Vni,
}

/// Urgent bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Urgent {
    /// Left in the stream.
    Inline,
    /// Taken out of it.
    Oob,
}
