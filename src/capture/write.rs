//! Writes captures: pcap and pcapng, either byte order, microseconds or nanoseconds, with comments in pcapng.
//!
//! Knows the two containers (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng) and nothing of what is inside a packet.
//! Has a buffer of its own: the writer that it is given needs none.

mod pcapng;

use std::io::{self, Write};

use super::{LinkType, Time};

/// Which container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Container {
    /// The classic format: one link type, one clock.
    #[default]
    Pcap,
    /// Blocks; any number of interfaces.
    Pcapng,
}

/// Order of the bytes of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ByteOrder {
    /// Least significant byte first.
    #[default]
    Little,
    /// Most significant byte first.
    Big,
}

/// Unit of the times in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resolution {
    /// 1,000 ns.
    #[default]
    Micros,
    /// 1 ns.
    Nanos,
}

impl Resolution {
    /// Nanoseconds of one unit.
    pub const fn nanos(self) -> i64 {
        match self {
            Self::Micros => 1_000,
            Self::Nanos => 1,
        }
    }
}

/// How a capture is written; by default as most tools do, little-endian pcap with microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteFormat {
    /// Which container.
    pub container: Container,
    /// Byte order of its numbers.
    pub endian: ByteOrder,
    /// Unit of its times; what is finer is cut off.
    pub resolution: Resolution,
}

/// Where the packets of a capture were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interface {
    /// What the first byte of its packets is the start of.
    pub link: LinkType,
    /// Most bytes kept of a packet; 0 if there is no limit.
    pub snaplen: u32,
    /// Bytes of frame check sequence at the end of a packet; 0 if there is none or none is known.
    pub fcs_len: u8,
    /// Unit of its times in pcapng; none for that of the [`WriteFormat`].
    pub resolution: Option<Resolution>,
}

impl Interface {
    /// Of this link type, without snap length, FCS and resolution of its own.
    pub const fn new(link: LinkType) -> Self {
        Self {
            link,
            snaplen: 0,
            fcs_len: 0,
            resolution: None,
        }
    }
}

/// Bytes gathered before they go to the file.
const BUFFER: usize = 256 << 10;

/// A capture being written. [`Writer::finish`] must end it: dropping it loses what is still in the buffer.
#[derive(Debug)]
pub struct Writer<W> {
    inner: W,
    format: WriteFormat,
    interfaces: Vec<Interface>,
    buf: Vec<u8>,
    flushed: u64,
    packets: u64,
    /// Blocks without a packet that have a packet number.
    other_blocks: u64,
}

impl<W: Write> Writer<W> {
    /// Starts a capture with one interface, number 0. Nothing is written to `inner` before the buffer is full.
    pub fn new(inner: W, format: WriteFormat, link: LinkType, snaplen: u32) -> io::Result<Self> {
        Self::with_interface(
            inner,
            format,
            Interface {
                snaplen,
                ..Interface::new(link)
            },
        )
    }

    /// Starts a capture with this interface as number 0.
    pub fn with_interface(inner: W, format: WriteFormat, interface: Interface) -> io::Result<Self> {
        Self::with_comment(inner, format, interface, "")
    }

    /// The same, with a comment on the whole capture: `opt_comment` of the section header.
    ///
    /// Errors: `Unsupported` for a comment in pcap, `InvalidInput` for one of more than 65,535 bytes.
    pub fn with_comment(
        inner: W,
        format: WriteFormat,
        interface: Interface,
        comment: &str,
    ) -> io::Result<Self> {
        let buf = Vec::with_capacity(BUFFER + 4096);
        let mut writer = Self {
            inner,
            format,
            interfaces: Vec::new(),
            buf,
            flushed: 0,
            packets: 0,
            other_blocks: 0,
        };
        match format.container {
            Container::Pcap if !comment.is_empty() => return Err(no_comments()),
            Container::Pcap => {
                writer.pcap_header(interface)?;
                writer.interfaces.push(interface);
            }
            Container::Pcapng => {
                writer.section_header(comment)?;
                writer.add_interface(interface)?;
            }
        }
        Ok(writer)
    }

