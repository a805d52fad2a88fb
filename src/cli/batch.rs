//! One verb on many files: each input has the place of its outcome, some are worked on at once, one
//! that fails is told and the others go on.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::failure::Failure;
use super::files;
use super::progress::Progress;

/// What became of a file: it is done, with a warning or without, or it failed.
pub(super) type Outcome = Result<Option<Failure>, Failure>;

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

/// The folder that all outcomes will stand in, by its whole name.
pub(super) fn folder_of_all(pairs: &[Pair]) -> Result<PathBuf, Failure> {
    let folder = pairs
        .first()
        .map_or(Path::new("."), |(_, out)| folder_of(out));
    folder
        .canonicalize()
        .map_err(|error| Failure::unwritable(folder, &error))
}

/// How many files are worked on at once: so many runs of them, of so many each.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    pub(super) runs: usize,
    pub(super) together: usize,
}

/// Works on one run of files after the other. `some` tells what became of each, in their order.
pub(super) async fn run_all<W, F>(
    work: Arc<W>,
    mut pairs: Vec<Pair>,
    pace: Pace,
    some: impl Fn(Arc<W>, Vec<Pair>) -> F,
) -> Result<(), Failure>
where
    W: Send + Sync + 'static,
    F: Future<Output = Vec<Outcome>> + Send + 'static,
{
    let total = pairs.len();
    let progress = Progress::new(total);
    let mut running = JoinSet::new();
    let mut failed = 0;
    let mut tell = |outcome: Outcome| {
        match outcome {
            Ok(None) => {}
            Ok(Some(warning)) => progress.tell(&warning.into_warning().line()),
            Err(failure) => {
                progress.tell(&failure.line());
                failed += 1;
            }
        }
        progress.step();
    };
    pairs.reverse();
    loop {
        while running.len() < pace.runs && !pairs.is_empty() {
            let next = pairs.split_off(pairs.len().saturating_sub(pace.together.max(1)));
            let mut run = Vec::with_capacity(next.len());
            for (input, out) in next.into_iter().rev() {
                match see_that_it_stays(&input, &out) {
                    Ok(()) => run.push((input, out)),
                    Err(failure) => tell(Err(failure)),
                }
            }
            let inputs: Vec<PathBuf> = run.iter().map(|(input, _)| input.clone()).collect();
            let work = some(Arc::clone(&work), run);
            running.spawn(async move {
                let outcomes = tokio::spawn(work).await;
                let outcomes = outcomes.unwrap_or_else(|_| broken_off(inputs.len()));
                let outcomes = outcomes.into_iter().zip(inputs);
                let about = |(outcome, input): (Outcome, PathBuf)| match outcome {
                    Ok(warning) => Ok(warning.map(|warning| warning.about_file(&input))),
                    Err(failure) => Err(failure.about_file(&input)),
                };
                outcomes.map(about).collect::<Vec<_>>()
            });
        }
        let Some(finished) = running.join_next().await else {
            break;
        };
        finished.unwrap_or_default().into_iter().for_each(&mut tell);
    }
    progress.finish();
    match failed {
        0 => Ok(()),
        failed => Err(Failure::some(failed, total)),
    }
}

/// What became of so many files whose work was broken off.
pub(super) fn broken_off(files: usize) -> Vec<Outcome> {
    let each = || Err(Failure::new("unavailable", "the work was broken off"));
    std::iter::repeat_with(each).take(files).collect()
}

fn see_that_it_stays(input: &Path, out: &Path) -> Result<(), Failure> {
    let same = match (fs::metadata(input), fs::metadata(out)) {
        (Ok(input), Ok(out)) => (input.dev(), input.ino()) == (out.dev(), out.ino()),
        _ => false,
    };
    if same {
        let why = "the outcome would replace its own input";
        return Err(Failure::new("field_invalid", why).about_file(input));
    }
    Ok(())
}
