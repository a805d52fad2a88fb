//! pyHanko: whether it holds signatures valid, and what its AdES validation says of them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::standing::PYHANKO;

/// What pyHanko says of a file, in the order of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HankoVerdict {
    pub(crate) signatures: Vec<HankoSignature>,
    pub(crate) time_stamps: Vec<HankoSignature>,
}

/// What it says of one signature or document time-stamp.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HankoSignature {
    /// Intact, by a trusted chain and not changed by what follows; where it was asked for AdES,
    /// with a chain of which nobody is revoked.
    pub(crate) valid: bool,
    pub(crate) said: String,
    /// `PASSED`, `INDETERMINATE` or `FAILED`, where it was asked for AdES. pyHanko 0.38 finds no past
    /// chain where a root answers OCSP itself: `INDETERMINATE` for `NO_POE` of what is `valid`.
    pub(crate) indication: Option<String>,
    /// As in `TRY_LATER`, or `OK`.
    pub(crate) sub_indication: Option<String>,
}

#[derive(Serialize)]
struct Question<'q> {
    file: &'q Path,
    roots: &'q [PathBuf],
    at: Option<String>,
    ades: bool,
    online: bool,
}

/// Judges each signature at the time that it claims, without revocation.
pub(crate) fn by_chain(file: &Path, roots: &[PathBuf]) -> Result<HankoVerdict, String> {
    PYHANKO.ask(&Question {
        file,
        roots,
        at: None,
        ades: false,
        online: false,
    })
}

/// Judges by ETSI EN 319 102-1 (§5.6.3) as if it were `at`, with the revocation data in the file
/// or, `online`, also at the addresses in the certificates.
pub(crate) fn by_ades(
    file: &Path,
    roots: &[PathBuf],
    at: OffsetDateTime,
    online: bool,
) -> Result<HankoVerdict, String> {
    PYHANKO.ask(&Question {
        file,
        roots,
        at: Some(at.format(&Rfc3339).unwrap()),
        ades: true,
        online,
    })
}
