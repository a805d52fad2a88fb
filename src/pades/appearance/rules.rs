//! What the values of a template must be.

use super::facts;
use super::template::{Item, Localised, PageChoice, Placement, Template, TemplateError, rgb};

impl Template {
    /// Looks at every value: a template may come from another process, too.
    pub(super) fn check(&self) -> Result<(), TemplateError> {
        if self.items.is_empty() || self.items.len() > ITEMS_MAX {
            return Err(TemplateError::Value("a mark shows 1 to 20 items"));
        }
        within(self.width, 10.0..=5000.0, "width is 10 to 5000 points")?;
        let titles = self.title.iter().flat_map(Localised::all);
        if titles.into_iter().any(|title| !is_title(title)) {
            return Err(TemplateError::Value("title is a line of 1 to 80 letters"));
        }
        self.items.iter().try_for_each(Item::check)?;
        self.texts().try_for_each(|text| {
            facts::placeholders(text).try_for_each(|name| {
                let is_known = facts::NAMES.contains(&name);
                is_known
                    .then_some(())
                    .ok_or_else(|| TemplateError::Placeholder(name.to_owned()))
            })
        })?;
        if self.texts().any(facts::has_lone_brace) {
            return Err(TemplateError::Value("a brace stands alone"));
        }
        self.place.check()
    }
}

/// Refuses a place that is given twice over. What is read from the text no longer tells: it always has
/// a spot.
pub(super) fn check_place(text: &str) -> Result<(), TemplateError> {
    let table: toml::Table = toml::from_str(text).unwrap_or_default();
    let place = table.get("place").and_then(toml::Value::as_table);
    let is_given = |name: &str| place.is_some_and(|place| place.contains_key(name));
    let is_elsewhere = ["rect", "field", "over", "beside"]
        .into_iter()
        .any(is_given);
    if is_given("at") && is_elsewhere {
        return Err(TemplateError::Value(
            "place has either at or one of rect, field, over, beside",
        ));
    }
    Ok(())
}

impl Item {
    fn check(&self) -> Result<(), TemplateError> {
        let kinds = [self.text.is_some(), self.image.is_some(), self.qr.is_some()];
        if kinds.iter().filter(|&&is_set| is_set).count() != 1 {
            return Err(TemplateError::Value("an item has one of text, image, qr"));
        }
        if self.qr.as_ref().is_some_and(|qr| qr.trim().is_empty()) {
            return Err(TemplateError::Value("qr says nothing"));
        }
        within(self.size, 4.0..=200.0, "size is 4 to 200 points")?;
        within(self.width_mm, 2.0..=500.0, "width_mm is 2 to 500")?;
        within(self.side_mm, 5.0..=200.0, "side_mm is 5 to 200")?;
        for at in self.at.iter().flatten() {
            within(Some(*at), 0.0..=5000.0, "at is 0 to 5000 points")?;
        }
        match &self.color {
            Some(color) if rgb(color).is_none() => Err(TemplateError::Value("color is #RRGGBB")),
            _ => Ok(()),
        }
    }
}

impl Placement {
    fn check(&self) -> Result<(), TemplateError> {
        let ways = [
            self.rect.is_some(),
            self.field.is_some(),
            self.over.is_some(),
            self.beside.is_some(),
        ];
        if ways.iter().filter(|&&is_set| is_set).count() > 1 {
            return Err(TemplateError::Value(
                "place has one of rect, field, over, beside at most",
            ));
        }
        if self.page == PageChoice::Number(0) {
            return Err(TemplateError::Value("pages count from 1"));
        }
        if let Some(anchor) = &self.beside {
            let letters = anchor.text.chars().filter(|letter| !letter.is_whitespace());
            if !(2..=ANCHOR_LETTERS_MAX).contains(&letters.count()) {
                return Err(TemplateError::Value("beside.text has 2 to 100 letters"));
            }
            within(Some(anchor.gap), 0.0..=2000.0, "gap is 0 to 2000 points")?;
        }
        within(self.margin, 0.0..=2000.0, "margin is 0 to 2000 points")?;
        if let Some([left, upper, width, height]) = self.rect {
            within(
                Some(left.min(upper)),
                0.0..=20_000.0,
                "rect begins on the page",
            )?;
            within(Some(width.min(height)), 1.0..=20_000.0, "rect has a size")?;
        }
        Ok(())
    }
}

fn is_title(text: &str) -> bool {
    let letters = text.trim().chars().count();
    (1..=TITLE_LETTERS_MAX).contains(&letters) && !text.chars().any(char::is_control)
}

fn within(
    value: Option<f64>,
    range: std::ops::RangeInclusive<f64>,
    rule: &'static str,
) -> Result<(), TemplateError> {
    if value.is_none_or(|value| range.contains(&value)) {
        Ok(())
    } else {
        Err(TemplateError::Value(rule))
    }
}

/// Items of a mark, at most.
const ITEMS_MAX: usize = 20;
/// Letters of a title, at most.
const TITLE_LETTERS_MAX: usize = 80;
/// Letters of the words that a mark stands beside, at most.
const ANCHOR_LETTERS_MAX: usize = 100;
