//! What proves a result's seals, gathered in one archive for whoever must prove them later: the
//! certificates, what was asked about them and when, the time-stamps, our own report, and the acts
//! on record. The received and sealed documents are not in it, nor the dossier code.

use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use zip::CompressionMethod;
use zip::result::ZipError;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::look::may_read;
use super::{Publication, PublicationError};
use crate::account::Caller;
use crate::database::{AuditLink, FileRow, ReadReason, ResultRow, RevisionRow};
use crate::model::{ResultId, in_viet_nam};
use crate::pades::{Der, Grounds, TrustAnchors};

impl Publication {
    /// The evidence of a sealed result as a ZIP archive on the disk (scope `read`). Each sealed file
    /// is read for it, which is on record.
    ///
    /// # Errors
    /// [`PublicationError::NotFound`]; [`PublicationError::NotSealed`] before it is sealed.
    pub async fn evidence_of(
        &self,
        caller: &Caller,
        id: ResultId,
        now: OffsetDateTime,
    ) -> Result<File, PublicationError> {
        may_read(caller)?;
        let result = self.row(caller, id).await?;
        let files = self.db.files(id).await?;
        let revisions = self.db.revisions(id).await?;
        if revisions.is_empty() || revisions.len() != files.len() {
            return Err(PublicationError::NotSealed);
        }
        let _turn = self.evidence_turns.acquire().await;
        let mut archive = Archive::begin(&self.settings.spool).map_err(|error| no_room(&error))?;
        let states =
            json!({ "result": id, "state": result.state, "files": told(&files, &revisions) });
        archive.json("tep.json", &states)?;
        for revision in &revisions {
            let grounds = self.grounds_of(caller, &result, revision, now).await?;
            archive.file(revision.n, &grounds)?;
        }
        for (nth, asked) in (1..).zip(self.db.revocation_answers(id).await?) {
            let name = format!("truoc-khi-ky/{nth:02}.{}.der", asked.kind);
            archive.entry(&name, &asked.der)?;
        }
        let links = self.db.audit_links_of(id).await?;
        archive.json("nhat-ky.json", &links.iter().map(act).collect::<Vec<_>>())?;
        archive.read_me()?;
        archive.finished()
    }

    /// What the signatures of a sealed file rest on, judged by whom the service trusts.
    async fn grounds_of(
        &self,
        caller: &Caller,
        row: &ResultRow,
        revision: &RevisionRow,
        now: OffsetDateTime,
    ) -> Result<Grounds, PublicationError> {
        let object = revision.object.clone();
        let permit = self
            .permit(caller, row, revision.n, object, ReadReason::AgencyCopy, now)
            .await?;
        let folder = tempfile::Builder::new()
            .prefix("evidence-")
            .tempdir_in(&self.settings.spool)
            .map_err(|error| no_room(&error))?;
        let path = folder.path().join("sealed.pdf");
        self.archive.fetch_to(&permit, &path).await?;
        let anchors = self.trusted().await?;
        let grounds = self.sealing.grounds(path, &anchors, now).await;
        grounds.map_err(|error| PublicationError::of_reading(revision.n, error))
    }

    async fn trusted(&self) -> Result<TrustAnchors, PublicationError> {
        let anchors = self.identities.anchors().await.map_err(|error| {
            tracing::error!(%error, "the identities cannot be looked at");
            PublicationError::Unavailable("the identities")
        });
        let mut anchors = anchors?;
        anchors.extend(self.sealing.anchors().clone());
        anchors.extend(self.evidence.anchors().clone());
        Ok(anchors)
    }
}

/// The files as they are in the archive.
fn told(files: &[FileRow], revisions: &[RevisionRow]) -> Vec<Value> {
    let pairs = files.iter().filter_map(|file| {
        let sealed = revisions.iter().find(|sealed| sealed.n == file.n)?;
        Some((file, sealed))
    });
    pairs
        .map(|(file, sealed)| {
            json!({
                "n": file.n, "received_sha256": file.received.sha256,
                "sealed_sha256": sealed.object.sha256, "sealed_size": sealed.object.len,
                "revision": sealed.revision, "level": sealed.level, "scheme": sealed.scheme,
                "signer": sealed.signer, "signed_at": moment(sealed.signed_at),
                "renew_by": sealed.renew_by.map(moment),
            })
        })
        .collect()
}

fn act(link: &AuditLink) -> Value {
    let row = &link.row;
    json!({
        "seq": row.seq, "at": moment(row.at), "actor": row.actor.to_string(),
        "action": row.action, "detail": row.detail,
        "previous": hex::encode(&link.previous), "hash": hex::encode(&link.hash),
    })
}

fn moment(at: OffsetDateTime) -> String {
    let written = in_viet_nam(at).format(&time::format_description::well_known::Rfc3339);
    written.unwrap_or_default()
}

/// The archive under way, without times in it, so that the same evidence is the same archive.
struct Archive {
    writer: ZipWriter<File>,
    names: Vec<String>,
}

