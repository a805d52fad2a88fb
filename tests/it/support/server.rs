//! Third parties' servers that a test starts and stops.

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A running server. It ends with this value, and with the test's process if that is killed.
#[derive(Debug)]
pub(crate) struct Server {
    keeper: Child,
}

/// Starts the server and waits for the end of its own input, which comes with the end of the test.
const KEEPER: &str = r#""$@" & server=$!; cat >/dev/null; kill -KILL $server; wait $server"#;

impl Server {
    pub(crate) fn start<A: AsRef<OsStr>>(command: &[A], environment: &[(&str, &str)]) -> Self {
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .args(command)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { keeper }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().unwrap();
    }
}

/// A program that `make tools` installed.
pub(crate) fn tool(name: &str) -> PathBuf {
    let tools = std::env::var_os("TRAO_TEST_TOOLS").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/trao-tools"),
        PathBuf::from,
    );
    let program = tools.join("bin").join(name);
    assert!(
        program.exists(),
        "{} is not there: run `make tools`",
        program.display()
    );
    program
}

/// An address on which nothing listens just now.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}
