//! The authorities as `openssl ca` keeps them: a folder each with its index of what was issued.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard};

use tempfile::TempDir;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};
use trao::pades::test_pki::KeyKind;

use super::super::pki::{AGENCY, NOW};
use super::{PkiService, TSA_OTHER_POLICY, TSA_POLICY};

/// Who has a key and a certificate here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Root,
    Issuing,
    Agency,
    Tsa,
    /// The delegated OCSP responder of the issuing CA.
    Responder,
    /// Another one, about whom may be asked: its certificate names the issuing CA's list.
    Doubtful,
    /// Somebody below the issuing CA who may not answer for it.
    Stranger,
}

impl Whose {
    /// What the files of key and certificate are called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Issuing => "issuing",
            Self::Agency => "agency",
            Self::Tsa => "tsa",
            Self::Responder => "responder",
            Self::Doubtful => "doubtful",
            Self::Stranger => "stranger",
        }
    }

    fn subject(self) -> &'static str {
        match self {
            Self::Root => "Trao thử nghiệm – CA gốc",
            Self::Issuing => "Trao thử nghiệm – CA cấp phát",
            Self::Agency => AGENCY,
            Self::Tsa => "Trao thử nghiệm – dấu thời gian",
            Self::Responder => "Trao thử nghiệm – OCSP",
            Self::Doubtful => "Trao thử nghiệm – OCSP khác",
            Self::Stranger => "Trao thử nghiệm – người khác",
        }
    }

    /// Who issued the certificate.
    fn issuer(self) -> Self {
        match self {
            Self::Root | Self::Issuing => Self::Root,
            _ => Self::Issuing,
        }
    }
}

pub(super) struct Authorities {
    folder: TempDir,
    /// `openssl` reads and rewrites index and numbers: one at a time.
    books: Mutex<()>,
    pub(super) made_at: OffsetDateTime,
}

impl Authorities {
    /// Makes everybody's key and certificate. `url` is where the service will answer.
    pub(super) fn make(url: &str, agency: KeyKind) -> Self {
        let made = Self {
            folder: tempfile::tempdir().unwrap(),
            books: Mutex::new(()),
            made_at: PkiService::now(),
        };
        let folder = made.folder.path().display();
        let configuration = CONFIGURATION
            .replace("{folder}", &folder.to_string())
            .replace("{url}", url)
            .replace("{policy}", TSA_POLICY)
            .replace("{other_policy}", TSA_OTHER_POLICY);
        std::fs::write(made.configuration(), configuration).unwrap();
        std::fs::write(made.path("tsa.serial"), "01\n").unwrap();
        for authority in [Whose::Root, Whose::Issuing] {
            made.open_books(authority);
        }
        for whose in [
            Whose::Root,
            Whose::Issuing,
            Whose::Tsa,
            Whose::Responder,
            Whose::Doubtful,
            Whose::Stranger,
        ] {
            made.issue(whose, KeyKind::P256);
        }
        made.issue(Whose::Agency, agency);
        made
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn configuration(&self) -> PathBuf {
        self.path("openssl.cnf")
    }

    pub(super) fn certificate(&self, whose: Whose) -> PathBuf {
        self.path(&format!("{}.pem", whose.name()))
    }

    pub(super) fn key(&self, whose: Whose) -> PathBuf {
        self.path(&format!("{}.key", whose.name()))
    }

    /// The index of what an authority issued and revoked.
    pub(super) fn index(&self, authority: Whose) -> PathBuf {
        self.path(authority.name()).join("index.txt")
    }

    pub(super) fn certificate_pem(&self, whose: Whose) -> Vec<u8> {
        std::fs::read(self.certificate(whose)).unwrap()
    }

    pub(super) fn key_pem(&self, whose: Whose) -> Vec<u8> {
        std::fs::read(self.key(whose)).unwrap()
    }

    pub(super) fn certificate_der(&self, whose: Whose) -> Vec<u8> {
        let pem = self.certificate(whose);
        openssl(&["x509", "-outform", "DER", "-in"], &[pem.as_os_str()])
    }

    pub(super) fn pkcs12(&self, whose: Whose, passphrase: &str) -> Vec<u8> {
        let chain = [Whose::Issuing, Whose::Root].map(|above| self.certificate_pem(above));
        let above = self.path("chain.pem");
        std::fs::write(&above, chain.concat()).unwrap();
        openssl(
            &["pkcs12", "-export", "-passout"],
            &[
                format!("pass:{passphrase}").as_ref(),
                "-inkey".as_ref(),
                self.key(whose).as_os_str(),
                "-in".as_ref(),
                self.certificate(whose).as_os_str(),
                "-certfile".as_ref(),
                above.as_os_str(),
            ],
        )
    }

    pub(super) fn revoke(&self, whose: Whose) {
        let _books = self.books();
        self.ca(
            whose.issuer(),
            &["-crl_reason", "keyCompromise", "-revoke"],
            &self.certificate(whose),
        );
    }

    /// Keeps others out of the books while a program of OpenSSL's works on them.
    pub(super) fn books(&self) -> MutexGuard<'_, ()> {
        self.books.lock().unwrap()
    }

