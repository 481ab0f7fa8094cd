//! What is known of each capture: one row of the capture table.

use std::fmt;

use super::{Cut, LinkType, Notice, NoticeKind, Problem, Time, fast::Run, record::Record};

/// Container format of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// pcap with times in microseconds.
    Pcap,
    /// pcap with times in nanoseconds.
    PcapNanoseconds,
    /// pcap as modified by Kuznetzov: longer record headers.
    PcapModified,
    /// pcapng.
    Pcapng,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pcap => "pcap",
            Self::PcapNanoseconds => "pcap (nanoseconds)",
            Self::PcapModified => "pcap (modified)",
            Self::Pcapng => "pcapng",
        })
    }
}

/// How a capture is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// gzip (RFC 1952), one member or several.
    Gzip,
    /// Zstandard (RFC 8878), one frame or several.
    Zstd,
    /// LZ4 frame format, one frame or several.
    Lz4,
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "uncompressed",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
        })
    }
}

/// Where times went back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockStep {
    /// How many times they went back by [`ClockStep::MIN_NS`] or more.
    pub count: u64,
    /// By how much at most, in nanoseconds.
    pub longest_ns: u64,
    /// The packet that is earlier by that much than the one before.
    pub packet: u64,
    /// Its time.
    pub time: Option<Time>,
}

impl ClockStep {
    /// Smaller steps are jitter, in nanoseconds.
    pub const MIN_NS: u64 = 1_000_000_000;
}

/// What is known of one capture; covers what has been read so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaptureInfo {
    /// Its name, as given.
    pub name: String,
    /// Container format; none if it is no capture.
    pub format: Option<Format>,
    /// How it is compressed.
    pub compression: Compression,
    /// Its position among the captures given, from 0; `Packet::capture` of its packets.
    pub given: u32,
    /// Number of its first packet, or what that would have been.
    pub first_packet: u64,
    /// Packets read.
    pub packets: u64,
    /// Blocks of a pcapng that hold no packet and have a packet number, as in Wireshark: journal, custom, sysdig.
    pub other_blocks: u64,
    /// Whether its packets were merged by time with those of another capture: their numbers need not be consecutive.
    pub merged: bool,
    /// Bytes of them that were captured.
    pub captured_bytes: u64,
    /// Bytes that they had on the wire.
    pub wire_bytes: u64,
    /// Lowest time of a packet.
    pub first_time: Option<Time>,
    /// Highest time of a packet.
    pub last_time: Option<Time>,
    /// Link types and how many packets have each, in order of appearance.
    pub links: Vec<(LinkType, u64)>,
    /// Packets of which the snap length cut a part off.
    pub cut_short: u64,
    /// Packets with a fraction of a second of one second or more, which was carried over.
    pub bad_fractions: u64,
    /// Packets earlier than the one before them in this capture.
    pub backwards: u64,
    /// Of these, the one that is earlier by most.
    pub clock_step: Option<ClockStep>,
    /// Packets without a time.
    pub without_time: u64,
    /// Set if the capture ends in the middle of a record or of its compressed data.
    pub truncated: Option<Cut>,
    /// Set if reading ended for another reason than the end.
    pub problem: Option<Problem>,
    /// What else was noticed.
    pub notices: Vec<Notice>,
    /// Time of the packet before.
    previous: Option<Time>,
    /// Index in `links` of the packet before.
    link: usize,
}

impl CaptureInfo {
    pub(super) fn new(name: String, given: u32, first_packet: u64) -> Self {
        Self {
            name,
            given,
            first_packet,
            ..Self::default()
        }
    }

    /// Counts packets of the same link type as the one before them, none of them earlier.
    pub(super) fn count_run(&mut self, run: &Run) {
        self.packets += run.packets;
        self.captured_bytes += run.captured;
        self.wire_bytes += run.captured + run.not_captured;
        self.cut_short += run.cut_short;
        if let Some((_, packets)) = self.links.get_mut(self.link) {
            *packets += run.packets;
        }
        self.last_time = run.last_time;
        self.previous = run.last_time;
    }

    /// Counts packet `number`.
    pub(super) fn count(&mut self, record: &Record, number: u64) {
        self.packets += 1;
        self.captured_bytes += record.len as u64;
        self.wire_bytes += u64::from(record.wire_len);
        self.cut_short += u64::from((record.len as u64) < u64::from(record.wire_len));
        self.bad_fractions += u64::from(record.bad_fraction);
        match self.links.get_mut(self.link) {
            Some((link, packets)) if *link == record.link => *packets += 1,
            _ => self.other_link(record.link),
        }
        match (record.time, self.last_time) {
            (Some(time), Some(last)) if time >= last => {
                self.last_time = record.time;
                self.previous = record.time;
            }
            (time, _) => self.other_time(time, number),
        }
    }

    fn other_link(&mut self, link: LinkType) {
        if let Some(at) = self.links.iter().position(|known| known.0 == link) {
            self.link = at;
        } else {
            self.link = self.links.len();
            self.links.push((link, 0));
        }
        if let Some((_, packets)) = self.links.get_mut(self.link) {
            *packets += 1;
        }
    }

    fn other_time(&mut self, time: Option<Time>, number: u64) {
        let Some(time) = time else {
            self.without_time += 1;
            return;
        };
        if let Some(previous) = self.previous
            && time < previous
        {
            self.step_back(time, previous, number);
        }
        self.previous = Some(time);
        self.first_time = Some(self.first_time.map_or(time, |first| first.min(time)));
        self.last_time = Some(self.last_time.map_or(time, |last| last.max(time)));
    }

    /// A packet that is earlier than the one before.
    fn step_back(&mut self, time: Time, previous: Time, packet: u64) {
        self.backwards += 1;
        let ns = u64::try_from(previous.since(time)).unwrap_or(0);
        let step = self.clock_step.get_or_insert_default();
        step.count += u64::from(ns >= ClockStep::MIN_NS);
        if ns > step.longest_ns {
            (step.longest_ns, step.packet, step.time) = (ns, packet, Some(time));
        }
    }

    /// Adds a notice, or counts it if there is one of its kind.
    pub(super) fn notice(&mut self, kind: NoticeKind, offset: u64) {
        let like = |known: &&mut Notice| {
            std::mem::discriminant(&known.kind) == std::mem::discriminant(&kind)
        };
        match self.notices.iter_mut().find(like) {
            Some(known) => known.count += 1,
            None => self.notices.push(Notice {
                kind,
                offset,
                count: 1,
            }),
        }
    }
}
