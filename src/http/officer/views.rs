//! What the officers' pages show: shapes without behaviour beyond words, filled by the handlers.

use askama::Template;
use time::OffsetDateTime;

use crate::http::page::Page;
use crate::model::{AppearanceName, ReleasePolicy, ResultState};

/// The login.
#[derive(Template)]
#[template(path = "officer/login.html")]
pub(crate) struct LoginPage {
    /// The frame.
    pub(crate) page: Page,
    /// The name that was typed.
    pub(crate) login: String,
    /// Why nobody is let in.
    pub(crate) problem: Option<LoginProblem>,
}

/// Why a login fails.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LoginProblem {
    /// Name and password do not go together; which of the two is not told.
    Wrong,
    /// Too many tries.
    Throttled {
        /// When to try again.
        minutes: u64,
    },
    /// The session ran out before the form was sent.
    Ended,
    /// The service cannot answer now.
    Unavailable,
}

/// What went wrong with a form of the desk.
#[derive(Clone, Debug)]
pub(crate) struct FormProblem {
    /// The stable code; its texts are in the family `problem`.
    pub(crate) code: &'static str,
    /// The `id` of the field to mend, if it is one field's fault.
    pub(crate) field: Option<&'static str>,
    /// The technical sentence behind the code, in English.
    pub(crate) detail: Option<String>,
}

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

    /// The states that the list can be narrowed to, in the order of the work.
    const FILTERS: [ResultState; 6] = [
        ResultState::Received,
        ResultState::Held,
        ResultState::Released,
        ResultState::Returned,
        ResultState::Replaced,
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

/// The form to publish, empty or with what was typed.
#[derive(Template)]
#[template(path = "officer/publish.html")]
pub(crate) struct PublishPage {
    /// The frame.
    pub(crate) page: Page,
    /// What was typed.
    pub(crate) form: PublishForm,
    /// Why it was not taken.
    pub(crate) problem: Option<FormProblem>,
    /// Makes a form that is sent twice count once.
    pub(crate) idempotency_key: String,
    /// How much is taken.
    pub(crate) limits: PublishLimits,
}

/// What is typed into the form to publish, files apart.
#[derive(Clone, Default)]
pub(crate) struct PublishForm {
    /// The dossier code.
    pub(crate) code: String,
    /// What the result is.
    pub(crate) title: String,
    /// Number and symbol of the document.
    pub(crate) document_number: String,
    /// The procedure.
    pub(crate) procedure: String,
    /// The recipient's telephone.
    pub(crate) phone: String,
    /// The recipient's address.
    pub(crate) email: String,
    /// How the seal shows; none chosen: the agency's own default.
    pub(crate) appearance: Option<AppearanceName>,
}

/// How much one result may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublishLimits {
    /// Bytes of all files together.
    pub(crate) bytes: u64,
    /// Attachments beside the main file.
    pub(crate) attachments: usize,
}

impl PublishPage {
    const APPEARANCES: [AppearanceName; 2] = [AppearanceName::None, AppearanceName::Attachment];

    fn is_wrong(&self, field: &str) -> bool {
        is_wrong(self.problem.as_ref(), field)
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "askama passes references"
    )]
    fn is_appearance(&self, choice: &AppearanceName) -> bool {
        self.form.appearance.unwrap_or(AppearanceName::None) == *choice
    }

    fn form_token(&self) -> &str {
        form_token(&self.page)
    }
}

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
    pub(crate) appearance: AppearanceName,
    /// The files with what was found in them.
    pub(crate) files: Vec<FileFacts>,
    /// What must be confirmed: words of the family `warning`.
    pub(crate) warnings: Vec<String>,
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

/// The certificate that seals.
#[derive(Clone, Debug)]
pub(crate) struct IdentityFacts {
    /// Its subject.
    pub(crate) subject: String,
    /// The end of its validity.
    pub(crate) valid_until: Option<OffsetDateTime>,
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
    /// What the intake found, good or doubtful.
    pub(crate) findings: Vec<FindingLine>,
    /// The signatures that it brought along.
    pub(crate) signatures: Vec<SignatureLine>,
    /// The sealed file, once there is one.
    pub(crate) sealed: Option<SealedFacts>,
}

/// A finding of the intake: a word of the family `finding`.
#[derive(Clone, Debug)]
pub(crate) struct FindingLine {
    /// The word.
    pub(crate) code: String,
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
}

/// A signature that stood in the file when it came, with its verdict.
#[derive(Clone, Debug)]
pub(crate) struct SignatureLine {
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
    /// `B-B`, `B-T`, `B-LT`, `B-LTA`, `other`.
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

/// What can be done with a result besides sealing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Give it back to who sent it.
    Return,
    /// Take it from who could have it.
    Withdraw,
    /// Give it another link.
    Relink,
    /// Try again to seal it.
    Retry,
}

