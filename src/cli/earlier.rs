//! The signatures that a file brings.

use std::path::Path;

use super::failure::Failure;
use crate::app;
use crate::pades::TrustAnchors;
use crate::sealing::Sealing;

/// What to warn of when one of them is not intact, or something suspicious stands behind it: whom it
/// leads to is not asked.
pub(super) async fn broken(sealing: &Sealing, file: &Path) -> Option<Failure> {
    let anchors = TrustAnchors::default();
    match sealing.verify(file.to_owned(), &anchors, app::now()).await {
        Ok(report) => {
            let broken = report.signatures.iter().find(|each| !each.is_whole())?;
            let warning = Failure::naming("earlier_signature_broken", broken.field.as_str());
            Some(warning.worded("earlier_signature_not_intact"))
        }
        Err(error) => Some(error.into()),
    }
}
