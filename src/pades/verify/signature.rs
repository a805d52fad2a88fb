//! The verdict on one signature.

use openssl::nid::Nid;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::anchors::TrustAnchors;
use super::byte_range::{self, Coverage};
use super::chain::{self, Use};
use super::message::{self, Examined, digest_of};
use super::problem::{self, Problem};
use super::report::{Chain, Level, Revocation, SignatureVerdict};
use super::tail::Tail;
use super::time::pdf_date;
use super::time_stamp;
use crate::pades::asn1::read::{NotDer, Value};
use crate::pades::certificate;
use crate::pades::cms::signed_data::SignedData;
use crate::pades::error::Refusal;
use crate::pades::oid;
use crate::pades::signatures::{ChangesAfter, Covers, EmbeddedSignature, SignatureKind};
use crate::pades::source::Source;

/// By what signatures are judged.
pub(super) struct Judge<'j> {
    pub(super) source: &'j dyn Source,
    pub(super) tail: Tail,
    pub(super) anchors: &'j TrustAnchors,
    pub(super) now: OffsetDateTime,
    /// What the signature must be, where we made it ourselves.
    pub(super) expected: Option<Expected<'j>>,
}

/// What is known of a signature beforehand.
#[derive(Clone, Copy)]
pub(super) struct Expected<'j> {
    /// The digest over the covered bytes, computed while they were written.
    pub(super) digest: (Nid, &'j [u8]),
    /// The signer's certificate.
    pub(super) certificate_sha256: [u8; 32],
}

/// What is gathered while a signature is examined.
struct Findings {
    problems: Vec<Problem>,
    signer: Option<String>,
    time: Option<OffsetDateTime>,
    chain: Chain,
    level: Level,
}

impl Judge<'_> {
    /// Judges one signature or document time-stamp.
    pub(super) fn verdict(
        &self,
        signature: &EmbeddedSignature,
    ) -> Result<SignatureVerdict, Refusal> {
        let checked = byte_range::check(self.source, &signature.byte_range, &signature.contents)?;
        let followed_by = self.followed_by(signature, checked.as_ref().ok());
        // The reader and the byte range must agree on what is covered.
        let covers = checked.as_ref().map_or(Covers::Part, |_| signature.covers);
        let mut findings = match checked {
            Err(problem) => Findings::of(problem, signature),
            Ok(coverage) => self.examine(signature, &coverage)?,
        };
        findings.problems.extend(followed_by);
        if covers == Covers::Part {
            findings.problems.push(Problem::CoversPart);
        }
        Ok(findings.into_verdict(signature, covers))
    }

    /// What is wrong with what follows the signature.
    fn followed_by(
        &self,
        signature: &EmbeddedSignature,
        coverage: Option<&Coverage>,
    ) -> Option<Problem> {
        let coverage = coverage.filter(|_| signature.covers == Covers::Revision)?;
        if signature.changes_after == ChangesAfter::Suspicious {
            Some(Problem::ContentChangedAfter)
        } else if self.tail.is_revisions_after(coverage.end) {
            None
        } else {
            Some(Problem::BytesOutsideRevisions)
        }
    }

    fn examine(
        &self,
        signature: &EmbeddedSignature,
        coverage: &Coverage,
    ) -> Result<Findings, Refusal> {
        let data = match SignedData::parse(&signature.contents) {
            Ok(data) => data,
            Err(NotDer) => return Ok(Findings::of(Problem::CmsMalformed, signature)),
        };
        let mut digest = |algorithm| match self.expected {
            Some(Expected {
                digest: (known, digest),
                ..
            }) if known == algorithm => Ok(digest.to_vec()),
            _ => coverage.digest(self.source, algorithm),
        };
        let mut findings = match (signature.kind, signature.sub_filter.as_str()) {
            (SignatureKind::Timestamp, _) => self.time_stamp(&data, &mut digest)?,
            (SignatureKind::Signature, CADES | PKCS7) => {
                self.signature(signature, &data, &mut digest)?
            }
            _ => Findings::of(Problem::SubFilterUnsupported, signature),
        };
        if data.behind.iter().any(|&byte| byte != 0) {
            findings.problems.push(Problem::PaddingNotZero);
        }
        Ok(findings)
    }

    fn time_stamp(
        &self,
        data: &SignedData<'_>,
        imprint: &mut dyn FnMut(Nid) -> Result<Vec<u8>, Refusal>,
    ) -> Result<Findings, Refusal> {
        let token = time_stamp::examine(data, self.anchors, imprint)?;
        Ok(Findings {
            signer: token.examined.signer_name(),
            problems: token.examined.problems,
            time: token.time,
            chain: token.chain,
            level: Level::Other,
        })
    }

    fn signature(
        &self,
        signature: &EmbeddedSignature,
        data: &SignedData<'_>,
        digest: &mut dyn FnMut(Nid) -> Result<Vec<u8>, Refusal>,
    ) -> Result<Findings, Refusal> {
        let mut examined = message::examine(data, oid::DATA, digest)?;
        if data.content_type != oid::DATA || data.content.is_some() {
            examined.problems.push(Problem::CmsMalformed);
        }
        let stated = signature.signing_time.as_deref().and_then(pdf_date);
        let proven = self.proven_time(data, &mut examined.problems)?;
        let time = proven.or(stated).or(examined.signing_time);
        match time {
            None => examined.problems.push(Problem::SigningTimeMissing),
            Some(time) if time > self.now + CLOCKS_DIFFER_MAX => {
                examined.problems.push(Problem::SigningTimeInFuture);
            }
            Some(_) => {}
        }
        let chain = self.chain(&mut examined, time.unwrap_or(self.now));
        let is_baseline = signature.sub_filter == CADES && examined.is_baseline && stated.is_some();
        Ok(Findings {
            signer: examined.signer_name(),
            level: level(&examined, is_baseline, proven.is_some()),
            problems: examined.problems,
            time,
            chain,
        })
    }

    fn chain(&self, examined: &mut Examined, at: OffsetDateTime) -> Chain {
        let Some(signer) = &examined.signer else {
            return Chain::Broken;
        };
        let facts = certificate::facts(signer);
        if !facts.as_ref().is_some_and(|facts| facts.may_sign) {
            examined.problems.push(Problem::KeyUsageUnfit);
        }
        let expected = self.expected.map(|expected| expected.certificate_sha256);
        if expected.is_some() && expected != facts.map(|facts| facts.sha256) {
            examined.problems.push(Problem::NotAsSealed);
        }
        let (chain, problem) =
            chain::judge(self.anchors, signer, &examined.others, at, Use::Signature);
        examined.problems.extend(problem);
        chain
    }

    /// The time proven by a time-stamp on the signature value (RFC 3161 appendix A), if one is
    /// there and leads to an anchor.
    fn proven_time(
        &self,
        data: &SignedData<'_>,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<OffsetDateTime>, Refusal> {
        let Some(unsigned) = &data.signer.unsigned else {
            return Ok(None);
        };
        let found = unsigned.single(oid::TIME_STAMP_TOKEN);
        let proven = match found.map(|found| found.map(token)) {
            Ok(None) => return Ok(None),
            Ok(Some(Ok(token))) => {
                let mut imprint =
                    |algorithm| Ok(digest_of(algorithm, data.signer.signature).unwrap_or_default());
                time_stamp::examine(&token, self.anchors, &mut imprint)?.proven_time()
            }
            Ok(Some(Err(NotDer))) | Err(NotDer) => Err(Problem::TimeStampInvalid),
        };
        match proven {
            Ok(time) => Ok(Some(time)),
            Err(problem) => {
                problems.push(problem);
                Ok(None)
            }
        }
    }
}

