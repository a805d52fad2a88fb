//! A sealed file before its judges: qpdf for its form, pdfsig and pyHanko for its signatures.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::{TempDir, tempdir};
use trao::pades::test_pki::TestPki;

use super::judge::{ask, python};

/// The judges, with a folder for the file and the root to judge it by.
pub(crate) struct Judges {
    folder: TempDir,
}

impl Judges {
    /// Judges that trust the root of these authorities and nobody else.
    pub(crate) fn trusting(pki: &TestPki) -> Self {
        let judges = Self {
            folder: tempdir().unwrap(),
        };
        fs::write(judges.path("root.pem"), pki.root_pem().unwrap()).unwrap();
        judges
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, bytes: &[u8]) -> PathBuf {
        let path = self.path("sealed.pdf");
        fs::write(&path, bytes).unwrap();
        path
    }

    /// qpdf must have nothing to say of the file, pdfsig hold all its signatures valid, the last
    /// one for the whole file.
    pub(crate) fn holds_valid(&self, bytes: &[u8], what: &str) {
        self.valid(bytes)
            .unwrap_or_else(|said| panic!("{what}: {said}"));
    }

    /// pyHanko must hold every signature valid and what was added after it permitted.
    pub(crate) fn holds_trusted(&self, bytes: &[u8], what: &str) {
        self.trusted(bytes)
            .unwrap_or_else(|said| panic!("{what}: {said}"));
    }

    /// What qpdf and pdfsig have against a file, if anything.
    pub(crate) fn valid(&self, bytes: &[u8]) -> Result<(), String> {
        let file = self.file(bytes);
        let verdict = ask("qpdf", &[Path::new("--check"), &file]);
        if !verdict.ok || verdict.said.contains("WARNING") {
            return Err(verdict.said);
        }
        let said = ask("pdfsig", &[&file]).said;
        let last = said.rsplit("Signature #").next().unwrap();
        let is_whole = [
            "Signature is Valid",
            "Total document signed",
            "ETSI.CAdES.detached",
        ]
        .iter()
        .all(|words| last.contains(words));
        let validations = said.matches("Signature Validation:").count();
        let valid = said.matches("Signature is Valid").count();
        if is_whole && valid == validations {
            Ok(())
        } else {
            Err(said)
        }
    }

    /// What pyHanko has against a file's signatures, if anything.
    pub(crate) fn trusted(&self, bytes: &[u8]) -> Result<(), String> {
        let (file, root) = (self.file(bytes), self.path("root.pem"));
        let mut arguments = "sign validate --trust-replace --no-revocation-check --pretty-print \
                             --validation-time claimed --no-strict-syntax --trust"
            .split_whitespace()
            .map(Path::new)
            .collect::<Vec<_>>();
        arguments.extend([root.as_path(), &file]);
        let verdict = ask(python().with_file_name("pyhanko"), &arguments);
        let judged = verdict
            .said
            .matches("The signature is judged VALID")
            .count();
        let signatures = bytes.windows(11).filter(|window| window == b"/ByteRange ");
        if verdict.ok && judged == signatures.count() {
            Ok(())
        } else {
            Err(verdict.said)
        }
    }

    /// The text of the file as poppler reads it back.
    pub(crate) fn text(&self, bytes: &[u8]) -> String {
        ask("pdftotext", &[self.file(bytes).as_path(), Path::new("-")]).said
    }
}
