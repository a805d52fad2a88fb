//! The clerk's decision, and what it rests on.

use askama::Template;
use time::OffsetDateTime;

use super::{FormProblem, form_token};
use crate::http::page::Page;

/// The clerk's decision: the file beside the facts.
#[derive(Template)]
#[template(path = "officer/seal.html")]
pub(crate) struct SealPage {
    /// The frame.
    pub(crate) page: Page,
    /// The result.
    pub(crate) id: String,
    /// What it is.
    pub(crate) title: String,
    /// The dossier code.
    pub(crate) code: String,
    /// Number and symbol of the document.
    pub(crate) document_number: Option<String>,
    /// The procedure.
    pub(crate) procedure: Option<String>,
    /// The agency that seals.
    pub(crate) agency: String,
    /// Who sent it.
    pub(crate) sent_by: String,
    /// When.
    pub(crate) received_at: OffsetDateTime,
    /// With what it will be sealed.
    pub(crate) identity: Option<IdentityFacts>,
    /// How the seal will show.
    pub(crate) mark: MarkFacts,
    /// The files with what was found in them.
    pub(crate) files: Vec<FileFacts>,
    /// What must be confirmed: words of the family `warning`.
    pub(crate) warnings: Vec<&'static str>,
    /// Whether the form came without a confirmation that it needs.
    pub(crate) unconfirmed: bool,
    /// The digest over all that is shown.
    pub(crate) manifest: String,
    /// Why the approval was not taken.
    pub(crate) problem: Option<FormProblem>,
}

impl SealPage {
    fn form_token(&self) -> &str {
        form_token(&self.page)
    }
}

/// The visible mark, in words.
#[derive(Clone, Debug)]
pub(crate) struct MarkFacts {
    /// What it is.
    pub(crate) name: String,
    /// Where it stands, a sentence each.
    pub(crate) lines: Vec<String>,
    /// The address of the image that it shows.
    pub(crate) image: Option<String>,
    /// Whether its template or image is gone.
    pub(crate) is_missing: bool,
}

/// The certificate that seals.
#[derive(Clone, Debug)]
pub(crate) struct IdentityFacts {
    /// Its subject.
    pub(crate) subject: String,
    /// Who issued it.
    pub(crate) issuer: String,
    /// The end of its validity.
    pub(crate) valid_until: OffsetDateTime,
}

/// A file of a result and what the intake found in it.
#[derive(Clone, Debug)]
pub(crate) struct FileFacts {
    /// Its number, from 1.
    pub(crate) n: u32,
    /// Its name with suffix.
    pub(crate) name: String,
    /// Its pages.
    pub(crate) pages: usize,
    /// Its size as received, in bytes.
    pub(crate) size: u64,
    /// Its digest as received, in hexadecimal letters.
    pub(crate) received_sha256: String,
    /// What the intake found: words of the family `finding`.
    pub(crate) findings: Vec<String>,
    /// The signatures that it brought along.
    pub(crate) signatures: Vec<SignatureLine>,
    /// The sealed file, once there is one.
    pub(crate) sealed: Option<SealedFacts>,
}

impl FileFacts {
    /// How many signatures it brought along, document time-stamps left out.
    fn earlier(&self) -> usize {
        self.signatures.len() - self.stamps()
    }

    /// How many document time-stamps.
    fn stamps(&self) -> usize {
        let stamps = self.signatures.iter().filter(|line| line.is_stamp);
        stamps.count()
    }
}

/// The sealed form of a file.
#[derive(Clone, Debug)]
pub(crate) struct SealedFacts {
    /// Its size in bytes.
    pub(crate) size: u64,
    /// Its digest in hexadecimal letters.
    pub(crate) sha256: String,
    /// Whose certificate sealed it.
    pub(crate) signer: Option<String>,
    /// When.
    pub(crate) signed_at: Option<OffsetDateTime>,
    /// A word of the family `level`: how long the seal can be proven.
    pub(crate) level: Option<&'static str>,
}

/// A signature that stood in the file when it came, with its verdict.
#[derive(Clone, Debug)]
pub(crate) struct SignatureLine {
    /// Whether it is a document time-stamp: an authority's word on when, not a person's on what.
    pub(crate) is_stamp: bool,
    /// Whose certificate made it.
    pub(crate) signer: Option<String>,
    /// When, by its own word or a time-stamp's.
    pub(crate) at: Option<OffsetDateTime>,
    /// A word of the family `verdict`.
    pub(crate) verdict: &'static str,
    /// Whether the bytes are those that were signed.
    pub(crate) intact: bool,
    /// A word of the family `covers`.
    pub(crate) covers: &'static str,
    /// A word of the family `changes`.
    pub(crate) changes_after: &'static str,
    /// A word of the family `chain`.
    pub(crate) chain: &'static str,
    /// A word of the family `revocation`.
    pub(crate) revocation: &'static str,
    /// A word of the family `level`.
    pub(crate) level: &'static str,
    /// Words of the family `finding`.
    pub(crate) findings: Vec<String>,
}

impl SignatureLine {
    /// How the style sheet names its verdict.
    pub(crate) fn class(&self) -> &'static str {
        match self.verdict {
            "good" => "good",
            "broken" | "revoked" => "bad",
            _ => "wait",
        }
    }
}
