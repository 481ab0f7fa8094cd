//! `streams`: one record for each stream, in the order of connections.

use std::rc::Rc;

use deframe::{
    pipeline::{FaultRecord, FrameRecord, Observer, Origin},
    tcp::{Begin, Gap, StreamId, StreamSummary},
};
use sha2::{Digest, Sha256};

use super::json::{Head, Stream};

/// Columns of the streams as CSV.
pub const COLUMNS: &[&str] = &[
    "capture",
    "connection",
    "dir",
    "src",
    "sport",
    "dst",
    "dport",
    "first_packet",
    "last_packet",
    "time",
    "end_time",
    "packets",
    "segments",
    "bytes",
    "gap_count",
    "gap_bytes",
    "retransmitted_segments",
    "out_of_order_segments",
    "conflict_bytes",
    "syn",
    "fin",
    "rst",
    "frames",
    "faults",
    "flags",
    "sha256",
];

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
}

/// Collects the streams.
pub struct Streams {
    pub names: Rc<[String]>,
    pub digest: bool,
    open: Vec<Option<Box<Row>>>,
    done: Vec<Row>,
    /// Frames of all streams.
    pub frames: u64,
}

impl Streams {
    pub fn new(names: Rc<[String]>, digest: bool) -> Self {
        Self {
            names,
            digest,
            open: Vec::new(),
            done: Vec::new(),
            frames: 0,
        }
    }

    fn row(&mut self, origin: Origin<'_>) -> Option<&mut Row> {
        self.open.get_mut(origin.id.slot as usize)?.as_deref_mut()
    }

    /// All streams, by connection, client first.
    pub fn rows(&mut self) -> &[Row] {
        self.done.sort_by_key(|row| (row.id.connection, row.id.dir));
        &self.done
    }
}

impl Row {
    /// The record of the stream.
    pub fn record<'a>(&'a self, names: &'a [String]) -> Stream<'a> {
        let name = names
            .get(self.begin.capture as usize)
            .map_or("", String::as_str);
        let origin = Origin {
            id: self.id,
            begin: &self.begin,
        };
        let head = Head::new(Stream::SCHEMA, name, origin);
        Stream::new(
            head,
            &self.summary,
            &self.gaps,
            (self.frames, self.faults),
            self.sha256.clone(),
        )
    }
}

impl Observer for Streams {
    fn begin(&mut self, origin: Origin<'_>) {
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
        }));
    }

    fn bytes(&mut self, origin: Origin<'_>, _offset: u64, bytes: &[u8]) {
        if self.digest
            && let Some(digest) = self.row(origin).and_then(|row| row.digest.as_mut())
        {
            digest.update(bytes);
        }
    }

    fn frame(&mut self, origin: Origin<'_>, _frame: &FrameRecord<'_>) {
        self.frames += 1;
        if let Some(row) = self.row(origin) {
            row.frames += 1;
        }
    }

    fn fault(&mut self, origin: Origin<'_>, _fault: &FaultRecord<'_>) {
        if let Some(row) = self.row(origin) {
            row.faults += 1;
        }
    }

    fn gap(&mut self, origin: Origin<'_>, gap: &Gap) {
        let Some(row) = self.row(origin) else { return };
        match row.gaps.last_mut() {
            Some((offset, length)) if *offset + *length == gap.offset => *length += gap.length,
            _ => row.gaps.push((gap.offset, gap.length)),
        }
    }

    fn summary(&mut self, origin: Origin<'_>, summary: &StreamSummary) {
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
            .map(|digest| hex::encode(digest.finalize()));
        row.summary = summary.clone();
        self.done.push(*row);
    }
}
