//! What a caller hands in, and what becomes of it once it is read: parse, don't validate.

use serde::Serialize;
use time::{Date, OffsetDateTime};
use unicode_normalization::UnicodeNormalization as _;

use super::names;
use super::{FieldFlaw, PublicationError};
use crate::database::AgencyRow;
use crate::dossier::DossierCode;
use crate::model::{AppearanceName, ReleasePolicy, Sha256Digest, in_viet_nam};
use crate::sealing::SpooledFile;
use crate::secrets::KeyRing;

/// A result as it is handed in: fields as they came, files spooled. An empty field counts as
/// absent.
#[derive(Default)]
pub struct Submission {
    /// `dossier_code`.
    pub dossier_code: String,
    /// `title`.
    pub title: String,
    /// `document_number`.
    pub document_number: Option<String>,
    /// `procedure`.
    pub procedure: Option<String>,
    /// `recipient_email`.
    pub recipient_email: Option<String>,
    /// `recipient_phone`.
    pub recipient_phone: Option<String>,
    /// `policy`: a word of [`ReleasePolicy`]; `link` unless given.
    pub policy: Option<String>,
    /// `level`: the baseline level, `b` unless given.
    pub level: Option<String>,
    /// `appearance`: a word of [`AppearanceName`]; the agency's own unless given.
    pub appearance: Option<String>,
    /// The `Idempotency-Key` header.
    pub idempotency_key: Option<String>,
    /// The files, the main one first.
    pub files: Vec<SpooledFile>,
}

/// The fields of a submission, read.
pub(super) struct Fields {
    pub(super) code: DossierCode,
    pub(super) title: String,
    pub(super) document_number: Option<String>,
    pub(super) procedure: Option<String>,
    pub(super) contact: Option<Contact>,
    pub(super) policy: ReleasePolicy,
    /// What was asked for; the agency's own default counts where nothing was.
    pub(super) appearance: Option<AppearanceName>,
    pub(super) idempotency_key: Option<String>,
}

/// How to reach the recipient; sealed before it is kept.
#[derive(Serialize)]
pub(super) struct Contact {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

impl Fields {
    /// Reads the fields as `agency` takes them.
    pub(super) fn read(
        submission: &Submission,
        agency: &AgencyRow,
        now: OffsetDateTime,
    ) -> Result<Self, PublicationError> {
        let code = DossierCode::parse(&submission.dossier_code)?;
        code.check_for_agency(
            &agency.code_prefixes,
            &agency.code_profiles,
            local_date(now),
        )?;
        let appearance = given(submission.appearance.as_deref()).map(str::parse);
        let appearance = appearance
            .transpose()
            .map_err(|_| invalid("appearance", FieldFlaw::Unknown))?;
        let document_number = text(
            "document_number",
            submission.document_number.as_deref(),
            100,
        )?;
        check_level(submission.level.as_deref())?;
        let title = title(&submission.title)?;
        // Both are shown before any gate, and the code is half of the key; files are named by what
        // is left of the title, where no number has the `/` any more that makes it a document's.
        let name = names::cleaned(&title);
        let name = Some(name.as_str()).filter(|_| !code.is_number());
        for (field, text) in [
            ("title", Some(title.as_str())),
            ("title", name),
            ("document_number", document_number.as_deref()),
        ] {
            if text.is_some_and(|text| code.is_within(text)) {
                return Err(invalid(field, FieldFlaw::HoldsCode));
            }
        }
        Ok(Self {
            code,
            title,
            document_number,
            procedure: text("procedure", submission.procedure.as_deref(), 200)?,
            contact: contact(submission)?,
            policy: policy(submission.policy.as_deref())?,
            appearance,
            idempotency_key: key(submission.idempotency_key.as_deref())?,
        })
    }

