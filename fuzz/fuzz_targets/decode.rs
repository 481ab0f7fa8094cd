#![no_main]

#[path = "../../tests/robust/regressions/decode.rs"]
mod decode;

libfuzzer_sys::fuzz_target!(|data: &[u8]| decode::check(data));
