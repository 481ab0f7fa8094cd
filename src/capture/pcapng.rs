//! Blocks of a pcapng file (draft-ietf-opsawg-pcapng).
//!
//! Packet blocks are taken apart by hand: the function of pcap-parser allocates a vector for the options of every
//! packet, and gives back the padding with the data. It also knows nothing of the obsolete packet block.

use super::{
    LinkType, NoticeKind, Time,
    block::{
        self, ENHANCED_PACKET, INTERFACE_DESCRIPTION, OBSOLETE_PACKET, SECTION_HEADER,
        SIMPLE_PACKET,
    },
    chunk::ChunkReader,
    interface::{Interface, fcs_of_flags},
    order::Order,
    record::{Record, Stop},
};

/// Type, total length, total length again.
const BLOCK_OVERHEAD: u32 = 12;
/// Bytes before the data of an enhanced (or obsolete) packet block.
const PACKET_HEAD: usize = 28;
/// Maximum length of a block of any kind (Wireshark has the same bound), unless packets may be longer.
const MAX_BLOCK_BYTES: u32 = 16 << 20;
/// Room for options beside the largest packet.
const MAX_OPTION_BYTES: u32 = 1 << 20;
/// Maximum number of interfaces of a section: memory does not grow with the length of a file.
const MAX_INTERFACES: usize = 1 << 16;

/// A pcapng file.
pub(super) struct Pcapng {
    order: Order,
    /// The current section has an unknown version; everything up to the next section is skipped.
    skipping: bool,
    interfaces: Vec<Interface>,
    max_record: u32,
    max_block: u32,
}

/// The fields of a packet block.
struct PacketBlock {
    interface: u32,
    units: u64,
    caplen: u32,
    origlen: u32,
}

impl Pcapng {
    /// At the very beginning of a file, before its first section header.
    pub(super) fn new(max_record: u32) -> Self {
        Self {
            order: Order::Little,
            skipping: false,
            interfaces: Vec::new(),
            max_record,
            max_block: max_record
                .saturating_add(MAX_OPTION_BYTES)
                .max(MAX_BLOCK_BYTES),
        }
    }

    /// The next packet.
    #[inline]
    pub(super) fn next(&mut self, chunk: &mut ChunkReader) -> Result<Record, Stop> {
        loop {
            if let Some((total, block)) = self.whole_packet(chunk.bytes()) {
                return self.packet(chunk, total, &block);
            }
            if let Some(record) = self.other(chunk)? {
                return Ok(record);
            }
        }
    }

    /// The common case: an enhanced packet block, whole and sound, at the front of the buffered bytes.
    #[inline]
    fn whole_packet(&self, bytes: &[u8]) -> Option<(usize, PacketBlock)> {
        let head = bytes.get(..PACKET_HEAD)?;
        if self.order.u32_at(head, 0)? != ENHANCED_PACKET || self.skipping {
            return None;
        }
        let total = self.order.u32_at(head, 4)?;
        let block = self.packet_block(head, self.order.u32_at(head, 8)?)?;
        let room = total.checked_sub(PACKET_HEAD as u32 + 4)?;
        let sound =
            total.is_multiple_of(4) && block.caplen <= room && block.caplen <= self.max_record;
        let sound = sound && self.order.u32_at(bytes, total as usize - 4)? == total;
        sound.then_some((total as usize, block))
    }

    /// The fields that the enhanced and the obsolete packet block share.
    #[inline]
    fn packet_block(&self, head: &[u8], interface: u32) -> Option<PacketBlock> {
        let (high, low) = (self.order.u32_at(head, 12)?, self.order.u32_at(head, 16)?);
        Some(PacketBlock {
            interface,
            units: u64::from(high) << 32 | u64::from(low),
            caplen: self.order.u32_at(head, 20)?,
            origlen: self.order.u32_at(head, 24)?,
        })
    }

    /// A packet of a block that is whole and sound.
    #[inline]
    fn packet(
        &self,
        chunk: &mut ChunkReader,
        total: usize,
        block: &PacketBlock,
    ) -> Result<Record, Stop> {
        let (offset, start) = (chunk.offset(), chunk.position());
        let Some(interface) = self.interfaces.get(block.interface as usize) else {
            chunk.consume(total);
            return Err(Stop::Notice(
                NoticeKind::UnknownInterface {
                    interface: block.interface,
                },
                offset,
            ));
        };
        let behind = PACKET_HEAD + (block.caplen as usize).next_multiple_of(4);
        let mut fcs_len = interface.fcs_len;
        if total > behind + 4 {
            let options = chunk.bytes().get(behind..total - 4).unwrap_or_default();
            fcs_len = fcs_of_flags(options, self.order).unwrap_or(fcs_len);
        }
        chunk.consume(total);
        Ok(record(
            interface,
            Some(interface.time(block.units)),
            fcs_len,
            start + PACKET_HEAD,
            block.caplen,
            block.origlen,
        ))
    }

