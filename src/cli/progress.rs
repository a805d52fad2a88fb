//! How far long work has come: a bar on a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, Write as _, stderr};

use indicatif::{ProgressBar, ProgressStyle};

use super::failure::Failure;
use super::terminal;

/// The progress of work on a known number of things.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Work on `total` things; a single one needs no bar.
    pub(super) fn new(total: usize) -> Self {
        let bar = (total > 1 && stderr().is_terminal()).then(|| {
            let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed} (~{eta})");
            ProgressBar::new(total as u64)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar }
    }

    /// One more is done, well or not.
    pub(super) fn step(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// Says something without tearing the bar.
    pub(super) fn tell(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => drop(writeln!(stderr(), "{line}")),
        }
    }

    /// Says an outcome without tearing the bar.
    pub(super) fn say(&self, line: &str) -> Result<(), Failure> {
        match &self.bar {
            Some(bar) => bar.suspend(|| terminal::say(line)),
            None => terminal::say(line),
        }
    }

    /// The work is done.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
