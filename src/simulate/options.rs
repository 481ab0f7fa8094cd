//! What to simulate: plain values with usual defaults.

use std::io;

use super::Incidents;
use crate::capture::{Container, LinkType, Time, WriteFormat};

/// What the payloads of frames are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Payload {
    /// Random bytes.
    #[default]
    Random,
    /// Zero bytes.
    Zeros,
    /// Printable text.
    Ascii,
    /// A counter of 32 bits, big-endian, that runs on over the frames.
    Counter,
    /// Random bytes with headers, end markers and whole frames inside, at the worst places too.
    Adversarial,
}

/// How the sender cuts its stream into segments. None is longer than the MSS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segmentation {
    /// One frame a segment.
    One,
    /// Full segments of MSS bytes; the rest waits for the next frames.
    Mss,
    /// This many frames a segment, aligned to it.
    Coalesced {
        /// At least so many.
        min: u32,
        /// At most so many.
        max: u32,
    },
    /// The first frame of a burst at once, what follows as it piles up, with cuts inside frames.
    Nagle,
    /// Cuts anywhere.
    Random,
    /// 1 to 20 bytes a segment.
    Tiny,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Close {
    /// Both sides say FIN.
    #[default]
    Fin,
    /// The device says RST.
    Rst,
    /// The capture ends before the connection.
    None,
}

/// The sequence number of the device's SYN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isn {
    /// Any.
    #[default]
    Random,
    /// So close below 2^32 that the stream soon wraps.
    Wrap,
    /// This one.
    Fixed(u32),
    /// Any, and the same on all connections of a device.
    PerDevice,
}

/// Where in its first frame a device stands when the capture begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartOffset {
    /// At its first byte.
    #[default]
    Frame,
    /// So many bytes into it (modulo its size).
    At(u32),
    /// Anywhere.
    Random,
}

/// Link layer of the capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Ethernet II, with VLAN tags if [`SimConfig::vlans`] has any.
    #[default]
    Ethernet,
    /// Linux cooked capture v1.
    Sll,
    /// Linux cooked capture v2.
    Sll2,
    /// Bare IP.
    Raw,
    /// BSD loopback, address family in the byte order of the file.
    Null,
    /// OpenBSD loopback, address family big-endian.
    Loop,
}

impl Link {
    /// Its `LINKTYPE_` number.
    pub const fn link_type(self) -> LinkType {
        LinkType(match self {
            Self::Ethernet => 1,
            Self::Sll => 113,
            Self::Sll2 => 276,
            Self::Raw => 101,
            Self::Null => 0,
            Self::Loop => 108,
        })
    }
}

/// What TCP and the capture do to the segments. Rates are probabilities per data segment, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Impairments {
    /// Delivered to the server, but missed by the capture.
    pub drop: f64,
    /// How many segments in a row are missed then.
    pub drop_burst: u32,
    /// Lost before the place of capture, so that only the retransmission is seen.
    pub loss: f64,
    /// Seen later than segments that were sent after it.
    pub reorder: f64,
    /// How many segments of its connection overtake it.
    pub reorder_by: u32,
    /// Sent again, though it was seen.
    pub retransmit: f64,
    /// Sent again in part: a piece of an old segment, or a new one that begins with old bytes.
    pub partial_retransmit: f64,
    /// Captured twice, as mirror ports do: the very same packet. Per packet of any sort.
    pub duplicate: f64,
    /// Followed by a keep-alive, with and without its byte of garbage.
    pub keepalive: f64,
    /// Sent again with other bytes; the first ones count.
    pub conflict: f64,
    /// Its TCP checksum is wrong, its bytes are right. Per packet of any sort.
    pub bad_checksum: f64,
    /// Seen after the acknowledgement that it caused.
    pub ack_early: f64,
}

impl Default for Impairments {
    /// None.
    fn default() -> Self {
        Self {
            drop: 0.0,
            drop_burst: 1,
            loss: 0.0,
            reorder: 0.0,
            reorder_by: 3,
            retransmit: 0.0,
            partial_retransmit: 0.0,
            duplicate: 0.0,
            keepalive: 0.0,
            conflict: 0.0,
            bad_checksum: 0.0,
            ack_early: 0.0,
        }
    }
}

