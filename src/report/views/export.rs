//! `export`: the frames for programs.

use std::{io, rc::Rc};

use deframe::{
    pipeline::{FrameRecord, Observer, StreamRef},
    protocol::Protocol,
};

use crate::report::{
    filter::Filter,
    records::{
        Layout, Writer,
        tables::{FrameRow, Frames, Head, StreamTexts},
        values::Encoding,
    },
};

/// Writes every frame as it becomes complete.
pub struct Export {
    pub writer: Writer,
    pub layout: Layout<Frames>,
    pub protocol: Rc<Protocol>,
    /// Names of the captures.
    pub names: Rc<[String]>,
    pub payload: Encoding,
    pub filter: Filter,
    /// Addresses of the open streams.
    pub texts: StreamTexts,
    /// Frames found, written or not.
    pub frames: u64,
    /// Frames written.
    pub written: u64,
}

impl Export {
    /// Ends the output.
    pub fn finish(self) -> io::Result<()> {
        self.writer.finish()
    }
}

impl Observer for Export {
    fn begin(&mut self, origin: StreamRef<'_>) {
        self.texts.begin(origin);
    }

    fn frame(&mut self, origin: StreamRef<'_>, frame: &FrameRecord<'_>) {
        self.frames += 1;
        if self.written >= self.filter.limit || !self.filter.takes_frame(frame) {
            return;
        }
        let capture = frame.place.capture as usize;
        let row = FrameRow {
            head: Head {
                capture: self.names.get(capture).map_or("", String::as_str),
                stream: origin,
                text: self.texts.get(origin),
            },
            kind: self.protocol.frames.get(frame.kind),
            frame,
            payload: self.payload,
        };
        self.writer.write(&self.layout, &row);
        self.written += 1;
    }

    fn stop(&self) -> bool {
        self.writer.has_failed() || self.written >= self.filter.limit
    }

    fn idle(&mut self) {
        self.writer.flush();
    }
}
