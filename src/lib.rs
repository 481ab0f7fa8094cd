//! What did the device really send, and how did TCP deliver it?
//!
//! deframe reads packet captures, rebuilds every TCP byte stream in them, runs the frame parser of a binary device
//! protocol over the streams, and reports how frames were split and coalesced and which bytes are no valid frame.
//!
//! ```text
//! capture ──▶ decode ──▶ tcp ──▶ framing ──▶ analysis ──▶ diagnosis
//! packets     segments   chunks  events      numbers      findings
//!                 └──── pipeline drives ────┘
//! ```
//!
//! Data flows one way. [`framing`] knows bytes and offsets only, so a live server runs the same parser on a socket; with
//! `protocol` it is all that the crate holds without default features. Nothing in this library prints, reads the
//! environment or looks at a clock: warnings and errors are values, and every time is the capture's own.
//!
//! # From a capture to its frames
//!
#![cfg_attr(feature = "capture", doc = "```")]
#![cfg_attr(not(feature = "capture"), doc = "```ignore")]
//! use deframe::{capture, decode, framing::FrameTable, pipeline, protocol::Protocol, tcp};
//!
//! struct Sizes(Vec<(u64, usize)>);
//!
//! impl pipeline::Observer for Sizes {
//!     fn frame(&mut self, _: pipeline::StreamRef<'_>, frame: &pipeline::FrameRecord<'_>) {
//!         self.0.push((frame.place.first_packet, frame.bytes.len()));
//!     }
//! }
//!
//! let input = capture::Input::Path("testdata/tiny.pcap".into());
//! let mut captures = capture::CaptureSet::new(vec![input], capture::ReadConfig::default());
//! let config = pipeline::RunConfig {
//!     table: FrameTable::new(&Protocol::fd().layout)?.into(),
//!     selection: pipeline::Selection::default(),
//!     decode: decode::DecodeConfig::default(),
//!     tcp: tcp::TcpConfig::default(),
//! };
//! let mut sizes = Sizes(Vec::new());
//! pipeline::run(&mut captures, &config, &mut sizes, &mut |_| {});
//! assert_eq!(sizes.0.len(), 40);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(feature = "capture")]
pub mod analysis;
#[cfg(feature = "capture")]
pub mod capture;
#[cfg(feature = "tokio")]
pub mod codec;
#[cfg(feature = "capture")]
pub mod decode;
#[cfg(feature = "capture")]
pub mod diagnosis;
pub mod framing;
#[cfg(feature = "capture")]
pub mod pipeline;
pub mod protocol;
#[cfg(feature = "capture")]
pub mod tcp;

// For the program and its tests: no part of the crate's interface, and free to change in any version.
#[cfg(feature = "capture")]
#[doc(hidden)]
pub mod diff;
#[cfg(feature = "capture")]
#[doc(hidden)]
pub mod identify;
#[cfg(feature = "capture")]
#[doc(hidden)]
pub mod simulate;
#[doc(hidden)]
pub mod wireshark;
