//! Archives over real stores: a folder, Garage, s3s-fs.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::StreamExt as _;
use tempfile::{NamedTempFile, TempDir};
use trao::archive::{Archive, ArchiveError, Area, Listed};
use trao::config::S3Settings;
use trao::database::{Actor, AuditEntry, Database, ReadPermit, ReadReason, StoredObject};
use trao::model::{ObjectKey, ResultId, Sha256Digest};
use trao::pades::test_pki::KeyKind;
use trao::pades::{Appearance, Reading, TrustAnchors};
use trao::sealing::{
    InspectedPdf, LevelOrder, ReaderSettings, Received, SealOrder, Sealing, SignedPdf, SpooledFile,
};
use trao::secrets;

use super::pdf;
use super::pki::{self, NOW};
use super::server::{Server, free_address, tool};

const BUCKET: &str = "trao";
const ACCESS_KEY: &str = "GK0123456789abcdef01234567";
const SECRET_KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// An object service with an empty bucket.
#[derive(Debug)]
pub(crate) struct ObjectService {
    pub(crate) address: SocketAddr,
    pub(crate) data: TempDir,
    secret: NamedTempFile,
    _server: Server,
}

impl ObjectService {
    /// Garage: heeds no precondition.
    pub(crate) async fn garage() -> Self {
        Self::started(Self::one_garage).await
    }

    /// s3s-fs: a folder behind S3, which heeds preconditions.
    pub(crate) async fn s3s() -> Self {
        Self::started(Self::one_s3s).await
    }

    /// Starts a server, and another one elsewhere where somebody took its address meanwhile.
    async fn started(start: impl AsyncFn() -> Result<Self, String>) -> Self {
        let mut last = String::new();
        for _ in 0..STARTS_MAX {
            match start().await {
                Ok(service) => return service,
                Err(why) => last = why,
            }
        }
        panic!("{last}");
    }

    async fn one_garage() -> Result<Self, String> {
        let data = tempfile::tempdir().unwrap();
        let (address, rpc) = (free_address(), free_address());
        let config = data.path().join("garage.toml");
        let folder = data.path().display();
        let text = format!(
            "metadata_dir = \"{folder}/meta\"\ndata_dir = \"{folder}/data\"\n\
             db_engine = \"sqlite\"\nreplication_factor = 1\n\
             rpc_bind_addr = \"{rpc}\"\nrpc_public_addr = \"{rpc}\"\nrpc_secret = \"{SECRET_KEY}\"\n\
             [s3_api]\ns3_region = \"garage\"\napi_bind_addr = \"{address}\"\n"
        );
        std::fs::write(&config, text).unwrap();
        let garage = tool("garage");
        let server = Server::start(
            &[
                garage.as_os_str(),
                "-c".as_ref(),
                config.as_os_str(),
                "server".as_ref(),
                "--single-node".as_ref(),
                "--default-bucket".as_ref(),
            ],
            &[
                ("GARAGE_DEFAULT_ACCESS_KEY", ACCESS_KEY),
                ("GARAGE_DEFAULT_SECRET_KEY", SECRET_KEY),
                ("GARAGE_DEFAULT_BUCKET", BUCKET),
            ],
        );
        Self::answering(address, data, server).await
    }

    async fn one_s3s() -> Result<Self, String> {
        let data = tempfile::tempdir().unwrap();
        std::fs::create_dir(data.path().join(BUCKET)).unwrap();
        let address = free_address();
        let (host, port) = (address.ip().to_string(), address.port().to_string());
        let (program, root) = (tool("s3s-fs"), data.path().to_owned());
        let server = Server::start(
            &[
                program.as_os_str(),
                "--host".as_ref(),
                host.as_ref(),
                "--port".as_ref(),
                port.as_ref(),
                "--access-key".as_ref(),
                ACCESS_KEY.as_ref(),
                "--secret-key".as_ref(),
                SECRET_KEY.as_ref(),
                root.as_os_str(),
            ],
            &[],
        );
        Self::answering(address, data, server).await
    }

