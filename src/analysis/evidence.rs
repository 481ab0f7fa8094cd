//! What the frames of a stream show about causes: groups of like faults, a frame left open, pauses. Counted where it is
//! seen and only where there is some, for `diagnosis` to judge.

use std::collections::BTreeMap;

use crate::{
    analysis::Counts,
    capture::Time,
    decode::Endpoint,
    framing::FaultKind,
    pipeline::{FaultRecord, StreamRef},
    tcp::{EndedBy, Evidence, Gap, StreamId, StreamSummary},
};

/// Groups of faults kept apart in one stream; lengths beyond these share a group.
const MAX_GROUPS: usize = 12;

/// Streams listed of those that carry no payload.
const MAX_LISTED: usize = 20;

/// Faults that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultGroup {
    /// What is wrong.
    pub kind: FaultKind,
    /// Index of the frame type they come closest to, if any.
    pub nearest: Option<usize>,
    /// Their length in bytes; 0 where it differs or means nothing.
    pub length: u64,
    /// The first bytes of the first of them, at most four, big-endian and filled up with zeros.
    pub header: u32,
    /// How many, and where.
    pub seen: Evidence,
}

/// A pause between two frames of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pauses {
    /// How many pauses of [`Pauses::MIN_NS`] or more.
    pub count: u64,
    /// The longest, in nanoseconds.
    pub longest_ns: u64,
    /// All of them, in nanoseconds.
    pub total_ns: u64,
    /// First packet of the last frame before the longest.
    pub from_packet: u64,
    /// First packet of the first frame behind it.
    pub to_packet: u64,
}

impl Pauses {
    /// Shorter ones are not counted, in nanoseconds.
    pub const MIN_NS: u64 = 60_000_000_000;
}

/// What the frames of one stream show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameEvidence {
    /// Faults, but for those below.
    pub groups: Vec<FaultGroup>,
    /// Faults of which the sender may be innocent: their bytes came twice and differed, or they stand where a stream without
    /// SYN begins.
    pub disputed: Evidence,
    /// The stream's first bytes, in front of its first frame, if they are a fault.
    pub broken_start: Evidence,
    /// How many bytes these are.
    pub broken_start_bytes: u64,
    /// The frame that was open when the stream was closed, as far as it got.
    pub open_at_end: Evidence,
    /// How many bytes of it were sent.
    pub open_bytes: u64,
    /// Bytes of a frame that was open when the capture ended or the connection fell silent.
    pub unfinished_bytes: u64,
    /// Gaps, by cause as in [`Counts::CAUSES`].
    pub gaps: [Evidence; 3],
    /// Long pauses between frames.
    pub pauses: Pauses,
    /// First packet of the last frame, 0 without any.
    pub last_frame_packet: u64,
    /// Time from the last frame to the last packet of the connection, in nanoseconds, to 17 ms.
    pub silent_at_end_ns: u64,
    /// The latest fault, until it is known whether it is the stream's end: where it ends, and the fault.
    pub(super) pending: Option<(u64, FaultGroup)>,
}

/// Bytes at the start of a stream without SYN in which a frame may have been found where none was: headers and end markers
/// stand in payloads, too.
const FALSE_START_BYTES: u64 = 1024;

impl FrameEvidence {
    /// Counts a fault of a stream whose start was captured (`syn`) or not.
    pub(super) fn add_fault(&mut self, fault: &FaultRecord<'_>, syn: bool) {
        self.settle();
        let place = &fault.place;
        let mut seen = Evidence::default();
        seen.add(place.first_packet, place.time, 0);
        seen.last_packet = place.last_packet;
        if place.conflict || !syn && fault.offset < FALSE_START_BYTES {
            self.disputed += seen;
            return;
        }
        if fault.offset == 0 {
            self.broken_start = seen;
            self.broken_start_bytes = fault.length;
            return;
        }
        let mut header = [0; 4];
        header
            .iter_mut()
            .zip(fault.head)
            .for_each(|(to, from)| *to = *from);
        let group = FaultGroup {
            kind: fault.kind,
            nearest: fault.nearest,
            length: fault.length,
            header: u32::from_be_bytes(header),
            seen,
        };
        self.pending = Some((fault.offset.saturating_add(fault.length), group));
    }

