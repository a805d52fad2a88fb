//! An incremental update in the making (ISO 32000-2, 7.5.6): objects are collected, then laid out
//! behind the received file with a cross-reference section of the form that the file has.

use std::collections::{BTreeMap, HashSet};

use lopdf::{Object, ObjectId};

use super::splice::Entries;
use super::{damaged, splice, xref};
use crate::pades::error::Refusal;
use crate::pades::reader::{NUMBER_MAX, Pdf};
use crate::pades::{source, syntax};

/// The objects that the new revision adds or replaces.
pub(super) struct Update<'p, 's> {
    pub(super) pdf: &'p Pdf<'s>,
    bodies: BTreeMap<ObjectId, Vec<u8>>,
    next: u32,
    /// Where the search goes on among the lower numbers once those above are used up.
    gap: u32,
    /// What must stay as it is.
    shared: HashSet<ObjectId>,
}

/// Where the value of a dictionary's entry stands, and what it is.
pub(super) enum Value<'e> {
    /// Nowhere, or what the reference leads to is missing.
    Absent,
    /// In the dictionary, in these bytes.
    Inline(&'e [u8], &'e Object),
    /// In an object of its own.
    Object(ObjectId, Object),
}

/// The new revision's bytes, and where in them (from the file's first byte) something stands.
pub(super) struct Layout {
    pub(super) appended: Vec<u8>,
    pub(super) start: u64,
    /// Where the body of the object asked for begins, in `appended`.
    pub(super) body: usize,
}

impl<'p, 's> Update<'p, 's> {
    pub(super) fn new(pdf: &'p Pdf<'s>) -> Self {
        Self {
            pdf,
            bodies: BTreeMap::new(),
            next: pdf.next_number(),
            gap: 1,
            shared: HashSet::new(),
        }
    }

    /// Leaves these objects as they are: whoever would change one gets a copy.
    pub(super) fn sparing(self, shared: Vec<ObjectId>) -> Self {
        let shared = shared.into_iter().collect();
        Self { shared, ..self }
    }

    /// Whether an object must stay as it is.
    pub(super) fn is_spared(&self, id: ObjectId) -> bool {
        self.shared.contains(&id)
    }

    /// A number that no object of the file has, and none that was looked at waits for.
    pub(super) fn reserve(&mut self) -> Result<ObjectId, Refusal> {
        let is_free =
            |&number: &u32| self.pdf.entry(number).is_none() && !self.pdf.is_awaited(number);
        if let Some(number) = (self.next..=NUMBER_MAX).find(is_free) {
            self.next = number + 1;
            return Ok((number, 0));
        }
        // A few high numbers leave gaps below them. What waits for a number there is found only by
        // looking everywhere.
        if self.gap == 1 {
            self.pdf.look_at_all()?;
        }
        let number = (self.gap..self.pdf.next_number().min(NUMBER_MAX))
            .find(is_free)
            .ok_or_else(|| Refusal::PdfTooComplex("too many objects".into()))?;
        self.gap = number + 1;
        Ok((number, 0))
    }

    /// Takes a new object in and gives its number.
    pub(super) fn add(&mut self, object: &Object) -> Result<ObjectId, Refusal> {
        self.add_body(syntax::bytes_of(object))
    }

    /// Takes a new object in, as it will be written, and gives its number.
    pub(super) fn add_body(&mut self, body: Vec<u8>) -> Result<ObjectId, Refusal> {
        let id = self.reserve()?;
        self.put(id, body);
        Ok(id)
    }

    /// Sets an object's body, as it will be written.
    pub(super) fn put(&mut self, id: ObjectId, body: Vec<u8>) {
        self.bodies.insert(id, body);
    }

    /// An object's body as it stands: as changed by this update, else as received.
    pub(super) fn body(&self, id: ObjectId) -> Result<Vec<u8>, Refusal> {
        match self.bodies.get(&id) {
            Some(body) => Ok(body.clone()),
            None => self.pdf.written(id),
        }
    }

