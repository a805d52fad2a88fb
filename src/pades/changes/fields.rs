//! What may become of forms and their fields after a signature. Filling a form in is what forms are
//! for, and signing is too; but a field is also a picture on a page, and most attacks on signed
//! files paint with one (shadow attacks, evil annotations, sneaky signatures).

use lopdf::{Dictionary, Object};

use super::rules::{Rules, differs_only_in};
use super::same;
use crate::pades::error::Refusal;
use crate::pades::reader::Pdf;

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

    /// Whether the form's resources, category by category, kept what they had.
    fn resources_grew(&self, old: &Dictionary, new: &Dictionary) -> Result<bool, Refusal> {
        let Object::Dictionary(old) = self.before.get(old, b"DR")? else {
            return Ok(true);
        };
        let Object::Dictionary(new) = self.now.get(new, b"DR")? else {
            return Ok(false);
        };
        for (category, resources) in &old {
            let grew = match (
                self.before.resolve(resources)?,
                self.now.get(&new, category)?,
            ) {
                (Object::Dictionary(old), Object::Dictionary(new)) => old
                    .iter()
                    .all(|(name, resource)| new.get(name).is_ok_and(|now| now == resource)),
                (old, new) => same(&old, &new),
            };
            if !grew {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A field may get a value and the looks that go with it; its looks alone may not change, nor
    /// whether it is seen. A field that is signed already is left alone: its look is part of what
    /// was signed.
    pub(super) fn permit_field(&self, old: &Dictionary, new: &Dictionary) -> Result<bool, Refusal> {
        let (value, filled) = (value(self.before, old)?, value(self.now, new)?);
        let is_signed = matches!(&value, Object::Dictionary(value) if value.has(b"ByteRange"));
        let keys: &[&[u8]] = if value == filled {
            &[b"M", b"F", b"Lock"]
        } else {
            &[b"V", b"AP", b"AS", b"M", b"F", b"DA", b"MK", b"Lock"]
        };
        Ok(!is_signed
            && differs_only_in(old, new, keys)
            && unseen_by_flags(self.before, old)? == unseen_by_flags(self.now, new)?
            && (self.permission != Some(1) || self.is_time_stamp(new)?))
    }

    pub(super) fn grew_by_fields(&self, old: &[Object], new: &[Object]) -> Result<bool, Refusal> {
        let Some(added) = new.strip_prefix(old) else {
            return Ok(false);
        };
        for item in added {
            let Object::Dictionary(field) = self.now.resolve(item)? else {
                return Ok(false);
            };
            if !self.permit_added(&field)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A field for a signature may be added. One that is seen must hold a signature that the form
    /// knows and that is judged itself; a certified page takes none at all that is seen (sneaky
    /// signature attack, 2021). An annotation of another kind is none, whatever it calls itself
    /// (evil annotation attack, 2021).
    fn permit_added(&self, field: &Dictionary) -> Result<bool, Refusal> {
        let subtype = self.now.get(field, b"Subtype")?;
        let is_widget = match &subtype {
            Object::Null => true,
            Object::Name(subtype) => subtype == b"Widget",
            _ => false,
        };
        let acts = field.has(b"A") || field.has(b"AA");
        if !is_widget || acts || !self.is_signature_field(field)? {
            return Ok(false);
        }
        match self.permission {
            Some(1) => self.is_time_stamp(field),
            Some(_) => Ok(!self.is_seen(field)?),
            None => Ok(!self.is_seen(field)? || self.is_judged(field)?),
        }
    }

    fn is_signature_field(&self, field: &Dictionary) -> Result<bool, Refusal> {
        let kind = inherited(self.now, field, b"FT")?;
        Ok(matches!(kind, Object::Name(kind) if kind == b"Sig"))
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

    /// Whether the field holds one of the signatures that have a verdict of their own.
    fn is_judged(&self, field: &Dictionary) -> Result<bool, Refusal> {
        let holds = |node: &Dictionary| matches!(node.get(b"V"), Ok(Object::Reference(id)) if self.signatures.contains(id));
        let above = self.now.get(field, b"Parent")?;
        Ok(holds(field) || matches!(above, Object::Dictionary(above) if holds(&above)))
    }

    fn is_time_stamp(&self, field: &Dictionary) -> Result<bool, Refusal> {
        Ok(match self.now.get(field, b"V")? {
            Object::Dictionary(value) => {
                matches!(self.now.get(&value, b"Type")?, Object::Name(kind) if kind == b"DocTimeStamp")
            }
            _ => false,
        })
    }
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

/// Fields above fields; a tree that is deeper says nothing.
const LEVELS_MAX: usize = 32;
