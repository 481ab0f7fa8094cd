//! Records of a pcap file, of all its variants (draft-ietf-opsawg-pcap; <https://wiki.wireshark.org/Development/LibpcapFileFormat>).

use pcap_parser::{
    LegacyPcapBlock, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified,
};

use super::{
    Format, LinkType, Time,
    chunk::ChunkReader,
    record::{Record, Stop},
};

/// Bytes of the file header.
pub(super) const HEADER: usize = 24;

const NANOS: i64 = 1_000_000_000;

/// How the records of a file are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    LittleEndian,
    BigEndian,
    ModifiedLittleEndian,
    /// What pcap-parser has no function for: modified big-endian, and the versions that swap the two lengths.
    Other {
        big_endian: bool,
        header: usize,
        swap: Swap,
    },
}

/// Versions before 2.3 (and 543.0 of DG/UX) keep the wire length before the captured one; some 2.3 do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Swap {
    Never,
    Always,
    WhenGreater,
}

/// A pcap file behind its header.
pub(super) struct Pcap {
    layout: Layout,
    /// Nanoseconds per unit of the fraction.
    unit: i64,
    /// Units per second.
    units: u32,
    link: LinkType,
    fcs_len: u8,
    max_record: u32,
    /// Records read, for the message only.
    records: u64,
    pub(super) format: Format,
}

impl Pcap {
    /// Reads the file header; else the name of the variant that is not read.
    ///
    /// By hand, because pcap-parser knows the modified format in one byte order only and leaves the FCS bits in the
    /// link type.
    pub(super) fn open(header: &[u8; HEADER], max_record: u32) -> Result<Self, String> {
        let [a, b, c, d, e, f, g, h, .., l0, l1, l2, l3] = *header;
        let (format, big_endian) = match [a, b, c, d] {
            [0xa1, 0xb2, 0xc3, 0xd4] => (Format::Pcap, true),
            [0xd4, 0xc3, 0xb2, 0xa1] => (Format::Pcap, false),
            [0xa1, 0xb2, 0x3c, 0x4d] => (Format::PcapNanoseconds, true),
            [0x4d, 0x3c, 0xb2, 0xa1] => (Format::PcapNanoseconds, false),
            [0xa1, 0xb2, 0xcd, 0x34] => (Format::PcapModified, true),
            _ => (Format::PcapModified, false),
        };
        let u16_of = |bytes| {
            if big_endian {
                u16::from_be_bytes(bytes)
            } else {
                u16::from_le_bytes(bytes)
            }
        };
        let version = (u16_of([e, f]), u16_of([g, h]));
        let field = [l0, l1, l2, l3];
        let field = if big_endian {
            u32::from_be_bytes(field)
        } else {
            u32::from_le_bytes(field)
        };
        let swap = match version {
            // AIX has 2.2 with interface types (RFC 1573) for link types, and nanoseconds under the plain magic.
            (2, 2) if format == Format::Pcap && matches!(field, 6 | 9 | 15 | 24) => {
                return Err("a capture in AIX's variant of pcap".to_owned());
            }
            (2, 0..=2) | (543, 0) => Swap::Always,
            (2, 3) => Swap::WhenGreater,
            (2, 4) => Swap::Never,
            (major, minor) => {
                return Err(format!(
                    "pcap version {major}.{minor} (known are 2.0 to 2.4 and 543.0)"
                ));
            }
        };
        let layout = match (format, big_endian, swap) {
            (Format::PcapModified, false, Swap::Never) => Layout::ModifiedLittleEndian,
            (Format::PcapModified, ..) => Layout::Other {
                big_endian,
                header: 24,
                swap,
            },
            (_, false, Swap::Never) => Layout::LittleEndian,
            (_, true, Swap::Never) => Layout::BigEndian,
            _ => Layout::Other {
                big_endian,
                header: 16,
                swap,
            },
        };
        let (unit, units) = if format == Format::PcapNanoseconds {
            (1, 1_000_000_000)
        } else {
            (1000, 1_000_000)
        };
        let link = LinkType(field as u16);
        Ok(Self {
            layout,
            unit,
            units,
            link,
            fcs_len: fcs_len(field),
            max_record,
            records: 0,
            format,
        })
    }

