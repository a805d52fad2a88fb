//! What a signature forbids to whoever comes after it: DocMDP, FieldMDP and a field's `/Lock`
//! (ISO 32000-2, 12.8.2 and 12.7.5.5).

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object};

use super::error::Refusal;
use super::reader::Pdf;
use super::signatures::text;

/// What one or more signatures forbid.
#[derive(Clone, Debug, Default)]
pub(super) struct Restrictions {
    /// The lowest level: 1 nothing, 2 filling and signing, 3 annotations too.
    level: Option<u8>,
    locks: Vec<Lock>,
}

/// The fields that a signature locked.
#[derive(Clone, Debug)]
enum Lock {
    All,
    Only(BTreeSet<String>),
    AllBut(BTreeSet<String>),
}

impl Restrictions {
    /// What a signature's references say (`/Reference`, 12.8.1, table 256).
    pub(super) fn add_references(
        &mut self,
        pdf: &Pdf<'_>,
        signature: &Dictionary,
    ) -> Result<(), Refusal> {
        let Object::Array(references) = pdf.get(signature, b"Reference")? else {
            return Ok(());
        };
        for reference in references.iter().take(REFERENCES_MAX) {
            let Object::Dictionary(reference) = pdf.resolve(reference)? else {
                continue;
            };
            let parameters = match pdf.get(&reference, b"TransformParams")? {
                Object::Dictionary(parameters) => parameters,
                _ => Dictionary::new(),
            };
            match pdf.get(&reference, b"TransformMethod")? {
                Object::Name(method) if method == b"DocMDP" => {
                    self.restrict(level(pdf, &parameters)?.unwrap_or(LEVEL_DEFAULT));
                }
                Object::Name(method) if method == b"FieldMDP" => self.add_lock(pdf, &parameters)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// What the certification forbids that the catalog names (`/Perms`, 12.8.4), whether or not a
    /// field has it.
    pub(super) fn add_certification(
        &mut self,
        pdf: &Pdf<'_>,
        catalog: &Dictionary,
    ) -> Result<(), Refusal> {
        let lost = || Refusal::PdfDamaged("a certification is no dictionary".into());
        let permissions = match pdf.get(catalog, b"Perms")? {
            Object::Dictionary(permissions) => permissions,
            Object::Null => return Ok(()),
            _ => return Err(lost()),
        };
        match pdf.get(&permissions, b"DocMDP")? {
            Object::Dictionary(signature) => self.add_references(pdf, &signature),
            Object::Null => Ok(()),
            _ => Err(lost()),
        }
    }

    /// What the words of the form's author say, once the field is signed.
    pub(super) fn add_lock(&mut self, pdf: &Pdf<'_>, rule: &Dictionary) -> Result<(), Refusal> {
        if let Some(level) = level(pdf, rule)? {
            self.restrict(level);
        }
        let mut fields = BTreeSet::new();
        if let Object::Array(names) = pdf.get(rule, b"Fields")? {
            for name in &names {
                if let Object::String(name, _) = pdf.resolve(name)? {
                    fields.insert(text(&name));
                }
            }
        }
        match pdf.get(rule, b"Action")? {
            Object::Name(action) if action == b"Include" => self.locks.push(Lock::Only(fields)),
            Object::Name(action) if action == b"Exclude" => self.locks.push(Lock::AllBut(fields)),
            Object::Name(action) if action == b"All" => self.locks.push(Lock::All),
            _ => {}
        }
        Ok(())
    }

    /// The level, if there is one.
    pub(super) fn level(&self) -> Option<u8> {
        self.level
    }

    /// Whether the field of this full name is locked.
    pub(super) fn holds(&self, field: &str) -> bool {
        self.locks.iter().any(|lock| lock.holds(field))
    }

    fn restrict(&mut self, level: u8) {
        self.level = Some(self.level.map_or(level, |before| before.min(level)));
    }
}

impl Lock {
    /// A name stands for the fields below it too.
    fn holds(&self, field: &str) -> bool {
        let is_named = |names: &BTreeSet<String>| {
            let ends = field.match_indices('.').map(|(at, _)| at);
            let mut above = ends.filter_map(|at| field.get(..at));
            names.contains(field) || above.any(|name| names.contains(name))
        };
        match self {
            Self::All => true,
            Self::Only(names) => is_named(names),
            Self::AllBut(names) => !is_named(names),
        }
    }
}

/// `/P`, which some write as a real number; what is out of range forbids the most.
fn level(pdf: &Pdf<'_>, parameters: &Dictionary) -> Result<Option<u8>, Refusal> {
    Ok(match pdf.get(parameters, b"P")? {
        Object::Integer(level) => Some(u8::try_from(level).unwrap_or(1).clamp(1, 3)),
        Object::Real(level) if level >= 3.0 => Some(3),
        Object::Real(level) if level >= 2.0 => Some(2),
        Object::Real(_) => Some(1),
        _ => None,
    })
}

/// The level of a DocMDP signature that names none.
const LEVEL_DEFAULT: u8 = 2;

/// References of one signature that are looked at.
const REFERENCES_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::Lock;

    #[test]
    fn a_lock_on_a_field_holds_those_below_it() {
        let names = ["form.name".to_owned()].into();
        let lock = Lock::Only(names);
        for (field, is_held) in [
            ("form.name", true),
            ("form.name.first", true),
            ("form.names", false),
            ("form", false),
        ] {
            assert_eq!(lock.holds(field), is_held, "{field}");
        }
        let lock = Lock::AllBut(["form".to_owned()].into());
        assert!(!lock.holds("form.name") && lock.holds("other"));
    }
}
