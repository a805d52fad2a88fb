//! Dossiers.

use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, Tx};
use crate::model::{AgencyId, CodeIndex, DossierId};

/// A dossier that may have to be made.
#[derive(Clone, Debug)]
pub struct NewDossier {
    /// Its id, should it be new.
    pub id: DossierId,
    /// The agency whose it is.
    pub agency: AgencyId,
    /// The index of its code under the newest key.
    pub index: CodeIndex,
    /// The code, sealed with the id as context.
    pub code_sealed: Vec<u8>,
    /// The procedure.
    pub procedure: Option<String>,
}

/// A dossier.
#[derive(Clone, Debug)]
pub struct DossierRow {
    /// Its id, which is also the context of the sealed code.
    pub id: DossierId,
    /// The code, sealed.
    pub code_sealed: Vec<u8>,
}

/// What decides a dossier's status.
#[derive(Clone, Debug)]
pub struct StatusRow {
    /// The agency's name.
    pub agency_name: String,
    /// Whom to call there.
    pub telephone: Option<String>,
    /// The procedure.
    pub procedure: Option<String>,
    /// What the one-stop system said.
    pub status: Option<u8>,
    /// When it was received.
    pub received_at: Option<OffsetDateTime>,
    /// When it is due.
    pub due_at: Option<OffsetDateTime>,
    /// When it was finished, by the one-stop system.
    pub finished_at: Option<OffsetDateTime>,
    /// When it was returned, by the one-stop system.
    pub returned_at: Option<OffsetDateTime>,
    /// When its result was released.
    pub released_at: Option<OffsetDateTime>,
    /// When a requester first had it.
    pub handed_over_at: Option<OffsetDateTime>,
}

impl Database {
    /// A dossier.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn dossier(&self, id: DossierId) -> Result<Option<DossierRow>, DatabaseError> {
        let row = sqlx::query("SELECT id, code_sealed FROM dossiers WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.reader)
            .await?;
        row.map(|row| {
            Ok(DossierRow {
                id: row.parsed("id")?,
                code_sealed: row.blob("code_sealed")?,
            })
        })
        .transpose()
    }

    /// What decides the status of the dossiers with that code, by the code's index under every
    /// key; a result that was returned, replaced or withdrawn does not count.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn statuses(&self, indices: &[CodeIndex]) -> Result<Vec<StatusRow>, DatabaseError> {
        let mut found = Vec::new();
        for index in indices {
            let rows = sqlx::query(
                "SELECT a.name AS agency_name, a.telephone AS telephone, \
                   COALESCE(d.procedure, r.procedure) AS procedure, \
                   d.status AS status, d.received_at AS received_at, d.due_at AS due_at, \
                   d.finished_at AS finished_at, d.returned_at AS returned_at, \
                   r.released_at AS released_at, r.handed_over_at AS handed_over_at \
                 FROM dossiers AS d JOIN agencies AS a ON a.id = d.agency_id \
                 LEFT JOIN results AS r ON r.dossier_id = d.id \
                   AND r.state NOT IN ('returned', 'replaced', 'withdrawn') \
                 WHERE d.code_index = $1 AND d.code_key_version = $2 ORDER BY a.name LIMIT 20",
            )
            .bind(&index.bytes[..])
            .bind(i64::from(index.key_version))
            .fetch_all(&self.reader)
            .await?;
            for row in rows {
                found.push(StatusRow {
                    agency_name: row.text("agency_name")?,
                    telephone: row.text_option("telephone")?,
                    procedure: row.text_option("procedure")?,
                    status: row
                        .integer_option("status")?
                        .map(|status| u8::try_from(status).unwrap_or_default()),
                    received_at: row.time_option("received_at")?,
                    due_at: row.time_option("due_at")?,
                    finished_at: row.time_option("finished_at")?,
                    returned_at: row.time_option("returned_at")?,
                    released_at: row.time_option("released_at")?,
                    handed_over_at: row.time_option("handed_over_at")?,
                });
            }
        }
        Ok(found)
    }
}

impl Tx {
    /// The agency's dossier with that code under any of the `indices`, made where there is none.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn dossier_for(
        &mut self,
        new: &NewDossier,
        indices: &[CodeIndex],
        now: OffsetDateTime,
    ) -> Result<DossierId, DatabaseError> {
        for index in indices {
            let row = sqlx::query(
                "SELECT id FROM dossiers WHERE agency_id = $1 AND code_index = $2 \
                 AND code_key_version = $3",
            )
            .bind(new.agency.to_string())
            .bind(&index.bytes[..])
            .bind(i64::from(index.key_version))
            .fetch_optional(&mut *self.inner)
            .await?;
            if let Some(row) = row {
                return row.parsed("id");
            }
        }
        sqlx::query(
            "INSERT INTO dossiers (id, agency_id, code_index, code_key_version, code_sealed, \
             procedure, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        )
        .bind(new.id.to_string())
        .bind(new.agency.to_string())
        .bind(&new.index.bytes[..])
        .bind(i64::from(new.index.key_version))
        .bind(&new.code_sealed)
        .bind(&new.procedure)
        .bind(millis(now))
        .execute(&mut *self.inner)
        .await?;
        Ok(new.id)
    }
}