    /// The latest fault is not the stream's end.
    fn settle(&mut self) {
        if let Some((_, group)) = self.pending.take() {
            self.add_group(group);
        }
    }

    fn add_group(&mut self, mut group: FaultGroup) {
        if group.kind != FaultKind::BadLength {
            group.length = 0;
        }
        let alike = |known: &&mut FaultGroup| {
            (known.kind, known.nearest, known.length) == (group.kind, group.nearest, group.length)
        };
        if let Some(known) = self.groups.iter_mut().find(alike) {
            known.seen += group.seen;
        } else if self.groups.len() < MAX_GROUPS {
            self.groups.push(group);
        } else if let Some(known) =
            (self.groups.iter_mut().rev()).find(|known| known.kind == group.kind)
        {
            known.length = 0;
            known.seen += group.seen;
        } else if let Some(last) = self.groups.last_mut() {
            last.seen += group.seen;
        }
    }

    pub(super) fn add_gap(&mut self, gap: &Gap) {
        let at = Counts::CAUSES.iter().position(|cause| *cause == gap.cause);
        self.gaps[at.unwrap_or(0)].add(gap.packet, gap.time, 0);
    }

    /// Whether a pause between two frames counts; and counts it.
    #[cold]
    pub(super) fn add_pause(&mut self, ns: u64, from_packet: u64, to_packet: u64) {
        let pauses = &mut self.pauses;
        pauses.count += 1;
        pauses.total_ns = pauses.total_ns.saturating_add(ns);
        if ns > pauses.longest_ns {
            pauses.longest_ns = ns;
            (pauses.from_packet, pauses.to_packet) = (from_packet, to_packet);
        }
    }

    /// The stream ends at this offset.
    pub(super) fn close(&mut self, end: u64) {
        match self.pending.take() {
            Some((at, group)) if at == end && group.kind == FaultKind::Truncated => {
                self.open_at_end = group.seen;
                self.open_bytes = group.length;
            }
            Some((_, group)) => self.add_group(group),
            None => {}
        }
    }
}

/// When and in which packet the latest frame of a stream began: low bits, for there is one for each open stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Latest {
    /// Time in units of 2^24 ns; 0 before the first.
    units: u32,
    packet: u32,
}

impl Latest {
    const SHIFT: u32 = 24;
    /// The shortest pause that is counted, in units.
    const MIN: u32 = (Pauses::MIN_NS >> Self::SHIFT) as u32;

    fn units(time: Time) -> u32 {
        // 0 stands for none.
        (time.nanos() >> Self::SHIFT) as u32 | 1
    }

    /// A frame began. Gives the pause before it, in nanoseconds, and the packet of the frame before, if that was long ago.
    #[inline(always)]
    pub fn next(&mut self, time: Time, packet: u64) -> Option<(u64, u64)> {
        let before = std::mem::replace(
            self,
            Self {
                units: Self::units(time),
                packet: packet as u32,
            },
        );
        let units = self.units.wrapping_sub(before.units);
        // Times that go back are far ahead here.
        if !(Self::MIN..=u32::MAX / 2).contains(&units) || before.units == 0 {
            return None;
        }
        let packets = self.packet.wrapping_sub(before.packet);
        Some((
            u64::from(units) << Self::SHIFT,
            packet.saturating_sub(packets.into()),
        ))
    }

    /// Time since then, in nanoseconds.
    pub fn since(self, time: Option<Time>) -> u64 {
        let (Some(time), 1..) = (time, self.units) else {
            return 0;
        };
        let units = Self::units(time).wrapping_sub(self.units);
        if units > u32::MAX / 2 {
            return 0;
        }
        u64::from(units) << Self::SHIFT
    }

