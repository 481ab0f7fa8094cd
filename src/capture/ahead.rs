//! Decompression on a thread of its own, while the packets are parsed on the caller's.
//!
//! Knows bytes only. At most [`BLOCKS`] blocks of [`BLOCK_BYTES`] wait between the two threads. The thread ends with its
//! input, or at the next block once the reading end is dropped.

use std::{
    io::{self, Read},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

/// Bytes decompressed at once.
const BLOCK_BYTES: usize = 128 * 1024;
/// Blocks decompressed and not yet parsed.
const BLOCKS: usize = 4;

/// What the thread sends: bytes, or the error that ended them.
type Block = io::Result<Vec<u8>>;

/// The reading end.
struct Ahead {
    full: Receiver<Block>,
    /// Blocks on their way back, to be filled again.
    empty: SyncSender<Vec<u8>>,
    block: Vec<u8>,
    consumed: usize,
}

/// The same bytes and the same error as `read` gives, read ahead on another thread where the system has one to give.
pub(super) fn ahead(read: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    let parallel = thread::available_parallelism().is_ok_and(|n| n.get() > 1);
    let (hand_over, handed_over) = sync_channel(1);
    let (full_in, full) = sync_channel(BLOCKS);
    let (empty, empty_out) = sync_channel(BLOCKS + 2);
    let work = move || {
        if let Ok(read) = handed_over.recv() {
            fill_blocks(read, &full_in, &empty_out);
        }
    };
    // The reader is handed over when the thread runs: it stays here if there is no thread.
    if !parallel || thread::Builder::new().spawn(work).is_err() {
        return Box::new(read);
    }
    let _ = hand_over.send(read);
    Box::new(Ahead {
        full,
        empty,
        block: Vec::new(),
        consumed: 0,
    })
}

/// The thread: reads to the end, to an error, or until nobody receives.
fn fill_blocks(mut read: impl Read, full: &SyncSender<Block>, empty: &Receiver<Vec<u8>>) {
    loop {
        let mut block = empty.try_recv().unwrap_or_default();
        block.resize(BLOCK_BYTES, 0);
        let sent = match read.read(&mut block) {
            Ok(0) => return,
            Ok(n) => {
                block.truncate(n);
                full.send(Ok(block))
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let _ = full.send(Err(error));
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

impl Read for Ahead {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.consumed == self.block.len() {
            let Ok(block) = self.full.recv() else {
                return Ok(0);
            };
            let used = std::mem::replace(&mut self.block, block?);
            self.consumed = 0;
            let _ = self.empty.try_send(used);
        }
        let rest = self.block.get(self.consumed..).unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        self.consumed += n;
        Ok(n)
    }
}
