//! Where the seal goes: into a new field or an empty one of the file, on which page, and at which
//! place of it the mark stands.

use std::cell::RefCell;
use std::collections::HashSet;

use lopdf::{Object, ObjectId};

use super::SealRequest;
use super::permission::{Form, SignatureField};
use super::update::Update;
use crate::pades::appearance::place::{Place, Sheet};
use crate::pades::appearance::{
    Anchor, Appearance, Drawing, MarkOrder, PageChoice, PageWord, Placement,
};
use crate::pades::changed::changed_on;
use crate::pades::error::Refusal;
use crate::pades::reader::{Changed, Page, Pdf};
use crate::pades::text;

/// Where the seal goes.
pub(super) struct Target {
    /// The field's full name.
    pub(super) name: String,
    /// The page of its widget.
    pub(super) page: Page,
    /// The empty field of the file that it goes into; else a new one is made.
    pub(super) existing: Option<SignatureField>,
    mark: Option<(Drawing, Place)>,
}

/// A mark in the file.
pub(super) struct Drawn {
    /// Left, bottom, right, top in the page's user space.
    pub(super) rect: [f64; 4],
    /// The `XObject` for `/AP /N`.
    pub(super) form: ObjectId,
}

impl Target {
    /// Finds page, field and place.
    ///
    /// # Errors
    /// `FieldInvalid` when the file has no such page, field, signature or words.
    pub(super) fn of(pdf: &Pdf, form: &Form, request: &SealRequest) -> Result<Self, Refusal> {
        let name = || form.name(request.field_name.as_deref());
        match &request.appearance {
            Appearance::None => Self::invisible(pdf, name()?),
            Appearance::Mark(order) => {
                let drawing = Drawing::of(order, &request.facts(order))?;
                match &order.template.place.field {
                    Some(wanted) => Self::in_field(pdf, form, wanted, drawing, request),
                    None => Self::on_page(pdf, form, &order.template.place, name()?, drawing),
                }
            }
        }
    }

    /// A new field that nobody sees, under the first free name.
    pub(super) fn unseen(pdf: &Pdf, form: &Form) -> Result<Self, Refusal> {
        Self::invisible(pdf, form.name(None)?)
    }

    fn invisible(pdf: &Pdf, name: String) -> Result<Self, Refusal> {
        Ok(Self {
            name,
            page: pdf.page(0)?,
            existing: None,
            mark: None,
        })
    }

    /// What the file has already of what the seal changes; the empty field among it.
    pub(super) fn changes(&self, pdf: &Pdf) -> Result<Vec<Changed>, Refusal> {
        let annotations = self.page.dict.get(b"Annots").and_then(Object::as_reference);
        let mut changes = changed_on(pdf, [(self.page.id, annotations.ok())])?;
        if let Some(field) = &self.existing {
            changes.extend([field.field, field.widget].map(Changed::Undrawn));
        }
        Ok(changes)
    }

    /// What the signature locks: what the author of its field wants locked.
    pub(super) fn reference(&self, pdf: &Pdf) -> Result<Option<Object>, Refusal> {
        match &self.existing {
            Some(field) => field.conditions.reference(pdf, pdf.catalog_id()?),
            None => Ok(None),
        }
    }

    /// Takes the mark into the file.
    pub(super) fn draw(&self, update: &mut Update) -> Result<Option<Drawn>, Refusal> {
        let Some((drawing, place)) = &self.mark else {
            return Ok(None);
        };
        let form = drawing.draw(place, &mut |object| update.add(&object))?;
        Ok(Some(Drawn {
            rect: place.rect,
            form,
        }))
    }

    fn in_field(
        pdf: &Pdf,
        form: &Form,
        wanted: &str,
        drawing: Drawing,
        request: &SealRequest,
    ) -> Result<Self, Refusal> {
        let invalid = |why: &str| Refusal::FieldInvalid(why.to_owned());
        let mut fields = form.signature_fields.iter();
        let field = fields.find(|field| field.name == wanted);
        let field = field.ok_or_else(|| invalid("the file has no signature field of this name"))?;
        if field.is_signed {
            return Err(invalid("the signature field is signed already"));
        }
        let is_of_it = |other: &&SignatureField| other.field == field.field;
        if form.signature_fields.iter().filter(is_of_it).count() > 1 {
            return Err(invalid("the signature field stands at several places"));
        }
        field.conditions.admit(pdf, request)?;
        // Whoever asks for a mark would else issue a document without it.
        if field.flags & (INVISIBLE | HIDDEN | NO_VIEW) != 0 || !field.is_drawn {
            return Err(invalid("the signature field is hidden"));
        }
        let page = page_of(pdf, field, Whereabouts::Listed)?;
        let sheet = Sheet::of(&page);
        let [left, bottom, right, top] = sheet.shown(field.rect);
        if right - left < 1.0 || top - bottom < 1.0 {
            return Err(invalid("the signature field has no room for a mark"));
        }
        let [_, high] = sheet.size();
        let rect = [left, high - top, right - left, top - bottom];
        sheet.admit(rect)?;
        let place = sheet.within(rect, drawing.size());
        Ok(Self {
            name: field.name.clone(),
            page,
            existing: Some(field.clone()),
            mark: Some((drawing, place.over_all_of(field.rect))),
        })
    }

