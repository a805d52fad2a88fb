//! Lists of results.

use askama::Template;
use time::OffsetDateTime;

use super::form_token;
use crate::database::{AlarmRow, Tried};
use crate::http::page::Page;
use crate::model::ResultState;

/// One line of a list of results.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The result.
    pub(crate) id: String,
    /// What it is.
    pub(crate) title: String,
    /// Number and symbol of the document.
    pub(crate) document_number: Option<String>,
    /// The dossier code, opened for the officer.
    pub(crate) code: String,
    /// When it was received.
    pub(crate) at: OffsetDateTime,
    /// Where it stands.
    pub(crate) state: ResultState,
    /// How many warnings the law wants confirmed before it is sealed.
    pub(crate) warnings: usize,
    /// Why it is held: a word of the family `reason`.
    pub(crate) reason: String,
    /// When a requester first had it.
    pub(crate) handed_over_at: Option<OffsetDateTime>,
}

/// The first page after the login: the work that waits.
#[derive(Template)]
#[template(path = "officer/waiting.html")]
pub(crate) struct WaitingPage {
    /// The frame.
    pub(crate) page: Page,
    /// What waits for the clerk, the oldest first.
    pub(crate) rows: Vec<Row>,
    /// How many wait in all.
    pub(crate) total: u64,
    /// What a person must look after.
    pub(crate) held: Vec<Row>,
    /// Whether this officer is the clerk.
    pub(crate) may_seal: bool,
    /// The agency's certificate, where it ends soon or may not sign.
    pub(crate) certificate: Option<CertificateNotice>,
    /// Where codes are being tried out.
    pub(crate) alarms: Vec<AlarmRow>,
}

/// What an officer must know of the agency's certificate.
#[derive(Clone, Debug)]
pub(crate) struct CertificateNotice {
    /// A word of the family `certificate`: how near the end is, or that it may not sign.
    pub(crate) word: &'static str,
    /// When it ends, where that can be read.
    pub(crate) expires_at: Option<OffsetDateTime>,
    /// Whole days until then.
    pub(crate) days: u64,
}

impl CertificateNotice {
    fn is_urgent(&self) -> bool {
        !matches!(self.word, "quarter" | "month")
    }

    /// Whether the hour counts.
    fn is_in_last_day(&self) -> bool {
        self.word == "day"
    }
}

impl WaitingPage {
    fn may_publish(&self) -> bool {
        self.page.desk.as_ref().is_some_and(|desk| desk.may_publish)
    }
}

/// All results, by state or by one dossier code.
#[derive(Template)]
#[template(path = "officer/results.html")]
pub(crate) struct ResultsPage {
    /// The frame.
    pub(crate) page: Page,
    /// One page of results, the newest first.
    pub(crate) rows: Vec<Row>,
    /// The state that is looked at.
    pub(crate) state: Option<ResultState>,
    /// The code that was searched for.
    pub(crate) code: String,
    /// The text that says why the search found nothing.
    pub(crate) not_found: Option<&'static str>,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
}

impl ResultsPage {
    /// Why the search found nothing.
    pub(crate) const NOTHING: &str = "results-search-none";

    /// The states that the list can be narrowed to, in the order of the work; nothing is replaced
    /// yet.
    const FILTERS: [ResultState; 5] = [
        ResultState::Received,
        ResultState::Held,
        ResultState::Released,
        ResultState::Returned,
        ResultState::Withdrawn,
    ];

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "askama passes references"
    )]
    fn is_state(&self, word: &ResultState) -> bool {
        self.state == Some(*word)
    }

    fn form_token(&self) -> &str {
        form_token(&self.page)
    }
}
