//! What can be wrong with a capture, as values: problems end its reading, notices do not.

use std::{
    error,
    fmt::{self, Write},
    io,
};

use super::Compression;

/// Why the reading of a capture ended before its end, or never began. What was read before it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Name of the capture.
    pub capture: String,
    /// Byte offset of the record that could not be read, after decompression.
    pub offset: u64,
    /// Number of the packet that could not be read, counted over all captures; none before the first record.
    pub packet: Option<u64>,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong with a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The file cannot be opened; what the system says.
    Open(io::ErrorKind, String),
    /// It is a directory.
    Directory,
    /// It holds no bytes.
    Empty,
    /// No known capture format.
    NotACapture {
        /// Its first bytes, 16 at most.
        first: Vec<u8>,
        /// What they look like, where that is known.
        looks_like: Option<&'static str>,
    },
    /// A capture format, or a variant of one, that is known but not read.
    Unsupported {
        /// Its name.
        what: String,
    },
    /// It begins like a capture and ends before its file header does.
    HeaderCut {
        /// Its length in bytes.
        bytes: usize,
        /// Length of the file header.
        header: usize,
    },
    /// A record is not valid: what was found, what was expected.
    Damaged {
        /// What was found, what was expected.
        what: String,
    },
    /// The compressed data is damaged.
    Decompression {
        /// How it is compressed.
        compression: Compression,
        /// What the decompressor says.
        what: String,
    },
    /// zstd data that needs a larger window than [`ReadConfig::max_window`](super::ReadConfig::max_window).
    LongWindow {
        /// The window that it needs, in bytes.
        window: u64,
        /// The window that is allowed, in bytes.
        limit: u64,
    },
    /// The system failed to read.
    Read(io::ErrorKind, String),
}

impl error::Error for Problem {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", Plain(&self.capture))?;
        match &self.kind {
            ProblemKind::Open(_, what) => write!(f, "cannot open: {}", Plain(what)),
            ProblemKind::Directory => f.write_str("is a directory; name the captures in it"),
            ProblemKind::Empty => {
                f.write_str("is empty; a capture begins with a file header, even without packets")
            }
            ProblemKind::NotACapture { first, looks_like } => not_a_capture(f, first, *looks_like),
            ProblemKind::Unsupported { what } => {
                write!(
                    f,
                    "{what} cannot be read; convert it to pcapng, with editcap for instance"
                )
            }
            ProblemKind::HeaderCut { bytes, header } => write!(
                f,
                "is not a capture: it ends after {bytes} bytes, within the file header of {header}"
            ),
            ProblemKind::LongWindow { window, limit } => {
                self.place(f)?;
                write!(
                    f,
                    ": the zstd data was made with a window of {window} bytes, and at most {limit} bytes of memory are \
                     allowed for it; read it with --max-window {window}, or unpack it with `zstd -d --long=31`"
                )
            }
            ProblemKind::Damaged { what } => {
                self.place(f)?;
                write!(f, ": {what}; all packets before it were used")
            }
            ProblemKind::Decompression { compression, what } => {
                self.place(f)?;
                write!(
                    f,
                    ": the {compression} data is damaged ({}); all packets before it were used",
                    Plain(what)
                )
            }
            ProblemKind::Read(_, what) => {
                self.place(f)?;
                write!(f, ": cannot read on: {}", Plain(what))
            }
        }
    }
}

impl Problem {
    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.packet {
            Some(packet) => write!(f, "packet {packet} at byte {}", self.offset),
            None => write!(f, "at byte {}", self.offset),
        }
    }
}

/// Text with its control characters escaped: names and messages may come from anywhere, and go to terminals.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// The system's message for a failure, without its number: `No such file or directory`.
pub fn in_words(error: &io::Error) -> String {
    let mut words = error.to_string();
    if let Some(at) = words.rfind(" (os error ") {
        words.truncate(at);
    }
    words
}

fn not_a_capture(
    f: &mut fmt::Formatter<'_>,
    first: &[u8],
    looks_like: Option<&str>,
) -> fmt::Result {
    f.write_str("is not a capture: it begins with")?;
    for byte in first {
        write!(f, " {byte:02x}")?;
    }
    if let Some(what) = looks_like {
        write!(f, ", which looks like {what}")?;
    }
    f.write_str("; expected pcap or pcapng, plain or compressed with gzip, zstd or lz4")
}

/// Where a capture ends in the middle of a record: the capturing was stopped, or the disk was full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Byte offset at which the record begins that is not whole, after decompression.
    pub offset: u64,
    /// The number that the packet would have had.
    pub packet: u64,
}

/// A property of a capture that affects its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// Byte offset of the first case, after decompression.
    pub offset: u64,
    /// How many cases; they are kept as one.
    pub count: u64,
}

/// What a [`Notice`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoticeKind {
    /// A pcapng packet names an interface that its section does not describe. It was skipped, and has no number.
    UnknownInterface {
        /// The number that it names.
        interface: u32,
    },
    /// A pcapng section has a version that is not known. It was skipped, as the format demands.
    UnknownVersion {
        /// Major version.
        major: u16,
        /// Minor version.
        minor: u16,
    },
    /// The capture begins earlier than the one read before it.
    BeginsEarlier,
    /// Bytes behind the compressed data that are none. They were ignored.
    TrailingBytes,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            offset,
            count,
        } = self;
        match kind {
            NoticeKind::UnknownInterface { interface } => write!(
                f,
                "packets skipped because their section does not describe their interface: {count} (the first at byte \
                 {offset} names interface {interface})"
            ),
            NoticeKind::UnknownVersion { major, minor } => write!(
                f,
                "sections skipped because their pcapng version is not known: {count} (the first at byte {offset} has \
                 {major}.{minor})"
            ),
            NoticeKind::BeginsEarlier => {
                f.write_str("begins earlier than the capture before it; rotated captures belong in the order of their times")
            }
            NoticeKind::TrailingBytes => f.write_str("bytes behind the compressed data were ignored"),
        }
    }
}
