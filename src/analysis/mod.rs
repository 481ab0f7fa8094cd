//! Numbers of what the pipeline finds: counts, how frames fell over segments, times, the accounting of every byte.
//!
//! Knows the values of tcp and framing and the machinery of neither. Plain counters, merged by `+=`, printed elsewhere.

mod counts;
mod delivery;
mod distribution;
mod evidence;
mod field;
mod kept;
mod merge;
mod messages;
mod open;
mod stats;

pub use counts::{Account, Counts, GapCounts, OddStreams, Transport};
pub use delivery::{Delivery, Histogram};
pub use distribution::Distribution;
pub use evidence::{Failed, FaultGroup, FrameEvidence, Listed, ListedStream, Pauses};
pub use field::{FieldCounts, FieldStats, Fields, Read, Watched};
pub use kept::{StreamNumbers, StreamStats};
pub use messages::{MessageCounter, MessageTable};
pub use stats::{Rest, Stats};