    /// The settings that reach it by `address`, its own or a proxy's. Each call has names of
    /// its own.
    pub(crate) fn settings(&self, address: SocketAddr) -> S3Settings {
        S3Settings {
            endpoint: Some(format!("http://{address}")),
            region: "garage".to_owned(),
            bucket: BUCKET.to_owned(),
            path_style: true,
            access_key_id: ACCESS_KEY.to_owned(),
            secret_access_key_file: Some(self.secret.path().to_owned()),
            prefix: format!("{}/", hex::encode(secrets::random::<8>())),
            ca_file: None,
        }
    }

    /// Waits until a server that was just started answers.
    async fn answering(address: SocketAddr, data: TempDir, server: Server) -> Result<Self, String> {
        let mut secret = NamedTempFile::new().unwrap();
        writeln!(secret, "{SECRET_KEY}").unwrap();
        let service = Self {
            address,
            data,
            secret,
            _server: server,
        };
        let archive = Archive::open_s3(&service.settings(address)).await.unwrap();
        for _ in 0..300 {
            if archive.reachable().await.is_ok() {
                return Ok(service);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(format!("the object service on {address} does not answer"))
    }
}

/// So often a server is started before a test gives up.
const STARTS_MAX: usize = 3;

/// The service that the tests running just now share; it ends with the last of them.
async fn shared(
    slot: &'static tokio::sync::Mutex<Weak<ObjectService>>,
    start: impl AsyncFnOnce() -> ObjectService,
) -> Arc<ObjectService> {
    let mut slot = slot.lock().await;
    if let Some(running) = slot.upgrade() {
        return running;
    }
    let service = Arc::new(start().await);
    *slot = Arc::downgrade(&service);
    service
}

/// The Garage that the tests running just now share.
pub(crate) async fn garage() -> Arc<ObjectService> {
    shared(&GARAGE, ObjectService::garage).await
}

static GARAGE: tokio::sync::Mutex<Weak<ObjectService>> = tokio::sync::Mutex::const_new(Weak::new());
static S3S: tokio::sync::Mutex<Weak<ObjectService>> = tokio::sync::Mutex::const_new(Weak::new());

/// An archive with what a test needs around it.
pub(crate) struct Bench {
    pub(crate) archive: Archive,
    pub(crate) scratch: TempDir,
    database: Database,
    sealing: Sealing,
    _service: Option<Arc<ObjectService>>,
}

impl Bench {
    pub(crate) async fn files() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let archive = Archive::open_files(&scratch.path().join("objects"))
            .await
            .unwrap();
        Self::over(archive, scratch, None).await
    }

    pub(crate) async fn garage() -> Self {
        Self::on(garage().await).await
    }

    pub(crate) async fn s3s() -> Self {
        Self::on(shared(&S3S, ObjectService::s3s).await).await
    }

    /// Over names of its own in a service.
    pub(crate) async fn on(service: Arc<ObjectService>) -> Self {
        let archive = Archive::open_s3(&service.settings(service.address))
            .await
            .unwrap();
        Self::over(archive, tempfile::tempdir().unwrap(), Some(service)).await
    }

    pub(crate) async fn over(
        archive: Archive,
        scratch: TempDir,
        service: Option<Arc<ObjectService>>,
    ) -> Self {
        let database = Database::open(&scratch.path().join("trao.db"))
            .await
            .unwrap();
        database.migrate().await.unwrap();
        let reader = ReaderSettings::of(PathBuf::from(env!("CARGO_BIN_EXE_trao")));
        let sealing = Sealing::new(reader, Arc::new(TrustAnchors::default()));
        Self {
            archive,
            scratch,
            database,
            sealing,
            _service: service,
        }
    }

    /// The folder of the archive, where it is one.
    pub(crate) fn folder(&self) -> PathBuf {
        self.scratch.path().join("objects")
    }

    /// An inspected file with these bytes.
    pub(crate) async fn inspected(&self, pdf: &[u8]) -> InspectedPdf {
        self.announced(pdf, Sha256Digest::of(pdf), pdf.len() as u64)
            .await
    }

    /// An inspected file of which something is said that need not be true.
    pub(crate) async fn announced(
        &self,
        pdf: &[u8],
        sha256: Sha256Digest,
        len: u64,
    ) -> InspectedPdf {
        let file = NamedTempFile::new_in(self.scratch.path()).unwrap();
        std::fs::write(file.path(), pdf).unwrap();
        let file = SpooledFile {
            path: file.into_temp_path(),
            sha256,
            len,
        };
        self.sealing.inspect(file, NOW).await.unwrap()
    }

    /// A sealed file.
    pub(crate) async fn signed(&self, pdf: &[u8]) -> SignedPdf {
        let source = self.inspected(pdf).await;
        let identity = pki::identity(&pki::pki(KeyKind::P256));
        let received = Received {
            path: source.path().to_owned(),
            approved: Some(source.sha256()),
        };
        let order = SealOrder {
            reading: Reading::Either,
            level: LevelOrder::Basic,
            identity: &identity,
            appearance: Appearance::None,
            signed_at: NOW,
            reason: None,
            location: None,
            scratch: self.scratch.path(),
        };
        self.sealing.seal(received, order).await.unwrap()
    }

    /// Stores these bytes as received; what the database would record of them.
    pub(crate) async fn stored(&self, pdf: &[u8]) -> StoredObject {
        let object = StoredObject {
            key: received_key(),
            sha256: Sha256Digest::of(pdf),
            len: pdf.len() as u64,
        };
        self.archive
            .put_received(&object.key, &self.inspected(pdf).await)
            .await
            .unwrap();
        object
    }

    pub(crate) async fn permit(&self, object: &StoredObject) -> ReadPermit {
        let entry = AuditEntry {
            at: NOW,
            agency: None,
            actor: Actor::Operator,
            action: "file_read",
            result: None,
            detail: serde_json::Value::Null,
        };
        self.database
            .permit(object.clone(), ReadReason::Doctor, &entry)
            .await
            .unwrap()
    }

    /// Reads an object as a download would.
    pub(crate) async fn read(
        &self,
        object: &StoredObject,
        range: Option<std::ops::Range<u64>>,
    ) -> Result<Vec<u8>, ArchiveError> {
        let mut reader = self.archive.open(&self.permit(object).await, range).await?;
        let mut bytes = Vec::new();
        while let Some(piece) = reader.next().await {
            bytes.extend_from_slice(&piece?);
        }
        Ok(bytes)
    }

    pub(crate) async fn listed(&self, area: Area) -> Vec<Listed> {
        self.archive.list(area).map(Result::unwrap).collect().await
    }
}

/// A name that nobody used before.
pub(crate) fn received_key() -> ObjectKey {
    ObjectKey::received(
        ResultId::from_bytes(secrets::random()),
        1,
        secrets::random(),
    )
}

/// The first regular file below a folder that is long enough to hold an object.
pub(crate) fn file_below(folder: &Path, least_bytes: u64) -> Option<PathBuf> {
    let entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    entries.iter().find_map(|entry| {
        let metadata = entry.metadata().unwrap();
        if metadata.is_dir() {
            file_below(&entry.path(), least_bytes)
        } else {
            (metadata.len() >= least_bytes).then(|| entry.path())
        }
    })
}

/// A PDF with a stream of so many bytes that hardly compress.
pub(crate) fn large_pdf(stream_bytes: usize) -> Vec<u8> {
    let mut state: u32 = 1;
    let noise: String = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'0' + u8::try_from(state >> 26).unwrap())
    })
    .take(stream_bytes)
    .collect();
    let object = format!("<</Length {stream_bytes}>>stream\n{noise}\nendstream");
    pdf::append(&pdf::one_page(), &[(9, object)])
}
