//! What our own verifier says of files that were tampered with: bytes flipped, byte ranges bent,
//! content added.

use proptest::prelude::*;
use trao::pades::{ChangesAfter, Covers, Indication, Limits, Refusal, SubIndication, verify};

use crate::support::pdf::{Dictionary, append, digest_of, draft, find, one_page};
use crate::support::pki::NOW;
use crate::support::verdict::{IDENTITY, PKI, anchors, judged, only, sealed};

#[test]
fn any_flipped_covered_byte_fails() {
    let file = sealed();
    let hole = draft(&one_page(), 0, &Dictionary::default()).hole;
    for place in (0..file.len()).filter(|place| !hole.contains(place)) {
        let mut forged = file.clone();
        forged[place] ^= 1 << (place % 8);
        let report = verify(&forged, &Limits::default(), &anchors(&PKI), NOW);
        assert!(!report.is_ok_and(|report| report.valid), "byte {place}");
    }
}

#[test]
fn any_flipped_digit_of_the_message_up_to_the_certificates_fails() {
    let file = sealed();
    let hole = draft(&one_page(), 0, &Dictionary::default()).hole;
    let message = &file[hole.start + 1..hole.end - 1];
    let certificates = find(message, hex::encode(&IDENTITY.chain_der()[0]).as_bytes());
    let signer = find(
        message,
        hex::encode(IDENTITY.chain_der().last().unwrap()).as_bytes(),
    ) + 2 * IDENTITY.anchor_der().len();
    let end = message.len() - zeros(message);
    // What stands between are the certificates above the signer's: their own signatures guard them.
    for place in (0..certificates).chain(signer..end) {
        let mut forged = file.clone();
        let digit = &mut forged[hole.start + 1 + place];
        *digit = if *digit == b'0' { b'1' } else { b'0' };
        let report = verify(&forged, &Limits::default(), &anchors(&PKI), NOW);
        assert!(!report.is_ok_and(|report| report.valid), "digit {place}");
    }
}

fn zeros(digits: &[u8]) -> usize {
    digits
        .iter()
        .rev()
        .take_while(|&&digit| digit == b'0')
        .count()
}

proptest! {
    #[test]
    fn a_message_of_other_bytes_is_judged_and_not_believed(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 0..8),
        cut in 0..64_usize,
    ) {
        let draft = draft(&one_page(), 0, &Dictionary::default());
        let digest = digest_of(&draft.covered(draft.honest_range()), IDENTITY.digest_algorithm());
        let mut cms = trao::pades::sign(&digest, &IDENTITY).unwrap().to_der();
        // The root in the message is nobody's word: the one that is trusted stands elsewhere.
        let root = IDENTITY.anchor_der();
        let signer = find(&cms, root) + root.len();
        let honest = cms.clone();
        for (place, flip) in flips {
            let place = signer + place.index(cms.len() - signer);
            cms[place] ^= flip;
        }
        cms.truncate(cms.len() - cut);
        let forged = draft.clone().fill(&cms);
        prop_assume!(forged != draft.fill(&honest));
        prop_assert!(!judged(&forged).valid);
    }
}

#[test]
fn a_hundred_signatures_are_judged_and_no_more() {
    let file = |count: usize| {
        let fields = "<</FT/Sig/T(a)/V<<>>>>".repeat(count);
        append(
            &one_page(),
            &[(5, format!("<</SigFlags 3/Fields[{fields}]>>"))],
        )
    };
    assert_eq!(judged(&file(100)).signatures.len(), 100);
    let refused = verify(&file(101), &Limits::default(), &anchors(&PKI), NOW);
    assert!(
        matches!(refused, Err(Refusal::PdfTooComplex(_))),
        "{refused:?}"
    );
}

#[test]
fn every_game_with_the_byte_range_has_a_name() {
    let honest = draft(&one_page(), 0, &Dictionary::default());
    let [_, before, behind, after] = honest.honest_range();
    let games: [(&[usize], &str); 7] = [
        (&[0, before - 20, behind, after], "hole_not_one_string"),
        (&[0, before, behind + 5, after - 5], "hole_not_one_string"),
        (&[5, before - 5, behind, after], "byte_range_not_from_start"),
        (&[0, behind + 1, behind, after], "byte_range_overlaps"),
        (&[0, before, behind, after + 1], "byte_range_beyond_file"),
        (&[0, before], "byte_range_malformed"),
        (
            &[0, before, behind, 5, behind + 5, after - 5],
            "byte_range_malformed",
        ),
    ];
    for (range, name) in games {
        let mut draft = honest.clone();
        draft.set_byte_range(range);
        // The forger signs exactly what the range covers: the digest itself is right.
        let content: Vec<u8> = range
            .chunks(2)
            .flat_map(|span| {
                draft
                    .bytes
                    .get(span[0]..span[0] + span[1])
                    .unwrap_or_default()
            })
            .copied()
            .collect();
        let digest = digest_of(&content, IDENTITY.digest_algorithm());
        let cms = trao::pades::sign(&digest, &IDENTITY).unwrap().to_der();
        let report = judged(&draft.fill(&cms));
        let verdict = only(&report);
        assert!(!report.valid && !verdict.intact, "{range:?}");
        assert_eq!(verdict.covers, Covers::Part);
        assert!(
            verdict.findings.iter().any(|code| code == name),
            "{name} {verdict:?}"
        );
        assert_eq!(verdict.indication, Indication::TotalFailed);
    }
}

