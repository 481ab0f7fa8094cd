//! From the bytes of a stream to its frames.
//!
//! Knows bytes and offsets; nothing of TCP, files, terminals or of the text in which a protocol is described. A live
//! server feeds it from a socket, the pipeline from a capture: it is the same parser.

mod event;
mod layout;

pub use event::{Event, Fault, FaultKind, Frame, Skip, SkipKind, StreamEnd};
pub use layout::{
    Blocks, Checksum, ChecksumKind, Endian, FrameLayout, Layout, LengthField, LengthFormat,
    Pattern, Resync, Size,
};
