//! What keeps a signature provable when its makers are gone: time-stamps, and word about revocation.
//!
//! This module asks for both, by `egress`, and takes nothing that `pades` does not hold genuine.
//! Authorities are asked in the order of the settings, each once, and those that failed within a
//! minute last; a certificate is asked about by OCSP first, by its issuer's list else. Only addresses
//! in certificates of our own identities, and of those that lead to an anchor, come here: a stranger's
//! file never says whom this machine calls.

mod authority;
mod kept;
mod standing;

use std::sync::atomic::{AtomicUsize, Ordering};

use thiserror::Error;
use time::OffsetDateTime;

pub use authority::Authority;
pub use standing::{ChainStanding, Standing, unanswerable};

use crate::egress::{AllowedHosts, Egress};
use crate::model::Clock;
use crate::pades::{
    Addresses, DigestAlgorithm, OcspRequest, RevocationAnswer, RevocationStatus, TimeStampRequest,
    TimeStampToken, TrustAnchors, read_crl,
};
use crate::secrets::random;
use authority::Authorities;
use kept::Kept;

/// Why there is no evidence.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EvidenceError {
    /// The settings name no time-stamping authority.
    #[error("no time-stamping authority is configured")]
    NoAuthority,
    /// None of the authorities gave a time-stamp; why, each by its name.
    #[error("no time-stamp: {}", .0.join("; "))]
    NoTimeStamp(Vec<String>),
    /// The certificate says nowhere who could be asked about it.
    #[error("the certificate names nobody to ask about its revocation")]
    NoAddress,
    /// The certificate says who could be asked, but nobody's answer can be told to be genuine.
    #[error(
        "nobody can tell whether the certificate is revoked: its issuer's certificate is not known \
         (give --chain or --trust, or name it in [trust])"
    )]
    NoIssuer,
    /// Nobody who was asked about the certificate gave a usable answer; why, each by its address.
    #[error("no word about revocation: {}", .0.join("; "))]
    NoAnswer(Vec<String>),
    /// A certificate was revoked before the signature was made, or nobody can tell that it was not.
    #[error("the certificate was revoked at {0}")]
    Revoked(OffsetDateTime),
    /// The file cannot take it, whoever tries and however often; why.
    #[error("the file cannot be raised: {0}")]
    FileUnfit(String),
    /// The process that reads the file broke over it, which may be the machine's doing; why.
    #[error("the file could not be read to raise it: {0}")]
    ReaderDied(String),
    /// What came proves nothing by our own verifier.
    #[error("what was gathered proves nothing")]
    Useless,
}

impl EvidenceError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoAuthority => "time_stamp_not_configured",
            Self::NoTimeStamp(_) => "time_stamp_unavailable",
            Self::NoAddress => "revocation_not_published",
            Self::NoIssuer => "issuer_unknown",
            Self::NoAnswer(_) => "revocation_unavailable",
            Self::Revoked(_) => "certificate_revoked",
            Self::FileUnfit(_) | Self::ReaderDied(_) => "file_not_raisable",
            Self::Useless => "evidence_useless",
        }
    }
}

/// Asks for evidence. It reads the clock itself, at each answer: what was asked before may have kept
/// it waiting for minutes.
#[derive(Debug)]
pub struct Evidence {
    egress: Egress,
    authorities: Authorities,
    anchors: TrustAnchors,
    clock: Clock,
    /// The room for a token that was enough so far; an answer's limit (`egress`) bounds it.
    room: AtomicUsize,
    kept: Kept,
}

impl Evidence {
    /// Asks these authorities, in this order.
    #[must_use]
    pub fn new(egress: Egress, authorities: Vec<Authority>, clock: Clock) -> Self {
        let mut anchors = TrustAnchors::default();
        for authority in &authorities {
            anchors.extend(authority.anchors.clone());
        }
        Self {
            egress,
            authorities: Authorities::new(authorities),
            anchors,
            clock,
            room: AtomicUsize::new(ROOM_BYTES),
            kept: Kept::default(),
        }
    }

    /// The time now, as what is gathered is judged by it.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Whether anybody can be asked for a time-stamp.
    #[must_use]
    pub fn has_authority(&self) -> bool {
        !self.authorities.is_empty()
    }

    /// The anchors of the authorities.
    #[must_use]
    pub fn anchors(&self) -> &TrustAnchors {
        &self.anchors
    }

    /// The room to leave for a token, in bytes of its DER. It grows when a longer one comes.
    #[must_use]
    pub fn time_stamp_room(&self) -> usize {
        self.room.load(Ordering::Relaxed)
    }

    /// Asks for the time of a digest.
    ///
    /// # Errors
    /// [`EvidenceError::NoAuthority`], [`EvidenceError::NoTimeStamp`].
    pub async fn time_stamp(
        &self,
        algorithm: DigestAlgorithm,
        imprint: &[u8],
    ) -> Result<TimeStampToken, EvidenceError> {
        if self.authorities.is_empty() {
            return Err(EvidenceError::NoAuthority);
        }
        let mut failures = Vec::new();
        for asked in self.authorities.in_turn(self.now()) {
            let authority = &asked.authority;
            match self.ask(authority, algorithm, imprint).await {
                Ok(token) => {
                    asked.note(None);
                    let wanted = token.der().len() + MARGIN_BYTES;
                    self.room.fetch_max(wanted, Ordering::Relaxed);
                    return Ok(token);
                }
                Err(why) => {
                    asked.note(Some(self.now()));
                    failures.push(format!("{}: {why}", authority.tsa.name()));
                }
            }
        }
        Err(EvidenceError::NoTimeStamp(failures))
    }

