//! What other libraries need for the same seal: pyHanko, from the judges' environment, and
//! underskrift, from the package in `benches/peers`. Each runs in a process of its own, which
//! counts its CPU time and says how much memory it came to hold.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use trao::pades::test_pki::Issued;

/// What one seal took.
pub(crate) struct Spent {
    pub(crate) cpu: Duration,
    pub(crate) peak_kib: u64,
}

/// The peers that are installed, and one identity in the forms that they read.
pub(crate) struct Peers {
    folder: PathBuf,
    underskrift: Option<PathBuf>,
    python: Option<PathBuf>,
}

const PASSPHRASE: &str = "bench";

impl Peers {
    /// Looks for the peers; `make bench` builds and installs them.
    pub(crate) fn find(folder: &Path) -> Self {
        let there = |path: PathBuf| path.exists().then_some(path);
        let tools = std::env::var_os("TRAO_TEST_TOOLS").map(PathBuf::from);
        Self {
            folder: folder.to_owned(),
            underskrift: std::env::var_os("TRAO_BENCH_UNDERSKRIFT")
                .map(PathBuf::from)
                .and_then(there),
            python: tools
                .map(|tools| tools.join("judges/bin/python"))
                .and_then(there),
        }
    }

    /// Writes the identity that they shall sign with.
    pub(crate) fn take(&self, issued: &Issued) {
        let write = |name: &str, bytes: Vec<u8>| {
            std::fs::write(self.folder.join(name), bytes).unwrap();
        };
        write("peer.p12", issued.pkcs12_of_old(PASSPHRASE).unwrap());
        write("peer-key.pem", issued.key_pem().unwrap());
        write("peer-certificate.pem", issued.certificate_pem().unwrap());
        write("peer-chain.pem", issued.chain_pem().unwrap());
    }

    /// What underskrift needs; nothing if it is not built or cannot do it.
    pub(crate) fn underskrift(&self, file: &Path, seconds: f64) -> Option<Spent> {
        let mut command = Command::new(self.underskrift.as_ref()?);
        command.arg(file).arg(self.folder.join("peer.p12"));
        command.arg(PASSPHRASE);
        self.ask(command, seconds)
    }

    /// What pyHanko needs; nothing if it is not installed.
    pub(crate) fn pyhanko(&self, file: &Path, seconds: f64) -> Option<Spent> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/pyhanko_peer.py");
        let mut command = Command::new(self.python.as_ref()?);
        command.arg(script).arg(file);
        for name in ["peer-key.pem", "peer-certificate.pem", "peer-chain.pem"] {
            command.arg(self.folder.join(name));
        }
        self.ask(command, seconds)
    }

    fn ask(&self, mut command: Command, seconds: f64) -> Option<Spent> {
        command.arg(self.folder.join("peer-out.pdf"));
        let answer = command.arg(seconds.to_string()).output().unwrap();
        let answer = String::from_utf8(answer.stdout).unwrap();
        let mut numbers = answer.split_whitespace().map(|word| word.parse().ok());
        Some(Spent {
            cpu: Duration::from_nanos(numbers.next()??),
            peak_kib: numbers.next()??,
        })
    }
}