    /// A further interface, from here on usable by its number, which is returned.
    ///
    /// Errors: `Unsupported` for pcap, which has only one.
    pub fn add_interface(&mut self, interface: Interface) -> io::Result<u32> {
        if self.format.container == Container::Pcap {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "a pcap file has only one link type: write pcapng",
            ));
        }
        let number = self.interfaces.len() as u32;
        self.interface_block(interface);
        self.interfaces.push(interface);
        Ok(number)
    }

    /// One packet: when it was captured, its captured bytes, its length on the wire, and its interface (0 in pcap).
    ///
    /// Without a time pcapng writes a simple packet block where that can hold it, and 1970 otherwise.
    /// Errors: `InvalidInput` for an unknown interface, more than 4 GiB, or a time that the container cannot hold;
    /// those of the file, when the buffer goes out.
    #[inline]
    pub fn packet(
        &mut self,
        time: Option<Time>,
        data: &[u8],
        wire_len: u32,
        interface: u32,
    ) -> io::Result<()> {
        self.commented_packet(time, data, wire_len, interface, "")
    }

    /// The same, with a comment that Wireshark shows with the packet (`frame.comment`), unless it is empty.
    ///
    /// Errors: as [`Writer::packet`]; `Unsupported` for a comment in pcap, `InvalidInput` for one of more than 65,535
    /// bytes.
    #[inline]
    pub fn commented_packet(
        &mut self,
        time: Option<Time>,
        data: &[u8],
        wire_len: u32,
        interface: u32,
        comment: &str,
    ) -> io::Result<()> {
        let Some(&seen) = self.interfaces.get(interface as usize) else {
            return Err(invalid("no such interface"));
        };
        let length = u32::try_from(data.len()).map_err(|_| invalid("a packet of 4 GiB"))?;
        let limit = if seen.snaplen == 0 {
            u32::MAX
        } else {
            seen.snaplen
        };
        match (self.format.container, time) {
            (Container::Pcap, _) if !comment.is_empty() => return Err(no_comments()),
            (Container::Pcap, time) => self.pcap_record(time, data, length, wire_len)?,
            (Container::Pcapng, None)
                if interface == 0 && length == wire_len.min(limit) && comment.is_empty() =>
            {
                self.simple_block(data, length, wire_len)?;
            }
            (Container::Pcapng, time) => {
                let head = PacketHead {
                    units: self.units(time, seen)?,
                    length,
                    wire_len,
                    interface,
                };
                self.packet_block(&head, data, comment)?;
            }
        }
        self.packets += 1;
        if self.buf.len() >= BUFFER {
            self.flush()?;
        }
        Ok(())
    }

    /// A block without a packet, of any kind but those that this writer makes itself; see
    /// [`CaptureInfo::other_blocks`](super::CaptureInfo::other_blocks) for those that have a packet number.
    ///
    /// Errors: `Unsupported` for pcap, `InvalidInput` for more than 4 GiB; those of the file.
    pub fn block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        if self.format.container == Container::Pcap {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "a pcap file has no blocks: write pcapng",
            ));
        }
        self.raw_block(kind, body)?;
        self.other_blocks += u64::from(super::block::is_numbered(kind));
        match self.buf.len() {
            BUFFER.. => self.flush(),
            _ => Ok(()),
        }
    }

    /// Packets written so far.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Number of the last packet written, as Wireshark counts: blocks without a packet can have a number too.
    pub fn last_number(&self) -> u64 {
        self.packets + self.other_blocks
    }

    /// The byte order of the file.
    pub fn endian(&self) -> ByteOrder {
        self.format.endian
    }

    /// Bytes of the capture so far, those in the buffer counted.
    pub fn bytes(&self) -> u64 {
        self.flushed + self.buf.len() as u64
    }

    /// Hands the buffer to the file.
    pub fn flush(&mut self) -> io::Result<()> {
        self.inner.write_all(&self.buf)?;
        self.flushed += self.buf.len() as u64;
        self.buf.clear();
        Ok(())
    }

    /// Ends the capture and gives the file back, flushed.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        self.inner.flush()?;
        Ok(self.inner)
    }

    fn u16(&mut self, value: u16) {
        match self.format.endian {
            ByteOrder::Big => self.buf.extend_from_slice(&value.to_be_bytes()),
            ByteOrder::Little => self.buf.extend_from_slice(&value.to_le_bytes()),
        }
    }

    fn u32(&mut self, value: u32) {
        match self.format.endian {
            ByteOrder::Big => self.buf.extend_from_slice(&value.to_be_bytes()),
            ByteOrder::Little => self.buf.extend_from_slice(&value.to_le_bytes()),
        }
    }

    /// Several numbers at once: one bounds check a record.
    #[inline]
    fn words<const N: usize>(&mut self, words: [u32; N]) {
        let mut bytes = [[0; 4]; N];
        for (to, word) in bytes.iter_mut().zip(words) {
            *to = match self.format.endian {
                ByteOrder::Big => word.to_be_bytes(),
                ByteOrder::Little => word.to_le_bytes(),
            };
        }
        self.buf.extend_from_slice(bytes.as_flattened());
    }

    fn pcap_header(&mut self, interface: Interface) -> io::Result<()> {
        self.u32(match self.format.resolution {
            Resolution::Micros => 0xa1b2_c3d4,
            Resolution::Nanos => 0xa1b2_3c4d,
        });
        self.u16(2);
        self.u16(4);
        let snaplen = if interface.snaplen == 0 {
            262_144
        } else {
            interface.snaplen
        };
        // The FCS length stands in 16-bit units in the four highest bits, bit 26 says that it is there.
        let fcs = match interface.fcs_len {
            0 => 0,
            bytes if bytes % 2 == 0 && bytes < 32 => u32::from(bytes / 2) << 28 | 1 << 26,
            _ => return Err(invalid("a frame check sequence of an odd length")),
        };
        self.words([0, 0, snaplen, u32::from(interface.link.0) | fcs]);
        Ok(())
    }

    #[inline]
    fn pcap_record(
        &mut self,
        time: Option<Time>,
        data: &[u8],
        length: u32,
        wire_len: u32,
    ) -> io::Result<()> {
        let time = time.unwrap_or(Time::from_nanos(0));
        let sec = u32::try_from(time.sec())
            .map_err(|_| invalid("pcap holds times from 1970 to 2106 only"))?;
        let fraction = time.nsec() / self.format.resolution.nanos() as u32;
        self.words([sec, fraction, length, wire_len]);
        self.buf.extend_from_slice(data);
        Ok(())
    }
}

/// What stands before the data of a packet block.
struct PacketHead {
    units: u64,
    length: u32,
    wire_len: u32,
    interface: u32,
}

fn no_comments() -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        "a pcap file has no comments: write pcapng",
    )
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}
