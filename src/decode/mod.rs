//! From a packet to the TCP segment in it.
//!
//! Knows link layers, tunnels and IP; nothing of containers, connections or frames. It is the only place that names
//! `etherparse`. A packet goes in, segments (in aggregated 802.11 frames several) and a verdict come out; the only
//! memory is a bounded pool of IP fragments.
//!
//! Most packets take one of the two fast paths of `fast.rs`. A packet that neither takes goes, from its first byte
//! again, through the full walk over the layers (`walk.rs`), which alone decides what cannot be decoded and why.
//!
//! # Example
//!
//! ```
//! use deframe::{
//!     capture::{LinkType, Packet},
//!     decode::{DecodeConfig, Decoder, Reason, Verdict},
//! };
//!
//! let mut decoder = Decoder::new(DecodeConfig::default());
//! let arp = [[0xff; 12].as_slice(), &[0x08, 0x06], &[0; 28]].concat();
//! let packet = Packet {
//!     number: 1,
//!     capture: 0,
//!     time: None,
//!     link: LinkType(1),
//!     fcs_len: 0,
//!     data: &arp,
//!     wire_len: arp.len() as u32,
//! };
//! let verdict = decoder.decode(&packet, &mut |segment| println!("{} bytes", segment.payload_len));
//! assert_eq!(verdict, Verdict::Other(Reason::Arp));
//! assert_eq!(decoder.stats().reason(Reason::Arp).packets, 1);
//! ```

mod capwap;
mod checksum;
mod config;
mod device;
mod esp;
mod ethernet;
mod fast;
mod fragments;
mod gre;
mod host;
mod ip;
mod l2tp;
mod lane;
mod link;
mod options;
mod overlay;
mod ppp;
mod reason;
mod segment;
mod stats;
mod tally;
mod tcp;
mod tunnel;
mod view;
mod walk;
mod wifi;

pub use config::{Checksums, DecodeConfig, UdpTunnel};
pub(crate) use lane::Lane;
pub use options::TcpOptions;
pub use reason::{Group, Reason, Verdict};
pub use segment::{Addr, Endpoint, Flags, Segment, TcpChecksum};
pub use stats::{ChecksumStats, DecodeStats, FragmentStats, Tunnel};
pub use tally::{Count, Numbers};

use crate::capture::Packet;
use fast::FastPacket;
use view::View;
use walk::Walk;

/// Decodes packets one after the other, in the order captured.
#[derive(Debug, Default)]
pub struct Decoder {
    config: DecodeConfig,
    stats: DecodeStats,
    /// Packets of the first fast path, each with one segment: part of three counts of [`Decoder::stats`].
    fast: u64,
    fast_checksums: ChecksumStats,
    fragments: fragments::Pool,
}

