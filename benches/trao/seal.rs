//! Sealing: the whole way as publication goes it (children included), the `pades` module alone, and
//! the floor: one private-key operation, SHA-256 over the bytes, reading and writing them once.

use std::cell::RefCell;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openssl::hash::{Hasher, MessageDigest};
use openssl::pkey::PKey;
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use tempfile::TempDir;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::runtime::Runtime;
use trao::pades::test_pki::{KeyKind, LeafProfile, Purpose, TestPki};
use trao::pades::{
    Appearance, FileSource, Limits, Reading, SealRequest, SigningIdentity, TrustAnchors,
    contents_size, prepare, sign,
};
use trao::sealing::{LevelOrder, ReaderSettings, Received, SealOrder, Sealing};

use crate::peers::Peers;
use crate::{cpu, sample, table};

const NOW: OffsetDateTime = datetime!(2026-11-23 14:05:09 +7);
const SIZES: [(&str, usize); 4] = [
    ("25 kB", 25_000),
    ("1 MB", 1_000_000),
    ("10 MB", 10_000_000),
    ("50 MB", 50_000_000),
];
const KEYS: [(&str, KeyKind); 3] = [
    ("RSA-2048", KeyKind::Rsa2048),
    ("RSA-3072", KeyKind::Rsa3072),
    ("P-256", KeyKind::P256),
];

/// So many files are sealed in one run, as `trao sign` seals those of a folder.
const MANY: u32 = 32;

/// How long a peer is looked at.
const PEER_SECONDS: f64 = 1.5;

/// Prints a line for each size and key.
pub(crate) fn run(runtime: &Runtime) {
    let folder = folder_in_memory();
    let peers = Peers::find(folder.path());
    let path = folder.path().join("in.pdf");
    // First of all: the most that this process ever held is what counts.
    memory(runtime, &peers, folder.path(), &path);
    let sealing = sealing();
    table::seals_head();
    for (key_name, key) in KEYS {
        let signer = Signer::new(key);
        peers.take(signer.pki.agency());
        for (size_name, size) in SIZES {
            sample::write(&path, size);
            let [floor, of_many, one] = cpu::side_by_side([
                (1, &mut || signer.floor(&path, folder.path())),
                (MANY, &mut || {
                    runtime.block_on(seal_many(&sealing, &signer, &path, folder.path()));
                }),
                (1, &mut || {
                    runtime.block_on(seal(&sealing, &signer, &path, folder.path()));
                }),
            ]);
            let alone = cpu::of(|| signer.in_process(&path));
            let underskrift = peers.underskrift(&path, PEER_SECONDS);
            let pyhanko = peers.pyhanko(&path, PEER_SECONDS);
            let job = format!("seal {size_name}, {key_name}");
            let peers = [underskrift, pyhanko].map(|peer| peer.map(|spent| spent.cpu));
            table::seal(&job, [of_many, one, floor, alone], peers);
        }
    }
}

/// A folder in memory, where there is one: a disk's file system is slow to give a new file the place
/// of one that was removed just now, which nobody does but a benchmark.
fn folder_in_memory() -> TempDir {
    let in_memory = tempfile::tempdir_in("/dev/shm");
    in_memory.or_else(|_| tempfile::tempdir()).unwrap()
}

fn sealing() -> Sealing {
    Sealing::new(
        ReaderSettings::of(PathBuf::from(env!("CARGO_BIN_EXE_trao"))),
        Arc::new(TrustAnchors::default()),
    )
}

async fn seal(sealing: &Sealing, signer: &Signer, path: &Path, folder: &Path) {
    let sealed = sealing.seal(received(path), signer.order(folder)).await;
    drop(sealed.unwrap());
}

async fn seal_many(sealing: &Sealing, signer: &Signer, path: &Path, folder: &Path) {
    let many = vec![received(path); MANY as usize];
    let sealed = sealing.seal_each(many, signer.order(folder)).await.unwrap();
    for sealed in sealed {
        drop(sealed.unwrap());
    }
}

fn received(path: &Path) -> Received {
    Received {
        path: path.to_owned(),
        approved: None,
    }
}

