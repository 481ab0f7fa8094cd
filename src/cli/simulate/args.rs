//! The options of `deframe simulate` as they are typed.

use std::path::PathBuf;

use clap::Args;
use deframe::simulate::{Isn, StartOffset};

use super::{incidents::IncidentArgs, names::*, values};

/// `simulate`.
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct SimulateArgs {
    /// The capture to write, `-` for standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Write what is in it, as JSON.
    #[arg(long, value_name = "FILE")]
    pub truth: Option<PathBuf>,
    /// The same seed and options give the same capture.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Protocol that the devices speak; its frames must be of fixed size.
    #[arg(long, value_name = "NAME|FILE", default_value = "fd")]
    pub protocol: String,
    /// Start from the traffic of a benchmark: 100 connections without end; needs --size.
    #[arg(long, value_enum, requires = "size")]
    pub profile: Option<ProfileName>,

    /// Devices, all at work at the same time [default: 4].
    #[arg(long, value_name = "N", help_heading = "Devices")]
    pub devices: Option<u32>,
    /// Connections that each device makes one after the other [default: 1].
    #[arg(long, value_name = "N", help_heading = "Devices")]
    pub connections: Option<u32>,
    /// Frames on each connection [default: 100].
    #[arg(long, value_name = "N", help_heading = "Devices")]
    pub frames: Option<u64>,
    /// Stop when the capture is so large: bytes, or with KiB, MiB, GiB.
    #[arg(long, value_name = "SIZE", value_parser = values::size, help_heading = "Devices")]
    pub size: Option<u64>,
    /// Send whole messages in turn, not single frames.
    #[arg(long, help_heading = "Devices")]
    pub messages: bool,
    /// Weights of the frame types, in the protocol's order [default: all 1].
    #[arg(
        long,
        value_name = "N,N...",
        value_delimiter = ',',
        help_heading = "Devices"
    )]
    pub mix: Vec<u32>,
    /// What payloads are made of.
    #[arg(long, value_enum, default_value = "random", help_heading = "Devices")]
    pub payload: PayloadName,
    /// Mean time between two writes of a device, in milliseconds.
    #[arg(
        long,
        value_name = "MS",
        default_value = "10",
        value_parser = values::milliseconds,
        help_heading = "Devices"
    )]
    pub interval: u64,
    /// When the capture begins, in seconds since 1970.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 1_700_000_000,
        value_parser = clap::value_parser!(i64).range(0..=i64::from(u32::MAX)),
        help_heading = "Devices"
    )]
    pub start: i64,

    /// Port of the server.
    #[arg(long, value_name = "PORT", default_value_t = 9000, value_parser = clap::value_parser!(u16).range(1..), help_heading = "TCP")]
    pub port: u16,
    /// How the streams are cut into segments.
    #[arg(long, value_enum, help_heading = "TCP")]
    pub segmentation: Option<SegmentationName>,
    /// Most payload bytes of a segment.
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t = 1460,
        value_parser = clap::value_parser!(u16).range(1..=65_000),
        help_heading = "TCP"
    )]
    pub mss: u16,
    /// Rate of segments that the capture misses though the server got them.
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = "TCP")]
    pub drop: Option<f64>,
    /// How many segments in a row are missed then.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "TCP")]
    pub drop_burst: u32,
    /// Rate of segments lost on the way and sent again.
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = "TCP")]
    pub loss: Option<f64>,
    /// Rate of segments captured later than they were sent.
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = "TCP")]
    pub reorder: Option<f64>,
    /// By how many segments.
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = "TCP")]
    pub reorder_by: u32,
    /// Rate of segments sent again though they were seen.
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = "TCP")]
    pub retransmit: Option<f64>,
    /// Rate of segments sent again in part.
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = "TCP")]
    pub partial_retransmit: Option<f64>,
    /// Rate of packets that a mirror port delivers twice.
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = "TCP")]
    pub duplicate: Option<f64>,
    /// Rate of segments followed by a keep-alive.
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = "TCP")]
    pub keepalive: Option<f64>,
    /// Rate of segments sent again with other bytes.
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = "TCP")]
    pub conflict: Option<f64>,
    /// Rate of packets with a wrong TCP checksum.
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = "TCP")]
    pub bad_checksum: Option<f64>,
    /// Rate of segments captured after the acknowledgement that they caused.
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = "TCP")]
    pub ack_early: Option<f64>,
    /// Rate of writes that the server answers with a few bytes.
    #[arg(long, value_name = "RATE", value_parser = values::rate, default_value_t = 0.0, help_heading = "TCP")]
    pub replies: f64,
    /// The server acknowledges nothing.
    #[arg(long, help_heading = "TCP")]
    pub no_acks: bool,
    /// The capture begins after the handshakes.
    #[arg(long, help_heading = "TCP")]
    pub midstream: bool,
    /// Where the first frame of a mid-stream capture is entered: a number of bytes, or `random`.
    #[arg(long, value_name = "BYTES|random", value_parser = values::start_offset, requires = "midstream", help_heading = "TCP")]
    pub start_offset: Option<StartOffset>,
    /// How connections end.
    #[arg(long, value_enum, default_value = "fin", help_heading = "TCP")]
    pub close: CloseName,
    /// Devices connect again from the same port.
    #[arg(long, help_heading = "TCP")]
    pub port_reuse: bool,
    /// All devices share one address.
    #[arg(long, conflicts_with = "port_reuse", help_heading = "TCP")]
    pub nat: bool,
    /// Each device begins all its connections with the same sequence number.
    #[arg(long, conflicts_with = "isn", help_heading = "TCP")]
    pub constant_isn: bool,
    /// First sequence number: a number, `random`, or `wrap` (shortly before 2^32).
    #[arg(long, value_name = "N|random|wrap", value_parser = values::isn, default_value = "random", help_heading = "TCP")]
    pub isn: Isn,

    #[command(flatten)]
    pub incidents: IncidentArgs,

    /// Rate of frames with a wrong header.
    #[arg(
        long,
        value_name = "RATE", value_parser = values::rate,
        default_value_t = 0.0,
        help_heading = "Faults"
    )]
    pub bad_header: f64,
    /// Rate of frames with a wrong end marker.
    #[arg(
        long,
        value_name = "RATE", value_parser = values::rate,
        default_value_t = 0.0,
        help_heading = "Faults"
    )]
    pub bad_end_marker: f64,
    /// Rate of frames with bytes missing.
    #[arg(
        long,
        value_name = "RATE", value_parser = values::rate,
        default_value_t = 0.0,
        help_heading = "Faults"
    )]
    pub short_frame: f64,
    /// Rate of frames with bytes too many.
    #[arg(
        long,
        value_name = "RATE", value_parser = values::rate,
        default_value_t = 0.0,
        help_heading = "Faults"
    )]
    pub long_frame: f64,
    /// Rate of frames with junk behind them.
    #[arg(
        long,
        value_name = "RATE", value_parser = values::rate,
        default_value_t = 0.0,
        help_heading = "Faults"
    )]
    pub junk: f64,
    /// The last frame of every connection is cut short.
    #[arg(long, help_heading = "Faults")]
    pub truncate_end: bool,

    /// Container.
    #[arg(long, value_enum, default_value = "pcap", help_heading = "Capture")]
    pub format: FormatName,
    /// Byte order of the container.
    #[arg(long, value_enum, default_value = "little", help_heading = "Capture")]
    pub endian: EndianName,
    /// Times in nanoseconds, not microseconds.
    #[arg(long, help_heading = "Capture")]
    pub nanoseconds: bool,
    /// Interfaces of a pcapng capture.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), default_value_t = 1, help_heading = "Capture")]
    pub interfaces: u32,
    /// Link layer.
    #[arg(long, value_enum, default_value = "ethernet", help_heading = "Capture")]
    pub link: LinkName,
    /// VLAN tags, outermost first.
    #[arg(
        long,
        value_name = "ID,ID...", value_parser = clap::value_parser!(u16).range(0..=4094),
        value_delimiter = ',',
        help_heading = "Capture"
    )]
    pub vlan: Vec<u16>,
    /// IPv6.
    #[arg(long, help_heading = "Capture")]
    pub ipv6: bool,
    /// Most bytes captured of a packet; 0 for all.
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t = 0,
        help_heading = "Capture"
    )]
    pub snaplen: u32,
    /// Only the devices' packets are captured.
    #[arg(long, help_heading = "Capture")]
    pub one_way: bool,
}
