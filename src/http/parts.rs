//! The parts of a form with files, with a bound on what stands between them. The parser behind
//! [`Multipart`] gathers the head of a part until it ends, however long that takes, and all that
//! the connection has ready at once; here a head has its limit and one piece goes through at a time.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream};
use axum::extract::{FromRequest, Multipart, Request};
use bytes::Bytes;
use futures_util::Stream;
use http::header::CONTENT_TYPE;

use super::heads::Heads;
use super::problem::Problem;

/// The bytes between a delimiter and its part's content, at most.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// The parts of a form.
pub(crate) struct Parts(pub(crate) Multipart);

impl<S: Send + Sync> FromRequest<S> for Parts {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok());
        let kind = kind.filter(|kind| kind.starts_with("multipart/form-data"));
        let kind = kind.ok_or_else(Problem::media_type)?;
        let boundary = multer::parse_boundary(kind).map_err(|_| Problem::malformed())?;
        let request = request.map(|body| {
            Body::from_stream(Paced {
                pieces: body.into_data_stream(),
                heads: Heads::of(&boundary, HEAD_BYTES_MAX),
                has_given: false,
            })
        });
        let parts = Multipart::from_request(request, state).await;
        parts.map(Self).map_err(|_| Problem::malformed())
    }
}

/// The body, one piece each time it is asked.
struct Paced {
    pieces: BodyDataStream,
    heads: Heads,
    has_given: bool,
}

impl Stream for Paced {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.has_given) {
            // Whoever asks until nothing is ready would have all of it at once.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.pieces).poll_next(context).map(|piece| {
            let piece = match piece? {
                Ok(piece) => self.heads.pass(&piece).map(|()| piece),
                Err(error) => Err(io::Error::other(error)),
            };
            self.has_given = true;
            Some(piece)
        })
    }
}
