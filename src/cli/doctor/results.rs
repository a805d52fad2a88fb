//! Whether what is promised of every result holds.

use serde_json::{Value, json};

use super::Check;
use crate::app::App;
use crate::cli::progress::Progress;
use crate::publication::{Flaw, FlawKind, ObjectsRead, PublicationError};

/// Reads the option that says how many objects are read.
pub(super) fn objects(text: &str) -> Result<ObjectsRead, String> {
    match text {
        "all" => Ok(ObjectsRead::All),
        "none" => Ok(ObjectsRead::Some(0)),
        number => number
            .parse()
            .map(ObjectsRead::Some)
            .map_err(|_| "neither all, none nor a number".to_owned()),
    }
}

/// Looks at all results, with a bar on a terminal while objects are read.
pub(super) async fn check(app: &App, objects: ObjectsRead) -> Check {
    match examine(app, objects).await {
        Ok(check) => check,
        Err(error) => Check::of("results", Some(error.to_string())),
    }
}

async fn examine(app: &App, objects: ObjectsRead) -> Result<Check, PublicationError> {
    let examination = app.publication.examination(objects).await?;
    let progress = Progress::new(usize::try_from(examination.objects()).unwrap_or(usize::MAX));
    let examined = examination.run(|| progress.step()).await;
    progress.finish();
    let found = examined?;
    let wrong = match found.flaws.len() {
        0 => None,
        1 => Some("1 flaw".to_owned()),
        more => Some(format!("{more} flaws")),
    };
    let note = format!("{} results, {} objects read", found.results, found.objects);
    Ok(Check {
        flaws: found.flaws,
        ..Check::of("results", wrong).noting(Some(note))
    })
}

/// The flaws for programs.
pub(super) fn told(flaws: &[Flaw]) -> Value {
    let each = flaws
        .iter()
        .map(|flaw| json!({ "result": flaw.result, "file": flaw.file, "code": flaw.kind.code() }));
    each.collect()
}

/// A flaw for people, on a line of its own.
pub(super) fn line(flaw: &Flaw) -> String {
    let file = flaw.file.map(|n| format!(", file {n}")).unwrap_or_default();
    let (why, code) = (sentence(flaw.kind), flaw.kind.code());
    format!("\n  {}{file}: {why} [{code}]", flaw.result)
}

fn sentence(kind: FlawKind) -> &'static str {
    match kind {
        FlawKind::NotSealed => "it was released, and not every file of it has a sealed form",
        FlawKind::ReleaseOffRecord => "the record does not have its release",
        FlawKind::GrantOffRecord => "the record does not have who was let at it",
        FlawKind::ObjectGone => "the stored file is gone",
        FlawKind::ObjectChanged => "the stored file is not the recorded one",
        FlawKind::ObjectUnread => "the stored file cannot be read just now",
    }
}
