#![no_main]

#[path = "../../tests/robust/regressions/blocks.rs"]
mod blocks;
#[path = "../../tests/robust/regressions/capture.rs"]
mod capture;

libfuzzer_sys::fuzz_target!(|data: &[u8]| blocks::check(data));
