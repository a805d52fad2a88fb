//! The document security store (ISO 32000-2 §12.8.4.3, EN 319 142-1 §5.4.2): the certificates, OCSP
//! answers and revocation lists that a PDF carries so that its signatures can be judged later.
//! Nothing covers the store; what stands in it proves itself or nothing.

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Object, ObjectId};
use openssl::sha::sha256;

use super::error::Refusal;
use super::reader::Pdf;

/// What a file's store holds, each thing once, in DER.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ValidationStore {
    pub(super) certificates: Vec<Vec<u8>>,
    /// `OCSPResponse`s.
    pub(super) ocsps: Vec<Vec<u8>>,
    /// `CertificateList`s.
    pub(super) crls: Vec<Vec<u8>>,
    /// The stream that holds a thing, by the thing's SHA-256.
    places: HashMap<[u8; 32], ObjectId>,
}

impl ValidationStore {
    /// Reads the store of a file; an empty one where there is none. What is no stream is passed
    /// over: others' faults in it are not the signatures'.
    ///
    /// # Errors
    /// `PdfTooComplex` when it holds more than any validation takes.
    pub(super) fn of(pdf: &Pdf<'_>) -> Result<Self, Refusal> {
        let mut store = Self::default();
        let Object::Dictionary(dss) = pdf.get(pdf.catalog()?.as_ref(), b"DSS")? else {
            return Ok(store);
        };
        store.take(pdf, &dss, [b"Certs", b"OCSPs", b"CRLs"])?;
        // Some programs write single signatures' data here only.
        if let Object::Dictionary(each) = pdf.get(&dss, b"VRI")? {
            for (_, single) in each.iter().take(pdf.limits().signatures) {
                if let Object::Dictionary(single) = pdf.resolve(single)? {
                    store.take(pdf, &single, [b"Cert", b"OCSP", b"CRL"])?;
                }
            }
        }
        Ok(store)
    }

    /// A store of these, in no file.
    pub(super) fn of_these(
        certificates: Vec<Vec<u8>>,
        ocsps: Vec<Vec<u8>>,
        crls: Vec<Vec<u8>>,
    ) -> Self {
        Self {
            certificates,
            ocsps,
            crls,
            places: HashMap::new(),
        }
    }

    /// The stream that holds this already.
    pub(super) fn place(&self, der: &[u8]) -> Option<ObjectId> {
        self.places.get(&sha256(der)).copied()
    }

    fn take(
        &mut self,
        pdf: &Pdf<'_>,
        holder: &Dictionary,
        [certificates, ocsps, crls]: [&[u8]; 3],
    ) -> Result<(), Refusal> {
        for (list, key) in [
            (&mut self.certificates, certificates),
            (&mut self.ocsps, ocsps),
            (&mut self.crls, crls),
        ] {
            let mut known: HashSet<Vec<u8>> = list.drain(..).collect();
            for Held { at, data } in streams(pdf, holder, key)? {
                if let Some(id) = at {
                    self.places.entry(sha256(&data)).or_insert(id);
                }
                known.insert(data);
            }
            if known.len() > ITEMS_MAX {
                return Err(Refusal::PdfTooComplex(
                    "there is too much validation data".into(),
                ));
            }
            list.extend(known);
            list.sort();
        }
        Ok(())
    }
}

/// What a stream of the store holds.
struct Held {
    at: Option<ObjectId>,
    data: Vec<u8>,
}

fn streams(pdf: &Pdf<'_>, holder: &Dictionary, key: &[u8]) -> Result<Vec<Held>, Refusal> {
    let Object::Array(items) = pdf.get(holder, key)? else {
        return Ok(Vec::new());
    };
    if items.len() > ITEMS_MAX {
        return Err(Refusal::PdfTooComplex(
            "there is too much validation data".into(),
        ));
    }
    let mut found = Vec::new();
    for item in &items {
        if let Object::Stream(stream) = pdf.resolve(item)? {
            match pdf.stream_data(&stream) {
                Ok(data) => {
                    let at = item.as_reference().ok();
                    found.push(Held { at, data });
                }
                Err(Refusal::PdfDamaged(_)) => {}
                Err(refusal) => return Err(refusal),
            }
        }
    }
    Ok(found)
}

/// Each certificate may be a step of a chain, each answer may cost a signature check.
const ITEMS_MAX: usize = 500;
