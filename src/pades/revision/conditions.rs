//! What the author of a form wants of the signature in a field: what it locks (`/Lock`) and how it
//! is made (`/SV`; ISO 32000-2, 12.7.5.5, tables 235 to 237).

use std::collections::HashMap;
use std::rc::Rc;

use lopdf::{Dictionary, Object, ObjectId, StringFormat};

use super::SealRequest;
use crate::pades::error::Refusal;
use crate::pades::reader::Pdf;
use crate::pades::signatures::text;
use crate::pades::syntax::name;

/// The conditions of one field.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    lock: Option<Rc<Dictionary>>,
    seed: Option<Rc<Dictionary>>,
}

/// Conditions that were read: many fields may share long ones.
#[derive(Default)]
pub(super) struct Shared(HashMap<ObjectId, Option<Rc<Dictionary>>>);

impl Shared {
    /// What an entry of a field says.
    fn said(
        &mut self,
        pdf: &Pdf,
        field: &Dictionary,
        key: &[u8],
    ) -> Result<Option<Rc<Dictionary>>, Refusal> {
        let read = |object: &Object| {
            Ok(match pdf.resolve(object)? {
                Object::Dictionary(said) => Some(Rc::new(said)),
                _ => None,
            })
        };
        match field.get(key) {
            Ok(object @ Object::Reference(id)) => match self.0.get(id) {
                Some(known) => Ok(known.clone()),
                None => Ok(self.0.entry(*id).or_insert(read(object)?).clone()),
            },
            Ok(object) => read(object),
            Err(_) => Ok(None),
        }
    }
}

impl Conditions {
    /// Those that stand in a field's dictionary; what it does not say, the field above says.
    pub(super) fn below(
        self,
        pdf: &Pdf,
        field: &Dictionary,
        shared: &mut Shared,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            lock: shared.said(pdf, field, b"Lock")?.or(self.lock),
            seed: shared.said(pdf, field, b"SV")?.or(self.seed),
        })
    }

    /// Refuses a seal that is not made as the seed value wants it.
    ///
    /// # Errors
    /// `FieldInvalid`, naming the condition.
    pub(super) fn admit(&self, pdf: &Pdf, request: &SealRequest) -> Result<(), Refusal> {
        let Some(seed) = &self.seed else {
            return Ok(());
        };
        let flags = flags(pdf, seed)?;
        let unmet = |what: &str| {
            let why = format!("the signature field wants what this seal is not: {what}");
            Err(Refusal::FieldInvalid(why))
        };
        let wants = |bit: i64| flags & bit != 0;
        if wants(FILTER) && !says(pdf, seed, b"Filter", b"Adobe.PPKLite")? {
            return unmet("/Filter");
        }
        if wants(SUB_FILTER) && !says(pdf, seed, b"SubFilter", b"ETSI.CAdES.detached")? {
            return unmet("/SubFilter");
        }
        if wants(VERSION) && number(pdf, seed, b"V")? > VERSION_KNOWN {
            return unmet("/V");
        }
        if wants(REASONS) && !takes_reason(pdf, seed, request.reason.as_deref())? {
            return unmet("/Reasons");
        }
        if flags & !(FILTER | SUB_FILTER | VERSION | REASONS) != 0 {
            return unmet("/Ff");
        }
        for key in [b"Cert".as_slice(), b"TimeStamp"] {
            if let Object::Dictionary(wish) = pdf.get(seed, key)?
                && self::flags(pdf, &wish)? != 0
            {
                return unmet(&String::from_utf8_lossy(key));
            }
        }
        match pdf.get(seed, b"MDP")? {
            Object::Dictionary(wish) if number(pdf, &wish, b"P")? != 0.0 => unmet("/MDP"),
            _ => Ok(()),
        }
    }

    /// The signature's `/Reference` that locks what the field's `/Lock` names (12.8.2.4); none where
    /// it names nothing. Its `/P` counts where it stands.
    pub(super) fn reference(
        &self,
        pdf: &Pdf,
        catalog: ObjectId,
    ) -> Result<Option<Object>, Refusal> {
        let Some(lock) = &self.lock else {
            return Ok(None);
        };
        let action = match pdf.get(lock, b"Action")? {
            Object::Name(action) if ACTIONS.contains(&action.as_slice()) => action,
            _ => return Ok(None),
        };
        let mut parameters = Dictionary::new();
        parameters.set("Type", name("TransformParams"));
        parameters.set("V", name("1.2"));
        if action != b"All" {
            parameters.set("Fields", names(pdf, lock)?);
        }
        parameters.set("Action", Object::Name(action));
        let mut reference = Dictionary::new();
        reference.set("Type", name("SigRef"));
        reference.set("TransformMethod", name("FieldMDP"));
        reference.set("TransformParams", Object::Dictionary(parameters));
        reference.set("Data", Object::Reference(catalog));
        Ok(Some(Object::Array(vec![Object::Dictionary(reference)])))
    }
}

