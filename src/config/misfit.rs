//! What is wrong with a setting that is none, of another type or outside its limits, and where it
//! stands: its name and its line, never its value, which may be a secret in the wrong place.

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
        let keys = keys(path);
        match environment::variable_of(variables, &keys) {
            Some(variable) => ConfigError::Variable(variable.to_owned()),
            None => ConfigError::Misfit {
                setting: path.to_string(),
                line: line_of(text, &keys),
                why: why(error.inner().message()),
            },
        }
    })
}

/// The same error with the line of its setting, if the file says it and no variable.
pub(super) fn placed(
    mut error: ConfigError,
    text: &str,
    variables: &[(String, String)],
) -> ConfigError {
    if let ConfigError::Invalid { setting, line, .. } = &mut error {
        let keys: Vec<String> = setting.split('.').map(str::to_owned).collect();
        if environment::variable_of(variables, &keys).is_none() {
            *line = line_of(text, &keys);
        }
    }
    error
}

/// The table of a file.
pub(super) fn table(text: &str) -> Result<Table, ConfigError> {
    text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_at(text, span.start));
        ConfigError::Malformed(format!("line {line}: {}", why(error.message())))
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

/// How serde begins to tell of a value: the value stands behind it.
const OF_VALUES: [&str; 4] = [
    "invalid type: ",
    "invalid value: ",
    "invalid length ",
    "unknown variant ",
];

/// What serde says without the value, and in the words of those who write settings.
fn why(message: &str) -> String {
    let Some((found, expected)) = message.rsplit_once(", expected ") else {
        return message.to_owned();
    };
    if found.starts_with("unknown field ") {
        // A name that is unknown is told by the setting's.
        return format!("there is no such setting, but {expected}");
    }
    if !OF_VALUES.iter().any(|begin| found.starts_with(begin)) {
        // The parser quotes nothing.
        return message.to_owned();
    }
    let number = ["invalid value: integer `", "invalid type: integer `"]
        .iter()
        .find_map(|begin| found.strip_prefix(begin));
    let is_negative = number.map(|number| number.starts_with('-'));
    let expected = match (expected, is_negative) {
        ("u16" | "u32" | "u64" | ANY, Some(false)) => return "the number is too large".to_owned(),
        (ANY, Some(true)) => return "the number is too small".to_owned(),
        ("u16" | "u32" | "u64", _) => "a whole number, not below 0",
        ("a sequence", _) => "a list",
        ("a string" | "string only" | "path string", _) => "a text",
        ("a boolean", _) => "true or false",
        ("socket address", _) => "an address with a port",
        (section, _) if section.starts_with("struct ") => "a section",
        (other, _) => other,
    };
    format!("expected {expected}")
}

/// What the parser expects where it keeps whatever is written.
const ANY: &str = "any valid TOML value";

/// The line of a setting, if it stands in this text.
fn line_of(text: &str, keys: &[String]) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut at = root.span().start;
    let mut value = DeValue::Table(root.into_inner());
    for key in keys {
        let inner = match value {
            DeValue::Table(table) => {
                let (name, inner) = table.into_iter().find(|(name, _)| name.get_ref() == key)?;
                at = name.span().start;
                inner
            }
            DeValue::Array(items) => {
                let item: Spanned<DeValue> = items.into_iter().nth(key.parse().ok()?)?;
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
