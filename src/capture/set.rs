//! Several captures read as one.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    vec,
};

use super::{
    CaptureInfo, Compression, Cut, Format, NoticeKind, Packet, Problem, ProblemKind, Time,
    at_hand::{AtHand, Source},
    chunk::{ChunkReader, Counting},
    pcap::{self, Pcap},
    pcapng::Pcapng,
    problem::in_words,
    record::{Record, Stop},
    sniff::{Sniffed, sniff},
    unpack::{Ended, Unpacker},
};

/// Bytes that tell every format.
const SNIFF: usize = 16;

/// A capture to read.
pub enum Input {
    /// A file, a named pipe too.
    Path(PathBuf),
    /// Anything else, standard input for instance.
    Reader {
        /// What to call it.
        name: String,
        /// Where its bytes come from; short reads are no matter.
        read: Box<dyn Read + Send>,
    },
}

impl Input {
    fn name(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Reader { name, .. } => name.clone(),
        }
    }

    fn size(&self) -> Option<u64> {
        match self {
            Self::Path(path) => fs::metadata(path)
                .ok()
                .filter(fs::Metadata::is_file)
                .map(|meta| meta.len()),
            Self::Reader { .. } => None,
        }
    }

    fn open(self) -> Result<Box<dyn Read + Send>, ProblemKind> {
        match self {
            Self::Reader { read, .. } => Ok(read),
            Self::Path(path) => {
                let file = File::open(path)
                    .map_err(|error| ProblemKind::Open(error.kind(), in_words(&error)))?;
                match file.metadata() {
                    Ok(meta) if meta.is_dir() => Err(ProblemKind::Directory),
                    _ => Ok(Box::new(file)),
                }
            }
        }
    }
}

/// How to read captures.
#[derive(Clone, Copy, Debug)]
pub struct ReadConfig {
    /// Most bytes that a packet may have; a record that claims more is damaged. 262,144 unless told.
    pub max_record: u32,
}

impl Default for ReadConfig {
    fn default() -> Self {
        Self {
            max_record: 262_144,
        }
    }
}

/// Captures read one after the other, in the order given, as one.
pub struct CaptureSet {
    inputs: vec::IntoIter<Input>,
    options: ReadConfig,
    /// The one being read; its row is the last of the table.
    current: Option<Open>,
    /// Read, but not given out; its bytes are in the buffer of `current`.
    found: Option<Record>,
    table: Vec<CaptureInfo>,
    /// Packets given out.
    packets: u64,
    /// First time in the file before.
    began: Option<Time>,
    bytes_read: Arc<AtomicU64>,
    total_bytes: Option<u64>,
}

struct Open {
    chunk: ChunkReader,
    container: Container,
}

enum Container {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl CaptureSet {
    /// Asks the sizes of the files, opens nothing yet.
    pub fn new(inputs: Vec<Input>, options: ReadConfig) -> Self {
        let total_bytes = inputs.iter().map(Input::size).sum();
        Self {
            inputs: inputs.into_iter(),
            options,
            current: None,
            found: None,
            table: Vec::new(),
            packets: 0,
            began: None,
            bytes_read: Arc::default(),
            total_bytes,
        }
    }

    /// The next packet of the set, in file order; none when all captures are read.
    ///
    /// A problem with a capture is put into its row of the [`CaptureSet::table`] and the next one is read.
    pub fn next_packet(&mut self) -> Option<Packet<'_>> {
        let record = match self.found.take() {
            Some(record) => record,
            None => self.any()?,
        };
        self.lend(&record)
    }

    /// Reads until there is a packet for [`CaptureSet::at_hand`]; false when all captures are read. The quick way, for
    /// everything else is [`CaptureSet::next_packet`]; both give the same packets.
    pub fn ready(&mut self) -> bool {
        if self.found.is_none() {
            self.found = self.any();
        }
        self.found.is_some()
    }

