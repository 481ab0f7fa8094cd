//! The capture reader against captures built here, byte by byte, and against those of the shared folder.

mod build;
mod compressed;
mod pcap;
mod pcapng;
mod robust;
mod sets;
mod shared;
mod write;

use std::io::{self, Read};

use deframe::capture::{CaptureInfo, CaptureSet, Input, Packet, ReadConfig};

/// A packet, kept.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    number: u64,
    capture: u32,
    /// Nanoseconds.
    time: Option<i64>,
    link: u16,
    fcs_len: u8,
    data: Vec<u8>,
    wire_len: u32,
}

impl From<Packet<'_>> for Kept {
    fn from(packet: Packet<'_>) -> Self {
        Self {
            number: packet.number,
            capture: packet.capture,
            time: packet.time.map(|time| time.nanos()),
            link: packet.link.0,
            fcs_len: packet.fcs_len,
            data: packet.data.to_vec(),
            wire_len: packet.wire_len,
        }
    }
}

/// All that a reading gave.
#[derive(Debug, PartialEq, Eq)]
struct Reading {
    packets: Vec<Kept>,
    table: Vec<CaptureInfo>,
}

impl Reading {
    /// The row of the only capture.
    fn info(&self) -> &CaptureInfo {
        assert_eq!(self.table.len(), 1);
        &self.table[0]
    }

    fn data(&self) -> Vec<&[u8]> {
        self.packets
            .iter()
            .map(|packet| packet.data.as_slice())
            .collect()
    }

    fn times(&self) -> Vec<Option<i64>> {
        self.packets.iter().map(|packet| packet.time).collect()
    }

    /// What is wrong, as its reader sees it.
    fn problem(&self) -> String {
        self.info()
            .problem
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    fn assert_whole(&self) -> &Self {
        for info in &self.table {
            assert!(
                info.problem.is_none() && info.truncated.is_none(),
                "{info:#?}"
            );
        }
        self
    }
}

/// The quick way: all packets of a buffer, then the next buffer.
fn read_in_batches(inputs: Vec<Input>, config: ReadConfig) -> Reading {
    let mut set = CaptureSet::new(inputs, config);
    let mut packets = Vec::new();
    while set.ready() {
        packets.extend(set.batch().map(Kept::from));
    }
    assert_eq!(set.batch().count(), 0);
    Reading {
        packets,
        table: set.table().to_vec(),
    }
}

fn read_all(inputs: Vec<Input>, options: ReadConfig) -> Reading {
    let mut set = CaptureSet::new(inputs, options);
    let mut packets = Vec::new();
    while let Some(packet) = set.next_packet() {
        packets.push(Kept::from(packet));
    }
    assert!(set.next_packet().is_none());
    Reading {
        packets,
        table: set.table().to_vec(),
    }
}

fn reader(name: &str, read: impl Read + Send + 'static) -> Input {
    Input::Reader {
        name: name.to_owned(),
        read: Box::new(read),
    }
}

/// Reads one capture from memory.
fn read(bytes: &[u8]) -> Reading {
    read_set(&[bytes])
}

/// Reads several captures from memory as one, in both ways.
fn read_set(captures: &[&[u8]]) -> Reading {
    let input =
        |(at, bytes): (usize, &&[u8])| reader(&at.to_string(), io::Cursor::new(bytes.to_vec()));
    let inputs = || captures.iter().enumerate().map(input).collect();
    let reading = read_all(inputs(), ReadConfig::default());
    assert_eq!(read_in_batches(inputs(), ReadConfig::default()), reading);
    reading
}

/// A pipe that delivers one byte at a time, and is interrupted before every one.
struct Drip {
    bytes: Vec<u8>,
    at: usize,
    interrupted: bool,
}

impl Read for Drip {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let n = (self.bytes.len() - self.at).min(buf.len()).min(1);
        buf[..n].copy_from_slice(&self.bytes[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

fn read_dripping(bytes: &[u8]) -> Reading {
    let drip = Drip {
        bytes: bytes.to_vec(),
        at: 0,
        interrupted: false,
    };
    read_all(vec![reader("0", drip)], ReadConfig::default())
}
