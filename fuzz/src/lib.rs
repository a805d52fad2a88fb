//! The modules under test, without the service around them.

#[path = "../../src/dossier/code.rs"]
pub mod code;
#[path = "../../src/pades/mod.rs"]
pub mod pades;

use pades::{Appearance, Limits, SealRequest};
use time::macros::datetime;

/// Bounds as they are in service, but for the sizes: a fuzzer's file is small, and what takes
/// longer than it deserves shall be noticed.
#[must_use]
pub fn limits() -> Limits {
    Limits {
        objects: 10_000,
        object_bytes: 1 << 20,
        decompressed: 1 << 20,
        work: 50_000,
        work_bytes: 8 << 20,
        ..Limits::default()
    }
}

/// The time at which everything takes place.
pub const NOW: time::OffsetDateTime = datetime!(2026-11-23 14:05:09 +07:00);

/// A seal, shown or not.
#[must_use]
pub fn request(is_shown: bool) -> SealRequest {
    let appearance = if is_shown {
        Appearance::attachment("1/QĐ-UBND").unwrap_or_default()
    } else {
        Appearance::None
    };
    SealRequest {
        signed_at: NOW,
        signer_name: Some("UBND".to_owned()),
        reason: None,
        location: None,
        appearance,
        contents_bytes: 64,
        field_name: None,
    }
}
