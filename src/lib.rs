//! What did the device really send, and how did TCP deliver it?
//!
//! deframe reads packet captures, rebuilds every TCP byte stream in them, runs the frame parser of a binary device
//! protocol over the streams and says how frames were split and coalesced, and which bytes are no valid frame.
//!
//! ```text
//! capture ──▶ decode ──▶ tcp ──▶ framing ──▶ analysis
//! packets     segments   chunks  events      numbers
//!                 └──── pipeline drives ────┘
//! ```
//!
//! Data flows one way. [`framing`] knows bytes and offsets only, so a live server runs the very same parser on a
//! socket. Nothing in this library prints, reads the environment or looks at a clock: warnings and faults are values,
//! and every time is the capture's own.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(feature = "capture")]
pub mod analysis;
#[cfg(feature = "capture")]
pub mod capture;
#[cfg(feature = "capture")]
pub mod decode;
#[cfg(feature = "capture")]
pub mod diagnosis;
#[cfg(feature = "capture")]
pub mod diff;
pub mod framing;
#[cfg(feature = "capture")]
pub mod identify;
#[cfg(feature = "capture")]
pub mod pipeline;
pub mod protocol;
#[cfg(feature = "capture")]
pub mod simulate;
#[cfg(feature = "capture")]
pub mod tcp;
#[cfg(feature = "capture")]
pub mod wireshark;
