//! The verdict on one signature.

use openssl::nid::Nid;
use openssl::x509::X509;
use time::{Duration, OffsetDateTime};

use super::anchors::Trust;
use super::byte_range::{self, Coverage};
use super::chain::{self, Use};
use super::findings::Findings;
use super::message::{self, Examined};
use super::problem::Problem;
use super::proof::{DocumentStamp, Proof, is_before, is_over};
use super::report::{Chain, Level, Revocation};
use super::revocation::{Standing, standing};
use super::time_stamp;
use crate::pades::asn1::read::NotDer;
use crate::pades::certificate;
use crate::pades::cms::signed_data::SignedData;
use crate::pades::error::Refusal;
use crate::pades::finding::Finding;
use crate::pades::moment::pdf_date;
use crate::pades::oid;
use crate::pades::signatures::{ChangesAfter, Covers, EmbeddedSignature, SignatureKind};
use crate::pades::source::Source;
use crate::pades::validation_store::ValidationStore;

/// By what signatures are judged.
pub(super) struct Judge<'j> {
    pub(super) source: &'j dyn Source,
    pub(super) trust: Trust<'j>,
    pub(super) now: OffsetDateTime,
    /// The file's store, as it is now.
    pub(super) store: &'j ValidationStore,
    /// The certificates in it.
    pub(super) known: Vec<X509>,
    /// The document time-stamps that were judged already and are to be believed.
    pub(super) stamps: Vec<DocumentStamp>,
}

impl Judge<'_> {
    /// Judges one signature or document time-stamp.
    pub(super) fn judge(&self, signature: &EmbeddedSignature) -> Result<Findings, Refusal> {
        let checked = byte_range::check(self.source, &signature.byte_range, &signature.contents)?;
        // The reader and the byte range must agree on what is covered.
        let covers = checked.as_ref().map_or(Covers::Part, |_| signature.covers);
        let mut findings = match checked {
            Err(problem) => Findings::of(problem, signature),
            Ok(coverage) => self.examine(signature, &coverage)?,
        };
        if covers == Covers::Revision {
            findings.problems.extend(followed_by(signature));
        }
        if covers == Covers::Part {
            findings.problems.push(Problem::CoversPart);
        }
        findings.covers = covers;
        Ok(findings)
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
        let mut digest = |algorithm| coverage.digest(self.source, algorithm);
        let mut findings = match (signature.kind, signature.sub_filter.as_str()) {
            (SignatureKind::Timestamp, _) => self.time_stamp(&data, coverage.end, &mut digest)?,
            (SignatureKind::Signature, CADES | PKCS7) => {
                self.signature(signature, &data, coverage.end, &mut digest)?
            }
            _ => Findings::of(Problem::SubFilterUnsupported, signature),
        };
        if data.behind.iter().any(|&byte| byte != 0) {
            findings.problems.push(Problem::PaddingNotZero);
        }
        findings.end = coverage.end;
        Ok(findings)
    }

    fn time_stamp(
        &self,
        data: &SignedData<'_>,
        end: u64,
        imprint: &mut dyn FnMut(Nid) -> Result<Vec<u8>, Refusal>,
    ) -> Result<Findings, Refusal> {
        let token = time_stamp::examine(data, self.trust.authorities, &self.known, imprint)?;
        let at = token.time.unwrap_or(self.now);
        let standing = standing(&token.path, self.store, at);
        let signer = Some(token.authority());
        let mut problems = token.examined.problems;
        let outer = self.proven_by_stamp(end);
        problems.extend(revoked(&standing, outer));
        if is_over(&token.path, self.provable_until(end)) {
            problems.push(Problem::CertificateExpired);
        }
        if outer.is_some_and(|outer| is_before(outer, at)) {
            problems.push(Problem::TimeStampOrder);
        }
        Ok(Findings {
            signer,
            problems,
            time: token.time,
            chain: token.chain,
            revocation: word(&standing, token.chain),
            path: token.path,
            open: standing.open,
            ..Findings::default()
        })
    }

    fn signature(
        &self,
        signature: &EmbeddedSignature,
        data: &SignedData<'_>,
        end: u64,
        digest: &mut dyn FnMut(Nid) -> Result<Vec<u8>, Refusal>,
    ) -> Result<Findings, Refusal> {
        let mut examined = message::examine(data, oid::DATA, digest)?;
        let is_unattributed = signature.sub_filter == CADES && data.signer.signed.is_none();
        if data.content_type != oid::DATA || data.content.is_some() || is_unattributed {
            examined.problems.push(Problem::CmsMalformed);
        }
        let stated = signature.signing_time.as_deref().and_then(pdf_date);
        let proof = self.proof(data, end, &mut examined.problems)?;
        let proven = proof.as_ref().map(|proof| proof.time);
        let time = proven.or(stated).or(examined.signing_time);
        match time {
            None => examined.problems.push(Problem::SigningTimeMissing),
            Some(time) if time > self.now + CLOCKS_DIFFER_MAX => {
                examined.problems.push(Problem::SigningTimeInFuture);
            }
            Some(_) => {}
        }
        // Whoever has the key may claim any time: without proof, what counts is now.
        let at = proven.unwrap_or(self.now);
        let (chain, path) = self.chain(&mut examined, at, time);
        let own = standing(&path, self.store, at);
        examined.problems.extend(revoked(&own, proven));
        let is_baseline = signature.sub_filter == CADES && examined.is_baseline && stated.is_some();
        let is_sound = examined
            .problems
            .iter()
            .all(|problem| !problem.breaks_integrity());
        let level = if is_baseline && is_sound {
            self.level(&path, chain, at, end, proof.as_ref())
        } else {
            Level::Other
        };
        let mut open = own.open.clone();
        open.extend(proof.iter().flat_map(|proof| self.open(proof)));
        Ok(Findings {
            signer: examined.signer_name(),
            level,
            problems: examined.problems,
            time,
            chain,
            revocation: word(&own, chain),
            path,
            proof,
            open,
            ..Findings::default()
        })
    }

    /// The way to an anchor at a time that is known, and whether the certificate was valid at the
    /// time that is claimed.
    fn chain(
        &self,
        examined: &mut Examined,
        at: OffsetDateTime,
        claimed: Option<OffsetDateTime>,
    ) -> (Chain, Vec<Vec<u8>>) {
        let Some(signer) = &examined.signer else {
            return (Chain::Broken, Vec::new());
        };
        let facts = certificate::facts(signer);
        if !facts.as_ref().is_some_and(|facts| facts.may_sign) {
            examined.problems.push(Problem::KeyUsageUnfit);
        }
        let known = [examined.others.as_slice(), &self.known].concat();
        let mut way = chain::judge(self.trust.signers, signer, &known, at, Use::Signature);
        if let (None, Some(claimed)) = (way.problem, claimed) {
            let then = chain::judge(self.trust.signers, signer, &known, claimed, Use::Signature);
            way = if then.problem.is_some() { then } else { way };
        }
        examined.problems.extend(way.problem);
        (way.chain, way.path)
    }

    /// The level reached (EN 319 142-1 §6.3), never one more than this file proves: B-T by a
    /// time-stamp that is believed, B-LT by answers about every certificate that signature and
    /// time-stamp rest on, B-LTA by a later time-stamp over those answers.
    fn level(
        &self,
        path: &[Vec<u8>],
        chain: Chain,
        at: OffsetDateTime,
        end: u64,
        proof: Option<&Proof>,
    ) -> Level {
        let Some(proof) = proof else {
            return Level::BB;
        };
        let is_answered = |store| {
            let was_good = |path, at| standing(path, store, at).was_good(at);
            chain == Chain::Trusted && was_good(path, at) && was_good(&proof.path, proof.time)
        };
        if !is_answered(self.store) {
            return Level::BT;
        }
        let mut later = self.stamps.iter().filter(|stamp| {
            let behind = proof.end.unwrap_or(end);
            stamp.end > behind
        });
        if later.any(|stamp| is_answered(&stamp.store)) {
            Level::BLta
        } else {
            Level::BLt
        }
    }
}

