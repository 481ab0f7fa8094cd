//! One capture that is being read: its bytes, its container, and the record read last.

use std::{io, sync::Arc, sync::atomic::AtomicU64};

use super::{
    CaptureInfo, Compression, Cut, Format, NoticeKind, Packet, Problem, ProblemKind, ReadConfig,
    ahead::ahead,
    chunk::{ChunkReader, Counting},
    input::{Input, SharedFollow},
    pcap::{self, Pcap},
    pcapng::Pcapng,
    problem::in_words,
    record::{Record, Stop},
    sniff::{Sniffed, sniff},
    unpack::{Ended, Unpacker},
};

/// Bytes by which every format is recognised.
const SNIFF_BYTES: usize = 16;
/// Shortest section header block of a pcapng.
const SECTION_HEADER_BYTES: usize = 28;

/// A capture behind its file header.
pub(super) struct Source {
    pub(super) chunk: ChunkReader,
    pub(super) container: Container,
    /// Read and not given out; its bytes are in the buffer of `chunk`.
    pub(super) record: Option<Record>,
    /// Index of its row in the capture table.
    pub(super) row: usize,
    /// Its position among the captures given.
    pub(super) given: u32,
    /// Reads may wait for a writer.
    pub(super) live: bool,
}

pub(super) enum Container {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// How to open a capture.
pub(super) struct Opening<'a> {
    pub(super) config: &'a ReadConfig,
    pub(super) bytes_read: Arc<AtomicU64>,
    pub(super) follow: Option<SharedFollow>,
    /// False to read only its first record: small buffer, no thread.
    pub(super) whole: bool,
}

impl Source {
    /// Reads the file header. None if the capture ended within it; the row says how.
    pub(super) fn open(
        input: Input,
        opening: Opening<'_>,
        info: &mut CaptureInfo,
    ) -> Result<Option<Self>, ProblemKind> {
        let live = opening.follow.is_some() || input.size().is_none();
        let read = Box::new(Counting {
            read: input.open(opening.follow)?,
            count: opening.bytes_read,
        });
        let mut chunk = match opening.whole {
            true => ChunkReader::new(read),
            false => ChunkReader::small(read),
        };
        chunk.fill(SNIFF_BYTES);
        let mut sniffed = sniff(front(&chunk));
        if let Sniffed::Compressed(compression) = sniffed {
            info.compression = compression;
            let unpacker = Unpacker::new(chunk, opening.config.max_window);
            chunk = match opening.whole {
                true => ChunkReader::new(ahead(unpacker)),
                false => ChunkReader::small(Box::new(unpacker)),
            };
            chunk.fill(SNIFF_BYTES);
            sniffed = sniff(front(&chunk));
        }
        let Some(container) = container(&mut chunk, info, sniffed, opening.config.max_record)?
        else {
            return Ok(None);
        };
        info.format = Some(match &container {
            Container::Pcap(pcap) => pcap.format,
            Container::Pcapng(_) => Format::Pcapng,
        });
        Ok(Some(Self {
            chunk,
            container,
            record: None,
            row: 0,
            given: 0,
            live,
        }))
    }

    /// Reads the next record, which would be packet `number`; false at the end of the capture. The row says how it
    /// ended, and what was noticed on the way.
    #[inline]
    pub(super) fn load(&mut self, info: &mut CaptureInfo, number: u64) -> bool {
        loop {
            let next = match &mut self.container {
                Container::Pcap(pcap) => pcap.next(&mut self.chunk),
                Container::Pcapng(pcapng) => pcapng.next(&mut self.chunk),
            };
            match next {
                Ok(record) => {
                    self.record = Some(record);
                    return true;
                }
                Err(Stop::Notice(kind, offset)) => info.notice(kind, offset),
                Err(stop) => {
                    self.ended(stop, info, number);
                    return false;
                }
            }
        }
    }

    /// Whether the next packet may have to be waited for: a writer is at the other end and no whole packet is buffered.
    pub(super) fn may_wait(&self) -> bool {
        self.live
            && self.record.is_none()
            && !match &self.container {
                Container::Pcap(pcap) => pcap.is_ready(self.chunk.bytes()),
                Container::Pcapng(pcapng) => pcapng.is_ready(self.chunk.bytes()),
            }
    }

