//! Which inspected files are taken: what could not be sealed as asked, what acts or hides, what
//! nobody signed.

use time::OffsetDateTime;

use super::mark::{Mark, Picture, Printed};
use super::{
    FieldFlaw, MissingLook, Publication, PublicationError, PublicationSettings, SignatureFlaw,
    earlier,
};
use crate::database::AgencyRow;
use crate::model::{AppearanceName, Sealing, in_viet_nam};
use crate::pades::Refusal;
use crate::sealing::{InspectedPdf, Rehearsal};

/// How a result is to look, as its agency has it now.
pub(super) struct Wanted {
    pub(super) name: AppearanceName,
    pub(super) mark: Mark,
    picture: Option<Vec<u8>>,
    signer: String,
}

impl Wanted {
    /// Finds what was asked for, or what the agency shows unless asked otherwise.
    pub(super) async fn of(
        flow: &Publication,
        agency: &AgencyRow,
        asked: Option<&AppearanceName>,
        printed: &Printed<'_>,
        files: usize,
    ) -> Result<Self, PublicationError> {
        let name = if let Some(name) = asked {
            name.clone()
        } else {
            let default = flow.db.default_appearance(agency.id).await?;
            default.map_or(AppearanceName::None, |(name, _)| name)
        };
        let look = flow.look(agency.id, &name).await?;
        match look.missing() {
            Some(MissingLook::Template) => {
                return Err(PublicationError::FieldInvalid {
                    field: "appearance",
                    why: FieldFlaw::Unknown,
                });
            }
            Some(missing) => return Err(PublicationError::MarkMissing(missing)),
            None => {}
        }
        if look.needs_number(files) && printed.document_number.is_none() {
            return Err(PublicationError::DocumentNumberMissing);
        }
        let mark = flow.mark(look, printed);
        let picture = match flow.picture_of(&mark).await? {
            Picture::None => None,
            Picture::Png(png) => Some(png),
            // It was changed this moment; the next try finds the new one.
            Picture::Changed => return Err(PublicationError::ManifestChanged),
        };
        let identity = flow.identity_of(agency.id).await;
        let signer = identity.map(|identity| identity.signing.subject().to_owned());
        Ok(Self {
            name,
            mark,
            picture,
            signer: signer.unwrap_or_else(|| agency.name.clone()),
        })
    }

    /// Tries the mark in the `n`th file: what has no place in it is told now, not when the clerk has
    /// approved.
    pub(super) async fn rehearse(
        &self,
        flow: &Publication,
        n: u32,
        pdf: &InspectedPdf,
        now: OffsetDateTime,
    ) -> Result<(), PublicationError> {
        if !self.mark.look().is_visible() {
            return Ok(());
        }
        let rehearsal = Rehearsal {
            appearance: self.mark.appearance(n, self.picture.clone()),
            signer: self.signer.clone(),
            at: in_viet_nam(now),
        };
        let tried = flow.sealing.rehearse(pdf, rehearsal).await;
        tried.map_err(|error| PublicationError::of_reading(n, error))
    }
}

/// The rules for one result's files.
pub(super) struct Admission<'o> {
    pub(super) settings: &'o PublicationSettings,
    pub(super) agency: &'o AgencyRow,
    pub(super) wanted: &'o Wanted,
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
        let is_closed = pdf.inspection().doc_mdp.is_some() && self.wanted.mark.look().is_visible();
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
        Some(if finding.is_rebuilt() {
            // It does nothing and hides nothing: it is damaged, and nobody looks whether all is there.
            Refusal::PdfDamaged(finding.detail.clone())
        } else {
            Refusal::PdfActiveContent(finding.to_string())
        })
    }

    /// Where no clerk looks, a signature that something stands against, or that a seal would break
    /// for some readers, is nobody's to insist on; and only what somebody signed before is taken,
    /// unless the agency's policy says otherwise.
    pub(super) fn check_signed(&self, files: &[InspectedPdf]) -> Result<(), PublicationError> {
        if self.agency.sealing != Sealing::Automatic {
            return Ok(());
        }
        let flaw = |file: &InspectedPdf| SignatureFlaw::in_file(file.inspection(), file.earlier());
        let mut numbered = (1..).zip(files);
        if let Some((n, flaw)) = numbered.find_map(|(n, file)| Some((n, flaw(file)?))) {
            return Err(PublicationError::EarlierSignature { n, flaw });
        }
        let main = files.first().map(InspectedPdf::earlier);
        let is_signed =
            main.is_some_and(|main| earlier::is_signed(main, self.settings.is_anchored));
        if is_signed || self.agency.unsigned_allowed {
            Ok(())
        } else {
            Err(PublicationError::NotSigned)
        }
    }
}
