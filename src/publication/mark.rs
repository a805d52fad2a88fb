//! How a result's seal would show if it were made now: its agency's template and image (or those of
//! an agency above), filled with the result's facts. All of it is bound by the manifest, so that what
//! a clerk was shown is what is drawn.

use std::sync::Arc;

use serde::Serialize;

use super::{Publication, PublicationError};
use crate::database::{DatabaseError, ResultRow, SealImageRow};
use crate::model::{AgencyId, AppearanceName, LinkId, MarkLanguage, Sha256Digest};
use crate::pades::{
    Appearance, Facts, Language, Localised, MarkOrder, Placement, Template, TemplateError,
};

/// What an appearance's name stands for at an agency, as it is now.
#[derive(Clone, Debug)]
pub(super) enum Look {
    /// Nothing is drawn.
    Nothing,
    /// A mark.
    Drawn(Arc<Drawn>),
    /// The name stands for nothing (any more), or its image is gone.
    Missing(MissingLook),
}

/// Why nothing can be drawn under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingLook {
    /// Neither the agency nor one above it has a template of that name.
    Template,
    /// It shows the image of the seal, and there is none.
    SealImage,
}

impl MissingLook {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::SealImage => "seal_image",
        }
    }

    /// The sentence, in English.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Template => "no such appearance",
            Self::SealImage => "the agency has no image of its seal",
        }
    }
}

/// A template with what it needs of the agency.
#[derive(Debug)]
pub(super) struct Drawn {
    form: Form,
    /// What further files bear, where it is something else.
    annex: Option<Form>,
    image: Option<SealImageRow>,
    language: MarkLanguage,
    agency: String,
}

#[derive(Debug)]
struct Form {
    template: Template,
    sha256: Sha256Digest,
}

/// The mark of one result.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    look: Look,
    facts: Facts,
}

/// What a mark may print of a result.
pub(super) struct Printed<'r> {
    pub(super) title: &'r str,
    pub(super) document_number: Option<&'r str>,
    pub(super) link: LinkId,
}

/// What a manifest holds of a mark.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum BoundMark<'m> {
    /// Everything that decides what is drawn.
    Drawn {
        template: Sha256Digest,
        #[serde(skip_serializing_if = "Option::is_none")]
        annex: Option<Sha256Digest>,
        image: Option<Sha256Digest>,
        language: MarkLanguage,
        facts: &'m Facts,
    },
    /// Nothing can be drawn, and why.
    Missing { missing: MissingLook },
}

/// A mark as pages describe it.
#[derive(Clone, Debug)]
pub struct MarkView {
    /// What its template calls itself.
    pub title: Option<Localised>,
    /// Where it stands.
    pub place: Placement,
    /// Whether further files bear the mark of an attachment instead.
    pub has_annex: bool,
    /// SHA-256 of the image that it shows.
    pub image: Option<Sha256Digest>,
    /// Why it cannot be drawn.
    pub missing: Option<MissingLook>,
}

impl Publication {
    /// What a name stands for at an agency.
    pub(super) async fn look(
        &self,
        agency: AgencyId,
        name: &AppearanceName,
    ) -> Result<Look, PublicationError> {
        let attachment = || Form::built_in(Template::ATTACHMENT);
        let (form, annex) = match name {
            AppearanceName::None => return Ok(Look::Nothing),
            AppearanceName::Attachment => (attachment()?, None),
            // A seal stands beside a signature, which a file of its own beside the document does
            // not have: it bears number and time (Decree 30/2020/NĐ-CP, Annex I).
            AppearanceName::Seal => (Form::built_in(Template::SEAL)?, Some(attachment()?)),
            AppearanceName::Copy => (Form::built_in(Template::COPY)?, None),
            AppearanceName::Own(own) => match self.db.mark_template(agency, own).await? {
                Some(row) => (Form::read(&row.template, row.sha256)?, None),
                None => return Ok(Look::Missing(MissingLook::Template)),
            },
        };
        let image = if form.template.needs_image() {
            self.db.seal_image(agency).await?
        } else {
            None
        };
        if form.template.needs_image() && image.is_none() {
            return Ok(Look::Missing(MissingLook::SealImage));
        }
        let language = self.db.mark_language(agency).await?;
        let row = self.db.agency(agency).await?;
        Ok(Look::Drawn(Arc::new(Drawn {
            form,
            annex,
            image,
            language: language.map_or(MarkLanguage::Vietnamese, |(language, _)| language),
            agency: row.map(|row| row.name).unwrap_or_default(),
        })))
    }

    /// A look filled with a result's facts.
    pub(super) fn mark(&self, look: Look, printed: &Printed<'_>) -> Mark {
        let facts = match &look {
            Look::Drawn(drawn) => self.facts(drawn, printed),
            Look::Nothing | Look::Missing(_) => Facts::default(),
        };
        Mark { look, facts }
    }

    /// The mark of a result as it would be drawn now.
    pub(super) async fn mark_of(&self, row: &ResultRow) -> Result<Mark, PublicationError> {
        let look = self.look(row.agency, &row.appearance).await?;
        self.mark_with(look, row)
    }

    /// The same by a look that was found before.
    pub(super) fn mark_with(&self, look: Look, row: &ResultRow) -> Result<Mark, PublicationError> {
        let printed = Printed {
            title: &row.title,
            document_number: row.document_number.as_deref(),
            link: self.link_of(row)?,
        };
        Ok(self.mark(look, &printed))
    }

