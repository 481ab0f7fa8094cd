//! Damaged captures, streams cut anew, and inputs that once failed, through the whole pipeline.

#[path = "../support/mod.rs"]
mod support;

mod bed;
mod build;
mod damage;
mod regressions;
mod segmentation;
