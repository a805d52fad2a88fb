//! Whether the form of a rebuilt file is all there. A lost picture is seen by whoever opens the file; a
//! lost signature is not, nor is a certification that forbids to seal it. So every part of the form and
//! of what its signatures say must be what it has to be (ISO 32000-2, 12.7 and 12.8): one byte more
//! makes an array of a signature, and who looks for a signature finds none.

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Object, ObjectId};

use super::rules::Part;
use crate::pades::error::Refusal;
use crate::pades::reader::page_tree::is_of_type;
use crate::pades::reader::{Pdf, XrefEntry, damaged};

/// An object with signatures in it, or with what they forbid: where it lives, and how many such
/// dictionaries it has.
pub(super) struct Holder {
    pub(super) id: ObjectId,
    pub(super) entry: XrefEntry,
    pub(super) signatures: usize,
}

/// Refuses a file whose signatures or what they forbid may be lost: every part of the form and of the
/// signatures in it must be there, none of those that can be read in two ways, and whatever looks like
/// a signature or like what one forbids must be the form's.
pub(super) fn check(
    pdf: &Pdf<'_>,
    holders: &[Holder],
    ambiguous: &[ObjectId],
) -> Result<(), Refusal> {
    let mut walk = Walk::of(pdf)?;
    walk.catalog()?;
    while let Some((field, is_signature)) = walk.fields.pop() {
        walk.field(&field, is_signature)?;
    }
    if ambiguous.iter().any(|id| walk.seen.contains(id)) {
        return Err(damaged("its form can be read in two ways"));
    }
    let is_taken = |holder: &Holder| {
        let taken = walk.taken.get(&holder.id);
        taken == Some(&holder.signatures) && pdf.entry(holder.id.0) == Some(holder.entry)
    };
    if holders.iter().all(is_taken) {
        Ok(())
    } else {
        Err(damaged("a signature stands in it that its form has not"))
    }
}

/// How many dictionaries of an object look like a signature, or like what one forbids. The parser
/// bounds how deep it nests.
pub(super) fn signatures_in(object: &Object) -> usize {
    match object {
        Object::Array(items) => items.iter().map(signatures_in).sum(),
        Object::Dictionary(dictionary) => signatures_in_dictionary(dictionary),
        _ => 0,
    }
}

/// The same of a dictionary.
pub(super) fn signatures_in_dictionary(dictionary: &Dictionary) -> usize {
    let inside: usize = dictionary.iter().map(|(_, each)| signatures_in(each)).sum();
    inside + usize::from(is_of_signature(dictionary))
}

/// Whether a dictionary itself looks like a signature or a part of what one forbids.
fn is_of_signature(dictionary: &Dictionary) -> bool {
    let types: [&[u8]; 5] = [
        b"Sig",
        b"DocTimeStamp",
        b"SigRef",
        b"TransformParams",
        b"SigFieldLock",
    ];
    let keys: [&[u8]; 3] = [b"TransformMethod", b"TransformParams", b"Action"];
    types.iter().any(|word| is_of_type(dictionary, word))
        || keys.iter().any(|key| dictionary.has(key))
        || dictionary.has(b"ByteRange") && dictionary.has(b"Contents")
}

/// A dictionary, and the indirect object that it is or stands in.
struct Node {
    dictionary: Dictionary,
    home: ObjectId,
    is_object: bool,
}

struct Walk<'p, 's> {
    pdf: &'p Pdf<'s>,
    /// All objects that the form and its signatures are made of.
    seen: HashSet<ObjectId>,
    /// Those of them that were taken for a signature or for what one forbids, and for which part.
    told: HashSet<(ObjectId, Part)>,
    /// Those of them, whatever they were taken for.
    counted: HashSet<ObjectId>,
    /// How many signatures and parts of what they forbid were taken for what they are, by the objects that
    /// they stand in.
    taken: HashMap<ObjectId, usize>,
    /// Fields that are still to be looked at, and whether those above say that they are signatures'.
    fields: Vec<(Node, bool)>,
}

