//! What readers would mend each in its own way, and what comes of it in a sealed file: every reader
//! finds the same.

use lopdf::Object;
use trao::pades::{Limits, Pdf, XrefEntry};

use super::doubtful::{assert_refused, plain, rebuilt_within, sealed, with};
use super::inspected;
use crate::support::pdf_file::{PdfFile, XrefKind};

fn opened<T>(file: &[u8], look: impl FnOnce(&Pdf<'_>) -> T) -> T {
    let file = file.to_vec();
    look(&Pdf::open(&file, &Limits::default()).unwrap())
}

#[test]
fn a_stream_ends_with_a_whole_word() {
    let data = |file: &[u8]| {
        opened(&sealed(file), |pdf| match pdf.object((20, 0)).unwrap() {
            Object::Stream(stream) => String::from_utf8(pdf.stream_raw(&stream).unwrap()),
            other => panic!("{other:?}"),
        })
    };
    let far = format!("q\nendstreamX {}\nendstream1\nQ", "z".repeat(300 << 10));
    for (stands, read) in [
        ("q\nendstream\nendobj\n", "q"),
        ("q\nendstream", "q"),
        ("q\nendstreamendobj\n", "q"),
        ("q\nendstreamX Q\nendstream\nendobj\n", "q\nendstreamX Q"),
        ("q\nendstreamX\nendobj\n", "q"),
        (&(far.clone() + "\nendstream\nendobj\n"), far.as_str()),
    ] {
        let file = plain(&format!("20 0 obj\n<< /Length 1 >>\nstream\n{stands}"));
        assert!(data(&file).unwrap() == read, "{stands:.40}");
    }
}

#[test]
fn no_part_of_a_longer_word_ends_the_last_stream_of_a_file() {
    let far = "<< /Length 20 >>\nstream\nq\nendstream";
    for (word, is_an_end) in [
        ("(endstream )", true),
        ("(endstreamendobj)", true),
        ("(endstreamX)", false),
    ] {
        let file = PdfFile::new(XrefKind::Table).object(10, far);
        let file = file.object(11, word).build();
        assert_eq!(inspected(&file).unwrap().is_rebuilt(), !is_an_end, "{word}");
    }
}

/// A damaged file with such nodes in its page tree: a branch, and the page that the branch has.
fn tree(root: &str, branch: &str, page: &str) -> Vec<u8> {
    let file = PdfFile::new(XrefKind::Table)
        .object(2, root)
        .object(10, branch)
        .object(11, page);
    with(&file, "")
}

const ROOT: &str = "<< /Type /Pages /Kids [10 0 R 3 0 R] /Count 2 >>";
const BRANCH: &str = "<< /Type /Pages /Parent 2 0 R /Kids [11 0 R] /Count 1 >>";
const PAGE: &str = "<< /Type /Page /Parent 10 0 R /MediaBox [0 0 9 9] >>";

/// What a node says of itself.
fn entries(pdf: &Pdf<'_>, number: u32) -> [Option<Object>; 3] {
    match pdf.object((number, 0)).unwrap() {
        Object::Dictionary(node) => {
            ["Type", "Parent", "Count"].map(|key| node.get(key.as_bytes()).ok().cloned())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_node_of_the_page_tree_says_what_it_is_where_it_is_and_how_many_pages_it_has() {
    let expected = opened(&sealed(&tree(ROOT, BRANCH, PAGE)), |pdf| {
        [2, 10, 11].map(|number| entries(pdf, number))
    });
    let count = |node: &str, count: &str| {
        let (before, _) = node.split_once("/Count").unwrap();
        format!("{before} {count} >>")
    };
    let mut files = Vec::new();
    for wrong in [
        "",
        "/Count 0",
        "/Count -1",
        "/Count 2.0",
        "/Count (5)",
        "/Count 9",
        "/Count 20 0 R",
        "/Count 99999999999 0 R",
        "/Count 4 1 R",
    ] {
        files.push(tree(&count(ROOT, wrong), BRANCH, PAGE));
        files.push(tree(ROOT, &count(BRANCH, wrong), PAGE));
    }
    for wrong in [
        "",
        "/Type /None",
        "/Type 4 0 R",
        "/Type 4 1 R",
        "/Type (Page)",
    ] {
        let replaced = |node: &str, kind: &str| node.replacen(kind, wrong, 1);
        files.push(tree(&replaced(ROOT, "/Type /Pages"), BRANCH, PAGE));
        files.push(tree(ROOT, &replaced(BRANCH, "/Type /Pages"), PAGE));
        files.push(tree(ROOT, BRANCH, &replaced(PAGE, "/Type /Page")));
    }
    for wrong in ["", "/Parent 3 0 R", "/Parent 2 1 R", "/Parent 99 0 R"] {
        files.push(tree(ROOT, &BRANCH.replace("/Parent 2 0 R", wrong), PAGE));
        files.push(tree(ROOT, BRANCH, &PAGE.replace("/Parent 10 0 R", wrong)));
    }
    let above = ROOT.replace("/Count", "/Parent 10 0 R /Count");
    files.push(tree(&above, BRANCH, PAGE));
    let tight = ROOT.replace("10 0 R", "10 0R");
    files.push(tree(&tight, BRANCH, PAGE));
    for file in files {
        let what = String::from_utf8_lossy(&file).into_owned();
        assert_eq!(inspected(&file).unwrap().pages, 2, "{what}");
        let sealed = sealed(&file);
        opened(&sealed, |pdf| {
            let found = [2, 10, 11].map(|number| entries(pdf, number));
            assert_eq!(found, expected, "{what}");
            assert_eq!(pdf.page(0).unwrap().id, (11, 0), "{what}");
            assert_eq!(pdf.page(1).unwrap().id, (3, 0), "{what}");
        });
    }
}

#[test]
fn a_page_may_stand_in_the_tree_twice_and_is_not_touched() {
    let root = ROOT.replace("3 0 R", "3 0 R 3 0 R").replace("2 >>", "3 >>");
    let file = tree(&root, BRANCH, PAGE);
    let sealed = sealed(&file);
    opened(&sealed, |pdf| {
        assert_eq!(pdf.page_count(), Ok(3));
        let XrefEntry::At { offset, .. } = pdf.entry(2).unwrap() else {
            panic!("it stands in the file");
        };
        assert!(offset < file.len() as u64);
    });
    for parent in ["2 0 R", "10 0 R"] {
        let root = ROOT.replace("3 0 R", "11 0 R 3 0 R");
        let page = PAGE.replace("10 0 R", parent);
        let file = tree(&root, BRANCH, &page);
        assert_refused(&file, "a page stands in two branches", parent);
    }
}

#[test]
fn what_readers_look_for_elsewhere_is_not_lost() {
    let page = PdfFile::new(XrefKind::Table).object(1, "<< /Type /Catalog /Pages 3 0 R >>");
    assert_refused(&with(&page, ""), "pages are lost", "a page for a root");
    for resources in ["null", "5", "30 0 R", "4 0 R"] {
        let resources = format!("/Resources {resources} /Was");
        let branch = BRANCH.replace("/Type", &format!("{resources} 1 /Type"));
        let page = PAGE.replace("/Type", &format!("{resources} 1 /Type"));
        for file in [tree(ROOT, &branch, PAGE), tree(ROOT, BRANCH, &page)] {
            assert_refused(&file, "the resources of a page are lost", &resources);
        }
    }
    for own in [
        "/Resources 99 0 R",
        "/CropBox 99 0 R",
        "/MediaBox [0 0 9]",
        "/CropBox [0 0 9 /A]",
    ] {
        let page = PAGE.replace("/MediaBox [0 0 9 9]", own);
        let direct = ROOT.replace("3 0 R", &page);
        for file in [tree(&direct, BRANCH, PAGE), tree(ROOT, BRANCH, &page)] {
            assert_refused(&file, "of a page are lost", own);
        }
    }
    for object in [
        "20 0 obj\n5 0 R\nendobj\n",
        "20 0 obj\n<< /Type /ObjStm /N 1 /First 5 /Length 10 >>\nstream\n21 0 5 0 R\nendstream\nendobj\n",
    ] {
        assert_refused(&plain(object), "an object is a reference", object);
    }
}

#[test]
fn what_nobody_knows_is_written_anew() {
    for odd in ["/X foo", "/X 1.2.3", "/X 99 70000 R", "/X 99 0R"] {
        let branch = BRANCH.replace("/Type", &format!("{odd} /Type"));
        let file = tree(ROOT, &branch, PAGE);
        opened(&sealed(&file), |pdf| {
            let XrefEntry::At { offset, .. } = pdf.entry(10).unwrap() else {
                panic!("it stands in the file");
            };
            assert!(offset >= file.len() as u64, "{odd}");
        });
    }
}

#[test]
fn what_may_be_a_page_or_a_branch_is_neither() {
    let reason = "a page may be a branch";
    for (branch, page) in [
        (BRANCH, PAGE.replace("/Page", "/Pages")),
        (&BRANCH.replace("/Pages", "/Page"), PAGE.to_owned()),
    ] {
        assert_refused(&tree(ROOT, branch, &page), reason, &page);
    }
    let direct = PdfFile::new(XrefKind::Table).object(
        1,
        "<< /Type /Catalog /Pages << /Type /Pages /Kids [3 0 R] /Count 1 >> >>",
    );
    assert_refused(&with(&direct, ""), "no object of its own", "the root");
    let signed = PAGE.replace("/Type", "/A << /Type /Sig >> /Was");
    let file = tree(ROOT, BRANCH, &signed);
    assert_refused(&file, "signature", "what looks like a signature");
}

#[test]
fn a_reference_to_another_generation_of_an_object_is_refused() {
    let reason = "a reference leads to another generation";
    let packed = "22 0 obj\n<< /Type /ObjStm /N 1 /First 5 /Length 16 >>\nstream\n\
                  21 0 [1 (5 1 R)]\nendstream\nendobj\n";
    for more in [
        "20 0 obj\n[5 1 R]\nendobj\n",
        "20 0 obj\n<< /A [<< /B 5 99999 R >>] >>\nendobj\n",
        "20 0 obj\n<< /A 5 2 R /Length 0 >>\nstream\n\nendstream\nendobj\n",
        "20 3 obj\n(a)\nendobj\n21 0 obj\n[20 0 R]\nendobj\n",
        "20 3 obj\n(a)\nendobj\ntrailer << /Root 1 0 R /Info 20 0 R >>",
        &packed.replace("[1 (5 1 R)]", "[1 2 5 1 R]"),
    ] {
        let file = plain(more);
        assert_refused(&file, reason, more);
        assert!(inspected(&file).is_err(), "{more}");
    }
    for more in [
        "20 0 obj\n[99 1 R 98 0 R]\nendobj\n",
        "20 3 obj\n(a)\nendobj\n21 0 obj\n[20 3 R]\nendobj\n",
        "20 0 obj\n[5 1 R]\nendobj\n20 0 obj\n(a)\nendobj\n",
        packed,
    ] {
        sealed(&plain(more));
        assert!(inspected(&plain(more)).is_ok(), "{more}");
    }
}

#[test]
fn a_page_that_cannot_be_measured_is_refused_before_somebody_wants_to_seal_it() {
    for circle in ["/Rotate 10 0 R", "/MediaBox 10 0 R", "/UserUnit 10 0 R"] {
        let file = PdfFile::new(XrefKind::Table).page(circle);
        let file = file.object(10, "10 0 R");
        for file in [file.build(), with(&file, "")] {
            let said = inspected(&file).unwrap_err();
            assert_eq!(said.code(), "pdf_damaged", "{circle}");
        }
    }
}

#[test]
fn what_many_pages_share_is_looked_at_once() {
    let shared = "/Resources 20 0 R /MediaBox 21 0 R /CropBox [0 0 22 0 R 9]";
    let page = format!("<< /Type /Page /Parent 2 0 R {shared} >>");
    let kids: Vec<_> = (100..500).map(|kid| format!("{kid} 0 R")).collect();
    let kids = kids.join(" ");
    let long = " ".repeat(64 << 10);
    let mut file = PdfFile::new(XrefKind::Table)
        .object(2, &format!("<< /Type /Pages /Kids [{kids}] /Count 400 >>"))
        .object(20, &format!("<< {long} >>"))
        .object(21, &format!("[0 0 9 {long} 9]"))
        .object(22, &format!("{long} 9"));
    for number in 100..500 {
        file = file.object(number, &page);
    }
    // Half of what one of them has for each page.
    let limits = Limits {
        work_bytes: 200 * long.len(),
        ..Limits::default()
    };
    rebuilt_within(&with(&file, ""), &limits).unwrap();
    trao::pades::inspect(&file.build(), &limits).unwrap();
}
