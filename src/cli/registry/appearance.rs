//! `trao agency appearance`: how an agency's seal shows.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, Subcommand};
use serde_json::{Value, json};

use super::{parsed, print_line};
use crate::account::{AccountError, AppearanceChange, Change};
use crate::app::{self, Foundation};
use crate::cli::failure::{self, Failure};
use crate::cli::files;
use crate::cli::terminal::say;
use crate::database::{Actor, MarkTemplateRow};
use crate::http::texts;
use crate::model::{AgencyId, AppearanceName, MarkLanguage, TemplateName};
use crate::pades::{Language, Template};

/// How an agency's seal shows; its sub-agencies inherit what they do not set themselves
#[derive(Args)]
#[command(
    after_help = "Example:\n  trao agency appearance set ID --seal-image con-dau.png \
    --template sao-luc=sao-luc.toml --default seal\n\nThe forms none, attachment, seal and copy are \
    built in; seal and copy show the image of the seal."
)]
pub(super) struct Appearance {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Sets the default, the language, the image of the seal, templates: what is named
    #[command(
        after_help = "Example:\n  trao agency appearance set ID --seal-image con-dau.png --default seal"
    )]
    Set(Set),
    /// Shows what counts for an agency, and from which agency it has it
    #[command(after_help = "Example:\n  trao agency appearance show ID")]
    Show {
        /// Its id
        #[arg(value_parser = parsed::<AgencyId>)]
        id: AgencyId,
        /// Prints this template's TOML instead
        #[arg(long, value_name = "NAME", value_parser = parsed::<TemplateName>)]
        template: Option<TemplateName>,
        /// Prints JSON
        #[arg(long, conflicts_with = "template")]
        json: bool,
    },
    /// Takes the agency's own away, so that what the agency above it has counts
    #[command(after_help = "Example:\n  trao agency appearance remove ID --template sao-luc")]
    Remove(Remove),
}

#[derive(Args)]
#[command(group = ArgGroup::new("change").multiple(true).required(true))]
struct Set {
    /// Its id
    #[arg(value_parser = parsed::<AgencyId>)]
    id: AgencyId,
    /// How its seal shows unless a result asks otherwise: none, attachment, seal, copy, or the
    /// name of a template
    #[arg(long, value_name = "NAME", value_parser = parsed::<AppearanceName>, group = "change")]
    default: Option<AppearanceName>,
    /// The language of its marks: vi or en
    #[arg(long, value_name = "LANGUAGE", value_parser = parsed::<MarkLanguage>, group = "change")]
    language: Option<MarkLanguage>,
    /// The image of its seal, a PNG with transparency, at most 2 MiB and 4 million pixels
    #[arg(long, value_name = "PNG", group = "change")]
    seal_image: Option<PathBuf>,
    /// A template of its own, at most 16 KiB; may be given several times
    #[arg(long = "template", value_name = "NAME=FILE.toml", value_parser = named_file, group = "change")]
    templates: Vec<(TemplateName, PathBuf)>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(group = ArgGroup::new("change").multiple(true).required(true))]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
