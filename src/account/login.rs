//! Logging in, sessions, programs' keys.

use secrecy::SecretString;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use time::OffsetDateTime;

use super::caller::{Key, Officer};
use super::{Accounts, IDLE, LIFETIME};
use crate::database::{
    Actor, AuditEntry, Charge, Database, DatabaseError, OfficerRow, RetryAfterMs, SessionRow, Tx,
};
use crate::model::{AgencyId, ApiKeyId, OfficerId};
use crate::secrets::{PasswordError, PasswordHash, Token};

/// Tries of one client: ten at once, then one in two minutes.
const CLIENT_BURST: u32 = 10;
const CLIENT_EVERY_MS: i64 = 120_000;
/// Tries on one login by anybody: ten at once, then one in five minutes.
const LOGIN_BURST: u32 = 10;
const LOGIN_EVERY_MS: i64 = 300_000;

/// One alarm an hour.
const ALARM_EVERY: time::Duration = time::Duration::hours(1);

/// Why nobody is let in.
#[derive(Debug, Error)]
pub enum LoginRefused {
    /// Login and password do not go together; which of the two is not told.
    #[error("login and password do not go together")]
    Wrong,
    /// Too many tries.
    #[error("too many tries")]
    Throttled {
        /// When to try again.
        retry_after_s: u64,
    },
    /// The service cannot answer now.
    #[error("the login is unavailable")]
    Unavailable,
}

impl From<DatabaseError> for LoginRefused {
    fn from(_: DatabaseError) -> Self {
        Self::Unavailable
    }
}

impl From<RetryAfterMs> for LoginRefused {
    fn from(RetryAfterMs(wait): RetryAfterMs) -> Self {
        Self::Throttled {
            retry_after_s: u64::try_from(wait / 1000 + 1).unwrap_or(1),
        }
    }
}

impl From<PasswordError> for LoginRefused {
    fn from(_: PasswordError) -> Self {
        Self::Unavailable
    }
}

/// A session that has just begun.
#[derive(Debug)]
pub struct NewSession {
    /// The cookie's secret; the database knows its hash alone.
    pub cookie: Token,
    /// Who logged in.
    pub officer: Officer,
}

impl Accounts {
    /// Lets an officer in. An unknown login costs and answers like a wrong password.
    ///
    /// # Errors
    /// [`LoginRefused`].
    pub async fn login(
        &self,
        login: &str,
        password: &SecretString,
        client: &[u8],
        now: OffsetDateTime,
    ) -> Result<NewSession, LoginRefused> {
        let client = self.keys.client_index("login client", client);
        let spent = self.spend(login, &client, now).await?;
        let Some(officer) = self.checked(login, password).await? else {
            return Err(LoginRefused::Wrong);
        };
        let cookie = Token::draw();
        let session = SessionRow {
            secret_sha256: cookie.sha256(),
            officer: officer.id,
            seen_at: now,
            expires_at: now + LIFETIME,
        };
        let mut tx = self.db.begin().await?;
        tx.give_back(&spent).await?;
        tx.note_login_client(officer.id, &client, now).await?;
        tx.insert_session(&session).await?;
        let detail = json!({ "client": hex::encode(client) });
        let by = (officer.id, officer.agency);
        tx.audit(&entry("session_begun", by, detail, now)).await?;
        tx.commit().await?;
        let officer = in_session(officer, session.secret_sha256);
        Ok(NewSession { cookie, officer })
    }

