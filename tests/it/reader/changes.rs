//! What a later revision may do to a signed one, as far as the structure shows it: the attacks
//! that change no object a signer saw, and the growth that archiving needs.

use trao::pades::{ChangesAfter, Covers, EmbeddedSignature, Limits, Pdf, signatures};

use crate::support::pdf::{Dictionary, append, draft, find, one_page};

fn first_signature(file: &[u8]) -> EmbeddedSignature {
    let file = file.to_vec();
    let pdf = Pdf::open(&file, &Limits::default()).unwrap();
    signatures(&pdf).unwrap().remove(0)
}

/// Signs one page to which these objects were added or that they replaced.
fn signed(objects: &[(u32, &str)]) -> Vec<u8> {
    draft(
        &append(&one_page(), &owned(objects)),
        0,
        &Dictionary::default(),
    )
    .bytes
}

fn owned(objects: &[(u32, &str)]) -> Vec<(u32, String)> {
    objects
        .iter()
        .map(|(number, body)| (*number, (*body).to_owned()))
        .collect()
}

#[track_caller]
fn assert_after(signed: &[u8], objects: &[(u32, &str)], expected: ChangesAfter) {
    let signature = first_signature(&append(signed, &owned(objects)));
    assert_eq!(
        signature.covers,
        Covers::Revision,
        "{:?}",
        signature.findings
    );
    assert_eq!(
        signature.changes_after, expected,
        "{:?}",
        signature.findings
    );
}

const PAGE: &str = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R 60 0 R]>>";
const NEW_CONTENT: &str = "<</Length 5>>stream\nBT ET\nendstream";

#[test]
fn content_that_the_signed_revision_left_open_may_not_come_later() {
    let signed = signed(&[(3, PAGE)]);
    assert_after(&signed, &[(60, NEW_CONTENT)], ChangesAfter::Suspicious);
    assert_after(&signed, &[(61, NEW_CONTENT)], ChangesAfter::Permitted);
}

#[test]
fn content_under_the_name_of_a_cross_reference_stream_may_not_change() {
    let old = "<</Type/XRef/Length 5>>stream\nBT ET\nendstream";
    let new = "<</Type/XRef/Length 6>>stream\nBT  ET\nendstream";
    let seen = signed(&[(3, PAGE), (60, old)]);
    assert_after(&seen, &[(60, new)], ChangesAfter::Suspicious);
    let unseen = signed(&[(60, old)]);
    assert_after(&unseen, &[(60, new)], ChangesAfter::Permitted);
}

/// Writers that parse a file choose the notation of its strings anew.
#[test]
fn a_string_may_be_written_in_another_notation_and_say_the_same() {
    let signed = signed(&[
        (
            1,
            "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/Lang(vi)/URI<</Base[(vi)]>>>>",
        ),
        (30, "<</Title(Quyet \\304inh)/Author<4C616E>>>"),
    ]);
    let catalog =
        "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS<<>>/Lang<7669>/URI<</Base[<7669>]>>>>";
    let info = "<</Title<517579657420C4696E68>/Author(Lan)>>";
    assert_after(
        &signed,
        &[(1, catalog), (30, info)],
        ChangesAfter::Permitted,
    );
    let other_lang = catalog.replacen("<7669>", "<766A>", 1);
    let other_base = catalog.replace("[<7669>]", "[<766A>]");
    for catalog in [other_lang, other_base] {
        assert_after(&signed, &[(1, &catalog)], ChangesAfter::Suspicious);
    }
    let other = "<</Title<517579657420C4696E67>/Author(Lan)>>";
    assert_after(&signed, &[(30, other)], ChangesAfter::Suspicious);
}

/// Else a value that is written anew and no other would bring a new look with it.
#[test]
fn a_fields_value_in_another_notation_is_no_other_value() {
    let field = "<</FT/Tx/T(a)/V(1000)/AP<</N 21 0 R>>>>";
    let form = Dictionary {
        others: &[20],
        ..Dictionary::default()
    };
    let signed = draft(&append(&one_page(), &owned(&[(20, field)])), 0, &form).bytes;
    let new_look = |value| format!("<</FT/Tx/T(a)/V{value}/AP<</N 22 0 R>>>>");
    let filled = new_look("(2000)");
    assert_after(&signed, &[(20, &filled)], ChangesAfter::Permitted);
    let rewritten = new_look("<31303030>");
    assert_after(&signed, &[(20, &rewritten)], ChangesAfter::Suspicious);
}

