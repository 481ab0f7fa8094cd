//! From the bytes of a stream to its frames.
//!
//! Knows bytes and offsets; nothing of TCP, files, terminals or of the text in which a protocol is described. A live
//! server feeds it from a socket, the pipeline from a capture: it is the same parser.

mod check;
mod checksum;
mod codec;
mod event;
mod field;
mod framer;
mod judge;
mod layout;
mod message;
mod quick;
mod state;
mod table;
mod telling;
#[cfg(test)]
mod tests;
mod trouble;

pub use codec::{DecodeError, EncodeError, MessageLayout};
pub use event::{Event, Fault, FaultKind, Frame, Skip, SkipKind, Step, StreamEnd};
pub use framer::{Framer, Pending, Steps, StreamStart, Then};
pub use layout::{
    Blocks, Checksum, ChecksumKind, Endian, FrameLayout, Layout, LengthField, LengthFormat,
    Pattern, Resync, Size,
};
pub use message::{Message, MessageAssembler, MessageTracker};
pub use table::{FrameTable, LayoutError};
