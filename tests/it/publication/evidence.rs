//! The evidence of a sealed result: who may have it, and what others make of its pieces.

use std::path::Path;

use axum::http::{Method, StatusCode};
use trao::account::Scope;
use trao::pades::test_pki::KeyKind;

use super::levels::{Bench, policy};
use crate::support::judge::ask;
use crate::support::pdf::find;
use crate::support::pdf_file::{PdfFile, XrefKind};
use crate::support::pki::{identity, pki};
use crate::support::seal::{request, sealed};
use crate::support::service::pdf;
use crate::support::visitor::{Visitor, add_officer, clerk};

const CODE: &str = "H13.12-261123-7777";

/// Has Python unpack it, which knows nothing of our packing.
fn unpacked(archive: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chung-cu.zip");
    std::fs::write(&path, archive).unwrap();
    let out = folder.path().join("out");
    let arguments = [
        Path::new("-m"),
        Path::new("zipfile"),
        Path::new("-e"),
        &path,
        &out,
    ];
    let done = ask("python3", &arguments);
    assert!(done.ok, "{}", done.said);
    folder
}

#[track_caller]
fn openssl(folder: &Path, arguments: &str) -> String {
    let arguments = arguments.replace('@', &format!("{}/out/", folder.display()));
    let arguments: Vec<_> = arguments.split(' ').collect();
    let done = ask("openssl", &arguments);
    assert!(done.ok, "{arguments:?}: {}", done.said);
    done.said
}

#[tokio::test]
async fn every_piece_of_the_evidence_holds_by_itself() {
    let bench = Bench::new(policy("B-LTA", "hold")).await;
    let (id, _) = bench.publish(CODE).await;
    let clerk = clerk(&bench.service).await;
    let answer = clerk.get(&format!("/officer/results/{id}/evidence")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/zip");
    let again = clerk.get(&format!("/api/v1/results/{id}/evidence")).await;
    assert_eq!(again.status, StatusCode::OK);

    let folder = unpacked(&answer.body);
    let (out, folder) = (folder.path().join("out"), folder.path());
    std::fs::write(out.join("root.pem"), bench.authorities.root_pem()).unwrap();
    let read = |name: &str| std::fs::read(out.join(name)).unwrap_or_else(|_| panic!("{name}"));
    let json = |name: &str| serde_json::from_slice::<serde_json::Value>(&read(name)).unwrap();

    // The chain of the signer leads to the root.
    openssl(
        folder,
        "verify -CAfile @root.pem -untrusted @tep-1/chu-ky-01-chung-thu.pem @tep-1/chu-ky-01-chung-thu.pem",
    );
    // The time-stamp in the signature is one over its value, by that authority.
    let token = openssl(
        folder,
        "ts -reply -token_in -in @tep-1/chu-ky-01-dau-thoi-gian-1.der -text",
    );
    assert!(token.contains("Time stamp:"), "{token}");
    let stamp = openssl(folder, "ts -reply -token_in -in @tep-1/chu-ky-02.p7s -text");
    assert!(stamp.contains("Time stamp:"), "{stamp}");
    // What was asked before the key was used, and what the file carries.
    let asked = openssl(
        folder,
        "ocsp -respin @truoc-khi-ky/01.ocsp.der -CAfile @root.pem -verify_other @tep-1/chu-ky-01-chung-thu.pem -resp_text",
    );
    assert!(asked.contains("Cert Status: good"), "{asked}");
    let carried = openssl(
        folder,
        "ocsp -respin @tep-1/thu-hoi/ocsp-01.der -CAfile @root.pem -verify_other @tep-1/kho-chung-thu.pem -resp_text",
    );
    assert!(carried.contains("Cert Status: good"), "{carried}");

    assert!(looked_at(&out) >= 3);

    let report = json("tep-1/bao-cao.json");
    assert_eq!(report["valid"], true);
    assert_eq!(report["signatures"][0]["level"], "B-LTA");
    let sealed = &json("tep.json")["files"][0];
    let revision = &bench.service.app.db.revisions(id).await.unwrap()[0];
    assert_eq!(sealed["sealed_sha256"], revision.object.sha256.to_string());
    let acts = json("nhat-ky.json");
    let acts: Vec<_> = acts
        .as_array()
        .unwrap()
        .iter()
        .map(|act| &act["action"])
        .collect();
    for act in ["received", "approved", "stored", "released", "file_read"] {
        assert!(acts.contains(&&serde_json::json!(act)), "{act}: {acts:?}");
    }
    let holds_code = answer
        .body
        .windows(CODE.len())
        .any(|part| part == CODE.as_bytes());
    assert!(!holds_code, "the dossier code is in it");
}

/// Runs the commands of the text that comes with the evidence; how many there are.
fn looked_at(out: &Path) -> usize {
    let text = std::fs::read_to_string(out.join("DOC-TOI.txt")).unwrap();
    let commands: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("  openssl"))
        .collect();
    for command in &commands {
        let line = format!("cd {} && {command}", out.display());
        let done = ask("sh", &["-c", &line]);
        assert!(done.ok, "{command}: {}", done.said);
    }
    commands.len()
}

