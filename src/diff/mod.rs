//! What two captures differ in, as what the devices sent: frames against frames.
//!
//! Knows the values that pipeline emits and the counts of analysis, not their machinery, and nothing of names, files
//! or text. Blind to segments, ports, times and retransmissions: a frame is its type and its bytes, less what is
//! masked.
//!
//! ```text
//! Collector ──▶ Side ─┐
//!                     ├─▶ compare: pair ──▶ align ──▶ refine ──▶ Comparison
//! Collector ──▶ Side ─┘           lines   by digest  by bytes
//! ```
//!
//! Memory is about 48 bytes a frame and, up to [`Setup::budget`] a side, its bytes; what is over that is compared by
//! digest only.

mod align;
mod compare;
mod habit;
mod hole;
mod line;
mod mask;
mod pair;
mod refine;
mod side;
mod span;

#[cfg(test)]
mod tests;

pub use compare::{Comparison, Edit, PairDiff, compare};
pub use habit::{Habit, Nature, Volatile};
pub use hole::Why;
pub use line::Line;
pub use mask::{Mask, Masks};
pub use pair::{Hand, Pair, PairedBy};
pub use side::{Collector, FaultAt, Record, Sent, Side};
pub use span::{Span, spans};

use crate::framing::Layout;

/// What comparing needs to know.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The shape of the protocol.
    pub layout: Layout,
    /// Bytes that do not count.
    pub masks: Masks,
    /// Pairs made by hand.
    pub hands: Vec<Hand>,
    /// So many bytes of frames are kept a side, at most 2^32 - 1.
    pub budget: usize,
}

impl Setup {
    /// Bytes of frames kept a side unless set otherwise: two captures of 800,000 frames of 180 bytes.
    pub const BUDGET: usize = 144 << 20;
}
