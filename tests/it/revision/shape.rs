//! What the appended bytes look like, whatever the received file is.

use lopdf::Object;
use trao::pades::byte_range::FillError;
use trao::pades::{FileSource, Pdf};

use super::*;

/// Files that differ in all that a revision must cope with.
pub(super) fn files() -> impl Strategy<Value = PdfFile> {
    let xref = prop_oneof![
        Just(XrefKind::Table),
        Just(XrefKind::Stream),
        Just(XrefKind::Hybrid)
    ];
    let annotations = prop_oneof![
        Just(""),
        Just("/Annots null"),
        Just("/Annots 99 0 R"),
        Just("/Annots [12 0 R]"),
        Just("/Annot#73[12 0 R%]\n]"),
        Just("/Annots 10 0 R"),
    ];
    let form = prop_oneof![
        Just(""),
        Just("/AcroForm null"),
        Just("/AcroForm 99 0 R"),
        Just("/AcroForm 11 0 R"),
        Just("/AcroForm << /Fields [14 0 R] /SigFlags 13 0 R >>"),
        Just("/AcroForm<</Fields 10 0 R/DA(\\)>>)%>>\n>>"),
        Just("/AcroForm << /NeedAppearances true >>"),
    ];
    let identifier = prop_oneof![
        Just(""),
        Just("/ID [<0a0b> <0c>] "),
        Just("/ID [(one)] "),
        Just("/ID 15 0 R ")
    ];
    let end = prop_oneof![
        Just(""),
        Just("\n"),
        Just("\r"),
        Just("\r\n"),
        Just("\n\0\0")
    ];
    let junk = prop_oneof![Just(""), Just("junk\n")];
    let boxes = (
        "/MediaBox [0 0 595.2755905 841.8897638]",
        "/MediaBox[0 0 612 792]/Rotate 90",
    );
    let boxes = prop_oneof![Just(boxes.0), Just(boxes.1)];
    (xref, annotations, form, identifier, end, junk, boxes).prop_map(
        |(xref, annotations, form, identifier, end, junk, boxes)| {
            PdfFile::new(xref)
                .page(&format!("{boxes}{annotations}"))
                .catalog(form)
                .trailer(identifier)
                .end(end)
                .junk(junk)
                .object(10, "[12 0 R]")
                .object(11, "<</Fields[14 0 R % a field\n]>>")
                .object(
                    12,
                    "<</Type/Annot/Subtype/Link/Rect[1 1 2 2]/Border[0 0 .5]>>",
                )
                .object(13, "4")
                .object(14, "<</FT/Tx/T(Trao-1)/V(x)>>")
                .object(15, "[(first) (second)]")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_byte_range_covers_all_but_one_hexadecimal_string(
        file in files(),
        visible: bool,
        room in 1_usize..400,
    ) {
        let file = file.build();
        let request = if visible { attachment("Số: 12") } else { request() };
        let request = SealRequest { contents_bytes: room, ..request };
        let revision = prepared(&file, &request).unwrap();
        let whole = [file.as_slice(), &revision.appended].concat();

        let [first, before, second, after] = revision.byte_range.map(|at| usize::try_from(at).unwrap());
        prop_assert_eq!((first, second + after), (0, whole.len()));
        prop_assert_eq!(revision.hole.clone(), before as u64..second as u64);
        let zeros = format!("<{}>", "00".repeat(room)).into_bytes();
        prop_assert_eq!(&whole[before..second], zeros);
        prop_assert!(before > file.len());
        prop_assert!(whole[..before].ends_with(b"/Contents "));

        // The dictionary says the same, and says it once.
        let text = String::from_utf8_lossy(&revision.appended).into_owned();
        let said = text.split("/ByteRange [").collect::<Vec<_>>();
        prop_assert_eq!(said.len(), 2);
        let numbers = said[1].split(']').next().unwrap().split_whitespace();
        let numbers = numbers.map(|number| number.parse().unwrap()).collect::<Vec<u64>>();
        prop_assert_eq!(numbers, revision.byte_range);

        let filled = revision.clone().filled(&vec![0xff; room]).unwrap();
        prop_assert_eq!(filled.len(), revision.appended.len());
        let differs = (0..filled.len()).filter(|&at| filled[at] != revision.appended[at]);
        let differs = differs.map(|at| at + file.len()).collect::<Vec<_>>();
        prop_assert_eq!(differs, (before + 1..second - 1).collect::<Vec<_>>());
    }

    #[test]
    fn the_field_joins_those_that_were_there(file in files(), visible: bool) {
        let file = file.build();
        let request = if visible { attachment("Số: 12") } else { request() };
        let revision = prepared(&file, &request).unwrap();
        let received = Pdf::open(&file, &Limits::default()).unwrap();
        let whole = [file.as_slice(), &revision.appended].concat();
        let sealed = Pdf::open(&whole, &Limits::default()).unwrap();

        let lists = |pdf: &Pdf| {
            let page = pdf.page(0).unwrap();
            let form = pdf.get(&pdf.catalog().unwrap(), b"AcroForm").unwrap();
            let fields = form.as_dict().map(|form| pdf.get(form, b"Fields").unwrap());
            let list = |object: &dyn Fn() -> Option<Vec<(u32, u16)>>| object().unwrap_or_default();
            let ids = |object: Object| {
                let items = object.as_array().ok()?;
                Some(items.iter().map(|item| item.as_reference().unwrap()).collect())
            };
            let annotations = pdf.get(&page.dict, b"Annots").unwrap();
            (
                list(&|| ids(annotations.clone())),
                list(&|| ids(fields.as_ref().ok()?.clone())),
            )
        };
        let (annotations, fields) = lists(&received);
        let (new_annotations, new_fields) = lists(&sealed);
        let (widget, kept) = new_annotations.split_last().unwrap();
        prop_assert!(kept.starts_with(&annotations));
        prop_assert!(new_fields.starts_with(&fields) && new_fields.last() == Some(widget));

        let widget = sealed.object(*widget).unwrap();
        let widget = widget.as_dict().unwrap();
        prop_assert_eq!(widget.get(b"F").unwrap().as_i64().unwrap(), 132);
        prop_assert!(widget.has(b"AP"), "PDF/A-1 wants one of a field that shows nothing too");
        let is_empty = widget.get(b"Rect").unwrap() == &Object::Array(vec![Object::Integer(0); 4]);
        prop_assert_eq!(is_empty, !visible);
        let name = widget.get(b"T").unwrap().as_str().unwrap();
        let taken = fields.iter().any(|field| field.0 == 14);
        prop_assert_eq!(name, if taken { b"Trao-2" } else { b"Trao-1" });
        let flags = |pdf: &Pdf| {
            let form = pdf.get(&pdf.catalog().unwrap(), b"AcroForm").unwrap();
            let flags = form.as_dict().map(|form| pdf.get(form, b"SigFlags").unwrap());
            flags.ok().and_then(|flags| flags.as_i64().ok()).unwrap_or_default()
        };
        prop_assert_eq!(flags(&sealed), flags(&received) | 3);
    }

    #[test]
    fn what_is_not_changed_stays_to_the_letter(file in files()) {
        let file = file.build();
        let revision = prepared(&file, &request()).unwrap();
        let text = String::from_utf8_lossy(&revision.appended).into_owned();
        // The page is written anew only where its list of annotations stands in it.
        if text.contains("/Type /Page ") {
            prop_assert!(
                text.contains("841.8897638]") || text.contains("[0 0 612 792]/Rotate 90"),
                "{}",
                text
            );
        }
        let unchanged = ["(Received)", "/BaseFont /Helvetica", "/Kids", ".5]>>"];
        for unchanged in unchanged {
            prop_assert!(!text.contains(unchanged), "{}", unchanged);
        }
        prop_assert!(!text.contains("/XRefStm"));
    }
}

#[test]
fn a_line_feed_is_added_only_where_the_last_line_is_open() {
    for (end, added) in [
        ("", true),
        (" ", true),
        ("\n", false),
        ("\r", false),
        ("\r\n", false),
    ] {
        let file = PdfFile::new(XrefKind::Table).end(end).build();
        let revision = prepared(&file, &request()).unwrap();
        let open = revision.appended.strip_prefix(b"\n");
        assert_eq!(open.is_some(), added, "{end:?}");
        let begin = open.unwrap_or(&revision.appended);
        assert!(begin[0].is_ascii_digit(), "{end:?}");
    }
}

#[test]
fn a_file_is_read_by_pieces_and_the_seam_is_not_seen() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("received.pdf");
    let file = PdfFile::new(XrefKind::Stream).build();
    fs::write(&path, &file).unwrap();
    let source = FileSource::new(fs::File::open(&path).unwrap()).unwrap();
    let revision = prepare(&source, &Limits::default(), &attachment("Số: 7")).unwrap();
    assert_eq!(revision, prepared(&file, &attachment("Số: 7")).unwrap());
    let joined = Appended::new(&source, &revision.appended);
    assert_eq!(
        Pdf::open(&joined, &Limits::default()).unwrap().page_count(),
        Ok(1)
    );
}

#[test]
fn what_cannot_be_changed_safely_is_refused() {
    let file = |page: &str, catalog: &str| {
        let page = format!("/MediaBox [0 0 595 842] {page}");
        let file = PdfFile::new(XrefKind::Table).page(&page).catalog(catalog);
        file.build()
    };
    for (page, catalog) in [
        ("/Annots (no list)", ""),
        ("/Annots << >>", ""),
        ("", "/AcroForm << >> /AcroForm << >>"),
        ("", "/AcroForm << /Fields [] /Fields [] >>"),
    ] {
        let refused = prepared(&file(page, catalog), &attachment("Số: 1"));
        assert!(
            matches!(refused, Err(Refusal::PdfDamaged(_))),
            "{page}{catalog}: {refused:?}"
        );
    }
    // Readers differ in which one they take: written anew there is one.
    let revision = prepared(&file("/Annots [] /Annots []", ""), &attachment("Số: 1")).unwrap();
    let text = String::from_utf8_lossy(&revision.appended);
    assert!(revision.is_rebuilt);
    let last = text.rfind("\n3 0 obj").unwrap();
    assert_eq!(text[last..].matches("/Annots").count(), 1, "{text}");
}

#[test]
fn a_revision_that_contradicts_itself_is_not_filled() {
    let file = PdfFile::new(XrefKind::Table).build();
    let honest = prepared(&file, &request()).unwrap();
    let lies: [fn(&mut PreparedRevision); 5] = [
        |revision| revision.hole = 0..u64::MAX,
        |revision| revision.hole.end = revision.hole.start - 1,
        |revision| revision.byte_range[3] = u64::MAX,
        |revision| revision.byte_range[1] += 1,
        |revision| revision.appended.truncate(10),
    ];
    for lie in lies {
        let mut revision = honest.clone();
        lie(&mut revision);
        assert_eq!(revision.filled(&[1]), Err(FillError::Elsewhere));
    }
    assert!(honest.filled(&[1]).is_ok());
}
