//! EU DSS by its default policy: what the signatures of a file are worth, and their level.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tempfile::{TempDir, tempdir};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::standing::JAVA;

/// EU DSS with the roots to trust and the time to judge at.
pub(crate) struct Dss {
    folder: TempDir,
    roots: Vec<PathBuf>,
    at: OffsetDateTime,
    online: bool,
}

/// What EU DSS says of a file: its signatures in their order, then its document time-stamps.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DssVerdict {
    pub(crate) signatures: Vec<DssToken>,
    pub(crate) time_stamps: Vec<DssToken>,
}

/// A signature or a time-stamp, in the words of ETSI EN 319 102-1.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DssToken {
    /// As in `PAdES-BASELINE-B`; a time-stamp has none.
    pub(crate) level: Option<String>,
    /// `TOTAL_PASSED`, `INDETERMINATE` or `TOTAL_FAILED`; `PASSED` … of a time-stamp.
    pub(crate) indication: String,
    /// As in `TRY_LATER`.
    pub(crate) sub_indication: Option<String>,
    pub(crate) errors: Vec<String>,
    pub(crate) warnings: Vec<String>,
    /// The time-stamps that a signature has.
    pub(crate) time_stamps: Vec<DssToken>,
}

#[derive(Serialize)]
struct Question<'q> {
    judge: &'static str,
    file: PathBuf,
    roots: &'q [PathBuf],
    at: String,
    online: bool,
}

impl Dss {
    /// Trusts these certificates (PEM or DER, one each) alone, and judges as if it were `at`,
    /// with what is in the file and nothing else.
    pub(crate) fn trusting(roots: &[&[u8]], at: OffsetDateTime) -> Self {
        let folder = tempdir().unwrap();
        let write = |(nth, root): (usize, &&[u8])| {
            let path = folder.path().join(format!("root-{nth}"));
            fs::write(&path, root).unwrap();
            path
        };
        Self {
            roots: roots.iter().enumerate().map(write).collect(),
            folder,
            at,
            online: false,
        }
    }

    /// Asks the addresses in the certificates too: OCSP, CRL and the issuer's certificate.
    pub(crate) fn online(mut self) -> Self {
        self.online = true;
        self
    }

    /// Judges a file.
    pub(crate) fn judge(&self, bytes: &[u8]) -> DssVerdict {
        let file = self.folder.path().join("judged.pdf");
        fs::write(&file, bytes).unwrap();
        let question = Question {
            judge: "dss",
            file,
            roots: &self.roots,
            at: self.at.format(&Rfc3339).unwrap(),
            online: self.online,
        };
        JAVA.ask(&question)
            .unwrap_or_else(|failure| panic!("EU DSS did not judge: {failure}"))
    }
}

impl DssVerdict {
    /// The levels of the signatures, as in `["B", "LTA"]`; one that is no PAdES baseline level is
    /// given in full.
    pub(crate) fn levels(&self) -> Vec<&str> {
        self.signatures.iter().map(DssToken::short_level).collect()
    }
}

impl DssToken {
    fn short_level(&self) -> &str {
        let level = self.level.as_deref().unwrap_or("none");
        level.strip_prefix("PAdES-BASELINE-").unwrap_or(level)
    }
}
