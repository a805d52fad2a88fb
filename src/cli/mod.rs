//! The command line: one file a verb.

mod advice;
mod appearance_options;
mod audit;
mod batch;
mod demo;
mod doctor;
mod earlier;
mod evidence_options;
mod extend;
mod failure;
mod files;
mod identity_options;
mod inspect;
mod interrupted;
mod migrate;
#[cfg(any(test, fuzzing))]
pub(crate) mod probe;
mod progress;
mod publish;
mod registry;
mod renew;
mod serve;
mod service;
mod sign;
mod terminal;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::sealing;
use failure::Failure;
use interrupted::interrupted;

/// Seals the results of administrative dossiers and hands each over to whoever gives the right
/// dossier code.
#[derive(Parser)]
#[command(
    name = "trao",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Example:\n  trao demo --dir demo-data"
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Sign(sign::Sign),
    Extend(extend::Extend),
    Verify(verify::Verify),
    Inspect(inspect::Inspect),
    Demo(demo::Demo),
    Serve(serve::Serve),
    Publish(publish::Publish),
    Agency(registry::Agency),
    Officer(registry::Officer),
    Portal(registry::Portal),
    Key(registry::Key),
    Identity(registry::Identity),
    Audit(audit::Audit),
    Renew(renew::Renew),
    Migrate(migrate::Migrate),
    Doctor(doctor::Doctor),
    /// Reads files for the service; started by it, never by hand.
    #[command(hide = true)]
    Reader,
}

/// How long the end of the process waits for threads that were left behind.
const LEFT_BEHIND: Duration = Duration::from_secs(1);

/// What a shell sees of a program that ends by SIGPIPE, as others do whose reader has gone.
const UNHEARD: u8 = 128 + 13;

/// Runs one verb. The exit status is 0 when it is done, 1 when it was refused or failed, 2 when
/// the command line itself is wrong, 141 when nobody reads on what it says, 130 or 143 when it was
/// interrupted while it wrote files.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // The child comes before everything: it is one thread that reads files, and starts quickly.
    if matches!(arguments.as_slice(), [_, verb] if verb == "reader") {
        return sealing::run_child();
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // The help that was asked for is no error and goes to standard output.
            let _ = error.print();
            return if error.use_stderr() {
                Failure::naming("usage", "trao help").print();
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io("the runtime", &error))
        .and_then(|runtime| {
            let outcome = runtime.block_on(until_interrupted(cli.verb));
            // A stop has waited as long as it may: a call to a token or a disk that hangs in a
            // thread of its own must not hold the process.
            runtime.shutdown_timeout(LEFT_BEHIND);
            outcome
        });
    match outcome {
        Ok(status) => ExitCode::from(status),
        Err(failure) if failure.is_unheard() => ExitCode::from(UNHEARD),
        Err(failure) => {
            failure.print();
            ExitCode::FAILURE
        }
    }
}

/// Runs a verb; one that writes files is broken off when it is interrupted, with what is not whole
/// yet removed. The exit status comes back.
async fn until_interrupted(verb: Verb) -> Result<u8, Failure> {
    let writes_files = matches!(verb, Verb::Sign(_) | Verb::Extend(_));
    let work = Box::pin(dispatch(verb));
    tokio::select! {
        outcome = work => outcome.map(|()| 0),
        status = interrupted(), if writes_files => {
            status.map_err(|error| Failure::io("the signals", &error))
        }
    }
}

async fn dispatch(verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Sign(sign) => sign.run().await,
        Verb::Extend(extend) => extend.run().await,
        Verb::Verify(verify) => verify.run().await,
        Verb::Inspect(inspect) => inspect.run().await,
        Verb::Demo(demo) => demo.run().await,
        Verb::Serve(serve) => serve.run().await,
        Verb::Publish(publish) => publish.run().await,
        Verb::Agency(agency) => agency.run().await,
        Verb::Officer(officer) => officer.run().await,
        Verb::Portal(portal) => portal.run().await,
        Verb::Key(key) => key.run().await,
        Verb::Identity(identity) => identity.run().await,
        Verb::Audit(audit) => audit.run().await,
        Verb::Renew(renew) => renew.run().await,
        Verb::Doctor(doctor) => doctor.run().await,
        Verb::Migrate(migrate) => migrate.run().await,
        Verb::Reader => Ok(()),
    }
}
