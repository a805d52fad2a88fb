//! The page tree (ISO 32000-2, 7.7.3).

use std::collections::HashSet;
use std::rc::Rc;

use lopdf::{Dictionary, Object, ObjectId};

use super::followed_once::{FollowedOnce, Sought};
use super::{Pdf, damaged, page_tree};
use crate::pades::error::Refusal;

/// A page with what it inherits.
#[derive(Clone, Debug)]
pub struct Page {
    /// The page object.
    pub id: ObjectId,
    /// Its dictionary as it stands in the file.
    pub dict: Dictionary,
    /// `/MediaBox`: left, bottom, right, top.
    pub media_box: [f32; 4],
    /// `/CropBox` within the media box, which it defaults to.
    pub crop_box: [f32; 4],
    /// `/Rotate`, clockwise: 0, 90, 180 or 270.
    pub rotate: u16,
    /// `/UserUnit`: how many 1/72 inch one unit is.
    pub user_unit: f32,
    /// `/Resources` as they stand in the file.
    pub resources: Option<Object>,
}

/// The pages of a file.
pub(in crate::pades) struct AllPages {
    /// Each in its order, with its list of annotations where that is an object of its own.
    pub(in crate::pades) pages: Vec<(ObjectId, Option<ObjectId>)>,
    /// What makes readers find others, if anything does.
    pub(in crate::pades) uneven: Option<String>,
}

/// What a page takes from the nodes above it.
#[derive(Default)]
struct Inherited {
    media_box: Option<Object>,
    crop_box: Option<Object>,
    rotate: Option<Object>,
    /// Shared: they may be long.
    resources: Option<Rc<Object>>,
}

impl Inherited {
    /// What the kids of a node inherit. A node that says nothing itself costs nothing: a tree may
    /// have many below one that says much.
    fn below(self: &Rc<Self>, node: &Dictionary) -> Rc<Self> {
        let keys: [&[u8]; 4] = [b"MediaBox", b"CropBox", b"Rotate", b"Resources"];
        if !keys.iter().any(|key| node.has(key)) {
            return Rc::clone(self);
        }
        let own = |key: &[u8], above: &Option<Object>| {
            node.get(key).ok().cloned().or_else(|| above.clone())
        };
        let resources = node.get(b"Resources").ok().cloned().map(Rc::new);
        Rc::new(Self {
            resources: resources.or_else(|| self.resources.clone()),
            media_box: own(b"MediaBox", &self.media_box),
            crop_box: own(b"CropBox", &self.crop_box),
            rotate: own(b"Rotate", &self.rotate),
        })
    }
}

/// A node that is still to be visited.
struct Pending {
    kid: Object,
    inherited: Rc<Inherited>,
}

