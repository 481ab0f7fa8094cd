//! What goes wrong with segments: on their way, when they are planned, and behind them, when they were captured.
//!
//! Knows offsets and lengths; nothing of frames or bytes.

use super::{BACK, Connection, Kind, Planned};
use crate::simulate::{options::SimConfig, rng::Rng};

impl Connection {
    /// Plans the next `length` bytes as one segment, and its trouble.
    pub(super) fn segment(&mut self, options: &SimConfig, length: usize, push: bool) {
        let trouble = &options.trouble;
        let offset = self.planned_to;
        self.planned_to += length as u64;
        self.clock += self.rng.between(10_000, 30_000) as i64;
        let planned = Planned::new(self.clock, Kind::Data, offset, length as u32);
        let mut planned = Planned { push, ..planned };
        // Where the capture begins inside a connection, its first segment is what offset 0 is known by.
        if self.syn || offset > 0 {
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
    fn misfortune(&mut self, options: &SimConfig, planned: &mut Planned) {
        let trouble = &options.trouble;
        if self.dropping > 0 {
            self.dropping -= 1;
            planned.kind = Kind::Dropped;
        } else if self.rng.chance(trouble.drop) {
            self.dropping = trouble.drop_burst.saturating_sub(1);
            planned.kind = Kind::Dropped;
        } else if self.rng.chance(trouble.loss) {
            self.send_again(options, planned);
            planned.kind = Kind::Lost;
        } else if self.rng.chance(options.incidents.bit_errors) {
            self.send_again(options, planned);
            planned.kind = Kind::Garbled;
        } else if self.rng.chance(trouble.reorder) {
            self.unsettled += 1;
            planned.kind = Kind::Held;
        } else if self.rng.chance(trouble.partial_retransmit) {
            let room = options.segment_bytes() - u64::from(planned.length);
            let back = self.rng.below(planned.offset.min(BACK).min(room) + 1);
            planned.offset -= back;
            planned.length += back as u32;
        }
    }

    /// Plans the retransmission of a segment that the server does not get.
    fn send_again(&mut self, options: &SimConfig, planned: &Planned) {
        self.unsettled += 1;
        let later = match options.incidents.timeout {
            0 => self.rng.between(options.interval, options.interval * 3),
            timeout => timeout,
        };
        self.plan(Planned {
            time: planned.time + (later as i64).max(1),
            ..*planned
        });
    }

    /// Holds a segment back.
    pub(in crate::simulate) fn hold(&mut self, planned: Planned, behind: u32) {
        self.delayed.push((
            behind,
            Planned {
                kind: Kind::Data,
                ..planned
            },
        ));
    }

    /// A data segment went by: those held back come nearer.
    pub(in crate::simulate) fn overtaken(&mut self, time: i64) {
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
    pub(in crate::simulate) fn aftermath(&mut self, options: &SimConfig, planned: &Planned) {
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
    pub(in crate::simulate) fn idle(&self) -> bool {
        let end = self.highest;
        let all = self.unsettled == 0 && self.delayed.is_empty() && self.planned_to == end;
        all && end > 0 && self.captured.covers(end - 1, end)
    }

    /// The server has got these bytes.
    pub(in crate::simulate) fn deliver(&mut self, from: u64, to: u64) {
        self.received.add(from, to, |_, _| {});
        if self.received.contiguous() == self.highest && self.delayed.is_empty() {
            self.unsettled = 0;
        }
    }
}
