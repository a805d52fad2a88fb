//! In what words a person is told why a file was not done: once, and in the language of the shell.

use super::desk::Desk;
use crate::support::pdf_file::{PdfFile, XrefKind};
use crate::support::pki_service::Mode;
use crate::support::program::Run;

const VIETNAMESE: &str = "vi_VN.UTF-8";

fn assert_told(run: &Run, line: &str) {
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.said.lines().any(|said| said == line), "{line}: {run:?}");
}

#[test]
fn a_damaged_file_is_called_damaged_once_and_its_detail_is_called_technical() {
    let desk = Desk::new();
    desk.file("in.pdf", b"%PDF-1.7\nstartxref\n9\n%%EOF\n");
    let detail = "no cross-reference section stands where startxref says";
    assert_told(
        &desk.run(VIETNAMESE, &["inspect", "in.pdf"]),
        &format!("trao: in.pdf: Tệp PDF bị hỏng (chi tiết kỹ thuật: {detail}) [pdf_damaged]"),
    );
    assert_told(
        &desk.run("C", &["inspect", "in.pdf"]),
        &format!("trao: in.pdf: The PDF is damaged: {detail} [pdf_damaged]"),
    );
    // A signed file that is exported anew has lost its signature.
    assert_told(
        &desk.run(VIETNAMESE, &["inspect", "in.pdf"]),
        "  pdf_damaged: Hãy lấy lại tệp từ nơi đã gửi, hoặc xuất lại PDF từ phần mềm soạn thảo, rồi \
         làm lại. Tệp đã ký số thì đừng xuất lại, vì sẽ mất chữ ký.",
    );
    assert_told(
        &desk.run("C", &["inspect", "in.pdf"]),
        "  pdf_damaged: Fetch it again from where it came, or export it again from the program it was \
         written in, and try again. Never export a signed file again: that loses its signature.",
    );
}

#[test]
fn the_commonest_refusals_have_words_in_vietnamese() {
    let desk = Desk::new();
    desk.file("wrong", b"wrong");
    let sign = [
        "sign",
        "in.pdf",
        "--out",
        "out.pdf",
        "--identity",
        "agency.p12",
    ];
    let wrong = [&sign[..], &["--passphrase-file", "wrong"]].concat();
    assert_told(
        &desk.run(VIETNAMESE, &wrong),
        "trao: Mật khẩu của khóa không đúng [identity_unfit]",
    );
    desk.seal("b", "b.pdf");
    assert_told(
        &desk.run(VIETNAMESE, &["verify", "b.pdf"]),
        "trao: Chưa có chứng thư gốc nào để tin cậy: hãy thêm --trust, hoặc mục [trust] trong \
         tệp cấu hình [no_anchor]",
    );
    let encrypted = PdfFile::new(XrefKind::Table).trailer("/Encrypt 9 0 R");
    desk.file(
        "in.pdf",
        &encrypted.object(9, "<< /Filter /Standard >>").build(),
    );
    assert_told(
        &desk.run(VIETNAMESE, &["inspect", "in.pdf"]),
        "trao: in.pdf: Tệp PDF bị mã hóa: có mật khẩu mở tệp hoặc bị hạn chế quyền in, sửa \
         [pdf_encrypted]",
    );
}

#[test]
fn what_to_do_is_said_once_for_all_files_that_failed_alike() {
    let desk = Desk::new();
    desk.file("a.pdf", b"none");
    desk.file("b.pdf", b"none");
    let advice = "  not_pdf: No %PDF- stands within its first 1,024 bytes. Export the document as a PDF and \
                  try again.";
    let files = ["a.pdf", "b.pdf", "in.pdf"];
    let runs = [
        desk.sign(&[&files[..], &["--out", "out"]].concat()),
        desk.run("C", &[&["inspect"], &files[..]].concat()),
        desk.verify("C", &files),
        desk.sign(&["a.pdf", "--out", "out.pdf"]),
    ];
    for run in runs {
        let given = run.said.lines().filter(|line| *line == advice).count();
        assert_eq!((run.status, given), (Some(1), 1), "{run:?}");
    }
}

#[test]
fn what_is_found_in_a_file_is_told_in_the_users_language_with_its_code() {
    let desk = Desk::new();
    let file = PdfFile::new(XrefKind::Table).catalog("/OpenAction << /S /JavaScript /JS (x) >>");
    desk.file("in.pdf", &file.build());
    for (language, heading, finding) in [
        (
            VIETNAMESE,
            "in.pdf: PDF 1.7, số trang: 1, số phiên bản: 1, số chữ ký: 0",
            "  ! Tệp có mã JavaScript (chi tiết kỹ thuật: ",
        ),
        (
            "C",
            "in.pdf: PDF 1.7, pages: 1, revisions: 1, signatures: 0",
            "  ! The file contains JavaScript: ",
        ),
    ] {
        let run = desk.run(language, &["inspect", "in.pdf"]);
        assert_eq!(run.status, Some(0), "{run:?}");
        let lines: Vec<&str> = run.printed.lines().collect();
        assert_eq!(lines[0], heading);
        let is_told = |line: &&str| line.starts_with(finding) && line.ends_with(" [javascript]");
        assert!(lines.iter().any(is_told), "{finding}: {run:?}");
    }
}

#[test]
fn a_file_that_was_written_at_a_lower_level_is_not_called_undone() {
    let desk = Desk::new();
    desk.service.set_tsa(Mode::Down);
    let tsa = desk.service.tsa_url();
    let run = desk.run(
        VIETNAMESE,
        &[
            "sign",
            "in.pdf",
            "--out",
            "out.pdf",
            "--level",
            "t",
            "--tsa",
            &tsa,
            "--trust",
            "root.pem",
            "--identity",
            "agency.p12",
            "--passphrase-file",
            "pass",
        ],
    );
    assert!(desk.path("out.pdf").exists());
    assert_told(
        &run,
        "trao: Có tệp chưa đạt mức chữ ký yêu cầu: 1 / 1 [level_not_reached]",
    );
    let begin = "trao: in.pdf: Chưa đạt mức chữ ký yêu cầu: tệp đã được ghi ở mức B-B. Không lấy \
                 được dấu thời gian (chi tiết kỹ thuật: time_stamp_unavailable: ";
    let is_told = |line: &str| line.starts_with(begin) && line.ends_with(") [level_not_reached]");
    assert!(run.said.lines().any(is_told), "{run:?}");
    assert!(!run.said.contains("[some_failed]"), "{run:?}");
}