#[test]
fn a_fields_value_in_a_stream_is_another_one_with_other_data() {
    let stream = |text: &str| format!("<</Length {}>>stream\n{text}\nendstream", text.len());
    let field = |value, look| format!("<</FT/Tx/T(a)/V {value} 0 R/AP<</N {look} 0 R>>>>");
    let form = Dictionary {
        others: &[20],
        ..Dictionary::default()
    };
    let begun = [(20, field(21, 23)), (21, stream("1000"))];
    let signed = draft(&append(&one_page(), &begun), 0, &form).bytes;
    for (data, expected) in [
        ("2000", ChangesAfter::Permitted),
        ("1000", ChangesAfter::Suspicious),
    ] {
        let (filled, value) = (field(22, 24), stream(data));
        assert_after(&signed, &[(20, &filled), (22, &value)], expected);
    }
}

#[test]
fn a_security_store_may_grow() {
    let signed = signed(&[
        (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS 30 0 R>>"),
        (30, "<</Certs 31 0 R/VRI<<>>>>"),
        (31, "[]"),
    ]);
    let grown = [
        (30, "<</Certs 31 0 R/OCSPs[33 0 R]/VRI<<>>>>"),
        (31, "[32 0 R]"),
    ];
    assert_after(&signed, &grown, ChangesAfter::Permitted);
}

#[test]
fn a_part_of_the_security_store_that_is_content_as_well_may_not() {
    let signed = signed(&[
        (
            1,
            "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS<</Certs 31 0 R>>>>",
        ),
        (
            3,
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 31 0 R>>",
        ),
        (31, "[4 0 R]"),
    ]);
    let content = [(31, "[4 0 R 32 0 R]"), (32, NEW_CONTENT)];
    assert_after(&signed, &content, ChangesAfter::Suspicious);
}

#[test]
fn the_hole_lies_in_the_object_of_its_signature() {
    let signed = signed(&[]);
    let start = find(&signed, b"11 0 obj\n") + "11 0 obj\n".len();
    let value = &signed[start..start + find(&signed[start..], b"\nendobj")];
    let field = format!("<</FT/Sig/T(copy)/V {}>>", String::from_utf8_lossy(value));
    let signature = first_signature(&append(&signed, &[(10, field)]));
    assert_eq!(signature.covers, Covers::Part);
    assert_eq!(signature.findings[0].code, "hole_elsewhere");
}

#[test]
fn a_signature_may_stand_in_its_field_itself_if_that_is_an_object() {
    let signature = first_signature(&signed_in_place(true));
    assert_eq!(
        signature.covers,
        Covers::WholeFile,
        "{:?}",
        signature.findings
    );
    let signature = first_signature(&signed_in_place(false));
    assert_eq!(signature.covers, Covers::Part);
    assert_eq!(signature.findings[0].code, "hole_elsewhere");
}

/// A file whose signature is part of its field: of object 10, or of the form's own list.
fn signed_in_place(is_object: bool) -> Vec<u8> {
    let digits = "ab".repeat(16);
    let place = "[0000000000 0000000000 0000000000 0000000000]";
    let field = format!(
        "<</FT/Sig/T(a)/V<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange{place}/Contents<{digits}>>>>>"
    );
    let objects = if is_object {
        vec![(5, "<</Fields[10 0 R]>>".to_owned()), (10, field)]
    } else {
        vec![(5, format!("<</Fields[{field}]>>"))]
    };
    let mut file = append(&one_page(), &objects);
    let hole = find(&file, b"/Contents<ab") + "/Contents".len();
    let behind = hole + digits.len() + 2;
    let range = format!(
        "[{:010} {hole:010} {behind:010} {:010}]",
        0,
        file.len() - behind
    );
    let at = find(&file, place.as_bytes());
    file[at..at + range.len()].copy_from_slice(range.as_bytes());
    file
}

#[test]
fn the_end_of_the_last_line_need_not_be_covered() {
    let mut draft = draft(&one_page(), 0, &Dictionary::default());
    let [start, before, behind, after] = draft.honest_range();
    draft.set_byte_range(&[start, before, behind, after - 1]);
    assert!(draft.bytes.ends_with(b"%%EOF\n"));
    let signature = first_signature(&draft.bytes);
    assert_eq!(signature.covers, Covers::WholeFile);
    draft.set_byte_range(&[start, before, behind, after - 2]);
    let signature = first_signature(&draft.bytes);
    assert_eq!(signature.covers, Covers::Part);
}
