//! Revisions that are appended to strangers' files: what was prepared can be read again and has
//! what it was prepared for.

use super::evidence::{CRL, OCSP, SIGNER};
use super::pdf::{NOW, limits};
use crate::pades::{
    Appearance, Covers, Limits, Pdf, Reading, Refusal, SealRequest, SignatureData, SignatureKind,
    XrefEntry, prepare, prepare_as, prepare_time_stamp, prepare_validation_data, probe, signatures,
};

/// A seal, shown or not.
pub(super) fn request(appearance: Appearance) -> SealRequest {
    SealRequest {
        signed_at: NOW,
        signer_name: Some("UBND".to_owned()),
        reason: None,
        location: None,
        appearance,
        contents_bytes: 64,
        field_name: None,
    }
}

/// Sealing: the file has one signature more, and that covers it.
pub(super) fn seal(bytes: &[u8]) {
    let appearance = if bytes.len().is_multiple_of(2) {
        Appearance::attachment("1/QĐ-UBND").expect("it is built in")
    } else {
        Appearance::None
    };
    let received = bytes.to_vec();
    if let Ok(revision) = prepare(&received, &limits(), &request(appearance)) {
        let appended = revision.filled(&[0x30, 0]).expect("the hole has room");
        covers_all(&received, &appended, SignatureKind::Signature);
    }
}

/// Sealing by what stands in a file: the outcome is whole, begins anew, and has what was found.
pub(super) fn rebuild(bytes: &[u8]) {
    let received = bytes.to_vec();
    let (order, reading) = (request(Appearance::None), Reading::Rebuilt);
    let Ok(revision) = prepare_as(&received, &limits(), &order, reading) else {
        return;
    };
    let appended = revision.filled(&[0x30, 0]).expect("the hole has room");
    covers_all(&received, &appended, SignatureKind::Signature);
    let sealed = [received, appended].concat();
    let pdf = Pdf::open(&sealed, &roomy()).expect("what was prepared can be read");
    assert!(pdf.sections() == 1 && !pdf.is_rebuilt());
    for (number, entry) in pdf.numbers() {
        if let XrefEntry::At { generation, .. } = entry {
            let found = pdf.object((number, generation));
            assert!(!matches!(found, Err(Refusal::PdfDamaged(_))), "{found:?}");
        }
    }
}

/// What [`seal`] asks, of a document time-stamp.
pub(super) fn time_stamp(bytes: &[u8]) {
    let received = bytes.to_vec();
    if let Ok(revision) = prepare_time_stamp(&received, &limits(), 64) {
        let appended = revision.filled(&[0x30, 0]).expect("the hole has room");
        covers_all(&received, &appended, SignatureKind::Timestamp);
    }
}

fn covers_all(received: &[u8], appended: &[u8], kind: SignatureKind) {
    let sealed = [received, appended].concat();
    let pdf = Pdf::open(&sealed, &roomy()).expect("what was prepared can be read");
    let Ok(found) = signatures(&pdf) else { return };
    let mut whole = found.iter().filter(|each| each.covers == Covers::WholeFile);
    assert!(
        whole.any(|each| each.kind == kind),
        "the newest covers the file"
    );
}

/// Validation data: it is in the store afterwards, once.
pub(super) fn validation_data(bytes: &[u8]) {
    let received = bytes.to_vec();
    let data = [SignatureData {
        key: "00".repeat(20),
        certificates: vec![SIGNER.to_vec().into()],
        ocsps: vec![OCSP.to_vec().into()],
        crls: vec![CRL.to_vec().into()],
    }];
    let Ok(Some(appended)) = prepare_validation_data(&received, &limits(), &data) else {
        return;
    };
    let extended = [received, appended].concat();
    let pdf = Pdf::open(&extended, &roomy()).expect("what was prepared can be read");
    let held = match probe::held(&pdf) {
        // It may have been one short of too many.
        Err(Refusal::PdfTooComplex(_)) => return,
        held => held.expect("the store can be read"),
    };
    for (items, ours) in held.iter().zip([SIGNER, OCSP, CRL]) {
        let times = items.iter().filter(|item| *item == ours).count();
        assert_eq!(times, 1, "it is there once");
    }
    let again = prepare_validation_data(&extended, &roomy(), &data);
    assert!(
        matches!(again, Ok(None) | Err(Refusal::PdfTooComplex(_))),
        "nothing is taken in twice"
    );
}

/// Reading the file and what was appended takes more than reading the file.
fn roomy() -> Limits {
    let usual = limits();
    Limits {
        work: 4 * usual.work,
        work_bytes: 4 * usual.work_bytes,
        ..usual
    }
}