/// The evidence of a result that was made of this file.
async fn evidence_of(bench: &Bench, file: &[u8]) -> tempfile::TempDir {
    let received = bench.service.received(CODE, &[file]).await;
    bench.service.approved(&received).await;
    bench.service.app.publication.settle().await;
    let path = format!("/api/v1/results/{}/evidence", received.id);
    let answer = clerk(&bench.service).await.get(&path).await;
    unpacked(&answer.body)
}

#[tokio::test]
async fn the_text_in_the_evidence_names_pieces_that_are_there() {
    let bench = Bench::new(policy("B-B", "warn")).await;
    let stranger = identity(&pki(KeyKind::P256));
    let signed = sealed(&pdf("x"), request(), &stranger);
    let folder = evidence_of(&bench, &signed).await;
    let out = folder.path().join("out");
    assert!(
        !out.join("tep-1/chu-ky-01.p7s").exists(),
        "it is not trusted"
    );
    assert!(looked_at(&out) >= 2);
}

/// The message of a signature that is not good is evidence, too, where somebody known made it.
#[tokio::test]
async fn the_evidence_says_truly_whose_messages_it_holds() {
    let bench = Bench::new(policy("B-B", "warn")).await;
    let mut broken = sealed(&pdf("x"), request(), &bench.authorities.agency());
    let title = find(&broken, b"(x)");
    broken[title + 1] = b'y';
    let folder = evidence_of(&bench, &broken).await;
    let out = folder.path().join("out");
    let report = std::fs::read_to_string(out.join("tep-1/bao-cao.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["signatures"][0]["indication"], "TOTAL_FAILED");
    assert!(out.join("tep-1/chu-ky-01.p7s").exists());
    let text = std::fs::read_to_string(out.join("DOC-TOI.txt")).unwrap();
    assert!(!text.contains("of trusted signatures alone"), "{text}");
    for told in [
        "chỉ gồm chữ ký có chứng thư dẫn tới nguồn tin cậy",
        "of those alone whose certificate leads to a trusted source",
    ] {
        assert!(text.contains(told), "{text}");
    }
}

#[tokio::test]
async fn evidence_is_the_agencys_own_and_comes_with_the_seal() {
    let bench = Bench::new(policy("B-B", "warn")).await;
    let service = &bench.service;
    let waiting = service.received(CODE, &[&pdf("x")]).await;
    let path = format!("/api/v1/results/{}/evidence", waiting.id);
    let own = clerk(service).await;
    let answer = own.get(&path).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
    assert!(answer.text().contains("state_conflict"));
    service.approved(&waiting).await;
    service.app.publication.settle().await;
    assert_eq!(own.get(&path).await.status, StatusCode::OK);

    let other = service.agency_below(service.agency).await;
    add_officer(service, other, "khac", &[trao::account::Role::Clerk]).await;
    let mut stranger = Visitor::of(service);
    stranger.log_in("khac").await;
    assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND);
    let nobody = Visitor::of(service);
    assert_eq!(
        nobody.ask(Method::GET, &path, &[], "").await.status,
        StatusCode::UNAUTHORIZED
    );
    let now = service.now();
    let publisher = service.key(&[Scope::Publish]);
    let refused = service
        .app
        .publication
        .evidence_of(&publisher, waiting.id, now)
        .await;
    assert_eq!(refused.unwrap_err().code(), "forbidden");
}

/// A store may hold anything: what no trusted signature rests on is nobody's evidence.
#[tokio::test]
async fn what_a_stranger_put_into_the_store_is_no_evidence() {
    let bench = Bench::new(policy("B-LT", "hold")).await;
    let service = &bench.service;
    let garbage = "<< /Length 9 >>\nstream\nnonsense!\nendstream";
    let file = PdfFile::new(XrefKind::Table)
        .catalog("/DSS << /CRLs [20 0 R] /OCSPs [20 0 R] /Certs [20 0 R] >>")
        .object(20, garbage)
        .build();
    let received = service.received(CODE, &[&file]).await;
    service.approved(&received).await;
    service.app.publication.settle().await;
    let own = clerk(service).await;
    let path = format!("/api/v1/results/{}/evidence", received.id);
    let answer = own.get(&path).await;
    assert_eq!(answer.status, StatusCode::OK);
    // Nothing in it is compressed.
    let archive = String::from_utf8_lossy(&answer.body);
    assert!(!archive.contains("nonsense!"));
    for name in ["tep-1/thu-hoi/ocsp-01.der", "tep-1/kho-chung-thu.pem"] {
        assert!(archive.contains(name), "{name}");
    }
}
