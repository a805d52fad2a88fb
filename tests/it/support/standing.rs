//! Judges whose start takes longer than their work: one process for all questions of a test run,
//! a line of JSON for each and a line back. It ends when the tests do, for nobody writes to it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::judge::{python, tools};

/// EU DSS and veraPDF.
pub(crate) static JAVA: Standing = Standing::new(|| {
    let folder = tools().join("java");
    let classes = format!("{0}/classes:{0}/lib/*", folder.display());
    let mut java = Command::new("java");
    java.args(["-XX:+UseSerialGC", "-Xmx512m"]);
    // Tests read what it says.
    java.arg("-Duser.language=en");
    java.args(["-cp", &classes, "Judges"]);
    java
});

/// pyHanko.
pub(crate) static PYHANKO: Standing = Standing::new(|| {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut pyhanko = Command::new(python());
    pyhanko.arg(format!("{root}/scripts/test-tools/pyhanko_judge.py"));
    pyhanko
});

/// A judge that is started by the first question.
pub(crate) struct Standing {
    command: fn() -> Command,
    running: Mutex<Option<Running>>,
}

struct Running {
    _process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer<A> {
    Failure { failure: String },
    Judged(A),
}

impl Standing {
    const fn new(command: fn() -> Command) -> Self {
        Self {
            command,
            running: Mutex::new(None),
        }
    }

    /// What the judge answers, or why it could not judge.
    pub(crate) fn ask<A: DeserializeOwned>(&self, question: &impl Serialize) -> Result<A, String> {
        // Another test may have panicked while it asked; then the process is gone or this line is ours.
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let running = running.get_or_insert_with(|| Running::start((self.command)()));
        let line = running.exchange(&serde_json::to_string(question).unwrap());
        match serde_json::from_str(&line) {
            Ok(Answer::Judged(answer)) => Ok(answer),
            Ok(Answer::Failure { failure }) => Err(failure),
            Err(error) => panic!("a judge answered {line:?} ({error}): run `make tools`"),
        }
    }
}

impl Running {
    fn start(mut command: Command) -> Self {
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = started.unwrap_or_else(|error| {
            panic!("{command:?} does not start ({error}): run `make tools`")
        });
        Self {
            questions: process.stdin.take().unwrap(),
            answers: BufReader::new(process.stdout.take().unwrap()),
            _process: process,
        }
    }

    fn exchange(&mut self, question: &str) -> String {
        let mut line = String::new();
        let asked = writeln!(self.questions, "{question}");
        let answered = asked.and_then(|()| self.answers.read_line(&mut line));
        answered.unwrap_or_else(|error| panic!("a judge is gone ({error}): run `make tools`"));
        line
    }
}