impl Archive {
    /// An archive in a file of the spool that has no name: nobody else opens it, and it is gone
    /// with its last reader.
    fn begin(spool: &Path) -> io::Result<Self> {
        Ok(Self {
            writer: ZipWriter::new(tempfile::tempfile_in(spool)?),
            names: Vec::new(),
        })
    }

    fn entry(&mut self, name: &str, bytes: &[u8]) -> Result<(), PublicationError> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let begun = self.writer.start_file(name, options);
        begun.map_err(|error| not_packed(&error))?;
        self.names.push(name.to_owned());
        self.writer
            .write_all(bytes)
            .map_err(|error| no_room(&error))
    }

    fn text(&mut self, name: &str, text: &str) -> Result<(), PublicationError> {
        self.entry(name, text.as_bytes())
    }

    fn json(&mut self, name: &str, value: &impl Serialize) -> Result<(), PublicationError> {
        let written = serde_json::to_vec_pretty(value);
        let written = written.map_err(|_| PublicationError::Unavailable("the evidence"))?;
        self.entry(name, &written)
    }

    /// What one sealed file rests on.
    fn file(&mut self, n: u32, grounds: &Grounds) -> Result<(), PublicationError> {
        let folder = format!("tep-{n}");
        self.json(&format!("{folder}/bao-cao.json"), &grounds.report)?;
        for (nth, signature) in (1..).zip(&grounds.signatures) {
            let name = format!("{folder}/chu-ky-{nth:02}");
            if signature.message.is_empty() {
                continue;
            }
            self.entry(&format!("{name}.p7s"), &signature.message)?;
            self.chain(&format!("{name}-chung-thu.pem"), &signature.path)?;
            self.chain(
                &format!("{name}-dau-thoi-gian-chung-thu.pem"),
                &signature.time_stamp_path,
            )?;
            for (stamp, token) in (1..).zip(&signature.time_stamps) {
                let name = format!("{name}-dau-thoi-gian-{stamp}.der");
                self.entry(&name, token)?;
            }
        }
        self.chain(
            &format!("{folder}/kho-chung-thu.pem"),
            &grounds.certificates,
        )?;
        for (kind, answers) in [("ocsp", &grounds.ocsps), ("crl", &grounds.crls)] {
            for (nth, answer) in (1..).zip(answers) {
                let name = format!("{folder}/thu-hoi/{kind}-{nth:02}.der");
                self.entry(&name, answer)?;
            }
        }
        Ok(())
    }

    /// Certificates in PEM, the signer's first; nothing where there are none.
    fn chain(&mut self, name: &str, certificates: &[Der]) -> Result<(), PublicationError> {
        if certificates.is_empty() {
            return Ok(());
        }
        let pem: String = certificates.iter().map(|der| pem(der)).collect();
        self.text(name, &pem)
    }

    /// What it holds, with a command for a piece of each kind that is there.
    fn read_me(&mut self) -> Result<(), PublicationError> {
        let command = |(part, end, command): &(&str, &str, &str)| {
            let of_kind = |name: &&String| name.contains(part) && name.ends_with(end);
            let name = self.names.iter().find(of_kind)?;
            Some(format!("  {}", command.replace('@', name)))
        };
        let commands: Vec<_> = COMMANDS.iter().filter_map(command).collect();
        let text = include_str!("evidence.txt").replace("{commands}", &commands.join("\n"));
        self.text("DOC-TOI.txt", &text)
    }

    /// The whole archive, to be read from its beginning.
    fn finished(self) -> Result<File, PublicationError> {
        let mut file = self.writer.finish().map_err(|error| not_packed(&error))?;
        file.rewind().map_err(|error| no_room(&error))?;
        Ok(file)
    }
}

/// What the name of a piece holds and how it ends, and what looks at it (`@`).
const COMMANDS: [(&str, &str, &str); 5] = [
    (
        "/chu-ky-",
        ".p7s",
        "openssl cms -cmsout -print -inform DER -in @",
    ),
    (
        "/chu-ky-",
        "-chung-thu.pem",
        "openssl crl2pkcs7 -nocrl -certfile @ | openssl pkcs7 -print_certs",
    ),
    (
        "-dau-thoi-gian-",
        ".der",
        "openssl ts -reply -token_in -in @ -text",
    ),
    (
        "ocsp",
        ".der",
        "openssl ocsp -respin @ -resp_text -noverify",
    ),
    ("crl", ".der", "openssl crl -inform DER -in @ -text -noout"),
];

fn not_packed(error: &ZipError) -> PublicationError {
    tracing::error!(%error, "the evidence cannot be packed");
    PublicationError::Unavailable("the evidence")
}

fn no_room(error: &io::Error) -> PublicationError {
    tracing::error!(%error, "no room for the evidence");
    PublicationError::Unavailable("the evidence")
}

/// A certificate in PEM (RFC 7468).
fn pem(der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let lines = encoded.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}
