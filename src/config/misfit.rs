//! What is wrong with a setting that is none or of another type, and where it stands: its name and
//! its line, never its value, which may be a secret in the wrong place.

use serde_path_to_error::{Path, Segment};
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::{ConfigError, Settings, environment};

/// The settings that a table says, with what it was made of: the file's text and the variables.
pub(super) fn settings(
    table: Table,
    text: &str,
    variables: &[(String, String)],
) -> Result<Settings, ConfigError> {
    serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        let path = error.path();
        match environment::variable_of(variables, &keys(path)) {
            Some(variable) => ConfigError::Variable(variable.to_owned()),
            None => ConfigError::Misfit {
                setting: path.to_string(),
                line: line_of(text, path),
                why: why(error.inner().message()),
            },
        }
    })
}

/// The table of a file.
pub(super) fn table(text: &str) -> Result<Table, ConfigError> {
    text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_at(text, span.start));
        ConfigError::Malformed(format!("line {line}: {}", error.message()))
    })
}

/// The keys of a path as variables have them: the place in a list is a key too.
fn keys(path: &Path) -> Vec<String> {
    let keys = path.iter().map(|segment| match segment {
        Segment::Seq { index } => index.to_string(),
        Segment::Map { key } => key.clone(),
        Segment::Enum { variant } => variant.clone(),
        Segment::Unknown => String::new(),
    });
    keys.collect()
}

/// What serde says without the value, and in the words of those who write settings.
fn why(message: &str) -> String {
    let expected = match message.rsplit_once(", expected ") {
        Some((found, expected)) if !found.starts_with("unknown field ") => expected,
        // A name that is unknown is told by the setting's.
        Some((_, known)) => return format!("there is no such setting, but {known}"),
        None => return message.to_owned(),
    };
    let expected = match expected {
        "a sequence" => "a list",
        "u16" | "u32" | "u64" => "a whole number, not below 0",
        section if section.starts_with("struct ") => "a section",
        other => other,
    };
    format!("expected {expected}")
}

/// The line of a setting, if it stands in this text.
fn line_of(text: &str, path: &Path) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut at = root.span().start;
    let mut value = DeValue::Table(root.into_inner());
    for segment in path {
        let inner = match (segment, value) {
            (Segment::Map { key }, DeValue::Table(table)) => {
                let (name, inner) = table.into_iter().find(|(name, _)| name.get_ref() == key)?;
                at = name.span().start;
                inner
            }
            (Segment::Seq { index }, DeValue::Array(items)) => {
                let item: Spanned<DeValue> = items.into_iter().nth(*index)?;
                at = item.span().start;
                item
            }
            _ => return None,
        };
        value = inner.into_inner();
    }
    Some(line_at(text, at))
}

/// The number of the line that holds this byte.
fn line_at(text: &str, byte: usize) -> usize {
    let before = text.bytes().take(byte);
    before.filter(|byte| *byte == b'\n').count() + 1
}
