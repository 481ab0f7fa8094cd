//! The way from a capture to its frames: drives decode, tcp and framing, and adds to every frame and fault the packets
//! that brought it.
//!
//! Knows the machinery of all rooms below it and makes no numbers of its own: an [`Observer`] takes what is found.

mod disputed;
mod emit;
mod extent;
mod fault;
mod observer;
mod provenance;
mod queue;
mod run;
mod select;
mod shared;
mod stream;
mod track;

pub use fault::{FaultRecord, OwnedFault};
pub use observer::{FrameRecord, FrameRun, Observer, SegmentRecord, StreamRef};
pub use provenance::{PacketSpan, Provenance};
pub use run::{Outcome, RunConfig, Unselected, run};
pub use select::{HostFilter, Moment, Selection};
pub use shared::{MIN_SHARED_BYTES, Merge, run_shared};