/// How much memory the largest file takes over what process and children held after a small one.
fn memory(runtime: &Runtime, peers: &Peers, folder: &Path, path: &Path) {
    let signer = Signer::new(KeyKind::Rsa2048);
    peers.take(signer.pki.agency());
    let sealing = sealing();
    let peak = |bytes| {
        sample::write(path, bytes);
        runtime.block_on(seal(&sealing, &signer, path, folder));
        let children = cpu::children().into_iter().map(cpu::peak_kib);
        cpu::peak_kib(std::process::id()) + children.sum::<u64>()
    };
    let idle = peak(25_000);
    let over = peak(200 << 20) - idle;
    println!(
        "memory for 200 MiB: {:.1} MiB over the {:.1} MiB that process and child held before",
        mib(over),
        mib(idle)
    );
    let told = [
        ("underskrift", peers.underskrift(path, 0.0)),
        ("pyHanko", peers.pyhanko(path, 0.0)),
    ];
    for (name, spent) in told {
        if let Some(spent) = spent {
            println!("  {name}: {:.0} MiB in all", mib(spent.peak_kib));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// An agency's certificate for this key.
pub(crate) fn profile(key: KeyKind) -> LeafProfile {
    LeafProfile {
        subject: "Ủy ban nhân dân phường Mẫu".to_owned(),
        key,
        not_before: NOW - time::Duration::days(30),
        not_after: NOW + time::Duration::days(365),
        purpose: Purpose::Sign,
        revocation: None,
    }
}

struct Signer {
    pki: TestPki,
    identity: Arc<SigningIdentity>,
    key: PKey<openssl::pkey::Private>,
    is_rsa: bool,
    /// What the floor reads by: to clear one each time is no part of it.
    block: RefCell<Vec<u8>>,
}

impl Signer {
    fn new(key: KeyKind) -> Self {
        let pki = TestPki::new(&profile(key), NOW).unwrap();
        let issued = pki.agency();
        let pem = issued.key_pem().unwrap();
        let certificate = issued.certificate_pem().unwrap();
        let chain = issued.chain_pem().unwrap();
        let identity = SigningIdentity::from_pem(&pem, &certificate, &chain, None).unwrap();
        let is_rsa = !matches!(key, KeyKind::P256);
        let key = PKey::private_key_from_pem(&pem).unwrap();
        Self {
            pki,
            identity: Arc::new(identity),
            key,
            is_rsa,
            block: RefCell::new(vec![0; 256 << 10]),
        }
    }

    fn order<'o>(&'o self, folder: &'o Path) -> SealOrder<'o> {
        SealOrder {
            identity: &self.identity,
            appearance: Appearance::None,
            signed_at: NOW,
            reason: None,
            location: None,
            reading: Reading::Either,
            level: LevelOrder::Basic,
            scratch: folder,
        }
    }

    fn floor(&self, path: &Path, folder: &Path) {
        let mut out = tempfile::NamedTempFile::new_in(folder).unwrap();
        let mut file = File::open(path).unwrap();
        let mut hasher = Hasher::new(MessageDigest::sha256()).unwrap();
        let mut block = self.block.borrow_mut();
        loop {
            let read = file.read(&mut block).unwrap();
            if read == 0 {
                break;
            }
            hasher.update(&block[..read]).unwrap();
            out.write_all(&block[..read]).unwrap();
        }
        let digest = hasher.finish().unwrap();
        let mut context = PkeyCtx::new(&self.key).unwrap();
        context.sign_init().unwrap();
        if self.is_rsa {
            context.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
            context.set_signature_md(openssl::md::Md::sha256()).unwrap();
        }
        let mut signature = Vec::new();
        context.sign_to_vec(&digest, &mut signature).unwrap();
    }

    fn in_process(&self, path: &Path) {
        let source = FileSource::new(File::open(path).unwrap()).unwrap();
        let request = SealRequest {
            signed_at: NOW,
            signer_name: Some(self.identity.subject().to_owned()),
            reason: None,
            location: None,
            appearance: Appearance::None,
            contents_bytes: contents_size(&self.identity),
            field_name: None,
        };
        let revision = prepare(&source, &Limits::default(), &request).unwrap();
        let algorithm = self.identity.digest_algorithm();
        let digest = revision.digest(&source, algorithm).unwrap();
        let cms = sign(&digest, &self.identity).unwrap().to_der();
        revision.filled(&cms).unwrap();
    }
}