    fn on_page(
        pdf: &Pdf,
        form: &Form,
        placement: &Placement,
        name: String,
        drawing: Drawing,
    ) -> Result<Self, Refusal> {
        let size = drawing.size();
        let (page, place) = if placement.over.is_some() {
            let signature = newest_visible(form)?;
            let page = page_of(pdf, signature, Whereabouts::Told)?;
            let sheet = Sheet::of(&page);
            let [left, bottom, right, top] = sheet.shown(signature.rect);
            let [width, height] = size;
            // Its right edge a third into the image, level with its middle.
            let x = left + (right - left) / 3.0 - width;
            let y = bottom.midpoint(top) - height / 2.0;
            let place = sheet.near([x, y], size)?;
            (page, place)
        } else {
            let page = chosen(pdf, placement.page)?;
            let sheet = Sheet::of(&page);
            let place = match (placement.rect, &placement.beside) {
                (Some(rect), _) => {
                    sheet.admit(rect)?;
                    sheet.within(rect, size)
                }
                (None, Some(anchor)) => {
                    let words = words(pdf, &page, anchor)?;
                    sheet.beside(words, anchor.side, anchor.gap, size)?
                }
                (None, None) => sheet.at(placement.at, placement.margin, size)?,
            };
            (page, place)
        };
        Ok(Self {
            name,
            page,
            existing: None,
            mark: Some((drawing, place)),
        })
    }
}

impl SealRequest {
    fn facts(&self, order: &MarkOrder) -> crate::pades::appearance::Facts {
        let own = |value: &Option<String>| value.clone().unwrap_or_default();
        order
            .facts_at(self.signed_at)
            .with("signer", &own(&self.signer_name))
            .with("reason", &own(&self.reason))
            .with("location", &own(&self.location))
    }
}

fn chosen(pdf: &Pdf, page: PageChoice) -> Result<Page, Refusal> {
    let index = match page {
        PageChoice::Number(number) => usize::try_from(number).unwrap_or(usize::MAX),
        PageChoice::Word(PageWord::Last) => pdf.page_count()?,
    };
    pdf.page(index.saturating_sub(1))
}

/// Where the words stand lowest on the page as shown.
fn words(pdf: &Pdf, page: &Page, anchor: &Anchor) -> Result<[f64; 4], Refusal> {
    let sheet = Sheet::of(page);
    let [wide, high] = sheet.size();
    let height = |rect| {
        let [left, bottom, right, top] = sheet.shown(rect);
        let is_shown = left < wide && right > 0.0 && bottom < high && top > 0.0;
        is_shown.then_some(bottom)
    };
    let found = text::find(pdf, page, &anchor.text, height)?;
    found.map(|rect| sheet.shown(rect)).ok_or_else(|| {
        Refusal::FieldInvalid("the page does not have the words that the mark stands beside".into())
    })
}

fn newest_visible(form: &Form) -> Result<&SignatureField, Refusal> {
    let is_visible = |field: &&SignatureField| {
        let [left, bottom, right, top] = field.rect;
        field.is_signed && right - left >= 1.0 && top - bottom >= 1.0
    };
    let fields = form.signature_fields.iter().filter(is_visible);
    let newest = fields.max_by_key(|field| field.covered_to);
    newest.ok_or_else(|| {
        Refusal::FieldInvalid("there is no visible signature for the seal to stand over".into())
    })
}

/// What tells where a widget stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whereabouts {
    /// The list of the page, by which readers draw it.
    Listed,
    /// That, or the word of the widget itself.
    Told,
}

/// The page that a field's widget stands on.
fn page_of(pdf: &Pdf, field: &SignatureField, by: Whereabouts) -> Result<Page, Refusal> {
    // Many pages may share a long list.
    let without = RefCell::new(HashSet::new());
    let lists_it = |annotations: &Object| {
        if without.borrow().contains(&annotations.as_reference().ok()) {
            return false;
        }
        let widget = Object::Reference(field.widget);
        let lists_it = match pdf.resolve(annotations) {
            Ok(Object::Array(annotations)) => annotations.contains(&widget),
            _ => false,
        };
        if !lists_it && let Ok(list) = annotations.as_reference() {
            without.borrow_mut().insert(Some(list));
        }
        lists_it
    };
    let page = pdf.page_where(|id, page| {
        let is_told = by == Whereabouts::Told && field.page == Some(id);
        is_told || page.get(b"Annots").is_ok_and(lists_it)
    })?;
    page.ok_or_else(|| Refusal::FieldInvalid("the signature field stands on no page".into()))
}

/// Flags of an annotation that is not shown (12.5.3, table 167).
const INVISIBLE: i64 = 1;
const HIDDEN: i64 = 1 << 1;
const NO_VIEW: i64 = 1 << 5;
