//! A sealed file before its judges: qpdf for its form, pdfsig, pyHanko, OpenSSL and EU DSS for its
//! signatures.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use tempfile::{TempDir, tempdir};
use time::OffsetDateTime;
use trao::pades::test_pki::TestPki;

use super::dss::{Dss, DssToken};
use super::judge::ask;
use super::pki::NOW;
use super::pyhanko::{self, HankoVerdict};

/// The judges, with a folder for the file and the root to judge it by.
pub(crate) struct Judges {
    folder: TempDir,
}

impl Judges {
    /// Judges that trust the root of these authorities and nobody else.
    pub(crate) fn trusting(pki: &TestPki) -> Self {
        Self::of_root(&pki.root_pem().unwrap())
    }

    /// Judges that trust this certificate (PEM) and nobody else.
    pub(crate) fn of_root(pem: &[u8]) -> Self {
        let judges = Self {
            folder: tempdir().unwrap(),
        };
        fs::write(judges.path("root.pem"), pem).unwrap();
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

    /// No judge may have anything against the signatures of a file, all of level B.
    pub(crate) fn hold(&self, bytes: &[u8], what: &str) {
        let against = self.against(bytes);
        assert!(against.is_empty(), "{what}: {}", against.join("\n"));
    }

    /// What all judges together have against a file whose signatures are all of level B.
    pub(crate) fn against(&self, bytes: &[u8]) -> Vec<String> {
        let said = [
            self.valid(bytes),
            self.trusted(bytes),
            self.messages(bytes),
            self.baseline_b(bytes),
        ];
        said.into_iter().filter_map(Result::err).collect()
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

    /// What qpdf and pdfsig have against a file whose last signature covers all of it.
    pub(crate) fn valid(&self, bytes: &[u8]) -> Result<(), String> {
        let said = self.sound(bytes)?;
        let last = said.rsplit("Signature #").next().unwrap();
        let is_whole = ["Total document signed", "ETSI.CAdES.detached"];
        if is_whole.iter().all(|words| last.contains(words)) {
            Ok(())
        } else {
            Err(said)
        }
    }

    /// What pdfsig says of a file that qpdf has nothing against and whose signatures are all valid;
    /// else what speaks against it.
    pub(crate) fn sound(&self, bytes: &[u8]) -> Result<String, String> {
        let file = self.file(bytes);
        let verdict = ask("qpdf", &[Path::new("--check"), &file]);
        if !verdict.ok || verdict.said.contains("WARNING") {
            return Err(verdict.said);
        }
        let said = ask("pdfsig", &[&file]).said;
        let validations = said.matches("Signature Validation:").count();
        let valid = said.matches("Signature is Valid").count();
        // Poppler verifies no document time-stamps yet, and says so.
        let parts = signed_parts(bytes);
        let time_stamps = parts.iter().filter(|parts| parts.is_time_stamp).count();
        if valid + time_stamps == validations && valid > 0 {
            Ok(said)
        } else {
            Err(said)
        }
    }

    /// What pyHanko has against a file's signatures, if anything.
    pub(crate) fn trusted(&self, bytes: &[u8]) -> Result<(), String> {
        let verdict = pyhanko::by_chain(&self.file(bytes), &[self.path("root.pem")])?;
        let judged = [verdict.signatures, verdict.time_stamps].concat();
        if judged.len() == signed_parts(bytes).len() && judged.iter().all(|judged| judged.valid) {
            Ok(())
        } else {
            Err(judged.iter().map(|judged| &*judged.said).collect())
        }
    }

    /// What pyHanko's AdES validation says of a file if it were `at`, from what is in the file.
    pub(crate) fn ades(&self, bytes: &[u8], at: OffsetDateTime) -> HankoVerdict {
        let judged = pyhanko::by_ades(&self.file(bytes), &[self.path("root.pem")], at, false);
        judged.unwrap_or_else(|failure| panic!("pyHanko did not judge: {failure}"))
    }

    /// EU DSS, which trusts the same root and judges as if it were `at`.
    pub(crate) fn dss(&self, at: OffsetDateTime) -> Dss {
        Dss::trusting(&[&fs::read(self.path("root.pem")).unwrap()], at)
    }

    /// What OpenSSL has against the messages in the file's signatures, by their byte ranges.
    pub(crate) fn messages(&self, bytes: &[u8]) -> Result<(), String> {
        let [message, content] = ["cms.der", "content"].map(|name| self.path(name));
        let parts = signed_parts(bytes).into_iter();
        for Parts {
            before,
            hole,
            after,
            ..
        } in parts.filter(|parts| !parts.is_time_stamp)
        {
            fs::write(&content, [&bytes[before], &bytes[after]].concat()).unwrap();
            fs::write(&message, hex::decode(&bytes[hole]).unwrap()).unwrap();
            openssl_verifies(&message, &content, &self.path("root.pem"))?;
        }
        Ok(())
    }

    /// What EU DSS has against the file's signatures: each must be of level B, and nothing may be
    /// missing but what such a file does not hold, the state of its certificates.
    pub(crate) fn baseline_b(&self, bytes: &[u8]) -> Result<(), String> {
        let verdict = self.dss(NOW).judge(bytes);
        let wants_revocation_only = |token: &DssToken| {
            let mut warnings = token.warnings.iter();
            token.indication == "INDETERMINATE"
                && token.errors == WANTS_REVOCATION
                && warnings.all(|warning| warning.contains("authority info access"))
        };
        let held = verdict.levels().iter().all(|level| *level == "B")
            && verdict.signatures.iter().all(wants_revocation_only)
            && verdict.signatures.len() == signed_parts(bytes).len();
        if held {
            Ok(())
        } else {
            Err(format!("{verdict:#?}"))
        }
    }

    /// The text of the file as poppler reads it back.
    pub(crate) fn text(&self, bytes: &[u8]) -> String {
        ask("pdftotext", &[self.file(bytes).as_path(), Path::new("-")]).said
    }
}

/// What EU DSS misses in a signature of level B whose chain leads to a trusted root.
const WANTS_REVOCATION: [&str; 2] = [
    "The certificate validation is not conclusive!",
    "No revocation data found for the certificate!",
];

/// What OpenSSL has against a `SignedData` (DER) over this content.
pub(crate) fn openssl_verifies(message: &Path, content: &Path, root: &Path) -> Result<(), String> {
    let at = NOW.unix_timestamp().to_string();
    let mut arguments: Vec<&Path> = "cms -verify -cades -inform DER -binary -purpose any \
                                     -out /dev/null -attime"
        .split_whitespace()
        .map(Path::new)
        .collect();
    let named = [("-in", message), ("-content", content), ("-CAfile", root)];
    arguments.push(Path::new(&at));
    arguments.extend(
        named
            .iter()
            .flat_map(|(name, path)| [Path::new(name), path]),
    );
    let verdict = ask("openssl", &arguments);
    if verdict.ok {
        Ok(())
    } else {
        Err(verdict.said)
    }
}

/// The parts of a file as each of its signatures sees them.
struct Parts {
    before: Range<usize>,
    /// The hexadecimal digits of the signature.
    hole: Range<usize>,
    after: Range<usize>,
    /// A document time-stamp.
    is_time_stamp: bool,
}

fn signed_parts(bytes: &[u8]) -> Vec<Parts> {
    let text = String::from_utf8_lossy(bytes);
    let dictionaries: Vec<&str> = text.split("/ByteRange").collect();
    let parts = dictionaries.windows(2).map(|pair| {
        let [head, behind] = [pair[0], pair[1]];
        let list = behind.trim_start().trim_start_matches('[');
        let numbers = list.split(']').next().unwrap().split_whitespace();
        let numbers: Vec<usize> = numbers.map(|number| number.parse().unwrap()).collect();
        let [first, before, second, after] = numbers.try_into().unwrap();
        Parts {
            before: first..before,
            hole: before + 1..second - 1,
            after: second..second + after,
            is_time_stamp: head.rsplit(" obj").next().unwrap().contains("ETSI.RFC3161"),
        }
    });
    parts.collect()
}
