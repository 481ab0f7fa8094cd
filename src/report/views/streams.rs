//! `streams`: one record for each stream, in the order of connections.

use std::{io, rc::Rc};

use anstyle::Style;

use deframe::{
    pipeline::{FaultRecord, FrameRecord, Observer, StreamRef},
    tcp::{Begin, Gap, StreamId, StreamSummary},
};
use sha2::{Digest, Sha256};

use crate::report::{
    flags::Flags,
    records::{
        Layout, Writer,
        tables::{self, Head, StreamRow, StreamText},
    },
    text::{
        Grouped,
        grid::{Column, Grid},
        size,
        style::FAULTY,
    },
    views::Saver,
};

/// What `streams` knows of one.
pub struct Row {
    pub id: StreamId,
    pub begin: Begin,
    pub gaps: Vec<(u64, u64)>,
    pub frames: u64,
    pub faults: u64,
    pub digest: Option<Sha256>,
    pub sha256: Option<String>,
    pub summary: StreamSummary,
    /// Bytes of it have been saved.
    saved: bool,
}

/// Collects the streams.
pub struct Streams {
    pub names: Rc<[String]>,
    pub digest: bool,
    /// Where the bytes are saved, if they are.
    pub saver: Option<Saver>,
    open: Vec<Option<Box<Row>>>,
    done: Vec<Row>,
    /// Frames of all streams.
    pub frames: u64,
}

impl Streams {
    pub fn new(names: Rc<[String]>, digest: bool, saver: Option<Saver>) -> Self {
        Self {
            names,
            digest,
            saver,
            open: Vec::new(),
            done: Vec::new(),
            frames: 0,
        }
    }

    fn row(&mut self, origin: StreamRef<'_>) -> Option<&mut Row> {
        self.open.get_mut(origin.id.slot as usize)?.as_deref_mut()
    }

    /// All streams, by connection, client first.
    pub fn rows(&mut self) -> &[Row] {
        self.done.sort_by_key(|row| (row.id.connection, row.id.dir));
        &self.done
    }
}

/// Name of the capture in which a stream begins.
fn name<'a>(names: &'a [String], begin: &Begin) -> &'a str {
    names.get(begin.capture as usize).map_or("", String::as_str)
}

/// The streams as a table, one a line.
pub fn table(rows: &[Row], out: &mut dyn io::Write) -> io::Result<()> {
    let mut grid = Grid::new(
        0,
        &[
            ("conn", Column::Right),
            ("dir", Column::Left),
            ("from", Column::Middle),
            ("to", Column::Middle),
            ("first", Column::Right),
            ("pkts", Column::Right),
            ("segs", Column::Right),
            ("bytes", Column::Right),
            ("gaps", Column::Right),
            ("frames", Column::Right),
            ("faults", Column::Right),
            ("flags", Column::End),
        ],
    );
    for row in rows {
        let style = if row.faults > 0 { FAULTY } else { Style::new() };
        grid.row(style, row.cells());
    }
    grid.write(out)
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let summary = &self.summary;
        let number = |n: u64| Grouped(n).to_string();
        vec![
            self.id.connection.to_string(),
            self.id.dir.name().to_owned(),
            self.begin.src.to_string(),
            self.begin.dst.to_string(),
            summary.first_packet.to_string(),
            number(summary.counts.packets),
            number(summary.counts.segments),
            size(summary.counts.bytes),
            number(self.gaps.len() as u64),
            number(self.frames),
            number(self.faults),
            short(&Flags::of_stream(summary)),
        ]
    }

    /// Writes the record of the stream.
    pub fn write(&self, writer: &mut Writer, layout: &Layout<tables::Streams>, names: &[String]) {
        let stream = StreamRef {
            id: self.id,
            begin: &self.begin,
        };
        let row = StreamRow {
            head: Head {
                capture: name(names, &self.begin),
                stream,
                text: &StreamText::new(stream),
            },
            summary: &self.summary,
            gaps: &self.gaps,
            frames: self.frames,
            faults: self.faults,
            sha256: self.sha256.as_deref(),
        };
        writer.write(layout, &row);
    }
}

/// Flags as words short enough for a line.
fn short(flags: &Flags) -> String {
    let words = flags.names().iter().map(|name| match *name {
        "midstream" => "mid",
        "conflict" => "conf",
        "duplicates" => "dup",
        "keepalive" => "ka",
        "urgent" => "urg",
        "after_fin" => "fin+",
        "rst_payload" => "rst+",
        "before_start" => "pre",
        "refused" => "ref",
        "evicted" => "evict",
        other => other,
    });
    words.collect::<Vec<_>>().join(" ")
}

impl Observer for Streams {
    fn begin(&mut self, origin: StreamRef<'_>) {
        let slot = origin.id.slot as usize;
        if self.open.len() <= slot {
            self.open.resize_with(slot + 1, || None);
        }
        self.open[slot] = Some(Box::new(Row {
            id: origin.id,
            begin: *origin.begin,
            gaps: Vec::new(),
            frames: 0,
            faults: 0,
            digest: self.digest.then(Sha256::new),
            sha256: None,
            summary: StreamSummary::default(),
            saved: false,
        }));
    }

    fn bytes(&mut self, origin: StreamRef<'_>, _offset: u64, bytes: &[u8], _selected: bool) {
        if !self.digest && self.saver.is_none() {
            return;
        }
        let slot = self.open.get_mut(origin.id.slot as usize);
        let Some(row) = slot.and_then(Option::as_deref_mut) else {
            return;
        };
        if let Some(digest) = &mut row.digest {
            digest.update(bytes);
        }
        if let Some(saver) = &mut self.saver {
            saver.bytes(origin, bytes, !row.saved);
            row.saved = true;
        }
    }

    fn frame(&mut self, origin: StreamRef<'_>, _frame: &FrameRecord<'_>) {
        self.frames += 1;
        if let Some(row) = self.row(origin) {
            row.frames += 1;
        }
    }

    fn fault(&mut self, origin: StreamRef<'_>, _fault: &FaultRecord<'_>) {
        if let Some(row) = self.row(origin) {
            row.faults += 1;
        }
    }

    fn gap(&mut self, origin: StreamRef<'_>, gap: &Gap) {
        let slot = self.open.get_mut(origin.id.slot as usize);
        let Some(row) = slot.and_then(Option::as_deref_mut) else {
            return;
        };
        if let Some(saver) = &mut self.saver {
            let capture = name(&self.names, &row.begin);
            saver.gap(origin, capture, gap, row.gaps.is_empty());
        }
        match row.gaps.last_mut() {
            Some((offset, length)) if *offset + *length == gap.offset => *length += gap.length,
            _ => row.gaps.push((gap.offset, gap.length)),
        }
    }

    fn stop(&self) -> bool {
        self.saver.as_ref().is_some_and(Saver::has_failed)
    }

    fn summary(&mut self, origin: StreamRef<'_>, summary: &StreamSummary) {
        let Some(mut row) = self
            .open
            .get_mut(origin.id.slot as usize)
            .and_then(Option::take)
        else {
            return;
        };
        row.sha256 = row
            .digest
            .take()
            .map(|digest| const_hex::encode(&digest.finalize()));
        row.summary = summary.clone();
        self.done.push(*row);
    }
}
