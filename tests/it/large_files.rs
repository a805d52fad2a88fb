//! The largest files that are taken cost no more memory than small ones: sealing them, the children
//! that read them included, and carrying them in and out over HTTP.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use reqwest::StatusCode;
use sha2::{Digest as _, Sha256};
use trao::model::Sha256Digest;
use trao::pades::test_pki::KeyKind;
use trao::pades::{Appearance, Reading, SigningIdentity, TrustAnchors};
use trao::sealing::{
    LevelOrder, ReaderSettings, Received, SealOrder, Sealing, SignedPdf, SpooledFile,
};

use crate::support::caller::{Caller, text};
use crate::support::judges::Judges;
use crate::support::measured::{OWN, children, forget_the_peak, measured, memory_kib};
use crate::support::pdf::one_page;
use crate::support::pki::{self, NOW};
use crate::support::process::{Process, client};
use crate::support::service::{pdf, reader};

/// As much as the files of one result may have together, but for what stands around the stream.
const LARGE_BYTES: usize = (200 << 20) - 2048;
/// So much more than for a small file may be held at the worst moment, by all processes together.
const GROWTH_KIB: u64 = 64 << 10;
const CODE: &str = "H99.1-261123-0300";

/// Writes a file of one page with so long a stream behind it, which hardly compresses.
fn write_large(path: &Path) {
    let mut noise = vec![0; 1 << 20];
    openssl::rand::rand_bytes(&mut noise).unwrap();
    let page = one_page();
    let head = format!("9 0 obj\n<</Length {LARGE_BYTES}>>stream\n");
    let (at, end) = (page.len(), page.len() + head.len() + LARGE_BYTES);
    let previous = String::from_utf8_lossy(&page);
    let previous = previous.rsplit("startxref\n").next().unwrap();
    let previous = previous.lines().next().unwrap().to_owned();
    let mut file = BufWriter::new(File::create(path).unwrap());
    file.write_all(&page).unwrap();
    file.write_all(head.as_bytes()).unwrap();
    for begin in (0..LARGE_BYTES).step_by(noise.len()) {
        let piece = noise.len().min(LARGE_BYTES - begin);
        file.write_all(&noise[..piece]).unwrap();
    }
    let close = "\nendstream\nendobj\n";
    let table = end + close.len();
    let tail = format!(
        "{close}xref\n9 1\n{at:010} 00000 n \ntrailer\n\
         <</Size 100/Root 1 0 R/Prev {previous}>>\nstartxref\n{table}\n%%EOF\n"
    );
    file.write_all(tail.as_bytes()).unwrap();
    file.flush().unwrap();
}

/// Writes a file of one page with so many objects that nobody asks for behind it.
fn write_many(path: &Path, count: usize) {
    let mut file = one_page();
    let previous = String::from_utf8_lossy(&file);
    let previous = previous.rsplit("startxref\n").next().unwrap();
    let previous = previous.lines().next().unwrap().to_owned();
    let mut table = format!("xref\n{FIRST_OF_MANY} {count}\n").into_bytes();
    for number in FIRST_OF_MANY..FIRST_OF_MANY + count {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        writeln!(file, "{number} 0 obj 0 endobj").unwrap();
    }
    let (at, size) = (file.len(), FIRST_OF_MANY + count);
    let trailer = format!("<</Size {size}/Root 1 0 R/Prev {previous}>>");
    write!(table, "trailer\n{trailer}\nstartxref\n{at}\n%%EOF\n").unwrap();
    file.extend(table);
    std::fs::write(path, file).unwrap();
}

const FIRST_OF_MANY: usize = 100;

/// One who inspects and seals, as publication does it.
struct Desk {
    folder: tempfile::TempDir,
    sealing: Sealing,
    identity: Arc<SigningIdentity>,
    judges: Judges,
}

impl Desk {
    fn new() -> Self {
        let settings = ReaderSettings::of(reader());
        let pki = pki::pki(KeyKind::P256);
        Self {
            folder: tempfile::tempdir().unwrap(),
            sealing: Sealing::new(settings, Arc::new(TrustAnchors::default())),
            identity: pki::identity(&pki),
            judges: Judges::trusting(&pki),
        }
    }

