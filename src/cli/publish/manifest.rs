//! The manifest of a batch: a CSV with a line for each result.

use std::path::Path;

use super::item::{Item, Line};
use super::table::{self, TableError};
use crate::cli::failure::Failure;
use crate::cli::files;

/// Reads the batch, its files relative to the manifest's folder. A line that cannot be used is a
/// failure of its own, and the others go on.
pub(super) fn read(path: &Path) -> Result<Vec<Line>, Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let rows = table::rows(&files::read(path)?);
    let rows = rows.map_err(|error| failure(error).about_file(path))?;
    let lines = rows.into_iter().map(|row| {
        let item = row.cells.map(|cells| Item {
            code: cells.code,
            fields: cells.fields,
            files: cells.files.iter().map(|file| folder.join(file)).collect(),
        });
        Line {
            label: format!("{}:{}", path.display(), row.line),
            item: item.map_err(failure),
        }
    });
    Ok(lines.collect())
}

fn failure(error: TableError) -> Failure {
    Failure::new(error.code, error.why)
}
