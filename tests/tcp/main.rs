//! Decoding and reassembly on the shared captures, two readers that share the connections, and bounded memory.

#[path = "../support/mod.rs"]
mod support;

mod decode_shared;
mod lanes;
mod memory;
mod tcp_captures;
