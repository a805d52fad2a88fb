//! What an agency hands in for its marks: pictures and templates.

use super::pdf::limits;
use super::revision::request;
use crate::pades::{
    Appearance, Facts, MarkOrder, Pdf, Refusal, Template, picture_size, prepare, probe, try_out,
};

const PAGE: &[u8] = include_bytes!("../../seeds/pdf/table.pdf");

/// A PNG: it has the size that it says, and a mask where it needs one.
pub(super) fn picture(bytes: &[u8]) {
    let Ok((width, height)) = picture_size(bytes) else {
        return;
    };
    assert!(width > 0 && height > 0 && width.saturating_mul(height) <= 4_000_000);
    // To compress a large one takes longer than it tells.
    if width * height <= 10_000 {
        let objects = probe::embed(bytes).expect("a picture that was read");
        assert!(matches!(objects, 1 | 2));
    }
}

/// A template: it is written as it is read, and seals a plain page or says why not.
pub(super) fn template(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let Ok(template) = Template::from_toml(text) else {
        return;
    };
    let written = toml::to_string(&template).expect("a template can be written");
    let again = Template::from_toml(&written).expect("its own form is a template");
    assert_eq!(again, template);
    if try_out(&template, None).is_err() {
        return;
    }
    let names = ["document_number", "agency", "title", "verification_url"];
    let facts = names.iter();
    let facts = facts.fold(Facts::default(), |facts, name| facts.with(name, "1/QĐ"));
    let order = MarkOrder {
        template,
        facts,
        language: crate::pades::Language::default(),
        image: None,
    };
    let appearance = Appearance::Mark(Box::new(order));
    match prepare(&PAGE.to_vec(), &limits(), &request(appearance)) {
        Ok(revision) => {
            let sealed = [PAGE, &revision.appended].concat();
            assert!(Pdf::open(&sealed, &limits()).is_ok());
        }
        Err(refusal) => assert!(
            matches!(refusal, Refusal::FieldInvalid(_)),
            "not the file is at fault: {refusal}"
        ),
    }
}
