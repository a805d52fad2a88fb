//! What may change after a signature and is something else to the document besides. Whoever draws a
//! file up chooses what its objects are to each other: a page may find its pictures in a field, and
//! would then be drawn with whatever becomes the field's look.

use crate::support::pdf::{Dictionary, draft, one_page};
use crate::support::verdict::{IDENTITY, assert_permitted, assert_suspicious, changed, signed};

const LOOK: &str = "<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<<>>/Length 21>>stream\n\
                    0 g 0 0 80 40 re f  Q\nendstream";

/// What the page shall show afterwards.
const OVER: &str = "<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<<>>/Length 21>>stream\n\
                    1 g 0 0 80 40 re f  Q\nendstream";

/// A page, with these entries.
fn page(more: &str) -> String {
    format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R{more}>>")
}

/// A field whose look is this object, or the dictionary of its looks.
fn field(value: &str, look: &str) -> String {
    format!("<</FT/Tx/T(b)/V({value})/AP {look}>>")
}

/// Signs the field 20, whose look is 21, beside these objects, and fills it in with another look.
fn filled(objects: &[(u32, &str)]) -> [Vec<u8>; 2] {
    let (before, now) = (field("1", "21 0 R"), field("2", "30 0 R"));
    let dictionary = Dictionary {
        others: &[20],
        ..Dictionary::default()
    };
    let both = [(20, before.as_str()), (21, LOOK)];
    let file = signed(&[&both, objects].concat(), &dictionary);
    let over = field("2", "21 0 R");
    [
        changed(&file, &[(20, &now), (30, OVER)]),
        changed(&file, &[(20, &over), (21, OVER)]),
    ]
}

#[test]
fn a_field_that_the_page_is_drawn_with_may_not_be_filled() {
    let pictures = page("/Resources<</XObject 20 0 R>>");
    let by_way = page("/Resources<</XObject 22 0 R>>");
    let lettered = page("/Resources<</Font<</A 22 0 R>>>>");
    let font = "<</Type/Font/Subtype/Type3/CharProcs 20 0 R/Resources<<>>>>";
    let stamped = page("/Annots[22 0 R]");
    let stamp = "<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/AP<</N 20 0 R>>/AS/AP>>";
    let cases: [(&str, &[(u32, &str)]); 4] = [
        ("pictures", &[(3, &pictures)]),
        (
            "pictures, by another object",
            &[(3, &by_way), (22, "20 0 R")],
        ),
        ("letters", &[(3, &lettered), (22, font)]),
        ("a stamp's states", &[(3, &stamped), (22, stamp)]),
    ];
    for (what, objects) in cases {
        for file in filled(objects) {
            assert_suspicious(what, &file);
        }
    }
}

#[test]
fn a_field_that_structure_and_actions_name_may_be_filled() {
    let page = page("/Annots[20 0 R]");
    let (structure, hides) = ("<</Type/OBJR/Obj 20 0 R>>", "<</S/Hide/T 20 0 R>>");
    for file in filled(&[(3, &page), (22, structure), (23, hides)]) {
        assert_permitted("a field alone", &file);
    }
}

#[test]
fn an_annotation_of_another_kind_is_no_field_though_the_form_lists_it() {
    let stamp =
        |look, value| format!("<</Subtype/Stamp/Rect[0 0 595 842]/AP<</N {look} 0 R>>{value}>>");
    let dictionary = Dictionary {
        others: &[20],
        ..Dictionary::default()
    };
    let (page, before) = (page("/Annots[20 0 R]"), stamp(21, ""));
    let file = signed(&[(3, &page), (20, &before), (21, LOOK)], &dictionary);
    let now = stamp(30, "/V(2)");
    assert_suspicious("a stamp", &changed(&file, &[(20, &now), (30, OVER)]));
}

