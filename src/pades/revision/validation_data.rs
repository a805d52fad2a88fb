//! The revision that takes certificates, OCSP answers and revocation lists into a file's document
//! security store (ISO 32000-2 §12.8.4.3, EN 319 142-1 §5.4.2), so that its signatures can be judged
//! when nobody answers for them any more.

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Object, ObjectId, Stream};
use serde::{Deserialize, Serialize};

use super::splice::Entries;
use super::update::{Update, Value};
use super::{refuse_if_odd, refuse_if_unread};
use crate::pades::encoded::Der;
use crate::pades::error::Refusal;
use crate::pades::limits::Limits;
use crate::pades::reader::{Changed, Pdf};
use crate::pades::source::Source;
use crate::pades::syntax;
use crate::pades::validation_store::ValidationStore;

/// What one signature shall be judged by, in DER.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureData {
    /// The signature's name in `/VRI`, as [`crate::pades::SignatureGrounds::key`] says it.
    pub key: String,
    /// The certificates of its chain and of its time-stamp's.
    pub certificates: Vec<Der>,
    /// `OCSPResponse`s about them.
    pub ocsps: Vec<Der>,
    /// `CertificateList`s.
    pub crls: Vec<Der>,
}

/// Makes the revision: the bytes that follow the file. What its store has already is not taken in
/// again; `None` when nothing is new.
///
/// # Errors
/// What is wrong with the file.
pub fn prepare_validation_data(
    source: &dyn Source,
    limits: &Limits,
    data: &[SignatureData],
) -> Result<Option<Vec<u8>>, Refusal> {
    let pdf = Pdf::open(source, limits)?;
    refuse_if_odd(&pdf)?;
    let known = ValidationStore::of(&pdf)?;
    let shared = pdf.admit_changes(&changes(&pdf)?)?;
    refuse_if_unread(&pdf)?;
    let mut update = Update::new(&pdf).sparing(shared);
    let mut intake = Intake {
        update: &mut update,
        known,
        taken: HashMap::new(),
        lists: Lists::default(),
    };
    let mut records = Vec::new();
    for signature in data {
        records.push((signature.key.as_str(), intake.record(signature)?));
    }
    let lists = intake.lists;
    if lists.is_empty() {
        return Ok(None);
    }
    store(&mut update, &lists, &records)?;
    let seed = format!("validation {}", source.len());
    Ok(Some(update.lay_out(None, seed.as_bytes())?.appended))
}

/// Streams, by the list that they go to.
#[derive(Default)]
struct Lists {
    certificates: Vec<ObjectId>,
    ocsps: Vec<ObjectId>,
    crls: Vec<ObjectId>,
}

impl Lists {
    fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.ocsps.is_empty() && self.crls.is_empty()
    }

    fn by_key<'k>(&self, keys: [&'k str; 3]) -> [(&'k str, &[ObjectId]); 3] {
        let [certificates, ocsps, crls] = keys;
        [
            (certificates, &self.certificates),
            (ocsps, &self.ocsps),
            (crls, &self.crls),
        ]
    }
}

/// Takes streams into the update, each once.
struct Intake<'u, 'p, 's> {
    update: &'u mut Update<'p, 's>,
    known: ValidationStore,
    taken: HashMap<Vec<u8>, ObjectId>,
    /// The new ones.
    lists: Lists,
}

impl Intake<'_, '_, '_> {
    /// Takes in what one signature is judged by. Its record names all of it, new or not.
    fn record(&mut self, data: &SignatureData) -> Result<Lists, Refusal> {
        let mut record = Lists::default();
        for der in &data.certificates {
            let (id, is_new) = self.stream(der)?;
            record.certificates.push(id);
            self.lists.certificates.extend(is_new.then_some(id));
        }
        for der in &data.ocsps {
            let (id, is_new) = self.stream(der)?;
            record.ocsps.push(id);
            self.lists.ocsps.extend(is_new.then_some(id));
        }
        for der in &data.crls {
            let (id, is_new) = self.stream(der)?;
            record.crls.push(id);
            self.lists.crls.extend(is_new.then_some(id));
        }
        Ok(record)
    }

    fn stream(&mut self, der: &[u8]) -> Result<(ObjectId, bool), Refusal> {
        let there = self.known.place(der);
        if let Some(id) = there.or_else(|| self.taken.get(der).copied()) {
            return Ok((id, false));
        }
        let stream = Stream::new(Dictionary::new(), der.to_vec());
        let id = self.update.add(&Object::Stream(stream))?;
        self.taken.insert(der.to_vec(), id);
        Ok((id, true))
    }
}

