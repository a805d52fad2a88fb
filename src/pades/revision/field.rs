//! The three places that a signature takes in a file (ISO 32000-2, 12.7.5.5 and 12.8.1): the
//! signature dictionary, the field that holds it, merged with its widget, and the lists that lead
//! to the field: the form's and the page's.

use std::ops::Range;

use lopdf::{Object, ObjectId};
use time::OffsetDateTime;

use super::splice::Entries;
use super::target::{Drawn, Target};
use super::update::{Update, Value};
use super::{SealRequest, damaged};
use crate::pades::appearance;
use crate::pades::byte_range;
use crate::pades::error::Refusal;
use crate::pades::syntax;

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
        let hole_len = byte_range::hole_len(contents_bytes);
        bytes.reserve(hole_len + ROOM_BESIDE);
        bytes.extend_from_slice(b"\n/ByteRange ");
        let byte_range = grow(&mut bytes, BYTE_RANGE_LEN, b' ');
        bytes.extend_from_slice(b"\n/Contents ");
        let hole = grow(&mut bytes, hole_len, b'0');
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
        let widget = update.add_body(widget)?;
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
        update.set(existing.widget, "AP", &looks(mark))?;
    }
    // What the form's author hides stays hidden: a signature that knows the field is held to that.
    let flags = (existing.flags | PRINT | LOCKED).to_string();
    update.set(existing.widget, "F", flags.as_bytes())?;
    register(update, None)
}

/// What is drawn without a mark: an empty form in an empty rectangle (12.7.5.5), for PDF/A-1 wants
/// every field to have an appearance (ISO 19005-1, 6.9).
fn nothing(update: &mut Update) -> Result<Drawn, Refusal> {
    Ok(Drawn {
        rect: [0.0; 4],
        form: update.add_body(NOTHING.to_vec())?,
    })
}

/// The field and widget in one dictionary.
fn widget(name: &str, signature: ObjectId, page: ObjectId, drawn: Option<&Drawn>) -> Vec<u8> {
    let mut bytes = b"<</Type /Annot /Subtype /Widget /FT /Sig /T ".to_vec();
    syntax::write(&syntax::text(name), &mut bytes);
    for (key, (number, generation)) in [("V", signature), ("P", page)] {
        syntax::put(&mut bytes, format_args!(" /{key} {number} {generation} R"));
    }
    syntax::put(&mut bytes, format_args!(" /F {} /Rect ", PRINT | LOCKED));
    let rect = drawn.map_or([0.0; 4], |drawn| drawn.rect);
    syntax::write(&appearance::numbers(&rect), &mut bytes);
    if let Some(drawn) = drawn {
        bytes.extend_from_slice(b" /AP ");
        bytes.extend(looks(drawn));
    }
    bytes.extend_from_slice(b" >>");
    bytes
}

fn looks(drawn: &Drawn) -> Vec<u8> {
    let (number, generation) = drawn.form;
    format!("<</N {number} {generation} R >>").into_bytes()
}

/// Puts the field into the form, which the catalog gets if it has none, and says there that the
/// file is signed and may only be appended to (`/SigFlags`, table 225).
fn register(update: &mut Update, field: Option<ObjectId>) -> Result<(), Refusal> {
    let id = update.pdf.catalog_id()?;
    let entries = update.entries_of(id)?;
    match update.value(&entries, "AcroForm")? {
        Value::Object(form_id, Object::Dictionary(_)) if !update.is_spared(form_id) => {
            let form = with_field(update, &update.entries_of(form_id)?, field)?;
            update.put(form_id, form);
            Ok(())
        }
        Value::Inline(written, Object::Dictionary(_)) => {
            let form = with_field(update, &update.entries(written)?, field)?;
            update.put(id, entries.with("AcroForm", &form)?);
            Ok(())
        }
        Value::Object(form_id, Object::Dictionary(_)) => {
            let form = with_field(update, &update.entries_of(form_id)?, field)?;
            let form = syntax::bytes_of(&Object::Reference(update.add_body(form)?));
            update.put(id, entries.with("AcroForm", &form)?);
            Ok(())
        }
        // A stream was refused before; nothing else is a form to any reader.
        Value::Absent | Value::Inline(..) | Value::Object(..) => {
            let form = with_field(update, &update.entries(b"<<>>")?, field)?;
            let form = syntax::bytes_of(&Object::Reference(update.add_body(form)?));
            update.put(id, entries.with("AcroForm", &form)?);
            Ok(())
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
    let entries = update.entries_of(page)?;
    match update.value(&entries, "Annots")? {
        Value::Absent | Value::Inline(_, Object::Array(_)) | Value::Object(_, Object::Array(_)) => {
        }
        _ if is_seen => return Err(damaged("/Annots is no list")),
        _ => return Ok(()),
    }
    if let Some(list) = update.list_with(&entries, "Annots", widget)? {
        update.put(page, entries.with("Annots", &list)?);
    }
    Ok(())
}

fn with_field(
    update: &mut Update,
    form: &Entries<'_>,
    field: Option<ObjectId>,
) -> Result<Vec<u8>, Refusal> {
    let flags = match update.value(form, "SigFlags")? {
        Value::Inline(_, &Object::Integer(flags)) | Value::Object(_, Object::Integer(flags)) => {
            flags
        }
        _ => 0,
    };
    let flags = (flags | SIGNATURES_EXIST | APPEND_ONLY).to_string();
    let fields = match field {
        Some(field) => update.list_with(form, "Fields", field)?,
        None => None,
    };
    let fields = fields.as_ref().map(|list| ("Fields", list.as_slice()));
    let flags = ("SigFlags", flags.as_bytes());
    form.with_each(&fields.into_iter().chain([flags]).collect::<Vec<_>>())
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

/// An empty form.
const NOTHING: &[u8] =
    b"<</Type /XObject /Subtype /Form /BBox [0 0 0 0] /Length 0 >>\nstream\n\nendstream";

/// `/ByteRange`, its key and the words around the hole take less.
const ROOM_BESIDE: usize = 128;

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
