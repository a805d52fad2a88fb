//! A responder and a list's server that answer what they are told, to the byte: what no honest
//! program signs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Both of them, on one address. They serve until the tests' process ends.
pub(crate) struct Told {
    address: SocketAddr,
    answers: Arc<Mutex<Answers>>,
}

#[derive(Clone, Default)]
struct Answers {
    ocsp: Vec<u8>,
    crl: Vec<u8>,
}

impl Told {
    /// They answer with nothing yet.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let told = Self {
            address: listener.local_addr().unwrap(),
            answers: Arc::default(),
        };
        let answers = Arc::clone(&told.answers);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let answers = answers.lock().unwrap().clone();
                // A client that hangs up is none of the server's business.
                let _ = answer(&stream.unwrap(), &answers);
            }
        });
        told
    }

    pub(crate) fn ocsp_url(&self) -> String {
        format!("http://{}/ocsp", self.address)
    }

    pub(crate) fn crl_url(&self) -> String {
        format!("http://{}/crl", self.address)
    }

    pub(crate) fn set_ocsp(&self, answer: Vec<u8>) {
        self.answers.lock().unwrap().ocsp = answer;
    }

    pub(crate) fn set_crl(&self, answer: Vec<u8>) {
        self.answers.lock().unwrap().crl = answer;
    }
}

/// Reads one request whole and answers it.
fn answer(mut stream: &TcpStream, answers: &Answers) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        } else if line.is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    let (kind, body) = if first.starts_with("POST /ocsp ") {
        ("application/ocsp-response", &answers.ocsp)
    } else {
        ("application/pkix-crl", &answers.crl)
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n"
    );
    stream.write_all(&[head.as_bytes(), body].concat())
}
