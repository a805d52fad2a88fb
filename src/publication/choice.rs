//! Which appearances a result of an agency may ask for.

use super::{Publication, PublicationError};
use crate::account::Caller;
use crate::model::{AppearanceName, Sha256Digest};
use crate::pades::{Localised, Template};

/// An appearance that can be asked for.
#[derive(Clone, Debug)]
pub struct AppearanceChoice {
    /// Its name in a submission.
    pub name: AppearanceName,
    /// What its template calls itself.
    pub title: Option<Localised>,
    /// Whether it counts where none is asked for.
    pub is_default: bool,
}

impl Publication {
    /// What a result of the caller's agency may look like: the forms, and the templates of the agency
    /// and of those above it, without those whose image is not there.
    ///
    /// # Errors
    /// [`PublicationError::Unavailable`].
    pub async fn appearances(
        &self,
        caller: &Caller,
    ) -> Result<Vec<AppearanceChoice>, PublicationError> {
        let agency = caller.agency();
        let default = self.db.default_appearance(agency).await?;
        let default = default.map_or(AppearanceName::None, |(name, _)| name);
        let has_image = self.db.seal_image(agency).await?.is_some();
        let choice = |name: AppearanceName, title| AppearanceChoice {
            is_default: name == default,
            name,
            title,
        };
        let needs_image =
            |name: &AppearanceName| matches!(name, AppearanceName::Seal | AppearanceName::Copy);
        let forms = AppearanceName::FORMS.iter().cloned();
        let mut choices: Vec<_> = forms
            .filter(|name| has_image || !needs_image(name))
            .map(|name| choice(name, None))
            .collect();
        for row in self.db.mark_templates(agency).await? {
            let template = Template::from_toml(&row.template)?;
            if has_image || !template.needs_image() {
                choices.push(choice(AppearanceName::Own(row.name), template.title));
            }
        }
        Ok(choices)
    }

    /// The image of the seal that a result's mark would show: the one with this digest, so that a
    /// page shows what its manifest binds (scope `read`).
    ///
    /// # Errors
    /// [`PublicationError::NotFound`], also where it is another image by now.
    pub async fn mark_image(
        &self,
        caller: &Caller,
        id: crate::model::ResultId,
        sha256: Sha256Digest,
    ) -> Result<Vec<u8>, PublicationError> {
        let view = self.result(caller, id).await?;
        let shown = view.mark.and_then(|mark| mark.image);
        let image = self.db.seal_image(view.agency).await?;
        let image = image.filter(|image| image.sha256 == sha256 && shown == Some(sha256));
        let image = image.ok_or(PublicationError::NotFound)?;
        let png = self.db.seal_image_png(&image).await?;
        png.ok_or(PublicationError::NotFound)
    }
}
