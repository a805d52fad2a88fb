//! The sample data: the longest names, the emptiest lists, each problem.

use std::sync::Arc;

use time::OffsetDateTime;
use time::macros::datetime;

use super::rendered;
use crate::database::{AlarmRow, Tried};
use crate::http::citizen::views::*;
use crate::http::detail::Detail;
use crate::http::officer::qr;
use crate::http::officer::views::*;
use crate::http::page::{Desk, Installation, Page, Place};
use crate::http::portal::views::FramePage;
use crate::http::texts::Language;
use crate::model::{AppearanceName, DossierStatus, ReleasePolicy, ResultId, ResultState, UnitDay};

const LONGEST_AGENCY: &str = "Ban Quản lý các khu chế xuất và công nghiệp thành phố Cần Thơ";
const TITLE: &str = "Giấy chứng nhận quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất";
const CODE: &str = "H13.12-261123-0001";
const AT: OffsetDateTime = datetime!(2026-11-23 14:05:09 +7);

pub(super) fn pages(language: Language) -> Vec<(String, String)> {
    let mut pages = citizen(language);
    pages.extend(citizen_behind(language));
    pages.extend(desk(language));
    pages.extend(desk_results(language));
    pages
        .into_iter()
        .map(|(name, html)| (name.to_owned(), html))
        .collect()
}

fn page(language: Language) -> Page {
    Page {
        language,
        installation: Arc::new(Installation {
            name: "Trả kết quả hồ sơ thành phố Cần Thơ".into(),
            telephone: Some("0292 1022".into()),
            emblem: crate::http::assets::Assets::shipped().emblem.path.clone(),
        }),
        back: "/".into(),
        desk: None,
    }
}

fn desk_page(language: Language, place: Option<Place>) -> Page {
    Page {
        desk: Some(Desk {
            officer: "Nguyễn Thị Minh Khai".into(),
            agency: LONGEST_AGENCY.into(),
            waiting: 12,
            may_publish: true,
            form_token: "token".into(),
            place,
        }),
        ..page(language)
    }
}

fn citizen(language: Language) -> Vec<(&'static str, String)> {
    let home = |code: &str, problem, answer| {
        rendered(&HomePage {
            page: page(language),
            code: code.into(),
            problem,
            answer,
        })
    };
    let link = |code: &str, problem| {
        rendered(&LinkPage {
            page: page(language),
            code: code.into(),
            problem,
        })
    };
    let found = |status: u8| {
        Some(StatusAnswer::Found(vec![dossier(
            DossierStatus::from_number(status).unwrap(),
        )]))
    };
    let malformed = CodeProblem::Malformed {
        meant: Some("H13.12-261123-0001".into()),
    };
    vec![
        ("home", home("", None, None)),
        (
            "home-malformed",
            home("H13.12-261123-OOO1", Some(malformed), None),
        ),
        (
            "home-throttled",
            home(CODE, Some(CodeProblem::Throttled { minutes: 10 }), None),
        ),
        (
            "home-not-found",
            home(CODE, None, Some(StatusAnswer::NotFound { meant: None })),
        ),
        ("home-found-4", home(CODE, None, found(4))),
        ("home-found-5", home(CODE, None, found(5))),
        ("home-found-8", home(CODE, None, found(8))),
        ("home-found-10", home(CODE, None, found(10))),
        ("home-empty", home("", Some(CodeProblem::Empty), None)),
        ("link-empty", link("", Some(LinkProblem::Empty))),
        ("link", link("", None)),
        (
            "link-refused",
            link(
                "H13.12-261123-0002",
                Some(LinkProblem::Refused { meant: None }),
            ),
        ),
        (
            "link-throttled",
            link(CODE, Some(LinkProblem::Throttled { minutes: 1 })),
        ),
        (
            "link-unavailable",
            link(CODE, Some(LinkProblem::Unavailable)),
        ),
    ]
}

fn citizen_behind(language: Language) -> Vec<(&'static str, String)> {
    vec![
        ("files", rendered(&files(language, 1))),
        ("files-many", rendered(&files(language, 3))),
        (
            "files-doubted",
            rendered(&FilesPage {
                is_doubted: true,
                ..files(language, 1)
            }),
        ),
        (
            "not-found",
            rendered(&ProblemPage {
                page: page(language),
                code: "not_found",
                words: "not_found",
            }),
        ),
        (
            "frame",
            rendered(&FramePage {
                page: page(language),
                link: "0123456789abcdefghjkmnpqrs".into(),
            }),
        ),
    ]
}

