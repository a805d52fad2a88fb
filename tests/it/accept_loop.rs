//! The accept loop by itself, with limits that are small: slow headers, slow bodies, slow readers,
//! too many connections, and a stop.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::{get, post};
use futures_util::stream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use trao::http::pace::Pace;
use trao::http::server::{ConnectionLimits, serve};

use crate::support::process::PATIENCE;

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const THERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// A proxy of ours.
const PROXY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
const WINDOW: Duration = Duration::from_millis(200);

fn limits() -> ConnectionLimits {
    ConnectionLimits {
        // Enough for a test on a loaded machine to send a whole one.
        header: Duration::from_secs(2),
        pace: Pace {
            window: WINDOW,
            bytes_min: 1_000,
        },
        connections_max: 100,
        client_connections_max: 100,
    }
}

/// Windows that a loaded machine keeps, for whoever is to keep the pace.
fn patient() -> ConnectionLimits {
    let mut limits = limits();
    limits.pace.window = Duration::from_secs(3);
    limits
}

/// A loop that runs.
struct Loop {
    address: SocketAddr,
    stop: CancellationToken,
    running: JoinHandle<()>,
    /// A handler has a request whose body is still to come.
    begun: Arc<Notify>,
    /// The endless answer has nobody any more.
    ended: Arc<Notify>,
}

