//! One verb on many files: each input has the place of its outcome, some are worked on at once, one
//! that fails is told and the others go on.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fluent_bundle::FluentArgs;
use tokio::task::JoinSet;

use super::advice::Advice;
use super::failure::{self, Failure};
use super::progress::Progress;
use super::{files, terminal};
use crate::http::texts::Texts;

/// What became of a file: why it failed, if it did, and what is to be said of it besides.
pub(super) struct Outcome {
    /// Whether there is a file now where it was asked for.
    pub(super) is_written: bool,
    pub(super) warning: Option<Failure>,
    pub(super) failure: Option<Failure>,
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        Self {
            is_written: false,
            warning: None,
            failure: Some(failure),
        }
    }
}

impl Outcome {
    fn about_file(self, input: &Path) -> Self {
        let about = |failure: Failure| failure.or_about_file(input);
        Self {
            is_written: self.is_written,
            warning: self.warning.map(about),
            failure: self.failure.map(about),
        }
    }
}

/// An input and where its outcome goes.
pub(super) type Pair = (PathBuf, PathBuf);

/// Each input with the place of its outcome: `out` itself for a single file, a file of the same
/// name in the folder `out` otherwise. No folder is made whose name says that a file was meant.
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
    if out.is_file() || (files::is_named_pdf(out) && !out.is_dir()) {
        let failure = Failure::naming("field_invalid", "--out").worded("folder_needed");
        return Err(failure.about_file(out));
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
    let mut tally = Tally::default();
    let mut tell = |outcome: Outcome| tally.take(outcome, &progress);
    let all_inputs: HashSet<FileId> = pairs.iter().filter_map(|(input, _)| id_of(input)).collect();
    pairs.reverse();
    loop {
        while running.len() < pace.runs && !pairs.is_empty() {
            let next = pairs.split_off(pairs.len().saturating_sub(pace.together.max(1)));
            let mut run = Vec::with_capacity(next.len());
            for (input, out) in next.into_iter().rev() {
                if id_of(&out).is_some_and(|id| all_inputs.contains(&id)) {
                    let why = "the outcome would replace an input";
                    let failure = Failure::new("field_invalid", why);
                    tell(Outcome::from(failure).about_file(&input));
                } else {
                    run.push((input, out));
                }
            }
            let inputs: Vec<PathBuf> = run.iter().map(|(input, _)| input.clone()).collect();
            let work = tokio::spawn(some(Arc::clone(&work), run));
            running.spawn(async move {
                let mut outcomes = work.await.unwrap_or_default();
                let untold = inputs.len().saturating_sub(outcomes.len());
                outcomes.extend(broken_off(untold, "the work was broken off"));
                let outcomes = outcomes.into_iter().zip(inputs);
                let about = |(outcome, input): (Outcome, PathBuf)| outcome.about_file(&input);
                outcomes.map(about).collect::<Vec<_>>()
            });
        }
        let Some(finished) = running.join_next().await else {
            break;
        };
        finished
            .unwrap_or_else(|broken| broken_off(1, &broken.to_string()))
            .into_iter()
            .for_each(&mut tell);
    }
    progress.finish();
    tally.end(total)
}

/// What became of all files.
#[derive(Default)]
struct Tally {
    written: usize,
    failed: usize,
    lower: usize,
    advice: Advice,
}

impl Tally {
    /// Tells what became of a file, and counts it.
    fn take(&mut self, outcome: Outcome, progress: &Progress) {
        self.written += usize::from(outcome.is_written);
        if let Some(warning) = outcome.warning {
            progress.tell(&warning.into_warning().line());
        }
        if let Some(failure) = outcome.failure {
            progress.tell(&failure.line());
            self.advice.take_up(&failure);
            if failure.is_lower_level() {
                self.lower += 1;
            } else {
                self.failed += 1;
            }
        }
        progress.step();
    }

    fn end(self, total: usize) -> Result<(), Failure> {
        self.advice.lines().for_each(terminal::note);
        if total > 1 {
            tell_written(self.written, total);
        }
        match (self.failed, self.lower) {
            (0, 0) => Ok(()),
            (0, lower) => Err(Failure::some_lower(lower, total)),
            (failed, 0) => Err(Failure::some(failed, total)),
            (failed, lower) => {
                Failure::some_lower(lower, total).print();
                Err(Failure::some(failed, total))
            }
        }
    }
}

/// Says at the end of many files how many stand where they were asked for.
fn tell_written(written: usize, total: usize) {
    let mut values = FluentArgs::new();
    values.set("written", written.to_string());
    values.set("total", total.to_string());
    let told = Texts::shipped().filled(failure::language(), "files-written", &values);
    terminal::note(&format!("trao: {told}"));
}

/// What became of so many files whose work was broken off.
pub(super) fn broken_off(files: usize, why: &str) -> Vec<Outcome> {
    let each = || Failure::new("unavailable", why).into();
    std::iter::repeat_with(each).take(files).collect()
}

/// What tells a file from others, by whatever name it is called.
type FileId = (u64, u64);

fn id_of(path: &Path) -> Option<FileId> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}
