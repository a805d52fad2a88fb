//! Releasing: from this commit on the link answers.

use serde_json::json;

use super::work::Work;
use super::{Publication, Setback, failpoint};
use crate::model::ResultState;
use crate::telemetry;

/// `stored` → `released`.
pub(super) async fn release(flow: &Publication, work: &mut Work) -> Result<(), Setback> {
    work.step(flow, ResultState::Released, None, json!({}))
        .await?;
    metrics::counter!(telemetry::RESULTS_RELEASED).increment(1);
    failpoint::at("released");
    Ok(())
}
