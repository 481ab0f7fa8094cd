//! One stream as the rules see it, and what only all streams together show.

use std::collections::{HashMap, HashSet};

use crate::{
    analysis::{FaultGroup, StreamNumbers, StreamStats},
    capture::Time,
    decode::{Addr, Endpoint},
    diagnosis::{case::Case, finding::FindingStream, threshold},
    framing::FaultKind,
    tcp::{Dir, EndedBy, Evidence},
};

/// One stream.
pub(super) struct Facts<'a> {
    pub case: &'a Case<'a>,
    pub all: &'a Together,
    pub stream: FindingStream,
    pub numbers: StreamNumbers,
}

/// What only all streams together show.
#[derive(Default)]
pub(super) struct Together {
    /// Lengths that are a type of their own, with the type whose header they have.
    unknown_types: HashSet<(Option<usize>, u64)>,
    /// Connections of devices that had restarted, by what ended the one before.
    pub restarts: HashMap<u64, Restart>,
    /// Ports on which frames were received.
    pub frame_ports: HashSet<u16>,
}

/// How a device left one connection and came back on another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Restart {
    /// It sent a RST in the middle of a frame; else it fell silent.
    pub by_reset: bool,
    /// Bytes of the frame that was open.
    pub open_bytes: u64,
    /// Last packet of the old connection, and its time.
    pub last_packet: u64,
    pub time: Option<Time>,
    /// When it came back, if it did: first packet, and after how long in nanoseconds.
    pub back: Option<(u64, u64)>,
}

/// A connection as far as a restart shows in it.
struct Connection {
    device: Addr,
    server: Endpoint,
    number: u64,
    first_packet: u64,
    last_packet: u64,
    begin: Option<Time>,
    end: Option<Time>,
    restart: Option<Restart>,
}

impl<'a> Facts<'a> {
    pub fn new(case: &'a Case<'a>, all: &'a Together, stream: &StreamStats) -> Self {
        let numbers = stream.numbers();
        let begin = &numbers.begin;
        Self {
            case,
            all,
            stream: FindingStream::new(stream.id, begin.src, begin.dst),
            numbers,
        }
    }

    /// Frames of the stream.
    pub fn frames(&self) -> u64 {
        self.numbers.counts.frame_count()
    }

    /// Frames, and faults that were to be frames.
    pub fn attempts(&self) -> u64 {
        self.frames() + self.numbers.counts.fault_count()
    }

    /// Whether faults of this group are of a type of their own.
    pub fn is_unknown_type(&self, group: &FaultGroup) -> bool {
        group.kind == FaultKind::BadLength
            && self
                .all
                .unknown_types
                .contains(&(header_of(self.case, group), group.length))
    }

    /// Whether faults of this group are a known type but for their length.
    pub fn is_wrong_length(&self, group: &FaultGroup) -> bool {
        let near = |(off, _): (i64, usize)| off.unsigned_abs() <= threshold::NEAR_LENGTH_BYTES;
        group.kind == FaultKind::BadLength
            && !self.is_unknown_type(group)
            && (group.length == 0
                || self
                    .case
                    .nearest_size(group.length, group.nearest)
                    .is_none_or(near))
    }

    /// The stream, from its first packet to its last.
    pub fn whole(&self, count: u64) -> Evidence {
        let summary = &self.numbers.summary;
        super::draft::evidence(
            count,
            summary.first_packet,
            summary.last_packet,
            summary.time,
        )
    }

    /// From the first packet of the stream to the last.
    pub fn duration_ns(&self) -> u64 {
        let summary = &self.numbers.summary;
        duration(summary.time, summary.end_time)
    }

    /// Mean time between its segments, long pauses left out, in nanoseconds.
    pub fn mean_interval_ns(&self) -> u64 {
        let (pauses, evidence) = (&self.numbers.evidence.pauses, &self.numbers.evidence);
        let (long, count) = match evidence.silent_at_end_ns >= crate::analysis::Pauses::MIN_NS {
            true => (
                pauses.total_ns + evidence.silent_at_end_ns,
                pauses.count + 1,
            ),
            false => (pauses.total_ns, pauses.count),
        };
        let intervals = self
            .numbers
            .summary
            .counts
            .segments
            .saturating_sub(1 + count)
            .max(1);
        self.duration_ns().saturating_sub(long) / intervals
    }

    /// Whether the capture can have held the acknowledgements of this stream, and does not.
    pub fn is_one_way(&self) -> bool {
        let (summary, evidence) = (&self.numbers.summary, &self.numbers.summary.evidence);
        let enough = summary.counts.segments >= threshold::ONE_WAY_SEGMENTS
            || summary.counts.segments > 1 && self.duration_ns() >= threshold::ONE_WAY_NS;
        let unheard = evidence.sent_again.count > summary.counts.segments / 2;
        enough && !unheard && !evidence.acknowledged
    }
}

