//! What the framer needs to know of a protocol: one small table of frame types.

/// Header bytes to match, some of them perhaps only in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The bytes; bits outside the mask are 0.
    pub value: Vec<u8>,
    /// Which bits must match; as long as `value`.
    pub mask: Vec<u8>,
}

impl Pattern {
    /// Whether `bytes` begin with it.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        bytes.len() >= self.value.len()
            && self
                .value
                .iter()
                .zip(&self.mask)
                .zip(bytes)
                .all(|((value, mask), byte)| byte & mask == *value)
    }
}

/// Byte order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Endian {
    /// Most significant byte first.
    #[default]
    Big,
    /// Least significant byte first.
    Little,
}

/// How a length is written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LengthFormat {
    /// An unsigned integer of 1 to 8 bytes.
    Uint {
        /// Width in bytes, 1 to 8.
        width: usize,
        /// Byte order.
        endian: Endian,
        /// Bits of it that are length, after reading; all ones if all.
        mask: u64,
    },
    /// MQTT's variable byte integer (MQTT 5.0, 1.5.5): 7 bits a byte, low first, at most 4 bytes; the count starts
    /// behind it.
    Varint,
    /// Decimal digits up to a separator, as in netstrings and RFC 6587; the count starts behind the separator.
    Ascii {
        /// The byte that ends the digits.
        sep: u8,
    },
}

/// Bytes that every so often are in the frame but not in its length: DNP3's block checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// First byte of the frame that is in a block.
    pub after: u64,
    /// Bytes of a block; the last may be shorter.
    pub every: u64,
    /// Bytes added behind each started block.
    pub add: u64,
}

impl Blocks {
    /// Bytes from the beginning of a block to the next.
    pub(super) fn step(&self) -> Option<u64> {
        self.every.checked_add(self.add)
    }
}

/// A length written in the frame: `value + adjust` bytes from the first byte of the frame
/// (from behind the field for `Varint` and `Ascii`), and what `blocks` add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LengthField {
    /// Where the field starts, from the first byte of the frame.
    pub offset: usize,
    /// How it is written.
    pub format: LengthFormat,
    /// Added to its value.
    pub adjust: i64,
    /// Bytes not in it.
    pub blocks: Option<Blocks>,
}

/// How the size of a frame is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Size {
    /// Always the same: bytes on the wire, header and end marker counted.
    Fixed(usize),
    /// Written in the frame.
    Length(LengthField),
    /// Up to the first end marker behind the header, and with it.
    Searched,
}

/// Parameters of a CRC, as the catalogue of parametrised CRC algorithms has them
/// (<https://reveng.sourceforge.io/crc-catalogue/>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crc {
    /// Bits: 8, 16, 24 or 32.
    pub width: u8,
    /// Generator polynomial, highest power first, x^width left out.
    pub poly: u32,
    /// Register at the start, not reflected.
    pub init: u32,
    /// Whether bytes go in low bit first.
    pub reflect_in: bool,
    /// Whether the register comes out low bit first.
    pub reflect_out: bool,
    /// Exclusive-or at the end.
    pub xorout: u32,
}

/// A checksum algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChecksumKind {
    /// A cyclic redundancy check.
    Crc(Crc),
    /// Sum of the bytes, modulo 256.
    Sum8,
    /// Sum of the bytes, modulo 65,536.
    Sum16,
    /// Exclusive-or of the bytes.
    Xor8,
    /// Two's complement of the sum of the bytes, modulo 256.
    Lrc,
    /// Fletcher's checksum of 8-bit sums modulo 256 (RFC 1145; u-blox UBX): the second sum in the high byte.
    Fletcher8,
    /// Fletcher's checksum of 8-bit sums modulo 255: the second sum in the high byte.
    Fletcher16,
    /// Adler-32 (RFC 1950).
    Adler32,
    /// The Internet checksum (RFC 1071).
    Internet,
}

impl ChecksumKind {
    /// Bytes of the checksum in the frame.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Self::Crc(crc) => usize::from(crc.width / 8),
            Self::Sum8 | Self::Xor8 | Self::Lrc => 1,
            Self::Sum16 | Self::Fletcher8 | Self::Fletcher16 | Self::Internet => 2,
            Self::Adler32 => 4,
        }
    }
}

/// A checksum in the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// Which.
    pub kind: ChecksumKind,
    /// Order of its bytes in the frame.
    pub endian: Endian,
    /// Where it stands: bytes from the first byte of the frame, or, if negative, from its end.
    pub at: i64,
    /// First byte that it covers.
    pub from: usize,
    /// Whether it stands behind every block of [`Blocks`] (and behind the bytes before the first block), not once.
    pub blocks: bool,
}

/// Where a frame may start while the framer hunts for the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resync {
    /// At any byte.
    #[default]
    Scan,
    /// Only where a segment starts: for headers too weak to search for.
    Segment,
}

/// Match frame type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameLayout {
    /// Its header: any of these, at its first byte. Empty: no header.
    pub headers: Vec<Pattern>,
    /// How its size is known.
    pub size: Size,
    /// Its end marker; empty if it has none.
    pub end: Vec<u8>,
    /// Smallest size on the wire.
    pub min: u64,
    /// Largest size on the wire; bounds the memory of a stream.
    pub max: u64,
    /// Its checksum.
    pub checksum: Option<Checksum>,
}

impl FrameLayout {
    /// Bytes of its header, 0 without one; of its first header where they differ.
    #[must_use]
    pub fn header_len(&self) -> usize {
        self.headers.first().map_or(0, |header| header.value.len())
    }
}

/// The shape of a protocol: its frame types, in the order in which they are tried, and the messages that they make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The frame types; an event's `kind` is an index into them.
    pub frames: Vec<FrameLayout>,
    /// The frame types of each message, which stand back to back in this order; indices into `frames`.
    pub messages: Vec<Vec<usize>>,
    /// Where a frame may start while hunting.
    pub resync: Resync,
}
