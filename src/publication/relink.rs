//! A new link for a result whose old one leaked or was burnt by guesses.

use serde_json::json;
use time::OffsetDateTime;

use super::act::Act;
use super::{Publication, PublicationError, ResultView};
use crate::account::{Caller, Scope};
use crate::model::{LinkId, ResultId, ResultState};
use crate::secrets::{Purpose, random};

/// Gives the result another link; the old one and every grant that came through it lead nowhere
/// from this commit on. A result that the service works on must wait until it rests.
pub(super) async fn relink(
    flow: &Publication,
    caller: &Caller,
    id: ResultId,
    now: OffsetDateTime,
) -> Result<ResultView, PublicationError> {
    let act = Act::begin(flow, caller, Scope::Withdraw, id, now).await?;
    let rests = matches!(
        act.row.state,
        ResultState::Received | ResultState::Held | ResultState::Released
    );
    if !rests {
        return Err(PublicationError::StateConflict);
    }
    let link = LinkId::from_bytes(random());
    let sealed = flow
        .keys
        .seal(Purpose::Link, &id.to_bytes(), &link.to_bytes());
    let mut tx = flow.db.begin().await?;
    act.check(&mut tx).await?;
    tx.set_link(id, &super::link_sha256(link), &sealed, now)
        .await?;
    tx.audit(&act.entry("relinked", json!({}))).await?;
    tx.commit().await?;
    flow.seen(caller, id).await
}
