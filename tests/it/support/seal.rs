//! Seals made without the service around them, and the marks that they show.

use trao::pades::{
    Appearance, Facts, Language, Limits, MarkOrder, Placement, PreparedRevision, Refusal,
    SealRequest, SigningIdentity, Spot, Template, contents_size, prepare, sign,
};

use super::pki::{AGENCY, NOW};

/// A seal without a mark and with room for nothing but a small signature.
pub(crate) fn request() -> SealRequest {
    SealRequest {
        signed_at: NOW,
        signer_name: Some(AGENCY.to_owned()),
        reason: None,
        location: Some("Hà Nội".to_owned()),
        appearance: Appearance::None,
        contents_bytes: 64,
        field_name: None,
    }
}

/// The same with the mark of an attachment.
pub(crate) fn attachment(document_number: &str) -> SealRequest {
    showing(Appearance::attachment(document_number).unwrap())
}

/// The same with any appearance.
pub(crate) fn showing(appearance: Appearance) -> SealRequest {
    SealRequest {
        appearance,
        ..request()
    }
}

/// The revision for a seal, not yet signed.
pub(crate) fn prepared(file: &[u8], request: &SealRequest) -> Result<PreparedRevision, Refusal> {
    prepare(&file.to_vec(), &Limits::default(), request)
}

/// Seals a file with a real signature.
pub(crate) fn sealed(file: &[u8], request: SealRequest, identity: &SigningIdentity) -> Vec<u8> {
    let request = SealRequest {
        contents_bytes: contents_size(identity),
        ..request
    };
    let revision = prepared(file, &request).unwrap();
    let digest = revision.digest(&file.to_vec(), identity.digest_algorithm());
    let der = sign(&digest.unwrap(), identity).unwrap().to_der();
    [file, &revision.filled(&der).unwrap()].concat()
}

/// Every way a seal shows, each by its name: those that are built in and one of an agency's own.
pub(crate) fn every_appearance() -> Vec<(&'static str, Appearance)> {
    vec![
        ("none", Appearance::None),
        (
            "attachment",
            Appearance::attachment("Số: 123/QĐ-UBND").unwrap(),
        ),
        ("copy", with_ring(Template::copy().unwrap())),
        (
            "seal",
            with_ring(at(Spot::BottomRight, Template::seal().unwrap())),
        ),
        ("own", with_ring(Template::from_toml(OWN).unwrap())),
    ]
}

/// The mark of an attachment where no other appearance stands.
pub(crate) fn aside() -> Appearance {
    let template = at(Spot::TopLeft, Template::attachment().unwrap());
    Appearance::mark(template, Facts::default().with("document_number", "Số: 1"))
}

/// The seal at a place, as a template says it.
pub(crate) fn seal_at(place: &str) -> Appearance {
    let template = format!("[[item]]\nimage = \"seal\"\nwidth_mm = 36.0\n[place]\n{place}");
    with_ring(Template::from_toml(&template).unwrap())
}

fn at(spot: Spot, template: Template) -> Template {
    Template {
        place: Placement {
            at: spot,
            ..Placement::default()
        },
        ..template
    }
}

fn with_ring(template: Template) -> Appearance {
    let facts = Facts::default()
        .with("agency", AGENCY)
        .with("copy_form", "SAO Y");
    Appearance::Mark(Box::new(MarkOrder {
        template,
        facts,
        language: Language::default(),
        image: Some(faded_ring()),
    }))
}

/// A red ring that fades towards its edges, 64 × 64 pixels: every degree of transparency.
pub(crate) fn faded_ring() -> Vec<u8> {
    let alpha = |x: i32, y: i32| {
        let [x, y] = [2 * x - 63, 2 * y - 63];
        let off = (x * x + y * y - 45 * 45).abs() / 4;
        u8::try_from(255 - off.min(255)).unwrap()
    };
    let pixels = (0..64).flat_map(|y| (0..64).flat_map(move |x| [220, 20, 30, alpha(x, y)]));
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 64, 64);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    let pixels: Vec<u8> = pixels.collect();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    png
}

/// A template of an agency's own: text, image and code.
pub(crate) const OWN: &str = "width = 150.0\n\
        [[item]]\ntext = \"{agency}\"\ncolor = \"#1a4f8b\"\n[[item]]\nimage = \"seal\"\n\
        [[item]]\nqr = \"https://ketqua.example.vn/verify\"\nside_mm = 25.0\n\
        [place]\nat = \"bottom-left\"";