struct Remove {
    /// Its id
    #[arg(value_parser = parsed::<AgencyId>)]
    id: AgencyId,
    /// Its own default
    #[arg(long, group = "change")]
    default: bool,
    /// Its own language
    #[arg(long, group = "change")]
    language: bool,
    /// Its own image of the seal
    #[arg(long, group = "change")]
    seal_image: bool,
    /// A template of its own; may be given several times
    #[arg(long = "template", value_name = "NAME", value_parser = parsed::<TemplateName>, group = "change")]
    templates: Vec<TemplateName>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Appearance {
    pub(super) async fn run(self, service: &Foundation) -> Result<(), Failure> {
        let (id, json, change, missing) = match self.act {
            Act::Show {
                id,
                template: Some(name),
                ..
            } => return print_template(service, id, &name).await,
            Act::Show { id, json, .. } => return show(service, id, json).await,
            Act::Set(set) => (set.id, set.json, set.change()?, "no_such_agency"),
            Act::Remove(remove) => (remove.id, remove.json, remove.change(), "nothing_to_remove"),
        };
        let changed = service
            .accounts
            .change_appearance(id, change, Actor::Operator, app::now())
            .await;
        changed.map_err(|error| told(error, missing))?;
        if json {
            show(service, id, true).await
        } else {
            Ok(())
        }
    }
}

impl Set {
    fn change(self) -> Result<AppearanceChange, Failure> {
        let template = |(name, path): (TemplateName, PathBuf)| {
            let text = String::from_utf8(files::read(&path)?)
                .map_err(|_| Failure::new("template_invalid", "not UTF-8").about_file(&path))?;
            Ok((name, Change::Set(text)))
        };
        let image = self.seal_image.as_deref().map(files::read).transpose()?;
        Ok(AppearanceChange {
            default: self.default.map(Change::Set),
            language: self.language.map(Change::Set),
            image: image.map(Change::Set),
            templates: self
                .templates
                .into_iter()
                .map(template)
                .collect::<Result<_, Failure>>()?,
        })
    }
}

impl Remove {
    fn change(self) -> AppearanceChange {
        let templates = self.templates.into_iter();
        AppearanceChange {
            default: self.default.then_some(Change::Remove),
            language: self.language.then_some(Change::Remove),
            image: self.seal_image.then_some(Change::Remove),
            templates: templates.map(|name| (name, Change::Remove)).collect(),
        }
    }
}

/// A refusal, about what it is about; `missing` is the word for what is not there.
fn told(error: AccountError, missing: &'static str) -> Failure {
    match error {
        AccountError::NotFound => Failure::new("not_found", "").worded(missing),
        AccountError::Template { name, why } => {
            Failure::new("template_invalid", why).about(name.as_str())
        }
        AccountError::Picture(refusal) => {
            Failure::new("image_invalid", refusal.to_string()).about("--seal-image")
        }
        AccountError::AppearanceUnusable(agency) => {
            let why = "its default names a template, or needs an image, that it would not have";
            Failure::new("appearance_unusable", why).about(agency.to_string())
        }
        other => other.into(),
    }
}

async fn print_template(
    service: &Foundation,
    id: AgencyId,
    name: &TemplateName,
) -> Result<(), Failure> {
    let row = service.db.mark_template(id, name).await?;
    let row =
        row.ok_or_else(|| Failure::naming("not_found", name.as_str()).worded("no_such_template"))?;
    say(row.template.trim_end())
}

async fn show(service: &Foundation, id: AgencyId, json: bool) -> Result<(), Failure> {
    if service.db.agency(id).await?.is_none() {
        return Err(Failure::new("not_found", "").worded("no_such_agency"));
    }
    let default = service.db.default_appearance(id).await?;
    let language = service.db.mark_language(id).await?;
    let image = service.db.seal_image(id).await?;
    let templates = service.db.mark_templates(id).await?;
    let (default, default_from) = default.map_or((AppearanceName::None, None), |(name, from)| {
        (name, Some(from))
    });
    let (language, language_from) = language
        .map_or((MarkLanguage::Vietnamese, None), |(word, from)| {
            (word, Some(from))
        });
    if json {
        let image = image.map(
            |image| json!({ "sha256": image.sha256, "bytes": image.len, "from": image.agency }),
        );
        let templates: Vec<Value> = templates.iter().map(template_json).collect();
        let shown = json!({
            "agency": id,
            "default": { "name": default, "from": default_from },
            "language": { "name": language, "from": language_from },
            "seal_image": image,
            "templates": templates,
        });
        return say(&shown.to_string());
    }
    print_line(&format!(
        "default     {default}{}",
        origin(id, default_from)
    ))?;
    print_line(&format!(
        "language    {language}{}",
        origin(id, language_from)
    ))?;
    if let Some(image) = image {
        let from = origin(id, Some(image.agency));
        print_line(&format!(
            "seal image  {}  {} bytes{from}",
            image.sha256, image.len
        ))?;
    }
    for row in templates {
        let title = title(&row, of_user()).map_or_else(String::new, |title| format!("  {title}"));
        let from = origin(id, Some(row.agency));
        print_line(&format!(
            "template    {}{title}  {}{from}",
            row.name, row.sha256
        ))?;
    }
    Ok(())
}

fn template_json(row: &MarkTemplateRow) -> Value {
    json!({
        "name": row.name.as_str(),
        "title": {
            "vi": title(row, Language::Vietnamese), "en": title(row, Language::English),
        },
        "sha256": row.sha256,
        "from": row.agency,
    })
}

fn title(row: &MarkTemplateRow, language: Language) -> Option<String> {
    let template = Template::from_toml(&row.template).ok()?;
    template.title.map(|title| title.of(language).to_owned())
}

fn of_user() -> Language {
    match failure::language() {
        texts::Language::Vietnamese => Language::Vietnamese,
        texts::Language::English => Language::English,
    }
}

/// Whence an agency has a setting that is not its own.
fn origin(own: AgencyId, from: Option<AgencyId>) -> String {
    match from {
        Some(from) if from != own => format!("  (from {from})"),
        _ => String::new(),
    }
}

fn named_file(word: &str) -> Result<(TemplateName, PathBuf), String> {
    let (name, file) = word.split_once('=').ok_or("expected NAME=FILE.toml")?;
    let name = name.parse().map_err(
        |_| "a name has small letters, digits and hyphens, 40 at most, and is no built-in form's",
    )?;
    Ok((name, Path::new(file).to_owned()))
}
