//! Named places at which a test may end the process, to see what a crash leaves. They exist in
//! debug builds alone: a release build has neither the names nor the question.

/// Every place, in the order of the path. `TRAO_TEST_CRASH_AT=<name>` ends the process there.
pub const FAILPOINTS: &[&str] = &[
    "claimed",
    "object_received",
    "received",
    "approved",
    "leased",
    "signing",
    "intended",
    "sealed",
    "object_stored",
    "revision",
    "stored",
    "released",
];

/// The same for the raising of a file that is stored.
pub const RAISE_FAILPOINTS: &[&str] =
    &["raise_fetched", "raised", "raise_stored", "raise_recorded"];

/// Ends the process if this is the place that `TRAO_TEST_CRASH_AT` names: at once, as a power cut
/// or `kill -9` would, without any cleaning up.
#[cfg(debug_assertions)]
pub(super) fn at(place: &'static str) {
    static WANTED: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let is_listed = FAILPOINTS.contains(&place) || RAISE_FAILPOINTS.contains(&place);
    debug_assert!(is_listed, "{place} is not in the lists");
    let wanted = WANTED.get_or_init(|| std::env::var("TRAO_TEST_CRASH_AT").ok());
    if wanted.as_deref() == Some(place) {
        std::process::abort();
    }
}

#[cfg(not(debug_assertions))]
pub(super) fn at(_place: &'static str) {}
