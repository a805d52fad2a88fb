//! A way in for the fuzz targets (`fuzz/`) to the manifest of a batch. Built for them and their
//! tests alone.

use super::publish::table;

/// A line: how many fields and files it has, or what is said of it.
pub(crate) type Told = Result<(usize, usize), String>;

/// Reads a manifest.
pub(crate) fn manifest(bytes: &[u8]) -> Result<Vec<Told>, String> {
    let rows = table::rows(bytes).map_err(|error| error.why)?;
    let told = rows.into_iter().map(|row| {
        let cells = row.cells.map_err(|error| error.why)?;
        Ok((cells.fields.len(), cells.files.len()))
    });
    Ok(told.collect())
}
