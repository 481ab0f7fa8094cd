//! From the bytes of a stream to its frames.
//!
//! Knows bytes and offsets; nothing of TCP, files, terminals or of the text in which a protocol is described. A live
//! server feeds it from a socket, the pipeline from a capture: it is the same parser.

mod algorithm;
mod buffer;
mod check;
mod checksum;
mod close;
mod codec;
mod decide;
mod event;
mod fast;
mod fast_headers;
mod fault;
mod field;
mod framer;
mod headers;
mod layout;
mod memo;
mod message;
mod state;
mod table;
#[cfg(test)]
mod tests;

pub use codec::{DecodeError, EncodeError, MessageLayout};
pub use event::{Event, Fault, FaultKind, Frame, Run, RunFrame, Skip, SkipKind, StreamEnd};
pub use framer::{Framer, Pending, StreamStart};
pub use layout::{
    Blocks, Checksum, ChecksumKind, Crc, Endian, FrameLayout, Layout, LengthField, LengthFormat,
    Pattern, Resync, Size,
};
pub use message::{Message, MessageAssembler, MessageTracker};
pub use table::{FrameTable, LayoutError};
