//! Other programs as references: tshark and Twisted. Without the peer a test reports that it skips, unless
//! `DEFRAME_REQUIRE_PEERS` is set.

#[path = "../support/mod.rs"]
mod support;

mod dissector_text;
mod tshark_numbers;
mod twisted;
mod wireshark;