    /// All that is not the common case: other blocks, blocks not yet whole, the end.
    #[cold]
    fn other(&mut self, chunk: &mut ChunkReader) -> Result<Option<Record>, Stop> {
        let offset = chunk.offset();
        let cut = |within| Stop::End { offset, within };
        if !chunk.fill(BLOCK_OVERHEAD as usize) {
            return Err(cut(!chunk.bytes().is_empty()));
        }
        let kind = self.order.u32_at(chunk.bytes(), 0).unwrap_or_default();
        if kind == SECTION_HEADER {
            self.byte_order(chunk)?;
        }
        let total = self.order.u32_at(chunk.bytes(), 4).unwrap_or_default();
        if !total.is_multiple_of(4) || total < BLOCK_OVERHEAD {
            let what = format!(
                "its block claims {total} bytes in all; expected a multiple of 4, at least 12"
            );
            return Err(Stop::Damaged { offset, what });
        }
        if total > self.max_block {
            let most = self.max_block;
            let what = format!("its block claims {total} bytes in all; the limit is {most}");
            return Err(Stop::Damaged { offset, what });
        }
        match kind {
            SECTION_HEADER => self.section(chunk, total)?,
            INTERFACE_DESCRIPTION | OBSOLETE_PACKET | SIMPLE_PACKET | ENHANCED_PACKET
                if !self.skipping =>
            {
                return self.buffered(chunk, kind, total);
            }
            _ if block::is_numbered(kind) && !self.skipping => {
                return self.numbered(chunk, kind, total).map(Some);
            }
            _ => self.skip_block(chunk, total)?,
        }
        Ok(None)
    }

    /// A section header sets the byte order, of its own length too.
    fn byte_order(&mut self, chunk: &ChunkReader) -> Result<(), Stop> {
        match chunk.bytes().get(8..12) {
            Some([0x1a, 0x2b, 0x3c, 0x4d]) => self.order = Order::Big,
            Some([0x4d, 0x3c, 0x2b, 0x1a]) => self.order = Order::Little,
            _ => {
                let what =
                    "its section header has no byte-order mark (1a 2b 3c 4d, either way round)"
                        .to_owned();
                return Err(Stop::Damaged {
                    offset: chunk.offset(),
                    what,
                });
            }
        }
        Ok(())
    }

    /// A new section: nothing of the one before holds. Its length is not used: it may be -1, 0 or wrong.
    fn section(&mut self, chunk: &mut ChunkReader, total: u32) -> Result<(), Stop> {
        let offset = chunk.offset();
        if total < 28 {
            let what =
                format!("its section header claims {total} bytes in all; expected at least 28");
            return Err(Stop::Damaged { offset, what });
        }
        if !chunk.fill(16) {
            return Err(Stop::End {
                offset,
                within: true,
            });
        }
        let major = self.order.u16_at(chunk.bytes(), 12).unwrap_or_default();
        let minor = self.order.u16_at(chunk.bytes(), 14).unwrap_or_default();
        self.interfaces.clear();
        self.skipping = major != 1;
        self.skip_block(chunk, total)?;
        if self.skipping {
            Err(Stop::Notice(
                NoticeKind::UnknownVersion { major, minor },
                offset,
            ))
        } else {
            Ok(())
        }
    }

    /// Skips a block that is not needed and checks the copy of its length.
    fn skip_block(&self, chunk: &mut ChunkReader, total: u32) -> Result<(), Stop> {
        let offset = chunk.offset();
        if !chunk.skip(u64::from(total) - 4) || !chunk.fill(4) {
            return Err(Stop::End {
                offset,
                within: true,
            });
        }
        let copy = self.order.u32_at(chunk.bytes(), 0).unwrap_or_default();
        if copy != total {
            return Err(lengths_differ(offset, total, copy));
        }
        chunk.consume(4);
        Ok(())
    }

    /// A block without a packet that has a packet number.
    fn numbered(&self, chunk: &mut ChunkReader, kind: u32, total: u32) -> Result<Record, Stop> {
        let needed = block::TIME_SEARCH_BYTES.min(total as usize);
        chunk.fill(needed);
        let head = chunk.bytes().get(..needed).unwrap_or_default();
        let time = block::time(kind, head, self.order);
        self.skip_block(chunk, total)?;
        Ok(Record {
            is_packet: false,
            time,
            link: LinkType(0),
            fcs_len: 0,
            position: 0,
            len: 0,
            wire_len: 0,
            bad_fraction: false,
        })
    }

    /// Whether [`Pcapng::next`] gives a packet without reading from the input.
    pub(super) fn is_ready(&self, bytes: &[u8]) -> bool {
        !self.skipping && block::holds_packet(bytes, self.order)
    }

