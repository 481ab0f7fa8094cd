//! `errors`: every fault and gap, as records for programs or as blocks for people.

mod block;
mod blocks;
mod records;
mod summary;
mod tally;

pub use blocks::ErrorBlocks;
pub use records::Errors;
pub use summary::Summary;
