//! Both files hold the same texts, all that are asked for and none besides.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fluent_bundle::FluentResource;

use super::{ENGLISH, VIETNAMESE};
use crate::dossier::CodeRefused;
use crate::http::detail::Detail;
use crate::http::problem::Problem;
use crate::publication::{FieldFlaw, PublicationError, SignatureFlaw, Warning};

/// Texts that are asked for by a word of the contract: families, with the words that may be asked.
const FAMILIES: &[&str] = &[
    "certificate",
    "act",
    "actor",
    "appearance",
    "chain",
    "changes",
    "covers",
    "detail",
    "evidence",
    "finding",
    "indication",
    "kind",
    "level",
    "mark-missing",
    "notice",
    "policy",
    "problem",
    "reason",
    "revocation",
    "spot",
    "state",
    "status",
    "story",
    "sub-indication",
    "verdict",
    "warning",
];

fn ids(source: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut last = String::new();
    for line in source.lines() {
        if let Some(attribute) = line.strip_prefix("    .") {
            ids.insert(format!("{last}.{}", attribute.split(' ').next().unwrap()));
        } else if line.starts_with(|letter: char| letter.is_ascii_lowercase()) {
            last = line.split(' ').next().unwrap().to_owned();
            assert!(ids.insert(last.clone()), "{last} stands twice");
        }
    }
    ids
}

/// Every file below a folder that can ask for a text.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path
            .extension()
            .is_some_and(|suffix| suffix == "rs" || suffix == "html")
        {
            found.push(path);
        }
    }
}

/// Whatever stands between quotation marks in the code and the templates.
fn quoted() -> BTreeSet<String> {
    let mut files = Vec::new();
    for folder in ["src/http", "src/cli"] {
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &mut files,
        );
    }
    files
        .iter()
        .flat_map(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            text.split('"').map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// The identifiers that templates and code ask for in so many words.
fn asked() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http"),
        &mut files,
    );
    let mut asked = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for call in [".t(\"", ".t1(\"", ".t2(\"", ".say(\""] {
            for rest in text.split(call).skip(1) {
                asked.insert(rest.split('"').next().unwrap().to_owned());
            }
        }
    }
    asked
}

fn is_of_a_family(id: &str) -> bool {
    FAMILIES.iter().any(|family| {
        id.strip_prefix(family)
            .is_some_and(|rest| rest.starts_with('-'))
    })
}

#[test]
fn both_files_parse_without_an_error() {
    for source in [VIETNAMESE, ENGLISH] {
        assert!(FluentResource::try_new(source.to_owned()).is_ok());
    }
}

