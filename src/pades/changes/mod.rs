//! What later revisions did to a signed one. Permitted is what is listed here; everything else is
//! suspicious, for a change that nobody foresaw is just what an attack looks like.
//!
//! Two things are judged. Objects that were there before and are others now: each may differ in
//! certain entries alone (`rules`), by what it is to the document (`roles`). And objects that are
//! new: they are seen through the former, unless the signed revision referred to them already,
//! when they were not there yet (`uses`); then they would fill in what nobody saw when signing.
//! And all this counts only if every reader finds the same objects (`tail`).

mod fields;
mod looks;
mod resources;
mod roles;
mod rules;
mod sameness;
mod tail;
mod uses;

use std::collections::BTreeSet;

use lopdf::ObjectId;

use super::error::Refusal;
use super::finding::{Finding, Seen};
use super::judged_fields::JudgedFields;
use super::reader::{Pdf, XrefEntry};
use super::restrictions::Restrictions;
use super::signatures::ChangesAfter;
use looks::Looks;
use roles::{Role, Roles};
use rules::Rules;
use uses::Uses;

/// The verdict on what came after a signature, and what led to it.
pub(super) struct Comparison {
    pub(super) verdict: ChangesAfter,
    pub(super) findings: Vec<Finding>,
}

/// Compares the signed revision with the file as it is now. `restrictions` are the signature's own.
pub(super) fn compare(
    before: &Pdf<'_>,
    now: &Pdf<'_>,
    restrictions: Restrictions,
) -> Result<Comparison, Refusal> {
    let (changed, added) = (changed(before, now), added(before, now));
    let cast = Roles::of(before)?;
    let looks = if changed.iter().any(|id| cast.role(*id) == Role::Other) {
        Looks::of(before, cast.fields())?
    } else {
        Looks::default()
    };
    let moved = changed.union(&added).map(|(number, _)| *number);
    let counted = moved.chain(looks.numbers()).chain(cast.numbers());
    let counted = counted.collect();
    let rules = Rules {
        before,
        now,
        restrictions,
        judged: JudgedFields::of(now)?,
        uses: Uses::count(before, counted)?,
        roles: cast,
        looks,
        containers: containers(before).chain(containers(now)).collect(),
    };
    let mut findings = Vec::new();
    findings.extend(tail::fault(before, now)?);
    if before.catalog_id()? != now.catalog_id()? {
        findings.push(suspicion("another catalog".into()));
    }
    if !rules.uses.is_complete() {
        findings.push(suspicion("not every signed object can be looked at".into()));
    }
    let filled = added
        .iter()
        .filter(|(number, _)| rules.uses.of(*number) > 0);
    findings.extend(filled.map(|(number, _)| suspicion(format!("object {number} was missing"))));
    for id in changed {
        if findings.len() >= FINDINGS_MAX {
            break;
        }
        if !is_permitted(&rules, id)? {
            findings.push(suspicion(format!("object {} was changed", id.0)));
        }
    }
    findings.truncate(FINDINGS_MAX);
    let verdict = if findings.is_empty() {
        ChangesAfter::Permitted
    } else {
        ChangesAfter::Suspicious
    };
    Ok(Comparison { verdict, findings })
}

/// More would say nothing new.
const FINDINGS_MAX: usize = 20;

fn suspicion(detail: String) -> Finding {
    Finding::new(Seen::ContentChangedAfter, detail)
}

/// The objects in use before whose place is another one now.
fn changed(before: &Pdf<'_>, now: &Pdf<'_>) -> BTreeSet<ObjectId> {
    before
        .numbers()
        .filter(|(number, entry)| now.entry(*number) != Some(*entry))
        .map(|(number, entry)| (number, generation(entry)))
        .collect()
}

/// The objects in use now that were not in use before.
fn added(before: &Pdf<'_>, now: &Pdf<'_>) -> BTreeSet<ObjectId> {
    now.numbers()
        .filter(|(number, _)| matches!(before.entry(*number), None | Some(XrefEntry::Free)))
        .map(|(number, entry)| (number, generation(entry)))
        .collect()
}

/// The object streams.
fn containers(pdf: &Pdf<'_>) -> impl Iterator<Item = u32> {
    pdf.numbers().filter_map(|(_, entry)| match entry {
        XrefEntry::In { stream, .. } => Some(stream),
        _ => None,
    })
}

fn generation(entry: XrefEntry) -> u16 {
    match entry {
        XrefEntry::At { generation, .. } => generation,
        _ => 0,
    }
}

/// Whether an object is the same as before or may be what it is now. One that cannot be read may
/// not.
fn is_permitted(rules: &Rules<'_, '_>, id: ObjectId) -> Result<bool, Refusal> {
    let judged = || {
        let (old, new) = (rules.before.object(id)?, rules.now.object(id)?);
        let is_same = rules.says_same(&old, &new)?;
        // What is in an object stream is judged by itself, as long as the stream is the same.
        let may_change = !rules.containers.contains(&id.0);
        Ok(is_same || may_change && rules.permit(id, &old, &new)?)
    };
    match judged() {
        Err(Refusal::PdfDamaged(_)) => Ok(false),
        outcome => outcome,
    }
}
