//! Whether the agencies' identities can sign, for how long still, and to the level that they should.

use time::OffsetDateTime;

use super::{Check, day, end, listed};
use crate::app::App;
use crate::pades::{Level, Unfit};
use crate::publication::{IdentityHealth, Remaining, SealPolicy};

/// Looks at every identity in use. To have none yet is no fault.
pub(super) async fn check(app: &App) -> Check {
    let now = app.now();
    let all = match app.identities.health(now).await {
        Ok(all) => all,
        Err(error) => return Check::of("identities", Some(error.to_string())),
    };
    let has_tsa = !app.settings.tsa.is_empty();
    let (mut wrong, mut notes) = (Vec::new(), Vec::new());
    for each in &all {
        let stamps = each.policy.filter(|_| !has_tsa).and_then(without_tsa);
        for found in [of_certificate(each, now), stamps].into_iter().flatten() {
            match found {
                Found::Wrong(what) => wrong.push(what_is(each, &what)),
                Found::Note(what) => notes.push(what_is(each, &what)),
            }
        }
    }
    if all.is_empty() {
        notes.push("none is in use: nothing can be sealed".to_owned());
    }
    Check::of("identities", listed(&wrong)).noting(listed(&notes))
}

enum Found {
    Wrong(String),
    Note(String),
}

/// An end within a week is a fault: a new certificate takes days to get.
fn of_certificate(identity: &IdentityHealth, now: OffsetDateTime) -> Option<Found> {
    if let Some(refused) = &identity.refused {
        return Some(Found::Wrong(refused.clone()));
    }
    if let Some(unfit) = identity.unfit {
        let (why, expired) = (unfit.as_str(), unfit == Unfit::Expired);
        return Some(Found::Wrong(match identity.expires_at {
            Some(at) if expired => format!("{why}: its certificates ended on {}", day(at)),
            _ => why.to_owned(),
        }));
    }
    let at = identity.expires_at?;
    let told = format!("its certificates end {}", end(at, now));
    match Remaining::of(at, now) {
        Remaining::Over | Remaining::Day | Remaining::Week => Some(Found::Wrong(told)),
        Remaining::Month | Remaining::Quarter => Some(Found::Note(told)),
        Remaining::Long => None,
    }
}

/// What becomes of a policy where no time-stamping authority is configured.
fn without_tsa(policy: SealPolicy) -> Option<Found> {
    if policy.level_min.reaches(Level::BT) {
        let what = "its results are held: they need a time-stamp, and there is no [[tsa]]";
        Some(Found::Wrong(what.to_owned()))
    } else if policy.level.reaches(Level::BT) {
        let what = "its seals get no time-stamp, which its policy wants: there is no [[tsa]]";
        Some(Found::Note(what.to_owned()))
    } else {
        None
    }
}

fn what_is(identity: &IdentityHealth, what: &str) -> String {
    format!("{}: {what}", identity.id)
}
