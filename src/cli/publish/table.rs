//! The table that a manifest is: what parts its cells, which columns it needs, what a line says.

use csv::{ErrorKind, StringRecord};
use secrecy::SecretString;

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
/// Letters of a column's name that are told, at most.
const NAMED_MAX: usize = 40;

/// A line below the columns' names.
pub(in crate::cli) struct Row {
    /// Its number in the file.
    pub(in crate::cli) line: u64,
    /// What it says, or why it cannot be used.
    pub(in crate::cli) cells: Result<Cells, TableError>,
}

/// What a line says.
pub(in crate::cli) struct Cells {
    pub(in crate::cli) code: SecretString,
    pub(in crate::cli) fields: Vec<(&'static str, String)>,
    /// As they are named, the main one first.
    pub(in crate::cli) files: Vec<String>,
}

/// Why a table or one of its lines cannot be used: a stable code and the place. It never repeats
/// what stands below the columns' names, which may be a dossier code.
#[derive(Debug)]
pub(in crate::cli) struct TableError {
    pub(in crate::cli) code: &'static str,
    pub(in crate::cli) why: String,
}

/// Reads the table. A line that cannot be used is an error of its own, and the others go on.
///
/// # Errors
/// A column that each result needs is missing, one is none of ours, or there is no line.
pub(in crate::cli) fn rows(table: &[u8]) -> Result<Vec<Row>, TableError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .delimiter(delimiter(table))
        .from_reader(table);
    let headers = reader.headers().map_err(|error| malformed(&error))?;
    let headers = columns(headers)?;
    let mut lines = Lines::of(table);
    let rows: Vec<Row> = reader
        .records()
        .map(|record| {
            let place = match &record {
                Ok(record) => record.position(),
                Err(error) => error.position(),
            };
            Row {
                line: place.map_or(0, |place| lines.number_at(place.byte())),
                cells: record
                    .map_err(|error| malformed(&error))
                    .and_then(|record| Cells::of(&headers, &record)),
            }
        })
        .collect();
    if rows.is_empty() {
        let why = "there is no line".to_owned();
        return Err(TableError::new("request_malformed", why));
    }
    Ok(rows)
}

/// The columns' names in small letters. One that is mistyped would be left out of every result
/// without a word; those without a name are what spreadsheets leave behind.
fn columns(headers: &StringRecord) -> Result<Vec<String>, TableError> {
    let wrong = |why: String| {
        Err(TableError::new(
            "request_malformed",
            format!("line 1: {why}"),
        ))
    };
    let columns: Vec<_> = headers.iter().map(str::to_ascii_lowercase).collect();
    let is_there = |needed: &str| columns.iter().any(|name| name == needed);
    if let Some(column) = REQUIRED.into_iter().find(|name| !is_there(name)) {
        return wrong(format!("there is no column {column}"));
    }
    let is_known = |name: &str| {
        let is_ours = REQUIRED.contains(&name) || FIELDS.contains(&name);
        is_ours || is_file(name) || name.is_empty()
    };
    match columns.iter().find(|name| !is_known(name)) {
        Some(unknown) => {
            let named: String = unknown.chars().take(NAMED_MAX).collect();
            wrong(format!("there is no such column as {named}"))
        }
        None => Ok(columns),
    }
}

/// Whether a column holds a file: `file`, `file2` and further.
fn is_file(column: &str) -> bool {
    let number = column.strip_prefix("file");
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Cells {
    fn of(columns: &[String], record: &StringRecord) -> Result<Self, TableError> {
        let cells = || {
            let pairs = columns.iter().map(String::as_str).zip(record.iter());
            pairs.filter(|(_, value)| !value.is_empty())
        };
        let value = |name: &str| {
            let found = cells().find(|(header, _)| *header == name);
            found.map(|(_, value)| value)
        };
        if let Some(missing) = REQUIRED.into_iter().find(|name| value(name).is_none()) {
            let why = format!("the column {missing} is empty");
            return Err(TableError::new("field_invalid", why));
        }
        if value("").is_some() {
            let why = "there is something in a column without a name".to_owned();
            return Err(TableError::new("field_invalid", why));
        }
        let mut files: Vec<(&str, &str)> = cells().filter(|(name, _)| is_file(name)).collect();
        files.sort_by_key(|(name, _)| (name.len(), *name));
        Ok(Self {
            code: value("code").unwrap_or_default().into(),
            fields: FIELDS
                .into_iter()
                .filter_map(|name| Some((name, value(name)?.to_owned())))
                .collect(),
            files: files.into_iter().map(|(_, file)| file.to_owned()).collect(),
        })
    }
}

impl TableError {
    fn new(code: &'static str, why: String) -> Self {
        Self { code, why }
    }
}

/// What the parser says may repeat a line: its number of fields is enough.
fn malformed(error: &csv::Error) -> TableError {
    let why = match error.kind() {
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("it has {len} fields, line 1 has {expected_len}"),
        _ => "it cannot be read".to_owned(),
    };
    TableError::new("request_malformed", why)
}

/// The numbers of a table's lines. The parser's own are those of the line before where a line ends with
/// CR LF or is empty.
struct Lines<'t> {
    table: &'t [u8],
    /// So far the line ends are counted.
    at: usize,
    ends: u64,
}

impl<'t> Lines<'t> {
    fn of(table: &'t [u8]) -> Self {
        Self {
            table,
            at: 0,
            ends: 0,
        }
    }

    /// The number of the line on which a record stands that begins at this byte, or behind the line ends
    /// there. Later records come later.
    fn number_at(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        while let Some((first, rest)) = self.table.get(self.at..).and_then(<[u8]>::split_first) {
            if self.at >= byte && !is_end(first) {
                break;
            }
            // CR LF is one end.
            let is_half = *first == b'\r' && rest.first() == Some(&b'\n');
            self.ends += u64::from(is_end(first) && !is_half);
            self.at += 1;
        }
        self.ends + 1
    }
}

/// What parts the fields: a comma, or the semicolon of spreadsheets in Vietnamese.
fn delimiter(table: &[u8]) -> u8 {
    let head = table.split(|byte| *byte == b'\n').next().unwrap_or(table);
    if head.contains(&b';') && !head.contains(&b',') {
        b';'
    } else {
        b','
    }
}
