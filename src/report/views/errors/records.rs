//! `errors` for programs: faults and gaps as records, in the order in which they are found.

use std::{io, rc::Rc};

use deframe::{
    pipeline::{FaultRecord, FrameRecord, Observer, StreamRef},
    protocol::Protocol,
    tcp::{Conflict, Gap},
};

use crate::report::{
    filter::Filter,
    records::{
        Layout, Writer,
        tables::{ConflictRow, Conflicts, FaultRow, Faults, GapRow, Gaps, Head, StreamTexts},
    },
    text::describe::describe,
};

/// Writes faults and gaps.
pub struct Errors {
    pub writer: Writer,
    /// Columns of faults; none if they are only counted.
    pub fault_layout: Option<Layout<Faults>>,
    /// Columns of gaps; none if they are only counted.
    pub gap_layout: Option<Layout<Gaps>>,
    /// Columns of conflicts; none if they are only counted.
    pub conflict_layout: Option<Layout<Conflicts>>,
    pub protocol: Rc<Protocol>,
    pub names: Rc<[String]>,
    pub filter: Filter,
    pub texts: StreamTexts,
    pub frames: u64,
    /// Faults that the filter takes, written or not.
    pub faults: u64,
    /// Faults and gaps that the filter takes, written or not.
    pub selected: u64,
}

impl Errors {
    /// Ends the output. Returns whether its reader still reads.
    pub fn finish(mut self) -> io::Result<bool> {
        let read = !self.writer.is_closed();
        self.writer.finish().map(|()| read)
    }

    fn select(&mut self) -> bool {
        self.selected += 1;
        self.selected <= self.filter.limit
    }
}

fn head<'a>(
    names: &'a [String],
    capture: u32,
    stream: StreamRef<'a>,
    texts: &'a StreamTexts,
) -> Head<'a> {
    Head {
        capture: names.get(capture as usize).map_or("", String::as_str),
        stream,
        text: texts.get(stream),
    }
}

impl Observer for Errors {
    fn begin(&mut self, origin: StreamRef<'_>) {
        self.texts.begin(origin);
    }

    fn frame(&mut self, _origin: StreamRef<'_>, _frame: &FrameRecord<'_>) {
        self.frames += 1;
    }

    fn fault(&mut self, origin: StreamRef<'_>, fault: &FaultRecord<'_>) {
        if !self.filter.takes_fault(fault) {
            return;
        }
        self.faults += 1;
        if self.fault_layout.is_none() || !self.select() {
            return;
        }
        if let Some(layout) = &self.fault_layout {
            let row = FaultRow {
                head: head(&self.names, fault.place.capture, origin, &self.texts),
                fault,
                description: &describe(&self.protocol, fault),
            };
            self.writer.write(layout, &row);
        }
    }

    fn gap(&mut self, origin: StreamRef<'_>, gap: &Gap) {
        if self.gap_layout.is_none() || !self.filter.takes_gap(gap) || !self.select() {
            return;
        }
        if let Some(layout) = &self.gap_layout {
            let row = GapRow {
                head: head(&self.names, origin.begin.capture, origin, &self.texts),
                gap,
            };
            self.writer.write(layout, &row);
        }
    }

    fn conflict(&mut self, origin: StreamRef<'_>, conflict: &Conflict<'_>) {
        if self.conflict_layout.is_none() || !self.filter.takes_conflict() || !self.select() {
            return;
        }
        if let Some(layout) = &self.conflict_layout {
            let row = ConflictRow {
                head: head(&self.names, origin.begin.capture, origin, &self.texts),
                conflict,
            };
            self.writer.write(layout, &row);
        }
    }

    fn stop(&self) -> bool {
        self.writer.has_failed()
    }

    fn idle(&mut self) {
        self.writer.flush();
    }
}
