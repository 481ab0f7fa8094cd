//! Packets out of capture files: pcap and pcapng, plain or compressed, from files and pipes.
//!
//! Knows containers and compression, nothing of what is inside a packet. It is the only place that names
//! `pcap-parser` and the decompressors. Formats are told by content, never by file name.

mod at_hand;
mod chunk;
mod info;
mod interface;
mod order;
mod pcap;
mod pcapng;
mod problem;
mod record;
mod set;
mod sniff;
mod time;
mod unpack;
mod write;

pub use at_hand::AtHand;
pub use info::{CaptureInfo, ClockStep, Compression, Format};
pub use problem::{Cut, Notice, NoticeKind, Problem, ProblemKind, in_words};
pub use set::{CaptureSet, Input, ReadConfig};
pub use time::Time;
pub use write::{ByteOrder, Container, Interface, Resolution, WriteFormat, Writer};

/// Link-layer header type of a packet, a `LINKTYPE_` number (<https://www.tcpdump.org/linktypes.html>), without the
/// FCS and class bits that pcap keeps in the upper half of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// Its name in reports, of the types that can be decoded.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "BSD null",
            1 => "Ethernet",
            9 | 50 | 166 => "PPP",
            12 | 14 | 101 => "raw IP",
            51 => "PPPoE",
            105 | 127 => "802.11",
            108 => "BSD loop",
            113 => "Linux cooked",
            228 => "IPv4",
            229 => "IPv6",
            276 => "Linux cooked v2",
            _ => return None,
        })
    }
}

impl std::fmt::Display for LinkType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "link type {}", self.0),
        }
    }
}

/// One record of a capture, lent out of the read buffer.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Number from 1, running on over several captures; Wireshark's `frame.number` of the merged files.
    pub number: u64,
    /// Index of the capture (in the order given) that holds it.
    pub capture: u32,
    /// When it was captured; none in pcapng simple packets.
    pub time: Option<Time>,
    /// What its first byte is the start of.
    pub link: LinkType,
    /// Bytes of frame check sequence at the end of the packet on the wire, where the file says so.
    pub fcs_len: u8,
    /// The bytes captured.
    pub data: &'a [u8],
    /// Its length on the wire; more than `data.len()` where the snap length cut it.
    pub wire_len: u32,
}
