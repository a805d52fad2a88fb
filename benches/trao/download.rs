//! A download of 13 MB over a real connection; the floor reads the file once and writes it to a
//! socket of the loopback.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Client;
use reqwest::multipart::{Form, Part};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::demonstration::{Demonstration, PROGRAM};
use crate::{cpu, sample, table};

const SIZE: usize = 13_000_000;
const RUNS: u32 = 60;
const CODE: &str = "H99.1-261123-0002";

/// Prints the line, and how much memory the server came to hold.
pub(crate) fn run(runtime: &Runtime) {
    let demonstration = Demonstration::make();
    let path = demonstration.folder.path().join("in.pdf");
    sample::write(&path, SIZE);
    let server = Server::start(&demonstration);
    let url = runtime.block_on(server.publish(&demonstration, &path));
    let client = Client::new();
    let download = || runtime.block_on(fetch(&client, &url));
    download();
    let begin = cpu::of_process(server.child.id());
    (0..RUNS).for_each(|_| download());
    let spent = (cpu::of_process(server.child.id()) - begin) / RUNS;
    let floor = floor(&path);
    table::line("download 13 MB", spent, floor, "the server's side");
    println!(
        "memory of the server after it: {} MiB at most",
        cpu::peak_kib(server.child.id()) / 1024
    );
}

async fn fetch(client: &Client, url: &str) {
    let mut response = client
        .get(url)
        .send()
        .await
        .unwrap()
        .error_for_status()
        .unwrap();
    let mut length = 0;
    while let Some(chunk) = response.chunk().await.unwrap() {
        length += chunk.len();
    }
    assert!(length > SIZE * 9 / 10);
}

struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(demonstration: &Demonstration) -> Self {
        let listen = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let child = Command::new(PROGRAM)
            .arg("serve")
            .env("TRAO_DATA_DIR", demonstration.data())
            .env("TRAO_LISTEN", listen.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while TcpStream::connect(listen).is_err() {
            std::thread::yield_now();
        }
        Self {
            child,
            url: format!("http://{listen}"),
        }
    }

    /// Publishes a file, has it sealed, passes the gate: the address of the sealed file.
    async fn publish(&self, demonstration: &Demonstration, path: &Path) -> String {
        let client = Client::new();
        let file = Part::bytes(std::fs::read(path).unwrap()).file_name("in.pdf");
        let form = Form::new()
            .text("dossier_code", CODE)
            .text("title", "Bản vẽ")
            .part("file", file);
        let results = format!("{}/api/v1/results", self.url);
        let post = |url: String| client.post(url).bearer_auth(&demonstration.api_key);
        let result = answer(post(results.clone()).multipart(form)).await;
        let id = result["id"].as_str().unwrap();
        let approval = json!({ "manifest": result["manifest"] });
        let mut result = answer(post(format!("{results}/{id}/approve")).json(&approval)).await;
        while result["state"] != "released" {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let look = client.get(format!("{results}/{id}"));
            result = answer(look.bearer_auth(&demonstration.api_key)).await;
        }
        let link = result["link_id"].as_str().unwrap();
        let open = client.post(format!("{}/api/v1/links/{link}/release", self.url));
        let opened = answer(open.json(&json!({ "dossier_code": CODE }))).await;
        opened["files"][0]["url"].as_str().unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Value {
    let response = request.send().await.unwrap().error_for_status().unwrap();
    response.json().await.unwrap()
}

fn floor(path: &Path) -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let reader = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = vec![0; 256 << 10];
        while stream.read(&mut buffer).unwrap() > 0 {}
    });
    let mut stream = TcpStream::connect(address).unwrap();
    let mut buffer = vec![0; 64 << 10];
    let begin = thread_time();
    for _ in 0..RUNS {
        let mut file = File::open(path).unwrap();
        loop {
            let read = file.read(&mut buffer).unwrap();
            if read == 0 {
                break;
            }
            stream.write_all(&buffer[..read]).unwrap();
        }
    }
    let spent = thread_time() - begin;
    drop(stream);
    reader.join().unwrap();
    spent / RUNS
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap(),
        u32::try_from(time.tv_nsec).unwrap(),
    )
}
