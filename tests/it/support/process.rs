//! The program itself, as an operator starts it: the folder of `trao demo`, served by `trao serve`
//! with a log and with figures.

use std::collections::HashMap;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, redirect};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tempfile::TempDir;

use super::measured::{children, memory_kib};
use super::program::PROGRAM;

/// A loaded machine may take this long to start a process.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// What `trao demo --json` prints, as far as tests ask for it.
#[derive(Clone, Deserialize)]
pub(crate) struct Shown {
    pub(crate) link_id: String,
    pub(crate) dossier_code: String,
    pub(crate) officer: String,
    pub(crate) password: String,
    pub(crate) api_key: String,
}

/// A demonstration's folder that nobody serves. Its copies are served, each by itself.
pub(crate) struct Demonstration {
    shown: Shown,
    folder: TempDir,
}

impl Demonstration {
    pub(crate) fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shown = demonstrate(&folder.path().join("data"));
        Self { shown, folder }
    }

    /// Serves a copy, with the settings as these variables have them.
    pub(crate) async fn serve(&self, variables: &[(&str, &str)]) -> Process {
        let folder = tempfile::tempdir().unwrap();
        let copied = Command::new("cp")
            .arg("-a")
            .arg(self.folder.path().join("data"))
            .arg(folder.path())
            .status();
        assert!(copied.unwrap().success());
        Process::serve(folder, self.shown.clone(), variables).await
    }
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
        let Demonstration { shown, folder } = Demonstration::make();
        Self::serve(folder, shown, variables).await
    }

    async fn serve(folder: TempDir, shown: Shown, variables: &[(&str, &str)]) -> Self {
        let (listen, metrics) = own_addresses();
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

    /// Serves the same folder again, once the process is dead.
    pub(crate) async fn restart(&mut self, variables: &[(&str, &str)]) {
        self.kill();
        self.serve_at(own_addresses(), variables);
        self.wait_until_it_answers().await;
    }

    /// Serves the same folder again, where the dead process served it.
    pub(crate) async fn return_to_life(&mut self) {
        let address = |url: &str| {
            let host = url.trim_start_matches("http://");
            host.trim_end_matches("/metrics").parse().unwrap()
        };
        let addresses = (address(&self.url), address(&self.metrics_url));
        self.serve_at(addresses, &[]);
        self.wait_until_it_answers().await;
    }

    fn serve_at(&mut self, addresses: (SocketAddr, SocketAddr), variables: &[(&str, &str)]) {
        let (listen, metrics) = addresses;
        self.url = format!("http://{listen}");
        self.metrics_url = format!("http://{metrics}/metrics");
        self.child = serve(self.folder.path(), listen, metrics, variables);
    }

    /// `kill -9`, unless it is dead already.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        let pid = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
    }

    /// Waits for the end that it finds by itself.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "it does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The children that read PDFs just now.
    pub(crate) fn readers(&self) -> Vec<i32> {
        children(&self.child.id().to_string())
            .iter()
            .map(|pid| pid.parse().unwrap())
            .filter(|&pid| is_reader(pid))
            .collect()
    }

    /// The most that the service and the children that read PDFs ever held.
    pub(crate) fn peak_kib(&self) -> u64 {
        let own = self.child.id().to_string();
        let peaks = children(&own).into_iter().chain([own]);
        peaks.map(|pid| memory_kib(&pid, "VmHWM:")).sum()
    }

    /// Those of them that read just now and do not wait for a file.
    pub(crate) fn reading(&self) -> Vec<i32> {
        let mut readers = self.readers();
        readers.retain(|&pid| is_running(pid));
        readers
    }

    /// The CPU time that each of them has used, in hundredths of a second (proc(5)).
    pub(crate) fn readers_ticks(&self) -> HashMap<i32, u64> {
        let readers = self.readers().into_iter();
        readers.map(|pid| (pid, ticks(pid))).collect()
    }

    /// What lies in the folder of files under way.
    pub(crate) fn spooled(&self) -> Vec<PathBuf> {
        let spool = self.data().join("spool");
        let entries = std::fs::read_dir(spool).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// The folder of its data.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// All it has logged.
    pub(crate) fn log(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("log")).unwrap()
    }

    /// The database as it lies on the disk, what is not yet in its main file included.
    pub(crate) fn database(&self) -> Vec<u8> {
        let file = |name: &str| std::fs::read(self.data().join(name));
        [
            file("trao.db").unwrap(),
            file("trao.db-wal").unwrap_or_default(),
        ]
        .concat()
    }

    /// Runs another verb on the same folder: whether it is content, and what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> (bool, String) {
        self.run_with(arguments, &[])
    }

    /// The same with the settings as these variables have them.
    pub(crate) fn run_with(
        &self,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> (bool, String) {
        let output = Command::new(PROGRAM)
            .args(arguments)
            .env("TRAO_DATA_DIR", self.data())
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        (output.status.success(), printed)
    }

    /// The same for a user of this language, with what it printed on standard error.
    pub(crate) fn tell(&self, language: &str, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(PROGRAM)
            .args(arguments)
            .env("TRAO_DATA_DIR", self.data())
            .env("LC_ALL", language)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.success(), said)
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

/// Whether a process runs or waits for a processor (`R` in `proc_pid_stat(5)`).
fn is_running(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().unwrap_or_default();
    state.starts_with('R')
}

/// The time in user and kernel mode: the 14th and 15th field, the 12th and 13th behind the name.
fn ticks(pid: i32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let behind = stat.rsplit(") ").next().unwrap_or_default();
    let fields = behind.split(' ').skip(11).take(2);
    fields.filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// Whether this is a reading child that runs the program already, not a fork on its way there.
fn is_reader(pid: i32) -> bool {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|&byte| byte == 0).nth(1) == Some(b"reader")
}

/// Two addresses of an IP address that is this process's own. Other tests run at the same time: on
/// a shared one, somebody else may have the port by the time the program asks for it.
fn own_addresses() -> (SocketAddr, SocketAddr) {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [.., hi, lo] = std::process::id().to_be_bytes();
    let host = Ipv4Addr::new(127, hi | 128, lo, NEXT.fetch_add(1, Ordering::Relaxed));
    let [listen, metrics] = [(); 2].map(|()| TcpListener::bind((host, 0)).unwrap());
    (listen.local_addr().unwrap(), metrics.local_addr().unwrap())
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
