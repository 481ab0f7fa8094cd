//! Decompression: gzip members, zstd and LZ4 frames, any number of them one after the other.
//!
//! Knows nothing of captures. Distinguishes what the decompressors do not: data that ends too soon (a capture that was
//! cut off) and data that is damaged.

use std::{
    error, fmt,
    io::{self, BufRead, ErrorKind, Read},
    mem,
};

use flate2::{Decompress, FlushDecompress, Status};
use lz4_flex::frame::FrameDecoder as Lz4Decoder;
use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder as ZstdDecoder, errors::FrameDecoderError,
};

use super::{Compression, chunk::ChunkReader, sniff};

/// Largest window of DEFLATE (RFC 1951), as its exponent.
const WINDOW_BITS: u8 = 15;

/// Why the decompressed bytes end, other than cleanly. It travels inside an [`io::Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The compressed data ends in the middle of a member or frame.
    Cut,
    /// Other bytes follow the last whole member or frame.
    Trailing,
    /// It is damaged; the decompressor's message.
    Damaged(String),
    /// A zstd frame needs a larger window than allowed; both in bytes.
    LongWindow { window: u64, limit: u64 },
}

impl error::Error for Ended {}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut => f.write_str("the compressed data ends too soon"),
            Self::Trailing => f.write_str("other bytes follow the compressed data"),
            Self::LongWindow { window, limit } => {
                write!(
                    f,
                    "a zstd window of {window} bytes is over the limit of {limit}"
                )
            }
            Self::Damaged(what) => write!(f, "the compressed data is damaged: {what}"),
        }
    }
}

impl From<Ended> for io::Error {
    fn from(ended: Ended) -> Self {
        Self::new(ErrorKind::InvalidData, ended)
    }
}

/// A `Read` of the decompressed bytes.
pub(super) struct Unpacker {
    state: State,
    /// Maximum window of zstd data, in bytes.
    max_window: u64,
}

enum State {
    /// Between two members or frames, or before the first.
    Between(Packed),
    Gzip(Box<Gzip>),
    Zstd(Box<Zstd>),
    Lz4(Lz4Decoder<Packed>),
    Done,
}

impl Unpacker {
    /// Over bytes of which the first, already buffered, name the compression.
    pub(super) fn new(chunk: ChunkReader, max_window: u64) -> Self {
        Self {
            max_window,
            state: State::Between(Packed {
                chunk,
                starved: false,
            }),
        }
    }

    /// Begins the member or frame at the front of the bytes left.
    fn begin(mut packed: Packed, max_window: u64) -> io::Result<State> {
        packed.chunk.fill(4);
        if packed.chunk.bytes().is_empty() {
            return packed.chunk.take_error().map_or(Ok(State::Done), Err);
        }
        Ok(match sniff::compression(packed.chunk.bytes()) {
            None => return Err(Ended::Trailing.into()),
            Some(_) if packed.skips()? => State::Between(packed),
            Some(Compression::Zstd) => State::Zstd(Box::new(Zstd::begin(packed, max_window)?)),
            Some(Compression::Lz4) => State::Lz4(Lz4Decoder::new(packed)),
            Some(_) => State::Gzip(Box::new(Gzip::begin(packed))),
        })
    }
}

impl Read for Unpacker {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match &mut self.state {
                State::Done => return Ok(0),
                State::Between(_) => Ok(0),
                State::Gzip(decoder) => decoder.read(buf),
                State::Zstd(decoder) => decoder.read(buf),
                State::Lz4(decoder) => match decoder.read(buf) {
                    // lz4_flex reports the end of the input between two blocks as the end of the frame.
                    Ok(0) if decoder.get_ref().starved => Err(Ended::Cut.into()),
                    read => read.map_err(|error| decoder.get_mut().judge(error)),
                },
            };
            match read {
                Ok(0) => {}
                Ok(n) => return Ok(n),
                Err(error) => {
                    self.state = State::Done;
                    return Err(error);
                }
            }
            self.state = match mem::replace(&mut self.state, State::Done) {
                State::Between(packed) => Self::begin(packed, self.max_window)?,
                State::Gzip(decoder) => State::Between(decoder.source),
                State::Zstd(decoder) => State::Between(decoder.source),
                State::Lz4(decoder) => State::Between(decoder.into_inner()),
                State::Done => State::Done,
            };
        }
    }
}

/// The compressed bytes, and whether a decompressor asked for more than there are.
struct Packed {
    chunk: ChunkReader,
    starved: bool,
}

