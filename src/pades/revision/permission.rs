//! What the signatures of the received file allow to be added to it (ISO 32000-2, 12.8.2), and
//! which field names are taken: one walk over the form's fields answers both.

use std::collections::{HashSet, VecDeque};

use lopdf::{Dictionary, Object, ObjectId};

use super::conditions::{Conditions, Shared};
use super::damaged;
use crate::pades::error::Refusal;
use crate::pades::limits::Limits;
use crate::pades::reader::Pdf;
use crate::pades::restrictions::Restrictions;
use crate::pades::signatures;

/// The form as far as a further signature must know it.
#[derive(Default)]
pub(super) struct Form {
    /// Partial names of the fields at the root, as bytes of their text strings.
    names: HashSet<Vec<u8>>,
    restrictions: Restrictions,
    has_signatures: bool,
    /// Every signature field that is an object of its own, by its widget.
    pub(super) signature_fields: Vec<SignatureField>,
}

/// A signature field of the file, or one of its widgets.
#[derive(Clone, Debug)]
pub(super) struct SignatureField {
    /// Its full name (12.7.4.2).
    pub(super) name: String,
    /// What holds `/V`.
    pub(super) field: ObjectId,
    /// What stands on the page; often the same object.
    pub(super) widget: ObjectId,
    /// `/Rect`: left, bottom, right, top.
    pub(super) rect: [f64; 4],
    /// `/P`.
    pub(super) page: Option<ObjectId>,
    pub(super) is_signed: bool,
    /// Where the bytes that its signature covers end.
    pub(super) covered_to: i64,
    /// What the form's author says of the signature in it.
    pub(super) conditions: Conditions,
    /// The widget's flags (12.5.3).
    pub(super) flags: i64,
    /// Whether readers draw it whatever layers are on.
    pub(super) is_drawn: bool,
}

impl Form {
    /// Walks the fields of the file.
    pub(super) fn of(pdf: &Pdf, limits: &Limits) -> Result<Self, Refusal> {
        let catalog = pdf.catalog()?;
        let mut form = Self::default();
        form.restrictions.add_certification(pdf, &catalog)?;
        let acroform = dictionary(pdf, catalog.get(b"AcroForm").ok())?;
        let fields = match acroform.get(b"Fields") {
            Ok(fields) => pdf.resolve(fields)?,
            Err(_) => Object::Null,
        };
        if let Object::Array(fields) = fields {
            form.walk(pdf, fields, limits)?;
        }
        Ok(form)
    }

    /// Refuses what a signature of the file forbids: any further signature after DocMDP level 1;
    /// a visible one after levels 2 and 3 and where fields of this name are locked, since
    /// validators hold new content on a page against the earlier signature.
    pub(super) fn admit(&self, field: &str, visible: bool) -> Result<(), Refusal> {
        let locked = |rule: &str| Err(Refusal::PdfLocked(rule.into()));
        match self.restrictions.level() {
            Some(1) => return locked("DocMDP level 1, no changes"),
            Some(_) if visible => return locked("DocMDP, no visible mark"),
            _ => {}
        }
        if visible && self.restrictions.holds(field) {
            return locked("FieldMDP, no visible mark");
        }
        Ok(())
    }

    /// Whether a certification allows no changes (DocMDP level 1).
    pub(super) fn is_closed(&self) -> bool {
        self.restrictions.level() == Some(1)
    }

    /// Whether somebody signed before.
    pub(super) fn has_signatures(&self) -> bool {
        self.has_signatures
    }

    /// A name for the new field: the one asked for if it is free, else the first free of
    /// `Trao-1`, `Trao-2` …
    ///
    /// # Errors
    /// `FieldInvalid` when the name asked for is taken or no partial name.
    pub(super) fn name(&self, wanted: Option<&str>) -> Result<String, Refusal> {
        let invalid = |why: &str| Err(Refusal::FieldInvalid(why.into()));
        match wanted {
            Some(name) if name.is_empty() || name.len() > NAME_MAX || name.contains('.') => {
                invalid("a field's name has 1 to 100 bytes and no full stop")
            }
            Some(name) if self.is_taken(name) => invalid("the file has a field of this name"),
            Some(name) => Ok(name.to_owned()),
            None => {
                let mut names = (1_u32..).map(|number| format!("Trao-{number}"));
                let free = names.find(|name| !self.is_taken(name));
                free.ok_or_else(|| Refusal::PdfTooComplex("no field name is free".into()))
            }
        }
    }

    fn is_taken(&self, name: &str) -> bool {
        spellings(name).any(|bytes| self.names.contains(&bytes))
    }

    fn walk(&mut self, pdf: &Pdf, roots: Vec<Object>, limits: &Limits) -> Result<(), Refusal> {
        // Roots first: a field that is also said to be somebody's kid has its name at the root.
        let mut seen = HashSet::new();
        let mut shared = Shared::default();
        let mut visited = 0;
        let mut open = roots
            .into_iter()
            .map(|field| (field, Inherited::root()))
            .collect::<VecDeque<_>>();
        while let Some((field, inherited)) = open.pop_front() {
            let id = field.as_reference().ok();
            if id.is_some_and(|id| !seen.insert(id)) {
                continue;
            }
            visited += 1;
            if visited > limits.fields {
                return Err(Refusal::PdfTooComplex(
                    "the form has too many fields".into(),
                ));
            }
            let field = dictionary(pdf, Some(&field))?;
            if inherited.is_root {
                self.names.extend(text(pdf, &field, b"T")?);
            }
            let inherited = inherited.below(pdf, &field, id, &mut shared)?;
            if inherited.is_signature {
                self.signature(pdf, &field)?;
                self.signature_fields
                    .extend(inherited.widget(pdf, &field, id)?);
            }
            if let Object::Array(kids) = pdf.get(&field, b"Kids")? {
                open.extend(kids.into_iter().map(|kid| (kid, inherited.clone())));
            }
        }
        Ok(())
    }