    /// The packets at hand: one at least behind a [`CaptureSet::ready`] that was true, none otherwise.
    pub fn at_hand(&mut self) -> AtHand<'_> {
        let found = self.found.take();
        let (number, capture) = (self.packets, self.table.len().saturating_sub(1) as u32);
        let (Some(open), Some(info)) = (&mut self.current, self.table.last_mut()) else {
            return AtHand::only(None);
        };
        let (bytes, start) = open.chunk.walk();
        let found = found.map(|record| packet(&record, bytes, number, capture));
        match &mut open.container {
            Container::Pcap(pcap) => {
                let rest = bytes.get(*start..).unwrap_or_default();
                let packets = &mut self.packets;
                let source = Source {
                    pcap,
                    info,
                    packets,
                    start,
                };
                AtHand::new(found, rest, source)
            }
            Container::Pcapng(_) => AtHand::only(found),
        }
    }

    /// The next record, wherever it is; counted.
    fn any(&mut self) -> Option<Record> {
        loop {
            let (Some(open), Some(info)) = (&mut self.current, self.table.last_mut()) else {
                if self.open_next() {
                    continue;
                } else {
                    return None;
                }
            };
            let next = match &mut open.container {
                Container::Pcap(pcap) => pcap.next(&mut open.chunk),
                Container::Pcapng(pcapng) => pcapng.next(&mut open.chunk),
            };
            match next {
                Ok(record) => {
                    info.count(&record);
                    if info.packets == 1 {
                        self.began(&record);
                    }
                    self.packets += 1;
                    return Some(record);
                }
                Err(stop) => self.stop(stop),
            }
        }
    }

    /// One row for each capture opened so far, right for the packets given out so far.
    pub fn table(&self) -> &[CaptureInfo] {
        &self.table
    }

    /// Bytes read so far, before decompression.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// Bytes to read in all, before decompression; none if an input is no plain file.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }

    fn lend(&self, record: &Record) -> Option<Packet<'_>> {
        let open = self.current.as_ref()?;
        let capture = self.table.len().saturating_sub(1) as u32;
        Some(packet(record, open.chunk.lent(), self.packets, capture))
    }

    /// Opens the next capture; false if there is none. One that cannot be read has its row only.
    #[cold]
    fn open_next(&mut self) -> bool {
        let Some(input) = self.inputs.next() else {
            return false;
        };
        let mut info = CaptureInfo::new(input.name(), self.packets + 1);
        match self.open(input, &mut info) {
            Ok(open) => self.current = open,
            Err(kind) => info.problem = Some(problem(&info, 0, None, kind)),
        }
        self.table.push(info);
        true
    }

    /// None if the capture ended within its file header; the row says how.
    fn open(&self, input: Input, info: &mut CaptureInfo) -> Result<Option<Open>, ProblemKind> {
        let read = Counting {
            read: input.open()?,
            count: Arc::clone(&self.bytes_read),
        };
        let mut chunk = ChunkReader::new(Box::new(read));
        chunk.fill(SNIFF);
        let mut sniffed = sniff(front(&chunk));
        if let Sniffed::Compressed(compression) = sniffed {
            info.compression = compression;
            chunk = ChunkReader::new(Box::new(Unpacker::new(chunk)));
            chunk.fill(SNIFF);
            sniffed = sniff(front(&chunk));
        }
        let container = match sniffed {
            Sniffed::Pcapng => Container::Pcapng(Pcapng::new(self.options.max_record)),
            Sniffed::Pcap => {
                chunk.fill(pcap::HEADER);
                let Some(header) = chunk.bytes().first_chunk() else {
                    return header_cut(&mut chunk, info);
                };
                let pcap = Pcap::open(header, self.options.max_record);
                chunk.consume(pcap::HEADER);
                Container::Pcap(pcap.map_err(|what| ProblemKind::Unsupported { what })?)
            }
            Sniffed::Compressed(inner) => {
                let what = format!("{inner} data inside of {} data", info.compression);
                return Err(ProblemKind::Unsupported { what });
            }
            Sniffed::Unsupported(what) => {
                return Err(ProblemKind::Unsupported {
                    what: what.to_owned(),
                });
            }
            Sniffed::Unknown(looks_like) => return no_capture(&mut chunk, info, looks_like),
        };
        info.format = Some(match &container {
            Container::Pcap(pcap) => pcap.format,
            Container::Pcapng(_) => Format::Pcapng,
        });
        Ok(Some(Open { chunk, container }))
    }

    /// Takes note of what the container said instead of giving a record.
    #[cold]
    fn stop(&mut self, stop: Stop) {
        let (Some(info), Some(open)) = (self.table.last_mut(), &mut self.current) else {
            return;
        };
        let packet = Some(self.packets + 1);
        match stop {
            Stop::Notice(kind, offset) => return info.notice(kind, offset),
            Stop::Damaged { offset, what } => {
                info.problem = Some(problem(info, offset, packet, ProblemKind::Damaged { what }));
            }
            Stop::End { offset, within } => {
                let cut = Cut {
                    offset,
                    packet: self.packets + 1,
                };
                match ending(&mut open.chunk, info.compression) {
                    Ending::Problem(kind) => {
                        info.problem = Some(problem(info, offset, packet, kind))
                    }
                    Ending::Cut => info.truncated = Some(cut),
                    _ if within => info.truncated = Some(cut),
                    Ending::Trailing => info.notice(NoticeKind::TrailingBytes, offset),
                    Ending::Clean => {}
                }
            }
        }
        self.current = None;
    }

    /// Looks at the first packet of a capture: rotated files begin in the order of their time.
    #[cold]
    fn began(&mut self, record: &Record) {
        if let (Some(time), Some(before), Some(info)) =
            (record.time, self.began, self.table.last_mut())
            && time < before
        {
            info.notice(NoticeKind::BeginsEarlier, 0);
        }
        self.began = record.time.or(self.began);
    }
}

