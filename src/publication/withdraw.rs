//! Withdrawing: the link stops in this commit, and so does every grant, because each request for a
//! file looks at the state again.

use time::OffsetDateTime;

use super::act::Act;
use super::{Publication, PublicationError, ResultView};
use crate::account::{Caller, Scope};
use crate::model::{ResultId, ResultState};

/// Any state that is not final → `withdrawn`.
pub(super) async fn withdraw(
    flow: &Publication,
    caller: &Caller,
    id: ResultId,
    reason: &str,
    now: OffsetDateTime,
) -> Result<ResultView, PublicationError> {
    let act = Act::begin(flow, caller, Scope::Withdraw, id, now).await?;
    act.end(flow, ResultState::Withdrawn, reason).await?;
    flow.seen(caller, id).await
}
