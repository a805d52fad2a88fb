//! What the citizen's pages show: shapes without behaviour beyond words, filled by the handlers.

use askama::Template;
use time::OffsetDateTime;

use crate::http::page::Page;
use crate::model::DossierStatus;

/// Home: where the dossier stands, and how a result is had.
#[derive(Template)]
#[template(path = "citizen/home.html")]
pub(crate) struct HomePage {
    /// The frame.
    pub(crate) page: Page,
    /// What was typed, to stand in the field again.
    pub(crate) code: String,
    /// Why there is no answer.
    pub(crate) problem: Option<CodeProblem>,
    /// The answer to what was typed.
    pub(crate) answer: Option<StatusAnswer>,
}

impl HomePage {
    /// What stands in the field: what was typed, unless it was answered.
    fn typed(&self) -> &str {
        match self.answer {
            Some(StatusAnswer::Found(_)) => "",
            _ => &self.code,
        }
    }
}

/// Why a status cannot be told.
#[derive(Clone, Debug)]
pub(crate) enum CodeProblem {
    /// Nothing was typed.
    Empty,
    /// What was typed is no dossier code.
    Malformed {
        /// What was perhaps meant (0 for O), if that shows.
        meant: Option<String>,
    },
    /// Too many tries.
    Throttled {
        /// When to try again.
        minutes: u64,
    },
    /// The service cannot answer now.
    Unavailable,
}

impl CodeProblem {
    /// The identifier of its heading.
    pub(crate) fn heading(&self) -> &'static str {
        match self {
            Self::Empty => "code-empty-title",
            Self::Malformed { .. } => "code-malformed-title",
            Self::Throttled { .. } => "throttled-title",
            Self::Unavailable => "unavailable-title",
        }
    }

    /// Its stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Empty => "field_invalid",
            Self::Malformed { .. } => "code_malformed",
            Self::Throttled { .. } => "too_many_requests",
            Self::Unavailable => "unavailable",
        }
    }
}

/// The answer to a question for a dossier's status.
#[derive(Clone, Debug)]
pub(crate) enum StatusAnswer {
    /// No agency here knows the code.
    NotFound {
        /// What was perhaps meant, if that shows.
        meant: Option<String>,
    },
    /// The dossiers of that code; two agencies may issue the same one.
    Found(Vec<DossierLine>),
}

/// A dossier, without anything of a person.
#[derive(Clone, Debug)]
pub(crate) struct DossierLine {
    /// Who handles it.
    pub(crate) agency: String,
    /// Whom to call there.
    pub(crate) telephone: Option<String>,
    /// What it is about.
    pub(crate) procedure: Option<String>,
    /// Where it stands.
    pub(crate) status: DossierStatus,
    /// When it was handed in.
    pub(crate) received: Option<OffsetDateTime>,
    /// When the result is promised.
    pub(crate) due: Option<OffsetDateTime>,
    /// When it was decided.
    pub(crate) finished: Option<OffsetDateTime>,
    /// When the result was handed over.
    pub(crate) returned: Option<OffsetDateTime>,
}

impl DossierLine {
    /// The word of its status in the texts' family.
    pub(crate) fn status_word(&self) -> &'static str {
        status_word(self.status)
    }

    /// The way through the national statuses as a short line: registered, accepted, in work,
    /// finished, handed over; a status beside the way stands in the place where it stops it.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let here = self.status.number();
        let mut way = [1, 2, 4, 9, 10];
        let place = match here {
            3 => 1,
            5..=8 => 2,
            other => way.iter().position(|&step| step == other).unwrap_or(2),
        };
        if let Some(slot) = way.get_mut(place) {
            *slot = here;
        }
        let ends = matches!(here, 3 | 7 | 8);
        way.iter()
            .enumerate()
            .filter(|&(at, _)| !ends || at <= place)
            .filter_map(|(at, &number)| {
                let word = status_word(DossierStatus::from_number(number)?);
                Some(Step {
                    word,
                    standing: at.cmp(&place),
                    last: here == 10,
                })
            })
            .collect()
    }
}

/// One step of a dossier's way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Its word in the family `status`.
    pub(crate) word: &'static str,
    standing: std::cmp::Ordering,
    last: bool,
}

impl Step {
    /// Whether the dossier stands here.
    pub(crate) fn is_current(&self) -> bool {
        self.standing.is_eq()
    }

