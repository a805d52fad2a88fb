//! A page's content, operator by operator, as far as it shows text (ISO 32000-2, 8.4, 8.10, 9.3 and
//! 9.4).

use std::collections::HashMap;
use std::rc::Rc;

use lopdf::{Dictionary, Object, ObjectId};

use super::font::Font;
use super::matrix::{self, IDENTITY, Matrix, bounds, moved, then};
use super::{Glyph, resources, too_much};
use crate::pades::error::Refusal;
use crate::pades::reader::lexer::{LexError, Lexer};
use crate::pades::reader::{Page, Pdf};

/// The glyphs of a page in the order in which they are painted.
pub(super) struct Reading<'p, 's> {
    pdf: &'p Pdf<'s>,
    pub(super) glyphs: Vec<Glyph>,
    /// By their object's number; fonts that are no object of their own are read each time.
    fonts: HashMap<ObjectId, Rc<Font>>,
    operators_left: usize,
    forms_left: usize,
    fonts_left: usize,
}

/// What `q` keeps.
#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    letter_spacing: f64,
    word_spacing: f64,
    scale: f64,
    leading: f64,
    rise: f64,
}

/// A stream of operators under way.
struct Writing {
    state: State,
    kept: Vec<State>,
    text: Matrix,
    line: Matrix,
}

impl<'p, 's> Reading<'p, 's> {
    pub(super) fn new(pdf: &'p Pdf<'s>) -> Self {
        Self {
            pdf,
            glyphs: Vec::new(),
            fonts: HashMap::new(),
            operators_left: OPERATORS_MAX,
            forms_left: FORMS_MAX,
            fonts_left: FONTS_MAX,
        }
    }

    /// Reads a page.
    ///
    /// # Errors
    /// As [`super::find`].
    pub(super) fn page(&mut self, page: &Page) -> Result<(), Refusal> {
        let parts = match self.pdf.get(&page.dict, b"Contents")? {
            Object::Array(parts) => parts,
            part => vec![part],
        };
        let mut bytes = Vec::new();
        for part in parts {
            if let Object::Stream(stream) = self.pdf.resolve(&part)? {
                bytes.extend_from_slice(&self.pdf.stream_data(&stream)?);
                // The parts are one stream, and a word ends with its part (7.8.2).
                bytes.push(b'\n');
            }
            if bytes.len() > self.pdf.limits().decompressed {
                return Err(too_much("too many bytes"));
            }
        }
        let resources = resources(self.pdf, page)?;
        self.run(bytes, &resources, State::new(IDENTITY), 0)
    }

    fn run(
        &mut self,
        mut bytes: Vec<u8>,
        resources: &Dictionary,
        state: State,
        depth: usize,
    ) -> Result<(), Refusal> {
        bytes.push(b'\n');
        let limits = self.pdf.limits();
        let mut lexer = Lexer::new(&bytes, limits.depth, OPERATORS_MAX);
        let mut writing = Writing::new(state);
        let mut operands = Vec::new();
        loop {
            if let Some(word) = lexer.operator() {
                let left = self.operators_left.checked_sub(1);
                self.operators_left = left.ok_or_else(|| too_much("too many operators"))?;
                match word {
                    b"ID" => lexer.skip_picture(),
                    b"Do" => self.form(&operands, resources, &writing.state, depth)?,
                    b"Tf" => self.set_font(&operands, resources, &mut writing.state)?,
                    word => writing.take(word, &operands, &mut self.glyphs)?,
                }
                operands.clear();
                continue;
            }
            match lexer.object() {
                Ok(object) => operands.push(object),
                Err(LexError::End) => return Ok(()),
                Err(LexError::Bad(_)) => lexer.skip(),
                Err(LexError::TooMuch(_)) => return Err(too_much("too many parts")),
            }
        }
    }

    /// `Do`: a form's content is painted in its place (8.10.1).
    fn form(
        &mut self,
        operands: &[Object],
        resources: &Dictionary,
        state: &State,
        depth: usize,
    ) -> Result<(), Refusal> {
        let Some(Object::Stream(form)) = self.resource(resources, b"XObject", operands)?.1 else {
            return Ok(());
        };
        if !matches!(self.pdf.get(&form.dict, b"Subtype")?, Object::Name(kind) if kind == b"Form") {
            return Ok(());
        }
        let left = self
            .forms_left
            .checked_sub(1)
            .filter(|_| depth < FORM_DEPTH_MAX);
        self.forms_left = left.ok_or_else(|| too_much("too many forms"))?;
        let own = match self.pdf.get(&form.dict, b"Resources")? {
            Object::Dictionary(own) => own,
            _ => resources.clone(),
        };
        let placed = match self.pdf.get(&form.dict, b"Matrix")? {
            Object::Array(items) => matrix::of(&items).unwrap_or(IDENTITY),
            _ => IDENTITY,
        };
        let state = State {
            matrix: then(placed, state.matrix),
            ..state.clone()
        };
        self.run(self.pdf.stream_data(&form)?, &own, state, depth + 1)
    }

    fn set_font(
        &mut self,
        operands: &[Object],
        resources: &Dictionary,
        state: &mut State,
    ) -> Result<(), Refusal> {
        state.size = operands.get(1).and_then(matrix::number).unwrap_or_default();
        let (id, font) = self.resource(resources, b"Font", operands)?;
        state.font = match (id.and_then(|id| self.fonts.get(&id)), font) {
            (Some(known), _) => Some(Rc::clone(known)),
            (None, Some(Object::Dictionary(font))) => {
                let left = self.fonts_left.checked_sub(1);
                self.fonts_left = left.ok_or_else(|| too_much("too many fonts"))?;
                let font = Rc::new(Font::read(self.pdf, &font)?);
                if let Some(id) = id {
                    self.fonts.insert(id, Rc::clone(&font));
                }
                Some(font)
            }
            (None, _) => None,
        };
        Ok(())
    }

