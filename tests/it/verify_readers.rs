//! Attacks that live on what readers see differently: what one takes from a place, another by a
//! number, and a third finds when it repairs the file. Each keeps the signed bytes and shows other
//! content in some reader; none may leave the file valid.

use std::fmt::Write as _;

use trao::pades::{Limits, Refusal, verify};

use crate::support::pdf::{Dictionary, append, draft, find, one_page};
use crate::support::pki::NOW;
use crate::support::verdict::{IDENTITY, PKI, anchors, assert_permitted, sealed};

const FORGED: &str = "<</Length 8>>stream\n(forged)\nendstream";
const LOOK: &str = "<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Length 18>>stream\n\
                    0 0 595 842 re f q\nendstream";

#[track_caller]
fn assert_caught(what: &str, file: &[u8]) {
    let report = verify(&file.to_vec(), &Limits::default(), &anchors(&PKI), NOW);
    assert!(
        !report.as_ref().is_ok_and(|report| report.valid),
        "{what}: {report:?}"
    );
}

/// A revision that is written byte by byte.
struct Revision {
    bytes: Vec<u8>,
    previous: usize,
    /// Number, kind, and the two fields behind it (7.5.8.3).
    entries: Vec<(u32, u8, usize, u16)>,
}

impl Revision {
    fn of(file: &[u8]) -> Self {
        let text = String::from_utf8_lossy(file);
        let (_, behind) = text.rsplit_once("startxref\n").unwrap();
        Self {
            bytes: file.to_vec(),
            previous: behind.lines().next().unwrap().parse().unwrap(),
            entries: Vec::new(),
        }
    }

    /// An object that the table will name.
    fn object(mut self, number: u32, body: &str) -> Self {
        self.entries.push((number, 1, self.bytes.len(), 0));
        self.orphan(number, body)
    }

    /// An object that no table names.
    fn orphan(mut self, number: u32, body: &str) -> Self {
        self.bytes
            .extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
        self
    }

    /// An object stream with these objects in this order.
    fn packed(self, number: u32, kind: &str, objects: &[(u32, &str)]) -> Self {
        let (mut index, mut data) = (String::new(), String::new());
        for (number, body) in objects {
            write!(index, "{number} {} ", data.len()).unwrap();
            data.push_str(body);
            data.push(' ');
        }
        let (first, length) = (index.len(), index.len() + data.len());
        let count = objects.len();
        let body = format!(
            "<</Type/{kind}/N {count}/First {first}/Length {length}>>stream\n{index}{data}\nendstream"
        );
        self.object(number, &body)
    }

    /// An entry for an object in an object stream.
    fn inside(mut self, number: u32, stream: usize, place: u16) -> Self {
        self.entries.push((number, 2, stream, place));
        self
    }

    fn entry(mut self, number: u32, kind: u8) -> Self {
        self.entries.push((number, kind, 0, 0));
        self
    }

    /// Ends it by a cross-reference stream, which is object 90.
    fn by_stream(mut self) -> Vec<u8> {
        let at = self.bytes.len();
        self.entries.push((90, 1, at, 0));
        let (mut index, mut data) = (String::new(), Vec::new());
        for (number, kind, second, third) in &self.entries {
            write!(index, "{number} 1 ").unwrap();
            data.push(*kind);
            data.extend(u32::try_from(*second).unwrap().to_be_bytes());
            data.extend(third.to_be_bytes());
        }
        let head = format!(
            "90 0 obj\n<</Type/XRef/Size 100/Root 1 0 R/Prev {}/W[1 4 2]/Index[{index}]/Length {}>>stream\n",
            self.previous,
            data.len()
        );
        self.bytes.extend(head.bytes());
        self.bytes.extend(data);
        self.bytes
            .extend(format!("\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n").bytes());
        self.bytes
    }

