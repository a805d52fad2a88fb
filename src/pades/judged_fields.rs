//! The signed fields whose signatures are judged: what such a field shows is its signer's word.

use std::collections::HashMap;

use lopdf::{Object, ObjectId};

use super::error::Refusal;
use super::reader::Pdf;
use super::signatures::{SignatureKind, kind, signature_fields};

/// The fields of the form that hold a signature of their own, by the objects that show them on
/// pages: where each signature stands, and what it is.
pub(super) struct JudgedFields(HashMap<ObjectId, (ObjectId, SignatureKind)>);

impl JudgedFields {
    /// Those whose signature no other field claims: it has a verdict of its own. What several of them
    /// name as their widget is nobody's: it would show for one signer what is another's word.
    pub(super) fn of(pdf: &Pdf<'_>) -> Result<Self, Refusal> {
        let mut claims: HashMap<ObjectId, Vec<_>> = HashMap::new();
        for field in signature_fields(pdf)? {
            let Object::Dictionary(signature) = pdf.resolve(&field.value)? else {
                continue;
            };
            if let Some(holder) = field.holder
                && signature.has(b"ByteRange")
                && signature.has(b"Contents")
            {
                let claim = (field.widgets, kind(pdf, &signature));
                claims.entry(holder).or_default().push(claim);
            }
        }
        let mut shown: HashMap<ObjectId, Vec<_>> = HashMap::new();
        for (holder, claims) in claims {
            if let [(widgets, kind)] = claims.as_slice() {
                for widget in widgets {
                    shown.entry(*widget).or_default().push((holder, *kind));
                }
            }
        }
        let of_one = shown.into_iter().filter_map(|(widget, mut holders)| {
            holders.dedup();
            let [holder] = holders.try_into().ok()?;
            Some((widget, holder))
        });
        Ok(Self(of_one.collect()))
    }

    /// Where the signature of this field stands.
    pub(super) fn holder(&self, widget: ObjectId) -> Option<ObjectId> {
        self.0.get(&widget).map(|(holder, _)| *holder)
    }

    /// Whether what it holds is a document time-stamp.
    pub(super) fn is_time_stamp(&self, widget: ObjectId) -> bool {
        let found = self.0.get(&widget);
        found.is_some_and(|(_, kind)| *kind == SignatureKind::Timestamp)
    }
}
