//! `streams`: one record for each stream, in the order of connections.

use std::{io, rc::Rc};

use anstyle::Style;

use deframe::{
    analysis::{StreamEntry, StreamList},
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
        grid::{Column, Grid, Widths},
        size,
        style::FAULTY,
    },
    views::Saver,
};

/// What `streams` reports of one.
pub struct Row {
    pub id: StreamId,
    pub begin: Begin,
    /// Offset and length of what is missing.
    pub gaps: Vec<(u64, u64)>,
    pub frames: u64,
    pub faults: u64,
    pub sha256: Option<String>,
    pub summary: StreamSummary,
}

/// What is known of an open stream.
#[derive(Default)]
struct State {
    gaps: Vec<(u64, u64)>,
    frames: u64,
    faults: u64,
    digest: Option<Box<Sha256>>,
    /// Bytes of it have been saved.
    saved: bool,
}

/// Collects the streams, packed: about 100 bytes for each, and for each of its gaps up to 18 more.
pub struct Streams {
    pub names: Rc<[String]>,
    pub digest: bool,
    /// Where the bytes are saved, if they are.
    pub saver: Option<Saver>,
    /// By slot.
    open: Vec<State>,
    done: StreamList,
    /// Numbers of the stream added last.
    numbers: Vec<u64>,
    /// Frames of all streams.
    pub frames: u64,
}

/// Numbers of a digest.
const DIGEST: usize = 4;

impl Streams {
    pub fn new(names: Rc<[String]>, digest: bool, saver: Option<Saver>) -> Self {
        Self {
            names,
            digest,
            saver,
            open: Vec::new(),
            done: StreamList::default(),
            numbers: Vec::new(),
            frames: 0,
        }
    }

    fn state(&mut self, origin: StreamRef<'_>) -> Option<&mut State> {
        self.open.get_mut(origin.id.slot as usize)
    }

    /// All streams, by connection, client first, once everything is read.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        self.done.iter().map(|stream| Row::new(stream, self.digest))
    }
}

/// Name of the capture in which a stream begins.
fn name<'a>(names: &'a [String], begin: &Begin) -> &'a str {
    names.get(begin.capture as usize).map_or("", String::as_str)
}

/// Columns of the table.
const TABLE: [(&str, Column); 12] = [
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
];

/// Rows of the table that are held as text.
const ROWS_AT_ONCE: usize = 1024;

/// The streams as a table, one a line. Goes over the rows twice: first for the widths of the columns.
pub fn table(streams: &Streams, out: &mut dyn io::Write) -> io::Result<()> {
    let mut widths = Widths::new(&TABLE);
    streams.rows().for_each(|row| widths.fit(&row.cells()));
    let mut rows = streams.rows().peekable();
    let mut header = true;
    while header || rows.peek().is_some() {
        let mut grid = Grid::with_widths(0, &TABLE, &widths, header);
        for row in rows.by_ref().take(ROWS_AT_ONCE) {
            let style = if row.faults > 0 { FAULTY } else { Style::new() };
            grid.row(style, row.cells());
        }
        grid.write(out)?;
        header = false;
    }
    Ok(())
}

impl Row {
    fn new(stream: StreamEntry, digest: bool) -> Self {
        let numbers = &stream.numbers;
        let (sha256, numbers) = numbers.split_at(if digest { DIGEST } else { 0 });
        let gaps = numbers.get(2..).unwrap_or_default();
        Self {
            id: stream.id,
            begin: stream.begin,
            gaps: gaps.chunks_exact(2).map(|gap| (gap[0], gap[1])).collect(),
            frames: numbers.first().copied().unwrap_or(0),
            faults: numbers.get(1).copied().unwrap_or(0),
            sha256: digest.then(|| sha256.iter().map(|n| format!("{n:016x}")).collect()),
            summary: stream.summary,
        }
    }

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
            self.open.resize_with(slot + 1, State::default);
        }
        self.open[slot].digest = self.digest.then(Box::default);
    }

    fn bytes(&mut self, origin: StreamRef<'_>, _offset: u64, bytes: &[u8], _selected: bool) {
        if !self.digest && self.saver.is_none() {
            return;
        }
        let Some(state) = self.open.get_mut(origin.id.slot as usize) else {
            return;
        };
        if let Some(digest) = &mut state.digest {
            digest.update(bytes);
        }
        if let Some(saver) = &mut self.saver {
            saver.bytes(origin, bytes, !state.saved);
            state.saved = true;
        }
    }

    fn frame(&mut self, origin: StreamRef<'_>, _frame: &FrameRecord<'_>) {
        self.frames += 1;
        if let Some(state) = self.state(origin) {
            state.frames += 1;
        }
    }

    fn fault(&mut self, origin: StreamRef<'_>, _fault: &FaultRecord<'_>) {
        if let Some(state) = self.state(origin) {
            state.faults += 1;
        }
    }

    fn gap(&mut self, origin: StreamRef<'_>, gap: &Gap) {
        let Some(state) = self.open.get_mut(origin.id.slot as usize) else {
            return;
        };
        if let Some(saver) = &mut self.saver {
            let capture = name(&self.names, origin.begin);
            saver.gap(origin, capture, gap, state.gaps.is_empty());
        }
        match state.gaps.last_mut() {
            Some((offset, length)) if *offset + *length == gap.offset => *length += gap.length,
            _ => state.gaps.push((gap.offset, gap.length)),
        }
    }

    fn summary(&mut self, origin: StreamRef<'_>, summary: &StreamSummary) {
        let Some(state) = self.state(origin).map(std::mem::take) else {
            return;
        };
        let numbers = &mut self.numbers;
        numbers.clear();
        if let Some(digest) = state.digest {
            let digest = digest.finalize();
            let (numbers_of, _) = digest.as_chunks::<8>();
            numbers.extend(numbers_of.iter().map(|bytes| u64::from_be_bytes(*bytes)));
        }
        numbers.extend([state.frames, state.faults]);
        numbers.extend(state.gaps.into_iter().flat_map(|gap| [gap.0, gap.1]));
        self.done.push(origin.id, origin.begin, summary, numbers);
    }

    fn end_of_input(&mut self) {
        self.done.sort();
    }

    fn stop(&self) -> bool {
        self.saver.as_ref().is_some_and(Saver::has_failed)
    }
}