impl Pdf<'_> {
    /// The number of pages, by walking the whole tree.
    ///
    /// # Errors
    /// `PdfDamaged` when the tree cannot be read, `PdfTooComplex` when it is too large.
    pub fn page_count(&self) -> Result<usize, Refusal> {
        let mut count = 0;
        self.walk(|_, _, _| {
            count += 1;
            Ok(())
        })?;
        Ok(count)
    }

    /// All pages, each of which whoever seals it can measure.
    ///
    /// # Errors
    /// As [`Pdf::page_count`], and as [`Pdf::page`] of any of them.
    pub(in crate::pades) fn look_at_pages(&self) -> Result<AllPages, Refusal> {
        let mut pages = Vec::new();
        let mut followed = FollowedOnce::default();
        self.walk(|id, dict, inherited| {
            let boxes = [&inherited.media_box, &inherited.crop_box];
            let numbers = [inherited.rotate.as_ref(), dict.get(b"UserUnit").ok()];
            for number in numbers.into_iter().flatten() {
                followed.follow(self, number, Sought::Number)?;
            }
            for rectangle in boxes.into_iter().flatten() {
                self.follow_sides(rectangle, &mut followed)?;
            }
            let annotations = dict.get(b"Annots").and_then(Object::as_reference);
            pages.push((id, annotations.ok()));
            Ok(())
        })?;
        Ok(AllPages {
            pages,
            uneven: page_tree::uneven(self)?,
        })
    }

    fn follow_sides(&self, rectangle: &Object, followed: &mut FollowedOnce) -> Result<(), Refusal> {
        let rectangle = followed.follow(self, rectangle, Sought::Rectangle)?;
        if let Some(Object::Array(sides)) = rectangle.as_deref() {
            for side in sides.iter().take(4) {
                followed.follow(self, side, Sought::Number)?;
            }
        }
        Ok(())
    }

    /// Visits every page's own dictionary in order, with its resources, own or inherited.
    pub(in crate::pades) fn each_page(
        &self,
        mut visit: impl FnMut(ObjectId, &Dictionary, Option<&Rc<Object>>),
    ) -> Result<(), Refusal> {
        self.walk(|id, dict, inherited| {
            visit(id, &dict, inherited.resources.as_ref());
            Ok(())
        })
    }

    /// The page with that index, from 0.
    ///
    /// # Errors
    /// `PdfNoPages` when there is none, otherwise as [`Pdf::page_count`].
    pub fn page(&self, index: usize) -> Result<Page, Refusal> {
        let mut found = None;
        let mut at = 0;
        self.walk(|id, dict, inherited| {
            if at == index {
                found = Some(self.measure(id, dict, inherited)?);
            }
            at += 1;
            Ok(())
        })?;
        match (found, at) {
            (Some(page), _) => Ok(page),
            (None, 0) => Err(Refusal::PdfNoPages),
            (None, _) => Err(Refusal::FieldInvalid("the PDF has no such page".into())),
        }
    }

    /// The first page whose number or own dictionary is the one wanted.
    ///
    /// # Errors
    /// As [`Pdf::page_count`].
    pub(in crate::pades) fn page_where(
        &self,
        is_wanted: impl Fn(ObjectId, &Dictionary) -> bool,
    ) -> Result<Option<Page>, Refusal> {
        let mut found = None;
        self.walk(|id, dict, inherited| {
            if found.is_none() && is_wanted(id, &dict) {
                found = Some(self.measure(id, dict, inherited)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Visits the pages in order, all of them: a tree that is damaged further on is damaged for whoever
    /// wants its first page, too.
    fn walk(
        &self,
        mut visit: impl FnMut(ObjectId, Dictionary, &Inherited) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let root = self
            .catalog()?
            .get(b"Pages")
            .cloned()
            .unwrap_or(Object::Null);
        let mut pending = vec![Pending {
            kid: root,
            inherited: Rc::default(),
        }];
        let mut branches = HashSet::new();
        let mut visited = 0;
        while let Some(Pending { kid, inherited }) = pending.pop() {
            visited += 1;
            let (id, node) = match kid {
                Object::Reference(id) => (Some(id), self.object(id)?),
                node => (None, node),
            };
            let node = match node {
                Object::Dictionary(node) => node,
                // What the reference leads to is missing, and so is the page. Of a damaged file
                // others may find one, each another.
                Object::Null if self.is_rebuilt() => return Err(damaged("a page is lost")),
                Object::Null => continue,
                _ => return Err(damaged("a node of the page tree is no dictionary")),
            };
            let inherited = inherited.below(&node);
            match self.get(&node, b"Kids")? {
                Object::Array(kids) => {
                    // A page may stand in the tree twice, a branch would lead in a circle.
                    if id.is_some_and(|id| !branches.insert(id)) {
                        return Err(damaged("the page tree leads in a circle"));
                    }
                    if visited + pending.len() + kids.len() > self.limits.pages {
                        return Err(Refusal::PdfTooComplex("the page tree is too large".into()));
                    }
                    pending.extend(kids.into_iter().rev().map(|kid| Pending {
                        kid,
                        inherited: Rc::clone(&inherited),
                    }));
                }
                Object::Null if self.is_rebuilt() && node.has(b"Kids") => {
                    return Err(damaged("pages are lost"));
                }
                // A branch without kids, not a page.
                Object::Null if page_tree::is_of_type(&node, b"Pages") => {}
                Object::Null => {
                    // Nothing could be put onto a page that is part of the tree itself.
                    let id = id.ok_or_else(|| damaged("a page is no object of its own"))?;
                    visit(id, node, &inherited)?;
                }
                _ => return Err(damaged("the kids of a page tree node are no array")),
            }
        }
        Ok(())
    }

    fn measure(
        &self,
        id: ObjectId,
        dict: Dictionary,
        inherited: &Inherited,
    ) -> Result<Page, Refusal> {
        // Letter is what readers assume where no box is given.
        let media_box = self
            .rectangle(inherited.media_box.as_ref())?
            .unwrap_or([0.0, 0.0, 612.0, 792.0]);
        let crop_box = self
            .rectangle(inherited.crop_box.as_ref())?
            .map_or(media_box, |crop| intersection(crop, media_box));
        let rotate = match inherited
            .rotate
            .as_ref()
            .map(|turn| self.resolve(turn))
            .transpose()?
        {
            Some(Object::Integer(degrees)) => u16::try_from(degrees.rem_euclid(360)).unwrap_or(0),
            _ => 0,
        };
        let user_unit = match self.get(&dict, b"UserUnit")? {
            Object::Integer(unit @ 1..=1000) => f32::from(i16::try_from(unit).unwrap_or(1)),
            Object::Real(unit) if unit > 0.0 && unit <= 1000.0 => unit,
            _ => 1.0,
        };
        Ok(Page {
            id,
            dict,
            media_box,
            crop_box,
            rotate: rotate / 90 * 90,
            user_unit,
            resources: inherited.resources.as_deref().cloned(),
        })
    }

    /// A rectangle with its corners in order; `None` where it is none.
    fn rectangle(&self, object: Option<&Object>) -> Result<Option<[f32; 4]>, Refusal> {
        let Some(object) = object else {
            return Ok(None);
        };
        let Object::Array(items) = self.resolve(object)? else {
            return Ok(None);
        };
        let mut sides = [0.0_f32; 4];
        for (index, side) in sides.iter_mut().enumerate() {
            let Some(item) = items.get(index) else {
                return Ok(None);
            };
            *side = match self.resolve(item)? {
                Object::Real(number) if number.is_finite() => number,
                #[expect(clippy::cast_precision_loss, reason = "a page is not that large")]
                Object::Integer(number) => number as f32,
                _ => return Ok(None),
            };
        }
        let [a, b, c, d] = sides;
        let ordered = [a.min(c), b.min(d), a.max(c), b.max(d)];
        let [left, bottom, right, top] = ordered;
        Ok((right > left && top > bottom).then_some(ordered))
    }
}

/// The common part of two rectangles, or the second where they have none.
fn intersection(one: [f32; 4], other: [f32; 4]) -> [f32; 4] {
    let [l, b, r, t] = one;
    let [ol, ob, or, ot] = other;
    let common = [l.max(ol), b.max(ob), r.min(or), t.min(ot)];
    let [left, bottom, right, top] = common;
    if right > left && top > bottom {
        common
    } else {
        other
    }
}
