//! One verb on many files: each input has the place of its outcome, some are worked on at once, one
//! that fails is told and the others go on.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::failure::Failure;
use super::files;
use super::progress::Progress;

/// An input and where its outcome goes.
pub(super) type Pair = (PathBuf, PathBuf);

/// Each input with the place of its outcome: `out` itself for a single file, a file of the same
/// name in the folder `out` otherwise.
pub(super) fn pairs(named: &[PathBuf], out: &Path) -> Result<Vec<Pair>, Failure> {
    let inputs = files::inputs(named)?;
    let named_one_file = matches!(named, [one] if !one.is_dir());
    if named_one_file && !out.is_dir() {
        let folder = folder_of(out);
        // With the dot a file is told apart from a folder.
        fs::metadata(folder.join(".")).map_err(|error| Failure::unwritable(folder, &error))?;
        return Ok(inputs
            .into_iter()
            .map(|input| (input, out.to_owned()))
            .collect());
    }
    fs::create_dir_all(out).map_err(|error| Failure::unwritable(out, &error))?;
    let mut taken = HashSet::new();
    inputs
        .into_iter()
        .map(|input| {
            let name = input.file_name().unwrap_or(input.as_os_str()).to_owned();
            if !taken.insert(name.clone()) {
                return Err(
                    Failure::new("field_invalid", "two inputs have this name").about_file(&input)
                );
            }
            let out = out.join(name);
            Ok((input, out))
        })
        .collect()
}

/// The folder that an outcome will stand in.
pub(super) fn folder_of(out: &Path) -> &Path {
    match out.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Works on one file after the other, so many `at_once`.
pub(super) async fn run_all<W, F>(
    work: Arc<W>,
    pairs: Vec<Pair>,
    at_once: usize,
    one: impl Fn(Arc<W>, PathBuf, PathBuf) -> F,
) -> Result<(), Failure>
where
    W: Send + Sync + 'static,
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let total = pairs.len();
    let progress = Progress::new(total);
    let mut running = JoinSet::new();
    let mut failed = 0;
    let mut waiting = pairs.into_iter();
    loop {
        while running.len() < at_once {
            let Some((input, out)) = waiting.next() else {
                break;
            };
            let work = one(Arc::clone(&work), input.clone(), out.clone());
            running.spawn(async move {
                see_that_it_stays(&input, &out)?;
                work.await.map_err(|failure| failure.about_file(&input))
            });
        }
        let Some(finished) = running.join_next().await else {
            break;
        };
        let outcome = finished
            .unwrap_or_else(|_| Err(Failure::new("unavailable", "the work was broken off")));
        if let Err(failure) = outcome {
            progress.tell(&failure.line());
            failed += 1;
        }
        progress.step();
    }
    progress.finish();
    match failed {
        0 => Ok(()),
        failed => Err(Failure::some(failed, total)),
    }
}

fn see_that_it_stays(input: &Path, out: &Path) -> Result<(), Failure> {
    let is_same = match (input.canonicalize(), out.canonicalize()) {
        (Ok(input), Ok(out)) => input == out,
        _ => false,
    };
    if is_same {
        let why = "the outcome would replace its own input";
        return Err(Failure::new("field_invalid", why).about_file(input));
    }
    Ok(())
}
