//! The verdict in plain words, a fact a line.

use std::borrow::Cow;
use std::path::Path;

use fluent_bundle::FluentArgs;

use crate::cli::terminal;
use crate::http::texts::{Language, Texts, format};
use crate::pades::{Indication, Report, SignatureKind, SignatureVerdict};

/// Says what a report means.
pub(super) fn describe(language: Language, input: &Path, report: &Report) -> String {
    let words = Words(language);
    let is_passed = |signature: &SignatureVerdict| signature.indication == Indication::TotalPassed;
    let verdict = match (report.valid, report.signatures.is_empty()) {
        (true, _) if report.signatures.iter().all(is_passed) => "verify-valid",
        (true, _) => "verify-open",
        (false, true) => "verify-unsigned",
        (false, false) => "verify-not-valid",
    };
    let mut lines = vec![format!("{}: {}", input.display(), words.text(verdict))];
    for (index, signature) in report.signatures.iter().enumerate() {
        let kind = words.word("kind", signature.kind.as_str());
        lines.push(format!("  {}. {kind}: {}", index + 1, signature.field));
        let facts = words.facts(signature).into_iter();
        lines.extend(facts.map(|(label, fact)| format!("     {}: {fact}", words.text(label))));
        let findings = signature.findings.iter();
        lines.extend(findings.map(|code| format!("     ! {}", words.with_code("finding", code))));
    }
    let lines: Vec<String> = lines.iter().map(|line| terminal::line(line)).collect();
    lines.join("\n")
}

/// The words of a language.
struct Words(Language);

impl Words {
    /// What is said of a signature, each with the identifier of its label; the labels are those of
    /// the officers' pages.
    fn facts(&self, signature: &SignatureVerdict) -> Vec<(&'static str, String)> {
        let signer = match signature.kind {
            SignatureKind::Signature => "verify-signer",
            SignatureKind::Timestamp => "verify-authority",
        };
        let unknown = || self.text("verify-unknown").into_owned();
        let intact = if signature.intact { "yes" } else { "no" };
        let mut facts = vec![
            (signer, signature.signer.clone().unwrap_or_else(unknown)),
            ("signature-intact", self.text(intact).into_owned()),
            (
                "signature-covers",
                self.word("covers", signature.covers.as_str()),
            ),
            (
                "signature-changes",
                self.word("changes", signature.changes_after.as_str()),
            ),
            (
                "signature-chain",
                self.word("chain", signature.chain.as_str()),
            ),
            (
                "signature-revocation",
                self.word("revocation", signature.revocation.as_str()),
            ),
            ("verify-time", self.time(signature)),
        ];
        if signature.kind == SignatureKind::Signature {
            let level = self.word("level", signature.level.short());
            facts.push(("signature-level", level));
        }
        facts.push(("verify-conclusion", self.conclusion(signature)));
        facts
    }

    /// When, and by whose word.
    fn time(&self, signature: &SignatureVerdict) -> String {
        let Some(at) = signature.at() else {
            return self.text("verify-unknown").into_owned();
        };
        let moment = self.filled(
            "at-time-on-date",
            &[
                ("time", format::exact_time(at)),
                ("date", format::date(self.0, at)),
            ],
        );
        let by = if signature.time_proven {
            "verify-time-proven"
        } else {
            "verify-time-claimed"
        };
        self.filled(by, &[("moment", moment)])
    }

    /// The status of EN 319 102-1 with its reason.
    fn conclusion(&self, signature: &SignatureVerdict) -> String {
        let indication = self.with_code("indication", signature.indication.as_str());
        match signature.sub_indication {
            Some(reason) => {
                let reason = self.with_code("sub-indication", reason.as_str());
                format!("{indication}: {reason}")
            }
            None => indication,
        }
    }

    /// The sentence of a stable code, and the code for those who look it up.
    fn with_code(&self, family: &str, code: &str) -> String {
        format!("{} [{code}]", self.word(family, code))
    }

    fn text(&self, id: &str) -> Cow<'static, str> {
        Texts::shipped().text(self.0, id)
    }

    fn word(&self, family: &str, word: &str) -> String {
        let text = Texts::shipped().word(self.0, family, word);
        text.map_or_else(|| word.to_owned(), Cow::into_owned)
    }

    fn filled(&self, id: &str, values: &[(&'static str, String)]) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set(*name, value.as_str());
        }
        let text = Texts::shipped().filled(self.0, id, &arguments);
        text.into_owned()
    }
}
