//! What earlier signatures allow.

use super::*;

/// A file whose field 10 holds a signature with these entries.
fn signed(signature: &str, field: &str, catalog: &str) -> Vec<u8> {
    PdfFile::new(XrefKind::Table)
        .catalog(&format!("/AcroForm << /Fields [9 0 R] >> {catalog}"))
        .object(9, "<< /T (Parent) /FT /Sig /Kids [10 0 R] >>")
        .object(10, &format!("<< /Parent 9 0 R /V 11 0 R {field} >>"))
        .object(
            11,
            &format!("<< /Type /Sig /Filter /Adobe.PPKLite {signature} >>"),
        )
        .build()
}

fn reference(method: &str, parameters: &str) -> String {
    format!("/Reference [<< /TransformMethod /{method} /TransformParams << {parameters} >> >>]")
}

/// Whether the file takes an invisible and a visible seal.
fn takes(file: &[u8]) -> (bool, bool) {
    [request(), attachment("Số: 1")]
        .map(|request| match prepared(file, &request) {
            Ok(_) => true,
            Err(Refusal::PdfLocked(_)) => false,
            Err(other) => panic!("{other:?}"),
        })
        .into()
}

#[test]
fn a_certification_decides_what_may_follow() {
    for (level, allowed) in [
        ("/P 1", (false, false)),
        ("/P 0", (false, false)),
        ("/P 2", (true, false)),
        ("/P 3", (true, false)),
        ("", (true, false)),
    ] {
        let certified = reference("DocMDP", level);
        assert_eq!(
            takes(&signed(&certified, "", "")),
            allowed,
            "{level} in a field"
        );
        let named = signed("", "", "/Perms << /DocMDP 12 0 R >>");
        assert_eq!(takes(&named), (true, true));
        let named = PdfFile::new(XrefKind::Stream)
            .catalog("/Perms << /DocMDP 12 0 R >>")
            .object(12, &format!("<< /Type /Sig {certified} >>"))
            .build();
        assert_eq!(takes(&named), allowed, "{level} in the catalog");
    }
}

#[test]
fn locked_fields_keep_the_page_from_a_visible_mark() {
    for (rule, visible) in [
        ("/Action /All", false),
        ("/Action /Exclude /Fields [(Trao-1)]", true),
        ("/Action /Exclude /Fields [(other)]", false),
        ("/Action /Include /Fields [(other)]", true),
        ("/Action /Include /Fields [(Trao-1)]", false),
        (
            "/Action /Include /Fields [<feff005400720061006f002d0031>]",
            false,
        ),
    ] {
        let locked = signed(&reference("FieldMDP", rule), "", "");
        assert_eq!(takes(&locked), (true, visible), "{rule}");
        let locked = signed("", &format!("/Lock << {rule} >>"), "");
        assert_eq!(takes(&locked), (true, visible), "/Lock {rule}");
    }
    let closed = signed("", "/Lock << /Action /Include /Fields [] /P 1 >>", "");
    assert_eq!(takes(&closed), (false, false));
}

#[test]
fn a_lock_binds_only_once_its_field_is_signed() {
    let open = PdfFile::new(XrefKind::Table)
        .catalog("/AcroForm << /Fields [10 0 R] >>")
        .object(10, "<< /T (a) /FT /Sig /Lock << /Action /All /P 1 >> >>")
        .build();
    assert_eq!(takes(&open), (true, true));
    assert_eq!(takes(&signed("", "", "")), (true, true));
}

#[test]
fn a_field_gets_a_name_that_is_free() {
    let file = PdfFile::new(XrefKind::Table)
        .catalog("/AcroForm << /Fields [10 0 R 11 0 R 12 0 R 99 0 R null] >>")
        .object(10, "<< /T (Trao-1) /FT /Tx >>")
        .object(11, "<< /T <feff005400720061006f002d0032> /FT /Tx >>")
        .object(12, "<< /T (Dấu) /FT /Tx /Kids [12 0 R 10 0 R] >>")
        .build();
    let name = |field_name: Option<&str>| {
        let field_name = field_name.map(str::to_owned);
        let revision = prepared(
            &file,
            &SealRequest {
                field_name,
                ..request()
            },
        )?;
        let text = String::from_utf8_lossy(&revision.appended).into_owned();
        let name = text.split("/FT /Sig /T (").nth(1).unwrap();
        Ok(name.split(')').next().unwrap().to_owned())
    };
    assert_eq!(name(None), Ok("Trao-3".to_owned()));
    assert_eq!(name(Some("Seal")), Ok("Seal".to_owned()));
    for wrong in ["Trao-1", "Trao-2", "", "a.b", &"x".repeat(101)] {
        assert!(
            matches!(name(Some(wrong)), Err(Refusal::FieldInvalid(_))),
            "{wrong}"
        );
    }
}

#[test]
fn a_form_without_end_is_refused() {
    let fields = (10..60)
        .map(|number| format!("{number} 0 R "))
        .collect::<Vec<_>>()
        .concat();
    let mut file =
        PdfFile::new(XrefKind::Table).catalog(&format!("/AcroForm << /Fields [{fields}] >>"));
    for number in 10..60 {
        file = file.object(number, "<< /FT /Tx /T (x) >>");
    }
    let file = file.build();
    let within = |fields| {
        let limits = Limits {
            fields,
            ..Limits::default()
        };
        prepare(&file, &limits, &request())
    };
    assert!(within(50).is_ok());
    assert!(matches!(within(49), Err(Refusal::PdfTooComplex(_))));
}

#[test]
fn what_should_be_a_signature_and_is_none_is_not_sealed_over() {
    let file = |catalog: &str, value: &str| {
        let file = PdfFile::new(XrefKind::Table).catalog(catalog);
        let file = file.object(10, &format!("<< /FT /Sig /T (a) {value} >>"));
        prepared(&file.object(11, "/name").build(), &request())
    };
    let form = "/AcroForm << /Fields [10 0 R] >>";
    assert!(file(form, "").is_ok() && file(form, "/V null").is_ok());
    for (catalog, value) in [
        (form, "/V 11 0 R"),
        (form, "/V [<< >>]"),
        ("/Perms 11 0 R", ""),
        ("/Perms << /DocMDP 11 0 R >>", ""),
    ] {
        let refused = file(catalog, value);
        assert!(
            matches!(refused, Err(Refusal::PdfDamaged(_))),
            "{catalog} {value}: {refused:?}"
        );
    }
}
