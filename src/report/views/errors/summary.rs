//! `errors --summary`: faults in groups of like ones, so that one firmware bug is one line.

use std::{
    collections::HashMap,
    io::{self, Write},
    rc::Rc,
};

use anstyle::Style;
use deframe::{
    framing::FaultKind,
    pipeline::{FaultRecord, FrameRecord, Observer, StreamRef},
    protocol::Protocol,
};
use serde::Serialize;

use crate::report::{
    filter::Filter,
    records::{Records, values::Hex},
    text::{
        Grouped, count,
        describe::spaced,
        grid::{Column, Grid},
    },
};

/// Groups kept apart; faults beyond them are counted together.
const MAX_GROUPS: usize = 4096;
/// Bytes of a header that keep groups apart, where the nearest type does not say how long it is.
const HEADER_BYTES: usize = 2;
/// Groups shown to people if no limit is given.
const SHOWN_GROUPS: u64 = 20;

/// What faults of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    kind: FaultKind,
    nearest: Option<usize>,
    length: u64,
    header: Vec<u8>,
}

/// How often, and where.
#[derive(Clone, Copy, Debug)]
struct Seen {
    count: u64,
    first_packet: u64,
    last_packet: u64,
}

/// `deframe.fault_group/1`
#[derive(Serialize)]
struct Record<'a> {
    schema: &'static str,
    kind: &'static str,
    #[serde(rename = "type")]
    nearest: Option<&'a str>,
    length: u64,
    header: Hex<'a>,
    count: u64,
    first_packet: u64,
    last_packet: u64,
}

/// Collects the groups.
pub struct Summary {
    protocol: Rc<Protocol>,
    filter: Filter,
    groups: HashMap<Key, Seen>,
    /// Faults beyond the last group.
    other: u64,
    pub frames: u64,
    pub faults: u64,
}

impl Summary {
    pub fn new(protocol: Rc<Protocol>, filter: Filter) -> Self {
        Self {
            protocol,
            filter,
            groups: HashMap::new(),
            other: 0,
            frames: 0,
            faults: 0,
        }
    }

    /// The largest first; of equal ones the one seen first.
    fn sorted(&self) -> Vec<(&Key, &Seen)> {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by_key(|(key, seen)| {
            let order = (seen.first_packet, key.kind, key.length, key.header.clone());
            (std::cmp::Reverse(seen.count), order)
        });
        groups
    }

    fn name(&self, key: &Key) -> Option<&str> {
        Some(&self.protocol.frames.get(key.nearest?)?.name)
    }

    /// For people.
    pub fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let columns = [
            ("count", Column::Right),
            ("kind", Column::Left),
            ("nearest type", Column::Middle),
            ("length", Column::Right),
            ("header", Column::Left),
            ("first packet", Column::Right),
            ("last packet", Column::Right),
        ];
        let mut grid = Grid::new(0, &columns);
        let groups = self.sorted();
        let limit = self.filter.limit.min(SHOWN_GROUPS) as usize;
        for (key, seen) in groups.iter().take(limit) {
            let cells = vec![
                Grouped(seen.count).to_string(),
                key.kind.name().to_owned(),
                self.name(key).unwrap_or("-").to_owned(),
                Grouped(key.length).to_string(),
                spaced(&key.header),
                seen.first_packet.to_string(),
                seen.last_packet.to_string(),
            ];
            grid.row(Style::new(), cells);
        }
        if !groups.is_empty() {
            grid.write(out)?;
        }
        let more = groups.len().saturating_sub(limit) as u64;
        if more > 0 {
            writeln!(
                out,
                "{}, not shown: --format json",
                count(more, "more group")
            )?;
        }
        if self.other > 0 {
            writeln!(out, "{} in other groups", count(self.other, "fault"))?;
        }
        let (faults, frames) = (count(self.faults, "fault"), count(self.frames, "frame"));
        writeln!(out, "{faults} beside {frames}")
    }

    /// For programs.
    pub fn records(&self, records: &mut Records) {
        for (key, seen) in self.sorted().into_iter().take(self.filter.limit as usize) {
            records.write(&Record {
                schema: "deframe.fault_group/1",
                kind: key.kind.name(),
                nearest: self.name(key),
                length: key.length,
                header: Hex(&key.header),
                count: seen.count,
                first_packet: seen.first_packet,
                last_packet: seen.last_packet,
            });
        }
    }
}

impl Observer for Summary {
    fn frame(&mut self, _origin: StreamRef<'_>, _frame: &FrameRecord<'_>) {
        self.frames += 1;
    }

    fn fault(&mut self, _origin: StreamRef<'_>, fault: &FaultRecord<'_>) {
        if !self.filter.takes_fault(fault) {
            return;
        }
        self.faults += 1;
        let nearest = fault.nearest.and_then(|at| self.protocol.frames.get(at));
        let length = nearest.map_or(HEADER_BYTES, |kind| kind.header_len);
        let key = Key {
            kind: fault.kind,
            nearest: fault.nearest,
            length: fault.length,
            header: fault.head[..fault.head.len().min(length)].to_vec(),
        };
        let place = &fault.place;
        if let Some(seen) = self.groups.get_mut(&key) {
            seen.count += 1;
            seen.first_packet = seen.first_packet.min(place.first_packet);
            seen.last_packet = seen.last_packet.max(place.last_packet);
        } else if self.groups.len() < MAX_GROUPS {
            let seen = Seen {
                count: 1,
                first_packet: place.first_packet,
                last_packet: place.last_packet,
            };
            self.groups.insert(key, seen);
        } else {
            self.other += 1;
        }
    }
}
