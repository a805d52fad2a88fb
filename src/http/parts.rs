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
use memchr::memmem;

use super::problem::Problem;

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
                heads: Heads::of(&boundary),
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

/// Follows a form (RFC 2046, 5.1.1) and refuses what gathers too much before a part's content.
struct Heads {
    /// `CRLF--boundary`.
    delimiter: Vec<u8>,
    place: Place,
    /// The end of what came before, as much as may belong to a mark that is not whole yet.
    rest: Vec<u8>,
}

/// Where in the form the next byte stands.
#[derive(Clone, Copy)]
enum Place {
    /// At its beginning: the first delimiter, without its line break.
    Start,
    /// Behind a delimiter; its line ends with a line break. So many bytes were seen.
    Line(usize),
    /// In a head, which ends with an empty line.
    Head(usize),
    /// In a part's content.
    Content,
}

impl Heads {
    fn of(boundary: &str) -> Self {
        Self {
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            place: Place::Start,
            rest: Vec::new(),
        }
    }

    /// Looks at the next piece.
    fn pass(&mut self, piece: &[u8]) -> io::Result<()> {
        let bytes = [std::mem::take(&mut self.rest), piece.to_vec()].concat();
        let mut at = 0;
        loop {
            let ahead = bytes.get(at..).unwrap_or_default();
            let mark: &[u8] = match self.place {
                Place::Start => self.delimiter.get(2..).unwrap_or_default(),
                Place::Line(_) => b"\r\n",
                Place::Head(_) => b"\r\n\r\n",
                Place::Content => &self.delimiter,
            };
            let found = memmem::find(ahead, mark);
            // What stays for the next piece is counted with it.
            let kept = ahead.len().min(mark.len().saturating_sub(1));
            let passed = found.unwrap_or(ahead.len() - kept);
            let seen = match self.place {
                Place::Start if found.is_none() && ahead.len() < mark.len() => 0,
                Place::Start if found == Some(0) => 0,
                Place::Start => return Err(malformed("a form begins with its boundary")),
                Place::Line(seen) | Place::Head(seen) => seen + passed,
                Place::Content => 0,
            };
            if seen > HEAD_BYTES_MAX {
                return Err(malformed("the head of a part is too long"));
            }
            if found.is_none() {
                self.place = self.place.after(seen);
                let keep_from = if matches!(self.place, Place::Start) {
                    at
                } else {
                    bytes.len() - kept
                };
                self.rest = bytes.get(keep_from..).unwrap_or_default().to_vec();
                return Ok(());
            }
            at += passed + mark.len();
            self.place = match self.place {
                Place::Start | Place::Content => Place::Line(0),
                Place::Line(_) => Place::Head(seen),
                Place::Head(_) => {
                    // The line break before a delimiter may be that of the empty line.
                    at -= 2;
                    Place::Content
                }
            };
        }
    }
}

impl Place {
    fn after(self, seen: usize) -> Self {
        match self {
            Self::Line(_) => Self::Line(seen),
            Self::Head(_) => Self::Head(seen),
            other => other,
        }
    }
}

fn malformed(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// The bytes between a delimiter and its part's content, at most.
const HEAD_BYTES_MAX: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::{HEAD_BYTES_MAX, Heads};

    /// Whether a form passes, in pieces of so many bytes.
    fn passes(form: &str, piece: usize) -> bool {
        let mut heads = Heads::of("B");
        let mut pieces = form.as_bytes().chunks(piece);
        pieces.all(|piece| heads.pass(piece).is_ok())
    }

    #[test]
    fn a_head_has_its_limit_wherever_the_pieces_end() {
        let name = |len: usize| "n".repeat(len);
        let part = |head: &str, content: &str| format!("--B\r\n{head}\r\n\r\n{content}\r\n");
        let long = name(HEAD_BYTES_MAX - 100);
        let too_long = name(HEAD_BYTES_MAX + 9);
        for piece in [1, 3, 7, 1000, 1 << 20] {
            let whole = [
                part("a: b", &name(100_000)),
                part(&long, ""),
                "--B--\r\n".into(),
            ];
            assert!(passes(&whole.concat(), piece), "{piece}");
            for odd in [
                part("a: b", "x") + &part(&too_long, "x"),
                part(&too_long, "x"),
                // No head at all: the empty line is the delimiter's own.
                format!("--B\r\n\r\n{too_long}"),
                format!("--B{}", " ".repeat(HEAD_BYTES_MAX + 9)),
                part("a: b", "") + "--B\r\n\r\n" + &too_long,
                format!("{too_long}\r\n\r\n"),
                format!("\r\n\r\n{}", part("a: b", "x")),
            ] {
                assert!(!passes(&odd, piece), "{piece}: {}", &odd[..20]);
            }
        }
    }
}
