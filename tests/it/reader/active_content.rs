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
