//! PDF/A files as an office program exports them keep their profile in every appearance; veraPDF
//! judges.

use std::path::Path;
use std::sync::LazyLock;

use trao::pades::Appearance;
use trao::pades::test_pki::KeyKind;

use crate::support::judge::{ask, python};
use crate::support::judges::Judges;
use crate::support::pdf::find;
use crate::support::pki::{identity_of, pki};
use crate::support::seal::{aside, attachment, every_appearance, seal_at, sealed, showing};
use crate::support::verapdf::pdfa;

/// One result in each profile that LibreOffice writes, by the profile's name.
pub(super) static EXPORTED: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("result.html");
    let text = "<html lang=vi><meta charset=utf-8><title>Quyết định</title><h1>QUYẾT ĐỊNH</h1>\
                <p>Cấp giấy phép xây dựng, phường Đống Đa, Đà Nẵng.</p></html>";
    std::fs::write(&page, text).unwrap();
    [("1a", 1), ("2b", 2), ("3b", 3)]
        .map(|(profile, part)| (profile, export(&page, part)))
        .into()
});

/// What LibreOffice makes of a page in this part of PDF/A.
fn export(page: &Path, part: u8) -> Vec<u8> {
    let folder = page.parent().unwrap();
    let home = format!("-env:UserInstallation=file://{}/office", folder.display());
    let filter = format!(
        "pdf:writer_web_pdf_Export:{{\
         \"SelectPdfVersion\":{{\"type\":\"long\",\"value\":\"{part}\"}}}}"
    );
    let [folder, page_path] = [folder, page].map(|path| path.to_str().unwrap());
    let arguments = [
        &home,
        "--headless",
        "--convert-to",
        &filter,
        "--outdir",
        folder,
        page_path,
    ];
    let done = ask("soffice", &arguments);
    std::fs::read(page.with_extension("pdf")).unwrap_or_else(|_| panic!("{}", done.said))
}

#[test]
fn a_file_keeps_its_profile_in_every_appearance_and_when_it_is_sealed_twice() {
    let pki = pki(KeyKind::P256);
    let identity = identity_of(pki.agency());
    let mut against = Vec::new();
    let mut judge = |what: String, profile: &str, bytes: &[u8]| {
        let verdict = pdfa(bytes);
        if !verdict.conforming || verdict.profile.as_deref() != Some(profile) {
            against.push(format!("{what}: {verdict:#?}"));
        }
    };
    for (profile, file) in &*EXPORTED {
        judge(format!("{profile} as exported"), profile, file);
        for (name, appearance) in every_appearance() {
            let once = sealed(file, showing(appearance), &identity);
            judge(format!("{profile}, {name}"), profile, &once);
            let twice = sealed(&once, attachment("Số: 2"), &identity);
            judge(format!("{profile}, {name}, twice"), profile, &twice);
        }
    }
    assert!(against.is_empty(), "{}", against.join("\n"));
}

#[test]
fn a_file_keeps_its_profile_wherever_the_mark_stands() {
    let pki = pki(KeyKind::P256);
    let identity = identity_of(pki.agency());
    let mut against = Vec::new();
    for (profile, file) in &*EXPORTED {
        let signed = sealed(file, showing(aside()), &identity);
        for (place, file) in [
            ("rect = [100.0, 500.0, 120.0, 120.0]", file),
            ("field = \"Ky\"", &with_field(file)),
            ("over = \"signature\"", &signed),
            (
                "page = 2\nbeside = { text = \"Đống Đa\", gap = 10.0 }",
                file,
            ),
        ] {
            let verdict = pdfa(&sealed(file, showing(seal_at(place)), &identity));
            if !verdict.conforming || verdict.profile.as_deref() != Some(profile) {
                against.push(format!("{profile}, {place}: {verdict:#?}"));
            }
        }
    }
    assert!(against.is_empty(), "{}", against.join("\n"));
}

/// The file with an empty signature field that shows nothing, put there by pyHanko.
fn with_field(file: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.pdf"), file).unwrap();
    let made = ask(
        python(),
        &["-c", ADD_FIELD, folder.path().to_str().unwrap()],
    );
    assert!(made.ok, "{}", made.said);
    std::fs::read(folder.path().join("out.pdf")).unwrap()
}

const ADD_FIELD: &str = r#"
import sys
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

with open(sys.argv[1] + "/in.pdf", "rb") as source, open(sys.argv[1] + "/out.pdf", "wb") as out:
    writer = IncrementalPdfFileWriter(source)
    # It would write itself into /Info, beside metadata that say otherwise.
    writer._update_meta = lambda: None
    spec = SigFieldSpec("Ky", box=(300, 300, 402, 402), empty_field_appearance=True)
    append_signature_field(writer, spec)
    writer.write(out)
"#;

/// A judge that never says no would be no judge.
#[test]
fn verapdf_says_no_to_what_breaks_a_profile_and_claims_none_for_others() {
    let (profile, file) = &EXPORTED[1];
    // The comment behind the header must have four bytes above 127 (ISO 19005-2, 6.1.2).
    let comment = find(file, b"\n%") + 2;
    let mut broken = file.clone();
    broken[comment..comment + 4].copy_from_slice(b"text");
    let verdict = pdfa(&broken);
    assert!(
        !verdict.conforming && verdict.profile.as_deref() == Some(profile),
        "{verdict:?}"
    );
    assert!(!verdict.failed.is_empty());

    let plain = pdfa(&crate::support::service::pdf("no profile"));
    assert!(!plain.conforming && plain.profile.is_none(), "{plain:?}");
}

#[test]
fn vietnamese_in_the_mark_is_read_back_however_it_was_typed() {
    let pki = pki(KeyKind::P256);
    let identity = identity_of(pki.agency());
    let judges = Judges::trusting(&pki);
    let decomposed =
        "So\u{302}\u{301}: 7/QĐ-UBND, Đa\u{300} Na\u{306}\u{303}ng, Nguye\u{302}\u{303}n";
    for (profile, file) in &*EXPORTED {
        for typed in ["Số: 7/QĐ-UBND, Đà Nẵng, Nguyễn", decomposed] {
            let mark = Appearance::attachment(typed).unwrap();
            let text = judges.text(&sealed(file, showing(mark), &identity));
            assert!(
                text.contains("Số: 7/QĐ-UBND, Đà Nẵng, Nguyễn"),
                "{profile}: {text}"
            );
        }
    }
}
