//! What the intake does with a file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trao_fuzz::{limits, pades};

fuzz_target!(|bytes: &[u8]| {
    let bytes = bytes.to_vec();
    let _ = pades::inspect(&bytes, &limits());
});
