//! The packets whose records lie whole in the read buffer, one behind the other.
//!
//! Runs once per packet: what does not change from one record to the next is looked up once, and what is counted is
//! counted in place and handed over when it is dropped. Knows the usual layout of pcap only; it ends at whatever is
//! rare, which [`CaptureSet::ready`](super::CaptureSet::ready) then looks at.

use super::{CaptureInfo, Packet, Time, pcap::Pcap};

/// Bytes of a record header.
const HEADER: usize = 16;

/// Packets that are given without reading. See [`CaptureSet::at_hand`](super::CaptureSet::at_hand).
pub struct AtHand<'a> {
    /// The one that was looked for, which is counted already.
    found: Option<Packet<'a>>,
    /// Those behind it.
    walk: Walk<'a>,
}

/// Usual records.
pub(super) struct Walk<'a> {
    /// The packet that was found: what does not change from one to the next.
    like: Packet<'a>,
    /// What is read and not given.
    rest: &'a [u8],
    /// How long that was before the first.
    whole: usize,
    max_record: u32,
    /// Nanoseconds per unit of the fraction of a second, and units per second.
    unit: i64,
    units: u32,
    /// Highest time of a packet.
    last_time: i64,
    run: Run,
    source: Option<Source<'a>>,
}

/// What is counted of packets of one link type, in the order of their times.
#[derive(Default)]
pub(super) struct Run {
    pub(super) packets: u64,
    pub(super) captured: u64,
    /// Bytes on the wire beside those captured, and packets that lack some.
    pub(super) not_captured: u64,
    pub(super) cut_short: u64,
    pub(super) last_time: Option<Time>,
}

/// Where it is handed over.
pub(super) struct Source<'a> {
    pub(super) pcap: &'a mut Pcap,
    pub(super) info: &'a mut CaptureInfo,
    /// Packets given, of all captures.
    pub(super) packets: &'a mut u64,
    /// Bytes of the buffer consumed.
    pub(super) start: &'a mut usize,
}

impl<'a> AtHand<'a> {
    /// Just the one that was found.
    pub(super) fn only(found: Option<Packet<'a>>) -> Self {
        Self {
            found,
            walk: Walk::none(),
        }
    }

    /// The one that was found, and those that begin in `rest` behind it, if any was found to begin with.
    pub(super) fn new(found: Option<Packet<'a>>, rest: &'a [u8], source: Source<'a>) -> Self {
        let walk = match (found, source.info.last_time, source.pcap.usual()) {
            (Some(found), Some(last), Some((unit, units))) => Walk {
                like: found,
                rest,
                whole: rest.len(),
                max_record: source.pcap.max_record,
                unit,
                units,
                last_time: last.nanos(),
                run: Run::default(),
                source: Some(source),
            },
            _ => Walk::none(),
        };
        Self { found, walk }
    }

    /// Time of the first of them.
    pub fn first_time(&self) -> Option<Time> {
        self.found.and_then(|packet| packet.time)
    }
}

impl<'a> Iterator for AtHand<'a> {
    type Item = Packet<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Packet<'a>> {
        match self.found.take() {
            Some(packet) => Some(packet),
            None => self.walk.next(),
        }
    }
}

impl<'a> Walk<'a> {
    fn none() -> Self {
        Self {
            like: Packet {
                number: 0,
                capture: 0,
                time: None,
                link: super::LinkType(0),
                fcs_len: 0,
                data: &[],
                wire_len: 0,
            },
            rest: &[],
            whole: 0,
            max_record: 0,
            unit: 0,
            units: 0,
            last_time: 0,
            run: Run::default(),
            source: None,
        }
    }

    /// The next record, if it is whole, sound, and not earlier than the one before it.
    #[inline(always)]
    fn next(&mut self) -> Option<Packet<'a>> {
        let (head, behind) = self.rest.split_first_chunk::<HEADER>()?;
        let field = |at: usize| {
            let raw = [head[at], head[at + 1], head[at + 2], head[at + 3]];
            u32::from_le_bytes(raw)
        };
        let (seconds, fraction, captured, wire) = (field(0), field(4), field(8), field(12));
        let (data, rest) = behind.split_at_checked(captured as usize)?;
        let time = i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * self.unit;
        if captured > self.max_record || fraction >= self.units || time < self.last_time {
            return None;
        }
        let not_captured = wire.saturating_sub(captured);
        self.run.packets += 1;
        self.run.not_captured += u64::from(not_captured);
        self.run.cut_short += u64::from(not_captured != 0);
        (self.rest, self.last_time) = (rest, time);
        Some(Packet {
            number: self.like.number + self.run.packets,
            time: Some(Time::from_nanos(time)),
            data,
            wire_len: captured + not_captured,
            ..self.like
        })
    }
}

impl Drop for Walk<'_> {
    fn drop(&mut self) {
        let Some(source) = &mut self.source else {
            return;
        };
        if self.run.packets == 0 {
            return;
        }
        let consumed = self.whole - self.rest.len();
        self.run.captured = consumed as u64 - self.run.packets * HEADER as u64;
        self.run.last_time = Some(Time::from_nanos(self.last_time));
        *source.start += consumed;
        *source.packets += self.run.packets;
        source.pcap.records += self.run.packets;
        source.info.count_run(&self.run);
    }
}
