//! Trying a seal without a key: whether a mark can be drawn in a file is found when it comes, not
//! when somebody has approved it.

use std::fs::File;

use super::{InspectedPdf, Sealing, SealingError};
use crate::pades::{Appearance, SealRequest};

/// What a seal would say; its time is no matter here.
pub struct Rehearsal {
    /// What would be drawn.
    pub appearance: Appearance,
    /// Who would sign, as the mark prints it.
    pub signer: String,
    /// The time of the rehearsal.
    pub at: time::OffsetDateTime,
}

impl Sealing {
    /// Prepares the revision that a seal would append, and throws it away.
    ///
    /// # Errors
    /// [`SealingError::Refused`] when the file cannot be sealed so.
    pub async fn rehearse(
        &self,
        pdf: &InspectedPdf,
        rehearsal: Rehearsal,
    ) -> Result<(), SealingError> {
        let readers = std::sync::Arc::clone(&self.readers);
        let (path, reading) = (pdf.path().to_owned(), pdf.inspection().reading());
        let request = SealRequest {
            signed_at: rehearsal.at,
            signer_name: Some(rehearsal.signer),
            reason: None,
            location: None,
            appearance: rehearsal.appearance,
            contents_bytes: 1,
            field_name: None,
        };
        self.blocking(move || {
            let file = File::open(path)?;
            let len = file.metadata()?.len();
            let revision = readers.prepare(vec![(&file, len)], request, reading).next();
            revision
                .ok_or(SealingError::Malformed("no answer"))?
                .map(drop)
        })
        .await
    }
}