impl Packed {
    /// Skips a skippable frame (RFC 8878, 3.1.2), if one is next.
    fn skips(&mut self) -> io::Result<bool> {
        let [0x50..=0x5f, 0x2a, 0x4d, 0x18] = self.chunk.bytes().get(..4).unwrap_or_default()
        else {
            return Ok(false);
        };
        let whole = self.chunk.fill(8)
            && match self
                .chunk
                .bytes()
                .get(4..8)
                .and_then(|raw| raw.first_chunk())
            {
                Some(length) => self.chunk.skip(8 + u64::from(u32::from_le_bytes(*length))),
                None => false,
            };
        if whole {
            Ok(true)
        } else {
            Err(self.chunk.take_error().unwrap_or(Ended::Cut.into()))
        }
    }

    /// The cause of a decompressor's error: a failed read, the end of the input, or damage.
    fn judge(&mut self, error: impl fmt::Display) -> io::Error {
        match self.chunk.take_error() {
            Some(cause) => cause,
            None if self.starved => Ended::Cut.into(),
            None => Ended::Damaged(error.to_string()).into(),
        }
    }
}

impl Read for Packed {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buf)?;
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Packed {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.chunk.bytes().is_empty() && !self.chunk.fill(1) {
            self.starved = true;
        }
        Ok(self.chunk.bytes())
    }

    fn consume(&mut self, n: usize) {
        self.chunk.consume(n);
    }
}

/// One gzip member.
struct Gzip {
    decoder: Decompress,
    source: Packed,
    ended: bool,
    /// The error that ended the decoding; returned when all bytes decoded before it have been read.
    failed: Option<io::Error>,
}

impl Gzip {
    fn begin(source: Packed) -> Self {
        Self {
            decoder: Decompress::new_gzip(WINDOW_BITS),
            source,
            ended: false,
            failed: None,
        }
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while !self.ended && !buf.is_empty() {
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            let (taken, given) = (self.decoder.total_in(), self.decoder.total_out());
            let input = self.source.fill_buf()?;
            let empty = input.is_empty();
            let result = self.decoder.decompress(input, buf, FlushDecompress::None);
            let taken = (self.decoder.total_in() - taken) as usize;
            let given = (self.decoder.total_out() - given) as usize;
            self.source.consume(taken);
            match result {
                Ok(Status::StreamEnd) => self.ended = true,
                Ok(_) if taken > 0 || given > 0 => {}
                Ok(_) if empty => self.failed = Some(self.source.judge("cut")),
                Ok(_) => self.failed = Some(self.source.judge("no progress")),
                // The decoder's own message depends on how much it was given at once.
                Err(_) => self.failed = Some(self.source.judge("corrupt gzip stream")),
            }
            if given > 0 {
                return Ok(given);
            }
        }
        Ok(0)
    }
}

/// One zstd frame.
struct Zstd {
    decoder: ZstdDecoder,
    source: Packed,
    /// The error that ended the decoding; returned when all bytes decoded before it have been read.
    failed: Option<io::Error>,
}

impl Zstd {
    /// A new decoder for every frame: one that is used again reserves the window that the frame claims.
    fn begin(mut source: Packed, max_window: u64) -> io::Result<Self> {
        let mut decoder = ZstdDecoder::new();
        decoder.set_max_window_size(max_window);
        match decoder.init(&mut source) {
            Ok(()) => Ok(Self {
                decoder,
                source,
                failed: None,
            }),
            Err(FrameDecoderError::WindowSizeTooBig { requested, max }) => Err(Ended::LongWindow {
                window: requested,
                limit: max,
            }
            .into()),
            Err(error) => Err(source.judge(error)),
        }
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.decoder.read(buf)?;
            if n > 0 {
                return Ok(n);
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            if self.decoder.is_finished() {
                return self.check();
            }
            if let Err(error) = self
                .decoder
                .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
            {
                self.failed = Some(self.source.judge(error));
                self.give_up();
            }
        }
    }

    /// The decoder holds back a window of what it decoded until the frame ends, so end it: an empty raw block that is
    /// the last one, and a checksum that is not compared.
    fn give_up(&mut self) {
        let end = [1, 0, 0, 0, 0, 0, 0];
        // If even that fails there is nothing more to be had.
        let _ = self
            .decoder
            .decode_blocks(&end[..], BlockDecodingStrategy::UptoBlocks(1));
    }

    fn check(&self) -> io::Result<usize> {
        match (
            self.decoder.get_checksum_from_data(),
            self.decoder.get_calculated_checksum(),
        ) {
            (Some(said), Some(found)) if said != found => Err(Ended::Damaged(format!(
                "checksum {found:08x}, its frame says {said:08x}"
            ))
            .into()),
            _ => Ok(0),
        }
    }
}
