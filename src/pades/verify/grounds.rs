//! What the signatures of a file rest on, and what of it is not in the file yet: the errand list of
//! whoever raises its level, and the evidence of whoever has to show it.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::anchors::Trust;
use super::report::{Chain, Report};
use super::revocation::relied_on;
use super::{Findings, judge_all};
use crate::pades::certificate;
use crate::pades::cms::signed_data::SignedData;
use crate::pades::encoded::Der;
use crate::pades::error::Refusal;
use crate::pades::limits::Limits;
use crate::pades::oid;
use crate::pades::reader::Pdf;
use crate::pades::signatures::{EmbeddedSignature, SignatureKind};
use crate::pades::source::Source;
use crate::pades::validation_store::ValidationStore;

/// What the signatures of a file rest on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    /// The verdicts.
    pub report: Report,
    /// One for each verdict, in the same order.
    pub signatures: Vec<SignatureGrounds>,
    /// Certificates in the file's store that trusted signatures rest on, in DER.
    pub certificates: Vec<Der>,
    /// `OCSPResponse`s in it about their chains.
    pub ocsps: Vec<Der>,
    /// `CertificateList`s in it about them.
    pub crls: Vec<Der>,
}

/// What one signature or document time-stamp rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureGrounds {
    /// Whether its chain leads to an anchor.
    pub is_trusted: bool,
    /// Its name in the store's `/VRI`: the SHA-1 of `/Contents` in upper-case hexadecimal.
    pub key: String,
    /// The signer's certificate, then upwards as far as the chain was found, in DER.
    pub path: Vec<Der>,
    /// The same for the time-stamp that proves its time; empty where none does.
    pub time_stamp_path: Vec<Der>,
    /// Certificates of both paths that no answer in the file tells about, with their issuers.
    pub open: Vec<(Der, Der)>,
    /// When the first certificate of its path, the anchor apart, ends.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
    /// When the first key of its path, the anchor's apart, is no longer held strong.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ages_out_at: Option<OffsetDateTime>,
    /// The CMS as it stands in the file, without the zeros behind it; empty unless it is trusted.
    pub message: Der,
    /// The time-stamp tokens in it, one after the other.
    pub time_stamps: Vec<Der>,
}

/// Finds what the signatures of a file rest on, as judged by `trust`.
///
/// # Errors
/// As [`super::verify`].
pub fn grounds(
    source: &dyn Source,
    limits: &Limits,
    trust: Trust<'_>,
    now: OffsetDateTime,
) -> Result<Grounds, Refusal> {
    let pdf = Pdf::open(source, limits)?;
    let store = ValidationStore::of(&pdf)?;
    let judged = judge_all(&pdf, &store, trust, now)?;
    let verdicts = judged.iter().map(|(each, found)| found.verdict(each));
    let trusted = judged.iter().filter(|(_, found)| is_trusted(found));
    let paths: Vec<&[Vec<u8>]> = trusted
        .flat_map(|(_, found)| {
            let proof = found.proof.as_ref().map(|proof| proof.path.as_slice());
            [Some(found.path.as_slice()), proof].into_iter().flatten()
        })
        .collect();
    let store = relied_on(&paths, &store);
    Ok(Grounds {
        report: Report::of(verdicts.collect()),
        signatures: judged.iter().map(SignatureGrounds::of).collect(),
        certificates: ders(store.certificates),
        ocsps: ders(store.ocsps),
        crls: ders(store.crls),
    })
}

fn is_trusted(findings: &Findings) -> bool {
    findings.chain == Chain::Trusted
}

impl SignatureGrounds {
    fn of((signature, findings): &(EmbeddedSignature, Findings)) -> Self {
        let proof = findings.proof.as_ref();
        let is_trusted = is_trusted(findings);
        // What a stranger put there may be as long as the file, and proves nothing to anybody.
        let contents = signature.contents.as_slice();
        let contents = if is_trusted { contents } else { &[] };
        Self {
            is_trusted,
            key: key(&signature.contents),
            path: ders(findings.path.clone()),
            time_stamp_path: proof.map_or_else(Vec::new, |proof| ders(proof.path.clone())),
            open: findings.open.iter().cloned().map(pair).collect(),
            expires_at: below_anchor(&findings.path)
                .filter_map(certificate::not_after)
                .min(),
            ages_out_at: below_anchor(&findings.path)
                .filter_map(certificate::ages_out_at)
                .min(),
            message: message(contents).into(),
            time_stamps: time_stamps(contents),
        }
    }
}

impl Grounds {
    /// Until when the newest document time-stamp must be renewed: as long as its authority's
    /// certificates last and its keys are held strong. An age that has come, or is about to, is none
    /// that the same authority's next time-stamp would escape: it is not told any more. Nothing
    /// where there is no time-stamp.
    #[must_use]
    pub fn renew_by(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let stamps = self.report.signatures.iter().zip(&self.signatures);
        let mut stamps = stamps.filter(|(verdict, _)| verdict.kind == SignatureKind::Timestamp);
        let newest = stamps.next_back()?.1;
        let ages_out_at = newest.ages_out_at.filter(|&end| now + FORESEEN < end);
        [newest.expires_at, ages_out_at].into_iter().flatten().min()
    }
}

fn ders(octets: Vec<Vec<u8>>) -> Vec<Der> {
    octets.into_iter().map(Der::from).collect()
}

fn pair((certificate, issuer): (Vec<u8>, Vec<u8>)) -> (Der, Der) {
    (certificate.into(), issuer.into())
}

/// The name of a signature in `/VRI` (ISO 32000-2 §12.8.4.3).
fn key(contents: &[u8]) -> String {
    hex::encode_upper(openssl::sha::sha1(contents))
}

fn below_anchor(path: &[Vec<u8>]) -> impl Iterator<Item = &[u8]> {
    let below = path.len().saturating_sub(1).max(1);
    path.iter().take(below).map(Vec::as_slice)
}

fn time_stamps(contents: &[u8]) -> Vec<Der> {
    let Ok(data) = SignedData::parse(contents) else {
        return Vec::new();
    };
    let unsigned = data.signer.unsigned.iter();
    let tokens = unsigned.flat_map(|unsigned| unsigned.all(oid::TIME_STAMP_TOKEN));
    tokens.map(|token| token.raw.to_vec().into()).collect()
}

fn message(contents: &[u8]) -> Vec<u8> {
    let read = crate::pades::asn1::read::Walk::over(contents).any();
    read.map(|value| value.raw.to_vec()).unwrap_or_default()
}

/// Longer than whoever renews acts ahead of an end.
const FORESEEN: Duration = Duration::days(180);