impl<'p, 's> Walk<'p, 's> {
    fn of(pdf: &'p Pdf<'s>) -> Result<Self, Refusal> {
        Ok(Self {
            pdf,
            seen: HashSet::from([pdf.catalog_id()?]),
            told: HashSet::new(),
            counted: HashSet::new(),
            taken: HashMap::new(),
            fields: Vec::new(),
        })
    }

    fn catalog(&mut self) -> Result<(), Refusal> {
        let catalog = Node {
            dictionary: self.pdf.catalog()?.as_ref().clone(),
            home: self.pdf.catalog_id()?,
            is_object: true,
        };
        if let Some(permissions) = self.node(&catalog, b"Perms")? {
            for key in [b"DocMDP".as_slice(), b"UR3", b"UR"] {
                let certifies = self.signature(&permissions, key)?;
                if key == b"DocMDP" && certifies == Some(false) {
                    return Err(lost());
                }
            }
        }
        if let Some(form) = self.node(&catalog, b"AcroForm")? {
            self.fields_of(&form, b"Fields", false)?;
        }
        Ok(())
    }

    fn field(&mut self, field: &Node, is_signature: bool) -> Result<(), Refusal> {
        let is_signature = match self.part(field, b"FT")? {
            (Object::Name(kind), _) => kind == b"Sig",
            (Object::Null, _) => is_signature,
            _ => false,
        };
        if is_signature {
            self.signature(field, b"V")?;
        } else if signatures_in(&self.part(field, b"V")?.0) > 0 {
            return Err(lost());
        }
        if let Some(lock) = self.node(field, b"Lock")? {
            self.rule(&lock, Part::Lock)?;
        }
        self.node(field, b"SV")?;
        // The page of a widget is no part of the form.
        if let Ok(page @ Object::Reference(_)) = field.dictionary.get(b"P")
            && self.pdf.resolve(page)? == Object::Null
        {
            return Err(lost());
        }
        self.fields_of(field, b"Kids", is_signature)
    }

    fn fields_of(&mut self, above: &Node, key: &[u8], is_signature: bool) -> Result<(), Refusal> {
        let (items, home) = self.list(above, key)?;
        for item in items {
            let is_new = match &item {
                Object::Reference(id) => !self.seen.contains(id),
                _ => true,
            };
            let field = self.dictionary(&item, home)?;
            if is_new {
                self.fields.push((field, is_signature));
            }
        }
        Ok(())
    }

    /// What a signature says of itself and of what it forbids (12.8.1): whether it certifies, if there
    /// is one that was not looked at yet.
    fn signature(&mut self, holder: &Node, key: &[u8]) -> Result<Option<bool>, Refusal> {
        let Some(signature) = self.node(holder, key)? else {
            return Ok(None);
        };
        if !self.is_new(&signature, Part::Signature)? {
            return Ok(None);
        }
        for key in [b"Type".as_slice(), b"SubFilter", b"ByteRange", b"Contents"] {
            self.part(&signature, key)?;
        }
        let (references, home) = self.list(&signature, b"Reference")?;
        let mut certifies = false;
        for item in references {
            let reference = self.dictionary(&item, home)?;
            if self.is_new(&reference, Part::Reference)? {
                certifies |= self.reference(&reference)?;
            }
        }
        Ok(Some(certifies))
    }

    /// What a signature forbids, and whether it is a certification that does (12.8.2).
    fn reference(&mut self, reference: &Node) -> Result<bool, Refusal> {
        let (Object::Name(method), _) = self.part(reference, b"TransformMethod")? else {
            return Err(lost());
        };
        let part = Part::of_method(&method).ok_or_else(lost)?;
        match self.node(reference, b"TransformParams")? {
            Some(rule) => self.rule(&rule, part)?,
            None if part.must_be_there() => return Err(lost()),
            None => {}
        }
        Ok(part == Part::DocMdp)
    }

