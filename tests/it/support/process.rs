//! The program itself, as an operator starts it: the folder of `trao demo`, served by `trao serve`
//! with a log and with figures.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Client, redirect};
use serde::Deserialize;
use tempfile::TempDir;

use super::server::free_address;

const PROGRAM: &str = env!("CARGO_BIN_EXE_trao");
/// A loaded machine may take this long to start a process.
const PATIENCE: Duration = Duration::from_mins(1);

/// What `trao demo --json` prints, as far as tests ask for it.
#[derive(Deserialize)]
pub(crate) struct Shown {
    pub(crate) link_id: String,
    pub(crate) dossier_code: String,
    pub(crate) officer: String,
    pub(crate) password: String,
    pub(crate) api_key: String,
}

/// A folder with a released result, and the process that serves it. It is killed with this value.
pub(crate) struct Process {
    pub(crate) shown: Shown,
    pub(crate) url: String,
    pub(crate) metrics_url: String,
    folder: TempDir,
    child: Child,
}

impl Process {
    /// Makes a demonstration's folder and serves it, with the settings as these variables have them.
    pub(crate) async fn start(variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shown = demonstrate(&folder.path().join("data"));
        let (listen, metrics) = (free_address(), free_address());
        let child = serve(folder.path(), listen, metrics, variables);
        let mut process = Self {
            shown,
            url: format!("http://{listen}"),
            metrics_url: format!("http://{metrics}/metrics"),
            folder,
            child,
        };
        process.wait_until_it_answers().await;
        process
    }

    /// All it has logged.
    pub(crate) fn log(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("log")).unwrap()
    }

    /// The database as it lies on the disk, what is not yet in its main file included.
    pub(crate) fn database(&self) -> Vec<u8> {
        let file = |name: &str| std::fs::read(self.folder.path().join("data").join(name));
        [
            file("trao.db").unwrap(),
            file("trao.db-wal").unwrap_or_default(),
        ]
        .concat()
    }

    /// Runs another verb on the same folder: whether it is content, and what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(PROGRAM)
            .args(arguments)
            .env("TRAO_DATA_DIR", self.folder.path().join("data"))
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        (output.status.success(), printed)
    }

    async fn wait_until_it_answers(&mut self) {
        let client = client(1);
        let until = Instant::now() + PATIENCE;
        while client
            .get(format!("{}/healthz", self.url))
            .send()
            .await
            .is_err()
        {
            let ended = self.child.try_wait().unwrap();
            let said = String::from_utf8_lossy(&self.log()).into_owned();
            assert!(
                ended.is_none() && Instant::now() < until,
                "{ended:?}: {said}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn demonstrate(folder: &Path) -> Shown {
    let output = Command::new(PROGRAM)
        .args(["demo", "--once", "--json", "--port", "0", "--dir"])
        .arg(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn serve(
    folder: &Path,
    listen: SocketAddr,
    metrics: SocketAddr,
    variables: &[(&str, &str)],
) -> Child {
    Command::new(PROGRAM)
        .arg("serve")
        .env("TRAO_DATA_DIR", folder.join("data"))
        .env("TRAO_LISTEN", listen.to_string())
        .env("TRAO_METRICS_LISTEN", metrics.to_string())
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(folder.join("log")).unwrap())
        .spawn()
        .unwrap()
}

/// A client at 127.0.0.`host`: the throttle knows clients by their address.
pub(crate) fn client(host: u8) -> Client {
    // reqwest wants one even for plain HTTP; a second call finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .local_address(Some(Ipv4Addr::new(127, 0, 0, host).into()))
        .redirect(redirect::Policy::none())
        .timeout(PATIENCE)
        .build()
        .unwrap()
}