impl Act {
    /// Its word: the last part of its address, and its member of the family `act`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Return => "return",
            Self::Withdraw => "withdraw",
            Self::Relink => "relink",
            Self::Retry => "retry",
        }
    }

    /// The act of a word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Return, Self::Withdraw, Self::Relink, Self::Retry]
            .into_iter()
            .find(|act| act.as_str() == word)
    }

    /// Whether a state allows it.
    pub(crate) fn is_open_in(self, state: ResultState) -> bool {
        match self {
            Self::Return => state == ResultState::Received,
            Self::Withdraw => state.may_become(ResultState::Withdrawn),
            Self::Relink => state == ResultState::Released,
            Self::Retry => state == ResultState::Held,
        }
    }

    /// Whether the record wants a reason.
    pub(crate) fn needs_reason(self) -> bool {
        matches!(self, Self::Return | Self::Withdraw)
    }

    /// Whether it cannot be undone.
    fn is_grave(self) -> bool {
        matches!(self, Self::Withdraw)
    }

    fn reason_hint(self) -> &'static str {
        match self {
            Self::Withdraw => "act-withdraw-hint",
            _ => "act-return-hint",
        }
    }

    fn button(self) -> &'static str {
        match self {
            Self::Return => "act-return-button",
            Self::Withdraw => "act-withdraw-button",
            Self::Relink => "act-relink-button",
            Self::Retry => "act-retry-button",
        }
    }

    fn consequences(self) -> &'static [&'static str] {
        match self {
            Self::Return => &["act-return-first", "act-return-second"],
            Self::Withdraw => &[
                "act-withdraw-first",
                "act-withdraw-second",
                "act-withdraw-third",
            ],
            Self::Relink => &["act-relink-first", "act-relink-second"],
            Self::Retry => &["act-retry-first", "act-retry-second"],
        }
    }
}

/// One act, its consequence in words before it is done.
#[derive(Template)]
#[template(path = "officer/act.html")]
pub(crate) struct ActPage {
    /// The frame.
    pub(crate) page: Page,
    /// What is to be done.
    pub(crate) act: Act,
    /// The result.
    pub(crate) id: String,
    /// What it is.
    pub(crate) title: String,
    /// The dossier code.
    pub(crate) code: String,
    /// The reason that was typed.
    pub(crate) reason: String,
    /// Why it was not done.
    pub(crate) problem: Option<FormProblem>,
}

impl ActPage {
    fn is_wrong(&self, field: &str) -> bool {
        is_wrong(self.problem.as_ref(), field)
    }

    fn form_token(&self) -> &str {
        form_token(&self.page)
    }
}

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
    pub(crate) appearance: AppearanceName,
    /// What guards it.
    pub(crate) policy: ReleasePolicy,
    /// Where it stands.
    pub(crate) state: ResultState,
    /// Why it is held: a word of the family `reason`.
    pub(crate) reason_code: Option<String>,
    /// The reason that a person gave.
    pub(crate) reason: Option<String>,
    /// The link, while it answers.
    pub(crate) link: Option<LinkFacts>,
    /// When a requester first had it.
    pub(crate) handed_over_at: Option<OffsetDateTime>,
    /// The files.
    pub(crate) files: Vec<FileFacts>,
    /// What happened, the newest first.
    pub(crate) story: Vec<StoryLine>,
    /// What this officer may do with it now.
    pub(crate) acts: Vec<Act>,
    /// Whether this officer may seal it now.
    pub(crate) may_seal: bool,
    /// Why the last act was not done.
    pub(crate) problem: Option<FormProblem>,
}

impl ResultPage {
    /// Whether the service is at work on it, so that the page is soon out of date.
    fn is_passing(&self) -> bool {
        matches!(
            self.state,
            ResultState::Approved | ResultState::Signing | ResultState::Stored
        )
    }
}

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

/// A page of the desk that says what went wrong and what to do now.
#[derive(Template)]
#[template(path = "officer/problem.html")]
pub(crate) struct DeskProblemPage {
    /// The frame.
    pub(crate) page: Page,
    /// The stable code; its texts are in the family `problem`.
    pub(crate) code: &'static str,
}

/// How the style sheet names a state: whether it is good, waits for somebody, or has ended.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "askama passes references"
)]
pub(crate) fn state_class(state: &ResultState) -> &'static str {
    match state {
        ResultState::Received => "wait",
        ResultState::Approved | ResultState::Signing | ResultState::Stored => "busy",
        ResultState::Held => "bad",
        ResultState::Released => "good",
        ResultState::Returned | ResultState::Replaced | ResultState::Withdrawn => "ended",
    }
}

fn is_wrong(problem: Option<&FormProblem>, field: &str) -> bool {
    problem.and_then(|problem| problem.field) == Some(field)
}

fn form_token(page: &Page) -> &str {
    page.desk
        .as_ref()
        .map_or("", |desk| desk.form_token.as_str())
}