    /// The resource of this kind that the first operand names, and its object's number.
    fn resource(
        &self,
        resources: &Dictionary,
        kind: &[u8],
        operands: &[Object],
    ) -> Result<(Option<ObjectId>, Option<Object>), Refusal> {
        let (Some(Object::Name(name)), Object::Dictionary(named)) =
            (operands.first(), self.pdf.get(resources, kind)?)
        else {
            return Ok((None, None));
        };
        let Ok(entry) = named.get(name) else {
            return Ok((None, None));
        };
        let id = entry.as_reference().ok();
        Ok((id, Some(self.pdf.resolve(entry)?)))
    }
}

impl State {
    fn new(matrix: Matrix) -> Self {
        Self {
            matrix,
            font: None,
            size: 0.0,
            letter_spacing: 0.0,
            word_spacing: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }
}

impl Writing {
    fn new(state: State) -> Self {
        Self {
            state,
            kept: Vec::new(),
            text: IDENTITY,
            line: IDENTITY,
        }
    }

    fn take(
        &mut self,
        word: &[u8],
        operands: &[Object],
        glyphs: &mut Vec<Glyph>,
    ) -> Result<(), Refusal> {
        let number = |at: usize| {
            operands
                .get(at)
                .and_then(matrix::number)
                .unwrap_or_default()
        };
        match word {
            b"q" if self.kept.len() < STATES_MAX => self.kept.push(self.state.clone()),
            b"q" => return Err(too_much("too many states")),
            b"Q" => self.state = self.kept.pop().unwrap_or_else(|| self.state.clone()),
            b"cm" => {
                let by = matrix::of(operands).unwrap_or(IDENTITY);
                self.state.matrix = then(by, self.state.matrix);
            }
            b"BT" => self.set_line(IDENTITY),
            b"Tm" => self.set_line(matrix::of(operands).unwrap_or(IDENTITY)),
            b"Td" => self.next_line(number(0), number(1)),
            b"TD" => {
                self.state.leading = -number(1);
                self.next_line(number(0), number(1));
            }
            b"T*" => self.next_line(0.0, -self.state.leading),
            b"Tc" => self.state.letter_spacing = number(0),
            b"Tw" => self.state.word_spacing = number(0),
            b"Tz" => self.state.scale = number(0) / 100.0,
            b"TL" => self.state.leading = number(0),
            b"Ts" => self.state.rise = number(0),
            b"Tj" => self.show(operands.first(), glyphs)?,
            b"TJ" => {
                if let Some(Object::Array(items)) = operands.first() {
                    for item in items {
                        self.show(Some(item), glyphs)?;
                    }
                }
            }
            b"'" => {
                self.next_line(0.0, -self.state.leading);
                self.show(operands.first(), glyphs)?;
            }
            b"\"" => {
                (self.state.word_spacing, self.state.letter_spacing) = (number(0), number(1));
                self.next_line(0.0, -self.state.leading);
                self.show(operands.get(2), glyphs)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn set_line(&mut self, line: Matrix) {
        (self.line, self.text) = (line, line);
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.set_line(then(moved(x, y), self.line));
    }

    /// Shows a string, or moves back by a number in thousandths of the size (9.4.3).
    fn show(&mut self, item: Option<&Object>, glyphs: &mut Vec<Glyph>) -> Result<(), Refusal> {
        let state = &self.state;
        let (size, scale) = (state.size, state.scale);
        let string = match item {
            Some(Object::String(string, _)) => string,
            Some(item) => {
                let back = matrix::number(item).unwrap_or_default() / 1000.0 * size * scale;
                self.text = then(moved(-back, 0.0), self.text);
                return Ok(());
            }
            None => return Ok(()),
        };
        let Some(font) = state.font.clone() else {
            return Ok(());
        };
        for code in font.codes(string) {
            if glyphs.len() >= GLYPHS_MAX {
                return Err(too_much("too many letters"));
            }
            let shown = then(
                [size * scale, 0.0, 0.0, size, 0.0, self.state.rise],
                self.text,
            );
            let shown = then(shown, self.state.matrix);
            let rect = bounds([0.0, DESCENT, code.advance, ASCENT], shown);
            if rect.iter().all(|side| side.is_finite()) {
                let [_, _, c, d, ..] = shown;
                glyphs.push(Glyph {
                    text: code.text,
                    rect,
                    size: c.hypot(d),
                });
            }
            let spacing = self.state.letter_spacing
                + if code.is_space {
                    self.state.word_spacing
                } else {
                    0.0
                };
            let advance = (code.advance * size + spacing) * scale;
            self.text = then(moved(advance, 0.0), self.text);
        }
        Ok(())
    }
}

/// Letters reach about so far above and below their line, at size 1.
const ASCENT: f64 = 0.9;
const DESCENT: f64 = -0.2;

/// Operators of a page and its forms, at most.
const OPERATORS_MAX: usize = 4_000_000;
/// Letters of a page, at most.
const GLYPHS_MAX: usize = 500_000;
/// Forms painted on a page, at most; within each other, at most.
const FORMS_MAX: usize = 5_000;
const FORM_DEPTH_MAX: usize = 20;
/// Fonts read for a page, at most.
const FONTS_MAX: usize = 2_000;
/// States kept by `q`, at most.
const STATES_MAX: usize = 1_000;
