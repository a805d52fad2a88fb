//! How an agency's seal shows: its default, language, seal's image and own templates, each change
//! with its entry in the record. What could never be drawn is refused here, and nothing is taken
//! away that an agency's default rests on.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use time::OffsetDateTime;

use super::Accounts;
use super::registry::{AccountError, entry};
use crate::database::{Actor, AppearanceHoldings, MarkTemplateRow, Tx};
use crate::model::{AgencyId, AppearanceName, MarkLanguage, Sha256Digest, TemplateName};
use crate::pades::{self, Template};

/// What becomes of one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<T> {
    /// It is this from now on.
    Set(T),
    /// The agency has none of its own any more: that of the agency above it counts.
    Remove,
}

/// What is to be changed of an agency's appearance; all of it or nothing.
#[derive(Clone, Debug, Default)]
pub struct AppearanceChange {
    /// How its seal shows unless a result asks otherwise.
    pub default: Option<Change<AppearanceName>>,
    /// The language of its marks.
    pub language: Option<Change<MarkLanguage>>,
    /// The image of its seal, a PNG.
    pub image: Option<Change<Vec<u8>>>,
    /// Its own templates by name, as TOML.
    pub templates: Vec<(TemplateName, Change<String>)>,
}

impl Accounts {
    /// Changes how an agency's seal shows.
    ///
    /// # Errors
    /// [`AccountError::Template`] and [`AccountError::Picture`] say what is wrong with one;
    /// [`AccountError::AppearanceUnusable`] when an agency's default would rest on what is not
    /// there; [`AccountError::NotFound`] when there is nothing to remove, or no such agency.
    pub async fn change_appearance(
        &self,
        agency: AgencyId,
        change: AppearanceChange,
        by: Actor,
        now: OffsetDateTime,
    ) -> Result<(), AccountError> {
        change.check()?;
        let mut tx = self.db.begin().await?;
        let before = tx.appearance_holdings().await?;
        let is_known = |row: &(AgencyId, _, _, bool)| row.0 == agency && row.3;
        if !before.agencies.iter().any(is_known) {
            return Err(AccountError::NotFound);
        }
        let mut changing = Changing {
            tx,
            agency,
            by,
            now,
        };
        changing.apply(change).await?;
        let mut tx = changing.tx;
        check_defaults(&mut tx, &before).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// That no agency lost what its default rests on, and none chose what it does not have.
pub(super) async fn check_defaults(
    tx: &mut Tx,
    before: &AppearanceHoldings,
) -> Result<(), AccountError> {
    let (before, after) = (Tree::of(before), tx.appearance_holdings().await?);
    let was_unusable: HashSet<AgencyId> = before.unusable().collect();
    let mut unusable = Tree::of(&after)
        .unusable()
        .filter(|agency| !was_unusable.contains(agency))
        .collect::<Vec<_>>();
    unusable.sort_by_key(ToString::to_string);
    match unusable.first() {
        Some(&agency) => Err(AccountError::AppearanceUnusable(agency)),
        None => Ok(()),
    }
}

impl AppearanceChange {
    fn check(&self) -> Result<(), AccountError> {
        if let Some(Change::Set(png)) = &self.image {
            pades::picture_size(png).map_err(AccountError::Picture)?;
        }
        for (name, template) in &self.templates {
            if let Change::Set(text) = template {
                check_template(text).map_err(|why| AccountError::Template {
                    name: name.clone(),
                    why,
                })?;
            }
        }
        Ok(())
    }
}

fn check_template(text: &str) -> Result<(), String> {
    if text.len() > TEMPLATE_BYTES_MAX {
        return Err("it has more than 16 KiB".to_owned());
    }
    let template = Template::from_toml(text).map_err(|error| error.to_string())?;
    pades::try_out(&template, None).map_err(|refusal| refusal.to_string())
}

/// A change under way.
struct Changing {
    tx: Tx,
    agency: AgencyId,
    by: Actor,
    now: OffsetDateTime,
}

impl Changing {
    async fn apply(&mut self, change: AppearanceChange) -> Result<(), AccountError> {
        for (name, template) in change.templates {
            self.template(name, template).await?;
        }
        match change.image {
            Some(Change::Set(png)) => {
                self.tx.put_seal_image(self.agency, &png, self.now).await?;
                let detail = json!({ "seal_image": Sha256Digest::of(&png) });
                self.record("appearance_set", detail).await?;
            }
            Some(Change::Remove) => {
                found(self.tx.remove_seal_image(self.agency).await?)?;
                self.record("appearance_removed", json!({ "seal_image": null }))
                    .await?;
            }
            None => {}
        }
        if let Some(language) = change.language {
            let language = language.value();
            self.tx.set_mark_language(self.agency, language).await?;
            let detail = json!({ "language": language });
            self.record(action(language.is_some()), detail).await?;
        }
        if let Some(default) = change.default {
            let default = default.value();
            self.tx
                .set_default_appearance(self.agency, default.as_ref())
                .await?;
            let detail = json!({ "default": default });
            self.record(action(default.is_some()), detail).await?;
        }
        Ok(())
    }

    async fn template(
        &mut self,
        name: TemplateName,
        change: Change<String>,
    ) -> Result<(), AccountError> {
        let sha256 = match change {
            Change::Set(template) => {
                let row = MarkTemplateRow {
                    agency: self.agency,
                    sha256: Sha256Digest::of(template.as_bytes()),
                    name: name.clone(),
                    template,
                };
                self.tx.put_mark_template(&row, self.now).await?;
                self.check_number().await?;
                Some(row.sha256)
            }
            Change::Remove => {
                found(self.tx.remove_mark_template(self.agency, &name).await?)?;
                None
            }
        };
        let detail = json!({ "template": name.as_str(), "sha256": sha256 });
        self.record(action(sha256.is_some()), detail).await
    }

    async fn check_number(&mut self) -> Result<(), AccountError> {
        let holdings = self.tx.appearance_holdings().await?;
        let own = holdings
            .templates
            .iter()
            .filter(|row| row.agency == self.agency);
        if own.count() > TEMPLATES_MAX {
            return Err(AccountError::Field {
                field: "template",
                reason: "an agency has 50 at most",
            });
        }
        Ok(())
    }

    async fn record(
        &mut self,
        action: &'static str,
        detail: serde_json::Value,
    ) -> Result<(), AccountError> {
        let entry = entry(self.by, action, Some(self.agency), detail, self.now);
        Ok(self.tx.audit(&entry).await?)
    }
}

impl<T> Change<T> {
    fn value(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Remove => None,
        }
    }
}

fn found(was_there: bool) -> Result<(), AccountError> {
    was_there.then_some(()).ok_or(AccountError::NotFound)
}

fn action(is_set: bool) -> &'static str {
    if is_set {
        "appearance_set"
    } else {
        "appearance_removed"
    }
}