    /// Time of the record read last, in nanoseconds; a record without one comes before all others, as mergecap has it.
    pub(super) fn time(&self) -> i64 {
        let time = self.record.as_ref().and_then(|record| record.time);
        time.map_or(i64::MIN, |time| time.nanos())
    }

    /// Notes in the row why there is no further record.
    #[cold]
    fn ended(&mut self, stop: Stop, info: &mut CaptureInfo, number: u64) {
        let packet = Some(number);
        match stop {
            Stop::Notice(kind, offset) => info.notice(kind, offset),
            Stop::Damaged { offset, what } => {
                info.problem = Some(problem(info, offset, packet, ProblemKind::Damaged { what }));
            }
            Stop::End { offset, within } => {
                let cut = Cut {
                    offset,
                    packet: number,
                };
                match ending(&mut self.chunk, info.compression) {
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
    }
}

/// Reads the file header of the format recognised. None if the capture ended within it.
fn container(
    chunk: &mut ChunkReader,
    info: &mut CaptureInfo,
    sniffed: Sniffed,
    max_record: u32,
) -> Result<Option<Container>, ProblemKind> {
    Ok(Some(match sniffed {
        Sniffed::Pcapng if chunk.fill(SECTION_HEADER_BYTES) => {
            Container::Pcapng(Pcapng::new(max_record))
        }
        Sniffed::Pcapng => return header_cut(chunk, info, SECTION_HEADER_BYTES),
        Sniffed::Pcap => {
            chunk.fill(pcap::HEADER);
            let Some(header) = chunk.bytes().first_chunk() else {
                return header_cut(chunk, info, pcap::HEADER);
            };
            let pcap = Pcap::open(header, max_record);
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
        Sniffed::Unknown(looks_like) => return no_capture(chunk, info, looks_like),
    }))
}

/// The packet of a record, out of the buffer.
pub(super) fn packet<'a>(
    record: &Record,
    buffer: &'a [u8],
    number: u64,
    capture: u32,
) -> Packet<'a> {
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

pub(super) fn problem(
    info: &CaptureInfo,
    offset: u64,
    packet: Option<u64>,
    kind: ProblemKind,
) -> Problem {
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
        Some(&Ended::LongWindow { window, limit }) => {
            Ending::Problem(ProblemKind::LongWindow { window, limit })
        }
        // Some systems report a directory when it is read, not when it is opened.
        None if error.kind() == io::ErrorKind::IsADirectory => {
            Ending::Problem(ProblemKind::Directory)
        }
        None => Ending::Problem(ProblemKind::Read(error.kind(), in_words(&error))),
    }
}

/// The bytes by which the format is recognised, however many more are buffered.
fn front(chunk: &ChunkReader) -> &[u8] {
    let bytes = chunk.bytes();
    bytes.get(..SNIFF_BYTES).unwrap_or(bytes)
}

/// A file that begins like a pcap and ends within its file header: no capture, unless compressed data was cut off.
fn header_cut(
    chunk: &mut ChunkReader,
    info: &mut CaptureInfo,
    header: usize,
) -> Result<Option<Container>, ProblemKind> {
    match ending(chunk, info.compression) {
        Ending::Problem(kind) => Err(kind),
        Ending::Cut => Ok(cut_at_start(info)),
        Ending::Clean | Ending::Trailing => Err(ProblemKind::HeaderCut {
            bytes: chunk.bytes().len(),
            header,
        }),
    }
}

/// Bytes that no capture begins with, or too few to decide.
fn no_capture(
    chunk: &mut ChunkReader,
    info: &mut CaptureInfo,
    looks_like: Option<&'static str>,
) -> Result<Option<Container>, ProblemKind> {
    let first = front(chunk).to_vec();
    match ending(chunk, info.compression) {
        Ending::Problem(kind) => Err(kind),
        Ending::Cut if first.len() < 4 => Ok(cut_at_start(info)),
        _ if first.is_empty() => Err(ProblemKind::Empty),
        _ => Err(ProblemKind::NotACapture { first, looks_like }),
    }
}

fn cut_at_start(info: &mut CaptureInfo) -> Option<Container> {
    info.truncated = Some(Cut {
        offset: 0,
        packet: info.first_packet,
    });
    None
}