#[test]
fn a_signature_that_leaves_the_end_out_does_not_count() {
    let mut draft = draft(&one_page(), 0, &Dictionary::default());
    let [_, before, behind, after] = draft.honest_range();
    let range = [0, before, behind, after - 30];
    draft.set_byte_range(&range);
    let digest = digest_of(&draft.covered(range), IDENTITY.digest_algorithm());
    let report = judged(&draft.fill(&trao::pades::sign(&digest, &IDENTITY).unwrap().to_der()));
    assert!(!report.valid);
    assert_eq!(only(&report).covers, Covers::Part);
}

#[test]
fn content_added_after_the_signature_is_suspicious() {
    let text = "BT /F1 12 Tf 72 700 Td (Bac bo) Tj ET";
    let content = format!("<</Length {}>>stream\n{text}\nendstream", text.len());
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 30 0 R>>".to_owned();
    let additions: [&[(u32, String)]; 3] = [
        &[(4, content.clone())],
        &[(3, page), (30, content)],
        &[(2, "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>".to_owned())],
    ];
    for objects in additions {
        let report = judged(&append(&sealed(), objects));
        let verdict = only(&report);
        assert!(verdict.intact && !report.valid, "{objects:?}");
        assert_eq!(verdict.changes_after, ChangesAfter::Suspicious);
        assert!(
            verdict
                .findings
                .iter()
                .any(|code| code == "content_changed_after")
        );
    }
}

#[test]
fn metadata_may_change_unless_it_is_the_page_as_well() {
    let stream = |text: &str| {
        format!(
            "<</Type/Metadata/Subtype/XML/Length {}>>stream\n{text}\nendstream",
            text.len()
        )
    };
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/Metadata 6 0 R>>".to_owned();
    let page = |content: u32| {
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {content} 0 R>>")
    };
    for (content, state) in [(4, ChangesAfter::Permitted), (6, ChangesAfter::Suspicious)] {
        let file = append(
            &one_page(),
            &[
                (1, catalog.clone()),
                (3, page(content)),
                (6, stream("<x>Mot</x>")),
            ],
        );
        let file = draft(&file, 0, &Dictionary::default()).seal(&IDENTITY);
        let report = judged(&append(&file, &[(6, stream("<x>Hai</x>"))]));
        assert_eq!(only(&report).changes_after, state, "{content}");
    }
}

#[test]
fn a_certification_without_changes_allows_no_further_signature() {
    let later = |kind| Dictionary {
        kind,
        ..Dictionary::default()
    };
    for (permission, kind, state) in [
        (1, "Sig", ChangesAfter::Suspicious),
        (1, "DocTimeStamp", ChangesAfter::Permitted),
        (2, "Sig", ChangesAfter::Permitted),
    ] {
        let more = format!(
            "/Reference[<</Type/SigRef/TransformMethod/DocMDP\
             /TransformParams<</Type/TransformParams/V/1.2/P {permission}>>>>]"
        );
        let certified = Dictionary {
            more: &more,
            ..Dictionary::default()
        };
        let file = draft(&one_page(), 0, &certified).seal(&IDENTITY);
        let file = draft(&file, 1, &later(kind)).seal(&IDENTITY);
        let report = judged(&file);
        assert_eq!(
            report.signatures[0].changes_after, state,
            "P={permission}, {kind}"
        );
        assert_eq!(report.valid, (permission, kind) == (2, "Sig"));
    }
}

#[test]
fn the_look_of_a_signature_may_not_change_afterwards() {
    let look = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 0>>stream\n\nendstream";
    let field = "<</FT/Sig/T(Chu ky 0)/V 11 0 R/AP<</N 20 0 R>>>>";
    let report = judged(&append(
        &sealed(),
        &[(10, field.to_owned()), (20, look.to_owned())],
    ));
    assert_eq!(only(&report).changes_after, ChangesAfter::Suspicious);
}

#[test]
fn bytes_that_are_no_revision_are_noticed() {
    let hidden = "4 0 obj\n<</Length 0>>stream\n\nendstream\nendobj\n";
    let startxref = {
        let text = String::from_utf8_lossy(&sealed()).into_owned();
        text.rsplit_once("startxref").unwrap().1.to_owned()
    };
    for tail in [
        hidden.to_owned(),
        format!("{hidden}startxref{startxref}"),
        "%".to_owned(),
    ] {
        let mut file = sealed();
        file.extend(tail.bytes());
        let report = judged(&file);
        let verdict = only(&report);
        assert!(verdict.intact && !report.valid, "{tail}");
        assert_eq!(verdict.changes_after, ChangesAfter::Suspicious);
        assert_eq!(verdict.findings, ["bytes_outside_revisions"]);
    }
}

#[test]
fn a_signature_over_other_content_is_a_digest_mismatch() {
    let draft = draft(&one_page(), 0, &Dictionary::default());
    let cms = trao::pades::sign(&[7; 32], &IDENTITY).unwrap().to_der();
    let report = judged(&draft.fill(&cms));
    assert!(!only(&report).intact);
    assert_eq!(only(&report).findings, ["digest_mismatch"]);
    assert_eq!(
        only(&report).sub_indication,
        Some(SubIndication::HashFailure)
    );
}

#[test]
fn what_hides_behind_the_message_is_told() {
    let mut file = sealed();
    let hole = draft(&one_page(), 0, &Dictionary::default()).hole;
    file[hole.end - 10] = b'1';
    let report = judged(&file);
    assert!(report.valid);
    assert_eq!(only(&report).findings, ["padding_not_zero"]);
}
