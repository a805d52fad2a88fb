//! What ends a verb from outside: what it has begun to write is taken back before the process ends.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Waits for SIGINT or SIGTERM; the exit status is what a shell sees of a program that either ends.
///
/// # Errors
/// When the signals cannot be waited for.
pub(super) async fn interrupted() -> io::Result<u8> {
    let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
    let (mut interrupts, mut terminates) = (signal(interrupt)?, signal(terminate)?);
    let kind = tokio::select! {
        _ = interrupts.recv() => interrupt,
        _ = terminates.recv() => terminate,
    };
    Ok(u8::try_from(128 + kind.as_raw_value()).unwrap_or(u8::MAX))
}