#[test]
fn both_languages_have_the_same_texts() {
    let (vietnamese, english) = (ids(VIETNAMESE), ids(ENGLISH));
    assert_eq!(
        vietnamese.difference(&english).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
    assert_eq!(
        english.difference(&vietnamese).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
}

#[test]
fn every_text_that_is_asked_for_exists() {
    let known = ids(VIETNAMESE);
    for id in asked() {
        assert!(known.contains(&id), "{id}");
    }
}

#[test]
fn no_text_is_left_over() {
    let quoted = quoted();
    for id in ids(VIETNAMESE) {
        let id = id.split('.').next().unwrap();
        assert!(quoted.contains(id) || is_of_a_family(id), "{id}");
    }
}

#[test]
fn the_level_of_a_signature_has_one_word_in_vietnamese() {
    let texts = VIETNAMESE.to_lowercase();
    for other in ["cấp chữ ký", "nâng cấp", "nâng được cấp"] {
        assert!(!texts.contains(other), "{other}");
    }
}

#[test]
fn every_word_of_the_contract_has_its_text() {
    use crate::model::{AppearanceName, ReleasePolicy, ResultState};
    let known = ids(VIETNAMESE);
    let words = |family: &str, words: Vec<&str>| {
        for word in words {
            let id = super::member(family, word);
            assert!(known.contains(&id), "{id}");
        }
    };
    words(
        "state",
        ResultState::ALL.iter().map(|word| word.as_str()).collect(),
    );
    words(
        "policy",
        ReleasePolicy::ALL
            .iter()
            .map(|word| word.as_str())
            .collect(),
    );
    words(
        "appearance",
        AppearanceName::FORMS
            .iter()
            .map(AppearanceName::as_str)
            .collect(),
    );
    words(
        "status",
        vec!["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"],
    );
    words(
        "verdict",
        vec![
            "good",
            "unchecked",
            "untrusted",
            "unfit",
            "revoked",
            "broken",
        ],
    );
    words("mark-missing", vec!["template", "seal_image"]);
    words("spot", SPOTS.to_vec());
    words("problem", PROBLEMS.to_vec());
    let refused = SignatureFlaw::ALL
        .map(|flaw| Problem::from(PublicationError::EarlierSignature { n: 1, flaw }).words());
    words("problem", refused.to_vec());
    words("warning", Warning::ALL.map(Warning::as_str).to_vec());
    words("reason", REASONS.to_vec());
    words("story", STORIES.to_vec());
    words(
        "certificate",
        vec![
            "quarter",
            "month",
            "week",
            "day",
            "over",
            "not_yet_valid",
            "key_usage",
            "weak_key",
            "unreadable",
        ],
    );
}

#[test]
fn every_word_of_a_verdict_has_its_text() {
    use crate::pades::{Chain, Indication, Level, Revocation, SubIndication, finding_codes};
    let (vietnamese, english) = (ids(VIETNAMESE), ids(ENGLISH));
    let words = |family: &str, words: Vec<&str>| {
        for word in words {
            let id = super::member(family, word);
            assert!(vietnamese.contains(&id) && english.contains(&id), "{id}");
        }
    };
    words("finding", finding_codes().collect());
    words("finding", crate::config::CONTENT_WORDS.to_vec());
    words("covers", vec!["whole_file", "revision", "part"]);
    words("changes", vec!["none", "permitted", "suspicious"]);
    words("kind", vec!["signature", "timestamp"]);
    words(
        "chain",
        Chain::ALL.iter().map(|word| word.as_str()).collect(),
    );
    let revocation = Revocation::ALL.iter().map(|word| word.as_str());
    words("revocation", revocation.collect());
    words(
        "level",
        Level::ALL.iter().map(|level| level.short()).collect(),
    );
    let indications = Indication::ALL.iter().map(|word| word.as_str());
    words("indication", indications.collect());
    let reasons = SubIndication::ALL.iter().map(|word| word.as_str());
    words("sub-indication", reasons.collect());
}

#[test]
fn every_detail_has_its_text() {
    let known = ids(VIETNAMESE);
    let flaws = FieldFlaw::ALL.map(FieldFlaw::as_str);
    let codes = CodeRefused::ALL.map(CodeRefused::as_str);
    for word in Detail::OWN.into_iter().chain(flaws).chain(codes) {
        let id = super::member("detail", word);
        assert!(known.contains(&id), "{id}");
    }
}

/// Why the flow holds a result, and how it ends one.
const REASONS: &[&str] = &[
    "appearance_misfit",
    "certificate_revoked",
    "child_died",
    "evidence_useless",
    "file_not_raisable",
    "identity_unfit",
    "issuer_unknown",
    "manifest_changed",
    "object_lost",
    "returned",
    "revocation_not_published",
    "revocation_unavailable",
    "seal_failed",
    "time_stamp_not_configured",
    "time_stamp_unavailable",
    "tries_spent",
    "withdrawn",
];

/// What a story is made of.
const STORIES: &[&str] = &[
    "approved",
    "handed_over",
    "held",
    "level_not_raised",
    "level_raised",
    "received",
    "released",
    "relinked",
    "retried",
    "returned",
    "signing",
    "stored",
    "withdrawn",
];

/// Where a mark may stand.
const SPOTS: &[&str] = &[
    "top-left",
    "top",
    "top-right",
    "left",
    "center",
    "right",
    "bottom-left",
    "bottom",
    "bottom-right",
];

/// The stable codes of the contract.
const PROBLEMS: &[&str] = &[
    "request_malformed",
    "method_not_allowed",
    "media_type_unsupported",
    "unauthenticated",
    "forbidden",
    "not_found",
    "file_too_large",
    "unavailable",
    "field_invalid",
    "not_signed",
    "earlier_signature_broken",
    "identity_unfit",
    "level_not_reached",
    "pss_not_offered",
    "certificate_revoked",
    "issuer_unknown",
    "revocation_not_published",
    "revocation_unavailable",
    "not_pdf",
    "pdf_damaged",
    "pdf_encrypted",
    "pdf_no_pages",
    "pdf_locked",
    "pdf_too_complex",
    "pdf_active_content",
    "code_malformed",
    "document_number_missing",
    "appearance_unusable",
    "appearance_misfit",
    "template_invalid",
    "image_invalid",
    "policy_too_weak",
    "idempotency_conflict",
    "dossier_has_result",
    "manifest_changed",
    "state_conflict",
    "idempotency_in_flight",
    "not_released",
    "too_many_requests",
];