#[test]
fn catalog_and_form_are_nothing_else_where_they_change() {
    let catalog =
        |look: &str| format!("<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/Extensions {look}>>");
    let form = |look: &str| format!("<</SigFlags 3/Fields[10 0 R]/DR {look}>>");
    let dictionary = Dictionary {
        form: "/DR 21 0 R",
        ..Dictionary::default()
    };
    let before = catalog("21 0 R");
    for (number, now) in [(1, catalog("30 0 R")), (5, form("30 0 R"))] {
        let page = page(&format!("/Resources<</XObject {number} 0 R>>"));
        let file = signed(&[(1, &before), (3, &page), (21, LOOK)], &dictionary);
        let file = changed(&file, &[(number, &now), (30, OVER)]);
        assert_suspicious(&page, &file);
    }
}

#[test]
fn the_information_is_nothing_else_where_it_changes() {
    let information = |look: u32| format!("<</Producer {look} 0 R>>");
    let before = information(21);
    for (resources, is_permitted) in [("", true), ("/Resources<</XObject 22 0 R>>", false)] {
        let page = page(resources);
        let objects = [(3, page.as_str()), (21, LOOK), (22, &before)];
        let mut draft = draft(&changed(&one_page(), &objects), 0, &Dictionary::default());
        let text = String::from_utf8_lossy(&draft.bytes[draft.hole.end..]).into_owned();
        let text = text.replace("/Root 1 0 R", "/Root 1 0 R/Info 22 0 R");
        draft.bytes.truncate(draft.hole.end);
        draft.bytes.extend(text.bytes());
        draft.set_byte_range(&draft.honest_range());
        let file = draft.seal(&IDENTITY);
        let file = changed(&file, &[(22, &information(30)), (30, OVER)]);
        if is_permitted {
            assert_permitted("it alone", &file);
        } else {
            assert_suspicious(resources, &file);
        }
    }
}

/// What it is, what the page has of it, the signed objects, and the one that changes.
type Case<'c> = (&'c str, &'c str, &'c [(u32, &'c str)], (u32, &'c str));

#[test]
fn what_the_page_has_too_is_not_changed_by_what_leads_to_it() {
    let letters = "<</Type/Font/Subtype/Type3/CharProcs<</a 21 0 R>>>>";
    let information = "/Type/Metadata/Subtype/Form";
    let (packet, other) = (
        LOOK.replace("/Type/XObject/Subtype/Form", information),
        OVER.replace("/Type/XObject/Subtype/Form", information),
    );
    let pictures = ["<</XObject 23 0 R>>", "<</A 21 0 R>>", "<</A 30 0 R>>"];
    let resources = "/Resources 24 0 R";
    let catalog = |more| format!("<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R{more}>>");
    let (described, stored) = (catalog("/Metadata 22 0 R"), catalog("/DSS 23 0 R"));
    let store = letters.replace("21 0 R", "30 0 R");
    let cases: [Case<'_>; 3] = [
        (
            "the form's resources",
            resources,
            &[(24, pictures[0]), (23, pictures[1])],
            (23, pictures[2]),
        ),
        (
            "metadata",
            "/Resources<</XObject 1 0 R>>",
            &[(1, &described), (22, &packet)],
            (22, &other),
        ),
        (
            "validation data",
            "/Resources<</Font 1 0 R>>",
            &[(1, &stored), (23, letters)],
            (23, &store),
        ),
    ];
    for (what, resources, objects, now) in cases {
        for (more, is_permitted) in [("", true), (resources, false)] {
            let dictionary = Dictionary {
                form: "/DR 24 0 R",
                ..Dictionary::default()
            };
            let page = page(more);
            let objects = [&[(3, page.as_str()), (21, LOOK)], objects].concat();
            let file = changed(&signed(&objects, &dictionary), &[now, (30, OVER)]);
            if is_permitted {
                assert_permitted(what, &file);
            } else {
                assert_suspicious(what, &file);
            }
        }
    }
}
