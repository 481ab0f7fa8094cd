//! A reader with one large buffer that is parsed in place.
//!
//! Knows bytes and their offsets in the file, nothing of records. A record that straddles the end of the buffer is moved
//! to its front; the buffer grows only when bytes arrive that need the room.

use std::{
    io::{self, ErrorKind, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Bytes requested at once: enough to make system calls rare, few enough to stay in the second-level cache.
const READ_BYTES: usize = 128 * 1024;
/// Room in front of them for the unconsumed rest of the bytes before.
const FRONT_BYTES: usize = 64 * 1024;
/// Alignment of the place read into: a read takes a fifth less time.
const ALIGN: usize = 64;
/// Bytes requested at once where only the first record is needed.
const SMALL_READ_BYTES: usize = 4096;

/// Bytes of a `Read`, lent as slices of one buffer.
pub(super) struct ChunkReader {
    read: Box<dyn Read + Send>,
    /// Bytes requested at once, and room in front of them.
    capacity: usize,
    front: usize,
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
        Self::with_capacity(read, READ_BYTES, FRONT_BYTES)
    }

    /// With a small buffer, for the first record of a file.
    pub(super) fn small(read: Box<dyn Read + Send>) -> Self {
        Self::with_capacity(read, SMALL_READ_BYTES, 0)
    }

    fn with_capacity(read: Box<dyn Read + Send>, capacity: usize, front: usize) -> Self {
        Self {
            read,
            capacity,
            front,
            buffer: vec![0; front + ALIGN + capacity],
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

    /// Consumes `n` of the buffered bytes. They stay readable through [`ChunkReader::lent`] until more are read.
    #[inline]
    pub(super) fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.end);
    }

    /// Where in the buffer the unconsumed bytes begin, for [`ChunkReader::lent`].
    #[inline]
    pub(super) fn position(&self) -> usize {
        self.start
    }

    /// The buffer: what was consumed since the last reading is still in it.
    #[inline]
    pub(super) fn lent(&self) -> &[u8] {
        self.buffer.get(..self.end).unwrap_or_default()
    }

    /// The buffer, and the position in it up to which it is consumed.
    pub(super) fn walk(&mut self) -> (&[u8], &mut usize) {
        (
            self.buffer.get(..self.end).unwrap_or_default(),
            &mut self.start,
        )
    }

    /// Reads until `need` bytes are buffered; false if the input ends (or fails) before.
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

    /// Skips `n` bytes, buffered or not; false if the input ends before.
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

    /// The error that ended the input, if one did.
    pub(super) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }

    /// Moves the unconsumed bytes to the front where the room behind them is short: just before an aligned place if they
    /// fit.
    fn make_room(&mut self, need: usize) {
        let left = self.end - self.start;
        if left > 0
            && self.buffer.len() - self.start >= need
            && self.buffer.len() - self.end >= self.capacity / 4
        {
            return;
        }
        let front = self.buffer.get(self.front..).unwrap_or_default();
        let aligned = self.front + front.as_ptr().align_offset(ALIGN).min(ALIGN);
        let to = match left <= self.front && need <= self.capacity {
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
            // A `Read` that reports more bytes than the room it was given is broken: the surplus is ignored.
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

/// Counts the bytes read, for progress.
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