    /// Ends it by a table; `startxref` misses it by so many bytes.
    fn by_table(mut self, missed: isize) -> Vec<u8> {
        let at = self.bytes.len();
        self.bytes.extend(b"xref\n");
        for (number, _, offset, _) in &self.entries {
            self.bytes
                .extend(format!("{number} 1\n{offset:010} 00000 n \n").bytes());
        }
        let said = at.checked_add_signed(missed).unwrap();
        let trailer = format!(
            "trailer\n<</Size 100/Root 1 0 R/Prev {}>>\nstartxref\n{said}\n%%EOF\n",
            self.previous
        );
        self.bytes.extend(trailer.bytes());
        self.bytes
    }
}

const PAGE: &str = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>";
const FORGED_PAGE: &str = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 60 0 R>>";

#[test]
fn a_revision_written_by_hand_is_none_in_itself() {
    let info = "<</ModDate(D:20261123)>>";
    let plain = Revision::of(&sealed()).object(60, info);
    assert_permitted("by a table", &plain.by_table(0));
    let streamed = Revision::of(&sealed())
        .packed(61, "ObjStm", &[(60, info)])
        .inside(60, 61, 0);
    assert_permitted("by a stream", &streamed.by_stream());
}

#[test]
fn an_object_that_stands_twice_in_its_object_stream() {
    let file = Revision::of(&sealed())
        .object(60, FORGED)
        .packed(61, "ObjStm", &[(3, PAGE), (3, FORGED_PAGE)])
        .inside(3, 61, 1);
    assert_caught("twice", &file.by_stream());
}

#[test]
fn an_object_that_is_not_at_its_place_in_its_object_stream() {
    for place in [1, 2] {
        let file = Revision::of(&sealed())
            .object(60, FORGED)
            .packed(61, "ObjStm", &[(3, PAGE), (70, FORGED_PAGE)])
            .inside(3, 61, place);
        assert_caught("elsewhere", &file.by_stream());
    }
}

#[test]
fn an_object_that_only_a_reader_finds_that_repairs_the_file() {
    let forged = || Revision::of(&sealed()).orphan(4, FORGED);
    let info = "<</ModDate(D:20261123)>>";
    for missed in [-12, -3, -1, 1, 3, 10] {
        let what = format!("startxref misses by {missed}");
        assert_caught(&what, &forged().object(60, info).by_table(missed));
        // Nor where the object lies inside another one.
        let inside = Revision::of(&sealed()).object(
            60,
            "<</Length 62>>stream\n4 0 obj\n<</Length 8>>stream\n(forged)\nendstream\nendobj\n     \nendstream",
        );
        assert_caught(&what, &inside.by_table(missed));
    }
    assert_caught("an orphan alone", &forged().object(60, info).by_table(0));
    assert_caught("an empty table", &forged().by_table(0));
    assert_caught(
        "an unknown kind of entry",
        &forged().entry(60, 9).by_stream(),
    );
    let twice = forged().object(60, info).object(60, "<</ModDate()>>");
    assert_caught("two places", &twice.by_table(0));
}

#[test]
fn an_object_stream_that_calls_itself_a_cross_reference_stream() {
    let prepared = Revision::of(&one_page())
        .packed(61, "XRef", &[(60, "(shown)")])
        .inside(60, 61, 0)
        .by_stream();
    let signed = draft(&prepared, 0, &Dictionary::default()).seal(&IDENTITY);
    let file = Revision::of(&signed).packed(61, "XRef", &[(60, "(other)")]);
    assert_caught("the container alone is exchanged", &file.by_stream());
}

#[test]
fn an_object_that_is_awaited_in_another_generation() {
    for generation in [5, 70_000] {
        let page = PAGE.replace(">>", &format!("/Annots[80 {generation} R]>>"));
        let open = append(&one_page(), &[(3, page)]);
        let signed = draft(&open, 0, &Dictionary::default()).seal(&IDENTITY);
        let file = Revision::of(&signed)
            .packed(61, "ObjStm", &[(80, "<</Subtype/FreeText>>")])
            .inside(80, 61, 0);
        assert_caught("compressed", &file.by_stream());
    }
}

