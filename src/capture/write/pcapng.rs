//! The blocks of a pcapng file (draft-ietf-opsawg-pcapng).

use std::io::{self, Write};

use super::{Interface, PacketHead, Resolution, Writer, invalid};
use crate::capture::{
    Time,
    block::{ENHANCED_PACKET, INTERFACE_DESCRIPTION, SECTION_HEADER, SIMPLE_PACKET},
};

/// Options (section 3.5 of the draft).
const END_OF_OPTIONS: u16 = 0;
const COMMENT: u16 = 1;
const TIME_RESOLUTION: u16 = 9;
const FCS_LENGTH: u16 = 13;

impl<W: Write> Writer<W> {
    pub(super) fn section_header(&mut self, comment: &str) -> io::Result<()> {
        let options = comment_length(comment)?;
        let length = 28 + options;
        self.words([SECTION_HEADER, length, 0x1a2b_3c4d]);
        // Version 1.0, length of the section unknown.
        self.u16(1);
        self.u16(0);
        self.words([u32::MAX, u32::MAX]);
        self.comment(comment);
        self.u32(length);
        Ok(())
    }

    pub(super) fn interface_block(&mut self, interface: Interface) {
        let length = if interface.fcs_len == 0 { 32 } else { 40 };
        self.words([INTERFACE_DESCRIPTION, length]);
        self.u16(interface.link.0);
        self.u16(0);
        self.u32(interface.snaplen);
        let exponent = match interface.resolution.unwrap_or(self.format.resolution) {
            Resolution::Micros => 6,
            Resolution::Nanos => 9,
        };
        self.option(TIME_RESOLUTION, &[exponent]);
        if interface.fcs_len > 0 {
            self.option(FCS_LENGTH, &[interface.fcs_len]);
        }
        self.option(END_OF_OPTIONS, &[]);
        self.u32(length);
    }

    /// A time in the units of an interface; 1970 if there is none.
    pub(super) fn units(&self, time: Option<Time>, interface: Interface) -> io::Result<u64> {
        let unit = interface.resolution.unwrap_or(self.format.resolution);
        let nanos = time.map_or(0, Time::nanos);
        u64::try_from(nanos.div_euclid(unit.nanos())).map_err(|_| invalid("a time before 1970"))
    }

    pub(super) fn packet_block(
        &mut self,
        head: &PacketHead,
        data: &[u8],
        comment: &str,
    ) -> io::Result<()> {
        let length = block_length(head.length, 32 + comment_length(comment)?)?;
        self.words([
            ENHANCED_PACKET,
            length,
            head.interface,
            (head.units >> 32) as u32,
            head.units as u32,
            head.length,
            head.wire_len,
        ]);
        self.buf.extend_from_slice(data);
        self.pad(data.len());
        self.comment(comment);
        self.u32(length);
        Ok(())
    }

    pub(super) fn simple_block(
        &mut self,
        data: &[u8],
        length: u32,
        wire_len: u32,
    ) -> io::Result<()> {
        let block = block_length(length, 16)?;
        self.words([SIMPLE_PACKET, block, wire_len]);
        self.buf.extend_from_slice(data);
        self.pad(data.len());
        self.u32(block);
        Ok(())
    }

    pub(super) fn raw_block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).map_err(|_| invalid("a block of 4 GiB"))?;
        let block = block_length(length, 12)?;
        self.words([kind, block]);
        self.buf.extend_from_slice(body);
        self.pad(body.len());
        self.u32(block);
        Ok(())
    }

    /// A comment and the end of the options, unless it is empty. Its length was checked.
    fn comment(&mut self, comment: &str) {
        if !comment.is_empty() {
            self.option(COMMENT, comment.as_bytes());
            self.option(END_OF_OPTIONS, &[]);
        }
    }

    fn option(&mut self, code: u16, value: &[u8]) {
        self.u16(code);
        self.u16(value.len() as u16);
        self.buf.extend_from_slice(value);
        self.pad(value.len());
    }

    fn pad(&mut self, length: usize) {
        let zeros = length.wrapping_neg() & 3;
        self.buf.extend_from_slice(&[0; 3][..zeros]);
    }
}

/// Bytes of the options that hold a comment; none for an empty one.
fn comment_length(comment: &str) -> io::Result<u32> {
    match u16::try_from(comment.len()) {
        Ok(0) => Ok(0),
        Ok(length) => Ok(u32::from(length).next_multiple_of(4) + 8),
        Err(_) => Err(invalid("a comment of more than 65,535 bytes")),
    }
}

/// Length of a block whose data are padded to 32 bits.
fn block_length(data: u32, around: u32) -> io::Result<u32> {
    let padded = data
        .checked_next_multiple_of(4)
        .and_then(|data| data.checked_add(around));
    padded.ok_or_else(|| invalid("a packet of 4 GiB"))
}
