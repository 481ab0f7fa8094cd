//! A device's TCP: what it plans to send, and what goes wrong with it.
//!
//! A connection plans packets in time order and hands them to `wire` one by one. Trouble is decided where a segment is
//! planned (drop, loss, delay, early acknowledgement) or where it was captured (retransmission, conflict, copies).
//!
//! ```text
//! Sending ──no frames left──▶ Draining ──nothing planned──▶ Closing ──nothing planned──▶ Done
//! ```

use std::{collections::VecDeque, io, io::Write};

use super::{
    device::{Device, Piece, Recipe},
    options::{Close, Isn, LAST_TIME, Options, StartOffset},
    packet::{Builder, Header, Host},
    ranges::Ranges,
    rng::Rng,
    segments::{self, Burst},
    truth::{Counts, Notes, Sent},
};
use crate::capture::Writer;

/// What all connections share.
pub(super) struct Context<'a, W> {
    pub(super) options: &'a Options,
    pub(super) recipe: Recipe<'a>,
    pub(super) builder: Builder,
    pub(super) out: Writer<W>,
    /// Connections that the capture has a packet of.
    pub(super) seen: u64,
    /// Good frames sent, by type.
    pub(super) sent_frames: Vec<u64>,
    /// Faults made.
    pub(super) faults: u64,
}

/// Sort of a planned packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Syn,
    SynAck,
    /// The client's pure acknowledgement that ends the handshake, or the connection.
    ClientAck,
    /// Bytes of the stream.
    Data,
    /// Reaches the server, the capture misses it.
    Dropped,
    /// Reaches nobody; a `Data` is planned for later.
    Lost,
    /// Will be seen after others.
    Held,
    /// Bytes that were captured before.
    Repeat,
    /// The same with other bytes.
    Conflict,
    /// One byte below what comes next, or none.
    KeepAlive,
    ServerAck,
    /// Acknowledges up to its offset.
    EarlyAck,
    Reply,
    Fin,
    ServerFin,
    Rst,
}

impl Kind {
    pub(super) fn is_reply(self) -> bool {
        use Kind::{EarlyAck, Reply, ServerAck, ServerFin, SynAck};
        matches!(self, SynAck | ServerAck | EarlyAck | Reply | ServerFin)
    }
}

/// A packet that will be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    /// Nanoseconds since the epoch.
    pub(super) time: i64,
    pub(super) kind: Kind,
    /// Stream offset of its first byte, of its own direction.
    pub(super) offset: u64,
    pub(super) length: u32,
    /// Last segment of a write.
    pub(super) push: bool,
    /// Of a copy by the mirror port: the header of the packet it is a copy of.
    pub(super) copy_of: Option<Header>,
}

