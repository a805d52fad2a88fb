//! Visible marks by templates, on pages of every kind, judged by others: qpdf and pdfsig hold the
//! file valid, poppler shows the mark where it should stand, and its words can be copied.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use trao::pades::test_pki::KeyKind;
use trao::pades::{
    Appearance, Facts, Limits, MarkOrder, PreparedRevision, Refusal, SealRequest, SigningIdentity,
    Template, contents_size, prepare, sign,
};

use crate::support::judge::ask;
use crate::support::pdf_file::{PdfFile, XrefKind};
use crate::support::pki::{AGENCY, NOW, identity_of, pki};

/// A square of opaque red with a transparent left half, 8 × 8 pixels.
fn red_half() -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 8, 8);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    let row = (0..8).flat_map(|x| {
        if x < 4 {
            [0, 0, 0, 0]
        } else {
            [220, 20, 30, 255]
        }
    });
    let row: Vec<u8> = row.collect();
    writer.write_image_data(&row.repeat(8)).unwrap();
    writer.finish().unwrap();
    png
}

pub(crate) struct Desk {
    folder: TempDir,
    identity: SigningIdentity,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let pki = pki(KeyKind::P256);
        Self {
            folder: tempfile::tempdir().unwrap(),
            identity: identity_of(pki.agency()),
        }
    }

    pub(crate) fn prepared(
        &self,
        file: &[u8],
        order: MarkOrder,
    ) -> Result<PreparedRevision, Refusal> {
        let request = SealRequest {
            signed_at: NOW,
            signer_name: Some(AGENCY.to_owned()),
            reason: None,
            location: None,
            appearance: Appearance::Mark(Box::new(order)),
            contents_bytes: contents_size(&self.identity),
            field_name: None,
        };
        prepare(&file.to_vec(), &Limits::default(), &request)
    }

    pub(crate) fn sealed(&self, file: &[u8], order: MarkOrder) -> Vec<u8> {
        let revision = self.prepared(file, order).unwrap();
        let digest = revision
            .digest(&file.to_vec(), self.identity.digest_algorithm())
            .unwrap();
        let cms = sign(&digest, &self.identity).unwrap().to_der();
        [file, &revision.filled(&cms).unwrap()].concat()
    }

    pub(crate) fn written(&self, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join("sealed.pdf");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// qpdf finds nothing, and pdfsig holds every signature valid.
    pub(crate) fn holds_valid(&self, bytes: &[u8], signatures: usize) {
        let path = self.written(bytes);
        let checked = ask("qpdf", &[Path::new("--check"), &path]);
        assert!(checked.ok, "{}", checked.said);
        let judged = ask("pdfsig", &[&path]);
        let valid = judged.said.matches("Signature is Valid").count();
        assert_eq!(valid, signatures, "{}", judged.said);
    }

    /// Where red is shown on the first page, in pixels of 72 to the inch from the upper left corner:
    /// left, upper, right, lower edge.
    pub(crate) fn red(&self, bytes: &[u8]) -> [usize; 4] {
        let ([width, _], pixels) = self.rendered(bytes);
        let mut edges = [usize::MAX, usize::MAX, 0, 0];
        for (at, pixel) in pixels.chunks_exact(3).enumerate() {
            if pixel[0] > 180 && pixel[1] < 80 && pixel[2] < 80 {
                let (x, y) = (at % width, at / width);
                edges = [
                    edges[0].min(x),
                    edges[1].min(y),
                    edges[2].max(x + 1),
                    edges[3].max(y + 1),
                ];
            }
        }
        edges
    }

    /// Width and height of the first page as it is shown, in pixels of 72 to the inch.
    fn shown(&self, bytes: &[u8]) -> [usize; 2] {
        self.rendered(bytes).0
    }

    /// The same with its pixels, three bytes each.
    fn rendered(&self, bytes: &[u8]) -> ([usize; 2], Vec<u8>) {
        let path = self.written(bytes);
        let out = self.folder.path().join("page");
        let arguments = ["-r", "72", "-png", "-singlefile", "-cropbox"].map(PathBuf::from);
        let shown = ask("pdftoppm", &[&arguments[..], &[path, out.clone()]].concat());
        assert!(shown.ok, "{}", shown.said);
        let file = std::fs::File::open(out.with_extension("png")).unwrap();
        let mut reader = png::Decoder::new(std::io::BufReader::new(file))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        let size = [frame.width, frame.height].map(|side| usize::try_from(side).unwrap());
        (size, pixels)
    }
}

