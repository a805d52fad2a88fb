//! Small bodies, read whole: JSON and plain forms.

use axum::extract::Request;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;

use super::problem::Problem;

/// Reads a body of at most so many bytes.
pub(super) async fn whole(request: Request, bytes_max: u64) -> Result<Bytes, Problem> {
    let mut pieces = request.into_body().into_data_stream();
    let mut whole = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        // It broke off, or it trickled.
        let piece = piece.map_err(|_| Problem::malformed())?;
        if (whole.len() + piece.len()) as u64 > bytes_max {
            return Err(Problem::body_too_large());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}