    /// A block that is needed whole.
    fn buffered(
        &mut self,
        chunk: &mut ChunkReader,
        kind: u32,
        total: u32,
    ) -> Result<Option<Record>, Stop> {
        let offset = chunk.offset();
        if !chunk.fill(total as usize) {
            return Err(Stop::End {
                offset,
                within: true,
            });
        }
        let block = chunk.bytes().get(..total as usize).unwrap_or_default();
        let copy = self
            .order
            .u32_at(block, block.len() - 4)
            .unwrap_or_default();
        if copy != total {
            return Err(lengths_differ(offset, total, copy));
        }
        match kind {
            INTERFACE_DESCRIPTION => self.describe(chunk, total).map(|()| None),
            SIMPLE_PACKET => self.simple(chunk, total).map(Some),
            _ => self.late_packet(chunk, kind, total).map(Some),
        }
    }

    fn describe(&mut self, chunk: &mut ChunkReader, total: u32) -> Result<(), Stop> {
        let block = chunk.bytes().get(..total as usize).unwrap_or_default();
        let Some(interface) = Interface::parse(block, self.order) else {
            let what = format!("its interface description of {total} bytes is too short");
            return Err(Stop::Damaged {
                offset: chunk.offset(),
                what,
            });
        };
        if self.interfaces.len() == MAX_INTERFACES {
            let what = format!("its section describes more than {MAX_INTERFACES} interfaces");
            return Err(Stop::Damaged {
                offset: chunk.offset(),
                what,
            });
        }
        self.interfaces.push(interface);
        chunk.consume(total as usize);
        Ok(())
    }

    /// An obsolete packet block, or an enhanced one that was not whole before or is not sound.
    fn late_packet(&self, chunk: &mut ChunkReader, kind: u32, total: u32) -> Result<Record, Stop> {
        let head = chunk.bytes().get(..total as usize).unwrap_or_default();
        let interface = match kind {
            // Its interface has 16 bits; a count of drops follows.
            OBSOLETE_PACKET => self.order.u16_at(head, 8).map(u32::from),
            _ => self.order.u32_at(head, 8),
        };
        let block = interface.and_then(|interface| self.packet_block(head, interface));
        let room = total.checked_sub(PACKET_HEAD as u32 + 4);
        let (Some(block), Some(room)) = (block, room) else {
            let what =
                format!("its packet block claims {total} bytes in all; expected at least 32");
            return Err(Stop::Damaged {
                offset: chunk.offset(),
                what,
            });
        };
        let limit = room.min(self.max_record);
        if block.caplen > limit {
            let of = if room < self.max_record {
                "its block has room for"
            } else {
                "the limit is"
            };
            let what = format!("it claims {} captured bytes, {of} {limit}", block.caplen);
            return Err(Stop::Damaged {
                offset: chunk.offset(),
                what,
            });
        }
        self.packet(chunk, total as usize, &block)
    }

    /// A simple packet block: interface 0, no time, and no captured length but what snap length and block allow.
    fn simple(&self, chunk: &mut ChunkReader, total: u32) -> Result<Record, Stop> {
        let (offset, start) = (chunk.offset(), chunk.position());
        let (Some(origlen), Some(room)) =
            (self.order.u32_at(chunk.bytes(), 8), total.checked_sub(16))
        else {
            let what = format!(
                "its simple packet block claims {total} bytes in all; expected at least 16"
            );
            return Err(Stop::Damaged { offset, what });
        };
        let Some(interface) = self.interfaces.first() else {
            chunk.consume(total as usize);
            return Err(Stop::Notice(
                NoticeKind::UnknownInterface { interface: 0 },
                offset,
            ));
        };
        let snaplen = if interface.snaplen == 0 {
            u32::MAX
        } else {
            interface.snaplen
        };
        let caplen = origlen.min(snaplen).min(room);
        if caplen > self.max_record {
            let what = format!(
                "it claims {caplen} captured bytes, the limit is {}",
                self.max_record
            );
            return Err(Stop::Damaged { offset, what });
        }
        chunk.consume(total as usize);
        Ok(record(
            interface,
            None,
            interface.fcs_len,
            start + 12,
            caplen,
            origlen,
        ))
    }
}

#[inline]
fn record(
    interface: &Interface,
    time: Option<Time>,
    fcs_len: u8,
    position: usize,
    caplen: u32,
    origlen: u32,
) -> Record {
    Record {
        is_packet: true,
        time,
        link: interface.link,
        fcs_len,
        position,
        len: caplen as usize,
        wire_len: origlen.max(caplen),
        bad_fraction: false,
    }
}

fn lengths_differ(offset: u64, total: u32, copy: u32) -> Stop {
    Stop::Damaged {
        offset,
        what: format!("its block says {total} bytes at its front and {copy} at its end"),
    }
}
