//! `export`: the frames for programs.

use std::{io, rc::Rc};

use deframe::{
    pipeline::{FrameRecord, Observer, StreamRef},
    protocol::Protocol,
};

use crate::report::records::{Records, shapes::Frame, values::Encoding};

/// Columns of the export as CSV.
pub const COLUMNS: &[&str] = &[
    "capture",
    "connection",
    "dir",
    "src",
    "sport",
    "dst",
    "dport",
    "index",
    "type",
    "offset",
    "length",
    "time",
    "sec",
    "nsec",
    "took_ns",
    "first_packet",
    "last_packet",
    "segments",
    "cuts",
    "flags",
    "payload",
    "fields",
];

/// Writes every frame as it becomes complete.
pub struct Export {
    pub records: Records,
    pub protocol: Rc<Protocol>,
    pub names: Rc<[String]>,
    pub payload: Encoding,
    pub frames: u64,
}

impl Export {
    /// Ends the output.
    pub fn finish(self) -> io::Result<()> {
        self.records.finish()
    }
}

impl Observer for Export {
    fn frame(&mut self, origin: StreamRef<'_>, frame: &FrameRecord<'_>) {
        let name = self
            .names
            .get(frame.place.capture as usize)
            .map_or("", String::as_str);
        self.records.write(&Frame::new(
            &self.protocol,
            name,
            origin,
            frame,
            self.payload,
        ));
        self.frames += 1;
    }

    fn stop(&self) -> bool {
        self.records.has_failed()
    }

    fn idle(&mut self) {
        self.records.flush();
    }
}
