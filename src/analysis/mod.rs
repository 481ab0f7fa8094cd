//! Numbers of what the pipeline finds: counts, how frames fell over segments, times, the accounting of every byte.
//!
//! Knows the values of tcp and framing and the machinery of neither. Plain counters, merged by `+=`, printed elsewhere.

mod counts;
mod delivery;
mod distribution;
mod evidence;
mod field;
mod messages;
mod packed;
mod packed_evidence;
mod packing;
mod stats;
mod stream_counts;
mod stream_list;

pub use counts::{Account, Counts, GapCounts, OddStreams};
pub use delivery::{Delivery, Histogram};
pub use distribution::Distribution;
pub use evidence::{Failed, FailedAtPort, FaultGroup, FrameEvidence, Listed, ListedStream, Pauses};
pub use field::{FieldCounts, FieldStats, Fields, Read, Watched};
pub use messages::{MessageCounter, MessageTable};
pub use packed::{StreamNumbers, StreamStats};
pub use stats::{DroppedStreams, Stats};
pub use stream_list::{StreamEntry, StreamList};
