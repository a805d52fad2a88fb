//! Every filter, with parameters of any kind.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trao_fuzz::pades::probe;

const BYTES_MAX: usize = 1 << 20;

fuzz_target!(|input: (u8, [u16; 4], &[u8])| {
    let (filter, parameters, data) = input;
    if let Some(plain) = probe::decode(filter, parameters, data, BYTES_MAX) {
        assert!(plain.len() <= 2 * BYTES_MAX);
    }
});
