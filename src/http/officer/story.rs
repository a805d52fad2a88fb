//! What happened to a result, in words: who, when, and what proves it.

use std::collections::HashMap;

use serde_json::Value;

use super::views::StoryLine;
use crate::app::App;
use crate::database::DatabaseError;
use crate::http::page::Page;
use crate::pades::Level;
use crate::publication::{EventView, ResultView};

/// What the desk shows of an entry's detail; the rest is for machines.
const EVIDENCE: &[&str] = &[
    "received",
    "manifest",
    "warnings",
    "certificate",
    "sealed",
    "to",
    "sha256",
    "code",
    "reason",
];

/// The story, the newest line first.
pub(crate) async fn of(
    app: &App,
    page: &Page,
    result: &ResultView,
) -> Result<Vec<StoryLine>, DatabaseError> {
    let names = names(app, &result.history).await?;
    let mut story: Vec<StoryLine> = result
        .history
        .iter()
        .map(|event| StoryLine {
            action: event.action.clone(),
            who: who(page, &names, &event.actor),
            at: event.at,
            evidence: evidence(page, &event.detail),
        })
        .collect();
    if let Some(at) = result.handed_over_at {
        let who = page.t("actor-requester").into_owned();
        let line = StoryLine {
            action: "handed_over".to_owned(),
            who,
            at,
            evidence: Vec::new(),
        };
        let place = story
            .iter()
            .position(|line| line.at > at)
            .unwrap_or(story.len());
        story.insert(place, line);
    }
    story.reverse();
    Ok(story)
}

/// Who an actor of the record is, in words.
pub(crate) fn who(page: &Page, names: &HashMap<String, String>, actor: &str) -> String {
    let kind = actor.split(':').next().unwrap_or_default();
    match names.get(actor) {
        Some(name) => name.clone(),
        None => page.word("actor", kind).into_owned(),
    }
}

/// The names of the officers who acted.
pub(crate) async fn names(
    app: &App,
    history: &[EventView],
) -> Result<HashMap<String, String>, DatabaseError> {
    let mut names = HashMap::new();
    for event in history {
        let Some(id) = event.actor.strip_prefix("officer:") else {
            continue;
        };
        if names.contains_key(&event.actor) {
            continue;
        }
        if let Ok(id) = id.parse()
            && let Some(officer) = app.db.officer(id).await?
        {
            names.insert(event.actor.clone(), officer.name);
        }
    }
    Ok(names)
}

fn evidence(page: &Page, detail: &Value) -> Vec<(String, String)> {
    let values = |name: &str| -> Vec<String> {
        let values = match detail.get(name) {
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(value)) => vec![value.as_str()],
            _ => Vec::new(),
        };
        let said = |value: &str| match name {
            "warnings" => page.word("warning", value).into_owned(),
            "code" => page.word("reason", value).into_owned(),
            "to" => match Level::of(value) {
                Some(level) => page.word("level", level.short()).into_owned(),
                None => value.to_owned(),
            },
            _ => value.to_owned(),
        };
        values.into_iter().map(said).collect()
    };
    EVIDENCE
        .iter()
        .flat_map(|&name| {
            values(name)
                .into_iter()
                .map(move |value| (name.to_owned(), value))
        })
        .collect()
}
