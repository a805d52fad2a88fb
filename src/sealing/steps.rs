//! The levels as steps: what a file needs next on its way up, and whether a step led there.

use super::SealingError;
use crate::pades::{Grounds, Level, Report, SignatureKind};

/// The next thing that a file needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A time-stamp over all that is in it.
    TimeStamp,
    /// What its signatures can be judged by later.
    ValidationData,
}

/// What the file needs next on the way to a level; nothing when it is there.
pub(super) fn next(
    grounds: &Grounds,
    wanted: Level,
    renew: bool,
) -> Result<Option<Step>, SealingError> {
    let level = level(grounds).ok_or(SealingError::NotRaisable)?;
    let needs_answers = || {
        let newest = grounds.signatures.last();
        newest.is_some_and(|newest| !newest.open.is_empty())
    };
    Ok(match level {
        Level::Other => return Err(SealingError::NotRaisable),
        Level::BLta if renew && needs_answers() => Some(Step::ValidationData),
        Level::BLta if renew => Some(Step::TimeStamp),
        level if level.reaches(wanted) => None,
        Level::BB | Level::BLt => Some(Step::TimeStamp),
        Level::BT | Level::BLta => Some(Step::ValidationData),
    })
}

/// The newest signature that leads to an anchor.
pub(super) fn newest(grounds: &Grounds) -> Option<usize> {
    let verdicts = grounds.report.signatures.iter().zip(&grounds.signatures);
    let mut of_people = verdicts.enumerate().filter(|(_, (verdict, grounds))| {
        verdict.kind == SignatureKind::Signature && grounds.is_trusted
    });
    of_people.next_back().map(|(index, _)| index)
}

/// The level of a file: that of its newest signature.
pub(super) fn level(grounds: &Grounds) -> Option<Level> {
    let verdict = grounds.report.signatures.get(newest(grounds)?)?;
    (verdict.level != Level::Other).then_some(verdict.level)
}

/// The most steps from one level to another: a time-stamp, validation data, an archive time-stamp.
pub(super) const STEPS_MAX: usize = 3;

/// Whether a step led further, and no signature is worse off for it: a level higher, or at the
/// highest one a renewal, which changes no verdict, or answers that it needs first.
pub(super) fn is_progress(before: &Grounds, now: &Grounds, step: Step) -> bool {
    let (was, is) = (level(before), level(now));
    let is_higher = was != is && is.zip(was).is_some_and(|(is, was)| is.reaches(was));
    let renews =
        was == Some(Level::BLta) && (step == Step::TimeStamp || now.report != before.report);
    (is_higher || renews) && !is_worse(&before.report, &now.report)
}

/// Whether a signature that was good is not any more, or lost a level.
fn is_worse(before: &Report, now: &Report) -> bool {
    let mut pairs = before.signatures.iter().zip(&now.signatures);
    now.signatures.len() < before.signatures.len()
        || pairs.any(|(before, now)| {
            before.field != now.field
                || (before.is_good() && !now.is_good())
                || (before.level != now.level && before.level.reaches(now.level))
        })
}
