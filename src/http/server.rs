//! The accept loop. `axum::serve` waits for ever for a slow header; this one does not: a header has
//! its time-out, a connection that moves too few bytes is closed, and a stop lets what runs finish.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::pace::{Pace, PacedBody, PacedWriter};
use crate::model::client_block;

/// The address of the other end of the connection; what it says of itself in headers is another
/// matter.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// How long and how much a connection may take.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// From the first byte of a request's header, or from the end of the answer before it, to the
    /// header's end.
    pub header: Duration,
    /// How slowly a body may come in or be taken.
    pub pace: Pace,
    /// Connections in all.
    pub connections_max: usize,
    /// Connections of one client address; proxies named in the configuration are exempt.
    pub client_connections_max: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(10),
            pace: Pace {
                window: Duration::from_mins(1),
                bytes_min: 60 << 10,
            },
            connections_max: 8192,
            client_connections_max: 64,
        }
    }
}

/// Serves `router` on `listener` until `stop`, then returns when the requests under way are finished;
/// whoever stops it decides how long to wait for that.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    exempt: impl Fn(IpAddr) -> bool,
    stop: CancellationToken,
) {
    let tracker = TaskTracker::new();
    let census = Census::default();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, most often: the next accept would fail as fast.
                tracing::warn!(error = %error.kind(), "a connection was not accepted");
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let per_client = if exempt(peer.ip()) {
            usize::MAX
        } else {
            limits.client_connections_max
        };
        let Some(place) = census.enter(peer.ip(), limits.connections_max, per_client) else {
            continue;
        };
        let connection = connection(stream, peer, router.clone(), limits, stop.clone());
        tracker.spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop(listener);
    tracker.close();
    tracker.wait().await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: ConnectionLimits,
    stop: CancellationToken,
) {
    // An answer's last small segment must not wait for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: http::Request<Incoming>| {
        let mut request = request.map(|body| Body::new(PacedBody::new(body, limits.pace)));
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request)
    });
    let io = TokioIo::new(PacedWriter::new(stream, limits.pace));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_buf_size(64 << 10)
        .serve_connection(io, service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            // Why a connection broke is the peer's business; what it asked for was logged.
            let _ = connection.await;
        }
    }
}

/// Who is connected how often, by address blocks.
#[derive(Clone, Default)]
struct Census(Arc<Mutex<HashMap<Vec<u8>, usize>>>);

impl Census {
    fn enter(&self, client: IpAddr, max: usize, per_client: usize) -> Option<Place> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.values().sum::<usize>() >= max {
            return None;
        }
        let client = client_block(client);
        let count = counts.entry(client.clone()).or_default();
        if *count >= per_client {
            return None;
        }
        *count += 1;
        Some(Place {
            census: self.clone(),
            client,
        })
    }
}

/// One connection's entry in the census; leaving is dropping it.
struct Place {
    census: Census,
    client: Vec<u8>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.census.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.client) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.client);
            }
        }
    }
}
