//! What a clerk is told of a file's behaviour.

use trao::pades::{Limits, Refusal, inspect};

use super::inspected;
use crate::support::pdf::find;
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
                "<< /Type /Page /Parent 2 0 R /Contents [4 0 R] \
                 /Resources << /XObject << /X 10 0 R >> >> >>",
            );
        assert_eq!(codes(&file), ["external_content"], "{body}");
    }
    let within = "<< /Length 0 >>\nstream\n\nendstream";
    let file = PdfFile::new(XrefKind::Table).object(10, within);
    assert!(codes(&file).is_empty());
}

#[test]
fn what_follows_an_action_is_told_however_late_it_comes() {
    let mut chain = PdfFile::new(XrefKind::Table).catalog("/OpenAction 10 0 R");
    for number in 10..310 {
        let next = number + 1;
        chain = chain.object(number, &format!("<< /S /GoTo /Next {next} 0 R >>"));
    }
    let chain = chain.object(310, "<< /S /JavaScript /JS (x) >>");
    assert_eq!(codes(&chain), ["javascript"]);

    let many = "<< /S /GoTo >> ".repeat(100);
    let many = format!("/OpenAction << /S /GoTo /Next [{many}<< /S /Launch >>] >>");
    let many = PdfFile::new(XrefKind::Table).catalog(&many);
    assert_eq!(codes(&many), ["launch_action"]);

    let mut outline = PdfFile::new(XrefKind::Table).catalog("/Outlines << /First 10 0 R >>");
    for number in 10..20_110 {
        outline = outline.object(number, &format!("<< /Next {} 0 R >>", number + 1));
    }
    let outline = outline.object(20_110, "<< /A << /S /Launch >> >>");
    assert_eq!(codes(&outline), ["launch_action"]);
}

#[test]
fn the_outline_is_walked_from_its_end_too() {
    let begin = |way: &str| {
        let outlines = format!("/Outlines << {way} 10 0 R >>");
        PdfFile::new(XrefKind::Table).catalog(&outlines)
    };
    let launch = "<< /A << /S /Launch >> >>";
    let last = begin("/Last").object(10, launch);
    assert_eq!(codes(&last), ["launch_action"]);
    let before = begin("/First").object(10, "<< /Prev 11 0 R >>");
    assert_eq!(codes(&before.object(11, launch)), ["launch_action"]);
}

#[test]
fn actions_that_lead_in_a_circle_are_no_error() {
    let file = PdfFile::new(XrefKind::Table)
        .catalog("/OpenAction 10 0 R /Outlines 12 0 R")
        .object(10, "<< /S /GoTo /Next [11 0 R 10 0 R] >>")
        .object(11, "<< /S /GoTo /Next 10 0 R >>")
        .object(
            12,
            "<< /First 12 0 R /Next 12 0 R /A << /S /GoTo /Next 13 0 R >> >>",
        )
        .object(13, "[<< /S /GoTo /Next 13 0 R >> 10 0 R]");
    assert!(codes(&file).is_empty());
    let place = PdfFile::new(XrefKind::Table)
        .catalog("/OpenAction 10 0 R")
        .object(10, "[3 0 R /Fit]");
    assert!(codes(&place).is_empty());
}

#[test]
fn an_action_is_told_in_each_way_that_sets_it_off() {
    // As an entry of the outline it waits for a click; as an annotation it does more.
    let both = PdfFile::new(XrefKind::Table)
        .catalog("/Outlines << /First 10 0 R >>")
        .page(&format!("{BOX}/Annots [10 0 R]"))
        .object(10, "<< /A << /S /GoTo >> /AA << /E << /S /Launch >> >> >>");
    assert_eq!(codes(&both), ["launch_action"]);
    let shared = PdfFile::new(XrefKind::Table)
        .catalog("/Outlines << /First << /A 10 0 R >> >> /AA << /WC 10 0 R >>")
        .object(10, "<< /S /URI >>");
    assert_eq!(codes(&shared), ["external_action"]);
    let stream = PdfFile::new(XrefKind::Table)
        .catalog("/OpenAction 10 0 R")
        .object(
            10,
            "<< /S /JavaScript /JS (x) /Length 0 >>\nstream\n\nendstream",
        );
    assert_eq!(codes(&stream), ["javascript"]);
}

#[test]
fn more_than_anybody_looks_at_is_not_called_clean() {
    let actions = "<< /S /GoTo >> ".repeat(50);
    let catalog = format!("/OpenAction << /S /GoTo /Next [{actions}] >>");
    let file = PdfFile::new(XrefKind::Table).catalog(&catalog).build();
    let looked = |content: usize| {
        let limits = Limits {
            content,
            ..Limits::default()
        };
        inspect(&file, &limits).map(|inspection| inspection.findings)
    };
    assert_eq!(looked(1000).unwrap(), []);
    assert!(matches!(looked(50), Err(Refusal::PdfTooComplex(_))));
}