/// A page and a form with one more field.
fn painted(fields: &str, annotations: &str, more: &[(u32, String)]) -> Vec<(u32, String)> {
    let page = PAGE.replace(">>", &format!("/Annots[{annotations}]>>"));
    let mut objects = vec![
        (3, page),
        (5, format!("<</SigFlags 3/Fields[{fields}]>>")),
        (31, LOOK.to_owned()),
    ];
    objects.extend_from_slice(more);
    objects
}

fn widget(more: &str) -> (u32, String) {
    let widget = "<</Type/Annot/Subtype/Widget/FT/Sig/Rect[0 0 595 842]/AP<</N 31 0 R>>";
    (30, format!("{widget}{more}>>"))
}

#[test]
fn a_widget_that_borrows_or_feigns_its_signature() {
    let (both, page_only) = ("10 0 R 30 0 R", "10 0 R");
    for (what, fields, more) in [
        ("a number", both, "/T(s)/V 32 0 R"),
        ("nothing", both, "/T(s)/V 33 0 R"),
        ("the first one's", both, "/T(s)/V 11 0 R"),
        (
            "the first one's, unknown to the form",
            page_only,
            "/T(s)/V 11 0 R",
        ),
        ("the signed field above it", page_only, "/Parent 10 0 R"),
    ] {
        let objects = painted(fields, "30 0 R", &[widget(more), (32, "42".to_owned())]);
        assert_caught(what, &append(&sealed(), &objects));
    }
}

fn signed_with(objects: &[(u32, String)], more: &str, field: &str) -> Vec<u8> {
    let dictionary = Dictionary {
        more,
        field,
        ..Dictionary::default()
    };
    draft(&append(&one_page(), objects), 0, &dictionary).seal(&IDENTITY)
}

fn certified(level: &str) -> String {
    format!(
        "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams\
         <</Type/TransformParams/V/1.2/P {level}>>>>]"
    )
}

#[test]
fn a_feigned_time_stamp_on_a_page_that_is_certified_against_all_changes() {
    for level in ["1", "1.0", "0"] {
        let file = signed_with(&[], &certified(level), "");
        for (fields, more) in [
            ("10 0 R", "/T(s)/V<</Type/DocTimeStamp>>"),
            (
                "10 0 R 30 0 R",
                "/T(s)/V<</Type/DocTimeStamp/ByteRange[0 1 2 3]/Contents<00>>>",
            ),
        ] {
            let objects = painted(fields, "30 0 R", &[widget(more)]);
            assert_caught(level, &append(&file, &objects));
        }
    }
}

/// A form with fields that the signer saw.
const FIELDS: [(u32, &str); 3] = [
    (
        20,
        "<</Subtype/Widget/FT/Tx/T(amount)/V(100)/Rect[0 0 99 9]>>",
    ),
    (
        21,
        "<</Subtype/Widget/FT/Btn/Ff 65536/T(push)/Rect[0 0 595 842]>>",
    ),
    (22, "<</Subtype/Widget/FT/Sig/T(later)/Rect[0 0 595 842]>>"),
];

fn with_fields(more: &str, field: &str) -> Vec<u8> {
    let fields = FIELDS.map(|(number, field)| (number, field.to_owned()));
    let dictionary = Dictionary {
        more,
        field,
        others: &[20, 21, 22],
        ..Dictionary::default()
    };
    draft(&append(&one_page(), &fields), 0, &dictionary).seal(&IDENTITY)
}

/// One of these fields with other entries.
fn filled(nth: usize, more: &str) -> Vec<(u32, String)> {
    let (number, field) = FIELDS[nth];
    let open = field.strip_suffix(">>").unwrap().replace("/V(100)", "");
    vec![
        (number, format!("{open}{more}>>")),
        (31, LOOK.to_owned()),
        (32, "<</Type/DocTimeStamp>>".to_owned()),
    ]
}

