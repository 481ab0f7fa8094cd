//! What only a stream in trouble needs, kept apart from what every packet touches.
//!
//! Knows how long a hole waits; nothing of bytes handed out.

use super::{
    counts::Counts,
    evidence::StreamEvidence,
    held::{Held, PacketRef},
    seq::{Pos, Seq},
    shared::Shared,
    stream::Arrival,
};
use crate::decode::TcpChecksum;

/// Gaps remembered, so that bytes that come too late are not counted as sent again.
const MAX_GAPS: usize = 64;
/// Cuts remembered until their bytes are given up.
const MAX_CUTS: usize = 1024;

/// Stream bytes that the snap length cut off.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    pub from: Pos,
    pub to: Pos,
    pub packet: PacketRef,
}

/// A segment that waits for another packet to confirm it: it is too far ahead, or its checksum is wrong.
pub(super) struct Suspect {
    pub pos: Pos,
    pub data: Box<[u8]>,
    pub wire_len: u32,
    origin: PacketRef,
    push: bool,
    ttl: u8,
    checksum: TcpChecksum,
}

impl Suspect {
    pub fn new(pos: Pos, a: &Arrival<'_>) -> Self {
        Self {
            pos,
            data: a.data.into(),
            wire_len: a.wire_len,
            origin: a.origin,
            push: a.push,
            ttl: a.ttl,
            checksum: a.checksum,
        }
    }

    /// Behind its last captured byte.
    pub fn end(&self) -> Pos {
        self.pos + self.data.len() as u64
    }

    /// The packet that brought it.
    pub fn packet(&self) -> PacketRef {
        self.origin
    }

    /// Bytes of memory it stands for.
    pub fn cost(&self) -> u64 {
        (size_of::<Self>() + self.data.len()) as u64
    }

    pub fn arrival(&self) -> Arrival<'_> {
        Arrival {
            seq: Seq(self.pos as u32),
            data: &self.data,
            wire_len: self.wire_len,
            origin: self.origin,
            urgent: None,
            push: self.push,
            ip_id: None,
            ttl: self.ttl,
            checksum: self.checksum,
        }
    }
}

/// How long the hole in front (or the opening) has been waiting.
#[derive(Default)]
pub(super) struct Wait {
    /// Position of the hole; 0 while there is none.
    pub at: Pos,
    pub since: i64,
    /// Packets of the connection when it began.
    pub packets: u64,
    /// The same two, from when the peer had acknowledged the bytes.
    grace: Option<(i64, u64)>,
}

impl Wait {
    pub fn start(&mut self, at: Pos, since: i64, packets: u64) {
        *self = Self {
            at,
            since,
            packets,
            grace: None,
        };
    }

    pub fn stop(&mut self) {
        self.at = 0;
    }

    /// Whether nothing more is to be expected. `covered`: the peer has the bytes; `certain`: data stands behind them,
    /// not a FIN alone, which may be forged.
    pub fn over(&mut self, shared: &Shared, packets: u64, covered: bool, certain: bool) -> bool {
        let config = &shared.config;
        if covered {
            let (since, from) = *self.grace.get_or_insert((shared.now, packets));
            if packets - from >= config.ack_grace_packets as u64
                || shared.elapsed(since) >= config.ack_grace
            {
                return true;
            }
        }
        certain && shared.elapsed(self.since) >= config.patience
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Cold {
    pub held: Held,
    pub wait: Wait,
    /// Number in the line of waiting streams, 0 when in none.
    pub ticket: u64,
    pub suspect: Option<Suspect>,
    /// Payload of packets with a wrong checksum, in order of position.
    pub provisional: Vec<Suspect>,
    /// An acknowledgement of the peer that was too far ahead to be believed alone.
    pub wild_ack: Option<Seq>,
    pub cuts: Vec<Cut>,
    gaps: Vec<(Pos, Pos)>,
    /// Urgent bytes to take out of line.
    urgent: Vec<Pos>,
    /// The packet that brought the FIN candidate.
    pub fin_shown: PacketRef,
    /// What is counted here and not beside the bytes.
    pub counts: Counts,
    /// Evidence, once there is some.
    pub evidence: Option<Box<StreamEvidence>>,
    /// Position of the segment sent again last, and for how long it has been missing, in nanoseconds.
    pub missing: (Pos, u64),
}

impl Cold {
    pub fn evidence(&mut self) -> &mut StreamEvidence {
        self.evidence.get_or_insert_default()
    }

    pub fn cut(&mut self, cut: Cut) {
        if self.cuts.len() < MAX_CUTS
            && !self
                .cuts
                .iter()
                .rev()
                .take(4)
                .any(|c| c.from == cut.from && c.to == cut.to)
        {
            self.cuts.push(cut);
        }
    }

    /// A gap was emitted: cuts below its end are dropped.
    pub fn note_gap(&mut self, from: Pos, to: Pos) {
        self.cuts.retain(|c| c.to > to);
        if let Some(last) = self.gaps.last_mut()
            && last.1 == from
        {
            last.1 = to;
            return;
        }
        self.counts.gap_count += 1;
        if self.gaps.len() == MAX_GAPS {
            self.gaps.remove(0);
        }
        self.gaps.push((from, to));
    }

    /// How many bytes of a range lie in gaps that were emitted.
    pub fn given_up(&self, from: Pos, to: Pos) -> u64 {
        self.gaps
            .iter()
            .map(|&(a, b)| to.min(b).saturating_sub(from.max(a)))
            .sum()
    }

    /// Takes the urgent byte at `pos` out of line when its turn comes.
    pub fn take_out(&mut self, pos: Pos) {
        if self.urgent.len() < MAX_CUTS && !self.urgent.contains(&pos) {
            self.urgent.push(pos);
        }
    }

    /// How far the first urgent byte to take out is from `pos`, if it is one of the next `len`.
    pub fn out_of_line(&mut self, pos: Pos, len: usize) -> Option<usize> {
        if self.urgent.is_empty() {
            return None;
        }
        self.urgent.retain(|&u| u >= pos);
        let at = self.urgent.iter().map(|u| u - pos).min()?;
        (at < len as u64).then_some(at as usize)
    }
}