    async fn ask(
        &self,
        authority: &Authority,
        algorithm: DigestAlgorithm,
        imprint: &[u8],
    ) -> Result<TimeStampToken, String> {
        let policy = authority.tsa.policy();
        let request = TimeStampRequest::new(algorithm, imprint, random(), policy)
            .map_err(|error| error.to_string())?;
        let response = self
            .egress
            .time_stamp(&authority.tsa, request.der())
            .await
            .map_err(|error| error.to_string())?;
        request
            .read(&response, &authority.anchors, self.now())
            .map_err(|error| error.to_string())
    }

    /// Asks whether a certificate is revoked; both it and its issuer's are DER and lead to an
    /// anchor. An answer counts for an hour, if it does not end before.
    ///
    /// # Errors
    /// [`EvidenceError::NoAddress`], [`EvidenceError::NoAnswer`].
    pub async fn revocation(
        &self,
        certificate: &[u8],
        issuer: &[u8],
    ) -> Result<RevocationAnswer, EvidenceError> {
        if let Some(known) = self.kept.get(certificate, self.now()) {
            return Ok(known);
        }
        let addresses = Addresses::of(certificate);
        if addresses.is_empty() {
            return Err(EvidenceError::NoAddress);
        }
        let allowed = AllowedHosts::of(
            addresses
                .ocsp
                .iter()
                .chain(&addresses.crl)
                .map(String::as_str),
        );
        let mut failures = Vec::new();
        for address in &addresses.ocsp {
            let asked = self.ask_responder(address, &allowed, certificate, issuer);
            let answer = asked.await;
            match answer.and_then(|answer| self.usable(answer, certificate)) {
                Ok(answer) => return Ok(self.kept.keep(certificate, answer, self.now())),
                Err(why) => failures.push(format!("OCSP: {why}")),
            }
        }
        for address in &addresses.crl {
            let asked = self.ask_list(address, &allowed, certificate, issuer);
            let answer = asked.await;
            match answer.and_then(|answer| self.usable(answer, certificate)) {
                Ok(answer) => return Ok(self.kept.keep(certificate, answer, self.now())),
                Err(why) => failures.push(format!("CRL: {why}")),
            }
        }
        Err(EvidenceError::NoAnswer(failures))
    }

    async fn ask_responder(
        &self,
        address: &str,
        allowed: &AllowedHosts,
        certificate: &[u8],
        issuer: &[u8],
    ) -> Result<RevocationAnswer, String> {
        let request = OcspRequest::new(certificate, issuer, Some(random()))
            .map_err(|error| error.to_string())?;
        let response = self
            .egress
            .ocsp(address, allowed, request.der())
            .await
            .map_err(|error| error.to_string())?;
        let mut answer = request.read(&response).map_err(|error| error.to_string())?;
        if let Some(responder) = answer.responder_in_question() {
            let list = self.ask_about_responder(responder, issuer).await;
            let list = list.map_err(|why| format!("nobody vouches for the responder: {why}"))?;
            answer.beside.push(list.der);
        }
        Ok(answer)
    }

    /// Asks the issuer's list about a responder that it did not exempt from questions.
    async fn ask_about_responder(
        &self,
        responder: &[u8],
        issuer: &[u8],
    ) -> Result<RevocationAnswer, String> {
        let addresses = Addresses::of(responder).crl;
        let allowed = AllowedHosts::of(addresses.iter().map(String::as_str));
        let mut why = "its certificate names no list".to_owned();
        for address in &addresses {
            let asked = self.ask_list(address, &allowed, responder, issuer);
            let answer = asked.await;
            match answer.and_then(|answer| self.usable(answer, responder)) {
                Ok(answer) if answer.status == RevocationStatus::Good => return Ok(answer),
                Ok(_) => return Err("it is revoked".to_owned()),
                Err(failure) => why = failure,
            }
        }
        Err(why)
    }

    async fn ask_list(
        &self,
        address: &str,
        allowed: &AllowedHosts,
        certificate: &[u8],
        issuer: &[u8],
    ) -> Result<RevocationAnswer, String> {
        let list = self
            .egress
            .crl(address, allowed)
            .await
            .map_err(|error| error.to_string())?;
        // A list can be long: its reading is no work for a thread that others wait for.
        let (certificate, issuer) = (certificate.to_vec(), issuer.to_vec());
        tokio::task::spawn_blocking(move || read_crl(&list, &certificate, &issuer))
            .await
            .map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())
    }

    /// An answer that says something about this certificate now. What was revoked for good stays
    /// revoked, however old the answer.
    fn usable(
        &self,
        answer: RevocationAnswer,
        certificate: &[u8],
    ) -> Result<RevocationAnswer, String> {
        if answer.status == RevocationStatus::Unknown {
            Err("the certificate is not known there".into())
        } else if answer.status.revoked_for_good().is_some() {
            Ok(answer)
        } else if answer.precedes(certificate) {
            Err("the answer is older than the certificate".into())
        } else if answer.is_fresh(self.now()) {
            Ok(answer)
        } else {
            Err("the answer is out of date".into())
        }
    }
}

/// Room for a token before one was seen: usual ones take 3 to 10 kB.
const ROOM_BYTES: usize = 12 << 10;
/// Room beyond the longest token that came: their length varies by some bytes.
const MARGIN_BYTES: usize = 256;
