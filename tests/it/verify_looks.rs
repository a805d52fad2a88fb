//! What later revisions do to the looks of fields: a program that fills a form in may write a new
//! look over the old one, and a new signature may be shown by a widget that stands beside its field.

use crate::support::pdf::{Dictionary, draft};
use crate::support::verdict::{
    IDENTITY, assert_permitted, assert_suspicious, certified, changed, sealed, signed,
};

const LOOK: &str = "<</Type/XObject/Subtype/Form/BBox[0 0 80 40]/Resources<<>>/Length 21>>stream\n\
                    0 g 0 0 80 40 re f  Q\nendstream";

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
