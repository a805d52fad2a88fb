//! A token of SoftHSM2 in a folder of its own, filled by the tools of OpenSC as an operator would.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use trao::pades::test_pki::Issued;

use super::judge::ask;

pub(crate) const LABEL: &str = "Con dấu";
pub(crate) const PIN: &str = "260498";
const OFFICER_PIN: &str = "11223344";

/// The variable by which SoftHSM finds its folder.
pub(crate) const CONFIGURATION: &str = "SOFTHSM2_CONF";

pub(crate) struct SoftToken {
    folder: TempDir,
}

impl SoftToken {
    /// A fresh token without a key.
    pub(crate) fn new() -> Self {
        let token = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let tokens = token.folder.path().join("tokens");
        std::fs::create_dir(&tokens).unwrap();
        let configuration = format!("directories.tokendir = {}\n", tokens.display());
        std::fs::write(token.configuration(), configuration).unwrap();
        token.run(
            "softhsm2-util",
            &[
                "--init-token",
                "--free",
                "--label",
                LABEL,
                "--so-pin",
                OFFICER_PIN,
                "--pin",
                PIN,
            ],
        );
        token
    }

    /// SoftHSM's configuration.
    pub(crate) fn configuration(&self) -> PathBuf {
        self.folder.path().join("softhsm2.conf")
    }

    /// From now on the token offers this mechanism (`CKM_…`) and no other.
    pub(crate) fn offer_only(&self, mechanism: &str) {
        let path = self.configuration();
        let before = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("{before}slots.mechanisms = {mechanism}\n")).unwrap();
    }

    /// SoftHSM's library.
    pub(crate) fn module() -> PathBuf {
        PathBuf::from("/usr/lib/softhsm/libsofthsm2.so")
    }

    /// A file with a PIN.
    pub(crate) fn pin_file(&self, pin: &str) -> PathBuf {
        let path = self.folder.path().join("pin");
        std::fs::write(&path, format!("{pin}\n")).unwrap();
        path
    }

    /// Puts a key and its chain into the token, under one identifier and label.
    pub(crate) fn import(&self, issued: &Issued, label: &str, id: &str) {
        self.import_alone(issued, label, id);
        let chain = String::from_utf8(issued.chain_pem().unwrap()).unwrap();
        for (n, pem) in chain
            .split_inclusive("-----END CERTIFICATE-----\n")
            .enumerate()
        {
            self.certificate(pem.as_bytes(), "chain", &format!("{id}{n:02}"));
        }
    }

    /// Puts a key and its certificate into the token, without those above.
    pub(crate) fn import_alone(&self, issued: &Issued, label: &str, id: &str) {
        let key = self.folder.path().join("key.pem");
        std::fs::write(&key, issued.key_pem().unwrap()).unwrap();
        let key = key.to_str().unwrap();
        self.run(
            "softhsm2-util",
            &[
                "--import", key, "--token", LABEL, "--label", label, "--id", id, "--pin", PIN,
            ],
        );
        self.certificate(&issued.certificate_pem().unwrap(), label, id);
    }

    fn certificate(&self, pem: &[u8], label: &str, id: &str) {
        let path = self.folder.path().join("certificate.pem");
        std::fs::write(&path, pem).unwrap();
        let der = self.folder.path().join("certificate.der");
        let (from, to) = (path.to_str().unwrap(), der.to_str().unwrap());
        assert!(
            ask(
                "openssl",
                &["x509", "-in", from, "-outform", "DER", "-out", to]
            )
            .ok
        );
        self.pkcs11_tool(&[
            "--write-object",
            to,
            "--type",
            "cert",
            "--id",
            id,
            "--label",
            label,
        ]);
    }

    /// Logs in by hand, as a person who knows the PIN, and does something.
    pub(crate) fn pkcs11_tool(&self, arguments: &[&str]) {
        let module = Self::module();
        let common = ["--module", module.to_str().unwrap(), "--token-label", LABEL];
        let login = ["--login", "--pin", PIN];
        self.run(
            "pkcs11-tool",
            &[&common[..], &login[..], arguments].concat(),
        );
    }

    /// What anybody sees of it: its flags too.
    pub(crate) fn listed(&self) -> String {
        let module = Self::module();
        self.run(
            "pkcs11-tool",
            &["--module", module.to_str().unwrap(), "--list-token-slots"],
        )
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = Command::new(program)
            .args(arguments)
            .env(CONFIGURATION, self.configuration())
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}: run `make tools`"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A place beside the token for a test's own files.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}