impl Together {
    pub fn new(case: &Case<'_>) -> Self {
        let mut lengths = HashMap::<(Option<usize>, u64), (u64, u64)>::new();
        let (mut connections, mut frame_ports) = (Vec::new(), HashSet::new());
        for stream in &case.stats.streams {
            let numbers = stream.numbers();
            let attempts = numbers.counts.frame_count() + numbers.counts.fault_count();
            for group in &numbers.evidence.groups {
                if group.kind == FaultKind::BadLength && group.length > 0 {
                    let known = lengths
                        .entry((header_of(case, group), group.length))
                        .or_default();
                    known.0 += group.seen.count;
                    known.1 += attempts;
                }
            }
            if numbers.counts.frame_count() > 0 {
                frame_ports.insert(numbers.begin.dst.port);
            }
            if stream.id.dir == Dir::C2s && numbers.counts.frame_count() > 0 {
                connections.push(Connection::new(stream.id.connection, &numbers));
            }
        }
        let is_type = |count: u64, all: u64| {
            count >= threshold::UNKNOWN_TYPE_FRAMES
                && count * 100 >= all * threshold::UNKNOWN_TYPE_PERCENT
        };
        Self {
            unknown_types: (lengths.into_iter())
                .filter(|(_, (count, all))| is_type(*count, *all))
                .map(|(length, _)| length)
                .collect(),
            restarts: restarts(connections),
            frame_ports,
        }
    }
}

/// The first type with the header of a group's nearest type: types with one header are one family.
fn header_of(case: &Case<'_>, group: &FaultGroup) -> Option<usize> {
    let frames = &case.protocol.layout.frames;
    let nearest = frames.get(group.nearest?)?;
    frames
        .iter()
        .position(|frame| frame.headers == nearest.headers)
}

impl Connection {
    fn new(number: u64, numbers: &StreamNumbers) -> Self {
        let (summary, evidence) = (&numbers.summary, &numbers.evidence);
        let tcp = &summary.evidence;
        let by_reset =
            !evidence.open_at_end.is_empty() && tcp.ended_by == EndedBy::Sender && tcp.ended_by_rst;
        let silent = tcp.ended_by == EndedBy::Nobody;
        // What the server sends into the silence does not make the connection last longer.
        let restart = (by_reset || silent).then_some(Restart {
            by_reset,
            open_bytes: evidence.open_bytes.max(evidence.unfinished_bytes),
            last_packet: summary.last_packet,
            time: summary.end_time,
            back: None,
        });
        Self {
            device: numbers.begin.src.addr,
            server: numbers.begin.dst,
            number,
            first_packet: summary.first_packet,
            last_packet: summary.last_packet,
            begin: summary.time,
            end: summary.end_time,
            restart,
        }
    }
}

/// Devices that left a connection and came back. A device is an address of which no two connections to one server are
/// open at once; more of them are several devices behind one address, of which none is known to be the same.
fn restarts(mut connections: Vec<Connection>) -> HashMap<u64, Restart> {
    connections.sort_by_key(|c| (c.device, c.server, c.first_packet));
    let mut found = HashMap::new();
    for device in connections.chunk_by(|a, b| (a.device, a.server) == (b.device, b.server)) {
        let alone = device.is_sorted_by(|a, b| a.last_packet < b.first_packet);
        for (at, connection) in device.iter().enumerate() {
            let Some(mut restart) = connection.restart else {
                continue;
            };
            let next = device[at + 1..].first().filter(|_| alone);
            restart.back =
                next.map(|next| (next.first_packet, duration(connection.end, next.begin)));
            let in_time = restart.back.is_some_and(|(_, ns)| {
                (threshold::RESTART_NS..=threshold::RESTART_MAX_NS).contains(&ns)
            });
            if restart.by_reset || in_time {
                found.insert(connection.number, restart);
            }
        }
    }
    found
}

impl Together {
    /// Whether the broken start of a connection is the rest of what the device had to send before it restarted.
    pub fn follows_restart(&self, first_packet: u64) -> bool {
        let back = |restart: &Restart| {
            restart
                .back
                .is_some_and(|(packet, _)| packet == first_packet)
        };
        self.restarts.values().any(back)
    }
}

/// Nanoseconds from one time to a later one; 0 where one is unknown or earlier.
pub(super) fn duration(from: Option<Time>, to: Option<Time>) -> u64 {
    match (from, to) {
        (Some(from), Some(to)) => u64::try_from(to.since(from)).unwrap_or(0),
        _ => 0,
    }
}
