//! Maps of fonts, and pages' content as far as finding words reads it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trao_fuzz::limits;
use trao_fuzz::pades::probe;

fuzz_target!(|bytes: &[u8]| probe::words(bytes, &limits()));
