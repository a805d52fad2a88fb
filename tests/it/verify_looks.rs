//! What later revisions do to the looks of fields: a program that fills a form in may write a new
//! look over the old one, and a new signature may be shown by a widget that stands beside its field.

use trao::pades::{Limits, Refusal, TrustAnchors, verify};

use crate::support::pdf::{Dictionary, append, draft};
use crate::support::pki::NOW;
use crate::support::verdict::{
    IDENTITY, assert_permitted, assert_suspicious, certified, changed, sealed, signed,
};

const LOOK: &str = "<</Type/XObject/Subtype/Form/BBox[0 0 80 40]/Resources<<>>/Length 21>>stream\n\
                    0 g 0 0 80 40 re f  Q\nendstream";

/// What is written over it.
const OVER: &str = "<</Type/XObject/Subtype/Form/BBox[0 0 80 40]/Length 21>>stream\n\
                    1 g 0 0 80 40 re f  Q\nendstream";

/// A field of text and what is its look.
fn text_field(value: &str, look: &str) -> String {
    format!("<</Type/Annot/Subtype/Widget/FT/Tx/T(b)/Rect[0 0 80 40]/V({value})/AP {look}>>")
}

/// Signs the fields 20 and 25, the look 21, and these objects beside them or in their stead.
fn with_fields(objects: &[(u32, &str)], dictionary: &Dictionary<'_>) -> Vec<u8> {
    let field = text_field("1", "<</N 21 0 R>>");
    let mut all = vec![
        (20, field.as_str()),
        (21, LOOK),
        (25, "<</FT/Tx/T(c)/V(c)>>"),
    ];
    all.retain(|(number, _)| objects.iter().all(|(other, _)| number != other));
    let dictionary = Dictionary {
        others: &[20, 25],
        ..dictionary.clone()
    };
    signed(&[all.as_slice(), objects].concat(), &dictionary)
}

/// Fills the field of text and writes over its look.
fn filled(file: &[u8]) -> Vec<u8> {
    let field = text_field("2", "<</N 21 0 R>>");
    changed(file, &[(20, &field), (21, OVER)])
}

#[test]
fn a_field_that_is_filled_may_have_its_look_written_over() {
    let none = Dictionary::default();
    assert_permitted("its own", &filled(&with_fields(&[], &none)));
    let states = ("<</N<</On 21 0 R/Off 21 0 R>>>>", "<<>>");
    for (look, between) in [
        states,
        ("<</N 22 0 R>>", "<</On 21 0 R>>"),
        ("22 0 R", "<</N 21 0 R>>"),
    ] {
        let field = |value| text_field(value, look);
        let (before, now) = (field("1"), field("2"));
        let file = with_fields(&[(20, &before), (22, between)], &none);
        assert_permitted(look, &changed(&file, &[(20, &now), (21, OVER)]));
        if between != "<<>>" {
            let other = between.replace("21", "30");
            let objects = [(20, now.as_str()), (22, &other), (30, OVER)];
            assert_permitted(look, &changed(&file, &objects));
        }
    }
    let kid = "<</Type/Annot/Subtype/Widget/Parent 20 0 R/Rect[0 0 80 40]/AP<</N 21 0 R>>>>";
    let above = |value| format!("<</FT/Tx/T(b)/V({value})/Kids[23 0 R]>>");
    let file = with_fields(&[(20, &above("1")), (23, kid)], &none);
    let objects = [(20, above("2")), (21, OVER.to_owned())];
    assert_permitted("a kid's", &append(&file, &objects));
    let both = with_fields(&[(25, &text_field("1", "<</N 21 0 R>>"))], &none);
    let both = changed(&filled(&both), &[(25, &text_field("2", "<</N 21 0 R>>"))]);
    assert_permitted("two fields' that are both filled", &both);
}

#[test]
fn what_says_a_value_in_another_way_changes_with_it_alone() {
    let file = with_fields(&[], &Dictionary::default());
    for more in ["/RV(<p>2</p>)", "/I[1]"] {
        let field =
            |value| text_field(value, "<</N 21 0 R>>").replace("/T(b)", &format!("/T(b){more}"));
        assert_permitted(more, &append(&file, &[(20, field("2"))]));
        assert_suspicious(more, &append(&file, &[(20, field("1"))]));
    }
}