/// Agencies by what they have, to walk upwards in.
struct Tree<'h> {
    agencies: HashMap<AgencyId, (Option<AgencyId>, Option<&'h AppearanceName>, bool)>,
    images: HashSet<AgencyId>,
    templates: HashMap<(AgencyId, &'h TemplateName), &'h str>,
}

impl<'h> Tree<'h> {
    fn of(holdings: &'h AppearanceHoldings) -> Self {
        let agencies = holdings.agencies.iter();
        let templates = holdings.templates.iter();
        Self {
            agencies: agencies
                .map(|(id, parent, default, is_used)| (*id, (*parent, default.as_ref(), *is_used)))
                .collect(),
            images: holdings.images.iter().copied().collect(),
            templates: templates
                .map(|row| ((row.agency, &row.name), row.template.as_str()))
                .collect(),
        }
    }

    /// The agencies in use whose default could not be drawn.
    fn unusable(&self) -> impl Iterator<Item = AgencyId> {
        let used = self.agencies.iter().filter(|(_, (_, _, is_used))| *is_used);
        used.map(|(id, _)| *id).filter(|id| !self.is_usable(*id))
    }

    fn is_usable(&self, agency: AgencyId) -> bool {
        let line: Vec<AgencyId> = self.line(agency).collect();
        let has_image = line.iter().any(|id| self.images.contains(id));
        let mut defaults = line.iter().filter_map(|id| self.agencies.get(id)?.1);
        match defaults.next() {
            None | Some(AppearanceName::None | AppearanceName::Attachment) => true,
            Some(AppearanceName::Seal | AppearanceName::Copy) => has_image,
            Some(AppearanceName::Own(name)) => {
                let mut templates = line
                    .iter()
                    .filter_map(|id| self.templates.get(&(*id, name)));
                templates.next().is_some_and(|text| {
                    let template = Template::from_toml(text);
                    template.is_ok_and(|template| has_image || !template.needs_image())
                })
            }
        }
    }

    /// The agency and those above it that are in use. The tree has no rings: an agency's parent is
    /// there before it.
    fn line(&self, agency: AgencyId) -> impl Iterator<Item = AgencyId> {
        let above = std::iter::successors(Some(agency), |id| self.agencies.get(id)?.0);
        above.filter(|id| {
            self.agencies
                .get(id)
                .is_some_and(|(_, _, is_used)| *is_used)
        })
    }
}

/// Bytes of a template, at most.
const TEMPLATE_BYTES_MAX: usize = 16 << 10;
/// Templates of one agency, at most.
const TEMPLATES_MAX: usize = 50;