pub(crate) fn order(template: &str) -> MarkOrder {
    MarkOrder {
        template: Template::from_toml(template).unwrap(),
        facts: Facts::default(),
        language: trao::pades::Language::default(),
        image: Some(red_half()),
    }
}

fn page(rotate: u16, crop: &str) -> Vec<u8> {
    let entries = format!("/MediaBox [-100 -100 700 900] /Rotate {rotate} /CropBox {crop}");
    PdfFile::new(XrefKind::Table).page(&entries).build()
}

pub(crate) fn near(found: [usize; 4], wanted: [usize; 4], what: &str) {
    for (found, wanted) in found.into_iter().zip(wanted) {
        assert!(
            found.abs_diff(wanted) <= 1,
            "{what}: {found} is not {wanted}"
        );
    }
}

#[test]
fn a_mark_stands_in_its_rectangle_however_the_page_is_turned_and_cut() {
    let desk = Desk::new();
    // The right half of the picture is red: 36 by 72 points, upright.
    let order = || order("[[item]]\nimage = \"seal\"\n[place]\nrect = [100.0, 50.0, 72.0, 72.0]");
    for rotate in [0, 90, 180, 270] {
        for crop in ["[0 0 500 700]", "[40 60 440 560]", "[-30 -20 470 680]"] {
            let bytes = desk.sealed(&page(rotate, crop), order());
            desk.holds_valid(&bytes, 1);
            near(
                desk.red(&bytes),
                [136, 50, 172, 122],
                &format!("{rotate} {crop}"),
            );
        }
    }
}

#[test]
fn a_mark_has_its_place_and_size_on_a_page_of_larger_units() {
    let desk = Desk::new();
    let order = || order("[[item]]\nimage = \"seal\"\n[place]\nrect = [100.0, 50.0, 72.0, 72.0]");
    for (rotate, [width, height]) in [(0, [1000, 1400]), (90, [1400, 1000])] {
        let entries = format!("/MediaBox [0 0 500 700] /UserUnit 2 /Rotate {rotate}");
        let file = PdfFile::new(XrefKind::Table).page(&entries).build();
        let bytes = desk.sealed(&file, order());
        desk.holds_valid(&bytes, 1);
        // In points of the page as it is shown, whether the renderer knows /UserUnit or not.
        let [shown, _] = desk.shown(&bytes);
        let points = desk.red(&bytes).map(|pixel| pixel * width / shown);
        assert!(
            shown == width || 2 * shown == width,
            "{shown} of {width} by {height}"
        );
        for (found, wanted) in points.into_iter().zip([136, 50, 172, 122]) {
            assert!(found.abs_diff(wanted) <= 2, "{rotate}: {points:?}");
        }
    }
}

#[test]
fn a_seal_has_its_real_size_and_stands_a_third_over_the_signature_before_it() {
    let desk = Desk::new();
    let first = desk.sealed(
        &page(0, "[0 0 500 700]"),
        order("[[item]]\ntext = \"Nguyễn Thị Lan\"\n[place]\nrect = [300.0, 500.0, 90.0, 60.0]"),
    );
    let seal = MarkOrder {
        template: Template::seal().unwrap(),
        ..order("[[item]]\nimage = \"seal\"")
    };
    let bytes = desk.sealed(&first, seal);
    desk.holds_valid(&bytes, 2);
    let [left, upper, right, lower] = desk.red(&bytes);
    // 36 mm are 102 points; the mark's text takes 78 by 12 of its rectangle's 90 by 60 points.
    let size = [right - left, lower - upper];
    assert!(
        size[0].abs_diff(51) <= 2 && size[1].abs_diff(102) <= 2,
        "{size:?}"
    );
    let [text_left, text_width] = [300, 90];
    assert!(right.abs_diff(text_left + text_width / 3) <= 2, "{right}");
    assert!(upper.midpoint(lower).abs_diff(530) <= 2, "{upper} {lower}");
}

