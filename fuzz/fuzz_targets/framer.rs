#![no_main]

#[path = "../../tests/robust/regressions/framer.rs"]
mod framer;

libfuzzer_sys::fuzz_target!(|data: &[u8]| framer::check(data));
