//! A device's TCP: what it plans to send, and what goes wrong with it.
//!
//! A connection plans packets in time order and hands them to `wire` one by one. Trouble is decided where a segment is
//! planned (drop, loss, delay, early acknowledgement) or where it was captured (retransmission, conflict, copies).
//!
//! ```text
//! Sending ──no frames left──▶ Draining ──nothing planned──▶ Closing ──nothing planned──▶ Done
//! ```

mod incident;
mod mishap;
mod planned;
mod write;

use std::{collections::VecDeque, io, io::Write};

pub(super) use planned::{Kind, Planned};

use super::{
    Incident,
    device::{Device, Recipe},
    hosts::hosts,
    options::{Close, Isn, SimConfig},
    packet::{Builder, Host},
    ranges::Ranges,
    rng::Rng,
    truth::{Counts, Notes},
};
use crate::capture::Writer;

/// What all connections share.
pub(super) struct Context<'a, W> {
    pub(super) options: &'a SimConfig,
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
    /// Whether the capture has the handshake.
    pub(super) syn: bool,
    pub(super) incidents: Vec<Incident>,
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
    pub(super) fn new(options: &SimConfig, device: u32, nth: u32, start: i64) -> Self {
        let mut rng = Rng::new(options.seed, u64::from(device) << 32 | u64::from(nth));
        let isn = match options.isn {
            Isn::Random => rng.next() as u32,
            Isn::Wrap => 0u32.wrapping_sub(rng.between(1, 2000) as u32),
            Isn::Fixed(isn) => isn,
            Isn::PerDevice => device_isn(options, device),
        };
        let isn = match options.incidents.reboot {
            true => device_isn(options, device),
            false => isn,
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
            syn: options.handshake,
            incidents: Vec::new(),
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

    fn close(&mut self, options: &SimConfig) {
        self.phase = Phase::Closing;
        let end = self.planned_to;
        let mut time = self.clock + 1_000;
        for &kind in self.closing(options) {
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

/// The sequence number of a device that knows no other.
fn device_isn(options: &SimConfig, device: u32) -> u32 {
    Rng::new(options.seed, u64::from(device) ^ 0x6973_6e00 << 32).next() as u32
}
