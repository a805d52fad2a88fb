//! How agencies' seals show: defaults, languages, images of seals and templates of marks. What is
//! asked here is asked of an agency and of those above it, and the nearest that has one answers; an
//! agency out of use passes the question on.

use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, Tx};
use crate::model::{AgencyId, AppearanceName, MarkLanguage, Sha256Digest, TemplateName};

/// The image of an agency's seal, all but the picture itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealImageRow {
    /// Whose it is.
    pub agency: AgencyId,
    /// SHA-256 of the PNG.
    pub sha256: Sha256Digest,
    /// Its bytes.
    pub len: u64,
}

/// An agency's own template of a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkTemplateRow {
    /// Whose it is.
    pub agency: AgencyId,
    /// What results ask for.
    pub name: TemplateName,
    /// The TOML as it was given.
    pub template: String,
    /// SHA-256 of it.
    pub sha256: Sha256Digest,
}

/// The agency asked for and those above it, in use, with their distance: the table `line`.
macro_rules! line {
    ($rest:literal) => {
        concat!(
            "WITH RECURSIVE above (id, parent_id, far) AS (\
             SELECT id, parent_id, 0 FROM agencies WHERE id = $1 UNION ALL \
             SELECT a.id, a.parent_id, far + 1 FROM agencies AS a JOIN above ON a.id = above.parent_id \
             WHERE far < 100), \
             line AS (SELECT a.*, far FROM agencies AS a JOIN above ON a.id = above.id \
             WHERE a.disabled_at IS NULL) ",
            $rest
        )
    };
}

fn seal_image(row: &SqliteRow) -> Result<SealImageRow, DatabaseError> {
    Ok(SealImageRow {
        agency: row.parsed("agency_id")?,
        sha256: row.digest("sha256")?,
        len: row.number("len")?,
    })
}

fn mark_template(row: &SqliteRow) -> Result<MarkTemplateRow, DatabaseError> {
    Ok(MarkTemplateRow {
        agency: row.parsed("agency_id")?,
        name: row.parsed("name")?,
        template: row.text("template")?,
        sha256: row.digest("sha256")?,
    })
}

impl Database {
    /// How an agency's seal shows unless a result asks otherwise, and who decided it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn default_appearance(
        &self,
        agency: AgencyId,
    ) -> Result<Option<(AppearanceName, AgencyId)>, DatabaseError> {
        let row = sqlx::query(line!(
            "SELECT id, appearance FROM line WHERE appearance_inherited = 0 ORDER BY far LIMIT 1"
        ))
        .bind(agency.to_string())
        .fetch_optional(&self.reader)
        .await?;
        row.map(|row| Ok((row.parsed("appearance")?, row.parsed("id")?)))
            .transpose()
    }

    /// The language of an agency's marks, and who decided it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn mark_language(
        &self,
        agency: AgencyId,
    ) -> Result<Option<(MarkLanguage, AgencyId)>, DatabaseError> {
        let row = sqlx::query(line!(
            "SELECT id, mark_language FROM line WHERE mark_language IS NOT NULL ORDER BY far LIMIT 1"
        ))
        .bind(agency.to_string())
        .fetch_optional(&self.reader)
        .await?;
        row.map(|row| Ok((row.parsed("mark_language")?, row.parsed("id")?)))
            .transpose()
    }

    /// The image of an agency's seal.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn seal_image(
        &self,
        agency: AgencyId,
    ) -> Result<Option<SealImageRow>, DatabaseError> {
        let row = sqlx::query(line!(
            "SELECT agency_id, sha256, length(image) AS len FROM seal_images \
             JOIN line ON line.id = agency_id ORDER BY far LIMIT 1"
        ))
        .bind(agency.to_string())
        .fetch_optional(&self.reader)
        .await?;
        row.as_ref().map(seal_image).transpose()
    }

    /// The PNG of such an image; `None` where it is another one by now.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn seal_image_png(
        &self,
        image: &SealImageRow,
    ) -> Result<Option<Vec<u8>>, DatabaseError> {
        let row = sqlx::query("SELECT image FROM seal_images WHERE agency_id = $1 AND sha256 = $2")
            .bind(image.agency.to_string())
            .bind(&image.sha256.as_bytes()[..])
            .fetch_optional(&self.reader)
            .await?;
        row.map(|row| row.blob("image")).transpose()
    }

    /// The templates that an agency may ask for, by name: of several with one name the nearest.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn mark_templates(
        &self,
        agency: AgencyId,
    ) -> Result<Vec<MarkTemplateRow>, DatabaseError> {
        let rows = sqlx::query(line!(
            "SELECT t.* FROM mark_templates AS t JOIN line ON line.id = t.agency_id \
             ORDER BY t.name, far"
        ))
        .bind(agency.to_string())
        .fetch_all(&self.reader)
        .await?;
        let mut found = rows
            .iter()
            .map(mark_template)
            .collect::<Result<Vec<_>, _>>()?;
        found.dedup_by(|farther, nearer| farther.name == nearer.name);
        Ok(found)
    }

    /// The template of this name that an agency asks for.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn mark_template(
        &self,
        agency: AgencyId,
        name: &TemplateName,
    ) -> Result<Option<MarkTemplateRow>, DatabaseError> {
        let row = sqlx::query(line!(
            "SELECT t.* FROM mark_templates AS t JOIN line ON line.id = t.agency_id \
             WHERE t.name = $2 ORDER BY far LIMIT 1"
        ))
        .bind(agency.to_string())
        .bind(name.as_str())
        .fetch_optional(&self.reader)
        .await?;
        row.as_ref().map(mark_template).transpose()
    }
}