fn dossier(status: DossierStatus) -> DossierLine {
    DossierLine {
        telephone: Some("024 3123 4567".to_owned()),
        agency: LONGEST_AGENCY.into(),
        procedure: Some("Đăng ký đất đai lần đầu".into()),
        status,
        received: Some(AT),
        due: Some(datetime!(2026-12-07 17:00 +7)),
        finished: (status.number() >= 9).then_some(AT),
        returned: (status.number() == 10).then_some(AT),
    }
}

fn files(language: Language, count: u32) -> FilesPage {
    FilesPage {
        page: page(language),
        agency: LONGEST_AGENCY.into(),
        telephone: Some("0292 3830 000".into()),
        title: TITLE.into(),
        signer: "ỦY BAN NHÂN DÂN THÀNH PHỐ CẦN THƠ".into(),
        signed_at: AT,
        is_doubted: false,
        files: (1..=count)
            .map(|n| FileLine {
                n,
                name: if n == 1 {
                    format!("{TITLE}.pdf")
                } else {
                    format!("{TITLE} - phụ lục {}.pdf", n - 1)
                },
                size: 1_234_567 * u64::from(n),
                sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
                href: format!("/f/secret/{n}"),
            })
            .collect(),
        expires_at: datetime!(2026-11-23 14:15 +7),
    }
}

fn row(state: ResultState, warnings: usize) -> Row {
    Row {
        id: "0123456789abcdefghjkmnpqrs".into(),
        title: TITLE.into(),
        document_number: Some("123/QĐ-UBND".into()),
        code: CODE.into(),
        at: AT,
        state,
        warnings,
        reason: "identity_unfit".into(),
        handed_over_at: (state == ResultState::Released).then_some(AT),
    }
}

fn signature(verdict: &'static str) -> SignatureLine {
    SignatureLine {
        is_stamp: false,
        signer: Some("Trần Văn Bình".into()),
        at: Some(datetime!(2026-11-23 09:15:07 +7)),
        verdict,
        intact: verdict != "broken",
        covers: "revision",
        changes_after: if verdict == "broken" {
            "suspicious"
        } else {
            "none"
        },
        chain: "trusted",
        revocation: "not_checked",
        level: "b",
        findings: if verdict == "broken" {
            vec!["content_changed_after".into()]
        } else {
            vec![]
        },
    }
}

fn stamp() -> SignatureLine {
    SignatureLine {
        is_stamp: true,
        signer: Some("TSA thu".into()),
        level: "other",
        ..signature("good")
    }
}

fn file(n: u32, signatures: Vec<SignatureLine>, sealed: bool) -> FileFacts {
    FileFacts {
        n,
        name: if n == 1 {
            format!("{TITLE}.pdf")
        } else {
            format!("{TITLE} - phụ lục 1.pdf")
        },
        pages: 3,
        size: 245_000,
        received_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        findings: if n == 1 {
            vec![]
        } else {
            vec!["javascript".into()]
        },
        signatures,
        sealed: sealed.then(|| SealedFacts {
            size: 261_000,
            sha256: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae".into(),
            signer: Some("ỦY BAN NHÂN DÂN THÀNH PHỐ CẦN THƠ".into()),
            signed_at: Some(AT),
            level: Some("lta"),
        }),
    }
}

fn desk(language: Language) -> Vec<(&'static str, String)> {
    let login = |problem| {
        rendered(&LoginPage {
            page: page(language),
            login: "minhkhai".into(),
            problem,
        })
    };
    let told = |language| Detail::of("file").with("n", "1").told(language);
    let problem = |code, field| {
        Some(FormProblem {
            code,
            words: code,
            field,
            detail: Some(told(language)),
            diagnostic: (language == Language::English)
                .then(|| "object 12 0 at 48213: no endobj".into()),
        })
    };
    vec![
        ("desk-login", login(None)),
        ("desk-login-wrong", login(Some(LoginProblem::Wrong))),
        ("desk-waiting", rendered(&waiting(language, 3))),
        ("desk-waiting-none", rendered(&waiting(language, 0))),
        ("desk-results", rendered(&results(language))),
        ("desk-publish", rendered(&publish(language, None))),
        (
            "desk-publish-refused",
            rendered(&publish(language, problem("pdf_damaged", Some("file")))),
        ),
        (
            "desk-seal",
            rendered(&seal(
                language,
                vec![signature("unchecked")],
                vec!["revocation_not_checked"],
            )),
        ),
        (
            "desk-seal-doubts",
            rendered(&seal(
                language,
                vec![signature("broken"), signature("good"), stamp()],
                vec!["earlier_signature_broken", "revocation_not_checked"],
            )),
        ),
    ]
}

