#![no_main]

#[path = "../bodies/readers.rs"]
#[allow(dead_code, reason = "each target tries its own part")]
mod readers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| readers::served(data));
