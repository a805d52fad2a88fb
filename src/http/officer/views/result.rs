//! A result with its story, and the slip for its recipient.

use askama::Template;
use time::OffsetDateTime;

use super::{Act, FileFacts};
use crate::http::page::Page;
use crate::model::{ReleasePolicy, ResultState};

/// One result with its story.
#[derive(Template)]
#[template(path = "officer/result.html")]
pub(crate) struct ResultPage {
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
    /// The agency.
    pub(crate) agency: String,
    /// How the seal shows.
    pub(crate) appearance: String,
    /// What guards it.
    pub(crate) policy: ReleasePolicy,
    /// Where it stands.
    pub(crate) state: ResultState,
    /// Why it is held, or what its sealing waits for: a word of the family `reason`.
    pub(crate) reason_code: Option<String>,
    /// The reason that a person gave, or the technical sentence of what is held.
    pub(crate) reason: Option<String>,
    /// The link, while it answers.
    pub(crate) link: Option<LinkFacts>,
    /// When a requester first had it.
    pub(crate) handed_over_at: Option<OffsetDateTime>,
    /// The files.
    pub(crate) files: Vec<FileFacts>,
    /// Whether it is sealed, so that there is something to prove.
    pub(crate) has_evidence: bool,
    /// What happened, the newest first.
    pub(crate) story: Vec<StoryLine>,
    /// What this officer may do with it now.
    pub(crate) acts: Vec<Act>,
    /// Whether this officer may seal it now.
    pub(crate) may_seal: bool,
    /// What has just been done, or why nothing was.
    pub(crate) notice: Option<Notice>,
}

/// What the page of a result says once, after a form that led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// What was to be published is here already.
    Same,
    /// It has a new link.
    Relinked,
}

impl Notice {
    /// Its word in addresses and in the family `notice`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Relinked => "relinked",
        }
    }

    /// The notice of a word in an address.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Same, Self::Relinked]
            .into_iter()
            .find(|notice| notice.as_str() == word)
    }
}

impl ResultPage {
    /// Whether a person must act; then the reason is a technical sentence in English.
    fn is_held(&self) -> bool {
        self.state == ResultState::Held
    }

    /// Whether the service is at work on it, so that the page is soon out of date.
    fn is_passing(&self) -> bool {
        matches!(
            self.state,
            ResultState::Approved | ResultState::Signing | ResultState::Stored
        )
    }

    /// Whether the service tries again in vain until somebody configures something.
    fn awaits_settings(&self) -> bool {
        let code = self.reason_code.as_deref();
        code.is_some_and(|code| OF_SETTINGS.contains(&code))
    }
}

/// What no further try brings as long as nobody changes a setting or a certificate.
const OF_SETTINGS: [&str; 4] = [
    "evidence_useless",
    "issuer_unknown",
    "revocation_not_published",
    "time_stamp_not_configured",
];

/// The link of a result.
#[derive(Clone)]
pub(crate) struct LinkFacts {
    /// The whole address.
    pub(crate) address: String,
    /// The same as a drawing, made by [`crate::http::officer::qr`].
    pub(crate) qr: String,
}

/// One line of a result's story.
#[derive(Clone, Debug)]
pub(crate) struct StoryLine {
    /// What happened: a word of the family `story`.
    pub(crate) action: String,
    /// Who did it, in words.
    pub(crate) who: String,
    /// When.
    pub(crate) at: OffsetDateTime,
    /// What proves it: words of the family `evidence` with their values.
    pub(crate) evidence: Vec<(String, String)>,
}

impl StoryLine {
    fn class(&self) -> &'static str {
        match self.action.as_str() {
            "released" | "handed_over" => "good",
            "held" | "withdrawn" | "returned" => "bad",
            _ => "plain",
        }
    }
}

/// The slip that is printed for the recipient: link and QR code, never the dossier code.
#[derive(Template)]
#[template(path = "officer/slip.html")]
pub(crate) struct SlipPage {
    /// The frame.
    pub(crate) page: Page,
    /// The result.
    pub(crate) id: String,
    /// What it is.
    pub(crate) title: String,
    /// The agency.
    pub(crate) agency: String,
    /// Its telephone.
    pub(crate) telephone: Option<String>,
    /// The whole address of the link.
    pub(crate) address: String,
    /// The same as a drawing.
    pub(crate) qr: String,
    /// Today.
    pub(crate) printed_at: OffsetDateTime,
}
