//! The items of a mark, filled and measured, each at its place in the mark's own box.

use std::fmt::Write as _;

use lopdf::{Dictionary, Object, ObjectId};

use super::image::Picture;
use super::qr::Code;
use super::template::{self, Align, Item};
use super::text::{Lines, Setter};
use super::{Facts, MarkOrder, colour};
use crate::pades::error::Refusal;

/// A mark, measured.
pub(super) struct Layout {
    blocks: Vec<Block>,
    setter: Setter,
    picture: Option<Picture>,
    width: f64,
    height: f64,
}

/// One item at its place.
struct Block {
    shape: Shape,
    color: Option<[f64; 3]>,
    align: Align,
    /// Left and upper edge, in points from the mark's upper left corner.
    left: f64,
    upper: f64,
    width: f64,
    height: f64,
    /// Whether it says itself where it stands.
    is_placed: bool,
}

enum Shape {
    Text(Lines),
    Picture,
    Code(Code),
}

impl Layout {
    /// Fills a mark's texts and measures it.
    pub(super) fn of(order: &MarkOrder, facts: &Facts) -> Result<Self, Refusal> {
        let picture = match (&order.image, order.template.needs_image()) {
            (Some(png), true) => Some(Picture::from_png(png)?),
            (None, true) => {
                let why = "the mark shows a picture, and there is none";
                return Err(Refusal::FieldInvalid(why.into()));
            }
            (_, false) => None,
        };
        let mut layout = Self {
            blocks: Vec::new(),
            setter: Setter::new()?,
            picture,
            width: order.template.width.unwrap_or_default(),
            height: 0.0,
        };
        for item in &order.template.items {
            layout.take(item, order, facts)?;
        }
        layout.align();
        Ok(layout)
    }

    /// Width and height in points.
    pub(super) fn size(&self) -> [f64; 2] {
        [self.width, self.height]
    }

    /// Takes fonts and pictures into the file; the form's `/Resources`.
    pub(super) fn resources(
        &self,
        add: &mut dyn FnMut(Object) -> Result<ObjectId, Refusal>,
    ) -> Result<Object, Refusal> {
        let mut resources = Dictionary::new();
        let mut list = |kind: &str, entries: &[(&str, Object)]| {
            let mut named = Dictionary::new();
            for (name, object) in entries {
                named.set(*name, object.clone());
            }
            resources.set(kind, Object::Dictionary(named));
        };
        list(
            "ColorSpace",
            &[("G0", colour::cal_gray()), ("C0", colour::cal_rgb())],
        );
        if let Some(font) = self.setter.embed(add)? {
            list("Font", &[("F0", Object::Reference(font))]);
        }
        if let Some(picture) = &self.picture {
            let image = picture.embed(add)?;
            list("XObject", &[("I0", Object::Reference(image))]);
        }
        Ok(Object::Dictionary(resources))
    }

    /// The content stream: a point of the mark is `scale` units, its lower left corner the origin.
    pub(super) fn content(&self, scale: f64) -> String {
        let mut content = format!("q\n{scale:.5} 0 0 {scale:.5} 0 0 cm\n");
        for block in &self.blocks {
            block.draw(self.height, &mut content);
        }
        content.push('Q');
        content
    }

    fn take(&mut self, item: &Item, order: &MarkOrder, facts: &Facts) -> Result<(), Refusal> {
        let (shape, width, height) = self.shape(item, order, facts)?;
        let [left, upper] = item.at.unwrap_or([0.0, self.below()]);
        self.width = self.width.max(left + width);
        self.height = self.height.max(upper + height);
        self.blocks.push(Block {
            shape,
            color: item.color.as_deref().and_then(template::rgb),
            align: item.align,
            left,
            upper,
            width,
            height,
            is_placed: item.at.is_some(),
        });
        Ok(())
    }

    fn shape(
        &mut self,
        item: &Item,
        order: &MarkOrder,
        facts: &Facts,
    ) -> Result<(Shape, f64, f64), Refusal> {
        if let Some(text) = &item.text {
            let text = facts.fill(text.of(order.language))?;
            let size = item.size.unwrap_or(LETTERS);
            let lines = self.setter.set(&text, size, order.template.width)?;
            let (width, height) = (lines.width(), lines.height());
            return Ok((Shape::Text(lines), width, height));
        }
        if let Some(text) = &item.qr {
            let side = item.side_mm.unwrap_or(CODE_MM) * POINTS_IN_MM;
            return Ok((Shape::Code(Code::of(&facts.fill(text)?)?), side, side));
        }
        let width = item.width_mm.unwrap_or(SEAL_MM) * POINTS_IN_MM;
        let aspect = self.picture.as_ref().map_or(1.0, Picture::aspect);
        Ok((Shape::Picture, width, width * aspect))
    }

    /// Where the next item begins: below the one before it in the stack.
    fn below(&self) -> f64 {
        let last = self.blocks.iter().rev().find(|block| !block.is_placed);
        last.map_or(0.0, |last| last.upper + last.height)
    }

    fn align(&mut self) {
        for block in self.blocks.iter_mut().filter(|block| !block.is_placed) {
            block.left = aligned(block.align, self.width - block.width);
        }
    }
}

impl Block {
    fn draw(&self, mark_height: f64, content: &mut String) {
        let (left, top) = (self.left, mark_height - self.upper);
        // Writing to a string does not fail.
        let _ = match self.color {
            Some([red, green, blue]) => {
                writeln!(content, "/C0 cs {red:.4} {green:.4} {blue:.4} sc")
            }
            None => writeln!(content, "/G0 cs 0 sc"),
        };
        match &self.shape {
            Shape::Text(lines) => self.text(lines, top, content),
            Shape::Code(code) => content.push_str(&code.draw([left, top], self.width)),
            Shape::Picture => {
                let (width, height, bottom) = (self.width, self.height, top - self.height);
                let _ = writeln!(
                    content,
                    "q {width:.3} 0 0 {height:.3} {left:.3} {bottom:.3} cm /I0 Do Q"
                );
            }
        }
    }

    fn text(&self, lines: &Lines, top: f64, content: &mut String) {
        let _ = writeln!(content, "BT\n/F0 {:.3} Tf", lines.size);
        for (n, line) in lines.lines.iter().enumerate() {
            let x = self.left + aligned(self.align, self.width - line.width);
            let y = top - lines.baseline(n);
            let _ = writeln!(content, "1 0 0 1 {x:.3} {y:.3} Tm\n<{}> Tj", line.codes());
        }
        content.push_str("ET\n");
    }
}

fn aligned(align: Align, room: f64) -> f64 {
    match align {
        Align::Left => 0.0,
        Align::Center => room / 2.0,
        Align::Right => room,
    }
}

const POINTS_IN_MM: f64 = 72.0 / 25.4;
/// The letters' size in points where a template says none (Annex I).
const LETTERS: f64 = 10.0;
/// The diameter of the seal of most agencies, in millimetres.
const SEAL_MM: f64 = 36.0;
/// A code's side that a phone reads from a screen, in millimetres.
const CODE_MM: f64 = 22.0;