/// What devices garble. Rates are probabilities per frame, 0 to 1; of the first four a frame gets at most one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// One byte of the header is another.
    pub bad_header: f64,
    /// One byte of the end marker is another.
    pub bad_end_marker: f64,
    /// Bytes of the payload are missing.
    pub short_frame: f64,
    /// The payload has bytes too many.
    pub long_frame: f64,
    /// 1 to 200 random bytes between frames.
    pub junk: f64,
    /// The last frame of every connection is cut short.
    pub truncate_end: bool,
}

/// Everything that a simulation can be told.
#[derive(Clone, Debug, PartialEq)]
pub struct SimConfig {
    /// The same seed and options give the same bytes.
    pub seed: u64,
    /// Devices, all at work at the same time.
    pub devices: u32,
    /// Connections that each device makes one after the other; `u32::MAX` for no end.
    pub connections: u32,
    /// Frames that a device sends on one connection; `u64::MAX` for no end.
    pub frames: u64,
    /// Bytes of capture after which every device stops; 0 for no limit.
    pub size: u64,
    /// Send whole messages of the protocol, in turn; else single frames by [`SimConfig::mix`].
    pub messages: bool,
    /// Weight of each frame type; missing ones count 1.
    pub mix: Vec<u32>,
    /// What payloads are made of.
    pub payload: Payload,
    /// How the stream is cut into segments.
    pub segmentation: Segmentation,
    /// Most payload bytes of a segment, 1 to 65,000.
    pub mss: u16,
    /// What TCP and the capture do.
    pub trouble: Impairments,
    /// What the devices garble.
    pub faults: Faults,
    /// What happens to connections and to the capture.
    pub incidents: Incidents,
    /// Whether the capture holds the handshakes; without, it begins in the middle of the connections.
    pub handshake: bool,
    /// Where the first frame begins; only without handshake.
    pub start_offset: StartOffset,
    /// How connections end.
    pub close: Close,
    /// Only the device's packets are captured.
    pub one_way: bool,
    /// The server acknowledges.
    pub acks: bool,
    /// The server answers with a few bytes: probability per write of the device.
    pub replies: f64,
    /// A device connects again from the same port.
    pub port_reuse: bool,
    /// All devices share one address, as behind a router.
    pub nat: bool,
    /// Sequence number of the SYN.
    pub isn: Isn,
    /// Port of the server.
    pub server_port: u16,
    /// Link layer.
    pub link: Link,
    /// VLAN tags of every packet, outermost first; only for Ethernet.
    pub vlans: Vec<u16>,
    /// IPv6 instead of IPv4.
    pub ipv6: bool,
    /// Ethernet packets are padded to 60 bytes.
    pub padding: bool,
    /// TCP packets carry the timestamp option (RFC 7323).
    pub timestamps: bool,
    /// Container.
    pub format: WriteFormat,
    /// Interfaces of a pcapng capture, over which the devices are spread.
    pub interfaces: u32,
    /// Most bytes captured of a packet; 0 for all.
    pub snaplen: u32,
    /// When the capture begins.
    pub start: Time,
    /// Mean time between two writes of a device, in nanoseconds.
    pub interval: u64,
    /// Whether to say what is in it. Costs memory in proportion to the capture.
    pub truth: bool,
    /// Whether that has the payloads.
    pub truth_payloads: bool,
}