impl Planned {
    fn new(time: i64, kind: Kind, offset: u64, length: u32) -> Self {
        Self {
            time,
            kind,
            offset,
            length,
            push: false,
            copy_of: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Sending,
    Draining,
    Closing,
    Done,
}

/// One connection of one device.
pub(super) struct Connection {
    pub(super) rng: Rng,
    pub(super) device: u32,
    pub(super) nth: u32,
    pub(super) client: Host,
    pub(super) server: Host,
    pub(super) isn: u32,
    pub(super) server_isn: u32,
    source: Device,
    phase: Phase,
    frames_left: u64,
    next_write: i64,
    /// Time of the last planned segment: those planned later are sent later.
    clock: i64,
    /// Stream bytes from offset `base` on that may be needed again.
    pub(super) buf: Vec<u8>,
    pub(super) base: u64,
    /// Behind the last byte that was cut into a segment.
    planned_to: u64,
    /// Behind the last byte that left the device.
    pub(super) highest: u64,
    pending: VecDeque<Planned>,
    /// Held back until so many segments overtook them.
    delayed: Vec<(u32, Planned)>,
    /// Segments planned, but not received by the server in order.
    unsettled: u32,
    dropping: u32,
    /// Data packets since the last acknowledgement.
    pub(super) unacked: u32,
    pub(super) received: Ranges,
    pub(super) captured: Ranges,
    /// Behind the last byte of which the capture shows that it was sent.
    pub(super) evidence: u64,
    replied: u64,
    pub(super) reply_seen: u64,
    pub(super) ip_ids: [u16; 2],
    pub(super) fin: bool,
    pub(super) server_fin: bool,
    pub(super) rst: bool,
    /// Number, first and last packet, once a packet was captured.
    pub(super) seen: Option<(u64, u64, u64)>,
    pub(super) leading: u64,
    pub(super) counts: Counts,
    pub(super) notes: Option<Box<Notes>>,
}

/// Bytes behind the last planned one that a partial retransmission may go back.
const BACK: u64 = 256;

/// Nanoseconds from a packet to its answer.
const ROUND_TRIP: u64 = 200_000;

impl Connection {
    pub(super) fn new(options: &Options, device: u32, nth: u32, start: i64) -> Self {
        let mut rng = Rng::new(options.seed, u64::from(device) << 32 | u64::from(nth));
        let isn = match options.isn {
            Isn::Random => rng.next() as u32,
            Isn::Wrap => 0u32.wrapping_sub(rng.between(1, 2000) as u32),
            Isn::Fixed(isn) => isn,
        };
        let server_isn = rng.next() as u32;
        let ip_ids = [rng.next() as u16, rng.next() as u16];
        let [client, server] = hosts(options, device, nth);
        Self {
            device,
            nth,
            client,
            server,
            isn,
            server_isn,
            source: Device::new(),
            phase: Phase::Sending,
            frames_left: options.frames,
            next_write: start,
            clock: start,
            buf: Vec::new(),
            base: 0,
            planned_to: 0,
            highest: 0,
            pending: VecDeque::new(),
            delayed: Vec::new(),
            unsettled: 0,
            dropping: 0,
            unacked: 0,
            received: Ranges::default(),
            captured: Ranges::default(),
            evidence: 0,
            replied: 0,
            reply_seen: 0,
            ip_ids,
            fin: false,
            server_fin: false,
            rst: false,
            seen: None,
            leading: 0,
            counts: Counts::default(),
            notes: options.truth.then(Box::default),
            rng,
        }
        .opened(options)
    }

    fn opened(mut self, options: &Options) -> Self {
        if options.handshake {
            let mut time = self.next_write;
            for kind in [Kind::Syn, Kind::SynAck, Kind::ClientAck] {
                self.plan(Planned::new(time, kind, 0, 0));
                time += self.rng.between(ROUND_TRIP / 2, ROUND_TRIP) as i64;
            }
            self.next_write = time;
            self.clock = time;
        }
        self
    }

    /// Bytes that the device sent.
    pub(super) fn sent(&self) -> u64 {
        self.planned_to
    }

    /// Bytes that the server sent.
    pub(super) fn replied(&self) -> u64 {
        self.replied
    }

    /// When the next thing happens; none: the connection is over.
    pub(super) fn next(&self) -> Option<i64> {
        let planned = self.pending.front().map(|planned| planned.time);
        match self.phase {
            Phase::Sending => Some(planned.map_or(self.next_write, |t| t.min(self.next_write))),
            Phase::Draining => Some(planned.unwrap_or(self.clock)),
            Phase::Closing => Some(planned.unwrap_or(self.clock)),
            Phase::Done => None,
        }
    }

    /// Does the next thing.
    pub(super) fn step<W: Write>(&mut self, context: &mut Context<'_, W>) -> io::Result<()> {
        let writes = self.phase == Phase::Sending;
        let due = |planned: &&Planned| !writes || planned.time < self.next_write;
        if let Some(&planned) = self.pending.front().filter(due) {
            self.pending.pop_front();
            self.clock = self.clock.max(planned.time);
            return self.emit(planned, context);
        }
        match self.phase {
            Phase::Sending => self.write(context),
            Phase::Draining if !self.delayed.is_empty() => {
                for (_, planned) in std::mem::take(&mut self.delayed) {
                    self.plan(Planned {
                        time: self.clock + 1_000,
                        ..planned
                    });
                }
            }
            Phase::Draining if self.unacked > 0 && context.options.acks => self.plan_ack(),
            Phase::Draining => self.close(context.options),
            Phase::Closing | Phase::Done => self.phase = Phase::Done,
        }
        Ok(())
    }

    /// Puts a packet into the plan, behind all that are not later.
    pub(super) fn plan(&mut self, planned: Planned) {
        let at = self
            .pending
            .iter()
            .rposition(|other| other.time <= planned.time);
        self.pending.insert(at.map_or(0, |at| at + 1), planned);
    }

    pub(super) fn plan_ack(&mut self) {
        self.unacked = 0;
        let time = self.clock + self.rng.between(ROUND_TRIP / 4, ROUND_TRIP) as i64;
        self.plan(Planned::new(time, Kind::ServerAck, 0, 0));
    }

    /// The device writes, and the write is cut into segments.
    fn write<W: Write>(&mut self, context: &mut Context<'_, W>) {
        let options = context.options;
        if options.size > 0 && context.out.bytes() >= options.size {
            self.frames_left = self.frames_left.min(options.faults.truncate_end.into());
        }
        if self.next_write > LAST_TIME {
            self.frames_left = 0;
        }
        self.trim();
        let mss = usize::from(options.mss);
        let how = options.segmentation;
        let mut first = 0;
        let waiting = self.waiting();
        let mut left = segments::burst(how, &mut self.rng, mss, waiting);
        while self.frames_left > 0 && !matches!(left, Burst::Frames(0) | Burst::Bytes(0)) {
            let before = self.waiting();
            self.frame(context);
            let now = self.waiting();
            first = if first == 0 { now } else { first };
            left = match left {
                Burst::Frames(n) => Burst::Frames(n - 1),
                Burst::Bytes(n) => Burst::Bytes(n.saturating_sub(now - before)),
            };
        }
        let flush = self.frames_left == 0;
        self.clock = self.clock.max(self.next_write);
        loop {
            let waiting = self.waiting();
            let next = segments::next(how, &mut self.rng, mss, waiting, first, flush);
            let Some(length) = next else { break };
            first = first.saturating_sub(length);
            self.segment(options, length, length == waiting);
        }
        self.after_write(options, flush);
    }

    fn after_write(&mut self, options: &Options, flush: bool) {
        if self.rng.chance(options.replies) {
            let length = self.rng.between(1, 16);
            let time = self.clock + self.rng.between(ROUND_TRIP / 2, ROUND_TRIP) as i64;
            self.plan(Planned::new(time, Kind::Reply, self.replied, length as u32));
            self.replied += length;
        }
        if flush {
            self.phase = Phase::Draining;
        }
        let pause = self
            .rng
            .between(options.interval / 2, options.interval / 2 * 3);
        self.next_write = (self.next_write + pause as i64).max(self.clock);
    }

    fn waiting(&self) -> usize {
        self.buf.len() - (self.planned_to - self.base) as usize
    }

    /// One more frame at the end of the buffer.
    fn frame<W>(&mut self, context: &mut Context<'_, W>) {
        self.frames_left -= 1;
        let last = self.frames_left == 0;
        let Self {
            source,
            rng,
            buf,
            base,
            notes,
            ..
        } = self;
        let at = buf.len();
        let Context {
            recipe,
            options,
            sent_frames,
            faults,
            ..
        } = context;
        if *base == 0 && at == 0 && options.start_offset != StartOffset::Frame {
            source.send(recipe, rng, buf, 0, false, |_| {});
            let size = buf.len() as u64;
            let skip = match options.start_offset {
                StartOffset::At(skip) => u64::from(skip) % size,
                _ => rng.below(size),
            };
            buf.drain(..skip as usize);
            self.leading = buf.len() as u64;
            return;
        }
        let mut pieces: [Option<Piece>; 2] = [None, None];
        source.send(recipe, rng, buf, *base, last, |piece| {
            let free = usize::from(pieces[0].is_some());
            pieces[free] = Some(piece);
        });
        for piece in pieces.into_iter().flatten() {
            match piece {
                Piece::Frame {
                    kind,
                    offset,
                    length,
                } => {
                    sent_frames[kind] += 1;
                    let Some(notes) = notes else { continue };
                    let from = (offset - *base) as usize;
                    let bytes = options
                        .truth_payloads
                        .then(|| buf[from..from + length as usize].to_vec());
                    notes.sent.push(Sent {
                        kind,
                        offset,
                        length,
                        bytes,
                    });
                }
                Piece::Fault(fault) => {
                    *faults += 1;
                    if let Some(notes) = notes {
                        notes.faults.push(fault);
                    }
                }
            }
        }
    }

    /// Plans the next `length` bytes as one segment, and its trouble.
    fn segment(&mut self, options: &Options, length: usize, push: bool) {
        let trouble = &options.trouble;
        let offset = self.planned_to;
        self.planned_to += length as u64;
        self.clock += self.rng.between(10_000, 30_000) as i64;
        let planned = Planned::new(self.clock, Kind::Data, offset, length as u32);
        let mut planned = Planned { push, ..planned };
        // Where the capture begins inside a connection, its first segment is what offset 0 is known by.
        if options.handshake || offset > 0 {
            self.misfortune(options, &mut planned);
        }
        let end = self.planned_to;
        let early = planned.kind == Kind::Data && self.unsettled == 0;
        if early && options.acks && offset > 0 && self.rng.chance(trouble.ack_early) {
            self.plan(Planned::new(self.clock, Kind::EarlyAck, end, 0));
        }
        self.plan(planned);
    }

    /// What happens to a segment on its way.
    fn misfortune(&mut self, options: &Options, planned: &mut Planned) {
        let trouble = &options.trouble;
        if self.dropping > 0 {
            self.dropping -= 1;
            planned.kind = Kind::Dropped;
        } else if self.rng.chance(trouble.drop) {
            self.dropping = trouble.drop_burst.saturating_sub(1);
            planned.kind = Kind::Dropped;
        } else if self.rng.chance(trouble.loss) {
            self.unsettled += 1;
            let later = self.rng.between(options.interval, options.interval * 3) as i64;
            self.plan(Planned {
                time: planned.time + later.max(1),
                ..*planned
            });
            planned.kind = Kind::Lost;
        } else if self.rng.chance(trouble.reorder) {
            self.unsettled += 1;
            planned.kind = Kind::Held;
        } else if self.rng.chance(trouble.partial_retransmit) {
            let room = u64::from(options.mss) - u64::from(planned.length);
            let back = self.rng.below(planned.offset.min(BACK).min(room) + 1);
            planned.offset -= back;
            planned.length += back as u32;
        }
    }

    /// Holds a segment back.
    pub(super) fn hold(&mut self, planned: Planned, behind: u32) {
        self.delayed.push((
            behind,
            Planned {
                kind: Kind::Data,
                ..planned
            },
        ));
    }

    /// A data segment went by: those held back come nearer.
    pub(super) fn overtaken(&mut self, time: i64) {
        if self.delayed.is_empty() {
            return;
        }
        let mut freed = Vec::new();
        self.delayed.retain_mut(|(behind, planned)| {
            *behind = behind.saturating_sub(1);
            if *behind == 0 {
                freed.push(Planned {
                    time: time + 1,
                    ..*planned
                });
            }
            *behind > 0
        });
        for planned in freed {
            self.plan(planned);
        }
    }

    /// What may follow a segment that was captured.
    pub(super) fn aftermath(&mut self, options: &Options, planned: &Planned) {
        let trouble = &options.trouble;
        let Planned {
            time,
            offset,
            length,
            ..
        } = *planned;
        let later = |rng: &mut Rng| time + rng.between(1, options.interval * 2) as i64;
        if self.rng.chance(trouble.retransmit) {
            let time = later(&mut self.rng);
            self.plan(Planned::new(time, Kind::Repeat, offset, length));
        }
        if self.rng.chance(trouble.partial_retransmit) {
            let (at, length) = self.part(offset, length);
            let time = later(&mut self.rng);
            self.plan(Planned::new(time, Kind::Repeat, at, length));
        }
        if self.rng.chance(trouble.conflict) {
            let (at, length) = self.part(offset, length);
            if self.captured.covers(at, at + u64::from(length)) {
                let time = later(&mut self.rng);
                self.plan(Planned::new(time, Kind::Conflict, at, length));
            }
        }
        if self.rng.chance(trouble.keepalive) {
            let garbage = self.rng.below(2) as u32;
            self.plan(Planned::new(
                time + options.interval as i64 / 3,
                Kind::KeepAlive,
                0,
                garbage,
            ));
        }
    }

    fn part(&mut self, offset: u64, length: u32) -> (u64, u32) {
        let skip = self.rng.below(length.into());
        let length = self.rng.between(1, u64::from(length) - skip);
        (offset + skip, length as u32)
    }

    /// Whether a keep-alive may be sent: nothing is on its way, and its byte is one that the capture holds.
    pub(super) fn idle(&self) -> bool {
        let end = self.highest;
        let all = self.unsettled == 0 && self.delayed.is_empty() && self.planned_to == end;
        all && end > 0 && self.captured.covers(end - 1, end)
    }

    /// The server has got these bytes.
    pub(super) fn deliver(&mut self, from: u64, to: u64) {
        self.received.add(from, to, |_, _| {});
        if self.received.contiguous() == self.highest && self.delayed.is_empty() {
            self.unsettled = 0;
        }
    }

    fn close(&mut self, options: &Options) {
        self.phase = Phase::Closing;
        let end = self.planned_to;
        let mut time = self.clock + 1_000;
        let kinds: &[Kind] = match options.close {
            Close::Fin => &[Kind::Fin, Kind::ServerFin, Kind::ClientAck],
            Close::Rst => &[Kind::Rst],
            Close::None => &[],
        };
        for &kind in kinds {
            self.plan(Planned::new(time, kind, end, 0));
            time += self.rng.between(ROUND_TRIP / 2, ROUND_TRIP) as i64;
        }
    }

    /// Forgets bytes that nothing planned needs.
    fn trim(&mut self) {
        if self.planned_to - self.base < 2048 {
            return;
        }
        let planned = self
            .pending
            .iter()
            .chain(self.delayed.iter().map(|(_, planned)| planned));
        let data = planned.filter(|planned| planned.length > 0 && !planned.kind.is_reply());
        let data = data.filter(|planned| planned.kind != Kind::KeepAlive);
        let oldest = data.map(|planned| planned.offset).min().unwrap_or(u64::MAX);
        let keep = oldest
            .min(self.planned_to.saturating_sub(BACK))
            .max(self.base);
        self.buf.drain(..(keep - self.base) as usize);
        self.base = keep;
    }
}

/// The two ends of a device's `nth` connection.
fn hosts(options: &Options, device: u32, nth: u32) -> [Host; 2] {
    // A generator of its own, so that all connections of a device are known from its number.
    let first = Rng::new(options.seed, u64::from(device) ^ 0x686f_7374 << 32).below(28_000);
    let (address, port) = if options.nat {
        let number = u64::from(device) + u64::from(nth) * u64::from(options.devices);
        ((number / 64_000) as u32, 1_024 + number % 64_000)
    } else {
        let step = if options.port_reuse {
            0
        } else {
            u64::from(nth)
        };
        (device, 32_768 + (first + step) % 28_000)
    };
    let place =
        |net: [u8; 16], number: u32| (u128::from_be_bytes(net) + u128::from(number)).to_be_bytes();
    let [client, server] = if options.ipv6 {
        // The documentation prefix of RFC 3849.
        let net = [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
        let other = [0x20, 0x01, 0x0d, 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        [place(net, address), other]
    } else {
        let v4 = |bytes: [u8; 4]| {
            (0xffff_0000_0000 | u128::from(u32::from_be_bytes(bytes))).to_be_bytes()
        };
        [place(v4([10, 0, 0, 2]), address), v4([192, 168, 137, 1])]
    };
    let [a, b, c, d] = address.to_be_bytes();
    let device_mac = [0x02, 0x01 ^ a, b, c, d, 0x02];
    let server_mac = [0x02, 0xff, 0, 0, 0, 0x01];
    [
        Host {
            addr: client,
            port: port as u16,
            mac: device_mac,
        },
        Host {
            addr: server,
            port: options.server_port,
            mac: server_mac,
        },
    ]
}
