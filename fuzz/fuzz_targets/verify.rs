//! Signatures, what came after them, their messages.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trao_fuzz::pades::{TrustAnchors, verify};
use trao_fuzz::{NOW, limits};

fuzz_target!(|bytes: &[u8]| {
    let bytes = bytes.to_vec();
    if let Ok(report) = verify(&bytes, &limits(), &TrustAnchors::default(), NOW) {
        assert!(!report.valid, "nobody is trusted");
    }
});
