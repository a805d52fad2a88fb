//! What a signature can be judged by when those who could tell are gone.

use time::OffsetDateTime;

use crate::evidence::{Evidence, EvidenceError};
use crate::pades::{Der, RevocationSource, RevocationStatus, SignatureData, SignatureGrounds};

/// Asks about every certificate that a signature rests on and that the file has no answer about. A
/// revocation that came after the time of the signature is as good as none.
pub(super) async fn gather(
    signature: &SignatureGrounds,
    made_at: Option<OffsetDateTime>,
    evidence: &Evidence,
) -> Result<SignatureData, EvidenceError> {
    let certificates = signature.path.iter().chain(&signature.time_stamp_path);
    let mut data = SignatureData {
        key: signature.key.clone(),
        certificates: certificates.cloned().collect(),
        ..SignatureData::default()
    };
    for (certificate, issuer) in &signature.open {
        let answer = evidence.revocation(certificate, issuer).await?;
        match answer.status {
            RevocationStatus::Revoked { at, .. } if made_at.is_none_or(|made_at| at <= made_at) => {
                return Err(EvidenceError::Revoked(at));
            }
            _ => {}
        }
        let list = match answer.source {
            RevocationSource::Ocsp => &mut data.ocsps,
            RevocationSource::Crl => &mut data.crls,
        };
        list.push(Der::from(answer.der));
        data.crls.extend(answer.beside.into_iter().map(Der::from));
        data.certificates.extend(answer.responder.map(Der::from));
    }
    Ok(data)
}
