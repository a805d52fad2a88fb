//! The three places that a signature takes in a file (ISO 32000-2, 12.7.5.5 and 12.8.1): the
//! signature dictionary, the field that holds it, merged with its widget, and the lists that lead
//! to the field: the form's and the page's.

use std::ops::Range;

use lopdf::{Dictionary, Object, ObjectId, Stream};
use time::OffsetDateTime;

use super::syntax::{self, name};
use super::target::{Drawn, Target};
use super::update::{Update, Value};
use super::{SealRequest, damaged};
use crate::pades::appearance;
use crate::pades::byte_range;
use crate::pades::error::Refusal;

/// A signature dictionary's bytes and the two places in them that are written last.
pub(super) struct SignatureBody {
    pub(super) bytes: Vec<u8>,
    /// The array of `/ByteRange`, brackets included, with room for any numbers.
    pub(super) byte_range: Range<usize>,
    /// The string of `/Contents`, angle brackets included.
    pub(super) hole: Range<usize>,
}

/// The signature dictionary: an approval signature by EN 319 142-1, 6.3. Without `/Reference`
/// unless the field's author wants something locked: it forbids nothing to those who sign later.
/// The time stands here and not in the CMS.
pub(super) fn signature(request: &SealRequest, reference: Option<&Object>) -> SignatureBody {
    let mut bytes = b"<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached".to_vec();
    let mut entry = |key: &str, value: &str| {
        syntax::put(&mut bytes, format_args!(" /{key} "));
        syntax::write(&syntax::text(value), &mut bytes);
    };
    entry("M", &pdf_date(request.signed_at));
    for (key, value) in [
        ("Name", &request.signer_name),
        ("Reason", &request.reason),
        ("Location", &request.location),
    ] {
        if let Some(value) = value {
            entry(key, value);
        }
    }
    if let Some(reference) = reference {
        bytes.extend_from_slice(b" /Reference ");
        syntax::write(reference, &mut bytes);
    }
    SignatureBody::with_room(bytes, request.contents_bytes)
}

/// The dictionary of a document time-stamp (12.8.5): it says nothing itself, the token does.
pub(super) fn time_stamp(contents_bytes: usize) -> SignatureBody {
    let bytes = b"<</Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161".to_vec();
    SignatureBody::with_room(bytes, contents_bytes)
}

impl SignatureBody {
    /// Closes a dictionary that was begun, with room for `/ByteRange` and `/Contents`.
    fn with_room(mut bytes: Vec<u8>, contents_bytes: usize) -> Self {
        bytes.extend_from_slice(b"\n/ByteRange ");
        let byte_range = grow(&mut bytes, BYTE_RANGE_LEN, b' ');
        bytes.extend_from_slice(b"\n/Contents ");
        let hole = grow(&mut bytes, byte_range::hole_len(contents_bytes), b'0');
        bytes.extend_from_slice(b"\n>>");
        Self {
            bytes,
            byte_range,
            hole,
        }
    }
}

/// The `/ByteRange` array in the width that [`signature`] leaves for it.
pub(super) fn byte_range_text([first, before, second, after]: [u64; 4]) -> Vec<u8> {
    let numbers = format!("[{first} {before} {second} {after}");
    format!("{numbers:<width$}]", width = BYTE_RANGE_LEN - 1).into_bytes()
}

/// What a field shows on its page.
pub(super) enum Shows {
    /// A mark.
    Mark(Drawn),
    /// An empty form.
    Nothing,
    /// Nothing, without a form: where a certification allows no changes, validators take a field
    /// that has an appearance for one that was filled in.
    NoForm,
}

/// Puts the signature into its field: a new one, or the empty one of the file.
pub(super) fn place(
    update: &mut Update,
    target: &Target,
    signature: ObjectId,
    shows: Shows,
) -> Result<(), Refusal> {
    let Some(existing) = &target.existing else {
        let is_seen = matches!(shows, Shows::Mark(_));
        let drawn = match shows {
            Shows::Mark(mark) => Some(mark),
            Shows::Nothing => Some(nothing(update)?),
            Shows::NoForm => None,
        };
        let widget = widget(&target.name, signature, target.page.id, drawn.as_ref());
        let widget = update.add(&widget)?;
        annotate(update, target.page.id, widget, is_seen)?;
        return register(update, Some(widget));
    };
    let value = syntax::bytes_of(&Object::Reference(signature));
    update.set(existing.field, "V", &value)?;
    // A widget apart inherits the value (12.7.4.1); some readers look for it there alone.
    if existing.widget != existing.field {
        update.set(existing.widget, "V", &value)?;
    }
    if let Shows::Mark(mark) = &shows {
        let looks = syntax::bytes_of(&looks(mark));
        update.set(existing.widget, "AP", &looks)?;
    }
    // What the form's author hides stays hidden: a signature that knows the field is held to that.
    let flags = (existing.flags | PRINT | LOCKED).to_string();
    update.set(existing.widget, "F", flags.as_bytes())?;
    register(update, None)
}

/// What is drawn without a mark: an empty form in an empty rectangle (12.7.5.5), for PDF/A-1 wants
/// every field to have an appearance (ISO 19005-1, 6.9).
fn nothing(update: &mut Update) -> Result<Drawn, Refusal> {
    let mut form = Dictionary::new();
    form.set("Type", name("XObject"));
    form.set("Subtype", name("Form"));
    form.set("BBox", appearance::numbers(&[0.0; 4]));
    let form = update.add(&Object::Stream(Stream::new(form, Vec::new())))?;
    Ok(Drawn {
        rect: [0.0; 4],
        form,
    })
}