fn desk_results(language: Language) -> Vec<(&'static str, String)> {
    let problem = |code, field| {
        Some(FormProblem {
            code,
            words: code,
            field,
            detail: None,
            diagnostic: None,
        })
    };
    vec![
        (
            "desk-result-received",
            rendered(&result(language, ResultState::Received)),
        ),
        (
            "desk-result-approved",
            rendered(&result(language, ResultState::Approved)),
        ),
        (
            "desk-result-signing",
            rendered(&result(language, ResultState::Signing)),
        ),
        (
            "desk-result-held",
            rendered(&result(language, ResultState::Held)),
        ),
        (
            "desk-result-released",
            rendered(&result(language, ResultState::Released)),
        ),
        (
            "desk-result-withdrawn",
            rendered(&result(language, ResultState::Withdrawn)),
        ),
        (
            "desk-return",
            rendered(&act(
                language,
                Act::Return,
                problem("field_invalid", Some("reason")),
            )),
        ),
        (
            "desk-withdraw",
            rendered(&act(language, Act::Withdraw, None)),
        ),
        ("desk-relink", rendered(&act(language, Act::Relink, None))),
        ("desk-retry", rendered(&act(language, Act::Retry, None))),
        ("desk-slip", rendered(&slip(language))),
        (
            "desk-problem",
            rendered(&DeskProblemPage {
                page: desk_page(language, None),
                code: "forbidden",
                words: "form_outdated",
            }),
        ),
    ]
}

fn waiting(language: Language, count: usize) -> WaitingPage {
    WaitingPage {
        page: desk_page(language, Some(Place::Waiting)),
        rows: (0..count)
            .map(|n| row(ResultState::Received, n % 3))
            .collect(),
        total: if count == 0 { 0 } else { 12 },
        held: if count == 0 {
            vec![]
        } else {
            vec![row(ResultState::Held, 0)]
        },
        may_seal: true,
        certificate: (count > 0).then(|| CertificateNotice {
            word: "month",
            expires_at: Some(AT + time::Duration::days(29)),
            days: 29,
        }),
        alarms: if count == 0 {
            vec![]
        } else {
            vec![
                AlarmRow {
                    at: AT,
                    tried: Tried::Link(ResultId::from_bytes([7; 16]), TITLE.to_owned()),
                },
                AlarmRow {
                    at: AT,
                    tried: Tried::Codes(UnitDay {
                        day: AT.date(),
                        unit: "000.00.12.H13".to_owned(),
                    }),
                },
            ]
        },
    }
}

fn results(language: Language) -> ResultsPage {
    ResultsPage {
        page: desk_page(language, Some(Place::Results)),
        rows: ResultState::ALL
            .iter()
            .map(|&state| row(state, 0))
            .collect(),
        state: None,
        code: "H13.12-261123-9999".into(),
        not_found: Some(ResultsPage::NOTHING),
        next: Some("0123456789abcdefghjkmnpqrs".into()),
    }
}

fn publish(language: Language, problem: Option<FormProblem>) -> PublishPage {
    let page = desk_page(language, Some(Place::Publish));
    let forms = AppearanceName::FORMS.iter().map(|name| Choice {
        value: name.to_string(),
        label: page.word("appearance", name.as_str()).into_owned(),
        hint: page.next("appearance", name.as_str()).into_owned(),
    });
    PublishPage {
        choices: forms.collect(),
        page,
        form: PublishForm::default(),
        problem,
        idempotency_key: "key".into(),
        limits: PublishLimits {
            bytes: 200_000_000,
            attachments: 19,
        },
    }
}

fn seal(
    language: Language,
    signatures: Vec<SignatureLine>,
    warnings: Vec<&'static str>,
) -> SealPage {
    let unconfirmed = signatures.len() > 1;
    SealPage {
        page: desk_page(language, Some(Place::Waiting)),
        id: "0123456789abcdefghjkmnpqrs".into(),
        title: TITLE.into(),
        code: CODE.into(),
        document_number: Some("123/QĐ-UBND".into()),
        procedure: Some("Đăng ký đất đai lần đầu".into()),
        agency: LONGEST_AGENCY.into(),
        sent_by: "Lê Hoàng Phúc".into(),
        received_at: AT,
        identity: Some(identity()),
        mark: mark(),
        files: vec![file(1, signatures, false), file(2, vec![], false)],
        warnings,
        unconfirmed,
        manifest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        problem: None,
    }
}