impl Loop {
    async fn start(limits: ConnectionLimits) -> Self {
        let listener = TcpListener::bind((HERE, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let [begun, ended] = [(); 2].map(|()| Arc::new(Notify::new()));
        let exempt = |address: IpAddr| address == IpAddr::V4(PROXY);
        let router = router(&begun, &ended);
        let running = tokio::spawn(serve(listener, router, limits, exempt, stop.clone()));
        Self {
            address,
            stop,
            running,
            begun,
            ended,
        }
    }

    /// A connection from some address of this machine.
    async fn connect(&self, from: Ipv4Addr) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        socket.connect(self.address).await.unwrap()
    }

    async fn send(&self, request: &str) -> TcpStream {
        let mut line = self.connect(HERE).await;
        line.write_all(request.as_bytes()).await.unwrap();
        line
    }

    /// Whether a connection from there is served.
    async fn serves(&self, line: &mut TcpStream) -> bool {
        // What is refused may be shut before or after this.
        if line.write_all(PING.as_bytes()).await.is_err() {
            return false;
        }
        let mut begin = [0; 12];
        line.read_exact(&mut begin).await.is_ok() && &begin == b"HTTP/1.1 200"
    }
}

const PING: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Answers at once, after a body, after a while, and without an end.
fn router(begun: &Arc<Notify>, ended: &Arc<Notify>) -> Router {
    let ended = Arc::clone(ended);
    let whole_after = |pause| {
        let begun = Arc::clone(begun);
        post(move |request: Request| whole(request, pause, begun))
    };
    Router::new()
        .route("/", get(|| async { "pong" }))
        .route("/whole", whole_after(Duration::ZERO))
        .route("/later", whole_after(Duration::from_secs(4)))
        .route(
            "/endless",
            get(async move || Body::from_stream(endless(ended))),
        )
}

/// Reads the body after a pause of its own, and says when it begins to.
async fn whole(request: Request, pause: Duration, begun: Arc<Notify>) -> StatusCode {
    sleep(pause).await;
    begun.notify_one();
    match to_bytes(request.into_body(), 1 << 20).await {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

/// Bytes for ever; says when nobody has them any more.
fn endless(
    ended: Arc<Notify>,
) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> + Send {
    struct Told(Arc<Notify>);
    impl Drop for Told {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    stream::unfold(Told(ended), |told| async {
        Some((Ok(Bytes::from(vec![b'x'; 64 << 10])), told))
    })
}

/// What comes until the other side ends the connection, which it does.
async fn until_the_end(line: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let read = timeout(PATIENCE, line.read_to_end(&mut all));
    // Reset or shut: it has ended.
    let _ = read.await.expect("the connection is not ended");
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test]
async fn a_header_that_does_not_end_is_not_waited_for() {
    let accept = Loop::start(limits()).await;
    for begin in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: localhost\r\nX: "] {
        let mut line = accept.send(begin).await;
        let said = until_the_end(&mut line).await;
        assert!(!said.starts_with("HTTP/1.1 200"), "{begin:?}: {said}");
    }
}

#[tokio::test]
async fn a_header_that_trickles_is_not_waited_for() {
    let accept = Loop::start(limits()).await;
    let mut line = accept
        .send("GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        .await;
    let until = Instant::now() + PATIENCE;
    while line.write_all(b"x").await.is_ok() {
        assert!(Instant::now() < until, "it is waited for");
        sleep(WINDOW / 10).await;
    }
}

#[tokio::test]
async fn a_connection_that_has_its_answer_is_ended_when_nothing_follows() {
    let accept = Loop::start(limits()).await;
    let mut line = accept.send(PING).await;
    let said = until_the_end(&mut line).await;
    assert!(
        said.starts_with("HTTP/1.1 200") && said.ends_with("pong"),
        "{said}"
    );
}

#[tokio::test]
async fn a_body_that_does_not_come_or_trickles_is_not_waited_for() {
    let accept = Loop::start(limits()).await;
    let head = "POST /whole HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n";
    let mut idle = accept.send(head).await;
    let said = until_the_end(&mut idle).await;
    assert!(said.starts_with("HTTP/1.1 400"), "{said}");

    let (mut answer, mut sending) = accept.send(head).await.into_split();
    let trickle = tokio::spawn(async move {
        while sending.write_all(b"x").await.is_ok() {
            sleep(WINDOW / 10).await;
        }
    });
    let mut begin = [0; 12];
    let read = timeout(PATIENCE, answer.read_exact(&mut begin)).await;
    read.expect("it is waited for").unwrap();
    assert_eq!(&begin, b"HTTP/1.1 400");
    trickle.abort();
}

/// The pause is the handler's own: nobody waits for the caller meanwhile.
#[tokio::test]
async fn the_services_own_time_counts_against_nobody() {
    let accept = Loop::start(patient()).await;
    let head = "POST /later HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000\r\n\r\n";
    let mut line = accept.send(head).await;
    accept.begun.notified().await;
    line.write_all(&[b'x'; 2_000]).await.unwrap();
    let mut begin = [0; 12];
    line.read_exact(&mut begin).await.unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");
}

#[tokio::test]
async fn whoever_does_not_take_the_answer_loses_it() {
    let accept = Loop::start(limits()).await;
    let mut line = accept
        .send("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    line.read_exact(&mut [0; 1024]).await.unwrap();
    let ended = timeout(PATIENCE, accept.ended.notified()).await;
    assert!(ended.is_ok(), "the answer waits for ever");
    until_the_end(&mut line).await;
}

#[tokio::test]
async fn whoever_takes_it_at_a_pace_has_it_for_as_long_as_it_lasts() {
    let accept = Loop::start(patient()).await;
    let mut line = accept
        .send("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    // Slower than it comes: there is always something that waits to be taken.
    let mut block = vec![0; 256 << 10];
    let until = Instant::now() + Duration::from_secs(8);
    while Instant::now() < until {
        line.read_exact(&mut block).await.unwrap();
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_client_has_so_many_connections_and_a_proxy_any_number() {
    let accept = Loop::start(ConnectionLimits {
        header: PATIENCE,
        client_connections_max: 2,
        ..limits()
    })
    .await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut line = accept.connect(HERE).await;
        assert!(accept.serves(&mut line).await);
        open.push(line);
    }
    let mut third = accept.connect(HERE).await;
    assert!(!accept.serves(&mut third).await);
    let mut neighbour = accept.connect(THERE).await;
    assert!(accept.serves(&mut neighbour).await, "each for itself");
    let mut proxied = Vec::new();
    for _ in 0..4 {
        let mut line = accept.connect(PROXY).await;
        assert!(accept.serves(&mut line).await);
        proxied.push(line);
    }
    drop(open.pop());
    let until = Instant::now() + PATIENCE;
    loop {
        let mut line = accept.connect(HERE).await;
        if accept.serves(&mut line).await {
            break;
        }
        assert!(Instant::now() < until, "a place that was left is not given");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn there_are_so_many_connections_in_all() {
    let accept = Loop::start(ConnectionLimits {
        header: PATIENCE,
        connections_max: 3,
        ..limits()
    })
    .await;
    let mut open = Vec::new();
    for from in [HERE, THERE, PROXY] {
        let mut line = accept.connect(from).await;
        assert!(accept.serves(&mut line).await);
        open.push(line);
    }
    for from in [Ipv4Addr::new(127, 0, 0, 4), PROXY] {
        let mut line = accept.connect(from).await;
        assert!(!accept.serves(&mut line).await, "{from}");
    }
}

#[tokio::test]
async fn a_stop_lets_what_runs_finish_and_nobody_in() {
    let accept = Loop::start(ConnectionLimits {
        header: PATIENCE,
        ..limits()
    })
    .await;
    let mut idle = accept.connect(HERE).await;
    assert!(accept.serves(&mut idle).await);
    let head = "POST /whole HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n";
    let mut running = accept.send(&format!("{head}ab")).await;
    accept.begun.notified().await;

    accept.stop.cancel();
    until_the_end(&mut idle).await;
    running.write_all(b"cd").await.unwrap();
    let said = until_the_end(&mut running).await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    timeout(PATIENCE, accept.running).await.unwrap().unwrap();
    assert!(TcpStream::connect(accept.address).await.is_err());
}
