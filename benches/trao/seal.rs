//! Sealing: the whole way as publication goes it (children included), the `pades` module alone, and
//! the floor: one private-key operation, SHA-256 over the bytes, reading and writing them once.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openssl::hash::{Hasher, MessageDigest};
use openssl::pkey::PKey;
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::runtime::Runtime;
use trao::pades::test_pki::{KeyKind, LeafProfile, Purpose, TestPki};
use trao::pades::{
    Appearance, FileSource, Limits, SealRequest, SigningIdentity, TrustAnchors, contents_size,
    prepare, sign,
};
use trao::sealing::{LevelOrder, ReaderSettings, SealOrder, Sealing};

use crate::{cpu, sample, table};

const NOW: OffsetDateTime = datetime!(2026-11-23 14:05:09 +7);
const SIZES: [(&str, usize); 5] = [
    ("25 kB", 25_000),
    ("1 MB", 1_000_000),
    ("10 MB", 10_000_000),
    ("13 MB", 13_000_000),
    ("50 MB", 50_000_000),
];
const KEYS: [(&str, KeyKind); 3] = [
    ("RSA-2048", KeyKind::Rsa2048),
    ("RSA-3072", KeyKind::Rsa3072),
    ("P-256", KeyKind::P256),
];

/// Prints a line for each size and key.
pub(crate) fn run(runtime: &Runtime) {
    let folder = tempfile::tempdir().unwrap();
    let sealing = Sealing::new(
        ReaderSettings::of(PathBuf::from(env!("CARGO_BIN_EXE_trao"))),
        Arc::new(TrustAnchors::default()),
    );
    for (key_name, key) in KEYS {
        let signer = Signer::new(key);
        for (size_name, size) in SIZES {
            let path = folder.path().join("in.pdf");
            sample::write(&path, size);
            let floor = cpu::of(|| signer.floor(&path, folder.path()));
            let whole = cpu::of(|| runtime.block_on(seal(&sealing, &signer, &path, folder.path())));
            let alone = cpu::of(|| signer.in_process(&path));
            let job = format!("seal {size_name}, {key_name}");
            table::line(&job, whole, floor, "children included");
            table::line(
                "  the pades module alone",
                alone,
                floor,
                "prepare, digest, sign",
            );
        }
    }
    memory(runtime, &sealing, folder.path());
}

async fn seal(sealing: &Sealing, signer: &Signer, path: &Path, folder: &Path) {
    let order = SealOrder {
        level: LevelOrder::Basic,
        source: path,
        approved: None,
        identity: &signer.identity,
        appearance: Appearance::None,
        signed_at: NOW,
        reason: None,
        location: None,
        scratch: folder,
    };
    drop(sealing.seal(order).await.unwrap());
}

/// How much memory the largest file takes over what the process held before.
fn memory(runtime: &Runtime, sealing: &Sealing, folder: &Path) {
    let signer = Signer::new(KeyKind::Rsa2048);
    let path = folder.join("in.pdf");
    sample::write(&path, 200 << 20);
    let before = cpu::peak_kib(std::process::id());
    runtime.block_on(seal(sealing, &signer, &path, folder));
    let after = cpu::peak_kib(std::process::id());
    println!(
        "memory for 200 MiB: {:.1} MiB over the {:.1} MiB held before (without the child)",
        mib(after - before),
        mib(before)
    );
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

struct Signer {
    identity: Arc<SigningIdentity>,
    key: PKey<openssl::pkey::Private>,
    is_rsa: bool,
}

impl Signer {
    fn new(key: KeyKind) -> Self {
        let profile = LeafProfile {
            subject: "Ủy ban nhân dân phường Mẫu".to_owned(),
            key,
            not_before: NOW - time::Duration::days(30),
            not_after: NOW + time::Duration::days(365),
            purpose: Purpose::Sign,
            revocation: None,
        };
        let pki = TestPki::new(&profile, NOW).unwrap();
        let issued = pki.agency();
        let pem = issued.key_pem().unwrap();
        let certificate = issued.certificate_pem().unwrap();
        let chain = issued.chain_pem().unwrap();
        let identity = SigningIdentity::from_pem(&pem, &certificate, &chain, None).unwrap();
        Self {
            identity: Arc::new(identity),
            key: PKey::private_key_from_pem(&pem).unwrap(),
            is_rsa: !matches!(key, KeyKind::P256),
        }
    }

    fn floor(&self, path: &Path, folder: &Path) {
        let mut out = tempfile::NamedTempFile::new_in(folder).unwrap();
        let mut file = File::open(path).unwrap();
        let mut hasher = Hasher::new(MessageDigest::sha256()).unwrap();
        let mut buffer = vec![0; 256 << 10];
        loop {
            let read = file.read(&mut buffer).unwrap();
            if read == 0 {
                break;
            }
            hasher.update(&buffer[..read]).unwrap();
            out.write_all(&buffer[..read]).unwrap();
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