#[test]
fn content_outside_is_told_wherever_a_page_draws_on_it() {
    let outside = "<< /Length 0 /F (other.bin) >>\nstream\n\nendstream";
    let form = "<< /Subtype /Form /Length 0 /Resources << /XObject << /X 10 0 R >> >> >>\n\
                stream\n\nendstream";
    let named = |resources: &str| format!("<< /Type /Page /Parent 2 0 R /Resources {resources} >>");
    for page in [
        named("<< /XObject << /Form 11 0 R >> >>"),
        named("<< /Pattern << /P 11 0 R >> >>"),
        named("<< /ExtGState << /G << /SMask << /G 11 0 R >> >> >> >>"),
        named("<< /Font << /F << /CharProcs << /a 11 0 R >> >> >> >>"),
        named("<< /ColorSpace << /C [/ICCBased 10 0 R] >> >>"),
        "<< /Type /Page /Parent 2 0 R /Annots [<< /AP << /N << /On 11 0 R >> >> >>] >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R >>".to_owned(),
    ] {
        let file = PdfFile::new(XrefKind::Table)
            .object(10, outside)
            .object(11, form)
            .object(
                2,
                "<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /XObject << /X 10 0 R >> >> >>",
            )
            .object(3, &page);
        assert_eq!(codes(&file), ["external_content"], "{page}");
    }
}

#[test]
fn forms_within_each_other_and_what_is_missing_are_no_error() {
    let form = "<< /Subtype /Form /Length 0 /Resources << /XObject << /X 10 0 R /Y 99 0 R >> >> >>\n\
                stream\n\nendstream";
    let file = PdfFile::new(XrefKind::Table).object(10, form).object(
        3,
        "<< /Type /Page /Parent 2 0 R /Resources << /XObject << /X 10 0 R >> >> >>",
    );
    assert!(codes(&file).is_empty());
}

#[test]
fn layers_that_another_choice_hides_are_told() {
    for configuration in ["/OFF [10 0 R]", "/BaseState /OFF", "/AS [<< >>]"] {
        let catalog =
            format!("/OCProperties << /D << >> /Configs [<< >> << {configuration} >>] >>");
        let file = PdfFile::new(XrefKind::Table).catalog(&catalog);
        assert_eq!(codes(&file), ["optional_content_hidden"], "{configuration}");
    }
    let shown = "/OCProperties << /D << /ON [10 0 R] >> /Configs [<< /BaseState /ON >>] >>";
    assert!(codes(&PdfFile::new(XrefKind::Table).catalog(shown)).is_empty());
}

#[test]
fn content_that_waits_for_a_layer_to_go_off_is_told() {
    let page = |membership: &str| {
        let resources = format!("/Properties << /L << /Type /OCMD {membership} >> >>");
        PdfFile::new(XrefKind::Table).object(
            3,
            &format!("<< /Type /Page /Parent 2 0 R /Resources << {resources} >> >>"),
        )
    };
    for membership in ["/P /AllOff", "/P /AnyOff", "/VE [/Not 10 0 R]"] {
        let found = codes(&page(membership));
        assert_eq!(found, ["optional_content_hidden"], "{membership}");
    }
    assert!(codes(&page("/P /AnyOn /OCGs [10 0 R]")).is_empty());
}

#[test]
fn a_tree_in_which_readers_find_other_pages_is_told() {
    let file = |pages: &str| {
        let page = "<< /Type /Page /Parent 6 0 R /MediaBox [0 0 595 842] >>";
        let branch = "<< /Type /Pages /Parent 2 0 R /Kids [15 0 R 16 0 R] /Count 2 >>";
        PdfFile::new(XrefKind::Table)
            .object(2, &format!("<< /Type /Pages {pages} >>"))
            .object(15, page)
            .object(16, page)
            .object(6, branch)
            .object(7, "<< /Type /Pages /Parent 2 0 R /Count 0 >>")
            .object(8, "<< /Type /Pages /Parent 2 0 R /Kids [] /Count 0 >>")
            // A page that names another branch, one that is called a branch, one without a word, a
            // branch that is called a page.
            .object(9, page)
            .object(12, "<< /Type /Page /Parent 2 0 R /Kids [3 0 R] /Count 1 >>")
            .object(13, "<< /Parent 2 0 R >>")
            .object(14, "<< /Type /Page /Parent 2 0 R /Resources null >>")
    };
    let direct = "<< /Type /Pages /Kids [15 0 R] /Count 1 >>";
    for pages in [
        "/Kids [3 0 R] /Count 2",
        "/Kids [3 0 R] /Count -1",
        "/Kids [3 0 R]",
        "/Kids [6 0 R 3 0 R] /Count 2",
        "/Kids [3 0 R 6 0 R] /Count 1",
        "/Kids [3 0 R null] /Count 1",
        "/Kids [3 0 R 99 0 R] /Count 1",
        "/Kids [3 0 R 7 0 R] /Count 1",
        "/Kids [9 0 R] /Count 1",
        "/Kids [12 0 R] /Count 1",
        "/Kids [13 0 R] /Count 1",
        "/Kids [14 0 R] /Count 1",
        "/Kids [3 0 R] /Count 1 /Parent 3 0 R",
        "/Kids [3 0 R] /Count 1 /Resources 99 0 R",
        "/Kids [3 0 R] /Count 1 /Annots [4 0 R]",
        &format!("/Kids [{direct} 3 0 R] /Count 2"),
    ] {
        assert_eq!(codes(&file(pages)), ["page_tree_uneven"], "{pages}");
    }
    for pages in [
        "/Kids [3 0 R] /Count 1",
        "/Kids [3 0 R] /Count 1 /Annots null",
        "/Kids [3 0 R 6 0 R] /Count 3",
        "/Kids [6 0 R 3 0 R] /Count 3",
        "/Kids [6 0 R 3 0 R 8 0 R] /Count 3",
        "/Kids [8 0 R 6 0 R 3 0 R] /Count 3",
    ] {
        assert!(codes(&file(pages)).is_empty(), "{pages}");
    }
}

