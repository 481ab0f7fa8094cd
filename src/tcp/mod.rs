//! From segments to the bytes that each end sent, in order: a machine without I/O and without a clock.
//!
//! Knows sequence numbers and connections; nothing of packets' insides, files or frames. [`Reassembler`] is fed
//! segments in the order of the capture and calls a [`Sink`] with chunks of each stream in stream order, each chunk
//! lent from the segment that brought it first, with gaps beside them as values.

mod cold;
mod config;
mod counts;
mod event;
mod evidence;
mod flow;
mod handshake;
mod held;
mod history;
mod identity;
mod key;
mod line;
mod reassembler;
mod seq;
mod shared;
mod stream;
mod table;
#[cfg(test)]
mod tests;

pub use config::{TcpConfig, TcpStats, Urgent};

pub use counts::{Counts, Outside};
pub use event::{
    Begin, Chunk, Conflict, Dir, End, EndCause, Gap, GapCause, Sink, StreamId, StreamSummary,
};
pub use evidence::{EndedBy, Evidence, StreamEvidence};
pub use reassembler::Reassembler;
