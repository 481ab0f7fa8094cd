//! Records of a pcap file, of all its variants (draft-ietf-opsawg-pcap; <https://wiki.wireshark.org/Development/LibpcapFileFormat>).

use pcap_parser::{
    LegacyPcapBlock, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified,
};

use super::{
    Format, LinkType, Time,
    chunk::ChunkReader,
    order::Order,
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
        order: Order,
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

impl Swap {
    fn of(version: (u16, u16)) -> Result<Self, String> {
        match version {
            (2, 0..=2) | (543, 0) => Ok(Self::Always),
            (2, 3) => Ok(Self::WhenGreater),
            (2, 4) => Ok(Self::Never),
            (major, minor) => Err(format!(
                "pcap version {major}.{minor} (known are 2.0 to 2.4 and 543.0)"
            )),
        }
    }
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
    pub(super) max_record: u32,
    /// Records read, for the message only.
    pub(super) records: u64,
    pub(super) format: Format,
}

impl Pcap {
    /// Reads the file header; else the name of the variant that is not read.
    ///
    /// By hand, because pcap-parser knows the modified format in one byte order only and leaves the FCS bits in the
    /// link type.
    pub(super) fn open(header: &[u8; HEADER], max_record: u32) -> Result<Self, String> {
        let (format, order) = match header {
            [0xa1, 0xb2, 0xc3, 0xd4, ..] => (Format::Pcap, Order::Big),
            [0xd4, 0xc3, 0xb2, 0xa1, ..] => (Format::Pcap, Order::Little),
            [0xa1, 0xb2, 0x3c, 0x4d, ..] => (Format::PcapNanoseconds, Order::Big),
            [0x4d, 0x3c, 0xb2, 0xa1, ..] => (Format::PcapNanoseconds, Order::Little),
            [0xa1, 0xb2, 0xcd, 0x34, ..] => (Format::PcapModified, Order::Big),
            _ => (Format::PcapModified, Order::Little),
        };
        let number = |at| order.u16_at(header, at).unwrap_or_default();
        let version = (number(4), number(6));
        let field = order.u32_at(header, 20).unwrap_or_default();
        // AIX has 2.2 with interface types (RFC 1573) for link types, and nanoseconds under the plain magic.
        if format == Format::Pcap && version == (2, 2) && matches!(field, 6 | 9 | 15 | 24) {
            return Err("a capture in AIX's variant of pcap".to_owned());
        }
        let swap = Swap::of(version)?;
        let layout = match (format, order, swap) {
            (Format::PcapModified, Order::Little, Swap::Never) => Layout::ModifiedLittleEndian,
            (Format::PcapModified, ..) => Layout::Other {
                order,
                header: 24,
                swap,
            },
            (_, Order::Little, Swap::Never) => Layout::LittleEndian,
            (_, Order::Big, Swap::Never) => Layout::BigEndian,
            _ => Layout::Other {
                order,
                header: 16,
                swap,
            },
        };
        Ok(Self {
            layout,
            unit: if format == Format::PcapNanoseconds {
                1
            } else {
                1000
            },
            units: if format == Format::PcapNanoseconds {
                1_000_000_000
            } else {
                1_000_000
            },
            link: LinkType(field as u16),
            fcs_len: fcs_len(field),
            max_record,
            records: 0,
            format,
        })
    }

    /// Nanoseconds per unit of the fraction of a second, and units per second, if the records have the usual layout.
    pub(super) fn usual(&self) -> Option<(i64, u32)> {
        (self.layout == Layout::LittleEndian).then_some((self.unit, self.units))
    }

    /// The next record.
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
                    order,
                    header,
                    swap,
                } => (by_hand(bytes, order, header, swap), header),
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

    fn record(&self, block: &LegacyPcapBlock<'_>, position: usize) -> Record {
        // A fraction of a second or more is carried over by the sum; 2^32 s and 2^32 units cannot overflow it.
        let nanos = i64::from(block.ts_sec) * NANOS + i64::from(block.ts_usec) * self.unit;
        Record {
            is_packet: true,
            time: Some(Time::from_nanos(nanos)),
            link: self.link,
            fcs_len: self.fcs_len,
            position,
            len: block.data.len(),
            wire_len: block.origlen.max(block.caplen),
            bad_fraction: block.ts_usec >= self.units,
        }
    }

    /// Reads until the record at the front of the buffer is whole, if it can be.
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

    /// Whether [`Pcap::next`] gives a packet without reading from the input.
    pub(super) fn is_ready(&self, bytes: &[u8]) -> bool {
        let header = match self.layout {
            Layout::LittleEndian | Layout::BigEndian => 16,
            Layout::ModifiedLittleEndian => 24,
            Layout::Other { header, .. } => header,
        };
        bytes.len() >= header && bytes.len() - header >= self.caplen(bytes) as usize
    }

    /// Captured length that the record header at the front of `bytes` claims.
    fn caplen(&self, bytes: &[u8]) -> u32 {
        let (order, swap) = match self.layout {
            Layout::LittleEndian | Layout::ModifiedLittleEndian => (Order::Little, Swap::Never),
            Layout::BigEndian => (Order::Big, Swap::Never),
            Layout::Other { order, swap, .. } => (order, swap),
        };
        lengths(bytes, order, swap).map_or(0, |(caplen, _)| caplen)
    }
}

/// Captured length and wire length of the record header at the front of `bytes`.
fn lengths(bytes: &[u8], order: Order, swap: Swap) -> Option<(u32, u32)> {
    let (caplen, origlen) = (order.u32_at(bytes, 8)?, order.u32_at(bytes, 12)?);
    Some(match swap {
        Swap::Always => (origlen, caplen),
        Swap::WhenGreater if caplen > origlen => (origlen, caplen),
        _ => (caplen, origlen),
    })
}

fn by_hand(bytes: &[u8], order: Order, header: usize, swap: Swap) -> Option<LegacyPcapBlock<'_>> {
    let (caplen, origlen) = lengths(bytes, order, swap)?;
    let data = bytes.get(header..)?.get(..caplen as usize)?;
    let (ts_sec, ts_usec) = (order.u32_at(bytes, 0)?, order.u32_at(bytes, 4)?);
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