    /// What a certification allows, or which fields are locked (12.8.2, 12.7.5.5).
    fn rule(&mut self, rule: &Node, part: Part) -> Result<(), Refusal> {
        if !self.is_new(rule, part)? {
            return Ok(());
        }
        let level = match rule.dictionary.get(b"P") {
            Ok(level) => Some(self.followed(level, rule.home)?.0),
            Err(_) => None,
        };
        let (version, _) = self.part(rule, b"V")?;
        let (action, _) = self.part(rule, b"Action")?;
        let has_fields = self.locks_fields(rule)?;
        let is_level = level.is_none_or(|level| part.is_level(&level));
        // Of a number it may be the level, but for a byte.
        let is_version = matches!(version, Object::Null | Object::Name(_));
        if is_level && is_version && part.is_action(&action, has_fields) {
            Ok(())
        } else {
            Err(lost())
        }
    }

    /// Whether a rule names fields. What names none is a name that was lost.
    fn locks_fields(&mut self, rule: &Node) -> Result<bool, Refusal> {
        let (names, home) = self.list(rule, b"Fields")?;
        for name in &names {
            if !matches!(self.followed(name, home)?, (Object::String(..), _)) {
                return Err(lost());
            }
        }
        Ok(!names.is_empty())
    }

    /// Counts what was taken for a signature or a part of what one forbids, and says whether it is the
    /// first time that it was taken for that. It must be whole.
    fn is_new(&mut self, node: &Node, part: Part) -> Result<bool, Refusal> {
        if node.is_object && !self.told.insert((node.home, part)) {
            return Ok(false);
        }
        if !part.is_whole(&node.dictionary) {
            return Err(lost());
        }
        let is_first = !node.is_object || self.counted.insert(node.home);
        if is_first && is_of_signature(&node.dictionary) {
            *self.taken.entry(node.home).or_default() += 1;
        }
        Ok(true)
    }

    /// A dictionary, where there is one; it is lost where there is something else.
    fn node(&mut self, holder: &Node, key: &[u8]) -> Result<Option<Node>, Refusal> {
        match holder.dictionary.get(key) {
            Err(_) | Ok(Object::Null) => Ok(None),
            Ok(object) => self.dictionary(object, holder.home).map(Some),
        }
    }

    fn dictionary(&mut self, object: &Object, home: ObjectId) -> Result<Node, Refusal> {
        match self.followed(object, home)? {
            (Object::Dictionary(dictionary), home) => Ok(Node {
                dictionary,
                home,
                is_object: matches!(object, Object::Reference(_)),
            }),
            _ => Err(lost()),
        }
    }

    fn list(&mut self, holder: &Node, key: &[u8]) -> Result<(Vec<Object>, ObjectId), Refusal> {
        match self.part(holder, key)? {
            (Object::Array(items), home) => Ok((items, home)),
            (Object::Null, home) => Ok((Vec::new(), home)),
            _ => Err(lost()),
        }
    }

    /// An entry with references followed, and where it stands; null where there is none.
    fn part(&mut self, holder: &Node, key: &[u8]) -> Result<(Object, ObjectId), Refusal> {
        match holder.dictionary.get(key) {
            Ok(object) => self.followed(object, holder.home),
            Err(_) => Ok((Object::Null, holder.home)),
        }
    }

    /// What an object is, or leads to, and where that stands: it must lead somewhere.
    fn followed(&mut self, object: &Object, home: ObjectId) -> Result<(Object, ObjectId), Refusal> {
        let Object::Reference(id) = object else {
            return Ok((object.clone(), home));
        };
        self.seen.insert(*id);
        if self.seen.len() > self.pdf.limits.fields {
            return Err(Refusal::PdfTooComplex(
                "there are too many form fields".into(),
            ));
        }
        match self.pdf.follow(*id)? {
            (_, Object::Null) => Err(lost()),
            (end, object) => {
                self.seen.insert(end);
                Ok((object, end))
            }
        }
    }
}

fn lost() -> Refusal {
    damaged("a part of its form is lost")
}
