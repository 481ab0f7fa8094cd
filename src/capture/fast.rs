//! Fast path: records of a little-endian pcap that lie whole in the read buffer, one behind the other.
//!
//! Takes sound records of the most common layout, in ascending order of time, before `until`; it stops at everything
//! else, which [`CaptureSet::ready`](super::CaptureSet::ready) then reads. Equals `CaptureSet::next_packet`, packet by
//! packet and row by row of the table; `read_set` in `tests/capture` compares the two on every capture that it reads.

use super::{CaptureInfo, LinkType, Packet, Time, pcap::Pcap};

/// Bytes of a record header.
const HEADER: usize = 16;

/// Packets that can be given without reading from the input. See [`CaptureSet::batch`](super::CaptureSet::batch).
pub struct Batch<'a> {
    /// The packet that `ready` found, which is counted already.
    found: Option<Packet<'a>>,
    /// Those behind it.
    walk: Walk<'a>,
}

/// The records behind the one found, counted here and added to the capture's row when this is dropped.
struct Walk<'a> {
    /// The packet found: capture, link type and FCS length are the same for those behind it.
    like: Packet<'a>,
    /// What is read and not yet given.
    rest: &'a [u8],
    /// Length of `rest` before the first.
    whole: usize,
    max_record: u32,
    /// Nanoseconds per unit of the fraction of a second, and units per second.
    unit: i64,
    units: u32,
    /// Highest time of a packet.
    last_time: i64,
    /// Packets of this time or later may have to follow one of another capture.
    until: i64,
    run: Run,
    source: Option<Counters<'a>>,
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

/// What the counts are added to.
pub(super) struct Counters<'a> {
    pub(super) pcap: &'a mut Pcap,
    pub(super) info: &'a mut CaptureInfo,
    /// Packets given, of all captures.
    pub(super) packets: &'a mut u64,
    /// Bytes of the buffer consumed.
    pub(super) start: &'a mut usize,
}

impl<'a> Batch<'a> {
    /// The one packet found, or none.
    pub(super) fn only(found: Option<Packet<'a>>) -> Self {
        Self {
            found,
            walk: Walk::none(),
        }
    }

    /// The packet found, and those that begin in `rest` behind it and are earlier than `until`.
    pub(super) fn new(
        found: Option<Packet<'a>>,
        rest: &'a [u8],
        until: i64,
        source: Counters<'a>,
    ) -> Self {
        let walk = match (found, source.info.last_time, source.pcap.usual()) {
            (Some(found), Some(last), Some((unit, units))) => Walk {
                like: found,
                rest,
                whole: rest.len(),
                max_record: source.pcap.max_record,
                unit,
                units,
                last_time: last.nanos(),
                until,
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

impl<'a> Iterator for Batch<'a> {
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
                link: LinkType(0),
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
            until: 0,
            run: Run::default(),
            source: None,
        }
    }

    /// The next record, if it is whole, sound, not earlier than the one before it and earlier than `until`.
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
        let in_order = time >= self.last_time && time < self.until;
        if captured > self.max_record || fraction >= self.units || !in_order {
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