#[test]
fn a_signature_may_have_the_look_of_its_empty_field_written_over() {
    let field = "/Rect[0 0 80 40]/AP<</N 21 0 R>>";
    let empty = format!("<</FT/Sig/T(Chu ky 1){field}>>");
    let others = Dictionary {
        others: &[12],
        ..Dictionary::default()
    };
    let file = signed(&[(12, &empty), (21, LOOK)], &others);
    let over = changed(&file, &[(21, OVER)]);
    assert_suspicious("nothing is signed by it", &over);
    let second = Dictionary {
        field,
        ..Dictionary::default()
    };
    let file = draft(&over, 1, &second).seal(&IDENTITY);
    assert_permitted("the signature's own", &file);
}

#[test]
fn a_look_that_shows_more_than_filled_fields_may_not_be_written_over() {
    let none = Dictionary::default();
    let page =
        |more| format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R{more}>>");
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/More 21 0 R>>";
    let stamp = "<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/AP<</N 21 0 R>>>>";
    let another = text_field("c", "<</N 21 0 R>>");
    let (drawn, stamped) = (
        page("/Resources<</XObject<</A 21 0 R>>>>"),
        page("/Annots[26 0 R]"),
    );
    let content = page("").replace("4 0 R", "[4 0 R 21 0 R]");
    let between = [(26, "21 0 R"), (20, &text_field("1", "<</N 26 0 R>>"))];
    let shared = text_field("1", "22 0 R");
    let beside = stamp.replace("<</N 21 0 R>>", " 22 0 R");
    let by_way = [
        (3, stamped.as_str()),
        (20, &shared),
        (22, "<</N 21 0 R>>"),
        (26, &beside),
    ];
    let cases: [(&str, &[(u32, &str)]); 8] = [
        ("the page draws it", &[(3, &drawn)]),
        ("it is the page's content", &[(3, &content)]),
        ("a stamp", &[(3, &stamped), (26, stamp)]),
        ("a field that is not filled", &[(25, &another)]),
        ("the catalog", &[(1, catalog)]),
        (
            "it was no look",
            &[(21, "<</Length 8>>stream\n0 0 m  Q\nendstream")],
        ),
        ("a reference to a reference", &between),
        ("a stamp by what leads to it", &by_way),
    ];
    for (what, objects) in cases {
        assert_suspicious(what, &filled(&with_fields(objects, &none)));
    }
    let signed_too = Dictionary {
        field: "/Subtype/Widget/Rect[0 0 80 40]/AP<</N 21 0 R>>",
        ..Dictionary::default()
    };
    assert_suspicious("a signature", &filled(&with_fields(&[], &signed_too)));
}

#[test]
fn a_reference_to_a_look_counts_once_by_whatever_way_it_is_come_to() {
    let above = |value| text_field(value, "25 0 R");
    let below = |value| text_field(value, "<</N 21 0 R>>").replace("/T(b)", "/T(c)");
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
                /Resources<</XObject<</A 21 0 R>>>>>>";
    let objects = [(3, page), (20, &above("1")), (25, &below("1"))];
    let file = with_fields(&objects, &Dictionary::default());
    let objects = [(20, above("2")), (25, below("2")), (21, OVER.to_owned())];
    assert_suspicious("a field that is looks too", &append(&file, &objects));
}

