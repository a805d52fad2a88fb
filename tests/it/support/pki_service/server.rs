//! The HTTP side: which path is which part, what a part does wrong when it is told to, how often it
//! was asked.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use axum::body::{Body, Bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{StreamExt as _, future, stream};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;

use super::answers;
use super::authorities::{Authorities, Whose};

/// A part of the service, each with its own counter and mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Tsa,
    Ocsp,
    Crl,
    CaIssuers,
}

/// How a part answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As the standard has it, and truly.
    #[default]
    Works,
    /// Connections are closed without an answer.
    Down,
    /// Status 503.
    Unavailable,
    /// The right content type, and 64 octets that are nothing.
    Garbage,
    /// The answer begins and never ends.
    Slow,
    /// The answer never ends, as fast as it is read.
    Huge,
    /// TSA: the token holds another nonce than the request.
    WrongNonce,
    /// TSA: the token is over another digest.
    WrongImprint,
    /// TSA: rejection, unacceptedPolicy.
    RefusesPolicy,
    /// TSA: its clock stands still since it was made.
    StandsStill,
    /// OCSP: the status of every certificate is unknown.
    Unknown,
    /// OCSP: tryLater instead of an answer.
    TryLater,
    /// OCSP: signed by a responder that its issuer did not exempt from questions.
    Doubtful,
    /// OCSP, CRL: signed by somebody below the authority who may not.
    WrongSigner,
    /// OCSP: an answer about another certificate.
    OtherCertificate,
    /// CRL: the next one was due yesterday.
    Stale,
}

pub(super) struct State {
    pub(super) authorities: Arc<Authorities>,
    modes: [Mutex<Mode>; 4],
    asked: [AtomicUsize; 4],
    login: Mutex<Option<String>>,
}

impl State {
    pub(super) fn new(authorities: Arc<Authorities>) -> Self {
        Self {
            authorities,
            modes: Default::default(),
            asked: Default::default(),
            login: Mutex::new(None),
        }
    }

    pub(super) fn set(&self, part: Part, mode: Mode) {
        assert!(fits(part, mode), "{part:?} has no mode {mode:?}");
        *self.modes[part as usize].lock().unwrap() = mode;
    }

    pub(super) fn require_login(&self, user: &str, password: &str) {
        let pair = STANDARD.encode(format!("{user}:{password}"));
        *self.login.lock().unwrap() = Some(format!("Basic {pair}"));
    }

    pub(super) fn asked(&self, part: Part) -> usize {
        self.asked[part as usize].load(Ordering::SeqCst)
    }

    fn mode(&self, part: Part) -> Mode {
        *self.modes[part as usize].lock().unwrap()
    }

    fn count(&self, part: Part) {
        self.asked[part as usize].fetch_add(1, Ordering::SeqCst);
    }

    /// Whether the login is right, where one is required.
    fn admits(&self, request: &Request<Incoming>) -> bool {
        let required = self.login.lock().unwrap().clone();
        let given = request.headers().get(AUTHORIZATION);
        required.is_none_or(|required| given.is_some_and(|given| given == required.as_str()))
    }
}

fn fits(part: Part, mode: Mode) -> bool {
    match mode {
        Mode::WrongNonce | Mode::WrongImprint | Mode::RefusesPolicy | Mode::StandsStill => {
            part == Part::Tsa
        }
        Mode::Unknown | Mode::TryLater | Mode::OtherCertificate | Mode::Doubtful => {
            part == Part::Ocsp
        }
        Mode::WrongSigner => matches!(part, Part::Ocsp | Part::Crl),
        Mode::Stale => part == Part::Crl,
        _ => true,
    }
}

/// The thread that serves; it ends with this value.
pub(super) struct Handle {
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

pub(super) fn listen() -> TcpListener {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

/// Serves on a thread of its own, so that a test that blocks still gets its answers.
pub(super) fn serve(listener: TcpListener, state: Arc<State>) -> Handle {
    let (stop, stopped) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let thread = std::thread::spawn(move || {
        runtime.block_on(future::select(Box::pin(accept(listener, state)), stopped));
        runtime.shutdown_background();
    });
    Handle {
        stop: Some(stop),
        thread: Some(thread),
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let state = state.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| answer(state.clone(), request));
            // A client that hangs up, or one that is hung up on, is what the modes are for.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// An error ends the connection without an answer.
async fn answer(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<Body>, io::Error> {
    let Some((part, authority)) = part(request.uri().path()) else {
        return Ok(plain(StatusCode::NOT_FOUND));
    };
    state.count(part);
    let (method, asks, answers) = types(part);
    if request.method() != method {
        return Ok(plain(StatusCode::METHOD_NOT_ALLOWED));
    }
    if asks.is_some_and(|asks| {
        let given = request.headers().get(CONTENT_TYPE);
        given.is_none_or(|given| given != asks)
    }) {
        return Ok(plain(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    if part == Part::Tsa && !state.admits(&request) {
        return Ok(plain(StatusCode::UNAUTHORIZED));
    }
    let body = axum::body::to_bytes(Body::new(request.into_body()), REQUEST_BYTES);
    let body = body.await.map_err(io::Error::other)?;
    let told = match state.mode(part) {
        Mode::Down => return Err(io::ErrorKind::ConnectionAborted.into()),
        Mode::Unavailable => return Ok(plain(StatusCode::SERVICE_UNAVAILABLE)),
        Mode::Garbage => Body::from(vec![b'?'; 64]),
        Mode::Slow => Body::from_stream(piece().chain(stream::pending())),
        Mode::Huge => Body::from_stream(stream::repeat_with(|| io::Result::Ok(PIECE))),
        mode => {
            let make = move || answers::make(&state.authorities, part, authority, mode, &body);
            Body::from(tokio::task::spawn_blocking(make).await.unwrap())
        }
    };
    let mut answer = Response::new(told);
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, answers.parse().unwrap());
    Ok(answer)
}

/// Which part a path is, and who answers there.
fn part(path: &str) -> Option<(Part, Whose)> {
    Some(match path {
        "/tsa" => (Part::Tsa, Whose::Tsa),
        "/ocsp/root" => (Part::Ocsp, Whose::Root),
        "/ocsp/issuing" => (Part::Ocsp, Whose::Issuing),
        "/root.crl" => (Part::Crl, Whose::Root),
        "/issuing.crl" => (Part::Crl, Whose::Issuing),
        "/root.cer" => (Part::CaIssuers, Whose::Root),
        "/issuing.cer" => (Part::CaIssuers, Whose::Issuing),
        _ => return None,
    })
}

/// Method and content types: RFC 3161 §3.4, RFC 6960 appendix A, RFC 2585 §4.
fn types(part: Part) -> (Method, Option<&'static str>, &'static str) {
    match part {
        Part::Tsa => (
            Method::POST,
            Some("application/timestamp-query"),
            "application/timestamp-reply",
        ),
        Part::Ocsp => (
            Method::POST,
            Some("application/ocsp-request"),
            "application/ocsp-response",
        ),
        Part::Crl => (Method::GET, None, "application/pkix-crl"),
        Part::CaIssuers => (Method::GET, None, "application/pkix-cert"),
    }
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Body::from("no"));
    *answer.status_mut() = status;
    answer
}

fn piece() -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    stream::iter([Ok(Bytes::from_static(&[0x30]))])
}

const PIECE: Bytes = Bytes::from_static(&[0; 16 * 1024]);
const REQUEST_BYTES: usize = 64 * 1024;
