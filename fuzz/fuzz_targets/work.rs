#![no_main]

#[path = "../../tests/robust/regressions/work.rs"]
mod work;

libfuzzer_sys::fuzz_target!(|data: &[u8]| work::check(data));
