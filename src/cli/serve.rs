//! `trao serve`: the service.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;

use super::failure::Failure;
use super::service::ServiceOptions;
use crate::app::{App, migrate};
use crate::config::{LogFormat, Settings};
use crate::http;
use crate::http::pace::Pace;
use crate::http::proxies::Proxies;
use crate::http::server::ConnectionLimits;
use crate::telemetry::{self, Figures};

/// Serves pages and API until it is stopped
#[derive(Args)]
#[command(
    after_help = "Example:\n  trao serve --config /etc/trao/trao.toml\n\nWithout a \
    configuration it keeps its data under storage/ and listens on 127.0.0.1:8080."
)]
pub(super) struct Serve {
    #[command(flatten)]
    service: ServiceOptions,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let settings = self.service.settings()?;
        start_log(&settings)?;
        let service = Service::start(settings).await?;
        tracing::info!(listen = %service.address, "the service answers");
        service.until_stopped().await
    }
}

/// Starts the log as the settings want it.
pub(super) fn start_log(settings: &Settings) -> Result<(), Failure> {
    let json = settings.log.format == LogFormat::Json;
    telemetry::start_log(&settings.log.filter, json)
        .map_err(|error| Failure::new("field_invalid", error.to_string()).about("[log]"))
}

/// A service that answers.
pub(super) struct Service {
    pub(super) app: Arc<App>,
    pub(super) address: SocketAddr,
    stop: CancellationToken,
    serving: tokio::task::JoinHandle<()>,
    figures: Option<tokio::task::JoinHandle<()>>,
    sweeping: tokio::task::JoinHandle<()>,
}

impl Service {
    /// Opens the parts, takes the ports, begins to answer.
    pub(super) async fn start(settings: Settings) -> Result<Self, Failure> {
        let figures = Figures::start()
            .map_err(|error| Failure::new("unavailable", error.to_string()).about("/metrics"))?;
        let listener = bind(settings.listen).await?;
        let metrics = match settings.metrics_listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let address = listener
            .local_addr()
            .map_err(|error| Failure::io("the listener", &error))?;
        // Port 0 means any: links are made of the one that was given.
        let settings = Settings {
            listen: address,
            ..settings
        };
        let limits = connection_limits(&settings);
        migrate(&settings).await?;
        let app = App::open(settings).await?;
        let proxies = Proxies::new(app.settings.proxies.trusted.clone());
        let stop = CancellationToken::new();
        let serving = tokio::spawn(http::server::serve(
            listener,
            http::router(Arc::clone(&app)),
            limits,
            move |address: IpAddr| proxies.include(address),
            stop.clone(),
        ));
        let figures = metrics.map(|listener| {
            let router = http::operators::figures(figures);
            tokio::spawn(http::server::serve(
                listener,
                router,
                limits,
                |_| true,
                stop.clone(),
            ))
        });
        let sweeping = {
            let (app, stop) = (Arc::clone(&app), stop.clone());
            tokio::spawn(async move { app.run_sweeps(stop).await })
        };
        Ok(Self {
            app,
            address,
            stop,
            serving,
            figures,
            sweeping,
        })
    }

    /// Waits for SIGTERM or SIGINT, then finishes what runs.
    pub(super) async fn until_stopped(self) -> Result<(), Failure> {
        let failure = |error| Failure::io("the signals", &error);
        let mut terminate = signal(SignalKind::terminate()).map_err(failure)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failure)?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        self.stop().await;
        Ok(())
    }

    /// Takes no more requests, finishes those under way and the work begun, and closes. All of it
    /// has one deadline.
    pub(super) async fn stop(self) {
        let Self {
            app,
            stop,
            serving,
            figures,
            sweeping,
            ..
        } = self;
        tracing::info!("the service stops");
        let until = app.begin_stop();
        stop.cancel();
        let served = async {
            let _ = serving.await;
            if let Some(figures) = figures {
                let _ = figures.await;
            }
            let _ = sweeping.await;
        };
        if timeout_at(until, served).await.is_err() {
            tracing::warn!("the stop does not wait any longer for requests under way");
        }
        app.settle().await;
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| bind_failure(address, &error))
}

/// The address is the operator's to choose, and so is what else runs on it.
fn bind_failure(address: SocketAddr, error: &io::Error) -> Failure {
    let code = match error.kind() {
        io::ErrorKind::AddrInUse => "address_in_use",
        io::ErrorKind::AddrNotAvailable | io::ErrorKind::PermissionDenied => "address_unusable",
        _ => "unavailable",
    };
    Failure::new(code, error.to_string()).about(address.to_string())
}

fn connection_limits(settings: &Settings) -> ConnectionLimits {
    let limits = &settings.limits;
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    ConnectionLimits {
        header: Duration::from_secs(limits.header_s),
        pace: Pace {
            window: Duration::from_secs(limits.pace_s),
            bytes_min: limits.pace_bytes,
        },
        connections_max: count(limits.connections),
        client_connections_max: count(limits.client_connections),
    }
}
