//! The manifest of a batch: a CSV with a line for each result.

use std::io::BufRead as _;
use std::path::Path;

use csv::StringRecord;

use super::item::{Item, Line};
use crate::cli::failure::Failure;
use crate::cli::files;

/// The columns whose values are sent as they stand.
const FIELDS: [&str; 7] = [
    "title",
    "document_number",
    "procedure",
    "recipient_email",
    "recipient_phone",
    "policy",
    "appearance",
];
/// The columns that each result needs.
const REQUIRED: [&str; 3] = ["code", "title", "file"];

/// Reads the batch. Columns that begin with `file` are files, relative to the manifest's folder. A
/// line that cannot be used is a failure of its own, and the others go on.
pub(super) fn read(path: &Path) -> Result<Vec<Line>, Failure> {
    let malformed = |why: String| Failure::new("request_malformed", why).about_file(path);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .delimiter(delimiter(path)?)
        .from_path(path)
        .map_err(|error| failure(path, &error))?;
    let headers = reader.headers().map_err(|error| failure(path, &error))?;
    let headers = headers.clone();
    for column in REQUIRED {
        if !headers.iter().any(|name| name == column) {
            return Err(malformed(format!("line 1: there is no column {column}")));
        }
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let (at, item) = match record {
            Ok(record) => (
                record.position().map(csv::Position::line),
                item(path, &headers, &record),
            ),
            Err(error) if error.is_io_error() => return Err(failure(path, &error)),
            Err(error) => (
                error.position().map(csv::Position::line),
                Err(failure(path, &error)),
            ),
        };
        lines.push(Line {
            label: format!("{}:{}", path.display(), at.unwrap_or_default()),
            item,
        });
    }
    if lines.is_empty() {
        return Err(malformed("there is no line".to_owned()));
    }
    Ok(lines)
}

fn item(manifest: &Path, headers: &StringRecord, record: &StringRecord) -> Result<Item, Failure> {
    let folder = manifest.parent().unwrap_or(Path::new("."));
    let cells = || {
        let pairs = headers.iter().zip(record.iter());
        pairs.filter(|(_, value)| !value.is_empty())
    };
    let value = |name: &str| {
        let found = cells().find(|(header, _)| *header == name);
        found.map(|(_, value)| value)
    };
    if let Some(missing) = REQUIRED.into_iter().find(|name| value(name).is_none()) {
        let why = format!("the column {missing} is empty");
        return Err(Failure::new("field_invalid", why));
    }
    let mut files: Vec<(&str, &str)> = cells()
        .filter(|(name, _)| name.starts_with("file"))
        .collect();
    files.sort_by_key(|(name, _)| (name.len(), *name));
    Ok(Item {
        code: value("code").unwrap_or_default().into(),
        fields: FIELDS
            .into_iter()
            .filter_map(|name| Some((name, value(name)?.to_owned())))
            .collect(),
        files: files
            .into_iter()
            .map(|(_, file)| folder.join(file))
            .collect(),
    })
}

/// What the parser says may repeat a line, and with it a code: the place is enough.
fn failure(path: &Path, error: &csv::Error) -> Failure {
    if let csv::ErrorKind::Io(error) = error.kind() {
        return files::read_failure(path, error);
    }
    let why = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("it has {len} fields, line 1 has {expected_len}"),
        _ => "it cannot be read".to_owned(),
    };
    Failure::new("request_malformed", why).about_file(path)
}

/// What parts the fields: a comma, or the semicolon of spreadsheets in Vietnamese.
fn delimiter(path: &Path) -> Result<u8, Failure> {
    let file = std::fs::File::open(path).map_err(|error| files::read_failure(path, &error))?;
    let mut head = String::new();
    let read = std::io::BufReader::new(file).read_line(&mut head);
    read.map_err(|error| files::read_failure(path, &error))?;
    let is_semicolon = head.contains(';') && !head.contains(',');
    Ok(if is_semicolon { b';' } else { b',' })
}