#[test]
fn what_readers_read_differently_is_told() {
    let page = |entries: &str| {
        let page = format!("<< /Type /Page /Parent 2 0 R {entries} >>");
        PdfFile::new(XrefKind::Table).object(3, &page)
    };
    for entries in [
        "/Contents 4 0 R /Contents 5 0 R",
        "/Resources << /Font << /F1 4 0 R /F1 5 0 R >> >>",
        "/X [/A#4(] /Contents 4 0 R /Y [%)\n]",
        "/X /A# /Contents 4 0 R",
        "/Contents 4 0R",
        "/X what /Contents 4 0 R",
    ] {
        assert_eq!(codes(&page(entries)), ["ambiguous_structure"], "{entries}");
    }
    for entries in [
        "/Rotate 0 /Rotate 0",
        "/Resources << /Font << /F1 4 0 R /1F 5 0 R >> >>",
        "/X /A#42 /Contents 4 0 R",
    ] {
        assert!(codes(&page(entries)).is_empty(), "{entries}");
    }
    let held = PdfFile::new(XrefKind::Stream).page("/Rotate 0 /Rotate 90");
    assert_eq!(codes(&held), ["ambiguous_structure"]);
}

/// A file in which this stands for what is as long.
fn with(kind: XrefKind, changes: &[(&str, &str)]) -> Vec<u8> {
    let page = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources 10 0 R >>";
    let mut file = PdfFile::new(kind)
        .object(1, "    << /Type /Catalog /Pages 2 0 R >>")
        .object(3, page)
        .object(10, "<< /Font << /F1 5 0 R >> >>")
        .object(12, "<< /Font << /F1 5 0 R >> >>")
        .build();
    if kind == XrefKind::Table {
        let freed = find(&file, b"12 1\n") + b"12 1\nnnnnnnnnnn ggggg ".len();
        file[freed] = b'f';
    }
    for (old, new) in changes {
        assert_eq!(old.len(), new.len(), "{new}");
        let at = find(&file, old.as_bytes());
        file[at..at + old.len()].copy_from_slice(new.as_bytes());
    }
    file
}

#[test]
fn what_readers_look_for_elsewhere_is_told() {
    let told = |file: &[u8]| {
        let findings = inspected(file).unwrap().findings;
        let codes: Vec<_> = findings.into_iter().map(|found| found.code).collect();
        codes.contains(&"ambiguous_structure".to_owned())
    };
    let (table, stream) = (XrefKind::Table, XrefKind::Stream);
    for (kind, changes) in [
        (table, &[("/Contents 4 0 R", "/Contents 4 7 R")] as &[_]),
        (table, &[("10 1\n", "11 1\n"), ("10 0 R", "11 0 R")]),
        (table, &[("10 0 R", "12 0 R")]),
        (table, &[("stream\nBT", "stream BT")]),
        (table, &[("/Contents 4", "/Contents\u{0}4")]),
        (table, &[("/Type /Font", "/T#00 /Font")]),
        (table, &[("/Type /Font", "/Type <Fon>")]),
        (stream, &[("/N 2 /", "/N 3 /")]),
        (
            stream,
            &[
                ("/N 2 /First 9 ", "/N 2/First 13 "),
                ("1 0 3 38     ", "1 0 3 34 7 0 "),
            ],
        ),
        (
            stream,
            &[
                ("1 0 3 38 ", "3 38 1 0 "),
                ("\u{2}\0\0\u{8}\u{1}", "\u{2}\0\0\u{8}\u{7}"),
                ("\u{2}\0\0\u{8}\0", "\u{2}\0\0\u{8}\u{1}"),
                ("\u{2}\0\0\u{8}\u{7}", "\u{2}\0\0\u{8}\0"),
            ],
        ),
    ] {
        assert!(told(&with(kind, changes)), "{changes:?}");
    }
    for kind in [table, stream] {
        assert!(!told(&with(kind, &[])));
    }
    let mut missed = with(table, &[]);
    let last = missed.len() - "7\n%%EOF\n".len();
    missed[last] = if missed[last] == b'9' {
        b'8'
    } else {
        missed[last] + 1
    };
    assert!(told(&missed));
    let name = format!("/Long /{}", "N".repeat(128));
    assert!(codes(&PdfFile::new(table).page(&name)).contains(&"ambiguous_structure".to_owned()));
    assert!(codes(&PdfFile::new(table).page(&name[..name.len() - 1])).is_empty());
}
