#![no_main]

#[path = "../../tests/robust/regressions/description.rs"]
mod description;

libfuzzer_sys::fuzz_target!(|data: &[u8]| description::check(data));
