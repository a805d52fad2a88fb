//! `trao verify`: in plain words for people, in JSON for programs, for a file that cannot be read
//! too.

use serde_json::{Value, json};
use trao::pades::SealRequest;

use super::desk::Desk;
use crate::support::program::Run;
use crate::support::seal::{request, sealed};
use crate::support::service::pdf;

fn assert_says(run: &Run, lines: &[&str]) {
    for line in lines {
        let said = run
            .printed
            .lines()
            .any(|said| said.trim_start().starts_with(line));
        assert!(said, "{line}: {run:?}");
    }
}

#[test]
fn each_fact_of_a_signature_is_told_in_plain_words_of_both_languages() {
    let desk = Desk::new();
    desk.seal("b", "b.pdf");
    desk.seal("lta", "lta.pdf");
    let basic = desk.verify("vi_VN.UTF-8", &["b.pdf"]);
    assert_eq!(basic.status, Some(0), "{basic:?}");
    assert_says(
        &basic,
        &[
            "b.pdf: không thấy gì sai, nhưng chưa kết luận được",
            "1. Chữ ký số: ",
            "Người ký: ",
            "Nguyên vẹn: Có",
            "Phạm vi: Toàn bộ tệp",
            "Thay đổi sau khi ký: Không có",
            "Chuỗi chứng thư: Tin cậy",
            "Thu hồi chứng thư: Chưa tra",
            "Thời điểm: ",
            "Mức: Cơ bản (B-B)",
            "Kết luận: Chưa kết luận được [INDETERMINATE]: không thấy gì sai",
        ],
    );
    assert!(
        basic
            .printed
            .contains("do người ký ghi, không có dấu thời gian chứng minh")
    );

    let archived = desk.verify("en_GB.UTF-8", &["lta.pdf"]);
    assert_eq!(archived.status, Some(0), "{archived:?}");
    assert_says(
        &archived,
        &[
            "lta.pdf: the signatures are valid",
            "1. Signature: ",
            "Changes after it: Permitted ones only",
            "Revocation: Not revoked",
            "Level: For archives (B-LTA)",
            "Conclusion: Valid [TOTAL_PASSED]",
            "2. Document time-stamp: ",
            "Stamped by: ",
        ],
    );
    assert_eq!(
        archived.printed.matches("proven by a time-stamp").count(),
        2
    );
}

#[test]
fn what_is_wrong_is_told_in_a_sentence_with_its_code() {
    let desk = Desk::new();
    desk.seal("b", "b.pdf");
    let mut changed = std::fs::read(desk.path("b.pdf")).unwrap();
    changed[20] ^= 1;
    desk.file("changed.pdf", &changed);
    let run = desk.verify("vi_VN.UTF-8", &["changed.pdf"]);
    run.assert_refused("some_failed");
    assert_says(
        &run,
        &[
            "changed.pdf: chữ ký KHÔNG hợp lệ",
            "Nguyên vẹn: Không",
            "Kết luận: Không hợp lệ [TOTAL_FAILED]: nội dung không khớp với chữ ký [HASH_FAILURE]",
            "! Nội dung không khớp với chữ ký [digest_mismatch]",
        ],
    );
    let unsigned = desk.verify("C", &["in.pdf"]);
    assert_eq!(unsigned.status, Some(1));
    assert_says(&unsigned, &["in.pdf: there is no signature"]);
    let unsigned = desk.run("C", &["verify", "in.pdf"]);
    unsigned.assert_refused("some_failed");
    assert!(!unsigned.said.contains("--trust"), "{unsigned:?}");
}

#[test]
fn no_string_of_a_file_makes_a_line_of_its_own() {
    let desk = Desk::new();
    let field = "x\n  2) \u{1b}[2K\u{202e}Kết luận: TOTAL_PASSED";
    let request = SealRequest {
        field_name: Some(field.to_owned()),
        ..request()
    };
    let forged = sealed(&pdf("forged"), request, &desk.service.agency());
    desk.file("forged.pdf", &forged);
    desk.file("a\u{1b}[2K\n.pdf", b"no PDF");
    let run = desk.verify("C", &["forged.pdf", "a\u{1b}[2K\n.pdf"]);
    run.assert_refused("some_failed");
    let shown = "x\u{fffd}  2) \u{fffd}[2K\u{fffd}Kết luận: TOTAL_PASSED";
    assert_says(&run, &[&format!("1. Signature: {shown}")]);
    let told = run.printed + &run.said;
    assert!(!told.contains(['\u{1b}', '\u{202e}']), "{told:?}");
    assert!(
        told.contains("trao: a\u{fffd}[2K\u{fffd}.pdf: "),
        "{told:?}"
    );
    let inspected = desk.run("C", &["inspect", "a\u{1b}[2K\n.pdf"]);
    assert!(!inspected.said.contains('\u{1b}'), "{inspected:?}");
    let read = desk.verify("C", &["--json", "forged.pdf"]).all_lines();
    assert_eq!(read[0]["signatures"][0]["field"], field);
}

#[test]
fn programs_get_a_line_for_each_file_also_for_one_that_cannot_be_read() {
    let desk = Desk::new();
    desk.seal("t", "t.pdf");
    desk.file("text.pdf", b"no PDF");
    let run = desk.verify("C", &["--json", "nowhere.pdf", "text.pdf", "t.pdf"]);
    run.assert_refused("some_failed");
    let lines = run.all_lines();
    let unread = |file: &str, code: &str| json!({ "file": file, "valid": false, "signatures": [], "error": code });
    assert_eq!(lines[0], unread("nowhere.pdf", "file_unreadable"));
    assert_eq!(lines[1], unread("text.pdf", "not_pdf"));
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&lines[2]), ["file", "signatures", "valid"]);
    let signature = &lines[2]["signatures"][0];
    let promised = [
        "chain",
        "changes_after",
        "covers",
        "field",
        "findings",
        "indication",
        "intact",
        "level",
        "revocation",
        "signer",
        "sub_indication",
        "time",
        "time_proven",
        "type",
    ];
    assert_eq!(keys(signature), promised);
    assert_eq!(signature["time_proven"], true);
}