/// The field and widget in one dictionary.
fn widget(name: &str, signature: ObjectId, page: ObjectId, drawn: Option<&Drawn>) -> Object {
    let mut widget = Dictionary::new();
    widget.set("Type", self::name("Annot"));
    widget.set("Subtype", self::name("Widget"));
    widget.set("FT", self::name("Sig"));
    widget.set("T", syntax::text(name));
    widget.set("V", Object::Reference(signature));
    widget.set("P", Object::Reference(page));
    widget.set("F", Object::Integer(PRINT | LOCKED));
    let rect = drawn.map_or([0.0; 4], |drawn| drawn.rect);
    widget.set("Rect", appearance::numbers(&rect));
    if let Some(drawn) = drawn {
        widget.set("AP", looks(drawn));
    }
    Object::Dictionary(widget)
}

fn looks(drawn: &Drawn) -> Object {
    let mut looks = Dictionary::new();
    looks.set("N", Object::Reference(drawn.form));
    Object::Dictionary(looks)
}

/// Puts the field into the form, which the catalog gets if it has none, and says there that the
/// file is signed and may only be appended to (`/SigFlags`, table 225).
fn register(update: &mut Update, field: Option<ObjectId>) -> Result<(), Refusal> {
    let id = update.pdf.catalog_id()?;
    let catalog = update.body(id)?;
    match update.value(&catalog, "AcroForm")? {
        Value::Object(form_id, Object::Dictionary(_)) => {
            let form = with_field(update, &update.body(form_id)?, field)?;
            update.put(form_id, form);
            Ok(())
        }
        Value::Inline(written, Object::Dictionary(_)) => {
            let form = with_field(update, written, field)?;
            update.set(id, "AcroForm", &form)
        }
        // What is no dictionary is no form to any reader.
        Value::Absent | Value::Inline(..) | Value::Object(..) => {
            let form = with_field(update, b"<<>>", field)?;
            let form_id = update.reserve()?;
            update.put(form_id, form);
            update.set(
                id,
                "AcroForm",
                &syntax::bytes_of(&Object::Reference(form_id)),
            )
        }
    }
}

/// Puts the widget on the page. A page whose `/Annots` is no list is left as it is: readers take
/// it for none or for what was meant, and only a mark that is seen needs a place on the page.
fn annotate(
    update: &mut Update,
    page: ObjectId,
    widget: ObjectId,
    is_seen: bool,
) -> Result<(), Refusal> {
    let body = update.body(page)?;
    match update.value(&body, "Annots")? {
        Value::Absent | Value::Inline(_, Object::Array(_)) | Value::Object(_, Object::Array(_)) => {
        }
        _ if is_seen => return Err(damaged("/Annots is no list")),
        _ => return Ok(()),
    }
    let annotated = update.with_item(&body, "Annots", widget)?;
    if annotated != body {
        update.put(page, annotated);
    }
    Ok(())
}

fn with_field(
    update: &mut Update,
    form: &[u8],
    field: Option<ObjectId>,
) -> Result<Vec<u8>, Refusal> {
    let form = match field {
        Some(field) => update.with_item(form, "Fields", field)?,
        None => form.to_vec(),
    };
    let flags = match update.value(&form, "SigFlags")? {
        Value::Inline(_, Object::Integer(flags)) | Value::Object(_, Object::Integer(flags)) => {
            flags
        }
        _ => 0,
    };
    let flags = (flags | SIGNATURES_EXIST | APPEND_ONLY).to_string();
    update.entries(&form)?.with("SigFlags", flags.as_bytes())
}

/// A date as PDF writes it (7.9.4), in the offset that it has.
pub(super) fn pdf_date(at: OffsetDateTime) -> String {
    let (hours, minutes, _) = at.offset().as_hms();
    let sign = if at.offset().is_negative() { '-' } else { '+' };
    format!(
        "D:{:04}{:02}{:02}{:02}{:02}{:02}{sign}{:02}'{:02}'",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        hours.unsigned_abs(),
        minutes.unsigned_abs(),
    )
}

fn grow(bytes: &mut Vec<u8>, len: usize, filler: u8) -> Range<usize> {
    let start = bytes.len();
    bytes.resize(start + len, filler);
    start..start + len
}

/// Four numbers, the first of them 0, the others of up to twenty digits, blanks and brackets.
const BYTE_RANGE_LEN: usize = 66;

// Annotation flags (12.5.3) and signature flags (12.7.3).
const PRINT: i64 = 1 << 2;
const LOCKED: i64 = 1 << 7;
const SIGNATURES_EXIST: i64 = 1;
const APPEND_ONLY: i64 = 1 << 1;

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_date_carries_its_offset() {
        assert_eq!(
            pdf_date(datetime!(2026-11-25 09:15:07 +07:00)),
            "D:20261125091507+07'00'"
        );
        assert_eq!(
            pdf_date(datetime!(2026-11-25 09:15:07 UTC)),
            "D:20261125091507+00'00'"
        );
        assert_eq!(
            pdf_date(datetime!(2026-11-25 09:15:07 -03:30)),
            "D:20261125091507-03'30'"
        );
    }

    #[test]
    fn any_byte_range_has_one_width() {
        for numbers in [[0, 1, 2, 3], [0, u64::MAX, u64::MAX, u64::MAX]] {
            assert_eq!(byte_range_text(numbers).len(), BYTE_RANGE_LEN);
        }
    }
}
