//! `errors` for programs: faults and gaps as records, in the order in which they are found.

use std::{io, rc::Rc};

use deframe::{
    pipeline::{FaultRecord, FrameRecord, Observer, StreamRef},
    protocol::Protocol,
    tcp::Gap,
};

use crate::report::records::{
    Records,
    shapes::{Fault, GapShape},
};

/// Columns of faults and gaps as CSV.
pub const COLUMNS: &[&str] = &[
    "schema",
    "capture",
    "connection",
    "dir",
    "src",
    "sport",
    "dst",
    "dport",
    "kind",
    "cause",
    "offset",
    "length",
    "time",
    "sec",
    "nsec",
    "first_packet",
    "last_packet",
    "expected",
    "found",
    "hint",
    "data",
    "flags",
];

/// Writes every fault and gap.
pub struct Errors {
    pub records: Records,
    pub protocol: Rc<Protocol>,
    pub names: Rc<[String]>,
    /// No more than so many.
    pub limit: u64,
    pub frames: u64,
    pub faults: u64,
    pub gaps: u64,
}

impl Errors {
    /// Ends the output. Returns whether there was still somebody to read it.
    pub fn finish(mut self) -> io::Result<bool> {
        let read = !self.records.is_closed();
        self.records.finish().map(|()| read)
    }

    fn is_full(&self) -> bool {
        self.faults + self.gaps >= self.limit
    }
}

fn name(names: &[String], capture: u32) -> &str {
    names.get(capture as usize).map_or("", String::as_str)
}

impl Observer for Errors {
    fn frame(&mut self, _origin: StreamRef<'_>, _frame: &FrameRecord<'_>) {
        self.frames += 1;
    }

    fn fault(&mut self, origin: StreamRef<'_>, fault: &FaultRecord<'_>) {
        if !self.is_full() {
            let name = name(&self.names, fault.place.capture);
            let record = Fault::new(&self.protocol, name, origin, fault);
            self.records.write(&record);
        }
        self.faults += 1;
    }

    fn gap(&mut self, origin: StreamRef<'_>, gap: &Gap) {
        if !self.is_full() {
            let name = name(&self.names, origin.begin.capture);
            self.records.write(&GapShape::new(name, origin, gap));
        }
        self.gaps += 1;
    }

    fn stop(&self) -> bool {
        self.records.has_failed()
    }

    fn idle(&mut self) {
        self.records.flush();
    }
}
