//! The kinds of traffic that benchmarks use.

use super::options::{Impairments, Segmentation, SimConfig};

/// A kind of traffic to measure with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// What devices in the field send: 1 to 4 frames a segment.
    Field,
    /// Full segments, few packets a byte.
    Mss,
    /// 1 to 20 bytes a segment, many packets a byte.
    Tiny,
}

impl Profile {
    /// Options for a capture of about `size` bytes with 100 connections that never end, without truth.
    pub fn options(self, size: u64) -> SimConfig {
        let (segmentation, rate) = match self {
            Self::Field => (Segmentation::Coalesced { min: 1, max: 4 }, 0.005),
            Self::Mss => (Segmentation::Mss, 0.001),
            Self::Tiny => (Segmentation::Tiny, 0.001),
        };
        let trouble = Impairments {
            retransmit: rate,
            reorder: rate.min(0.002),
            ..Impairments::default()
        };
        SimConfig {
            devices: 100,
            frames: u64::MAX,
            size,
            segmentation,
            trouble,
            truth: false,
            truth_payloads: false,
            ..SimConfig::default()
        }
    }
}