/// Writes the lists and records into the catalog's store, a new one or the one that is there.
fn store(
    update: &mut Update<'_, '_>,
    lists: &Lists,
    records: &[(&str, Lists)],
) -> Result<(), Refusal> {
    let catalog_id = update.pdf.catalog_id()?;
    let entries = update.entries_of(catalog_id)?;
    match update.value(&entries, "DSS")? {
        Value::Object(id, Object::Dictionary(_)) => {
            let body = update.body(id)?;
            let body = with_data(update, body, lists, records)?;
            if update.is_spared(id) {
                return store_anew(update, &entries, body);
            }
            update.put(id, body);
            Ok(())
        }
        Value::Inline(written, Object::Dictionary(_)) => {
            let body = with_data(update, written.to_vec(), lists, records)?;
            update.put(catalog_id, entries.with("DSS", &body)?);
            Ok(())
        }
        // What is no dictionary is no store to any reader.
        _ => {
            let body = with_data(update, b"<</Type /DSS>>".to_vec(), lists, records)?;
            store_anew(update, &entries, body)
        }
    }
}

/// Gives the catalog, of which these are the entries, another store.
fn store_anew(
    update: &mut Update<'_, '_>,
    catalog: &Entries<'_>,
    store: Vec<u8>,
) -> Result<(), Refusal> {
    let reference = syntax::bytes_of(&Object::Reference(update.add_body(store)?));
    update.put(update.pdf.catalog_id()?, catalog.with("DSS", &reference)?);
    Ok(())
}

/// What the file has already of what may be changed: the catalog, its store with its lists and
/// records, and theirs.
fn changes(pdf: &Pdf<'_>) -> Result<Vec<Changed>, Refusal> {
    let mut changes = vec![Changed::Undrawn(pdf.catalog_id()?)];
    let mut pending = vec![(pdf.catalog()?.get(b"DSS").cloned(), STORE_DEPTH)];
    while let Some((found, depth)) = pending.pop() {
        let object = match found {
            Ok(Object::Reference(id)) => {
                let (id, object) = pdf.follow(id)?;
                changes.push(Changed::Owned(id));
                object
            }
            Ok(object) => object,
            Err(_) => continue,
        };
        if let (Object::Dictionary(parts), 1..) = (object, depth) {
            pending.extend(parts.into_iter().map(|(_, part)| (Ok(part), depth - 1)));
        }
    }
    Ok(changes)
}

/// A store has records, and a record has lists.
const STORE_DEPTH: usize = 3;

fn with_data(
    update: &mut Update<'_, '_>,
    mut store: Vec<u8>,
    lists: &Lists,
    records: &[(&str, Lists)],
) -> Result<Vec<u8>, Refusal> {
    for (key, ids) in lists.by_key(["Certs", "OCSPs", "CRLs"]) {
        for id in ids {
            store = update.with_item(store, key, *id)?;
        }
    }
    let entries = update.entries(&store)?;
    match update.value(&entries, "VRI")? {
        Value::Object(id, Object::Dictionary(_)) => {
            let all = update.body(id)?;
            let all = with_records(update, all, records)?;
            if update.is_spared(id) {
                return entries.with("VRI", &all);
            }
            update.put(id, all);
            Ok(store)
        }
        Value::Inline(written, Object::Dictionary(_)) => {
            let all = with_records(update, written.to_vec(), records)?;
            entries.with("VRI", &all)
        }
        _ => {
            let all = with_records(update, b"<<>>".to_vec(), records)?;
            entries.with("VRI", &all)
        }
    }
}

/// The records by their keys: what an earlier one names stays.
fn with_records(
    update: &mut Update<'_, '_>,
    mut all: Vec<u8>,
    records: &[(&str, Lists)],
) -> Result<Vec<u8>, Refusal> {
    for (key, lists) in records.iter().filter(|(_, lists)| !lists.is_empty()) {
        let entries = update.entries(&all)?;
        all = match update.value(&entries, key)? {
            Value::Object(id, Object::Dictionary(had)) => {
                let before = update.body(id)?;
                let record = with_parts(update, before.clone(), &had, lists)?;
                if record == before {
                    all
                } else if update.is_spared(id) {
                    entries.with(key, &record)?
                } else {
                    update.put(id, record);
                    all
                }
            }
            Value::Inline(written, Object::Dictionary(had)) => {
                let record = with_parts(update, written.to_vec(), had, lists)?;
                entries.with(key, &record)?
            }
            _ => {
                let nothing = Dictionary::new();
                let record = with_parts(update, b"<</Type /VRI>>".to_vec(), &nothing, lists)?;
                let id = update.reserve()?;
                update.put(id, record);
                let reference = syntax::bytes_of(&Object::Reference(id));
                entries.with(key, &reference)?
            }
        };
    }
    Ok(all)
}

/// A record with what it does not name yet.
fn with_parts(
    update: &mut Update<'_, '_>,
    mut record: Vec<u8>,
    had: &Dictionary,
    lists: &Lists,
) -> Result<Vec<u8>, Refusal> {
    for (key, ids) in lists.by_key(["Cert", "OCSP", "CRL"]) {
        let named = match update.pdf.get(had, key.as_bytes())? {
            Object::Array(items) => items,
            _ => Vec::new(),
        };
        let mut named: HashSet<ObjectId> = named
            .iter()
            .filter_map(|item| item.as_reference().ok())
            .collect();
        for id in ids {
            if named.insert(*id) {
                record = update.with_item(record, key, *id)?;
            }
        }
    }
    Ok(record)
}
