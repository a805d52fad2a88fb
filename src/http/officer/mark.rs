//! The visible mark in words, and the image that it shows.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use super::views::{Choice, MarkFacts};
use crate::app::App;
use crate::http::page::Page;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::session::Session;
use crate::http::texts;
use crate::model::{AppearanceName, ResultId, Sha256Digest};
use crate::pades::{Language, Localised, Over, PageChoice, Placement, Side, Spot};
use crate::publication::{AppearanceChoice, MarkView, ResultView};

/// A picture is looked at and may do nothing.
const IMAGE_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// `GET /officer/results/{id}/mark/{sha256}`: the image of the seal that would be drawn.
pub(crate) async fn image(
    State(app): State<Arc<App>>,
    session: Session,
    Path((id, sha256)): Path<(ResultId, Sha256Digest)>,
) -> Result<Response, Problem> {
    let png = app
        .publication
        .mark_image(&session.caller, id, sha256)
        .await?;
    let head = [
        (CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (CONTENT_SECURITY_POLICY, IMAGE_POLICY),
    ];
    Ok((head, png).into_response())
}

/// What a page says of a result's mark.
pub(crate) fn facts(page: &Page, result: &ResultView) -> MarkFacts {
    let title = result.mark.as_ref().and_then(|mark| mark.title.as_ref());
    let image = result.mark.as_ref().and_then(|mark| mark.image);
    MarkFacts {
        name: name(page, &result.appearance, title),
        lines: match &result.mark {
            Some(mark) => lines(page, mark),
            None => vec![page.next("appearance", "none").into_owned()],
        },
        image: image.map(|sha256| format!("/officer/results/{}/mark/{sha256}", result.id)),
        is_missing: result
            .mark
            .as_ref()
            .is_some_and(|mark| mark.missing.is_some()),
    }
}

/// An appearance as the form to publish offers it.
pub(crate) fn choice(page: &Page, choice: &AppearanceChoice) -> Choice {
    Choice {
        value: choice.name.to_string(),
        label: name(page, &choice.name, choice.title.as_ref()),
        hint: match &choice.name {
            AppearanceName::Own(_) => page.t("appearance-own").into_owned(),
            form => page.next("appearance", form.as_str()).into_owned(),
        },
    }
}

/// A form by its text, a template by its title, else by its name.
fn name(page: &Page, name: &AppearanceName, title: Option<&Localised>) -> String {
    match (name, title) {
        (AppearanceName::Own(_), Some(title)) => title.of(language(page)).to_owned(),
        (AppearanceName::Own(own), None) => own.to_string(),
        (form, _) => page.word("appearance", form.as_str()).into_owned(),
    }
}

fn lines(page: &Page, mark: &MarkView) -> Vec<String> {
    if let Some(missing) = mark.missing {
        return vec![page.word("mark-missing", missing.as_str()).into_owned()];
    }
    let mut lines = vec![place(page, &mark.place)];
    if mark.has_annex {
        lines.push(page.t("mark-annex").into_owned());
    }
    lines
}

/// Page and place in a sentence.
fn place(page: &Page, place: &Placement) -> String {
    let sheet = match place.page {
        PageChoice::Number(number) => page.t1("mark-page", "number", u64::from(number)),
        PageChoice::Word(_) => page.t("mark-page-last"),
    };
    if let Some(Over::Signature) = place.over {
        return page.t("mark-over").into_owned();
    }
    if let Some(field) = &place.field {
        return page.t1("mark-field", "name", field).into_owned();
    }
    let spot = match (place.rect, &place.beside) {
        (Some([left, upper, width, height]), _) => {
            let pair =
                |one: f64, other: f64| format!("{} × {}", millimetres(one), millimetres(other));
            let (size, from) = (pair(width, height), pair(left, upper));
            page.t2("mark-frame", "size", &size, "from", &from)
        }
        (None, Some(anchor)) => page.t1(beside(anchor.side), "words", &anchor.text),
        (None, None) => page.word("spot", spot(place.at)),
    };
    page.t2(
        "mark-at",
        "page",
        sheet.into_owned(),
        "place",
        spot.into_owned(),
    )
    .into_owned()
}

fn beside(side: Side) -> &'static str {
    match side {
        Side::Below => "beside-below",
        Side::Above => "beside-above",
        Side::Left => "beside-left",
        Side::Right => "beside-right",
        Side::Over => "beside-over",
    }
}

/// Points (1/72 inch) as whole millimetres.
fn millimetres(points: f64) -> String {
    format!("{:.0}", points * 25.4 / 72.0)
}

fn spot(spot: Spot) -> &'static str {
    match spot {
        Spot::TopLeft => "top-left",
        Spot::Top => "top",
        Spot::TopRight => "top-right",
        Spot::Left => "left",
        Spot::Center => "center",
        Spot::Right => "right",
        Spot::BottomLeft => "bottom-left",
        Spot::Bottom => "bottom",
        Spot::BottomRight => "bottom-right",
    }
}

fn language(page: &Page) -> Language {
    match page.language {
        texts::Language::Vietnamese => Language::Vietnamese,
        texts::Language::English => Language::English,
    }
}
