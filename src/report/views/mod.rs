//! The views: what each command prints.

pub mod diff;
pub mod dump;
pub mod errors;
pub mod export;
pub mod frames;
pub mod identify;
pub mod protocols;
mod save;
pub mod stats;
pub mod streams;
pub mod truth;

pub use save::Saver;