    /// Number of its packet, which came no later than `last`.
    pub fn packet(self, last: u64) -> u64 {
        match self.units {
            0 => 0,
            _ => last.saturating_sub((last as u32).wrapping_sub(self.packet).into()),
        }
    }
}

/// Streams of one kind: how many, and which were first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// How many, and where.
    pub seen: Evidence,
    /// The first of them.
    pub streams: Vec<ListedStream>,
}

/// A stream without payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedStream {
    /// Which.
    pub id: StreamId,
    /// Who sends.
    pub src: Endpoint,
    /// Who receives.
    pub dst: Endpoint,
    /// Its first packet.
    pub first_packet: u64,
}

/// Connections that carried no payload because something failed, by the port of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failed {
    ports: BTreeMap<u16, FailedAtPort>,
}

/// Ports kept apart; those of a scan beyond them are left out.
const MAX_PORTS: usize = 1024;

/// Connections to one port that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedAtPort {
    /// SYNs answered by RST.
    pub refused: Listed,
    /// SYNs without answer.
    pub unanswered: Listed,
    /// Connections that the server accepted and then reset, before either side sent anything.
    pub reset: Listed,
}

impl Failed {
    /// Judges a stream that carried no payload, from the client's side.
    pub(super) fn add(&mut self, origin: StreamRef<'_>, summary: &StreamSummary) {
        let (evidence, port) = (&summary.evidence, origin.begin.dst.port);
        if !self.ports.contains_key(&port) && self.ports.len() >= MAX_PORTS {
            return;
        }
        let failed = self.ports.entry(port).or_default();
        let list = if !summary.syn || origin.id.dir != crate::tcp::Dir::C2s {
            return;
        } else if evidence.peer_packets == 0 && !evidence.answered && !summary.rst {
            &mut failed.unanswered
        } else if evidence.peer_rst && !evidence.peer_accepted && !summary.rst {
            &mut failed.refused
        } else if evidence.peer_accepted
            && evidence.ended_by == EndedBy::Receiver
            && evidence.ended_by_rst
        {
            &mut failed.reset
        } else {
            return;
        };
        list.add(
            ListedStream {
                id: origin.id,
                src: origin.begin.src,
                dst: origin.begin.dst,
                first_packet: summary.first_packet,
            },
            summary.time,
        );
    }

    /// By the port of the server.
    pub fn ports(&self) -> impl Iterator<Item = (u16, &FailedAtPort)> {
        self.ports.iter().map(|(port, failed)| (*port, failed))
    }

    /// Gives all connections their numbers in the whole capture.
    pub(super) fn renumber(&mut self, number: impl Fn(u64) -> u64) {
        for failed in self.ports.values_mut() {
            for stream in failed
                .lists()
                .into_iter()
                .flat_map(|list| &mut list.streams)
            {
                stream.id.connection = number(stream.id.connection);
            }
        }
    }

    /// Adds those of other connections.
    pub(super) fn join(&mut self, other: Self) {
        for (port, mut others) in other.ports {
            let failed = self.ports.entry(port).or_default();
            for (list, others) in failed.lists().into_iter().zip(others.lists()) {
                list.join(others);
            }
        }
    }
}

impl FailedAtPort {
    fn lists(&mut self) -> [&mut Listed; 3] {
        [&mut self.refused, &mut self.unanswered, &mut self.reset]
    }
}

impl Listed {
    fn add(&mut self, stream: ListedStream, time: Option<Time>) {
        self.seen.add(stream.first_packet, time, 0);
        let at = (self.streams).partition_point(|known| known.first_packet < stream.first_packet);
        self.streams.insert(at, stream);
        self.streams.truncate(MAX_LISTED);
    }

    /// Adds those of other connections.
    fn join(&mut self, other: &Self) {
        self.seen += other.seen;
        self.streams.extend(&other.streams);
        self.streams.sort_by_key(|stream| stream.first_packet);
        self.streams.truncate(MAX_LISTED);
    }
}
