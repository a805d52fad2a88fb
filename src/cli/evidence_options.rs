//! Whom a verb asks for time-stamps, by whom they must be vouched for, and how far a level shall be
//! raised.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use fluent_bundle::FluentArgs;

use super::failure::{self, Failure};
use super::files;
use super::service::ServiceOptions;
use crate::app;
use crate::config::Settings;
use crate::evidence::{Evidence, EvidenceError, Standing};
use crate::http::texts::Texts;
use crate::model::Clock;
use crate::pades::{Level, SigningIdentity, TrustAnchors};

/// The baseline levels of EN 319 142-1 §6 by their short names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LevelName {
    /// Basic
    B,
    /// With a time-stamp
    T,
    /// With what the signature can be judged by later
    Lt,
    /// With a time-stamp over that, for archives
    Lta,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::B => Self::BB,
            LevelName::T => Self::BT,
            LevelName::Lt => Self::BLt,
            LevelName::Lta => Self::BLta,
        }
    }
}

/// The text of what is written all the same.
pub(super) const WRITTEN: &str = "level-written";

/// Who is asked, and who is believed.
#[derive(Args)]
pub(super) struct EvidenceOptions {
    /// A time-stamping authority (RFC 3161); several are tried in this order. Else those of [[tsa]]
    /// in the configuration
    #[arg(long, value_name = "URL")]
    tsa: Vec<String>,

    /// Certificates that vouch for the time-stamping authorities and for earlier signatures, and
    /// among which the signer's issuer is looked for: a file or a folder of them, PEM or DER. Else
    /// those of [trust] in the configuration
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,

    #[command(flatten)]
    service: ServiceOptions,
}

impl EvidenceOptions {
    /// Warns of a time-stamping authority that was named where no time-stamp is asked for: nobody shall
    /// believe in one that is not there.
    pub(super) fn warn_if_idle(&self, level: LevelName) {
        if level == LevelName::B && !self.tsa.is_empty() {
            Failure::idle("--tsa", "needs_level").warn();
        }
    }

    /// The anchors that were given, else the configured ones.
    pub(super) fn anchors(&self) -> Result<TrustAnchors, Failure> {
        match &self.trust {
            Some(path) => files::anchors(path),
            None => files::configured_anchors(&self.service.settings()?),
        }
    }

    /// Asks those whom the options or the configuration name; `anchors` vouch for them.
    pub(super) fn evidence(&self, anchors: &TrustAnchors) -> Result<Arc<Evidence>, Failure> {
        let evidence = evidence_of(&self.service.settings()?, &self.tsa, anchors)?;
        Ok(Arc::new(evidence))
    }
}

/// Asks the authorities of these addresses, else the configured ones; `anchors` vouch for them.
pub(super) fn evidence_of(
    settings: &Settings,
    tsa: &[String],
    anchors: &TrustAnchors,
) -> Result<Evidence, Failure> {
    app::evidence(settings, tsa, anchors, Clock::new(app::now))
        .map_err(|error| Failure::new("field_invalid", error.to_string()))
}

/// Sees that an identity is not revoked: why that is unknown, where nobody tells.
pub(super) async fn unless_revoked(
    evidence: &Evidence,
    identity: &SigningIdentity,
) -> Result<Option<Failure>, Failure> {
    let found = evidence.standing(identity.chain_der()).await;
    match found.standing {
        Standing::Good => Ok(None),
        Standing::Revoked { at } => {
            let why = EvidenceError::Revoked(at);
            Err(Failure::new(why.code(), why.to_string()))
        }
        Standing::Unknown(why) => Ok(Some(Failure::new(why.code(), why.to_string()))),
    }
}

/// A file that got to a lower level than asked for, and what became of it (by the text that says
/// so).
pub(super) fn lower_level(fate: &str, level: Level, why: Option<&EvidenceError>) -> Failure {
    let (texts, language) = (Texts::shipped(), failure::language());
    let mut values = FluentArgs::new();
    values.set("level", level.as_str());
    let mut told = texts.filled(language, fate, &values).into_owned();
    if let Some(why) = why {
        let reason = texts.word(language, "problem", why.code());
        told.push_str(". ");
        told.push_str(&failure::with_detail(
            language,
            &reason.unwrap_or_default(),
            &format!("{}: {why}", why.code()),
        ));
    }
    Failure::naming(failure::LEVEL_NOT_REACHED, told)
}