#[test]
fn a_copy_says_its_form_who_made_it_and_when() {
    let desk = Desk::new();
    let copy = MarkOrder {
        template: Template::copy().unwrap(),
        facts: Facts::default()
            .with("copy_form", "SAO Y")
            .with("agency", "Ủy ban nhân dân phường Đống Đa"),
        ..order("[[item]]\nimage = \"seal\"")
    };
    let bytes = desk.sealed(&page(0, "[0 0 595 842]"), copy);
    desk.holds_valid(&bytes, 1);
    let text = ask("pdftotext", &[&desk.written(&bytes), &PathBuf::from("-")]).said;
    for words in [
        "SAO Y",
        "Ủy ban nhân dân phường Đống Đa",
        "23/11/2026 14:05:09 +07:00",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn words_wrap_speak_the_readers_language_and_a_code_leads_to_the_address() {
    let desk = Desk::new();
    let template = "width = 120.0\n\
        [[item]]\ntext = { vi = \"Kiểm tra tại địa chỉ trong mã này\", en = \"Check it there\" }\n\
        [[item]]\nqr = \"{verification_url}\"\nside_mm = 25.0\n[place]\nat = \"bottom-left\"";
    let url = "https://ketqua.example.vn/verify";
    let order = MarkOrder {
        facts: Facts::default().with("verification_url", url),
        ..order(template)
    };
    let bytes = desk.sealed(&page(0, "[0 0 500 700]"), order);
    desk.holds_valid(&bytes, 1);
    let text = ask("pdftotext", &[&desk.written(&bytes), &PathBuf::from("-")]).said;
    assert!(
        text.contains("Kiểm tra tại địa chỉ trong mã\nnày"),
        "{text}"
    );
}

#[test]
fn an_empty_field_of_the_file_is_signed_where_it_stands() {
    let desk = Desk::new();
    let file = with_field("/F 4");
    let template = "[[item]]\nimage = \"seal\"\n[place]\nfield = \"Ky\"";
    let bytes = desk.sealed(&file, order(template));
    desk.holds_valid(&bytes, 1);
    let fields = ask("pdfsig", &[&desk.written(&bytes)]).said;
    assert!(fields.contains("Ky"), "{fields}");
    let [left, upper, right, lower] = desk.red(&bytes);
    near(
        [left, upper, right, lower],
        [236, 842 - 372, 272, 842 - 300],
        "field",
    );
    let again = desk.prepared(&bytes, order(template)).unwrap_err();
    assert!(again.to_string().contains("signed already"), "{again}");
}

/// A page with one empty signature field that has these entries more.
pub(crate) fn with_field(more: &str) -> Vec<u8> {
    let field = format!(
        "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Ky) /P 3 0 R /Rect [200 300 272 372] {more} >>"
    );
    PdfFile::new(XrefKind::Table)
        .catalog("/AcroForm << /Fields [10 0 R] >>")
        .page("/MediaBox [0 0 595 842] /Annots [10 0 R]")
        .object(10, &field)
        .build()
}

#[test]
fn a_mark_is_refused_where_the_field_would_not_show_it() {
    let desk = Desk::new();
    let changed = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len(), "the places of the objects stay");
        let mut file = with_field("/F 4");
        let found = file
            .windows(from.len())
            .position(|at| at == from.as_bytes());
        let from_here = found.unwrap();
        file[from_here..from_here + to.len()].copy_from_slice(to.as_bytes());
        file
    };
    let template = "[[item]]\nimage = \"seal\"\n[place]\nfield = \"Ky\"";
    for (file, why) in [
        (
            changed("[200 300 272 372]", "[200 300 200 300]"),
            "has no room for a mark",
        ),
        (
            changed("[200 300 272 372]", "[900 300 972 372]"),
            "does not lie on the page",
        ),
        (
            changed("[200 300 272 372]", "[580 300 652 372]"),
            "does not lie on the page",
        ),
        (
            changed("/Annots [10 0 R]", "/Annots [      ]"),
            "on no page",
        ),
        (with_field("/F 2"), "is hidden"),
        (with_field("/F 36"), "is hidden"),
        (with_field("/F 5"), "is hidden"),
        (with_field("/F 4 /OC << /Type /OCG >>"), "is hidden"),
        (changed("/Subtype /Widget", "/Subtype /Wigdet"), "is hidden"),
    ] {
        let refused = desk.prepared(&file, order(template)).unwrap_err();
        assert_eq!(refused.code(), "field_invalid");
        assert!(refused.to_string().contains(why), "{why}: {refused}");
    }
}

