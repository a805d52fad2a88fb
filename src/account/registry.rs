//! Adding and ending agencies, officers, keys and portals, each with its entry in the record.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use thiserror::Error;
use time::{Duration, OffsetDateTime};

use super::Accounts;
use super::appearance::check_defaults;
use super::caller::{Role, Scope};
use crate::database::{
    Actor, AgencyRow, ApiKeyRow, AuditEntry, DatabaseError, OfficerRow, PortalRow,
};
use crate::model::{
    AgencyId, ApiKeyId, AppearanceName, IdentityId, OfficerId, PortalId, Sealing, TemplateName,
};
use crate::pades::Refusal;
use crate::secrets::{PasswordError, Token, random};

/// The shortest password that is taken, in letters (ASVS 6.2.1 asks for 8).
const PASSWORD_LETTERS_MIN: usize = 10;
const KEY_LIFETIME_MAX: Duration = Duration::days(730);

/// Why nothing was added.
#[derive(Debug, Error)]
pub enum AccountError {
    /// A value is not what it should be.
    #[error("{field}: {reason}")]
    Field {
        /// Which.
        field: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// The login is taken.
    #[error("it is there already")]
    Conflict,
    /// A template of marks cannot be used.
    #[error("{name}: {why}")]
    Template {
        /// Its name.
        name: TemplateName,
        /// What is wrong with it.
        why: String,
    },
    /// The image of a seal cannot be used.
    #[error(transparent)]
    Picture(Refusal),
    /// An agency's default would name a template, or need an image, that it does not have.
    #[error("the default appearance of the agency {0} rests on what is not there")]
    AppearanceUnusable(AgencyId),
    /// There is no such thing.
    #[error("there is none")]
    NotFound,
    /// The database or the processors do not answer.
    #[error("the registry is unavailable")]
    Unavailable,
}

impl From<DatabaseError> for AccountError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Conflict => Self::Conflict,
            DatabaseError::Orphan => Self::Field {
                field: "agency",
                reason: "there is none with that id",
            },
            _ => Self::Unavailable,
        }
    }
}

impl From<PasswordError> for AccountError {
    fn from(_: PasswordError) -> Self {
        Self::Unavailable
    }
}

/// An agency to be added.
#[derive(Clone, Debug)]
pub struct NewAgency {
    /// Its name.
    pub name: String,
    /// The one above it.
    pub parent: Option<AgencyId>,
    /// Beginnings of its codes; empty: any.
    pub code_prefixes: Vec<String>,
    /// Names of its code profiles; empty: all.
    pub code_profiles: Vec<String>,
    /// Who seals.
    pub sealing: Sealing,
    /// Whether its results need no earlier signature.
    pub unsigned_allowed: bool,
    /// How its seal shows; none: as the agency above has it.
    pub appearance: Option<AppearanceName>,
    /// Whom a requester may call.
    pub telephone: Option<String>,
}

/// An officer to be added.
#[derive(Debug)]
pub struct NewOfficer {
    /// Their agency.
    pub agency: AgencyId,
    /// The name they log in by.
    pub login: String,
    /// Their own name.
    pub name: String,
    /// Their roles.
    pub roles: Vec<Role>,
    /// Their password.
    pub password: SecretString,
}

/// A key to be added.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Whose it is.
    pub agency: AgencyId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

/// A portal to be added.
#[derive(Clone, Debug)]
pub struct NewPortal {
    /// The agency that registers it.
    pub agency: AgencyId,
    /// Its name.
    pub name: String,
    /// Its exact origins.
    pub origins: Vec<String>,
}

