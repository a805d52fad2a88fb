//! Peers that trickle: a request's body must come in, and an answer must be taken, at a pace. Time
//! in which the service itself works does not count against anyone.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// The least pace: in each window of waiting, so many bytes.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How often it is measured.
    pub window: Duration,
    /// What must have moved by then.
    pub bytes_min: u64,
}

/// Measures one direction. It runs only while somebody waits for the peer.
struct Meter {
    pace: Pace,
    moved: u64,
    window: Option<Pin<Box<Sleep>>>,
}

impl Meter {
    fn new(pace: Pace) -> Self {
        Self {
            pace,
            moved: 0,
            window: None,
        }
    }

    fn moved(&mut self, bytes: usize) {
        self.moved = self.moved.saturating_add(bytes as u64);
    }

    /// Nobody waits any longer.
    fn rest(&mut self) {
        self.window = None;
        self.moved = 0;
    }

    /// Called whenever the peer is waited for; the waiting task is woken at the window's end.
    fn is_too_slow(&mut self, context: &mut Context<'_>) -> bool {
        let pace = self.pace;
        let window = self
            .window
            .get_or_insert_with(|| Box::pin(sleep(pace.window)));
        while Future::poll(window.as_mut(), context).is_ready() {
            if self.moved < pace.bytes_min {
                return true;
            }
            self.moved = 0;
            let next = Instant::now() + pace.window;
            window.as_mut().reset(next);
        }
        false
    }
}

/// A connection whose answers must be taken at a pace. Requests are read as they come: their
/// headers have a time-out of their own and their bodies are a [`PacedBody`].
pub(super) struct PacedWriter<S> {
    stream: S,
    meter: Meter,
}

impl<S> PacedWriter<S> {
    pub(super) fn new(stream: S, pace: Pace) -> Self {
        Self {
            stream,
            meter: Meter::new(pace),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PacedWriter<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PacedWriter<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(context, bytes) {
            Poll::Ready(Ok(count)) => {
                self.meter.moved(count);
                Poll::Ready(Ok(count))
            }
            Poll::Pending if self.meter.is_too_slow(context) => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            other => other,
        }
    }

    /// hyper flushes when all it had to say is with the kernel: nobody waits for the peer then.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.meter.rest();
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A request's body that must come in at a pace.
pub(super) struct PacedBody {
    body: Incoming,
    meter: Meter,
}

impl PacedBody {
    pub(super) fn new(body: Incoming, pace: Pace) -> Self {
        Self {
            body,
            meter: Meter::new(pace),
        }
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                self.meter.moved(frame.data_ref().map_or(0, Bytes::len));
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(axum::Error::new(error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending if self.meter.is_too_slow(context) => {
                let error = io::Error::from(io::ErrorKind::TimedOut);
                Poll::Ready(Some(Err(axum::Error::new(error))))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