#[test]
fn what_cannot_be_shown_is_said() {
    let desk = Desk::new();
    let file = page(0, "[0 0 500 700]");
    for (template, why) in [
        ("[[item]]\ntext = \"{document_number}\"", "document_number"),
        (
            "[[item]]\nimage = \"seal\"\n[place]\nover = \"signature\"",
            "no visible signature",
        ),
        (
            "[[item]]\nimage = \"seal\"\n[place]\nfield = \"x\"",
            "no signature field",
        ),
        (
            "[[item]]\nimage = \"seal\"\n[place]\npage = 2",
            "no such page",
        ),
        (
            "[[item]]\nimage = \"seal\"\n[place]\nbeside = { text = \"NGƯỜI KÝ\" }",
            "does not have the words",
        ),
        (
            "[[item]]\nimage = \"seal\"\n[place]\nrect = [450.0, 20.0, 72.0, 72.0]",
            "does not lie on the page",
        ),
    ] {
        let refused = desk.prepared(&file, order(template)).unwrap_err();
        assert_eq!(refused.code(), "field_invalid");
        assert!(refused.to_string().contains(why), "{why}: {refused}");
    }
    let taken = [
        "",
        "[[item]]",
        "[[item]]\ntext = \"a\"\nqr = \"b\"",
        "[[item]]\ntext = \"{password}\"",
        "[[item]]\ntext = \"Ký lúc {signed_at\"",
        "[[item]]\ntext = { vi = \"{date}\", en = \"date}\" }",
        "[[item]]\nqr = \"{verification_url}}\"",
        "[[item]]\nqr = \"\"",
        "[[item]]\nqr = \" \"",
        "[[item]]\ntext = \"a\"\ncolor = \"red\"",
        "[[item]]\ntext = \"a\"\n[place]\npage = 0",
        "[[item]]\ntext = \"a\"\n[place]\nrect = [0.0, 0.0, 0.0, 9.0]",
        "[[item]]\ntext = \"a\"\n[place]\nat = \"top-right\"\nrect = [0.0, 0.0, 9.0, 9.0]",
        "[[item]]\ntext = \"a\"\n[place]\nat = \"top\"\nfield = \"Ky\"",
        "[[item]]\ntext = \"a\"\nunknown = 1",
        "[[item]]\ntext = \"a\"\n[place]\nbeside = { text = \" a \" }",
        "[[item]]\ntext = \"a\"\n[place]\nbeside = { text = \"ab\", gap = -1.0 }",
        "[[item]]\ntext = \"a\"\n[place]\nover = \"signature\"\nbeside = { text = \"ab\" }",
    ];
    let taken = taken
        .into_iter()
        .filter(|template| Template::from_toml(template).is_ok());
    assert_eq!(taken.collect::<Vec<_>>(), [""; 0]);
}