    /// What tells two requests with the same idempotency key apart. It is keyed: the code and the
    /// contact in it could be found by trying otherwise.
    pub(super) fn fingerprint(&self, keys: &KeyRing, files: &[SpooledFile]) -> Sha256Digest {
        #[derive(Serialize)]
        struct Asked<'f> {
            code: &'f str,
            title: &'f str,
            document_number: Option<&'f str>,
            procedure: Option<&'f str>,
            contact: Option<&'f Contact>,
            policy: ReleasePolicy,
            appearance: Option<&'f AppearanceName>,
            files: Vec<Sha256Digest>,
        }
        let asked = Asked {
            code: self.code.as_str(),
            title: &self.title,
            document_number: self.document_number.as_deref(),
            procedure: self.procedure.as_deref(),
            contact: self.contact.as_ref(),
            policy: self.policy,
            appearance: self.appearance.as_ref(),
            files: files.iter().map(|file| file.sha256).collect(),
        };
        let bytes = serde_json::to_vec(&asked).unwrap_or_default();
        Sha256Digest::from_bytes(keys.client_index("idempotency", &bytes))
    }
}

/// The day at the agencies, all of which lie in one time zone.
fn local_date(now: OffsetDateTime) -> Date {
    in_viet_nam(now).date()
}

fn invalid(field: &'static str, why: FieldFlaw) -> PublicationError {
    PublicationError::FieldInvalid { field, why }
}

fn given(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

/// A line of text: composed, without control characters, of at most so many letters.
fn text(
    field: &'static str,
    value: Option<&str>,
    letters_max: usize,
) -> Result<Option<String>, PublicationError> {
    let Some(value) = given(value) else {
        return Ok(None);
    };
    let value: String = value.nfc().collect();
    if value.chars().count() > letters_max {
        return Err(invalid(field, FieldFlaw::TooLong));
    }
    if value.chars().any(char::is_control) {
        return Err(invalid(field, FieldFlaw::ControlCharacters));
    }
    Ok(Some(value))
}

fn title(value: &str) -> Result<String, PublicationError> {
    let title = text("title", Some(value), 200)?;
    let title = title.filter(|title| !names::cleaned(title).is_empty());
    title.ok_or_else(|| invalid("title", FieldFlaw::Required))
}

fn contact(submission: &Submission) -> Result<Option<Contact>, PublicationError> {
    let email = text(
        "recipient_email",
        submission.recipient_email.as_deref(),
        254,
    )?;
    let phone = text("recipient_phone", submission.recipient_phone.as_deref(), 30)?;
    let is_address = |email: &String| {
        let (name, domain) = email.rsplit_once('@').unwrap_or_default();
        !name.is_empty() && domain.contains('.') && !email.contains(char::is_whitespace)
    };
    let is_number = |phone: &String| {
        phone.chars().filter(char::is_ascii_digit).count() >= 3
            && phone
                .chars()
                .all(|letter| letter.is_ascii_digit() || "+ .-()".contains(letter))
    };
    if !email.as_ref().is_none_or(is_address) {
        return Err(invalid("recipient_email", FieldFlaw::NoEmail));
    }
    if !phone.as_ref().is_none_or(is_number) {
        return Err(invalid("recipient_phone", FieldFlaw::NoTelephone));
    }
    let is_some = email.is_some() || phone.is_some();
    Ok(is_some.then_some(Contact { email, phone }))
}

fn policy(word: Option<&str>) -> Result<ReleasePolicy, PublicationError> {
    match given(word).map_or(Ok(ReleasePolicy::Link), str::parse) {
        Ok(ReleasePolicy::Link) => Ok(ReleasePolicy::Link),
        // Every procedure asks for the link at least: the code is no secret.
        Ok(ReleasePolicy::Code) => Err(PublicationError::PolicyTooWeak),
        Ok(_) => Err(invalid("policy", FieldFlaw::Unsupported)),
        Err(_) => Err(invalid("policy", FieldFlaw::Unknown)),
    }
}

fn check_level(word: Option<&str>) -> Result<(), PublicationError> {
    match given(word) {
        None | Some("b") => Ok(()),
        Some("t" | "lt" | "lta") => Err(invalid("level", FieldFlaw::Unsupported)),
        Some(_) => Err(invalid("level", FieldFlaw::Unknown)),
    }
}

fn key(value: Option<&str>) -> Result<Option<String>, PublicationError> {
    let Some(key) = value else { return Ok(None) };
    let is_good = (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if is_good {
        Ok(Some(key.to_owned()))
    } else {
        Err(invalid("idempotency_key", FieldFlaw::NoKey))
    }
}
