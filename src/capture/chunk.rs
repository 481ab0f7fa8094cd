//! A reader with one large buffer that is walked in place.
//!
//! Knows bytes and where they stand in the file, nothing of records. What straddles the end of the buffer is moved to
//! its front; the buffer grows only when bytes really arrive that need the room.

use std::{
    io::{self, ErrorKind, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Bytes asked for at once: enough to make system calls rare, few enough to stay in the second-level cache.
const CAPACITY: usize = 128 * 1024;
/// Room in front of them for what is left of the bytes before.
const FRONT: usize = 64 * 1024;
/// A read into a place that is aligned so takes a fifth less time.
const ALIGN: usize = 64;

/// Bytes of a `Read`, lent as slices of one buffer.
pub(super) struct ChunkReader {
    read: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// `buffer[start..end]` was read and not consumed; `start <= end <= buffer.len()`.
    start: usize,
    end: usize,
    /// Place in the file of `buffer[end]`.
    read_up_to: u64,
    ended: bool,
    error: Option<io::Error>,
}

impl ChunkReader {
    pub(super) fn new(read: Box<dyn Read + Send>) -> Self {
        Self {
            read,
            buffer: vec![0; FRONT + ALIGN + CAPACITY],
            start: 0,
            end: 0,
            read_up_to: 0,
            ended: false,
            error: None,
        }
    }

    /// What was read and not consumed.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Place in the file of the first byte of [`ChunkReader::bytes`].
    #[inline]
    pub(super) fn offset(&self) -> u64 {
        self.read_up_to - (self.end - self.start) as u64
    }

    /// Passes over `n` of the bytes at hand. They stay readable through [`ChunkReader::lent`] until more are read.
    #[inline]
    pub(super) fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.end);
    }

    /// Where in the buffer the bytes at hand begin, for [`ChunkReader::lent`].
    #[inline]
    pub(super) fn position(&self) -> usize {
        self.start
    }

    /// The buffer: what was consumed since the last reading is still in it.
    #[inline]
    pub(super) fn lent(&self) -> &[u8] {
        self.buffer.get(..self.end).unwrap_or_default()
    }

    /// The same, and the position in it up to which it is consumed.
    pub(super) fn walk(&mut self) -> (&[u8], &mut usize) {
        (
            self.buffer.get(..self.end).unwrap_or_default(),
            &mut self.start,
        )
    }

    /// Reads until `need` bytes are at hand; false if the input ends (or fails) before.
    ///
    /// The caller bounds `need`; the buffer grows to it in steps, as bytes arrive.
    #[cold]
    pub(super) fn fill(&mut self, need: usize) -> bool {
        self.make_room(need);
        while self.end - self.start < need {
            if self.ended {
                return false;
            }
            if self.end == self.buffer.len() {
                let grown = (self.buffer.len() * 2).min(self.start + need);
                self.buffer.resize(grown, 0);
            }
            self.read_once();
        }
        true
    }

    /// Passes over `n` bytes, read or not; false if the input ends before.
    pub(super) fn skip(&mut self, mut n: u64) -> bool {
        loop {
            let here = n.min((self.end - self.start) as u64);
            self.start += here as usize;
            n -= here;
            if n == 0 {
                return true;
            }
            if !self.fill(1) {
                return false;
            }
        }
    }

    /// What stopped the reading, if it was not the end of the input.
    pub(super) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }

    /// Moves what is left to the front where the room behind it is short: just before an aligned place if it fits.
    fn make_room(&mut self, need: usize) {
        let left = self.end - self.start;
        if left > 0
            && self.buffer.len() - self.start >= need
            && self.buffer.len() - self.end >= CAPACITY / 4
        {
            return;
        }
        let aligned = FRONT + self.buffer[FRONT..].as_ptr().align_offset(ALIGN).min(ALIGN);
        let to = match left <= FRONT && need <= CAPACITY {
            true => aligned - left,
            false => 0,
        };
        self.buffer.copy_within(self.start..self.end, to);
        (self.start, self.end) = (to, to + left);
    }

    fn read_once(&mut self) {
        let Some(room) = self.buffer.get_mut(self.end..) else {
            return;
        };
        let capacity = room.len();
        match self.read.read(room) {
            Ok(0) => self.ended = true,
            // A `Read` that claims more than it was given room for is broken; do not believe it.
            Ok(n) => {
                self.end += n.min(capacity);
                self.read_up_to += n.min(capacity) as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                self.ended = true;
                self.error = Some(error);
            }
        }
    }
}

/// Counts the bytes that pass, for whoever shows progress.
pub(super) struct Counting<R> {
    pub(super) read: R,
    pub(super) count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.read.read(buf)?;
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}
