#![no_main]

#[path = "../../tests/robust/regressions/tcp.rs"]
mod tcp;

libfuzzer_sys::fuzz_target!(|data: &[u8]| tcp::check(data));
