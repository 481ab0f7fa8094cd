//! The bytes handed out last, over all streams, to compare with what comes again.
//!
//! One ring for everybody: its cost is one sequential copy a segment, and its size does not grow with the number of
//! connections. Each stream knows its newest entry; an entry knows the one before it of the same stream. Knows
//! positions and bytes, nothing of connections.

use super::seq::Pos;

/// Entries compared with one segment at most, so that a long history costs no more.
const MAX_COMPARED_ENTRIES: usize = 512;
/// Bytes of ring per entry: what a short segment brings.
const BYTES_PER_ENTRY: usize = 128;

#[derive(Clone, Copy, Default)]
struct Entry {
    /// Position of its first byte in the stream.
    pos: Pos,
    /// Where its bytes begin, counted over all bytes ever written.
    at: u64,
    /// The entry before it of the same stream, counted from 1 over all entries ever made; 0: none.
    before: u64,
    len: u32,
    /// The lower bits of the number of the packet that brought them.
    packet: u32,
}

/// See the module.
pub(super) struct History {
    bytes: Box<[u8]>,
    entries: Box<[Entry]>,
    /// Bytes ever written.
    written: u64,
    /// Entries ever made.
    made: u64,
    size: usize,
    /// What remains of `written` in the ring.
    mask: u64,
}

impl History {
    /// Keeps the last `size` bytes, rounded up to a power of two; 0 keeps none. Allocates when first used.
    pub fn new(size: u32) -> Self {
        let size = if size == 0 {
            0
        } else {
            (size as usize).next_power_of_two().max(BYTES_PER_ENTRY)
        };
        Self {
            bytes: Box::default(),
            entries: Box::default(),
            written: 0,
            made: 0,
            size,
            mask: (size as u64).saturating_sub(1),
        }
    }

    /// Keeps `data`, which begins at `pos`, of the stream whose newest entry is `newest`.
    #[inline(always)]
    pub fn push(&mut self, newest: &mut u64, pos: Pos, packet: u64, data: &[u8]) {
        let start = (self.written & self.mask) as usize;
        match self.bytes.get_mut(start..start.wrapping_add(data.len())) {
            Some(room) => room.copy_from_slice(data),
            None => return self.push_at_end(newest, pos, packet, data),
        }
        self.note(newest, pos, packet, data.len());
    }

    /// No entry runs over the end of the ring, so that it can be lent as one slice: it begins anew.
    #[inline(never)]
    fn push_at_end(&mut self, newest: &mut u64, pos: Pos, packet: u64, data: &[u8]) {
        if self.size == 0 {
            return;
        }
        if self.bytes.is_empty() {
            self.bytes = vec![0; self.size].into();
            self.entries = vec![Entry::default(); self.size / BYTES_PER_ENTRY].into();
        }
        let skip = data.len().saturating_sub(self.size);
        let (data, pos) = (&data[skip..], pos + skip as u64);
        let start = (self.written & self.mask) as usize;
        if start + data.len() > self.size {
            self.written += (self.size - start) as u64;
        }
        let start = (self.written & self.mask) as usize;
        self.bytes[start..start + data.len()].copy_from_slice(data);
        self.note(newest, pos, packet, data.len());
    }

    /// Makes the entry of bytes just written.
    #[inline(always)]
    fn note(&mut self, newest: &mut u64, pos: Pos, packet: u64, len: usize) {
        let at = self.made as usize & self.entries.len().wrapping_sub(1);
        if let Some(entry) = self.entries.get_mut(at) {
            *entry = Entry {
                pos,
                at: self.written,
                before: *newest,
                len: len as u32,
                packet: packet as u32,
            };
        }
        self.made += 1;
        self.written += len as u64;
        *newest = self.made;
    }

    /// Calls `each` with every kept piece, as (position, bytes), that overlaps `from..to`, newest first.
    pub fn overlaps<'a>(
        &'a self,
        newest: u64,
        from: Pos,
        to: Pos,
        mut each: impl FnMut(Pos, &'a [u8], u32),
    ) {
        let mut number = newest;
        for _ in 0..MAX_COMPARED_ENTRIES {
            // An entry overwritten, or whose bytes are: all before it are too.
            if number == 0 || self.made - number >= self.entries.len() as u64 {
                return;
            }
            let entry = self.entries[(number - 1) as usize & (self.entries.len() - 1)];
            if self.written - entry.at > self.size as u64 {
                return;
            }
            let end = entry.pos + entry.len as u64;
            if entry.pos < to && from < end {
                let start = (entry.at & self.mask) as usize;
                let (a, b) = (from.max(entry.pos), to.min(end));
                let (skip, len) = ((a - entry.pos) as usize, (b - a) as usize);
                each(
                    a,
                    &self.bytes[start + skip..start + skip + len],
                    entry.packet,
                );
            }
            number = entry.before;
        }
    }
}
