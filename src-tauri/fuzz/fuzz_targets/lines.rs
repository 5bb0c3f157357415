#![no_main]

#[path = "../bodies/lines.rs"]
#[allow(dead_code, reason = "each target tries its own part")]
mod lines;

libfuzzer_sys::fuzz_target!(|data: &[u8]| lines::lines(data));