impl Default for SimConfig {
    /// Four devices, each a clean connection of 100 frames.
    fn default() -> Self {
        Self {
            seed: 1,
            devices: 4,
            connections: 1,
            frames: 100,
            size: 0,
            messages: false,
            mix: Vec::new(),
            payload: Payload::Random,
            segmentation: Segmentation::Nagle,
            mss: 1460,
            trouble: Impairments::default(),
            faults: Faults::default(),
            incidents: Incidents::default(),
            handshake: true,
            start_offset: StartOffset::Frame,
            close: Close::Fin,
            one_way: false,
            acks: true,
            replies: 0.0,
            port_reuse: false,
            nat: false,
            isn: Isn::Random,
            server_port: 9000,
            link: Link::Ethernet,
            vlans: Vec::new(),
            ipv6: false,
            padding: true,
            timestamps: false,
            format: WriteFormat::default(),
            interfaces: 1,
            snaplen: 0,
            start: Time::from_nanos(1_700_000_000_000_000_000),
            interval: 10_000_000,
            truth: true,
            truth_payloads: true,
        }
    }
}

/// Highest VLAN there is (IEEE 802.1Q, 9.6).
const LAST_VLAN: u16 = 4094;

/// Longest [`SimConfig::interval`], in nanoseconds.
const DAY: u64 = 86_400_000_000_000;

/// Nobody writes after this time, so that no sum of times overflows: in the year 2116.
pub(super) const LAST_TIME: i64 = i64::MAX / 2;

impl SimConfig {
    /// Everything that is a probability.
    fn rates(&self) -> [f64; 24] {
        let (t, f, i) = (&self.trouble, &self.faults, &self.incidents);
        [
            t.drop,
            t.loss,
            t.reorder,
            t.retransmit,
            t.partial_retransmit,
            t.duplicate,
            t.keepalive,
            t.conflict,
            t.bad_checksum,
            t.ack_early,
            f.bad_header,
            f.bad_end_marker,
            f.short_frame,
            f.long_frame,
            f.junk,
            self.replies,
            i.drop_syn,
            i.refused,
            i.unanswered,
            i.server_reset,
            i.bit_errors,
            i.zero_window,
            i.silence,
            i.other_blocks,
        ]
    }

    /// Maximum payload bytes of a captured segment: several of them where the capturing host merges.
    pub(super) fn segment_bytes(&self) -> u64 {
        (u64::from(self.mss) * u64::from(self.incidents.merge.max(1))).min(65_000)
    }

    /// What is wrong with them, if anything, as `InvalidInput`.
    pub(super) fn check(&self) -> io::Result<()> {
        let wrong = if self.rates().iter().any(|rate| !(0.0..=1.0).contains(rate)) {
            "a rate is not from 0 to 1"
        } else if self.mss == 0 || self.mss > 65_000 {
            "the MSS is not from 1 to 65,000"
        } else if self.size == 0 && (self.frames == u64::MAX || self.connections == u32::MAX) {
            "neither frames nor size end the capture"
        } else if self.frames == 0 && self.connections == u32::MAX {
            "connections without frames and without end"
        } else if self.handshake && self.start_offset != StartOffset::Frame {
            "a start inside a frame needs a capture without handshakes"
        } else if !self.vlans.is_empty() && self.link != Link::Ethernet {
            "VLAN tags need Ethernet"
        } else if self.vlans.iter().any(|&vlan| vlan > LAST_VLAN) {
            "a VLAN is over 4,094"
        } else if self.nat && self.port_reuse {
            "devices behind one address cannot each keep a port"
        } else if self.interval > DAY {
            "more than a day between two writes"
        } else if !(0..=LAST_TIME).contains(&self.start.nanos()) {
            "a start that captures cannot tell"
        } else if self.incidents.other_blocks > 0.0 && self.format.container != Container::Pcapng {
            "blocks without packets need pcapng"
        } else if self.incidents.reboot && self.nat {
            "devices behind one address cannot each keep a port"
        } else if !(0..=LAST_TIME)
            .contains(&self.start.nanos().saturating_add(self.incidents.clock_step))
        {
            "a step of the clock to before 1970"
        } else if self.incidents.timeout > DAY {
            "more than a day before a segment is sent again"
        } else if self.interfaces == 0 {
            "no interface"
        } else if matches!(self.segmentation, Segmentation::Coalesced { min, max } if min == 0 || min > max)
        {
            "frames a segment: not from 1 up"
        } else {
            return Ok(());
        };
        Err(io::Error::new(io::ErrorKind::InvalidInput, wrong))
    }
}
