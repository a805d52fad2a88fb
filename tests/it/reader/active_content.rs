//! What a clerk is told of a file's behaviour.

use super::inspected;
use crate::support::pdf_file::{PdfFile, XrefKind};

const BOX: &str = "/MediaBox [0 0 595 842] ";

fn codes(file: &PdfFile) -> Vec<String> {
    let findings = inspected(&file.build()).unwrap().findings;
    findings.into_iter().map(|finding| finding.code).collect()
}

#[test]
fn what_the_catalog_starts_carries_or_hides_is_told() {
    for (entries, expected) in [
        ("/OpenAction << /S /JavaScript /JS (x) >>", "javascript"),
        (
            "/OpenAction << /S /GoTo /Next << /S /Launch >> >>",
            "launch_action",
        ),
        ("/OpenAction << /S /SubmitForm >>", "external_action"),
        ("/OpenAction << /S /Hide >>", "open_action"),
        ("/AA << /WC << /S /Hide >> >>", "additional_action"),
        ("/Names << /JavaScript << >> >>", "javascript"),
        ("/Names << /EmbeddedFiles << >> >>", "embedded_files"),
        ("/AF [10 0 R]", "embedded_files"),
        ("/AcroForm << /XFA [] >>", "xfa"),
        (
            "/OCProperties << /D << /AS [<< /Event /Print >>] >> >>",
            "optional_content_hidden",
        ),
        ("/Collection << >>", "embedded_files"),
        ("/Perms << /UR3 10 0 R >>", "usage_rights"),
        (
            "/AcroForm << /Fields [<< /T (a) /AA << /C << /S /JavaScript >> >> >>] >>",
            "javascript",
        ),
        (
            "/Outlines << /First << /A << /S /Launch >> >> >>",
            "launch_action",
        ),
        (
            "/OCProperties << /D << /OFF [10 0 R] >> >>",
            "optional_content_hidden",
        ),
    ] {
        let file = PdfFile::new(XrefKind::Table).catalog(entries);
        assert_eq!(codes(&file), [expected], "{entries}");
    }
}

#[test]
fn what_pages_and_annotations_do_is_told() {
    for (annotation, expected) in [
        ("/Subtype /Link /A << /S /Launch >>", "launch_action"),
        (
            "/Subtype /Link /A << /S /URI /Next << /S /JavaScript >> >>",
            "javascript",
        ),
        ("/Subtype /FileAttachment", "embedded_files"),
        (
            "/Subtype /Link /A << /S /Rendition /JS (x) >>",
            "javascript",
        ),
        (
            "/Subtype /Link /A << /S /SetOCGState >>",
            "optional_content_hidden",
        ),
        ("/Subtype /Link /A << /S /Hide >>", "hidden_annotation"),
        ("/Subtype /Link /A << /S /Thread >>", "external_action"),
        ("/Subtype /RichMedia", "rich_media"),
        ("/Subtype /Stamp /F 2", "hidden_annotation"),
        ("/Subtype /Widget /Parent 11 0 R", "javascript"),
    ] {
        let file = PdfFile::new(XrefKind::Stream)
            .page(&format!("{BOX}/Annots 10 0 R"))
            .object(10, &format!("[<< {annotation} >>]"))
            .object(11, "<< /FT /Tx /Parent 12 0 R >>")
            .object(12, "<< /Parent 11 0 R /AA << /K << /S /JavaScript >> >> >>");
        assert_eq!(codes(&file), [expected], "{annotation}");
    }
    let page = PdfFile::new(XrefKind::Table).page(&format!("{BOX}/AA << /O << /S /Launch >> >>"));
    assert_eq!(codes(&page), ["launch_action"]);
}

#[test]
fn what_every_second_document_has_is_no_finding() {
    for annotation in [
        "/Subtype /Link /A << /S /URI /URI (https://example.org) >>",
        "/Subtype /Link /A << /S /GoTo >>",
        "/Subtype /Popup /F 2",
        "/Subtype /Widget /FT /Sig /F 2",
        "/Subtype /Highlight /F 4",
    ] {
        let file = PdfFile::new(XrefKind::Table)
            .catalog("/OpenAction << /S /GoTo /D [3 0 R /Fit] >>")
            .page(&format!("{BOX}/Annots [<< {annotation} >>]"));
        assert!(codes(&file).is_empty(), "{annotation}");
    }
}

#[test]
fn content_that_is_kept_outside_is_told() {
    let outside = "<< /Length 0 /F (other.bin) >>\nstream\n\nendstream";
    let reference = "<< /Subtype /Form /Ref << >> /Length 0 >>\nstream\n\nendstream";
    for (number, body) in [(4, outside), (10, outside), (10, reference)] {
        let file = PdfFile::new(XrefKind::Table)
            .object(number, body)
            .object(11, "<< /Type /Page >>")
            .object(
                3,
                "<< /Type /Page /Contents [4 0 R] /Resources << /XObject << /X 10 0 R >> >> >>",
            );
        assert_eq!(codes(&file), ["external_content"], "{body}");
    }
    let within = "<< /Length 0 >>\nstream\n\nendstream";
    let file = PdfFile::new(XrefKind::Table).object(10, within);
    assert!(codes(&file).is_empty());
}