    /// The entries of a dictionary's bytes.
    pub(super) fn entries<'b>(&self, dictionary: &'b [u8]) -> Result<Entries<'b>, Refusal> {
        Entries::of(dictionary, self.pdf.limits().depth)
    }

    /// The entries of a dictionary object as it stands.
    pub(super) fn entries_of(&self, id: ObjectId) -> Result<Entries<'static>, Refusal> {
        let entries = |bytes: &[u8]| Entries::at_start(bytes, self.pdf.limits());
        match self.bodies.get(&id) {
            Some(body) => entries(body).map_err(splice::broken),
            None => self.pdf.written_as(id, entries),
        }
    }

    /// The value of one of these entries.
    pub(super) fn value<'e>(
        &self,
        entries: &'e Entries<'_>,
        key: &str,
    ) -> Result<Value<'e>, Refusal> {
        Ok(match entries.get(key)? {
            None | Some((Object::Null, _)) => Value::Absent,
            Some((Object::Reference(id), _)) => match self.pdf.follow(*id)? {
                (_, Object::Null) => Value::Absent,
                (id, object) => Value::Object(id, object),
            },
            Some((object, written)) => Value::Inline(written, object),
        })
    }

    /// Sets one entry of a dictionary object.
    pub(super) fn set(&mut self, id: ObjectId, key: &str, value: &[u8]) -> Result<(), Refusal> {
        let body = self.entries_of(id)?.with(key, value)?;
        self.put(id, body);
        Ok(())
    }

    /// The list under a key with a reference added to it: the new value of that entry. If the list
    /// is an object of its own and need not be spared, that object is changed and the entry is not.
    pub(super) fn list_with(
        &mut self,
        entries: &Entries<'_>,
        key: &str,
        item: ObjectId,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        let item = syntax::bytes_of(&Object::Reference(item));
        match self.value(entries, key)? {
            Value::Inline(written, Object::Array(_)) => splice::push(written, &item).map(Some),
            Value::Object(id, Object::Array(_)) => {
                let list = splice::push(&self.body(id)?, &item)?;
                if self.is_spared(id) {
                    return Ok(Some(list));
                }
                self.put(id, list);
                Ok(None)
            }
            // Nothing there, or what is no list and holds nothing for any reader.
            _ => splice::push(b"[]", &item).map(Some),
        }
    }

    /// A dictionary's bytes with a reference added to the list under a key.
    pub(super) fn with_item(
        &mut self,
        dictionary: Vec<u8>,
        key: &str,
        item: ObjectId,
    ) -> Result<Vec<u8>, Refusal> {
        let entries = self.entries(&dictionary)?;
        match self.list_with(&entries, key, item)? {
            Some(list) => entries.with(key, &list),
            None => Ok(dictionary),
        }
    }

    /// Lays the revision out. `mark` is the object whose place is wanted, if one is.
    pub(super) fn lay_out(
        mut self,
        mark: Option<ObjectId>,
        seed: &[u8],
    ) -> Result<Layout, Refusal> {
        let start = self.pdf.received().len();
        let mut appended = self.written_anew()?;
        appended.extend(self.separator()?);
        let bodies: usize = self.bodies.values().map(Vec::len).sum();
        appended.reserve(bodies + ROOM_BESIDE);
        let mut offsets = BTreeMap::new();
        let mut body_at = 0;
        for (id, body) in &self.bodies {
            offsets.insert(*id, self.offset(start, appended.len())?);
            syntax::put(&mut appended, format_args!("{} {} obj\n", id.0, id.1));
            if Some(*id) == mark {
                body_at = appended.len();
            }
            appended.extend_from_slice(body);
            appended.extend_from_slice(b"\nendobj\n");
        }
        let at = self.offset(start, appended.len())?;
        let section = xref::Section {
            pdf: self.pdf,
            at,
            seed,
        };
        let number = self.reserve()?;
        section.write(&offsets, number.0, &mut appended)?;
        self.pad(start, &mut appended)?;
        Ok(Layout {
            appended,
            start,
            body: body_at,
        })
    }

    // Readers begin at the front of a file of that length. They look for `startxref` near the end, so
    // that may not move far from it.
    fn pad(&self, start: u64, appended: &mut Vec<u8>) -> Result<(), Refusal> {
        for _ in 0..=PADDING_MAX {
            if !self.pdf.is_linearized_at(start + appended.len() as u64)? {
                return Ok(());
            }
            appended.push(b'\n');
        }
        Err(Refusal::PdfTooComplex(
            "it says too many lengths that it may come to".into(),
        ))
    }

    // What a damaged file has anew comes first: there it was read.
    fn written_anew(&self) -> Result<Vec<u8>, Refusal> {
        let (start, end) = (self.pdf.received().len(), self.pdf.source().len());
        let length = usize::try_from(end - start).unwrap_or(usize::MAX);
        Ok(source::read(self.pdf.source(), start, length)?.into_owned())
    }

    // The last line of the received file is ended if it is not. After a CR nothing is added: some
    // validators count an LF that follows it to what an earlier signature covers.
    fn separator(&self) -> Result<Vec<u8>, Refusal> {
        let mut last = [0];
        self.pdf
            .source()
            .read_at(self.pdf.source().len().saturating_sub(1), &mut last)?;
        Ok(if matches!(last, [b'\n' | b'\r']) {
            Vec::new()
        } else {
            b"\n".to_vec()
        })
    }

    // Where junk stands before the header, offsets may count from there.
    fn offset(&self, start: u64, within: usize) -> Result<u64, Refusal> {
        let offset = (start + within as u64).checked_sub(self.pdf.shift());
        offset.ok_or_else(|| damaged("the header stands behind the end"))
    }
}

/// No honest file says several lengths that follow each other.
const PADDING_MAX: usize = 16;

/// So much room is made for what stands around the objects of a usual revision.
const ROOM_BESIDE: usize = 2 << 10;
