//! Time-stamp tokens (RFC 3161): a signature by a third party over a digest and a time.

use openssl::nid::Nid;
use openssl::x509::X509;
use time::OffsetDateTime;

use super::anchors::TrustAnchors;
use super::chain::{self, Use};
use super::message::{self, Examined, digest_of};
use super::problem::Problem;
use super::report::Chain;
use crate::pades::algorithm;
use crate::pades::asn1::read::{NotDer, Value, Walk};
use crate::pades::asn1::tag;
use crate::pades::certificate;
use crate::pades::cms::signed_data::{Algorithm, SignedData};
use crate::pades::error::Refusal;
use crate::pades::moment::asn1_time;
use crate::pades::oid;

/// What a token says and whether it is to be believed.
pub(in crate::pades) struct Token {
    pub(super) examined: Examined,
    pub(in crate::pades) time: Option<OffsetDateTime>,
    pub(in crate::pades) chain: Chain,
    /// The authority's certificate and those above it as far as they were found, in DER.
    pub(in crate::pades) path: Vec<Vec<u8>>,
}

impl Token {
    /// Whether it is genuine, be its authority trusted or not.
    pub(in crate::pades) fn is_sound(&self) -> bool {
        self.examined
            .problems
            .iter()
            .all(|problem| *problem == Problem::NoTrustedRoot)
    }

    /// The common name in the authority's certificate.
    pub(in crate::pades) fn authority(&self) -> String {
        self.examined.signer_name().unwrap_or_default()
    }

    /// The time that the token proves, or why it proves none.
    pub(super) fn proven_time(&self) -> Result<OffsetDateTime, Problem> {
        let problems = &self.examined.problems;
        let is_unsound = problems.iter().any(|problem| problem.breaks_integrity());
        match self.time.filter(|_| !is_unsound) {
            None => Err(Problem::TimeStampInvalid),
            Some(time) if problems.is_empty() && self.chain == Chain::Trusted => Ok(time),
            Some(_) => Err(Problem::TimeStampUntrusted),
        }
    }
}

/// Examines a token about something whose digest by any algorithm `imprint_of` tells. `others` are
/// certificates at hand beside those in the token.
pub(in crate::pades) fn examine(
    data: &SignedData<'_>,
    anchors: &TrustAnchors,
    others: &[X509],
    imprint_of: &mut dyn FnMut(Nid) -> Result<Vec<u8>, Refusal>,
) -> Result<Token, Refusal> {
    let mut token = Token {
        examined: Examined::default(),
        time: None,
        chain: Chain::Untrusted,
        path: Vec::new(),
    };
    let info = data.content.ok_or(NotDer).and_then(TstInfo::parse);
    let (Ok(info), oid::TST_INFO, Some(content)) = (info, data.content_type, data.content) else {
        token.examined.problems.push(Problem::CmsMalformed);
        return Ok(token);
    };
    token.time = info.time;
    let mut digest = |algorithm| Ok(digest_of(algorithm, content).unwrap_or_default());
    token.examined = message::examine(data, oid::TST_INFO, &mut digest)?;
    if !names_signer(data) {
        let problem = Problem::CertificateReferenceMismatch;
        token.examined.problems.push(problem);
    }
    match algorithm::digest(info.imprint_algorithm) {
        Err(unknown) => token.examined.problems.push(unknown.into()),
        Ok(algorithm) => {
            if algorithm::is_weak(algorithm) {
                token.examined.problems.push(Problem::WeakDigest);
            }
            if imprint_of(algorithm)? != info.imprint {
                token.examined.problems.push(Problem::DigestMismatch);
            }
        }
    }
    token.judge_authority(anchors, others);
    Ok(token)
}

/// Whether the token says by which certificate it is to be judged (RFC 3161 §2.4.1, RFC 5816).
fn names_signer(data: &SignedData<'_>) -> bool {
    let signed = data.signer.signed.as_ref();
    let has = |kind| signed.is_some_and(|signed| matches!(signed.single(kind), Ok(Some(_))));
    has(oid::SIGNING_CERTIFICATE_V2) || has(oid::SIGNING_CERTIFICATE)
}

impl Token {
    fn judge_authority(&mut self, anchors: &TrustAnchors, others: &[X509]) {
        let (Some(signer), Some(at)) = (&self.examined.signer, self.time) else {
            return;
        };
        let is_meant = signer
            .to_der()
            .is_ok_and(|der| certificate::is_for_time_stamps(&der));
        let known = [self.examined.others.as_slice(), others].concat();
        let way = chain::judge(anchors, signer, &known, at, Use::TimeStamp);
        if !is_meant && way.problem != Some(Problem::KeyUsageUnfit) {
            self.examined.problems.push(Problem::KeyUsageUnfit);
        }
        self.examined.problems.extend(way.problem);
        self.chain = way.chain;
        self.path = way.path;
    }
}

/// `TSTInfo` (RFC 3161 §2.4.2), as far as it matters here.
struct TstInfo<'m> {
    imprint_algorithm: der::asn1::ObjectIdentifier,
    imprint: &'m [u8],
    time: Option<OffsetDateTime>,
}

impl<'m> TstInfo<'m> {
    fn parse(content: &'m [u8]) -> Result<Self, NotDer> {
        let mut walk = Walk::over(content).take(tag::SEQUENCE)?.inside();
        if walk.take(tag::INTEGER)?.number()? != VERSION {
            return Err(NotDer);
        }
        walk.take(tag::OBJECT_IDENTIFIER)?;
        let mut imprint = walk.take(tag::SEQUENCE)?.inside();
        let imprint_algorithm = Algorithm::parse(imprint.take(tag::SEQUENCE)?)?.oid;
        let imprint = imprint.take(tag::OCTET_STRING)?.content;
        walk.take(tag::INTEGER)?;
        let time = asn1_time(walk.take(tag::GENERALIZED_TIME)?);
        see_the_rest(walk)?;
        Ok(Self {
            imprint_algorithm,
            imprint,
            time,
        })
    }
}

/// Sees that what stands behind the time changes nothing: accuracy, ordering, nonce, name, and no
/// critical extension, for none is known here.
fn see_the_rest(mut walk: Walk<'_>) -> Result<(), NotDer> {
    for optional in [tag::SEQUENCE, tag::BOOLEAN, tag::INTEGER, tag::CONTEXT_0] {
        walk.take_if(optional)?;
    }
    if let Some(extensions) = walk.take_if(tag::CONTEXT_1)? {
        for extension in extensions.inside().all()? {
            let mut inside = extension.inside();
            inside.take(tag::OBJECT_IDENTIFIER)?;
            let critical = inside.take_if(tag::BOOLEAN)?;
            if critical.map_or(Ok(false), Value::is_true)? {
                return Err(NotDer);
            }
        }
    }
    walk.end()
}

/// The only version of `TSTInfo` there is.
const VERSION: u16 = 1;
