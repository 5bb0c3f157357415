#![no_main]

#[path = "../bodies/values.rs"]
#[allow(dead_code, reason = "each target tries its own part")]
mod values;

libfuzzer_sys::fuzz_target!(|data: &[u8]| values::value(data));
