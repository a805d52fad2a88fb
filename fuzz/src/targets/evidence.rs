//! What authorities say: messages, answers about revocation, time-stamps, and what a file's
//! signatures rest on. The keys of the seeds are thrown away, so nobody, a fuzzer neither, can make
//! them say anything else than they say.

use std::sync::LazyLock;

use super::pdf::{NOW, limits};
use crate::pades::{
    self, Chain, DigestAlgorithm, RevocationAnswer, RevocationError, TimeStampRequest, Trust,
    TrustAnchors, probe, read_crl, read_ocsp,
};

/// The anchor.
pub(super) const ROOT: &[u8] = include_bytes!("../../seeds/certificate/root.der");
/// Somebody below it, whom the answers are about.
pub(super) const SIGNER: &[u8] = include_bytes!("../../seeds/certificate/signer.der");
/// An answer about the signer.
pub(super) const OCSP: &[u8] = include_bytes!("../../seeds/ocsp/good.der");
/// The root's list.
pub(super) const CRL: &[u8] = include_bytes!("../../seeds/crl/empty.der");
/// A `TimeStampResp` about [`IMPRINT`] with [`NONCE`].
const TOKEN: &[u8] = include_bytes!("../../seeds/token/granted.der");
const IMPRINT: [u8; 32] = [7; 32];
const NONCE: [u8; 16] = [7; 16];

/// DER as others write it.
pub(super) fn der(bytes: &[u8]) {
    probe::der(bytes);
}

/// A CMS `SignedData`.
pub(super) fn signed_data(bytes: &[u8]) {
    probe::signed_data(bytes);
}

/// An `OCSPResponse`: whatever is believed is what the responder said.
pub(super) fn ocsp(bytes: &[u8]) {
    static GENUINE: LazyLock<Vec<RevocationAnswer>> = LazyLock::new(|| {
        let all = [
            OCSP,
            include_bytes!("../../seeds/ocsp/revoked.der"),
            include_bytes!("../../seeds/ocsp/hold.der"),
        ];
        let read = |der| read_ocsp(der, SIGNER, ROOT).expect("a genuine answer");
        all.map(read).into()
    });
    is_genuine(read_ocsp(bytes, SIGNER, ROOT), &GENUINE);
}

/// A `CertificateList`, by the same rule.
pub(super) fn crl(bytes: &[u8]) {
    static GENUINE: LazyLock<Vec<RevocationAnswer>> = LazyLock::new(|| {
        let all = [
            CRL,
            include_bytes!("../../seeds/crl/revoked.der"),
            include_bytes!("../../seeds/crl/hold.der"),
        ];
        let read = |der| read_crl(der, SIGNER, ROOT).expect("a genuine list");
        all.map(read).into()
    });
    is_genuine(read_crl(bytes, SIGNER, ROOT), &GENUINE);
}

fn is_genuine(answer: Result<RevocationAnswer, RevocationError>, genuine: &[RevocationAnswer]) {
    let Ok(answer) = answer else { return };
    let _ = (answer.is_fresh(NOW), answer.responder_in_question());
    let says = |one: &RevocationAnswer| {
        let times = (one.this_update, one.next_update, one.ended_since);
        (one.status, times, one.responder.clone())
    };
    let is_known = genuine.iter().any(|known| says(known) == says(&answer));
    assert!(is_known, "nobody said this: {answer:?}");
}

/// A `TimeStampResp`: a token is taken only if it is the authority's.
pub(super) fn time_stamp(bytes: &[u8]) {
    let request = TimeStampRequest::new(DigestAlgorithm::Sha256, &IMPRINT, NONCE, None);
    let request = request.expect("an imprint of its length");
    let anchors = TrustAnchors::from_der(vec![ROOT.to_vec()]);
    let genuine = request.read(TOKEN, &anchors, NOW);
    let genuine = genuine.expect("a genuine token");
    if let Ok(token) = request.read(bytes, &anchors, NOW) {
        assert_eq!(token.time(), genuine.time());
        assert_eq!(token.chain_der(), genuine.chain_der());
        assert_eq!(token.authority(), genuine.authority());
    }
}

/// A file's signatures and its security store, by an anchor that vouches for some of the seeds.
pub(super) fn grounds(bytes: &[u8]) {
    let received = bytes.to_vec();
    let anchors = TrustAnchors::from_der(vec![ROOT.to_vec()]);
    let Ok(grounds) = pades::grounds(&received, &limits(), Trust::alike(&anchors), NOW) else {
        return;
    };
    let report = pades::verify(&received, &limits(), &anchors, NOW).expect("it was read before");
    assert_eq!(report, grounds.report, "both judge alike");
    assert_eq!(report.signatures.len(), grounds.signatures.len());
    for (verdict, rests_on) in report.signatures.iter().zip(&grounds.signatures) {
        assert_eq!(rests_on.is_trusted, verdict.chain == Chain::Trusted);
        let above = rests_on.path.last().map(|der| &**der);
        assert!(!rests_on.is_trusted || above == Some(ROOT));
        assert!(rests_on.is_trusted || rests_on.message.is_empty());
    }
    let store = [&grounds.certificates, &grounds.ocsps, &grounds.crls];
    let is_trusted = grounds.signatures.iter().any(|each| each.is_trusted);
    assert!(is_trusted || store.iter().all(|list| list.is_empty()));
    let _ = grounds.renew_by(NOW);
}