/// The packet of a record, out of the buffer.
fn packet<'a>(record: &Record, buffer: &'a [u8], number: u64, capture: u32) -> Packet<'a> {
    let data = buffer.get(record.position..record.position + record.len);
    Packet {
        number,
        capture,
        time: record.time,
        link: record.link,
        fcs_len: record.fcs_len,
        data: data.unwrap_or_default(),
        wire_len: record.wire_len,
    }
}

fn problem(info: &CaptureInfo, offset: u64, packet: Option<u64>, kind: ProblemKind) -> Problem {
    Problem {
        capture: info.name.clone(),
        offset,
        packet,
        kind,
    }
}

/// How the bytes of a capture came to their end.
enum Ending {
    Clean,
    /// In the middle of the compressed data.
    Cut,
    /// With other bytes behind the compressed data.
    Trailing,
    Problem(ProblemKind),
}

fn ending(chunk: &mut ChunkReader, compression: Compression) -> Ending {
    let Some(error) = chunk.take_error() else {
        return Ending::Clean;
    };
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Ended>())
    {
        Some(Ended::Cut) => Ending::Cut,
        Some(Ended::Trailing) => Ending::Trailing,
        Some(Ended::Damaged(what)) => Ending::Problem(ProblemKind::Decompression {
            compression,
            what: what.clone(),
        }),
        // Reading, not opening, is what tells a directory on some systems.
        None if error.kind() == io::ErrorKind::IsADirectory => {
            Ending::Problem(ProblemKind::Directory)
        }
        None => Ending::Problem(ProblemKind::Read(error.kind(), in_words(&error))),
    }
}

/// The bytes that tell the format, however many more are at hand.
fn front(chunk: &ChunkReader) -> &[u8] {
    let bytes = chunk.bytes();
    bytes.get(..SNIFF).unwrap_or(bytes)
}

/// A file that begins like a capture and ends within its file header.
fn header_cut(
    chunk: &mut ChunkReader,
    info: &mut CaptureInfo,
) -> Result<Option<Open>, ProblemKind> {
    if let Ending::Problem(kind) = ending(chunk, info.compression) {
        return Err(kind);
    }
    info.truncated = Some(Cut {
        offset: 0,
        packet: info.first_packet,
    });
    Ok(None)
}

/// Bytes that no capture begins with, or too few of them to tell.
fn no_capture(
    chunk: &mut ChunkReader,
    info: &mut CaptureInfo,
    looks_like: Option<&'static str>,
) -> Result<Option<Open>, ProblemKind> {
    let first = front(chunk).to_vec();
    match ending(chunk, info.compression) {
        Ending::Problem(kind) => Err(kind),
        Ending::Cut if first.len() < 4 => {
            info.truncated = Some(Cut {
                offset: 0,
                packet: info.first_packet,
            });
            Ok(None)
        }
        _ if first.is_empty() => Err(ProblemKind::Empty),
        _ => Err(ProblemKind::NotACapture { first, looks_like }),
    }
}
