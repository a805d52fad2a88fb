//! The last look at a message that was just made, where it was made. The identity is known: its
//! certificates are compared instead of parsed, its key is at hand, and the way to its root is
//! judged once for all the time in which nothing on it begins or ends to be valid.

use std::ops::Range;

use openssl::error::ErrorStack;
use openssl::x509::X509;
use time::OffsetDateTime;

use super::anchors::TrustAnchors;
use super::chain::{self, Use};
use super::message::{self, Examined, digest_of};
use super::problem::Problem;
use super::report::Level;
use super::time_stamp;
use crate::pades::asn1::read::NotDer;
use crate::pades::asn1::{sequence, tag, value};
use crate::pades::certificate;
use crate::pades::cms::signed_data::{SignedData, SignerId};
use crate::pades::identity::SigningIdentity;
use crate::pades::oid;
use crate::pades::signature::Method;

/// What a message must be that was just made.
pub struct OwnMessage<'m> {
    /// Who signed.
    pub identity: &'m SigningIdentity,
    /// The digest over the covered bytes, computed while they were written.
    pub content_digest: &'m [u8],
    /// The time in `/M`.
    pub signed_at: OffsetDateTime,
    /// By whom the authority must be vouched for whose time-stamp is in the message.
    pub authorities: &'m TrustAnchors,
}

impl OwnMessage<'_> {
    /// Confirms that `der` is a baseline signature over that digest by that identity, that its
    /// certificate leads to the identity's own root at that time, and that a time-stamp in it is
    /// one of a trusted authority. The level is the one that it reaches by itself.
    ///
    /// # Errors
    /// The codes of what is wrong.
    pub fn confirm(&self, der: &[u8]) -> Result<Level, Vec<String>> {
        let data = SignedData::parse(der).map_err(|NotDer| codes(&[Problem::CmsMalformed]))?;
        let mut examined = Examined::default();
        if !self.is_signed(&data, &mut examined) {
            examined.problems.push(Problem::SignatureMismatch);
        }
        let mut problems = examined.problems;
        if !examined.is_baseline || !self.names_the_identity(&data) {
            problems.push(Problem::NotAsSealed);
        }
        problems.extend(way_to_root(self.identity, self.signed_at));
        let is_stamped = self.time_stamp(&data).unwrap_or_else(|problem| {
            problems.push(problem);
            false
        });
        match (problems.as_slice(), is_stamped) {
            ([], true) => Ok(Level::BT),
            ([], false) => Ok(Level::BB),
            (problems, _) => Err(codes(problems)),
        }
    }

    /// Whether the signature's value is over what the message says of the content, by the key in
    /// the identity's certificate and the identity's method.
    fn is_signed(&self, data: &SignedData<'_>, examined: &mut Examined) -> bool {
        let algorithm = self.identity.digest_algorithm();
        let method = Method::of(self.identity.scheme(), algorithm);
        let mut digest = |_| Ok(self.content_digest.to_vec());
        let Ok(Some(claim)) = examined.claim(data, oid::DATA, &mut digest) else {
            return false;
        };
        claim.method == method && self.identity.has_made(&claim.digest, data.signer.signature)
    }

    /// Whether the message is detached, holds the identity's chain byte for byte and names its
    /// first certificate as the signer's.
    fn names_the_identity(&self, data: &SignedData<'_>) -> bool {
        let chain = self.identity.chain_der().iter().map(Vec::as_slice);
        let is_signer = match data.signer.id {
            SignerId::IssuerAndSerial(issuer, serial) => {
                sequence(&[issuer, &value(tag::INTEGER, serial)])
                    == self.identity.issuer_and_serial()
            }
            SignerId::KeyIdentifier(_) => false,
        };
        let leaf = self.identity.chain_der().first();
        let is_referred = leaf.zip(data.signer.signed.as_ref());
        data.content_type == oid::DATA
            && data.content.is_none()
            && data.behind.is_empty()
            && data.certificates.iter().copied().eq(chain)
            && is_signer
            && is_referred.is_some_and(|(leaf, signed)| message::names(signed, leaf) == Ok(true))
    }

    /// Whether there is a time-stamp; one that proves nothing is a problem.
    fn time_stamp(&self, data: &SignedData<'_>) -> Result<bool, Problem> {
        let Some(unsigned) = &data.signer.unsigned else {
            return Ok(false);
        };
        let invalid = |_| Problem::TimeStampInvalid;
        let token = unsigned.single(oid::TIME_STAMP_TOKEN).map_err(invalid)?;
        let token = token.ok_or(Problem::NotAsSealed)?;
        let token = SignedData::parse(token.raw).map_err(invalid)?;
        let mut imprint =
            |algorithm| Ok(digest_of(algorithm, data.signer.signature).unwrap_or_default());
        let token = time_stamp::examine(&token, self.authorities, &[], &mut imprint);
        let token = token.map_err(|_| Problem::TimeStampInvalid)?;
        token.proven_time().map(|_| true)
    }
}

fn codes(problems: &[Problem]) -> Vec<String> {
    problems
        .iter()
        .map(|problem| problem.code().to_owned())
        .collect()
}

/// What is wrong with the way from the identity's certificate to its topmost one. Everything but
/// the time is the same at each signature, so a way that was found good stays so as long as every
/// certificate on it is valid.
fn way_to_root(identity: &SigningIdentity, at: OffsetDateTime) -> Option<Problem> {
    if !identity.may_sign() {
        return Some(Problem::KeyUsageUnfit);
    }
    if identity
        .good_way()
        .get()
        .is_some_and(|time| time.contains(&at))
    {
        return None;
    }
    let certificates: Result<Vec<_>, ErrorStack> = identity
        .chain_der()
        .iter()
        .map(|der| X509::from_der(der))
        .collect();
    let certificates = certificates.unwrap_or_default();
    let Some((signer, others)) = certificates.split_first() else {
        return Some(Problem::ChainBroken);
    };
    let anchors = TrustAnchors::from_der(vec![identity.anchor_der().to_vec()]);
    let way = chain::judge(&anchors, signer, others, at, Use::Signature);
    if way.problem.is_none()
        && let Some(time) = validity(&way.path)
    {
        // Another thread may have been quicker, with the same outcome.
        let _ = identity.good_way().set(time);
    }
    way.problem
}

/// The time in which all of these certificates are valid; as OpenSSL counts it, the last moment of
/// each is none.
fn validity(path: &[Vec<u8>]) -> Option<Range<OffsetDateTime>> {
    path.iter()
        .map(|der| certificate::validity(der))
        .reduce(|all, each| {
            let (all, each) = (all?, each?);
            Some(all.start.max(each.start)..all.end.min(each.end))
        })?
}
