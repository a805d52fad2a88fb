//! What is gathered while a signature is examined, and the verdict made of it.

use std::collections::HashSet;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::message::Examined;
use super::problem::{self, Problem};
use super::proof::Proof;
use super::report::{Chain, Level, Revocation, SignatureVerdict};
use crate::pades::certificate;
use crate::pades::moment::pdf_date;
use crate::pades::signatures::{ChangesAfter, Covers, EmbeddedSignature, SignatureKind};

/// What the examination of one signature brought to light.
pub(super) struct Findings {
    pub(super) problems: Vec<Problem>,
    pub(super) signer: Option<String>,
    pub(super) time: Option<OffsetDateTime>,
    pub(super) covers: Covers,
    /// The end of what it covers, where that is known.
    pub(super) end: u64,
    pub(super) chain: Chain,
    /// The signer's certificate first, the anchor last if the chain is trusted, in DER.
    pub(super) path: Vec<Vec<u8>>,
    pub(super) revocation: Revocation,
    pub(super) level: Level,
    pub(super) proof: Option<Proof>,
    /// Certificates that it rests on and that no answer in the file tells about, with their issuers.
    pub(super) open: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Default for Findings {
    fn default() -> Self {
        Self {
            problems: Vec::new(),
            signer: None,
            time: None,
            covers: Covers::Part,
            end: 0,
            chain: Chain::Broken,
            path: Vec::new(),
            revocation: Revocation::NotChecked,
            level: Level::Other,
            proof: None,
            open: Vec::new(),
        }
    }
}

impl Examined {
    /// The common name in the signer's certificate.
    pub(super) fn signer_name(&self) -> Option<String> {
        self.signer
            .as_ref()
            .map(|signer| certificate::name(signer.subject_name()))
    }
}

impl Findings {
    /// Nothing but a problem: what the signature says about itself is all there is.
    pub(super) fn of(problem: Problem, signature: &EmbeddedSignature) -> Self {
        Self {
            problems: vec![problem],
            time: signature.signing_time.as_deref().and_then(pdf_date),
            ..Self::default()
        }
    }

    /// A time-stamp speaks for what it is on or over, and for itself where its authority is known.
    fn is_time_proven(&self, kind: SignatureKind) -> bool {
        let is_known = self.chain == Chain::Trusted
            && self.problems.iter().all(|problem| problem.is_about_later());
        self.proof.is_some() || kind == SignatureKind::Timestamp && is_known
    }

    pub(super) fn verdict(&self, signature: &EmbeddedSignature) -> SignatureVerdict {
        let (indication, sub_indication) = problem::verdict(&self.problems, self.revocation);
        let mut findings: Vec<String> = self
            .problems
            .iter()
            .map(|problem| problem.code().to_owned())
            .collect();
        findings.extend(
            signature
                .findings
                .iter()
                .map(|finding| finding.code.clone()),
        );
        let mut seen = HashSet::new();
        findings.retain(|code| seen.insert(code.clone()));
        let changes_after = if self.problems.contains(&Problem::BytesOutsideRevisions) {
            ChangesAfter::Suspicious
        } else {
            signature.changes_after
        };
        SignatureVerdict {
            field: signature.field.clone(),
            kind: signature.kind,
            signer: self.signer.clone(),
            time: self.time.and_then(|time| time.format(&Rfc3339).ok()),
            time_proven: self.is_time_proven(signature.kind),
            intact: !self
                .problems
                .iter()
                .any(|problem| problem.breaks_integrity()),
            covers: self.covers,
            changes_after,
            findings,
            chain: self.chain,
            revocation: self.revocation,
            level: self.level,
            indication,
            sub_indication,
        }
    }
}
