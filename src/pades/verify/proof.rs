//! What proves when a signature existed: a time-stamp in it (RFC 3161 appendix A), or a document
//! time-stamp over it (ISO 32000-2 §12.8.5). Of several in it the earliest counts, of several over it
//! the one that lies furthest in.

use time::OffsetDateTime;

use super::findings::Findings;
use super::message::digest_of;
use super::problem::Problem;
use super::report::Chain;
use super::revocation::standing;
use super::signature::Judge;
use super::time_stamp::{self, Token};
use crate::pades::asn1::read::NotDer;
use crate::pades::certificate;
use crate::pades::cms::signed_data::SignedData;
use crate::pades::error::Refusal;
use crate::pades::oid;
use crate::pades::reader::Pdf;
use crate::pades::signatures::{Covers, EmbeddedSignature, SignatureKind};
use crate::pades::source::Prefix;
use crate::pades::validation_store::ValidationStore;

/// A document time-stamp that is to be believed.
pub(super) struct DocumentStamp {
    /// The end of what it covers.
    pub(super) end: u64,
    pub(super) time: OffsetDateTime,
    pub(super) path: Vec<Vec<u8>>,
    /// What the file's store held then.
    pub(super) store: ValidationStore,
}

/// The time of a signature, and by whose word.
pub(super) struct Proof {
    pub(super) time: OffsetDateTime,
    /// The authority's certificate first, its anchor last.
    pub(super) path: Vec<Vec<u8>>,
    /// Where a document time-stamp ends; nothing for one in the signature.
    pub(super) end: Option<u64>,
}

impl DocumentStamp {
    /// Takes a document time-stamp as proof, if it is good.
    pub(super) fn of(
        pdf: &Pdf<'_>,
        signature: &EmbeddedSignature,
        findings: &Findings,
    ) -> Result<Option<Self>, Refusal> {
        let is_good = signature.kind == SignatureKind::Timestamp
            && findings.chain == Chain::Trusted
            && findings.covers != Covers::Part
            && findings
                .problems
                .iter()
                .all(|problem| problem.is_about_later());
        let (true, Some(time)) = (is_good, findings.time) else {
            return Ok(None);
        };
        let covered = Prefix::new(pdf.received(), findings.end);
        let store = ValidationStore::of(&pdf.open_earlier(&covered)?)?;
        Ok(Some(Self {
            end: findings.end,
            time,
            path: findings.path.clone(),
            store,
        }))
    }
}

impl Judge<'_> {
    /// The earliest believed time of what ends at `end`, by a document time-stamp.
    pub(super) fn proven_by_stamp(&self, end: u64) -> Option<OffsetDateTime> {
        self.next_stamp(end).map(|stamp| stamp.time)
    }

    /// The believed document time-stamp next over what ends at `end`. The place tells which came
    /// first, not the time: two may be of one second, or of clocks that differ a little, and one
    /// that is younger by more than that than what lies over it is not believed.
    fn next_stamp(&self, end: u64) -> Option<&DocumentStamp> {
        let over = self.stamps.iter().filter(|stamp| stamp.end > end);
        over.min_by_key(|stamp| stamp.end)
    }

    /// What proves the time of a signature whose covered bytes end at `end`.
    pub(super) fn proof(
        &self,
        data: &SignedData<'_>,
        end: u64,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<Proof>, Refusal> {
        let within = match self.stamp_within(data, end)? {
            Some(Ok(proof)) => Some(proof),
            Some(Err(problem)) => {
                problems.push(problem);
                None
            }
            None => None,
        };
        let over = self.next_stamp(end).map(|stamp| Proof {
            time: stamp.time,
            path: stamp.path.clone(),
            end: Some(stamp.end),
        });
        match (within, over) {
            (Some(within), Some(over)) if is_before(over.time, within.time) => {
                problems.push(Problem::TimeStampOrder);
                Ok(Some(within))
            }
            (within, over) => Ok(within.or(over)),
        }
    }

    /// The earliest believed time-stamp on the signature value, if one is there; CAdES allows
    /// several.
    fn stamp_within(
        &self,
        data: &SignedData<'_>,
        end: u64,
    ) -> Result<Option<Result<Proof, Problem>>, Refusal> {
        let Some(unsigned) = &data.signer.unsigned else {
            return Ok(None);
        };
        let mut imprint =
            |algorithm| Ok(digest_of(algorithm, data.signer.signature).unwrap_or_default());
        let (mut believed, mut doubted) = (Vec::new(), None);
        for value in unsigned.all(oid::TIME_STAMP_TOKEN).take(STAMPS_MAX) {
            let judged = match SignedData::parse(value.raw) {
                Ok(message) => {
                    let (trusted, known) = (self.trust.authorities, &self.known);
                    let token = time_stamp::examine(&message, trusted, known, &mut imprint)?;
                    self.believe(token, end)
                }
                Err(NotDer) => Err(Problem::TimeStampInvalid),
            };
            match judged {
                Ok(proof) => believed.push(proof),
                Err(problem) => doubted = doubted.or(Some(problem)),
            }
        }
        let earliest = believed.into_iter().min_by_key(|proof| proof.time);
        Ok(earliest.map(Ok).or(doubted.map(Err)))
    }

    /// Until when what ends at `end` must have been provable by itself: until the next believed
    /// time-stamp over it, else until now.
    pub(super) fn provable_until(&self, end: u64) -> OffsetDateTime {
        self.proven_by_stamp(end).unwrap_or(self.now)
    }

    /// A token of an authority whose certificate ended or was revoked proves nothing, unless it
    /// provably existed before: whoever comes to have the key later could date anything back.
    fn believe(&self, token: Token, end: u64) -> Result<Proof, Problem> {
        let time = token.proven_time()?;
        let revoked = standing(&token.path, self.store, time).revoked;
        let is_safe = revoked.is_none_or(|(from, _)| {
            self.proven_by_stamp(end)
                .is_some_and(|proven| proven < from)
        });
        if is_safe && !is_over(&token.path, self.provable_until(end)) {
            Ok(Proof {
                time,
                path: token.path,
                end: None,
            })
        } else {
            Err(Problem::TimeStampUntrusted)
        }
    }

    /// The certificates that a proof rests on and that no answer tells about.
    pub(super) fn open(&self, proof: &Proof) -> Vec<(Vec<u8>, Vec<u8>)> {
        standing(&proof.path, self.store, proof.time).open
    }
}

/// Whether a certificate below the anchor had ended at that time.
pub(super) fn is_over(path: &[Vec<u8>], at: OffsetDateTime) -> bool {
    let below = path.len().saturating_sub(1).max(1);
    let mut ends = path
        .iter()
        .take(below)
        .map(|der| certificate::not_after(der));
    ends.any(|end| end.is_none_or(|end| end < at))
}

/// Whether one authority's time is before another's by more than their clocks may differ.
pub(super) fn is_before(one: OffsetDateTime, other: OffsetDateTime) -> bool {
    one.saturating_add(CLOCKS_DIFFER_MAX) < other
}

/// Time-stamps of one signature that are looked at: each costs a chain.
const STAMPS_MAX: usize = 8;
const CLOCKS_DIFFER_MAX: time::Duration = time::Duration::minutes(5);
