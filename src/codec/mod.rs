//! The frame parser as a codec of [`tokio_util`]: a stream of bytes in, a stream of [`Item`]s out.
//!
//! Knows `framing` and tokio's traits; nothing of descriptions or captures. A fault is an item, never an error: an error
//! would end the stream, and the next frame is mostly fine. Errors are those of the socket.
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use deframe::{codec::{FrameCodec, Frames, Item}, framing::FrameTable, protocol::Protocol};
//! use tokio::io::AsyncWriteExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let table = Arc::new(FrameTable::new(&Protocol::fd().layout)?);
//! let mut frame = Vec::new();
//! table.encode(1, &[0; 190], &mut frame)?;
//!
//! // A real server has these from `TcpListener::accept`.
//! let (mut device, socket) = tokio::io::duplex(1024);
//! device.write_all(&frame).await?;
//!
//! let mut frames = Frames::new(socket, FrameCodec::new(table), Duration::from_millis(200));
//! // An extra190 could be the start of an extra192: it is an item after the pause, though the device sends no more.
//! let Some(Item::Frame(found)) = frames.next().await? else { panic!("a frame was sent") };
//! assert_eq!((found.kind, found.offset, &found.bytes[..]), (1, 0, &frame[..]));
//! # Ok(())
//! # }
//! ```

mod frames;
#[cfg(test)]
mod tests;

pub use frames::Frames;

use std::{collections::VecDeque, io, sync::Arc};

use bytes::{Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use crate::framing::{self, Event, FaultKind, FrameTable, Framer, Skip, StreamEnd, StreamStart};

/// Something that a connection brought, in stream order; every byte is in exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item {
    /// A valid frame.
    Frame(Frame),
    /// Bytes that the sender garbled.
    Fault(Fault),
    /// Bytes that are neither.
    Skip(Skip),
}

/// A valid frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Index of its type in the layout.
    pub kind: usize,
    /// Bytes of the stream before it.
    pub offset: u64,
    /// All of it: header, payload, end marker. Shares the memory of the read that brought it, where one did.
    pub bytes: Bytes,
    /// False where the type has a checksum and it is wrong, but the next frame follows where this one ends.
    pub checksum_ok: bool,
}

impl Frame {
    /// The same as the framer emits it.
    #[must_use]
    pub fn as_framing(&self) -> framing::Frame<'_> {
        framing::Frame {
            kind: self.kind,
            offset: self.offset,
            bytes: &self.bytes,
            checksum_ok: self.checksum_ok,
        }
    }
}

/// Bytes that the sender garbled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Index of the frame type it comes closest to, if any.
    pub nearest: Option<usize>,
    /// Bytes of the stream before it.
    pub offset: u64,
    /// Number of bytes.
    pub length: u64,
    /// The first of them, at most 256.
    pub head: Bytes,
}

/// Decodes the bytes of one connection to [`Item`]s, and encodes `(kind, payload)` to frames.
#[derive(Debug)]
pub struct FrameCodec {
    table: Arc<FrameTable>,
    framer: Framer,
    /// Decided and not yet taken.
    items: VecDeque<Item>,
    finished: bool,
}

impl FrameCodec {
    /// For a connection of which nothing has been read.
    #[must_use]
    pub fn new(table: Arc<FrameTable>) -> Self {
        Self::with_framer(Arc::clone(&table), Framer::new(table, StreamStart::Known))
    }

    /// The same with a framer that was set up by the caller, over the same table.
    #[must_use]
    pub fn with_framer(table: Arc<FrameTable>, framer: Framer) -> Self {
        Self {
            table,
            framer,
            items: VecDeque::new(),
            finished: false,
        }
    }

    /// Whether a complete frame waits for the next byte or for [`FrameCodec::flush`].
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.framer
            .pending()
            .is_some_and(|pending| pending.frame.is_some())
    }

    /// The connection has paused: a complete frame becomes an item, though it could still become a longer one. Items are
    /// then taken with [`FrameCodec::take`], for a `FramedRead` asks its decoder only when bytes have come.
    pub fn flush(&mut self) {
        let items = &mut self.items;
        self.framer.flush(&mut |event| push(items, None, event));
    }

    /// The next item that is decided.
    pub fn take(&mut self) -> Option<Item> {
        self.items.pop_front()
    }
}

/// Takes an event of the framer; what lies in `input` is shared, not copied.
fn push(items: &mut VecDeque<Item>, input: Option<&Bytes>, event: Event<'_>) {
    let share = |bytes: &[u8]| match input {
        Some(input)
            if input.as_ptr_range().start <= bytes.as_ptr()
                && bytes.as_ptr_range().end <= input.as_ptr_range().end =>
        {
            input.slice_ref(bytes)
        }
        _ => Bytes::copy_from_slice(bytes),
    };
    items.extend(event.frames().map(|frame| {
        Item::Frame(Frame {
            kind: frame.kind,
            offset: frame.offset,
            bytes: share(frame.bytes),
            checksum_ok: frame.checksum_ok,
        })
    }));
    match event {
        Event::Fault(fault) => items.push_back(Item::Fault(Fault {
            kind: fault.kind,
            nearest: fault.nearest,
            offset: fault.offset,
            length: fault.length,
            head: share(fault.head),
        })),
        Event::Skip(skip) => items.push_back(Item::Skip(skip)),
        _ => {}
    }
}

impl Decoder for FrameCodec {
    type Item = Item;
    type Error = io::Error;

    fn decode(&mut self, source: &mut BytesMut) -> io::Result<Option<Item>> {
        if self.items.is_empty() && !source.is_empty() {
            let input = source.split().freeze();
            let items = &mut self.items;
            self.framer
                .feed(&input, &mut |event| push(items, Some(&input), event));
        }
        Ok(self.take())
    }

    fn decode_eof(&mut self, source: &mut BytesMut) -> io::Result<Option<Item>> {
        if let Some(item) = self.decode(source)? {
            return Ok(Some(item));
        }
        if !self.finished {
            self.finished = true;
            let items = &mut self.items;
            self.framer
                .finish(StreamEnd::Closed, &mut |event| push(items, None, event));
        }
        Ok(self.take())
    }
}

impl<P: AsRef<[u8]>> Encoder<(usize, P)> for FrameCodec {
    type Error = io::Error;

    /// Writes a frame of this type, an index into the layout.
    ///
    /// # Errors
    ///
    /// `InvalidInput` where the payload does not fit; nothing is written then.
    fn encode(&mut self, (kind, payload): (usize, P), out: &mut BytesMut) -> io::Result<()> {
        self.table
            .encode(kind, payload.as_ref(), out)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
    }
}