/// Everything that agencies' defaults rest on, as a transaction sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppearanceHoldings {
    /// Every agency with the one above it, its own default and whether it is in use.
    pub(crate) agencies: Vec<(AgencyId, Option<AgencyId>, Option<AppearanceName>, bool)>,
    /// The agencies that have an image of their seal.
    pub(crate) images: Vec<AgencyId>,
    /// Every template.
    pub(crate) templates: Vec<MarkTemplateRow>,
}

impl Tx {
    /// Everything that agencies' defaults rest on.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn appearance_holdings(
        &mut self,
    ) -> Result<AppearanceHoldings, DatabaseError> {
        let agencies = sqlx::query("SELECT * FROM agencies")
            .fetch_all(&mut *self.inner)
            .await?;
        let images = sqlx::query("SELECT agency_id FROM seal_images")
            .fetch_all(&mut *self.inner)
            .await?;
        let templates = sqlx::query("SELECT * FROM mark_templates")
            .fetch_all(&mut *self.inner)
            .await?;
        let agency = |row: &SqliteRow| {
            let agency = super::agencies::agency(row)?;
            let is_used = agency.disabled_at.is_none();
            Ok((agency.id, agency.parent, agency.appearance, is_used))
        };
        Ok(AppearanceHoldings {
            agencies: agencies
                .iter()
                .map(agency)
                .collect::<Result<_, DatabaseError>>()?,
            images: images
                .iter()
                .map(|row| row.parsed("agency_id"))
                .collect::<Result<_, _>>()?,
            templates: templates
                .iter()
                .map(mark_template)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Records how an agency's seal shows from now on; `None`: as the agency above has it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn set_default_appearance(
        &mut self,
        agency: AgencyId,
        appearance: Option<&AppearanceName>,
    ) -> Result<bool, DatabaseError> {
        let done = sqlx::query(
            "UPDATE agencies SET appearance = $2, appearance_inherited = $3 WHERE id = $1",
        )
        .bind(agency.to_string())
        .bind(appearance.unwrap_or(&AppearanceName::None).as_str())
        .bind(i64::from(appearance.is_none()))
        .execute(&mut *self.inner)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Records the language of an agency's marks; `None`: as the agency above has it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn set_mark_language(
        &mut self,
        agency: AgencyId,
        language: Option<MarkLanguage>,
    ) -> Result<bool, DatabaseError> {
        let done = sqlx::query("UPDATE agencies SET mark_language = $2 WHERE id = $1")
            .bind(agency.to_string())
            .bind(language.map(MarkLanguage::as_str))
            .execute(&mut *self.inner)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps the image of an agency's seal, in the stead of the one before.
    ///
    /// # Errors
    /// [`DatabaseError::Orphan`] when there is no such agency.
    pub async fn put_seal_image(
        &mut self,
        agency: AgencyId,
        png: &[u8],
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO seal_images (agency_id, image, sha256, created_at) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (agency_id) DO UPDATE \
             SET image = excluded.image, sha256 = excluded.sha256, created_at = excluded.created_at",
        )
        .bind(agency.to_string())
        .bind(png)
        .bind(&Sha256Digest::of(png).as_bytes()[..])
        .bind(millis(now))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Takes the image of an agency's seal away; whether it had one.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn remove_seal_image(&mut self, agency: AgencyId) -> Result<bool, DatabaseError> {
        let done = sqlx::query("DELETE FROM seal_images WHERE agency_id = $1")
            .bind(agency.to_string())
            .execute(&mut *self.inner)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps a template of an agency, in the stead of the one of that name.
    ///
    /// # Errors
    /// [`DatabaseError::Orphan`] when there is no such agency.
    pub async fn put_mark_template(
        &mut self,
        row: &MarkTemplateRow,
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO mark_templates (agency_id, name, template, sha256, created_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (agency_id, name) DO UPDATE SET \
             template = excluded.template, sha256 = excluded.sha256, \
             created_at = excluded.created_at",
        )
        .bind(row.agency.to_string())
        .bind(row.name.as_str())
        .bind(&row.template)
        .bind(&row.sha256.as_bytes()[..])
        .bind(millis(now))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Takes a template of an agency away; whether it had it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn remove_mark_template(
        &mut self,
        agency: AgencyId,
        name: &TemplateName,
    ) -> Result<bool, DatabaseError> {
        let done = sqlx::query("DELETE FROM mark_templates WHERE agency_id = $1 AND name = $2")
            .bind(agency.to_string())
            .bind(name.as_str())
            .execute(&mut *self.inner)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
