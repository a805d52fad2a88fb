//! What thieves of keys and lax authorities can make, and what our own verifier holds of it: each
//! test is an attack by its name.

mod time_stamps;
mod times;
mod words;

use time::OffsetDateTime;
use time::macros::datetime;
use trao::pades::{Indication, SignatureVerdict, SubIndication};

use crate::support::lab::{self, Extras, Holder, Span};

/// The day on which files are judged.
const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);
/// Valid on it, and at the beginning of the year.
const CURRENT: Span = (
    datetime!(2025-01-01 0:00 UTC),
    datetime!(2028-01-01 0:00 UTC),
);
/// Long over.
const OVER: Span = (
    datetime!(2016-01-01 0:00 UTC),
    datetime!(2020-01-01 0:00 UTC),
);
/// All the time.
const LASTING: Span = (
    datetime!(2015-01-01 0:00 UTC),
    datetime!(2040-01-01 0:00 UTC),
);

fn signer(root: &Holder, span: Span) -> Holder {
    root.issue("Signer", span, Extras::default())
}

/// The verdict on the first signature of a file.
fn first(file: &[u8], root: &Holder) -> SignatureVerdict {
    lab::judged(file, root, NOW).signatures.remove(0)
}

/// Asserts that nothing can be said of a signature, for that reason.
fn is_open(verdict: &SignatureVerdict, why: SubIndication) {
    let said = (verdict.indication, verdict.sub_indication);
    assert_eq!(said, (Indication::Indeterminate, Some(why)), "{verdict:?}");
}