    /// The PNG that a mark shows; `None` where it is another one by now.
    pub(super) async fn picture_of(&self, mark: &Mark) -> Result<Picture, DatabaseError> {
        let Look::Drawn(drawn) = &mark.look else {
            return Ok(Picture::None);
        };
        let Some(image) = &drawn.image else {
            return Ok(Picture::None);
        };
        let png = self.db.seal_image_png(image).await?;
        Ok(png.map_or(Picture::Changed, Picture::Png))
    }

    /// The facts that a mark names, and no other: what it does not print does not bind.
    fn facts(&self, drawn: &Drawn, printed: &Printed<'_>) -> Facts {
        let address = format!("{}/r/{}", self.settings.public_url, printed.link);
        let values = [
            ("agency", Some(drawn.agency.as_str())),
            ("copy_form", Some(COPY_FORM)),
            ("title", Some(printed.title)),
            ("document_number", printed.document_number),
            ("verification_url", Some(address.as_str())),
            ("reason", self.settings.reason.as_deref()),
            ("location", self.settings.location.as_deref()),
        ];
        let named = values.into_iter().filter(|(name, _)| drawn.names(name));
        named.fold(Facts::default(), |facts, (name, value)| {
            facts.with(name, value.unwrap_or_default())
        })
    }
}

/// The picture of a mark.
pub(super) enum Picture {
    /// It shows none.
    None,
    /// This one.
    Png(Vec<u8>),
    /// It is another one by now.
    Changed,
}

impl Look {
    /// Whether something would be drawn.
    pub(super) fn is_visible(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// Why nothing can be drawn, if so.
    pub(super) fn missing(&self) -> Option<MissingLook> {
        match self {
            Self::Missing(missing) => Some(*missing),
            Self::Nothing | Self::Drawn(_) => None,
        }
    }

    /// Whether a result of so many files prints its document's number.
    pub(super) fn needs_number(&self, files: usize) -> bool {
        let Self::Drawn(drawn) = self else {
            return false;
        };
        let names_it = |form: &Form| form.template.names("document_number");
        names_it(&drawn.form) || (files > 1 && drawn.annex.as_ref().is_some_and(names_it))
    }
}

impl Drawn {
    fn names(&self, fact: &str) -> bool {
        let forms = [Some(&self.form), self.annex.as_ref()];
        forms
            .into_iter()
            .flatten()
            .any(|form| form.template.names(fact))
    }

    /// The template that file `n` bears.
    fn template(&self, n: u32) -> &Template {
        let annex = self.annex.as_ref().filter(|_| n > 1);
        &annex.unwrap_or(&self.form).template
    }
}

impl Form {
    fn built_in(text: &str) -> Result<Self, PublicationError> {
        Self::read(text, Sha256Digest::of(text.as_bytes()))
    }

    /// A stored template was checked when it came: one that cannot be read any more is a fault of
    /// the service.
    fn read(text: &str, sha256: Sha256Digest) -> Result<Self, PublicationError> {
        Ok(Self {
            template: Template::from_toml(text)?,
            sha256,
        })
    }
}

impl From<TemplateError> for PublicationError {
    fn from(error: TemplateError) -> Self {
        tracing::error!(%error, "a stored template");
        Self::Unavailable("a stored template")
    }
}

impl Mark {
    /// How it is looked up.
    pub(super) fn look(&self) -> &Look {
        &self.look
    }

    /// What a manifest holds of it; nothing where nothing is drawn.
    pub(super) fn bound(&self) -> Option<BoundMark<'_>> {
        match &self.look {
            Look::Nothing => None,
            Look::Missing(missing) => Some(BoundMark::Missing { missing: *missing }),
            Look::Drawn(drawn) => Some(BoundMark::Drawn {
                template: drawn.form.sha256,
                annex: drawn.annex.as_ref().map(|annex| annex.sha256),
                image: drawn.image.as_ref().map(|image| image.sha256),
                language: drawn.language,
                facts: &self.facts,
            }),
        }
    }

    /// What is drawn in file `n`.
    pub(super) fn appearance(&self, n: u32, picture: Option<Vec<u8>>) -> Appearance {
        let Look::Drawn(drawn) = &self.look else {
            return Appearance::None;
        };
        Appearance::Mark(Box::new(MarkOrder {
            template: drawn.template(n).clone(),
            facts: self.facts.clone(),
            language: match drawn.language {
                MarkLanguage::Vietnamese => Language::Vietnamese,
                MarkLanguage::English => Language::English,
            },
            image: picture,
        }))
    }

    /// How pages describe it.
    pub(super) fn view(&self) -> Option<MarkView> {
        match &self.look {
            Look::Nothing => None,
            Look::Missing(missing) => Some(MarkView {
                title: None,
                place: Placement::default(),
                has_annex: false,
                image: None,
                missing: Some(*missing),
            }),
            Look::Drawn(drawn) => Some(MarkView {
                title: drawn.form.template.title.clone(),
                place: drawn.form.template.place.clone(),
                has_annex: drawn.annex.is_some(),
                image: drawn.image.as_ref().map(|image| image.sha256),
                missing: None,
            }),
        }
    }
}

/// The form of an electronic copy (Decree 30/2020/NĐ-CP, article 25); a template that says another
/// one says it in its own words.
const COPY_FORM: &str = "SAO Y";