    // Only a signed field binds: what it locks is said in the signature's references and, in the
    // words of the form's author, in the field's /Lock.
    fn signature(&mut self, pdf: &Pdf, field: &Dictionary) -> Result<(), Refusal> {
        let signature = match pdf.get(field, b"V")? {
            Object::Dictionary(signature) => signature,
            Object::Null => return Ok(()),
            // What it forbids is lost with it.
            _ => return Err(damaged("a signature is no dictionary")),
        };
        self.has_signatures = true;
        if let Object::Dictionary(lock) = pdf.get(field, b"Lock")? {
            self.restrictions.add_lock(pdf, &lock)?;
        }
        self.restrictions.add_references(pdf, &signature)
    }
}

/// What a field has from those above it.
#[derive(Clone)]
struct Inherited {
    is_root: bool,
    is_signature: bool,
    /// Its full name so far.
    name: String,
    /// The nearest object with a name: `/V` belongs there.
    field: Option<ObjectId>,
    /// Where the bytes that its signature covers end; nothing without a signature.
    covered_to: Option<i64>,
    conditions: Conditions,
}

impl Inherited {
    fn root() -> Self {
        Self {
            is_root: true,
            is_signature: false,
            name: String::new(),
            field: None,
            covered_to: None,
            conditions: Conditions::default(),
        }
    }

    fn below(
        mut self,
        pdf: &Pdf,
        field: &Dictionary,
        id: Option<ObjectId>,
        shared: &mut Shared,
    ) -> Result<Self, Refusal> {
        self.is_root = false;
        if let Object::Name(kind) = pdf.get(field, b"FT")? {
            self.is_signature = kind == b"Sig";
        }
        if let Some(partial) = text(pdf, field, b"T")? {
            // The name is kept for each of the field's kids.
            if self.name.len() + partial.len() > signatures::NAME_BYTES_MAX {
                return Err(Refusal::PdfTooComplex("a field's name is too long".into()));
            }
            if !self.name.is_empty() {
                self.name.push('.');
            }
            self.name.push_str(&signatures::text(&partial));
            self.field = id;
        }
        self.conditions = self.conditions.below(pdf, field, shared)?;
        if let Object::Dictionary(signature) = pdf.get(field, b"V")? {
            self.covered_to = Some(covered_to(pdf, &signature)?);
        }
        Ok(self)
    }

    fn widget(
        &self,
        pdf: &Pdf,
        widget: &Dictionary,
        id: Option<ObjectId>,
    ) -> Result<Option<SignatureField>, Refusal> {
        let rect = numbers(pdf, widget, b"Rect")?;
        let (Some(field), Some(widget_id), Ok(rect)) = (self.field, id, rect.try_into()) else {
            return Ok(None);
        };
        let [x0, y0, x1, y1]: [f64; 4] = rect;
        Ok(Some(SignatureField {
            name: self.name.clone(),
            field,
            widget: widget_id,
            rect: [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)],
            page: widget.get(b"P").and_then(Object::as_reference).ok(),
            is_signed: self.covered_to.is_some(),
            covered_to: self.covered_to.unwrap_or_default(),
            conditions: self.conditions.clone(),
            flags: pdf.get(widget, b"F")?.as_i64().unwrap_or_default(),
            is_drawn: !widget.has(b"OC")
                && matches!(pdf.get(widget, b"Subtype")?, Object::Name(kind) if kind == b"Widget"),
        }))
    }
}

fn covered_to(pdf: &Pdf, signature: &Dictionary) -> Result<i64, Refusal> {
    let Object::Array(ranges) = pdf.get(signature, b"ByteRange")? else {
        return Ok(0);
    };
    let last = ranges
        .iter()
        .rev()
        .take(2)
        .map(|number| number.as_i64().unwrap_or(0));
    Ok(last.fold(0, i64::saturating_add))
}

fn numbers(pdf: &Pdf, holder: &Dictionary, key: &[u8]) -> Result<Vec<f64>, Refusal> {
    let Object::Array(items) = pdf.get(holder, key)? else {
        return Ok(Vec::new());
    };
    let number = |item: &Object| Ok(f64::from(pdf.resolve(item)?.as_float().unwrap_or_default()));
    items.iter().map(number).collect()
}

/// A text string may be written in one byte a letter or in UTF-16 (7.9.2.2), ASCII in both.
fn spellings(name: &str) -> impl Iterator<Item = Vec<u8>> {
    let wide = std::iter::once(0xfeff)
        .chain(name.encode_utf16())
        .flat_map(u16::to_be_bytes);
    let marked = [b"\xef\xbb\xbf", name.as_bytes()].concat();
    [name.as_bytes().to_vec(), wide.collect(), marked].into_iter()
}

fn text(pdf: &Pdf, holder: &Dictionary, key: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
    Ok(pdf.get(holder, key)?.as_str().ok().map(<[u8]>::to_vec))
}

/// A dictionary with references followed; an empty one where there is none.
fn dictionary(pdf: &Pdf, object: Option<&Object>) -> Result<Dictionary, Refusal> {
    let object = object.map_or(Ok(Object::Null), |object| pdf.resolve(object))?;
    match object {
        Object::Dictionary(dictionary) => Ok(dictionary),
        // Some readers take its dictionary.
        Object::Stream(_) => Err(damaged("a part of the form is a stream")),
        _ => Ok(Dictionary::new()),
    }
}

/// Bytes in a field's name, at most.
const NAME_MAX: usize = 100;