#[test]
fn a_look_is_written_over_only_where_its_field_may_be_filled() {
    let none = Dictionary::default();
    let file = with_fields(&[], &none);
    assert_suspicious("not filled", &changed(&file, &[(21, OVER)]));
    let image = OVER.replace("/Form", "/Image");
    assert_suspicious("no look", &changed(&filled(&file), &[(21, &image)]));
    let button = |value| {
        let field = text_field(value, "<</N 21 0 R>>");
        field.replace("/Tx", "/Btn/Ff 65536")
    };
    let file = with_fields(&[(20, &button("1"))], &none);
    let file = append(&file, &[(20, button("2")), (21, OVER.to_owned())]);
    assert_suspicious("a push-button", &file);
    let computed = "/AA<</C<</S/JavaScript/JS(event.value = 2)>>>>";
    for (more, is_permitted) in [("", false), (computed, true)] {
        let field = |value| {
            let flags = format!("/Tx/Ff 1{more}");
            text_field(value, "<</N 21 0 R>>").replace("/Tx", &flags)
        };
        let file = with_fields(&[(20, &field("1"))], &none);
        let file = append(&file, &[(20, field("2")), (21, OVER.to_owned())]);
        if is_permitted {
            assert_permitted("a computed value", &file);
        } else {
            assert_suspicious("a read-only field", &file);
        }
    }
    let locked = "/Reference[<</Type/SigRef/TransformMethod/FieldMDP\
                  /TransformParams<</Type/TransformParams/V/1.2/Action/Include/Fields[(b)]>>>>]";
    for (reference, is_permitted) in [
        (locked.to_owned(), false),
        (locked.replace("(b)", "(c)"), true),
        (certified(1), false),
        (certified(2), true),
    ] {
        let dictionary = Dictionary {
            more: &reference,
            ..Dictionary::default()
        };
        let file = filled(&with_fields(&[], &dictionary));
        if is_permitted {
            assert_permitted(&reference, &file);
        } else {
            assert_suspicious(&reference, &file);
        }
    }
}

/// A second signature that a widget beside its field shows, as `kids` of the field say.
fn shown_beside(first: &[u8], widget: &str, kids: &str) -> Vec<u8> {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[30 0 R]>>";
    let file = changed(first, &[(3, page), (30, widget), (31, LOOK)]);
    let dictionary = Dictionary {
        field: kids,
        ..Dictionary::default()
    };
    draft(&file, 1, &dictionary).seal(&IDENTITY)
}

#[test]
fn a_widget_that_names_no_field_belongs_to_the_signed_one_that_names_it() {
    let widget = "<</Type/Annot/Subtype/Widget/Rect[20 120 80 140]/AP<</N 31 0 R>>>>";
    let kids = "/Kids[30 0 R]";
    assert_permitted("named", &shown_beside(&sealed(), widget, kids));
    assert_suspicious("not named", &shown_beside(&sealed(), widget, ""));
    let certification = certified(2);
    let dictionary = Dictionary {
        more: &certification,
        ..Dictionary::default()
    };
    let file = shown_beside(&signed(&[], &dictionary), widget, kids);
    assert_suspicious("certified", &file);
    for other in [
        widget.replace("/Subtype", "/FT/Tx/Subtype"),
        widget.replace("/Widget", "/Stamp"),
        widget.replace("/Rect", "/A<</S/URI/URI(a)>>/Rect"),
    ] {
        assert_suspicious(&other, &shown_beside(&sealed(), &other, kids));
    }
}

#[test]
fn a_widget_that_two_signed_fields_name_is_neithers() {
    let widget = "<</Type/Annot/Subtype/Widget/Rect[20 120 80 140]/AP<</N 31 0 R>>>>";
    let signed_by = |file: &[u8], nth, field| {
        let dictionary = Dictionary {
            field,
            ..Dictionary::default()
        };
        draft(file, nth, &dictionary).seal(&IDENTITY)
    };
    let kids = "/Kids[30 0 R]";
    let second = shown_beside(&sealed(), widget, kids);
    assert_permitted("one's", &signed_by(&second, 2, ""));
    assert_suspicious("two's", &signed_by(&second, 2, kids));
    let twice = shown_beside(&sealed(), widget, "/Kids[30 0 R 30 0 R]");
    assert_permitted("one's, named twice", &twice);
}

#[test]
fn states_that_many_fields_share_are_walked_so_often_and_no_more() {
    let states: Vec<String> = (0..1000)
        .map(|n| format!("/S{n} {} 0 R", 1000 + n))
        .collect();
    let states = format!("<<{}>>", states.concat());
    let field = text_field("1", "<</N 22 0 R>>");
    let judged = |count: u32| {
        let others: Vec<u32> = (100..100 + count).collect();
        let mut objects: Vec<_> = others.iter().map(|&n| (n, field.as_str())).collect();
        objects.push((22, &states));
        let dictionary = Dictionary {
            others: &others,
            ..Dictionary::default()
        };
        let file = changed(&signed(&objects, &dictionary), &[(22, "<<>>")]);
        verify(&file, &Limits::default(), &TrustAnchors::default(), NOW)
    };
    assert!(judged(3).is_ok());
    assert!(matches!(judged(300), Err(Refusal::PdfTooComplex(_))));
}
