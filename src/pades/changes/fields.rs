//! What may become of forms and their fields after a signature. Filling a form in is what forms are
//! for, and signing is too; but a field is also a picture on a page, and most attacks on signed
//! files paint with one (shadow attacks, evil annotations, sneaky signatures).

use lopdf::{Dictionary, Object, ObjectId};

use super::rules::Rules;
use super::sameness::{differs_only_in, same};
use crate::pades::error::Refusal;
use crate::pades::reader::{Pdf, XrefEntry};
use crate::pades::signatures::text;

impl Rules<'_, '_> {
    /// The form may get fields, flags and resources. What its fields are drawn with stays, and
    /// nobody may be told to draw them anew (`/NeedAppearances`).
    pub(super) fn permit_form_entries(
        &self,
        old: &Dictionary,
        new: &Dictionary,
    ) -> Result<bool, Refusal> {
        let keys: &[&[u8]] = &[b"Fields", b"SigFlags", b"DR", b"DA", b"NeedAppearances"];
        let redraws = |pdf: &Pdf<'_>, form| -> Result<bool, Refusal> {
            let flag = pdf.get(form, b"NeedAppearances")?;
            Ok(matches!(flag, Object::Boolean(true)))
        };
        Ok(differs_only_in(old, new, keys)
            && (redraws(self.before, old)? || !redraws(self.now, new)?)
            && self.kept(old, new, b"DA")?
            && self.resources_grew(old, new)?
            && self.list_grew(old, new, b"Fields")?)
    }

    /// Whether an entry is as it was, if it was there.
    fn kept(&self, old: &Dictionary, new: &Dictionary, key: &[u8]) -> Result<bool, Refusal> {
        let old = self.before.get(old, key)?;
        Ok(matches!(old, Object::Null) || same(&old, &self.now.get(new, key)?))
    }

    /// A field may get a value and the looks that go with it; its looks alone may not change, nor
    /// whether it is seen. A field that is signed already is left alone: its look is part of what
    /// was signed. So is one that the signature locks.
    pub(super) fn permit_field(
        &self,
        id: ObjectId,
        old: &Dictionary,
        new: &Dictionary,
    ) -> Result<bool, Refusal> {
        let (value, filled) = (value(self.before, old)?, value(self.now, new)?);
        let is_signed = matches!(&value, Object::Dictionary(value) if value.has(b"ByteRange"));
        let is_unfilled = self.says_same(&value, &filled)?;
        let keys: &[&[u8]] = if is_unfilled {
            &[b"M", b"F", b"Lock"]
        } else {
            // `/RV` is the value as rich text (12.7.4.4), `/I` the chosen options (12.7.5.4).
            &[
                b"V", b"RV", b"I", b"AP", b"AS", b"M", b"F", b"DA", b"MK", b"Lock",
            ]
        };
        let is_kept = is_signed || self.restrictions.holds(&full_name(self.before, old)?);
        if is_kept
            || !self.is_field_alone(id, old)?
            || !differs_only_in(old, new, keys)
            || unseen_by_flags(self.before, old)? != unseen_by_flags(self.now, new)?
        {
            return Ok(false);
        }
        let closed = self.restrictions.level() == Some(1);
        match inherited(self.before, old, b"FT")? {
            _ if is_unfilled => Ok(!closed),
            Object::Name(kind) if kind == b"Sig" => {
                Ok(self.is_signed(id, new)? && (!closed || self.judged.is_time_stamp(id)))
            }
            _ if self.is_read_only(old)? => Ok(false),
            Object::Name(kind) if kind == b"Btn" => Ok(!closed && !self.is_push_button(old)?),
            _ => Ok(!closed),
        }
    }

    /// Whether an object is nothing but a field or a widget of one. An annotation of another kind
    /// is none, whatever list it stands in.
    fn is_field_alone(&self, id: ObjectId, field: &Dictionary) -> Result<bool, Refusal> {
        Ok(is_widget(self.before, field)? && self.uses.are_under(id.0, NAMES_OF_FIELDS))
    }

    /// Whether a field got another value, and may have.
    pub(super) fn permit_filled(&self, id: ObjectId) -> Result<bool, Refusal> {
        match (self.before.object(id)?, self.now.object(id)?) {
            (Object::Dictionary(old), Object::Dictionary(new)) => {
                let (value, filled) = (value(self.before, &old)?, value(self.now, &new)?);
                Ok(!self.says_same(&value, &filled)? && self.permit_field(id, &old, &new)?)
            }
            _ => Ok(false),
        }
    }

    /// A push-button has no value (12.7.5.2.2): what changes is what it shows.
    fn is_push_button(&self, field: &Dictionary) -> Result<bool, Refusal> {
        Ok(flags(self.before, field)? & (1 << 16) != 0)
    }

    /// What nobody may type into (12.7.4.1, table 227), nobody fills in; but a program that computes
    /// its value from other fields, as its author said (12.6.3, table 199), writes it there.
    fn is_read_only(&self, field: &Dictionary) -> Result<bool, Refusal> {
        if flags(self.before, field)? & 1 == 0 {
            return Ok(false);
        }
        Ok(match inherited(self.before, field, b"AA")? {
            Object::Dictionary(actions) => !actions.has(b"C"),
            _ => true,
        })
    }

    pub(super) fn grew_by_fields(&self, old: &[Object], new: &[Object]) -> Result<bool, Refusal> {
        let Some((kept, added)) = new.split_at_checked(old.len()) else {
            return Ok(false);
        };
        if !old.iter().zip(kept).all(|(old, kept)| same(old, kept)) {
            return Ok(false);
        }
        for item in added {
            let Object::Reference(id) = item else {
                return Ok(false);
            };
            let Object::Dictionary(field) = self.now.object(*id)? else {
                return Ok(false);
            };
            if !self.permit_added(*id, &field)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A field for a signature may be added. One that is seen must hold a signature that the form
    /// knows and that is judged itself; a certified page takes none at all that is seen (sneaky
    /// signature attack, 2021). An annotation of another kind is none, whatever it calls itself
    /// (evil annotation attack, 2021).
    fn permit_added(&self, id: ObjectId, field: &Dictionary) -> Result<bool, Refusal> {
        let acts = field.has(b"A") || field.has(b"AA");
        if !is_widget(self.now, field)? || acts || !self.is_signature_field(id, field)? {
            return Ok(false);
        }
        match self.restrictions.level() {
            Some(1) => Ok(self.judged.is_time_stamp(id) && self.is_signed(id, field)?),
            Some(_) => Ok(!self.is_seen(field)?),
            None => Ok(!self.is_seen(field)? || self.is_new(id) && self.is_signed(id, field)?),
        }
    }

    /// Some writers leave `/Parent` out of a widget; the signed field that it belongs to names it.
    fn is_signature_field(&self, id: ObjectId, field: &Dictionary) -> Result<bool, Refusal> {
        Ok(match inherited(self.now, field, b"FT")? {
            Object::Name(kind) => kind == b"Sig",
            Object::Null => self.judged.holder(id).is_some(),
            _ => false,
        })
    }

    /// Whether a widget takes room on its page and has something to show there.
    fn is_seen(&self, widget: &Dictionary) -> Result<bool, Refusal> {
        let Object::Array(rect) = self.now.get(widget, b"Rect")? else {
            return Ok(false);
        };
        let mut sides = [0.0_f32; 4];
        for (side, item) in sides.iter_mut().zip(&rect) {
            *side = self.now.resolve(item)?.as_float().unwrap_or_default();
        }
        let [left, bottom, right, top] = sides;
        let has_room = (right - left).abs() > 0.0 && (top - bottom).abs() > 0.0;
        Ok(has_room && (widget.has(b"AP") || widget.has(b"MK") || widget.has(b"BS")))
    }

    /// Whether the field holds a signature with a verdict of its own, which the signed revision did
    /// not have yet.
    fn is_judged(&self, id: ObjectId) -> bool {
        let holder = self.judged.holder(id);
        holder.is_some_and(|holder| holder == id || self.is_new(holder))
    }

    /// Whether the signed revision had no object of this number.
    fn is_new(&self, id: ObjectId) -> bool {
        matches!(self.before.entry(id.0), None | Some(XrefEntry::Free))
    }

    /// Whether it holds such a signature and shows what that may. Whoever signs answers for the
    /// picture; an authority stamps anything for anybody, so a time-stamp has none.
    fn is_signed(&self, id: ObjectId, field: &Dictionary) -> Result<bool, Refusal> {
        let may_be_seen = !self.judged.is_time_stamp(id);
        Ok(self.is_judged(id) && (may_be_seen || !self.is_seen(field)?))
    }
}

/// Whether a field is no annotation but a widget.
fn is_widget(pdf: &Pdf<'_>, field: &Dictionary) -> Result<bool, Refusal> {
    Ok(match pdf.get(field, b"Subtype")? {
        Object::Null => true,
        Object::Name(subtype) => subtype == b"Widget",
        _ => false,
    })
}

/// A field's full name (12.7.4.2).
fn full_name(pdf: &Pdf<'_>, field: &Dictionary) -> Result<String, Refusal> {
    let mut parts = Vec::new();
    let mut node = field.clone();
    for _ in 0..LEVELS_MAX {
        if let Object::String(own, _) = pdf.get(&node, b"T")? {
            parts.push(text(&own));
        }
        let Object::Dictionary(above) = pdf.get(&node, b"Parent")? else {
            break;
        };
        node = above;
    }
    parts.reverse();
    Ok(parts.join("."))
}

/// A field's flags.
fn flags(pdf: &Pdf<'_>, field: &Dictionary) -> Result<i64, Refusal> {
    Ok(inherited(pdf, field, b"Ff")?.as_i64().unwrap_or_default())
}

/// What a field's value is, its own or that of the fields above it.
fn value(pdf: &Pdf<'_>, field: &Dictionary) -> Result<Object, Refusal> {
    inherited(pdf, field, b"V")
}

/// An entry of a field or of the nearest one above it that has it (12.7.4.1).
fn inherited(pdf: &Pdf<'_>, field: &Dictionary, key: &[u8]) -> Result<Object, Refusal> {
    let mut node = field.clone();
    for _ in 0..LEVELS_MAX {
        let found = pdf.get(&node, key)?;
        if found != Object::Null {
            return Ok(found);
        }
        let Object::Dictionary(above) = pdf.get(&node, b"Parent")? else {
            break;
        };
        node = above;
    }
    Ok(Object::Null)
}

/// Flags Invisible, Hidden and `NoView` (12.5.3).
fn unseen_by_flags(pdf: &Pdf<'_>, widget: &Dictionary) -> Result<i64, Refusal> {
    Ok(match pdf.get(widget, b"F")? {
        Object::Integer(flags) => flags & (1 | 1 << 1 | 1 << 5),
        _ => 0,
    })
}

/// The entries of dictionaries that refer to a field: of its kids, of the structure (14.7.5.4), of
/// actions that hide or play (12.6.4.11, 12.6.4.14), of a signature over it (12.8.1).
const NAMES_OF_FIELDS: &[&[u8]] = &[b"Parent", b"Obj", b"T", b"AN", b"Data"];

/// Fields above fields; a tree that is deeper says nothing.
const LEVELS_MAX: usize = 32;
