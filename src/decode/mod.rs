//! From a packet to the TCP segment in it.
//!
//! Knows link layers, tunnels and IP; nothing of containers, connections or frames. It is the only place that names
//! `etherparse`. A packet goes in, segments (in aggregated 802.11 frames several) and a verdict come out; the only
//! memory is a bounded pool of IP fragments.
//!
//! The usual packet takes a straight way ([`Decoder::decode`]), the plainest of them a shorter one still; whatever surprises on it goes, from its first byte
//! again, through the complete walk over the layers, which alone decides what cannot be decoded and why.

mod capwap;
mod checksum;
mod config;
mod device;
mod esp;
mod ethernet;
mod fragments;
mod gre;
mod host;
mod ip;
mod l2tp;
mod lane;
mod link;
mod options;
mod overlay;
mod plain;
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
pub use lane::Lane;
pub use options::TcpOptions;
pub use reason::{Group, Reason, Verdict};
pub use segment::{Addr, Endpoint, Flags, Segment, TcpChecksum};
pub use stats::{ChecksumStats, DecodeStats, FragmentStats, Tunnel};
pub use tally::{Count, Numbers};

use crate::capture::Packet;
use ip::protocol;
use view::View;
use walk::Walk;

/// Decodes packets one after the other, in the order captured.
#[derive(Debug, Default)]
pub struct Decoder {
    config: DecodeConfig,
    stats: DecodeStats,
    /// Packets that were as plain as can be, each with one segment: part of three counts in `stats`.
    plain: u64,
    plain_checksums: ChecksumStats,
    fragments: fragments::Pool,
}

impl Decoder {
    /// A decoder that has seen nothing yet.
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
        if let Some(plain) = plain::Plain::of(packet)
            && let Some(checksum) = self.checked(&plain, packet.number)
        {
            self.plain += 1;
            emit(&plain.segment(packet, checksum));
            return Verdict::Tcp;
        }
        self.other(packet, &mut |segment| emit(segment))
    }

    /// The same for one of two readers that share the connections: lends the segments of its lane, and none in the place
    /// of each segment of the other.
    #[inline(always)]
    pub fn decode_in_lane(
        &mut self,
        packet: &Packet<'_>,
        lane: Lane,
        emit: &mut impl FnMut(Option<&Segment<'_>>),
    ) -> Verdict {
        if let Some(plain) = plain::Plain::of(packet) {
            if plain.lane() != lane {
                self.plain += 1;
                emit(None);
                return Verdict::Tcp;
            }
            if let Some(checksum) = self.checked(&plain, packet.number) {
                self.plain += 1;
                emit(Some(&plain.segment(packet, checksum)));
                return Verdict::Tcp;
            }
        }
        self.other(packet, &mut |segment| {
            let own = Lane::of(segment.src, segment.dst) == lane;
            emit(own.then_some(segment));
        })
    }

    /// The capture has ended: what fragments are still open stay incomplete, and are counted so.
    pub fn finish(&mut self) {
        self.fragments.clear(&mut self.stats.fragments);
    }

    /// What has been counted up to here.
    pub fn stats(&self) -> DecodeStats {
        let mut stats = self.stats.clone();
        stats.packets += self.plain;
        stats.tcp += self.plain;
        stats.segments += self.plain;
        stats.checksums += &self.plain_checksums;
        stats
    }

    /// Counts of the checksums that only this one of two readers has looked at: those of the plainest packets of its
    /// lane.
    pub fn own_checksums(&self) -> &ChecksumStats {
        &self.plain_checksums
    }

    /// The TCP checksum of a packet on the fast path. None if a checksum is not right and such packets are dropped:
    /// the full walk decides then.
    #[inline(always)]
    fn checked(&mut self, plain: &plain::Plain<'_>, number: u64) -> Option<TcpChecksum> {
        match self.config.checksums {
            Checksums::Ignore => Some(TcpChecksum::Unchecked),
            _ if plain.is_sound() => Some(TcpChecksum::Right),
            Checksums::Count => Some(self.count_wrong(plain, number)),
            Checksums::Drop => None,
        }
    }

    #[inline(never)]
    fn count_wrong(&mut self, plain: &plain::Plain<'_>, number: u64) -> TcpChecksum {
        let view = View::new(plain.tcp, plain.tcp.len());
        std::mem::swap(&mut self.stats.checksums, &mut self.plain_checksums);
        // Where checksums are only counted, none is a reason to drop the packet.
        let _ = self.check_ip(plain.ip_header(), number);
        let checksum = self.check_tcp(view, &plain.ip(), number);
        std::mem::swap(&mut self.stats.checksums, &mut self.plain_checksums);
        checksum.unwrap_or(TcpChecksum::Wrong)
    }

    /// Everything that is not as plain.
    #[inline(never)]
    fn other(&mut self, packet: &Packet<'_>, emit: &mut dyn FnMut(&Segment<'_>)) -> Verdict {
        let verdict = match self.usual(packet, emit) {
            Some(verdict) => verdict,
            None => self.unusual(packet, emit),
        };
        self.stats.verdict(verdict, packet.number);
        verdict
    }

    /// The straight way: a usual link layer, at most one VLAN tag, an IP header, TCP. None as soon as anything is not
    /// as usual, and then nothing has been counted or emitted yet.
    #[inline]
    fn usual(
        &mut self,
        packet: &Packet<'_>,
        emit: &mut dyn FnMut(&Segment<'_>),
    ) -> Option<Verdict> {
        let (view, vlan) = link::usual(packet)?;
        let (ip, header, payload) = match view.data.first()? >> 4 {
            4 => {
                let v4 = ip::v4(view).ok()?;
                if v4.protocol != protocol::TCP
                    || v4.fragment.is_some()
                    || v4.length != ip::Length::Within
                {
                    return None;
                }
                (v4.ip, v4.header, v4.payload)
            }
            6 => {
                let v6 = ip::v6(view).ok()?;
                if v6.next != protocol::TCP || v6.length != ip::Length::Within {
                    return None;
                }
                (v6.ip, &[][..], v6.payload)
            }
            _ => return None,
        };
        let mut segment = tcp::usual(payload, &ip, packet)?;
        segment.vlan = vlan;
        if self.config.checksums != Checksums::Ignore {
            if !header.is_empty()
                && let Err(reason) = self.check_ip(header, packet.number)
            {
                return Some(Verdict::Other(reason));
            }
            match self.check_tcp(payload, &ip, packet.number) {
                Ok(checksum) => segment.checksum = checksum,
                Err(reason) => return Some(Verdict::Other(reason)),
            }
        }
        self.tell(payload, &segment, emit);
        Some(Verdict::Tcp)
    }

    /// Every layer, step by step.
    #[cold]
    fn unusual(&mut self, packet: &Packet<'_>, emit: &mut dyn FnMut(&Segment<'_>)) -> Verdict {
        Walk::new(self, packet, emit).packet()
    }

    /// Counts and emits a segment, which stands at the start of `view`.
    #[inline]
    fn tell(
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

    /// Checks the checksum of an IPv4 header, if asked to.
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

    /// Checks the checksum of a TCP segment if it was captured whole, and counts what is not right. An error if
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
