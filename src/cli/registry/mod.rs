//! `trao agency|officer|portal|key|identity add|list|disable`, and what more an agency has.

mod agency;
mod appearance;
mod identity;
mod key;
mod officer;
mod portal;

use std::error::Error;
use std::fmt::Display;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::Value;

pub(super) use agency::Agency;
pub(super) use identity::Identity;
pub(super) use key::Key;
pub(super) use officer::Officer;
pub(super) use portal::Portal;

use super::failure::Failure;
use super::terminal::{self, say};

/// One thing of a list: its id, what people read, and what programs read.
struct Listed {
    line: String,
    json: Value,
}

/// Prints a list: a line each, or with `--json` a line of JSON each.
fn print_list(list: Vec<Listed>, json: bool) -> Result<(), Failure> {
    for item in list {
        if json {
            say(&item.json.to_string())?;
        } else {
            print_line(&item.line)?;
        }
    }
    Ok(())
}

/// Prints what was added: the id alone, or JSON.
fn print_added(id: &str, json: bool) -> Result<(), Failure> {
    if json {
        say(&serde_json::json!({ "id": id }).to_string())
    } else {
        say(id)
    }
}

/// Prints a line for people: the names in it are somebody's.
fn print_line(line: &str) -> Result<(), Failure> {
    say(&terminal::line(line))
}

/// Says what became of an act on what is in use; `none` is the word for there being no such thing.
fn found(done: bool, none: &'static str, id: &impl Display) -> Result<(), Failure> {
    if done {
        Ok(())
    } else {
        Err(Failure::naming("not_found", id.to_string()).worded(none))
    }
}

/// Reads one of these words for clap, which lists them where it was another.
fn one_of<T>(words: impl Iterator<Item = &'static str>) -> impl TypedValueParser<Value = T>
where
    T: FromStr + Clone + Send + Sync + 'static,
    T::Err: Error + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| word.parse::<T>())
}

/// Reads an id or a word for clap.
fn parsed<T: FromStr>(text: &str) -> Result<T, String>
where
    T::Err: ToString,
{
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// How a list marks what is out of use.
fn mark(disabled: bool) -> &'static str {
    if disabled { "  (disabled)" } else { "" }
}