    async fn seal(&self, path: &Path) -> SignedPdf {
        let file = SpooledFile {
            path: tempfile::TempPath::try_from_path(path).unwrap(),
            sha256: Sha256Digest::of(b"not looked at"),
            len: std::fs::metadata(path).unwrap().len(),
        };
        let inspected = self.sealing.inspect(file, NOW).await.unwrap();
        let received = Received {
            path: inspected.path().to_owned(),
            approved: None,
        };
        let order = SealOrder {
            identity: &self.identity,
            appearance: Appearance::attachment("Số: 1").unwrap(),
            signed_at: NOW,
            reason: None,
            location: None,
            reading: Reading::Either,
            level: LevelOrder::Basic,
            scratch: self.folder.path(),
        };
        self.sealing.seal(received, order).await.unwrap()
    }
}

/// The most that the children of a process held, all together.
fn peak_of_children(process: &str) -> u64 {
    let children = children(process);
    children
        .iter()
        .map(|child| memory_kib(child, "VmHWM:"))
        .sum()
}

#[test]
fn the_largest_file_is_sealed_in_little_memory_and_once_more() {
    measured(
        "large_files::the_largest_file_is_sealed_in_little_memory_and_once_more",
        async || {
            let desk = Desk::new();
            let path = desk.folder.path().join("in.pdf");
            std::fs::write(&path, pdf("small")).unwrap();
            desk.seal(&path).await;
            write_large(&path);
            let earlier = std::fs::metadata(&path).unwrap().len();

            forget_the_peak();
            let before = memory_kib(OWN, "VmRSS:") + peak_of_children(OWN);
            let signed = desk.seal(&path).await;
            let (again, len) = (desk.folder.path().join("again.pdf"), signed.len());
            signed.keep_at(&again).unwrap();
            let twice = desk.seal(&again).await;
            let peak = memory_kib(OWN, "VmHWM:") + peak_of_children(OWN);

            assert!(len > earlier && twice.len() > len);
            let grown = peak.saturating_sub(before);
            println!("{earlier} bytes sealed twice took {grown} KiB");
            assert!(grown < GROWTH_KIB, "{grown} KiB");
        },
    );
}

#[tokio::test]
async fn a_file_of_more_than_a_million_objects_is_sealed() {
    let desk = Desk::new();
    let path = desk.folder.path().join("in.pdf");
    write_many(&path, 1_200_000);
    let earlier = std::fs::metadata(&path).unwrap().len();
    let signed = desk.seal(&path).await;
    assert!(signed.len() > earlier);
    let sealed = std::fs::read(signed.path()).unwrap();
    desk.judges.holds_valid(&sealed, "a million objects");
}

#[tokio::test]
async fn the_largest_file_goes_in_and_out_in_little_memory() {
    let process = Process::start(&[]).await;
    let caller = Caller::of(&process);
    let small = pdf("small");
    publish(&process, &caller, "H99.1-261123-0301", &small).await;
    let before = process.peak_kib();

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.pdf");
    write_large(&path);
    let large = std::fs::read(&path).unwrap();
    let handed_out = publish(&process, &caller, CODE, &large).await;

    assert!(handed_out > large.len());
    let grown = process.peak_kib().saturating_sub(before);
    println!("{} bytes in and out took {grown} KiB", large.len());
    assert!(grown < GROWTH_KIB, "{grown} KiB");
}

/// Publishes, approves and fetches a file; the length of what came, whose digest is right.
async fn publish(process: &Process, caller: &Caller, code: &str, file: &[u8]) -> usize {
    let (status, view) = caller.publish(code, file).await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{view}");
    let (status, view) = caller.approve(&view).await.unwrap();
    assert_eq!(status, StatusCode::OK, "{view}");
    let view = caller.released(text(&view, "id")).await;
    let (path, sha256) = caller.let_out(text(&view, "link_id"), code).await;
    let asked = client(65).get(format!("{}{path}", process.url));
    let mut answer = asked.send().await.unwrap();
    let (mut digest, mut len) = (Sha256::new(), 0);
    while let Some(piece) = answer.chunk().await.unwrap() {
        digest.update(&piece);
        len += piece.len();
    }
    assert_eq!(hex::encode(digest.finalize()), sha256);
    len
}
