//! The embedded typeface and the part of it that a mark needs (ISO 32000-2, 9.7): a Type0 font
//! over TrueType outlines, addressed by glyph number, with a map back to Unicode so that what is
//! seen can be searched and copied.

use std::collections::{BTreeMap, HashMap};

use lopdf::{Dictionary, Object, ObjectId, StringFormat};
use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId};

use super::{deflated, numbers};
use crate::pades::error::Refusal;

/// Liberation Serif, metrically equal to Times New Roman.
pub(super) struct Typeface {
    face: Face<'static>,
}

/// The glyphs in use: their numbers in the subset and the letters they stand for.
#[derive(Default)]
pub(super) struct Glyphs {
    remapper: GlyphRemapper,
    letters: BTreeMap<u16, char>,
}

impl Glyphs {
    /// The number in the subset of a glyph of the whole typeface.
    pub(super) fn number(&mut self, glyph: GlyphId, letter: char) -> u16 {
        let number = self.remapper.remap(glyph.0);
        self.letters.insert(number, letter);
        number
    }

    /// Whether no letter is in use.
    pub(super) fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }
}

impl Typeface {
    /// The typeface built into the program.
    pub(super) fn embedded() -> Result<Self, Refusal> {
        let face = Face::parse(FONT, 0).map_err(|_| unusable())?;
        Ok(Self { face })
    }

    /// The glyph of a letter; none for control characters, whatever the font has there.
    pub(super) fn glyph(&self, letter: char) -> Option<GlyphId> {
        if letter.is_control() {
            return None;
        }
        self.face.glyph_index(letter)
    }

    /// Its letters by the names of their glyphs.
    pub(super) fn names(&self) -> HashMap<String, char> {
        let tables = self.face.tables().cmap.into_iter();
        let subtables = tables.flat_map(|table| table.subtables.into_iter());
        let mut letters = Vec::new();
        for subtable in subtables.filter(ttf_parser::cmap::Subtable::is_unicode) {
            subtable.codepoints(|code| letters.extend(char::from_u32(code)));
        }
        let mut names = HashMap::new();
        for letter in letters {
            let glyph = self.glyph(letter);
            if let Some(name) = glyph.and_then(|glyph| self.face.glyph_name(glyph)) {
                // Of two letters with one glyph the first is the plain one: hyphen, soft hyphen.
                names.entry(name.to_owned()).or_insert(letter);
            }
        }
        names
    }

    /// How far a glyph advances, in thousandths of the letters' size.
    pub(super) fn width(&self, glyph: GlyphId) -> i32 {
        let advance = self.face.glyph_hor_advance(glyph).unwrap_or_default();
        self.thousandths(i32::from(advance))
    }

    /// Takes the font's five objects into the file and gives the number of the Type0 font.
    pub(super) fn embed(
        &self,
        glyphs: &Glyphs,
        add: &mut dyn FnMut(Object) -> Result<ObjectId, Refusal>,
    ) -> Result<ObjectId, Refusal> {
        let program = subsetter::subset(FONT, 0, &glyphs.remapper).map_err(|_| unusable())?;
        let name = Object::Name(subset_name(&program));
        let subset = Face::parse(&program, 0).map_err(|_| unusable())?;
        let widths = (0..subset.number_of_glyphs())
            .map(|number| {
                subset
                    .glyph_hor_advance(GlyphId(number))
                    .unwrap_or_default()
            })
            .map(|advance| Object::Integer(i64::from(self.thousandths(i32::from(advance)))))
            .collect::<Vec<_>>();

        let file = add(compressed(&program, true)?)?;
        let set = add(compressed(&every_glyph(widths.len()), false)?)?;
        let descriptor = add(self.descriptor(&name, file, set))?;
        let descendant = add(descendant(&name, descriptor, widths))?;
        let to_unicode = add(compressed(&to_unicode(&glyphs.letters), false)?)?;
        add(type0(&name, descendant, to_unicode))
    }

    fn descriptor(&self, name: &Object, file: ObjectId, set: ObjectId) -> Object {
        let bounds = self.face.global_bounding_box();
        let bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max];
        let scaled = |value: i16| f64::from(self.thousandths(i32::from(value)));
        let number = |value: i16| Object::Integer(i64::from(self.thousandths(i32::from(value))));
        let mut descriptor = Dictionary::new();
        descriptor.set("Type", Object::Name(b"FontDescriptor".to_vec()));
        descriptor.set("FontName", name.clone());
        descriptor.set("Flags", Object::Integer(SERIF | SYMBOLIC));
        descriptor.set("FontBBox", numbers(&bounds.map(scaled)));
        descriptor.set("ItalicAngle", Object::Integer(0));
        descriptor.set("Ascent", number(self.face.ascender()));
        descriptor.set("Descent", number(self.face.descender()));
        descriptor.set(
            "CapHeight",
            number(self.face.capital_height().unwrap_or_default()),
        );
        descriptor.set("StemV", Object::Integer(STEM_WIDTH));
        descriptor.set("FontFile2", Object::Reference(file));
        // Only PDF/A-1 asks for it (ISO 19005-1, 6.3.5), and received files may be PDF/A-1.
        descriptor.set("CIDSet", Object::Reference(set));
        Object::Dictionary(descriptor)
    }

    fn thousandths(&self, units: i32) -> i32 {
        let em = i32::from(self.face.units_per_em()).max(1);
        (units * 1000 + em / 2).div_euclid(em)
    }
}

