//! Any bytes as a capture: the same packets at any pace of reading, and a table that counts them.

use std::io::{self, Read};

use deframe::capture::{CaptureInfo, CaptureSet, Input, ReadConfig};

/// No more packets are looked at: compressed captures can hold very many.
const PACKETS: usize = 20_000;

/// What a packet comes to, with a hash in place of its bytes.
type Line = (u64, Option<i64>, u16, u8, usize, u32, u64);

/// Gives a few bytes at a time.
struct Drip(io::Cursor<Vec<u8>>, usize);

impl Read for Drip {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    })
}

fn read(bytes: &[u8], pace: usize) -> (Vec<Line>, Vec<CaptureInfo>) {
    let input = Input::Reader {
        name: "fuzz".to_owned(),
        read: Box::new(Drip(io::Cursor::new(bytes.to_vec()), pace)),
    };
    let mut set = CaptureSet::new(vec![input], ReadConfig::default());
    let mut lines = Vec::new();
    while let Some(packet) = set.next_packet() {
        lines.push((
            packet.number,
            packet.time.map(|time| time.nanos()),
            packet.link.0,
            packet.fcs_len,
            packet.data.len(),
            packet.wire_len,
            hash(packet.data),
        ));
        if lines.len() == PACKETS {
            break;
        }
    }
    (lines, set.table().to_vec())
}

pub fn check(bytes: &[u8]) {
    let (lines, table) = read(bytes, usize::MAX);
    let [info] = &table[..] else {
        panic!("{} rows", table.len())
    };
    assert_eq!(info.packets, lines.len() as u64);
    assert_eq!(
        info.captured_bytes,
        lines.iter().map(|line| line.4 as u64).sum::<u64>()
    );
    // Blocks that have a number and hold no packet may stand between two packets.
    assert!(lines.is_sorted_by(|a, b| a.0 < b.0));
    let last = lines.last().map_or(0, |line| line.0);
    assert!(last <= info.packets + info.other_blocks);
    for line in &lines {
        assert!(line.4 <= ReadConfig::default().max_record as usize);
    }
    assert!(info.truncated.is_none() || info.problem.is_none());
    assert_eq!(read(bytes, 7), (lines, table), "seven bytes at a time");
}
