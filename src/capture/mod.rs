//! Packets out of capture files: pcap and pcapng, plain or compressed, from files and pipes; and the writing of both.
//!
//! Knows containers and compression, nothing of what is inside a packet. The only room that names `pcap-parser` and the
//! decompressors. Formats are recognised by content, never by file name.

mod ahead;
mod arrange;
mod block;
mod chunk;
mod fast;
mod info;
mod input;
mod interface;
mod order;
mod pcap;
mod pcapng;
mod problem;
mod record;
mod set;
mod sniff;
mod source;
mod time;
mod unpack;
mod write;

pub use fast::Batch;
pub use info::{CaptureInfo, ClockStep, Compression, Format};
pub use input::{Follow, Input};
pub use problem::{Cut, Notice, NoticeKind, Problem, ProblemKind, in_words};
pub use set::{CaptureOrder, CaptureSet, ReadConfig};
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
            7 | 129 => "ARCnet",
            8 => "SLIP",
            9 | 50 | 166 | 204 => "PPP",
            10 => "FDDI",
            12 | 14 | 101 => "raw IP",
            51 => "PPPoE",
            100 => "RFC 1483",
            104 | 205 => "Cisco HDLC",
            105 | 119 | 127 | 163 => "802.11",
            108 => "BSD loop",
            109 => "ENC",
            113 => "Linux cooked",
            117 => "PFLOG",
            138 => "FireWire",
            178 => "Juniper Ethernet",
            192 => "PPI",
            197 => "ERF",
            228 => "IPv4",
            229 => "IPv6",
            239 => "NFLOG",
            240 | 241 => "netANALYZER",
            242 => "IP over InfiniBand",
            258 => "PKTAP",
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

/// One packet of a capture, borrowed from the read buffer.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Number from 1, running on over several captures; Wireshark's `frame.number`, of several captures that of
    /// mergecap's output.
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
