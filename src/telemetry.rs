//! What the service says of itself: log lines on standard error, figures for Prometheus.
//!
//! **Never logged**, at any level: dossier codes, PINs, link ids and grants (the route's template
//! stands for them), passwords and passphrases, keys and their secrets, cookies, contents of files,
//! titles, names and addresses of people, client addresses (their keyed hash stands for them).
//! docs/logging.md has the names of the fields.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use thiserror::Error;
use tracing_subscriber::EnvFilter;

/// Results that were received, by agency.
pub const RESULTS_RECEIVED: &str = "trao_results_received_total";
/// Results that were released.
pub const RESULTS_RELEASED: &str = "trao_results_released_total";
/// Results that were put on hold, by `reason`.
pub const RESULTS_HELD: &str = "trao_results_held_total";
/// Results that were sealed without word about the certificate's revocation.
pub const SEALED_UNCHECKED: &str = "trao_sealed_unchecked_total";
/// Seconds until the first certificate of an identity's chain ends, by `identity`.
pub const IDENTITY_EXPIRY_SECONDS: &str = "trao_identity_expiry_seconds";
/// Uploads that were refused, by `code`.
pub const RESULTS_REFUSED: &str = "trao_results_refused_total";
/// Seconds from the intent to the stored object, a file.
pub const SEALING_SECONDS: &str = "trao_sealing_seconds";
/// Sweeps that ended in an error.
pub const SWEEPS_FAILED: &str = "trao_sweeps_failed_total";

/// Why nothing can be told.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("the log filter is malformed")]
    Filter,
    /// Somebody else in this process writes the log or the figures already.
    #[error("log or figures are taken already")]
    Taken,
}

/// Starts the log: lines for `filter` (`info`, `warn,trao::publication=debug`) on standard error,
/// as JSON or as text.
///
/// # Errors
/// [`TelemetryError`].
pub fn start_log(filter: &str, json: bool) -> Result<(), TelemetryError> {
    let filter = EnvFilter::builder()
        .parse(filter)
        .map_err(|_| TelemetryError::Filter)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr);
    let started = if json {
        lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init()
    } else {
        lines.with_target(false).try_init()
    };
    started.map_err(|_| TelemetryError::Taken)
}

/// The figures of this process.
#[derive(Clone)]
pub struct Figures(PrometheusHandle);

impl Figures {
    /// Starts to count.
    ///
    /// # Errors
    /// [`TelemetryError::Taken`].
    pub fn start() -> Result<Self, TelemetryError> {
        let handle = PrometheusBuilder::new()
            .install_recorder()
            .map_err(|_| TelemetryError::Taken)?;
        describe();
        Ok(Self(handle))
    }

    /// All figures in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}

fn describe() {
    metrics::describe_counter!(RESULTS_RECEIVED, "Results received.");
    metrics::describe_counter!(RESULTS_RELEASED, "Results released.");
    metrics::describe_counter!(RESULTS_HELD, "Results put on hold, by reason.");
    metrics::describe_counter!(
        SEALED_UNCHECKED,
        "Results sealed without word about revocation."
    );
    metrics::describe_gauge!(
        IDENTITY_EXPIRY_SECONDS,
        metrics::Unit::Seconds,
        "Time until an identity's certificates end."
    );
    metrics::describe_counter!(RESULTS_REFUSED, "Uploads refused, by code.");
    metrics::describe_histogram!(
        SEALING_SECONDS,
        metrics::Unit::Seconds,
        "From the intent to the stored object, a file."
    );
    metrics::describe_counter!(SWEEPS_FAILED, "Recovery sweeps that ended in an error.");
}