fn type0(name: &Object, descendant: ObjectId, to_unicode: ObjectId) -> Object {
    let mut font = Dictionary::new();
    font.set("Type", Object::Name(b"Font".to_vec()));
    font.set("Subtype", Object::Name(b"Type0".to_vec()));
    font.set("BaseFont", name.clone());
    font.set("Encoding", Object::Name(b"Identity-H".to_vec()));
    font.set(
        "DescendantFonts",
        Object::Array(vec![Object::Reference(descendant)]),
    );
    font.set("ToUnicode", Object::Reference(to_unicode));
    Object::Dictionary(font)
}

fn descendant(name: &Object, descriptor: ObjectId, widths: Vec<Object>) -> Object {
    let ordering = |text: &[u8]| Object::String(text.to_vec(), StringFormat::Literal);
    let mut system = Dictionary::new();
    system.set("Registry", ordering(b"Adobe"));
    system.set("Ordering", ordering(b"Identity"));
    system.set("Supplement", Object::Integer(0));

    let mut font = Dictionary::new();
    font.set("Type", Object::Name(b"Font".to_vec()));
    font.set("Subtype", Object::Name(b"CIDFontType2".to_vec()));
    font.set("BaseFont", name.clone());
    font.set("CIDSystemInfo", Object::Dictionary(system));
    font.set("FontDescriptor", Object::Reference(descriptor));
    font.set(
        "W",
        Object::Array(vec![Object::Integer(0), Object::Array(widths)]),
    );
    font.set("CIDToGIDMap", Object::Name(b"Identity".to_vec()));
    Object::Dictionary(font)
}

/// The map from glyph numbers back to letters (9.10.3).
fn to_unicode(letters: &BTreeMap<u16, char>) -> Vec<u8> {
    let entries = letters
        .iter()
        .map(|(number, letter)| {
            let mut units = [0; 2];
            let code = letter
                .encode_utf16(&mut units)
                .iter()
                .flat_map(|unit| unit.to_be_bytes());
            format!(
                "<{number:04X}> <{}>\n",
                hex::encode_upper(code.collect::<Vec<_>>())
            )
        })
        .collect::<Vec<_>>();
    let sections = entries.chunks(SECTION_MAX).map(|entries| {
        format!(
            "{} beginbfchar\n{}endbfchar\n",
            entries.len(),
            entries.concat()
        )
    });
    let sections = sections.collect::<Vec<_>>().concat();
    [TO_UNICODE_HEAD, &sections, TO_UNICODE_TAIL]
        .concat()
        .into_bytes()
}

/// One bit for each glyph of the subset, the first the highest (9.8.3.4).
fn every_glyph(count: usize) -> Vec<u8> {
    let mut bits = vec![0xff; count / 8];
    if !count.is_multiple_of(8) {
        bits.push(0xff << (8 - count % 8));
    }
    bits
}

/// Six letters out of the subset's own bytes, as 9.9.2 wants them before a subset's name.
fn subset_name(program: &[u8]) -> Vec<u8> {
    let digest = openssl::sha::sha256(program);
    let tag = digest.iter().take(6).map(|byte| b'A' + byte % 26);
    tag.chain(*b"+LiberationSerif").collect()
}

fn compressed(bytes: &[u8], is_font: bool) -> Result<Object, Refusal> {
    let mut dictionary = Dictionary::new();
    if is_font {
        let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        dictionary.set("Length1", Object::Integer(length));
    }
    deflated(dictionary, bytes)
}

fn unusable() -> Refusal {
    Refusal::Unavailable("the font of the visible mark cannot be used".into())
}

static FONT: &[u8] = include_bytes!("../../../assets/fonts/LiberationSerif-Regular.ttf");

// Bits of /Flags (9.8.2). Symbolic, since a subset addressed by glyph number has no encoding.
const SERIF: i64 = 1 << 1;
const SYMBOLIC: i64 = 1 << 2;

/// The usual value for Times: the font does not say it.
const STEM_WIDTH: i64 = 85;

/// Entries in one section of the map, at most.
const SECTION_MAX: usize = 100;

const TO_UNICODE_HEAD: &str = "/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
";

const TO_UNICODE_TAIL: &str = "endcmap
CMapName currentdict /CMap defineresource pop
end
end";
