//! The whole way from a capture to its numbers, on captures that are damaged and on streams that are cut anew.
//!
//! Tests that read the shared captures take their folder from `DEFRAME_CAPTURES`; without it they say that they skip.

mod bed;
mod build;
mod damage;
mod random;
mod segmentation;
