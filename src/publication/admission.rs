//! Which inspected files are taken: what could not be sealed as asked, what acts or hides, what
//! nobody signed.

use super::{PublicationError, PublicationSettings, manifest};
use crate::database::AgencyRow;
use crate::model::{AppearanceName, Sealing};
use crate::pades::Refusal;
use crate::sealing::InspectedPdf;

/// The rules for one result's files.
pub(super) struct Admission<'o> {
    pub(super) settings: &'o PublicationSettings,
    pub(super) agency: &'o AgencyRow,
    pub(super) appearance: AppearanceName,
}

impl Admission<'_> {
    /// Checks the `n`th file by itself.
    pub(super) fn check(&self, n: u32, pdf: &InspectedPdf) -> Result<(), PublicationError> {
        let refused = self.mark(pdf).or_else(|| self.content(pdf));
        refused.map_or(Ok(()), |refusal| {
            Err(PublicationError::Refused { n, refusal })
        })
    }

    /// A certification with P=2 or 3 bears a seal that shows nothing and no other: found now, not
    /// when the clerk has approved.
    fn mark(&self, pdf: &InspectedPdf) -> Option<Refusal> {
        let is_closed =
            pdf.inspection().doc_mdp.is_some() && self.appearance != AppearanceName::None;
        is_closed
            .then(|| Refusal::PdfLocked("it is certified and allows no visible mark".to_owned()))
    }

    /// What a file does by itself or hides is the clerk's to weigh; what this installation does
    /// not take, and what no clerk would see, is refused.
    fn content(&self, pdf: &InspectedPdf) -> Option<Refusal> {
        let is_unseen = self.agency.sealing == Sealing::Automatic;
        let is_refused = |code: &String| {
            self.settings.refused_content.contains(code)
                || (is_unseen && self.settings.refused_unseen.contains(code))
        };
        let findings = &pdf.inspection().findings;
        let finding = findings.iter().find(|finding| is_refused(&finding.code))?;
        Some(Refusal::PdfActiveContent(finding.to_string()))
    }

    /// Automatic sealing takes only what somebody signed before, unless the agency's policy says
    /// otherwise.
    pub(super) fn check_signed(&self, files: &[InspectedPdf]) -> Result<(), PublicationError> {
        let needs_signature =
            self.agency.sealing == Sealing::Automatic && !self.agency.unsigned_allowed;
        let main = files.first().map(InspectedPdf::earlier);
        let is_signed =
            main.is_some_and(|main| manifest::is_signed(main, self.settings.is_anchored));
        if needs_signature && !is_signed {
            Err(PublicationError::NotSigned)
        } else {
            Ok(())
        }
    }
}