#[test]
fn fields_that_a_signature_locked() {
    let reference = |parameters: &str| {
        format!(
            "/Reference[<</Type/SigRef/TransformMethod/FieldMDP/TransformParams\
             <</Type/TransformParams/V/1.2{parameters}>>>>]"
        )
    };
    let more = filled(0, "/V(999999)");
    assert_permitted("nothing is locked", &append(&with_fields("", ""), &more));
    let others = reference("/Action/Include/Fields[(push)]");
    assert_permitted("another", &append(&with_fields(&others, ""), &more));
    for parameters in [
        "/Action/All",
        "/Action/Include/Fields[(amount)]",
        "/Action/Exclude/Fields[(later)]",
    ] {
        let file = with_fields(&reference(parameters), "");
        assert_caught(parameters, &append(&file, &more));
        let file = with_fields("", &format!("/Lock<</Type/SigFieldLock{parameters}>>"));
        assert_caught(parameters, &append(&file, &more));
    }
    let file = with_fields(
        "",
        "/Lock<</Type/SigFieldLock/Action/Include/Fields[]/P 1>>",
    );
    assert_caught("no changes from the lock on", &append(&file, &more));
}

#[test]
fn a_field_that_is_filled_with_a_picture() {
    for more in [String::new(), certified("2")] {
        let file = with_fields(&more, "");
        for value in ["/V(x)", "/V 32 0 R"] {
            let look = format!("{value}/AP<</N 31 0 R>>");
            assert_caught("a push-button", &append(&file, &filled(1, &look)));
            assert_caught("a signature field", &append(&file, &filled(2, &look)));
        }
        let text = append(&file, &filled(0, "/V(200)/AP<</N 31 0 R>>"));
        assert_permitted("what forms are for", &text);
    }
}

#[test]
fn a_signed_file_that_was_cut_off_is_not_told_as_one_without_signatures() {
    let file = sealed();
    let byte_range = file
        .windows(10)
        .position(|word| word == b"/ByteRange")
        .unwrap();
    let verified = |end| {
        let cut = file[..end].to_vec();
        verify(&cut, &Limits::default(), &anchors(&PKI), NOW)
    };
    for end in [byte_range + 30, byte_range + 400] {
        let refused = verified(end).map(drop);
        assert!(
            matches!(refused, Err(Refusal::PdfDamaged(_))),
            "{end}: {refused:?}"
        );
    }
    let report = verified(file.len() - 30).unwrap();
    assert!(!report.valid && report.signatures.len() == 1, "{report:?}");
}

#[test]
fn of_a_damaged_file_nobody_says_that_it_was_never_signed() {
    let stream = "<< /Length 21 >>\nstream\n0123456789\n0123456789\nendstream";
    let file = append(&one_page(), &[(20, stream.to_owned())]);
    let data = file.windows(10).position(|word| word == b"0123456789");
    let cut = data.unwrap() + 4;
    let verified = |file: &[u8]| verify(&file.to_vec(), &Limits::default(), &anchors(&PKI), NOW);
    assert!(verified(&file).unwrap().signatures.is_empty());
    let refused = verified(&file[..cut]).map(drop);
    assert!(
        matches!(refused, Err(Refusal::PdfDamaged(_))),
        "{refused:?}"
    );
}

#[test]
fn a_signature_in_a_section_that_can_be_read_in_two_ways_is_good_to_nobody() {
    let signed = |trailer: &str| {
        let page = one_page();
        let root = find(&page, b"/Root 1 0 R");
        let page = [&page[..root], trailer.as_bytes(), &page[root..]].concat();
        draft(&page, 0, &Dictionary::default()).seal(&IDENTITY)
    };
    let report = verify(&signed("/X /A#42"), &Limits::default(), &anchors(&PKI), NOW);
    assert!(
        report.as_ref().is_ok_and(|report| report.valid),
        "{report:?}"
    );
    assert_caught("no escape", &signed("/X /A#4"));
    assert_caught("two values", &signed("/X 1 /X 2"));
}