impl Decoder {
    /// A decoder that has not decoded anything.
    pub fn new(config: DecodeConfig) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// Decodes one packet and lends every TCP segment in it to `emit`. Whatever the bytes are, it gets one verdict,
    /// and that verdict is counted.
    #[inline(always)]
    pub fn decode(&mut self, packet: &Packet<'_>, emit: &mut impl FnMut(&Segment<'_>)) -> Verdict {
        if let Some(fast) = FastPacket::of(packet)
            && let Some(checksum) = self.checked(&fast, packet.number)
        {
            self.fast += 1;
            emit(&fast.segment(packet, checksum));
            return Verdict::Tcp;
        }
        self.other(packet, &mut |segment| emit(segment))
    }

    /// The same for one of two readers that share the connections: lends the segments of its lane, and `None` for each
    /// segment of the other lane.
    #[inline(always)]
    pub(crate) fn decode_in_lane(
        &mut self,
        packet: &Packet<'_>,
        lane: Lane,
        emit: &mut impl FnMut(Option<&Segment<'_>>),
    ) -> Verdict {
        if let Some(fast) = FastPacket::of(packet) {
            if fast.lane() != lane {
                self.fast += 1;
                emit(None);
                return Verdict::Tcp;
            }
            if let Some(checksum) = self.checked(&fast, packet.number) {
                self.fast += 1;
                emit(Some(&fast.segment(packet, checksum)));
                return Verdict::Tcp;
            }
        }
        self.other(packet, &mut |segment| {
            let own = Lane::of(segment.src, segment.dst) == lane;
            emit(own.then_some(segment));
        })
    }

    /// Ends the capture: datagrams of which fragments are missing are counted as incomplete.
    pub fn finish(&mut self) {
        self.fragments.clear(&mut self.stats.fragments);
    }

    /// What has been counted so far.
    pub fn stats(&self) -> DecodeStats {
        let mut stats = self.stats.clone();
        stats.packets += self.fast;
        stats.tcp += self.fast;
        stats.segments += self.fast;
        stats.checksums += &self.fast_checksums;
        stats
    }

    /// Checksums that only this one of two readers has verified: those of the packets of its lane on the first fast
    /// path.
    pub(crate) fn own_checksums(&self) -> &ChecksumStats {
        &self.fast_checksums
    }

    /// The TCP checksum of a packet on the first fast path. None if a checksum is not right and such packets are
    /// dropped: the full walk decides then.
    #[inline(always)]
    fn checked(&mut self, fast: &FastPacket<'_>, number: u64) -> Option<TcpChecksum> {
        match self.config.checksums {
            Checksums::Ignore => Some(TcpChecksum::Unchecked),
            _ if fast.is_right() => Some(TcpChecksum::Right),
            Checksums::Count => Some(self.count_wrong(fast, number)),
            Checksums::Drop => None,
        }
    }

    #[inline(never)]
    fn count_wrong(&mut self, fast: &FastPacket<'_>, number: u64) -> TcpChecksum {
        let view = View::new(fast.tcp, fast.tcp.len());
        std::mem::swap(&mut self.stats.checksums, &mut self.fast_checksums);
        // Where checksums are only counted, none is a reason to drop the packet.
        let _ = self.check_ip(fast.ip_header(), number);
        let checksum = self.check_tcp(view, &fast.ip(), number);
        std::mem::swap(&mut self.stats.checksums, &mut self.fast_checksums);
        checksum.unwrap_or(TcpChecksum::Wrong)
    }

    /// A packet that the first fast path does not take.
    #[inline(never)]
    fn other(&mut self, packet: &Packet<'_>, emit: &mut dyn FnMut(&Segment<'_>)) -> Verdict {
        let verdict = match self.short_walk(packet, emit) {
            Some(verdict) => verdict,
            None => self.full_walk(packet, emit),
        };
        self.stats.verdict(verdict, packet.number);
        verdict
    }

    /// Every layer, one by one.
    #[cold]
    fn full_walk(&mut self, packet: &Packet<'_>, emit: &mut dyn FnMut(&Segment<'_>)) -> Verdict {
        Walk::new(self, packet, emit).packet()
    }

    /// Counts and emits the segment at the start of `view`.
    #[inline]
    fn emit(
        &mut self,
        view: View<'_>,
        segment: &Segment<'_>,
        emit: &mut (impl FnMut(&Segment<'_>) + ?Sized),
    ) {
        if tcp::header_cut(view) {
            self.stats.tcp_header_cut.add(segment.packet);
        }
        self.stats.segments += 1;
        emit(segment);
    }

    /// Verifies the checksum of an IPv4 header, and counts it if it is not right.
    #[inline]
    fn check_ip(&mut self, header: &[u8], number: u64) -> Result<(), Reason> {
        match checksum::ipv4(header) {
            checksum::Check::Good => Ok(()),
            other => self.wrong_ip(other, number),
        }
    }

    #[cold]
    fn wrong_ip(&mut self, check: checksum::Check, number: u64) -> Result<(), Reason> {
        if check == checksum::Check::Empty {
            self.stats.checksums.ip_empty.add(number);
            return Ok(());
        }
        self.stats.checksums.ip_bad.add(number);
        match self.config.checksums {
            Checksums::Drop => Err(Reason::BadIpChecksum),
            Checksums::Count | Checksums::Ignore => Ok(()),
        }
    }

    /// Verifies the checksum of a TCP segment if it was captured whole, and counts what is not right. An error if
    /// packets with a wrong checksum are to be dropped.
    #[inline]
    fn check_tcp(
        &mut self,
        segment: View<'_>,
        ip: &ip::Ip,
        number: u64,
    ) -> Result<TcpChecksum, Reason> {
        let stats = &mut self.stats.checksums;
        if segment.wire > segment.data.len() {
            stats.tcp_unchecked.add(number);
            return Ok(TcpChecksum::Unchecked);
        }
        let (count, checksum) = match checksum::tcp(segment.data, ip) {
            checksum::Check::Good => return Ok(TcpChecksum::Right),
            checksum::Check::Empty => (&mut stats.tcp_empty, TcpChecksum::Offloaded),
            checksum::Check::Partial => (&mut stats.tcp_partial, TcpChecksum::Offloaded),
            checksum::Check::Bad => (&mut stats.tcp_bad, TcpChecksum::Wrong),
        };
        count.add(number);
        match checksum {
            TcpChecksum::Wrong if self.config.checksums == Checksums::Drop => {
                Err(Reason::BadTcpChecksum)
            }
            _ => Ok(checksum),
        }
    }
}

#[cfg(test)]
mod tests;