/// The locked fields' names, as the form's author wrote them.
fn names(pdf: &Pdf, lock: &Dictionary) -> Result<Object, Refusal> {
    let Object::Array(items) = pdf.get(lock, b"Fields")? else {
        return Ok(Object::Array(Vec::new()));
    };
    if items.len() > pdf.limits().fields {
        let why = "a field locks too many others";
        return Err(Refusal::PdfTooComplex(why.into()));
    }
    let mut names = Vec::with_capacity(items.len());
    for item in &items {
        if let Object::String(name, _) = pdf.resolve(item)? {
            names.push(Object::String(name, StringFormat::Literal));
        }
    }
    Ok(Object::Array(names))
}

/// Whether an entry, one name or a list of them, has this one.
fn says(pdf: &Pdf, seed: &Dictionary, key: &[u8], wanted: &[u8]) -> Result<bool, Refusal> {
    let is_wanted = |object: &Object| matches!(object, Object::Name(name) if name == wanted);
    match pdf.get(seed, key)? {
        Object::Array(items) => {
            for item in &items {
                if is_wanted(&pdf.resolve(item)?) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        one => Ok(is_wanted(&one)),
    }
}

/// One of the reasons listed; none at all where the list is missing, empty or a full stop.
fn takes_reason(pdf: &Pdf, seed: &Dictionary, reason: Option<&str>) -> Result<bool, Refusal> {
    let mut listed = Vec::new();
    if let Object::Array(items) = pdf.get(seed, b"Reasons")? {
        for item in &items {
            if let Object::String(one, _) = pdf.resolve(item)? {
                listed.push(text(&one));
            }
        }
    }
    let wants_none = matches!(listed.as_slice(), [] | [_]) && listed.iter().all(|one| one == ".");
    Ok(match reason {
        None => wants_none,
        Some(reason) => !wants_none && listed.iter().any(|one| one == reason),
    })
}

fn flags(pdf: &Pdf, dictionary: &Dictionary) -> Result<i64, Refusal> {
    Ok(pdf.get(dictionary, b"Ff")?.as_i64().unwrap_or_default())
}

fn number(pdf: &Pdf, dictionary: &Dictionary, key: &[u8]) -> Result<f32, Refusal> {
    Ok(pdf.get(dictionary, key)?.as_float().unwrap_or_default())
}

/// Bits of `/Ff` (table 237) that a seal can meet.
const FILTER: i64 = 1;
const SUB_FILTER: i64 = 1 << 1;
const VERSION: i64 = 1 << 2;
const REASONS: i64 = 1 << 3;

/// The newest seed values that are read here: those of PDF 2.0.
const VERSION_KNOWN: f32 = 3.0;

/// What `/Action` may be (table 236).
const ACTIONS: [&[u8]; 3] = [b"All", b"Include", b"Exclude"];
