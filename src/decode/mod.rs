//! From a packet to the TCP segment in it.
//!
//! Knows link layers, tunnels and IP; nothing of containers, connections or frames. It is the only place that names
//! `etherparse`. A packet goes in, segments (in aggregated 802.11 frames several) and a verdict come out; the only
//! memory is a bounded pool of IP fragments.

mod segment;

pub use segment::{Addr, Endpoint, Flags, Segment};
