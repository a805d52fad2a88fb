//! How a seal shows, on the command line: a form of Decree 30/2020/ND-CP or a template of one's own.

use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::files;
use crate::pades::{
    self, Appearance, Facts, MarkOrder, PageChoice, PageWord, Placement, SigningIdentity, Spot,
    Template, TemplateError,
};

/// The visible mark.
#[derive(Args)]
pub(super) struct AppearanceOptions {
    /// How the seal shows: none, seal, attachment, copy, or a template of your own
    #[arg(long, default_value = "none", value_name = "FORM|FILE.toml")]
    appearance: String,

    /// The image of the seal, a PNG with transparency
    #[arg(long, value_name = "PNG")]
    seal_image: Option<PathBuf>,

    /// The number and symbol that the attachment appearance prints
    #[arg(long, value_name = "TEXT")]
    document_number: Option<String>,

    /// The form of the copy that the copy appearance prints; SAO Y unless given
    #[arg(long, value_name = "TEXT")]
    copy_form: Option<String>,

    /// Another value that a template prints, as name=value
    #[arg(long = "fact", value_name = "NAME=VALUE")]
    facts: Vec<String>,

    /// The page of the mark: a number from 1, or last
    #[arg(long, value_name = "N|last", value_parser = page)]
    page: Option<PageChoice>,

    /// Where it stands: a spot (top-left … bottom-right), left,top,width,height in points, or
    /// field:NAME
    #[arg(long, value_name = "PLACE", value_parser = position)]
    position: Option<Position>,
}

#[derive(Clone, Debug)]
enum Position {
    Spot(Spot),
    Rect([f64; 4]),
    Field(String),
}

impl AppearanceOptions {
    /// The appearance for files that this identity signs.
    pub(super) fn appearance(&self, identity: &SigningIdentity) -> Result<Appearance, Failure> {
        let template = match self.appearance.as_str() {
            "none" => return self.nothing(),
            "seal" => Template::seal(),
            "attachment" => Template::attachment(),
            "copy" => Template::copy(),
            file => return self.mark(own_template(Path::new(file))?, identity),
        };
        self.mark(template.map_err(unusable)?, identity)
    }

    /// No mark, and nothing asked of one: nobody shall believe in a seal at a place that is not there.
    fn nothing(&self) -> Result<Appearance, Failure> {
        let of_a_mark = [
            ("--seal-image", self.seal_image.is_some()),
            ("--document-number", self.document_number.is_some()),
            ("--copy-form", self.copy_form.is_some()),
            ("--fact", !self.facts.is_empty()),
            ("--page", self.page.is_some()),
            ("--position", self.position.is_some()),
        ];
        match of_a_mark.into_iter().find(|(_, is_given)| *is_given) {
            Some((option, _)) => Err(Failure::idle(option, "needs_appearance")),
            None => Ok(Appearance::None),
        }
    }

    fn mark(
        &self,
        mut template: Template,
        identity: &SigningIdentity,
    ) -> Result<Appearance, Failure> {
        if template.names("document_number") && self.document_number.is_none() {
            let why = "--document-number is needed";
            return Err(Failure::new("document_number_missing", why));
        }
        if template.needs_image() && self.seal_image.is_none() {
            return Err(Failure::new("field_invalid", "--seal-image is needed"));
        }
        if !template.needs_image() && self.seal_image.is_some() {
            return Err(Failure::idle("--seal-image", "image_not_drawn"));
        }
        self.move_to_position(&mut template.place);
        let mut facts = Facts::default()
            .with("agency", identity.subject())
            .with("copy_form", self.copy_form.as_deref().unwrap_or("SAO Y"))
            .with(
                "document_number",
                self.document_number.as_deref().unwrap_or_default(),
            );
        for fact in &self.facts {
            let (name, value) = fact.split_once('=').ok_or_else(|| {
                Failure::new("field_invalid", "expected NAME=VALUE").about("--fact")
            })?;
            facts = facts.with(name, value);
        }
        Ok(Appearance::Mark(Box::new(MarkOrder {
            template,
            facts,
            language: pades::Language::default(),
            image: self.seal_image.as_deref().map(picture).transpose()?,
        })))
    }

    /// What is asked for here counts before the template's own place.
    fn move_to_position(&self, place: &mut Placement) {
        if let Some(page) = self.page {
            place.page = page;
        }
        let Some(position) = &self.position else {
            return;
        };
        let (page, margin) = (place.page, place.margin);
        *place = Placement {
            page,
            margin,
            ..Placement::default()
        };
        match position {
            Position::Spot(spot) => place.at = *spot,
            Position::Rect(rect) => place.rect = Some(*rect),
            Position::Field(name) => place.field = Some(name.clone()),
        }
    }
}

/// The image of a seal. What could never be drawn is refused before any file is blamed.
fn picture(path: &Path) -> Result<Vec<u8>, Failure> {
    let png = files::read(path)?;
    match pades::picture_size(&png) {
        Ok(_) => Ok(png),
        Err(refusal) => {
            Err(Failure::new("image_invalid", refusal.to_string()).about("--seal-image"))
        }
    }
}

fn own_template(path: &Path) -> Result<Template, Failure> {
    let is_template = path
        .extension()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("toml"));
    if !is_template {
        let why = "expected none, seal, attachment, copy or a file.toml";
        return Err(Failure::new("field_invalid", why).about("--appearance"));
    }
    let text = String::from_utf8(files::read(path)?).map_err(|_| files::no_text(path))?;
    Template::from_toml(&text).map_err(|error| unusable(error).about_file(path))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what map_err hands over"
)]
fn unusable(error: TemplateError) -> Failure {
    Failure::new("field_invalid", error.to_string())
}

fn page(word: &str) -> Result<PageChoice, String> {
    if word == "last" {
        return Ok(PageChoice::Word(PageWord::Last));
    }
    let number = word.parse().ok().filter(|&number| number > 0);
    let number = number.ok_or("expected a number from 1, or last")?;
    Ok(PageChoice::Number(number))
}

fn position(word: &str) -> Result<Position, String> {
    if let Some(name) = word.strip_prefix("field:") {
        return Ok(Position::Field(name.to_owned()));
    }
    if let Ok(spot) = serde_json::from_value(serde_json::Value::from(word)) {
        return Ok(Position::Spot(spot));
    }
    let numbers: Result<Vec<f64>, _> = word.split(',').map(|part| part.trim().parse()).collect();
    let rect = numbers
        .ok()
        .and_then(|numbers| <[f64; 4]>::try_from(numbers).ok());
    rect.map(Position::Rect)
        .ok_or_else(|| "expected a spot, left,top,width,height, or field:NAME".to_owned())
}