    /// The next record.
    #[inline]
    pub(super) fn next(&mut self, chunk: &mut ChunkReader) -> Result<Record, Stop> {
        loop {
            let bytes = chunk.bytes();
            let (block, header) = match self.layout {
                Layout::LittleEndian => (parse_pcap_frame(bytes).ok().map(|(_, block)| block), 16),
                Layout::BigEndian => (parse_pcap_frame_be(bytes).ok().map(|(_, block)| block), 16),
                Layout::ModifiedLittleEndian => (
                    parse_pcap_frame_modified(bytes)
                        .ok()
                        .map(|(_, block)| block),
                    24,
                ),
                Layout::Other {
                    big_endian,
                    header,
                    swap,
                } => (by_hand(bytes, big_endian, header, swap), header),
            };
            if let Some(block) = block
                && block.caplen <= self.max_record
            {
                let record = self.record(&block, chunk.position() + header);
                chunk.consume(header + record.len);
                self.records += 1;
                return Ok(record);
            }
            self.more(chunk, header)?;
        }
    }

    #[inline]
    fn record(&self, block: &LegacyPcapBlock<'_>, position: usize) -> Record {
        // A fraction of a second or more is carried over by the sum; 2^32 s and 2^32 units cannot overflow it.
        let nanos = i64::from(block.ts_sec) * NANOS + i64::from(block.ts_usec) * self.unit;
        Record {
            time: Some(Time::from_nanos(nanos)),
            link: self.link,
            fcs_len: self.fcs_len,
            position,
            len: block.data.len(),
            wire_len: block.origlen.max(block.caplen),
            bad_fraction: block.ts_usec >= self.units,
        }
    }

    /// Reads on until the record at hand is whole, if it can be.
    #[cold]
    fn more(&mut self, chunk: &mut ChunkReader, header: usize) -> Result<(), Stop> {
        let offset = chunk.offset();
        if !chunk.fill(header) {
            return Err(Stop::End {
                offset,
                within: !chunk.bytes().is_empty(),
            });
        }
        let caplen = self.caplen(chunk.bytes());
        if caplen > self.max_record {
            let mut what = format!(
                "its record claims {caplen} captured bytes, the limit is {}",
                self.max_record
            );
            if self.records <= 1 {
                what.push_str(" (or this is a variant with longer record headers, like Nokia's)");
            }
            return Err(Stop::Damaged { offset, what });
        }
        if !chunk.fill(header + caplen as usize) {
            return Err(Stop::End {
                offset,
                within: true,
            });
        }
        Ok(())
    }

    /// Captured length that the record header at the front of `bytes` claims.
    fn caplen(&self, bytes: &[u8]) -> u32 {
        let (big_endian, swap) = match self.layout {
            Layout::LittleEndian | Layout::ModifiedLittleEndian => (false, Swap::Never),
            Layout::BigEndian => (true, Swap::Never),
            Layout::Other {
                big_endian, swap, ..
            } => (big_endian, swap),
        };
        fields(bytes, big_endian, swap).map_or(0, |[_, _, caplen, _]| caplen)
    }
}

/// Seconds, fraction, captured length, wire length.
#[inline]
fn fields(bytes: &[u8], big_endian: bool, swap: Swap) -> Option<[u32; 4]> {
    let [
        s0,
        s1,
        s2,
        s3,
        f0,
        f1,
        f2,
        f3,
        c0,
        c1,
        c2,
        c3,
        o0,
        o1,
        o2,
        o3,
    ] = *bytes.first_chunk()?;
    let u32_of = |raw| {
        if big_endian {
            u32::from_be_bytes(raw)
        } else {
            u32::from_le_bytes(raw)
        }
    };
    let (sec, fraction) = (u32_of([s0, s1, s2, s3]), u32_of([f0, f1, f2, f3]));
    let (caplen, origlen) = (u32_of([c0, c1, c2, c3]), u32_of([o0, o1, o2, o3]));
    Some(match swap {
        Swap::Always => [sec, fraction, origlen, caplen],
        Swap::WhenGreater if caplen > origlen => [sec, fraction, origlen, caplen],
        _ => [sec, fraction, caplen, origlen],
    })
}

fn by_hand(
    bytes: &[u8],
    big_endian: bool,
    header: usize,
    swap: Swap,
) -> Option<LegacyPcapBlock<'_>> {
    let [ts_sec, ts_usec, caplen, origlen] = fields(bytes, big_endian, swap)?;
    let data = bytes.get(header..)?.get(..caplen as usize)?;
    Some(LegacyPcapBlock {
        ts_sec,
        ts_usec,
        caplen,
        origlen,
        data,
    })
}

/// The upper half of the link type field: bit 26 says that the top four bits hold the length of the frame check
/// sequence, in units of 16 bits.
fn fcs_len(field: u32) -> u8 {
    if field & 0x0400_0000 != 0 {
        (field >> 28) as u8 * 2
    } else {
        0
    }
}
