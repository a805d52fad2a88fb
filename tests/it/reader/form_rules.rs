//! What a signature of a damaged file forbids: each dictionary that says so has what it must have and
//! says nothing but what its kind may say. One byte may have made it another word.

use super::doubtful::{assert_refused, sealed, with};
use crate::support::pdf_file::{PdfFile, XrefKind};

const LOST: &str = "a part of its form is lost";

/// A damaged file with a signed field, with more in the field and in the signature.
fn signed(field: &str, signature: &str) -> Vec<u8> {
    let field = format!("<< /FT /Sig /T (a) /V 20 0 R {field} >>");
    let signature = format!("<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> {signature} >>");
    let file = PdfFile::new(XrefKind::Table)
        .catalog("/AcroForm << /Fields [11 0 R 12 0 R] >>")
        .object(11, &field)
        .object(12, "<< /FT /Tx /T (b) >>")
        .object(20, &signature)
        .object(30, "(b)");
    with(&file, "")
}

/// One with such a `/Lock`.
fn locked(lock: &str) -> Vec<u8> {
    signed(&format!("/Lock << {lock} >>"), "")
}

/// One with a signature of this method and these parameters.
fn of_method(method: &str, parameters: &str) -> Vec<u8> {
    let reference = format!("/TransformMethod /{method} /TransformParams << {parameters} >>");
    signed("", &format!("/Reference [<< {reference} >>]"))
}

#[test]
fn each_kind_of_rule_has_what_it_must_have_and_nothing_of_another_kind() {
    sealed(&locked("/Type /SigFieldLock /Action /All /P 3"));
    for lock in [
        "/Action /All /V 1",
        "/Action /All /V /1.2",
        "/Action /All /EF 1",
        "/Type /SigFieldLock",
        "/Type /SigFieldLock /P 3",
        "/Action null",
    ] {
        assert_refused(&locked(lock), LOST, lock);
    }
    for (method, parameters) in [
        ("DocMDP", "/Type /TransformParams /P 3 /V /1.2"),
        ("FieldMDP", "/Action /All /P 3 /V /1.2"),
        ("UR3", "/P true /V /2.2 /Annots [/Create] /FormEX []"),
        ("Identity", ""),
    ] {
        sealed(&of_method(method, parameters));
    }
    for (method, parameters) in [
        ("DocMDP", "/V /1.2"),
        ("DocMDP", "/P 3 /Action /All"),
        ("DocMDP", "/P 3 /Fields [(b)]"),
        ("FieldMDP", "/V /1.2"),
        ("FieldMDP", "/Action null"),
        ("FieldMDP", "/Action /All /V 1"),
        ("FieldMDP", "/Action /All /EF 1"),
        ("UR3", "/Action /All"),
        ("Identity", "/P 1"),
    ] {
        let file = of_method(method, parameters);
        assert_refused(&file, LOST, &format!("{method}: {parameters}"));
    }
}

#[test]
fn a_reference_of_a_signature_says_nothing_but_what_there_is_to_say() {
    let said = |more: &str| {
        let reference = "/Type /SigRef /TransformMethod /UR3 /DigestMethod /MD5";
        signed("", &format!("/Reference [<< {reference} {more} >>]"))
    };
    sealed(&said("/TransformParams << /P true >> /Data 1 0 R"));
    for more in ["/TransformParamt << >>", "/P 1", "/Fields [(b)]"] {
        assert_refused(&said(more), LOST, more);
    }
    let missing = signed("", "/Reference [<< /TransformMethod /FieldMDP >>]");
    assert_refused(&missing, LOST, "without parameters");
}

#[test]
fn an_object_that_is_two_kinds_of_rule_must_be_whole_as_each() {
    let shared = |rule: &str| {
        let reference = "/TransformMethod /FieldMDP /TransformParams 31 0 R";
        let file = signed("/Lock 31 0 R", &format!("/Reference [<< {reference} >>]"));
        [
            &*file,
            format!("31 0 obj\n<< {rule} >>\nendobj\n").as_bytes(),
        ]
        .concat()
    };
    sealed(&shared("/Action /All /P 3"));
    assert_refused(&shared("/Action /All /V /1.2"), LOST, "no lock has it");
}

#[test]
fn every_field_that_is_locked_is_named_by_a_text_string() {
    let files = |fields: &str| {
        let rule = format!("/Action /Include /Fields {fields}");
        [locked(&rule), of_method("FieldMDP", &rule)]
    };
    for fields in ["[(b)]", "[<FEFF0062>]", "[(a) (b)]", "[30 0 R]"] {
        for file in files(fields) {
            sealed(&file);
        }
    }
    for fields in [
        "[31 0 R]", "[null]", "[/b]", "[[(b)]]", "[11 0 R]", "[(a) 5]", "(b)",
    ] {
        for file in files(fields) {
            assert_refused(&file, LOST, fields);
        }
    }
    let all = locked("/Action /All /Fields [null]");
    assert_refused(&all, LOST, "beside all of them");
}

#[test]
fn a_level_is_one_of_three_and_only_usage_rights_are_true_or_false() {
    let files = |level: &str| {
        [
            ("DocMDP", of_method("DocMDP", level)),
            ("Lock", locked(&format!("/Action /All {level}"))),
            (
                "FieldMDP",
                of_method("FieldMDP", &format!("/Action /All {level}")),
            ),
        ]
    };
    for level in ["/P 2", "/P 3", "/P 2.0", "/P 32 0 R"] {
        for (_, file) in files(level) {
            sealed(&[&*file, b"32 0 obj\n3\nendobj\n"].concat());
        }
    }
    for level in [
        "true", "false", "null", "0", "4", "1.5", "-1", "/2", "(2)", "[2]",
    ] {
        for (kind, file) in files(&format!("/P {level}")) {
            assert_refused(&file, LOST, &format!("{kind}: {level}"));
        }
    }
    for file in [
        locked("/Action /All"),
        of_method("FieldMDP", "/Action /All"),
    ] {
        sealed(&file);
    }
    for rights in ["/P true", "/P false", ""] {
        sealed(&of_method("UR3", rights));
    }
    for rights in ["/P 1", "/P 2.0", "/P null"] {
        assert_refused(&of_method("UR3", rights), LOST, rights);
    }
}