/// What a revocation does to a signature that provably existed at some time, or not provably.
fn revoked(standing: &Standing, proven: Option<OffsetDateTime>) -> Option<Problem> {
    let (from, is_signers) = standing.revoked?;
    match proven {
        Some(proven) if proven < from => None,
        Some(_) if is_signers => Some(Problem::CertificateRevoked),
        None if is_signers => Some(Problem::CertificateRevokedNoProof),
        _ => Some(Problem::AuthorityRevoked),
    }
}

/// A revocation that came after the proven time leaves the signature as good as it was; of a chain
/// that leads nowhere nothing is known.
fn word(standing: &Standing, chain: Chain) -> Revocation {
    match chain {
        Chain::Trusted => standing.word,
        _ if standing.word == Revocation::Good => Revocation::Unknown,
        _ => standing.word,
    }
}

pub(super) const CADES: &str = "ETSI.CAdES.detached";
const PKCS7: &str = "adbe.pkcs7.detached";
/// By how much a signer's clock may be ahead of ours.
const CLOCKS_DIFFER_MAX: Duration = Duration::minutes(5);

/// What is wrong with what follows the signature.
fn followed_by(signature: &EmbeddedSignature) -> Option<Problem> {
    let is_outside = |finding: &Finding| finding.code == Problem::BytesOutsideRevisions.code();
    match signature.changes_after {
        ChangesAfter::Suspicious if signature.findings.iter().any(is_outside) => {
            Some(Problem::BytesOutsideRevisions)
        }
        ChangesAfter::Suspicious => Some(Problem::ContentChangedAfter),
        ChangesAfter::None | ChangesAfter::Permitted => None,
    }
}
