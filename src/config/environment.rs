//! Settings from the environment: `TRAO_LISTEN`, `TRAO_GATE__CLIENT__BURST`.

use serde_json::Value as Schema;
use toml::{Table, Value};

use super::{ConfigError, Settings, TsaSettings};

const PREFIX: &str = "TRAO_";
const LEVEL: &str = "__";

/// Lays the variables over what the file said. A name with `__` in it must be a setting; one
/// without may be something else of ours (`TRAO_PASSPHRASE`) and is then left alone.
pub(super) fn overlay(
    table: &mut Table,
    variables: &[(String, String)],
) -> Result<(), ConfigError> {
    let schema = schema();
    for (name, text) in variables {
        let Some(keys) = keys(name) else {
            continue;
        };
        let wrong = || ConfigError::Variable(name.clone());
        match find(&schema, &keys) {
            Some(kind) if is_table(kind) => return Err(wrong()),
            Some(kind) => {
                let value = value(kind, text).ok_or_else(wrong)?;
                insert(table, &keys, value).ok_or_else(wrong)?;
            }
            None if keys.len() > 1 => return Err(wrong()),
            None => {}
        }
    }
    Ok(())
}

/// The variable that says what stands at these keys, or the list in which it does.
pub(super) fn variable_of<'v>(variables: &'v [(String, String)], at: &[String]) -> Option<&'v str> {
    let names = variables.iter().map(|(name, _)| name.as_str());
    let mut names = names.filter(|name| keys(name).is_some_and(|keys| at.starts_with(&keys)));
    names.next()
}

/// The keys that a variable's name says, if it may be a setting.
fn keys(name: &str) -> Option<Vec<String>> {
    let path = name.strip_prefix(PREFIX)?;
    Some(path.split(LEVEL).map(str::to_ascii_lowercase).collect())
}

/// The names and kinds of all settings: the defaults as JSON, where a setting that is absent by
/// default stands as `null` (all of those are texts) and a list of tables has one.
pub(super) fn schema() -> Schema {
    let settings = Settings {
        tsa: vec![TsaSettings::default()],
        ..Settings::default()
    };
    serde_json::to_value(settings).unwrap_or_default()
}

fn find<'s>(schema: &'s Schema, keys: &[String]) -> Option<&'s Schema> {
    keys.iter().try_fold(schema, |level, key| match level {
        Schema::Object(section) => section.get(key),
        Schema::Array(tables) if key.parse::<usize>().is_ok() => {
            tables.first().filter(|table| table.is_object())
        }
        _ => None,
    })
}

/// Whether this is one table or a list of them, which no single variable can hold.
fn is_table(kind: &Schema) -> bool {
    match kind {
        Schema::Object(_) => true,
        Schema::Array(items) => items.first().is_some_and(Schema::is_object),
        _ => false,
    }
}

/// Reads a variable's text as its setting's kind; a list is written with commas.
fn value(kind: &Schema, text: &str) -> Option<Value> {
    Some(match kind {
        Schema::Bool(_) => Value::Boolean(text.parse().ok()?),
        Schema::Number(_) => Value::Integer(text.parse().ok()?),
        Schema::Array(_) => {
            let items = text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        _ => Value::String(text.to_owned()),
    })
}

/// Puts a value in its place; `None` where a list has no such place yet. Where the file says another
/// thing than the section or the list in which the setting stands, it is left to be told as wrong.
fn insert(table: &mut Table, keys: &[String], value: Value) -> Option<()> {
    let (last, sections) = keys.split_last()?;
    let mut level = table;
    let mut sections = sections.iter();
    while let Some(section) = sections.next() {
        let inner = level
            .entry(section)
            .or_insert_with(|| Value::Table(Table::new()));
        let inner = match inner {
            Value::Array(tables) => match sections.next().map(|place| place.parse()) {
                Some(Ok(place)) => nth(tables, place)?,
                _ => return Some(()),
            },
            inner => inner,
        };
        level = match inner {
            Value::Table(inner) => inner,
            _ => return Some(()),
        };
    }
    level.insert(last.clone(), value);
    Some(())
}

/// What stands at this place of a list; right behind the last a new table is begun.
fn nth(tables: &mut Vec<Value>, place: usize) -> Option<&mut Value> {
    if place == tables.len() {
        tables.push(Value::Table(Table::new()));
    }
    tables.get_mut(place)
}

#[cfg(test)]
mod tests {
    use super::super::{ConfigError, Settings};

    fn load(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        let variables = variables
            .iter()
            .map(|&(name, text)| (name.to_owned(), text.to_owned()));
        Settings::load_with(None, variables)
    }

    #[test]
    fn a_variable_sets_what_its_name_says() {
        let settings = load(&[
            ("TRAO_LISTEN", "127.0.0.1:1"),
            ("TRAO_LIMITS__RESULT_FILES", "5"),
            ("TRAO_GATE__CLIENT__BURST", "7"),
            ("TRAO_PROXIES__TRUSTED", "10.0.0.0/8, 192.0.2.0/24"),
            ("TRAO_INSTALLATION__TELEPHONE", "1900"),
            ("TRAO_ARCHIVE__S3__PATH_STYLE", "false"),
            ("HOME", "/root"),
            ("TRAO_PASSPHRASE", "x"),
        ]);
        let settings = settings.unwrap();
        assert_eq!(settings.listen.port(), 1);
        assert_eq!(settings.limits.result_files, 5);
        assert_eq!(settings.gate.client.burst, 7);
        assert_eq!(settings.proxies.trusted.len(), 2);
        assert_eq!(settings.installation.telephone.as_deref(), Some("1900"));
        assert!(!settings.archive.s3.path_style);
    }

    #[test]
    fn each_table_of_a_list_has_its_number() {
        let settings = load(&[
            ("TRAO_TSA__1__NAME", "second"),
            ("TRAO_TSA__1__URL", "http://192.0.2.2/tsa"),
            ("TRAO_TSA__0__URL", "http://192.0.2.1/tsa"),
            ("TRAO_TSA__0__NAME", "first"),
            ("TRAO_TSA__0__ANCHORS", "a.pem, b"),
            ("TRAO_TSA__0__TIMEOUT_S", "3"),
        ]);
        let [first, second] = settings.unwrap().tsa.try_into().unwrap();
        assert_eq!((first.name.as_str(), first.timeout_s), ("first", 3));
        assert_eq!(first.anchors.len(), 2);
        assert_eq!(second.url, "http://192.0.2.2/tsa");
    }

    #[test]
    fn a_name_that_is_no_setting_is_not_passed_over() {
        for (name, text) in [
            ("TRAO_LIMITS__RESULT_FILE", "5"),
            ("TRAO_LIMITS__RESULT_FILES", "five"),
            ("TRAO_NOTHING__AT_ALL", "1"),
            ("TRAO_LIMITS", "1"),
            ("TRAO_TSA", "http://192.0.2.1/tsa"),
            ("TRAO_TSA__0", "http://192.0.2.1/tsa"),
            ("TRAO_TSA__1__NAME", "there is no first"),
            ("TRAO_TSA__0__NAMES", "x"),
            ("TRAO_INTAKE__REFUSE_UNSEEN__0", "xfa"),
        ] {
            let refused = load(&[(name, text)]);
            assert!(
                matches!(&refused, Err(ConfigError::Variable(named)) if named == name),
                "{name}"
            );
        }
    }
}