    /// How the style sheet names it.
    pub(crate) fn class(&self) -> &'static str {
        match self.standing {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal if self.last => "done here",
            std::cmp::Ordering::Equal => "here",
            std::cmp::Ordering::Greater => "ahead",
        }
    }

    /// The identifier of the word that says the same without colour.
    pub(crate) fn text(&self) -> &'static str {
        match self.standing {
            std::cmp::Ordering::Less => "step-done",
            std::cmp::Ordering::Equal => "step-here",
            std::cmp::Ordering::Greater => "step-ahead",
        }
    }
}

/// A status as its family of texts calls it.
fn status_word(status: DossierStatus) -> &'static str {
    match status.number() {
        1 => "1",
        2 => "2",
        3 => "3",
        5 => "5",
        6 => "6",
        7 => "7",
        8 => "8",
        9 => "9",
        10 => "10",
        _ => "4",
    }
}

/// The one page of every link, and of every refusal behind it.
#[derive(Template)]
#[template(path = "citizen/link.html")]
pub(crate) struct LinkPage {
    /// The frame.
    pub(crate) page: Page,
    /// What was typed, to stand in the field again.
    pub(crate) code: String,
    /// Why the file is not let out.
    pub(crate) problem: Option<LinkProblem>,
}

impl LinkPage {
    /// What is wrong with what was typed, if that is the reason.
    fn flaw(&self) -> Option<&'static str> {
        match self.problem {
            Some(LinkProblem::Empty) => Some("code-empty-text"),
            Some(LinkProblem::Refused { .. }) => Some("refused-field"),
            _ => None,
        }
    }
}

/// Why nothing is let out; one word for all that the gate must not tell apart.
#[derive(Clone, Debug)]
pub(crate) enum LinkProblem {
    /// Nothing was typed; the gate was not asked.
    Empty,
    /// The code and the link do not go together, or the result is not ready.
    Refused {
        /// What was perhaps meant; it depends on nothing but what was typed.
        meant: Option<String>,
    },
    /// Too many tries.
    Throttled {
        /// When to try again.
        minutes: u64,
    },
    /// The service cannot answer now.
    Unavailable,
}

impl LinkProblem {
    /// The identifier of its heading.
    pub(crate) fn heading(&self) -> &'static str {
        match self {
            Self::Empty => "code-empty-title",
            Self::Refused { .. } => "refused-title",
            Self::Throttled { .. } => "throttled-title",
            Self::Unavailable => "unavailable-title",
        }
    }

    /// Its stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Empty => "field_invalid",
            Self::Refused { .. } => "not_released",
            Self::Throttled { .. } => "too_many_requests",
            Self::Unavailable => "unavailable",
        }
    }
}

/// The result's files, for ten minutes.
#[derive(Template)]
#[template(path = "citizen/files.html")]
pub(crate) struct FilesPage {
    /// The frame.
    pub(crate) page: Page,
    /// The agency that gives the result.
    pub(crate) agency: String,
    /// Its telephone.
    pub(crate) telephone: Option<String>,
    /// What the result is.
    pub(crate) title: String,
    /// Whose certificate sealed the main file.
    pub(crate) signer: String,
    /// When.
    pub(crate) signed_at: OffsetDateTime,
    /// Whether a reader may doubt a signature that a file had before: "intact" alone would mislead
    /// whoever opens it there.
    pub(crate) is_doubted: bool,
    /// The files, the main one first.
    pub(crate) files: Vec<FileLine>,
    /// When this page closes.
    pub(crate) expires_at: OffsetDateTime,
}

/// One file to take.
#[derive(Clone, Debug)]
pub(crate) struct FileLine {
    /// Its number, from 1.
    pub(crate) n: u32,
    /// Its name with suffix.
    pub(crate) name: String,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// Its digest in hexadecimal letters.
    pub(crate) sha256: String,
    /// Where it lies.
    pub(crate) href: String,
}

impl FileLine {
    /// The identifier of what kind of file it is.
    pub(crate) fn kind_text(&self) -> &'static str {
        if self.n == 1 {
            "file-main"
        } else {
            "file-attachment"
        }
    }
}

/// A page that says what went wrong and what to do now.
#[derive(Template)]
#[template(path = "citizen/problem.html")]
pub(crate) struct ProblemPage {
    /// The frame.
    pub(crate) page: Page,
    /// The stable code.
    pub(crate) code: &'static str,
    /// The member of the family `problem` that tells it.
    pub(crate) words: &'static str,
}
