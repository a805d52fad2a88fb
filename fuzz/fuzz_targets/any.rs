//! All targets in one program, which is built and linked once: the environment says which one runs.
//! None may take more memory than any small file deserves, whatever that says of itself.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use peak_alloc::PeakAlloc;

/// A picture of four million pixels, decoded and taken apart, takes the most.
const MEMORY_MAX: usize = 128 << 20;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;
static RUN: OnceLock<fn(&[u8])> = OnceLock::new();

fuzz_target!(
    init: {
        RUN.get_or_init(trao_fuzz::chosen);
    },
    |bytes: &[u8]| {
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        RUN.get_or_init(trao_fuzz::chosen)(bytes);
        let taken = MEMORY.peak_usage().saturating_sub(before);
        assert!(taken <= MEMORY_MAX, "{taken} bytes taken");
    }
);