impl Accounts {
    /// Adds an agency.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn add_agency(
        &self,
        new: NewAgency,
        by: Actor,
        now: OffsetDateTime,
    ) -> Result<AgencyId, AccountError> {
        let id = AgencyId::from_bytes(random());
        let detail = json!({
            "sealing": new.sealing.as_str(),
            "unsigned_allowed": new.unsigned_allowed,
        });
        let agency = AgencyRow {
            id,
            parent: new.parent,
            name: named(&new.name)?,
            code_prefixes: new.code_prefixes,
            code_profiles: new.code_profiles,
            sealing: new.sealing,
            unsigned_allowed: new.unsigned_allowed,
            appearance: new.appearance,
            mark_language: None,
            telephone: new.telephone,
            created_at: now,
            disabled_at: None,
        };
        let mut tx = self.db.begin().await?;
        let before = tx.appearance_holdings().await?;
        tx.insert_agency(&agency).await?;
        check_defaults(&mut tx, &before).await?;
        tx.audit(&entry(by, "agency_added", Some(id), detail, now))
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Adds an officer.
    ///
    /// # Errors
    /// [`AccountError::Conflict`] when the login is taken.
    pub async fn add_officer(
        &self,
        new: NewOfficer,
        by: Actor,
        now: OffsetDateTime,
    ) -> Result<OfficerId, AccountError> {
        if new.password.expose_secret().chars().count() < PASSWORD_LETTERS_MIN {
            return Err(AccountError::Field {
                field: "password",
                reason: "at least 10 letters",
            });
        }
        let hash = self.passwords.hash(&new.password).await?;
        let roles: Vec<String> = new.roles.iter().map(ToString::to_string).collect();
        let detail = json!({ "roles": roles });
        let officer = OfficerRow {
            id: OfficerId::from_bytes(random()),
            agency: new.agency,
            login: login(&new.login)?,
            name: named(&new.name)?,
            roles,
            password_phc: hash.phc,
            pepper_version: hash.pepper_version,
            created_at: now,
            disabled_at: None,
        };
        let mut tx = self.db.begin().await?;
        tx.insert_officer(&officer).await?;
        tx.audit(&entry(by, "officer_added", Some(new.agency), detail, now))
            .await?;
        tx.commit().await?;
        Ok(officer.id)
    }

    /// Adds a program's key and returns it, once: `trao_<id>_<secret>`.
    ///
    /// # Errors
    /// [`AccountError::Field`] when it would end too late or has ended.
    pub async fn add_api_key(
        &self,
        new: NewApiKey,
        by: Actor,
        now: OffsetDateTime,
    ) -> Result<(ApiKeyId, SecretString), AccountError> {
        if new.expires_at <= now || new.expires_at > now + KEY_LIFETIME_MAX {
            return Err(AccountError::Field {
                field: "expires",
                reason: "within two years",
            });
        }
        let secret = Token::draw();
        let scopes: Vec<String> = new.scopes.iter().map(ToString::to_string).collect();
        let detail = json!({ "scopes": scopes });
        let key = ApiKeyRow {
            id: ApiKeyId::from_bytes(random()),
            agency: new.agency,
            name: named(&new.name)?,
            secret_sha256: secret.sha256(),
            scopes,
            created_at: now,
            expires_at: new.expires_at,
            disabled_at: None,
        };
        let mut tx = self.db.begin().await?;
        tx.insert_api_key(&key).await?;
        tx.audit(&entry(by, "key_added", Some(new.agency), detail, now))
            .await?;
        tx.commit().await?;
        Ok((
            key.id,
            format!("trao_{}_{}", key.id, secret.reveal()).into(),
        ))
    }

    /// Registers a portal.
    ///
    /// # Errors
    /// [`AccountError::Field`] when an origin is not one.
    pub async fn add_portal(
        &self,
        new: NewPortal,
        by: Actor,
        now: OffsetDateTime,
    ) -> Result<PortalId, AccountError> {
        if new.origins.is_empty() || !new.origins.iter().all(|origin| is_origin(origin)) {
            let reason = "https://host[:port], or http on loopback, nothing behind it";
            return Err(AccountError::Field {
                field: "origin",
                reason,
            });
        }
        let detail = json!({ "origins": new.origins });
        let portal = PortalRow {
            id: PortalId::from_bytes(random()),
            agency: new.agency,
            name: named(&new.name)?,
            origins: new.origins,
            created_at: now,
            disabled_at: None,
        };
        let mut tx = self.db.begin().await?;
        tx.insert_portal(&portal).await?;
        tx.audit(&entry(by, "portal_added", Some(new.agency), detail, now))
            .await?;
        tx.commit().await?;
        Ok(portal.id)
    }
}

pub(super) fn named(name: &str) -> Result<String, AccountError> {
    let trimmed = name.trim();
    let plain = !trimmed.is_empty()
        && trimmed.chars().count() <= 200
        && !trimmed.chars().any(char::is_control);
    if plain {
        Ok(trimmed.to_owned())
    } else {
        Err(AccountError::Field {
            field: "name",
            reason: "1 to 200 letters",
        })
    }
}

/// A name to log in by is typed on keyboards of all kinds.
fn login(name: &str) -> Result<String, AccountError> {
    let can_be_typed = |letter: char| letter.is_ascii_alphanumeric() || "._-@".contains(letter);
    let name = named(name)?;
    if name.chars().all(can_be_typed) {
        Ok(name)
    } else {
        Err(AccountError::Field {
            field: "login",
            reason: "letters without accents, digits, . _ - @",
        })
    }
}

/// An origin as browsers send it (RFC 6454 §6.1): it stands in a header of ours, so it holds
/// nothing that could end a value there.
fn is_origin(text: &str) -> bool {
    let host = |rest: &str| {
        let (host, port) = rest.split_once(':').unwrap_or((rest, "443"));
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        !host.is_empty() && host.bytes().all(plain) && port.parse::<u16>().is_ok()
    };
    match text.split_once("://") {
        Some(("https", rest)) => host(rest),
        Some(("http", rest)) => {
            let name = rest.split(':').next().unwrap_or_default();
            ["localhost", "127.0.0.1"].contains(&name) && host(rest)
        }
        _ => false,
    }
}

pub(super) fn entry(
    actor: Actor,
    action: &'static str,
    agency: Option<AgencyId>,
    detail: serde_json::Value,
    at: OffsetDateTime,
) -> AuditEntry {
    AuditEntry {
        at,
        agency,
        actor,
        action,
        result: None,
        detail,
    }
}

/// Ending an account is one shape for all kinds.
macro_rules! disable {
    ($($(#[$doc:meta])* $name:ident($id:ty) = $statement:ident, $action:literal;)+) => {
        impl Accounts {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// [`AccountError::Unavailable`].
            pub async fn $name(
                &self,
                id: $id,
                by: Actor,
                now: OffsetDateTime,
            ) -> Result<bool, AccountError> {
                let mut tx = self.db.begin().await?;
                let agency = tx.$statement(id, now).await?;
                if agency.is_some() {
                    let detail = json!({ "id": id.to_string() });
                    tx.audit(&entry(by, $action, agency, detail, now)).await?;
                }
                tx.commit().await?;
                Ok(agency.is_some())
            }
        )+}
    };
}

disable! {
    /// Takes an agency out of use; whether it was in use.
    disable_agency(AgencyId) = disable_agency, "agency_disabled";
    /// Ends an officer's access; whether they had it.
    disable_officer(OfficerId) = disable_officer, "officer_disabled";
    /// Ends a key; whether it was good.
    disable_api_key(ApiKeyId) = disable_api_key, "key_disabled";
    /// Ends a portal's right to embed; whether it had it.
    disable_portal(PortalId) = disable_portal, "portal_disabled";
    /// Takes a signing identity out of use; whether it was in use.
    disable_identity(IdentityId) = disable_identity, "identity_disabled";
}