    fn open_books(&self, authority: Whose) {
        let folder = self.path(authority.name());
        std::fs::create_dir_all(folder.join("issued")).unwrap();
        std::fs::write(folder.join("index.txt"), "").unwrap();
        std::fs::write(folder.join("crlnumber"), "01\n").unwrap();
    }

    fn issue(&self, whose: Whose, kind: KeyKind) {
        let request = self.path(&format!("{}.csr", whose.name()));
        let subject = format!("/C=VN/O=Trao thử nghiệm/CN={}", whose.subject());
        openssl(
            &["req", "-new", "-nodes", "-utf8", "-subj", &subject],
            &[
                "-config".as_ref(),
                self.configuration().as_os_str(),
                "-keyout".as_ref(),
                self.key(whose).as_os_str(),
                "-out".as_ref(),
                request.as_os_str(),
            ]
            .into_iter()
            .chain(key_options(kind).iter().map(AsRef::as_ref))
            .collect::<Vec<_>>(),
        );
        let clock = PkiService::now();
        let from = written(clock.min(NOW) - Duration::days(30));
        let to = written(clock.max(NOW) + Duration::days(700));
        let certificate = self.certificate(whose);
        let extensions = format!("{}_extensions", whose.name());
        let mut options = vec![
            "-startdate",
            &from,
            "-enddate",
            &to,
            "-extensions",
            &extensions,
            "-utf8",
            "-batch",
            "-notext",
            "-out",
            certificate.to_str().unwrap(),
        ];
        if whose == Whose::Root {
            options.push("-selfsign");
        }
        options.push("-in");
        self.ca(whose.issuer(), &options, &request);
    }

    fn ca(&self, authority: Whose, options: &[&str], file: &Path) {
        let configuration = self.configuration();
        let head = ["ca", "-name", authority.name(), "-config"];
        let words: Vec<&OsStr> = [configuration.as_os_str()]
            .into_iter()
            .chain(options.iter().map(AsRef::as_ref))
            .chain([file.as_os_str()])
            .collect();
        openssl(&head, &words);
    }
}

/// Runs a program of OpenSSL's and gives what it wrote.
pub(super) fn openssl(head: &[&str], tail: &[&OsStr]) -> Vec<u8> {
    let output = Command::new("openssl")
        .args(head)
        .args(tail)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "openssl {head:?} {tail:?}:\n{said}"
    );
    output.stdout
}

/// As `openssl ca` reads a time.
pub(super) fn written(time: OffsetDateTime) -> String {
    const FORM: StaticFormatDescription =
        format_description!("[year][month][day][hour][minute][second]Z");
    time.to_offset(time::UtcOffset::UTC).format(FORM).unwrap()
}

fn key_options(kind: KeyKind) -> &'static [&'static str] {
    match kind {
        KeyKind::Rsa2048 => &["-newkey", "rsa:2048"],
        KeyKind::Rsa3072 => &["-newkey", "rsa:3072"],
        KeyKind::P256 => &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        KeyKind::P384 => &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
    }
}

const CONFIGURATION: &str = include_str!("openssl.cnf");