fn token(value: Value<'_>) -> Result<SignedData<'_>, NotDer> {
    SignedData::parse(value.raw)
}

/// A level is reached only by a signature that is good in itself.
fn level(examined: &Examined, is_baseline: bool, is_stamped: bool) -> Level {
    let is_sound = !examined
        .problems
        .iter()
        .any(|problem| problem.breaks_integrity());
    match (is_baseline && is_sound, is_stamped) {
        (false, _) => Level::Other,
        (true, false) => Level::BB,
        (true, true) => Level::BT,
    }
}

impl Examined {
    fn signer_name(&self) -> Option<String> {
        self.signer
            .as_ref()
            .map(|signer| certificate::name(signer.subject_name()))
    }
}

impl Findings {
    /// Nothing but a problem: what the signature says about itself is all there is.
    fn of(problem: Problem, signature: &EmbeddedSignature) -> Self {
        Self {
            problems: vec![problem],
            signer: None,
            time: signature.signing_time.as_deref().and_then(pdf_date),
            chain: Chain::Broken,
            level: Level::Other,
        }
    }

    fn into_verdict(self, signature: &EmbeddedSignature, covers: Covers) -> SignatureVerdict {
        let (indication, sub_indication) = problem::verdict(&self.problems);
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
        let mut seen = std::collections::HashSet::new();
        findings.retain(|code| seen.insert(code.clone()));
        let changes_after = if self.problems.contains(&Problem::BytesOutsideRevisions) {
            ChangesAfter::Suspicious
        } else {
            signature.changes_after
        };
        SignatureVerdict {
            field: signature.field.clone(),
            kind: signature.kind,
            signer: self.signer,
            time: self.time.and_then(|time| time.format(&Rfc3339).ok()),
            intact: !self
                .problems
                .iter()
                .any(|problem| problem.breaks_integrity()),
            covers,
            changes_after,
            findings,
            chain: self.chain,
            revocation: Revocation::NotChecked,
            level: self.level,
            indication,
            sub_indication: Some(sub_indication),
        }
    }
}

const CADES: &str = "ETSI.CAdES.detached";
const PKCS7: &str = "adbe.pkcs7.detached";
/// By how much a signer's clock may be ahead of ours.
const CLOCKS_DIFFER_MAX: Duration = Duration::minutes(5);