fn identity() -> IdentityFacts {
    IdentityFacts {
        subject: "ỦY BAN NHÂN DÂN THÀNH PHỐ CẦN THƠ".into(),
        issuer: "Cơ quan chứng thực số chuyên dùng Chính phủ".into(),
        valid_until: datetime!(2028-01-31 0:00 +7),
    }
}

fn mark() -> MarkFacts {
    MarkFacts {
        name: "Hình con dấu của cơ quan".into(),
        lines: vec!["Trang 1, góc trên bên phải.".into()],
        image: None,
        is_missing: false,
    }
}

fn act(language: Language, act: Act, problem: Option<FormProblem>) -> ActPage {
    ActPage {
        page: desk_page(language, Some(Place::Results)),
        sealing: (act == Act::Retry).then(|| SealingFacts {
            identity: Some(identity()),
            mark: mark(),
            manifest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        }),
        act,
        id: "0123456789abcdefghjkmnpqrs".into(),
        title: TITLE.into(),
        code: CODE.into(),
        reason: String::new(),
        problem,
    }
}

fn result(language: Language, state: ResultState) -> ResultPage {
    let released = state == ResultState::Released;
    let address = "https://tra.cantho.example/r/0123456789abcdefghjkmnpqrs";
    ResultPage {
        page: desk_page(language, Some(Place::Results)),
        id: "0123456789abcdefghjkmnpqrs".into(),
        title: TITLE.into(),
        code: CODE.into(),
        document_number: Some("123/QĐ-UBND".into()),
        procedure: None,
        agency: LONGEST_AGENCY.into(),
        appearance: "Không hiển thị".into(),
        policy: ReleasePolicy::Link,
        state,
        reason_code: match state {
            ResultState::Held => Some("identity_unfit".into()),
            ResultState::Approved => Some("revocation_not_published".into()),
            ResultState::Signing => Some("time_stamp_unavailable".into()),
            _ => None,
        },
        reason: match state {
            ResultState::Withdrawn => Some("Ghi sai số thửa đất.".into()),
            ResultState::Held => Some("the certificate has expired".into()),
            _ => None,
        },
        link: released.then(|| LinkFacts {
            address: address.into(),
            qr: qr::draw(address, "QR").unwrap(),
        }),
        handed_over_at: None,
        has_evidence: true,
        files: vec![
            file(1, vec![signature("good")], released),
            file(2, vec![], released),
        ],
        story: story(state),
        acts: [Act::Return, Act::Relink, Act::Retry, Act::Withdraw]
            .into_iter()
            .filter(|act| act.is_open_in(state))
            .collect(),
        may_seal: state == ResultState::Received,
        notice: released.then_some(Notice::Same),
    }
}

fn story(state: ResultState) -> Vec<StoryLine> {
    let line = |action: &str, who: &str, evidence: Vec<(String, String)>| StoryLine {
        action: action.into(),
        who: who.into(),
        at: AT,
        evidence,
    };
    let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned();
    let mut story = vec![line(
        "received",
        "Lê Hoàng Phúc",
        vec![("received".into(), digest.clone())],
    )];
    if state != ResultState::Received {
        story.insert(
            0,
            line(
                "approved",
                "Nguyễn Thị Minh Khai",
                vec![("manifest".into(), digest)],
            ),
        );
        story.insert(0, line(state.as_str(), "Hệ thống", vec![]));
    }
    if state == ResultState::Released {
        let raised = ("to".into(), "Có dấu thời gian (B-T)".into());
        story.insert(0, line("level_raised", "Hệ thống", vec![raised]));
    }
    story
}

fn slip(language: Language) -> SlipPage {
    let address = "https://tra.cantho.example/r/0123456789abcdefghjkmnpqrs";
    SlipPage {
        page: desk_page(language, Some(Place::Results)),
        id: "0123456789abcdefghjkmnpqrs".into(),
        title: TITLE.into(),
        agency: LONGEST_AGENCY.into(),
        telephone: Some("0292 3830 000".into()),
        address: address.into(),
        qr: qr::draw(address, "QR").unwrap(),
        printed_at: AT,
    }
}