    /// Charges client and login; what was charged. Anybody can empty a login's bucket, so a client
    /// from which its officer came lately has its tries all the same.
    async fn spend(
        &self,
        login: &str,
        client: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<Vec<Charge>, LoginRefused> {
        let name = login.to_lowercase();
        let by_client = Charge {
            bucket: *client,
            burst: CLIENT_BURST,
            every_ms: CLIENT_EVERY_MS,
        };
        let by_name = Charge {
            bucket: self.keys.client_index("login name", name.as_bytes()),
            burst: LOGIN_BURST,
            every_ms: LOGIN_EVERY_MS,
        };
        let is_known = self.db.is_login_client(login, client, now).await?;
        let steady = self.clock.steady(now);
        let mut tx = self.db.begin().await?;
        charge(&mut tx, &by_client, steady).await??;
        let is_named = charge(&mut tx, &by_name, steady).await?;
        tx.commit().await?;
        match is_named {
            Ok(()) => Ok(vec![by_client, by_name]),
            Err(_) if is_known => Ok(vec![by_client]),
            Err(wait) => {
                self.alarm(now).await?;
                Err(wait.into())
            }
        }
    }

    /// Notes that a login is being guessed, once an hour, and not which: it may be nobody's.
    async fn alarm(&self, now: OffsetDateTime) -> Result<(), DatabaseError> {
        let alarm = AuditEntry {
            at: now,
            agency: None,
            actor: Actor::Service,
            action: "login_alarm",
            result: None,
            detail: json!({}),
        };
        if self.db.is_audited_since(&alarm, now - ALARM_EVERY).await? {
            return Ok(());
        }
        tracing::warn!("a login is being tried");
        let mut tx = self.db.begin().await?;
        tx.audit(&alarm).await?;
        tx.commit().await
    }

    async fn checked(
        &self,
        login: &str,
        password: &SecretString,
    ) -> Result<Option<OfficerRow>, LoginRefused> {
        let officer = self.db.officer_by_login(login).await?;
        let Some(officer) = usable(&self.db, officer).await? else {
            self.passwords.burn(password).await?;
            return Ok(None);
        };
        let hash = PasswordHash {
            phc: officer.password_phc.clone(),
            pepper_version: officer.pepper_version,
        };
        let is_right = self.passwords.verify(password, &hash).await?;
        Ok(is_right.then_some(officer))
    }

    /// The officer of a session's cookie, while it lasts.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn session(
        &self,
        cookie: &Token,
        now: OffsetDateTime,
    ) -> Result<Option<Officer>, DatabaseError> {
        let Some(session) = self.db.session(&cookie.sha256()).await? else {
            return Ok(None);
        };
        if now >= session.expires_at || now - session.seen_at >= IDLE {
            return Ok(None);
        }
        let officer = self.db.officer(session.officer).await?;
        let Some(officer) = usable(&self.db, officer).await? else {
            return Ok(None);
        };
        // Once a minute is often enough to know that it is in use.
        if (now - session.seen_at).whole_seconds() >= 60 {
            let mut tx = self.db.begin().await?;
            tx.touch_session(&session.secret_sha256, now).await?;
            tx.commit().await?;
        }
        Ok(Some(in_session(officer, session.secret_sha256)))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn logout(
        &self,
        officer: &Officer,
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        let mut tx = self.db.begin().await?;
        tx.delete_session(&officer.session_sha256).await?;
        let by = (officer.id, officer.agency);
        tx.audit(&entry("session_ended", by, json!({}), now))
            .await?;
        tx.commit().await
    }

    /// The program behind `Authorization: Bearer`, if the key is good.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn bearer(
        &self,
        text: &str,
        now: OffsetDateTime,
    ) -> Result<Option<Key>, DatabaseError> {
        let Some((id, secret)) = split(text) else {
            return Ok(None);
        };
        let Some(row) = self.db.api_key(id).await? else {
            return Ok(None);
        };
        let is_right: bool = row.secret_sha256.ct_eq(&secret.sha256()).into();
        if !is_right || row.disabled_at.is_some() || now >= row.expires_at {
            return Ok(None);
        }
        if !is_in_use(&self.db, row.agency).await? {
            return Ok(None);
        }
        let scopes = row
            .scopes
            .iter()
            .filter_map(|scope| scope.parse().ok())
            .collect();
        Ok(Some(Key {
            id: row.id,
            agency: row.agency,
            scopes,
        }))
    }
}

/// `trao_<id>_<secret>`.
fn split(text: &str) -> Option<(ApiKeyId, Token)> {
    let (id, secret) = text.strip_prefix("trao_")?.split_once('_')?;
    Some((id.parse().ok()?, Token::parse(secret)?))
}

/// An officer who works, for an agency that is in use.
async fn usable(
    db: &Database,
    officer: Option<OfficerRow>,
) -> Result<Option<OfficerRow>, DatabaseError> {
    match officer {
        Some(row) if row.disabled_at.is_none() => {
            Ok(is_in_use(db, row.agency).await?.then_some(row))
        }
        _ => Ok(None),
    }
}

async fn is_in_use(db: &Database, agency: AgencyId) -> Result<bool, DatabaseError> {
    let agency = db.agency(agency).await?;
    Ok(agency.is_some_and(|agency| agency.disabled_at.is_none()))
}

async fn charge(
    tx: &mut Tx,
    charge: &Charge,
    now: OffsetDateTime,
) -> Result<Result<(), RetryAfterMs>, DatabaseError> {
    let answers = tx.charge(std::slice::from_ref(charge), now).await?;
    Ok(answers.into_iter().collect())
}

fn entry(
    action: &'static str,
    (officer, agency): (OfficerId, AgencyId),
    detail: Value,
    now: OffsetDateTime,
) -> AuditEntry {
    AuditEntry {
        at: now,
        agency: Some(agency),
        actor: Actor::Officer(officer),
        action,
        result: None,
        detail,
    }
}

fn in_session(row: OfficerRow, session_sha256: [u8; 32]) -> Officer {
    Officer {
        id: row.id,
        agency: row.agency,
        name: row.name,
        roles: row
            .roles
            .iter()
            .filter_map(|role| role.parse().ok())
            .collect(),
        session_sha256,
    }
}
