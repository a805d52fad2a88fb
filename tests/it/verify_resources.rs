//! What later revisions do to the form's resources: some writers put the picture of their newest
//! signature there, always under one name, others add fonts. What was signed may not change by them.

use crate::support::pdf::{Dictionary, draft};
use crate::support::verdict::{IDENTITY, assert_permitted, assert_suspicious, changed, signed};

const PICTURE: &str = "<</Type/XObject/Subtype/Form/BBox[0 0 80 40]/Resources<<>>/Length 21>>stream\n\
                       0 g 0 0 80 40 re f  Q\nendstream";
const FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
const OTHER_FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/Courier>>";

/// The look of the first signature, which draws a picture by its name.
fn look(resources: &str) -> String {
    format!(
        "<</Type/XObject/Subtype/Form/BBox[0 0 80 40]{resources}/Length 7>>stream\n\
         /FRM Do\nendstream"
    )
}

/// Two signatures; the second has another picture than the first under the same name. `others` are
/// objects of the signed file, `field` stands in its first field.
fn with_two_pictures(others: &[(u32, &str)], field: &str) -> Vec<u8> {
    let dictionary = |form, field| Dictionary {
        field,
        form,
        ..Dictionary::default()
    };
    let first = "/DR<</XObject<</FRM 20 0 R>>/ProcSet[/PDF]>>";
    let second = "/DR<</XObject<</FRM 30 0 R>>/ProcSet[/PDF]>>";
    let objects = [&[(20, PICTURE)], others].concat();
    let file = signed(&objects, &dictionary(first, field));
    let file = changed(&file, &[(30, PICTURE)]);
    draft(&file, 1, &dictionary(second, "")).seal(&IDENTITY)
}

#[test]
fn a_second_visible_signature_may_exchange_the_picture_in_the_forms_resources() {
    let field = "/Subtype/Widget/Rect[0 0 80 40]/AP<</N 22 0 R>>";
    let own = look("/Resources<</XObject<</FRM 20 0 R>>>>");
    let empty = "<</Type/XObject/Subtype/Form/BBox[0 0 0 0]/Length 0>>stream\n\nendstream";
    let text = "<</FT/Tx/T(b)/DA(/Helv 0 Tf 0 g)>>";
    let file = with_two_pictures(&[(22, &own), (23, empty), (24, text)], field);
    assert_permitted("nothing signed is drawn with it", &file);
}

#[test]
fn a_picture_that_something_signed_is_drawn_with_stays() {
    let field = "/Subtype/Widget/Rect[0 0 80 40]/AP<</N 22 0 R>>";
    for resources in ["", "/Resources null", "/Resources 99 0 R"] {
        let file = with_two_pictures(&[(22, &look(resources))], field);
        assert_suspicious(resources, &file);
    }
    let nameless = look("").replace("/Type/XObject/Subtype/Form", "");
    assert_suspicious("no kind", &with_two_pictures(&[(22, &nameless)], field));
    let locked = "<</FT/Tx/T(b)/Kids[<</DA(/FRM Do)>>]>>";
    let file = with_two_pictures(&[(22, locked)], "");
    assert_suspicious("a default appearance", &file);
    let apart = [(22, "<</FT/Tx/T(b)/DA 23 0 R>>"), (23, "(/FRM Do)")];
    assert_suspicious("one that stands apart", &with_two_pictures(&apart, ""));
    let letter = "<</Length 13>>stream\n9 0 d0/FRM Do\nendstream";
    let font = |more| format!("<</Type/Font/Subtype/Type3/CharProcs<</a 23 0 R>>{more}>>");
    let borrowing = font("");
    let letters = [(22, borrowing.as_str()), (23, letter)];
    assert_suspicious("letters", &with_two_pictures(&letters, ""));
    let own = font("/Resources<</XObject<</FRM 20 0 R>>>>");
    let letters = [(22, own.as_str()), (23, letter)];
    assert_permitted("letters of their own", &with_two_pictures(&letters, ""));
    let garbled = look("/Filter/FlateDecode");
    let file = with_two_pictures(&[(22, &garbled)], field);
    assert_suspicious("what cannot be read", &file);
}

/// A signed form whose resources are object 20 and its fonts object 21.
fn with_fonts(page: &str) -> Vec<u8> {
    let dictionary = Dictionary {
        form: "/DR 20 0 R",
        ..Dictionary::default()
    };
    let page = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R{page}>>");
    let objects = [
        (3, page.as_str()),
        (20, "<</Font 21 0 R>>"),
        (21, "<</Helv 22 0 R>>"),
        (22, FONT),
    ];
    signed(&objects, &dictionary)
}

#[test]
fn resources_that_are_objects_of_their_own_may_grow() {
    let file = with_fonts("");
    let more = "<</Helv 22 0 R/Cour 30 0 R>>";
    assert_permitted("a font", &changed(&file, &[(21, more), (30, OTHER_FONT)]));
    let categories = "<</Font 21 0 R/XObject<<>>>>";
    assert_permitted("a category", &changed(&file, &[(20, categories)]));
}

#[test]
fn resources_that_are_objects_of_their_own_keep_what_they_had() {
    let file = with_fonts("");
    let other = [(21, "<</Helv 30 0 R>>"), (30, OTHER_FONT)];
    assert_suspicious("another font", &changed(&file, &other));
    assert_suspicious("no font", &changed(&file, &[(21, "<<>>")]));
    assert_suspicious("no fonts", &changed(&file, &[(20, "<<>>")]));
    assert_suspicious("the font itself", &changed(&file, &[(22, OTHER_FONT)]));
    let more = [(21, "<</Helv 22 0 R/Cour 30 0 R>>"), (30, OTHER_FONT)];
    let file = with_fonts("/Resources<</Font 21 0 R>>");
    assert_suspicious("a page has them too", &changed(&file, &more));
}
