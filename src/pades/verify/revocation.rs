//! What is known about the revocation of a chain's certificates, by the answers at hand.

use openssl::x509::X509;
use time::OffsetDateTime;

use super::report::Revocation;
use crate::pades::revocation::{RevocationAnswer, RevocationStatus, read_crl, read_ocsp};
use crate::pades::validation_store::ValidationStore;

/// What the answers say about the certificates between a signer and its anchor.
pub(super) struct Standing {
    pub(super) word: Revocation,
    /// The earliest time from which one of them counts as revoked, and whether it is the signer's
    /// own.
    pub(super) revoked: Option<(OffsetDateTime, bool)>,
    /// The certificates without a usable answer, each with its issuer, in DER.
    pub(super) open: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Looks for answers about each certificate of a path (signer first, anchor last) that tell about
/// the time `at`. The anchor needs none: trust in it is not its own doing.
pub(super) fn standing(path: &[Vec<u8>], store: &ValidationStore, at: OffsetDateTime) -> Standing {
    let mut standing = Standing {
        word: Revocation::Good,
        revoked: None,
        open: Vec::new(),
    };
    let mut answered = 0;
    let steps = path.iter().zip(path.iter().skip(1));
    for (index, (certificate, issuer)) in steps.enumerate() {
        let (newest, is_any) = newest(certificate, issuer, store, at);
        answered += usize::from(is_any);
        match newest.map(|answer| answer.status) {
            Some(RevocationStatus::Good) => {}
            Some(RevocationStatus::Revoked { at }) => {
                let is_earlier = standing.revoked.is_none_or(|(known, _)| at < known);
                if is_earlier {
                    standing.revoked = Some((at, index == 0));
                }
            }
            Some(RevocationStatus::Unknown) | None => {
                standing.open.push((certificate.clone(), issuer.clone()));
            }
        }
    }
    standing.word = match (standing.revoked, standing.open.is_empty(), answered) {
        (Some(_), ..) => Revocation::Revoked,
        (None, true, _) => Revocation::Good,
        (None, false, 0) => Revocation::NotChecked,
        (None, false, _) => Revocation::Unknown,
    };
    standing
}

/// The newest genuine answer that tells about the time, and whether there is any answer at all.
fn newest(
    certificate: &[u8],
    issuer: &[u8],
    store: &ValidationStore,
    at: OffsetDateTime,
) -> (Option<RevocationAnswer>, bool) {
    let by_responder = store
        .ocsps
        .iter()
        .filter_map(|answer| read_ocsp(answer, certificate, issuer).ok());
    let by_list = store
        .crls
        .iter()
        .filter_map(|list| read_crl(list, certificate, issuer).ok());
    let all: Vec<_> = by_responder.chain(by_list).collect();
    let is_any = !all.is_empty();
    let newest = all
        .into_iter()
        .filter(|answer| answer.tells_about(at))
        .max_by_key(|answer| answer.this_update);
    (newest, is_any)
}

/// The certificates of a store that can be read, for building chains.
pub(super) fn certificates(store: &ValidationStore) -> Vec<X509> {
    let read = store.certificates.iter().map(|der| X509::from_der(der));
    read.filter_map(Result::ok).collect()
}
