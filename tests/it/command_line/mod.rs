//! What every verb of the program keeps to, whoever calls it: help with an example, the exit
//! status, the stable code of a refusal; and what single verbs promise to programs.

mod demo;
mod desk;
mod extend;
mod identity;
mod issuer;
mod refusals;
mod renew;
mod serve;
mod sign;
mod unheard;
mod verify;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use trao::model::AgencyId;

use crate::support::process::Process;
use crate::support::program::{Run, program};

fn help(verb: &[String]) -> String {
    let run = Run::of(program(verb).arg("--help"));
    assert_eq!(run.status, Some(0), "{verb:?}: {run:?}");
    run.printed
}

/// What stands under `Commands:`.
fn below(help: &str) -> Vec<String> {
    let Some((_, commands)) = help.split_once("\nCommands:\n") else {
        return Vec::new();
    };
    let lines = commands.lines().take_while(|line| !line.is_empty());
    let words = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let words = words.filter_map(|line| line.split_whitespace().next());
    words
        .filter(|word| *word != "help")
        .map(str::to_owned)
        .collect()
}

/// Every verb and verb of a verb with its help, as the program itself lists them.
fn verbs() -> BTreeMap<Vec<String>, String> {
    let mut found = BTreeMap::new();
    let mut pending = vec![Vec::new()];
    while let Some(verb) = pending.pop() {
        let help = help(&verb);
        pending.extend(below(&help).into_iter().map(|word| {
            let mut longer = verb.clone();
            longer.push(word);
            longer
        }));
        found.insert(verb, help);
    }
    found
}

#[test]
fn every_verb_has_help_with_an_example_and_tells_wrong_usage() {
    let verbs = verbs();
    assert!(verbs.len() > 35, "{:?}", verbs.keys());
    for (verb, help) in &verbs {
        let example = format!("\n  trao {}", verb.join(" "));
        assert!(
            help.contains("\nExample") && help.contains(example.trim_end()),
            "trao {} --help",
            verb.join(" ")
        );
        let run = Run::of(program(verb).arg("--no-such-option"));
        assert_eq!(run.status, Some(2), "{verb:?}: {run:?}");
        assert!(run.printed.is_empty() && !run.said.is_empty(), "{verb:?}");
    }
}

/// For each verb that does something by itself a call that is refused, and its code. `CONFIG` is a
/// configuration that is not there.
const REFUSED: &[(&str, &str)] = &[
    ("agency add --name a CONFIG", "file_unreadable"),
    (
        "agency appearance remove ID --language CONFIG",
        "file_unreadable",
    ),
    (
        "agency appearance set ID --language vi CONFIG",
        "file_unreadable",
    ),
    ("agency appearance show ID CONFIG", "file_unreadable"),
    ("agency disable ID", "not_found"),
    ("agency list CONFIG", "file_unreadable"),
    ("audit verify CONFIG", "file_unreadable"),
    ("demo --port 0 --dir .", "state_conflict"),
    ("doctor CONFIG", "file_unreadable"),
    (
        "extend nowhere.pdf --out out.pdf --level lta CONFIG",
        "file_unreadable",
    ),
    (
        "identity add --agency ID --name a --identity nowhere.p12",
        "file_unreadable",
    ),
    ("identity disable ID", "not_found"),
    ("identity list CONFIG", "file_unreadable"),
    ("identity policy ID --level lta", "not_found"),
    ("inspect nowhere.pdf", "file_unreadable"),
    ("key add --agency ID --name a --scope read", "field_invalid"),
    ("key disable ID", "not_found"),
    ("key list CONFIG", "file_unreadable"),
    ("migrate CONFIG", "file_unreadable"),
    (
        "officer add --agency ID --login a --name a --role clerk --password-file nowhere",
        "file_unreadable",
    ),
    ("officer disable ID", "not_found"),
    ("officer list CONFIG", "file_unreadable"),
    (
        "portal add --agency ID --name a --origin nonsense",
        "field_invalid",
    ),
    ("portal disable ID", "not_found"),
    ("portal list CONFIG", "file_unreadable"),
    (
        "publish a.pdf --code a --title a --server http://127.0.0.1:9 --key-file nowhere",
        "file_unreadable",
    ),
    ("renew CONFIG", "file_unreadable"),
    ("serve CONFIG", "file_unreadable"),
    (
        "sign nowhere.pdf --out out.pdf --identity nowhere.p12",
        "file_unreadable",
    ),
    ("verify nowhere.pdf", "file_unreadable"),
];

#[test]
fn every_verb_that_is_refused_says_its_code_and_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("kept.txt"), b"somebody's").unwrap();
    let store = folder.path().join("data");
    let made = Run::of(program(["agency", "add", "--name", "a"]).env("TRAO_DATA_DIR", &store));
    assert_eq!(made.status, Some(0), "{made:?}");
    let id = AgencyId::from_bytes([7; 16]).to_string();
    for (call, code) in REFUSED {
        let call = call.replace("CONFIG", "--config nowhere.toml");
        let call = call.replace("ID", &id);
        let mut command = program(call.split(' '));
        command
            .current_dir(folder.path())
            .env("TRAO_DATA_DIR", &store);
        let run = Run::of(&mut command);
        assert_eq!(run.status, Some(1), "{call}: {run:?}");
        assert!(run.said.contains(&format!("[{code}]")), "{call}: {run:?}");
        assert!(run.printed.is_empty(), "{call}: {run:?}");
    }
    assert_all_are_tried();
}

fn assert_all_are_tried() {
    let verbs = verbs();
    let leaves = verbs.iter().filter(|(_, help)| below(help).is_empty());
    let leaves: BTreeSet<String> = leaves.map(|(verb, _)| verb.join(" ")).collect();
    let is_tried = |verb: &&String| {
        let begin = format!("{verb} ");
        !REFUSED.iter().any(|(call, _)| call.starts_with(&begin))
    };
    let untried: Vec<&String> = leaves.iter().filter(is_tried).collect();
    assert!(untried.is_empty(), "no refusal is tried of {untried:?}");
}

/// The verbs that work on what is there.
const ON_A_STORE: [&str; 18] = [
    "agency list",
    "agency disable ID",
    "agency appearance show ID",
    "agency appearance set ID --language vi",
    "agency appearance remove ID --language",
    "audit verify",
    "doctor",
    "identity list",
    "identity disable ID",
    "identity policy ID --level lta",
    "key list",
    "key disable ID",
    "key add --agency ID --name a --scope read",
    "officer list",
    "officer disable ID",
    "portal list",
    "portal disable ID",
    "renew",
];

#[test]
fn a_verb_that_works_on_what_is_there_makes_nothing_where_nothing_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("mistyped");
    let id = AgencyId::from_bytes([7; 16]).to_string();
    for call in ON_A_STORE {
        let call = call.replace("ID", &id);
        let mut command = program(call.split(' '));
        let run = Run::of(command.env("TRAO_DATA_DIR", &store));
        run.assert_refused("store_missing");
        let told = format!("{}/trao.db: There is no data of Trao here", store.display());
        assert!(run.said.contains(&told), "{call}: {run:?}");
        assert!(!store.exists(), "{call}");
    }
    let mut vietnamese = program(["doctor"]);
    let run = Run::of(
        vietnamese
            .env("TRAO_DATA_DIR", &store)
            .env("LC_ALL", "vi_VN"),
    );
    assert!(run.said.contains("chưa có dữ liệu của Trao"), "{run:?}");
    assert!(run.said.contains("data_dir"), "{run:?}");

    let mut begin = program(["agency", "add", "--name", "a"]);
    let made = Run::of(begin.env("TRAO_DATA_DIR", &store));
    assert_eq!(made.status, Some(0), "{made:?}");
    let found = Run::of(program(["agency", "list"]).env("TRAO_DATA_DIR", &store));
    assert_eq!(found.status, Some(0), "{found:?}");
    assert!(found.printed.contains("  a  "), "{found:?}");
}

#[test]
fn a_refusal_is_told_in_the_users_language() {
    for (language, sentence) in [
        ("vi_VN.UTF-8", "Không đọc được tệp"),
        ("en_GB.UTF-8", "A file cannot be read"),
        ("C", "A file cannot be read"),
    ] {
        let run = Run::of(program(["inspect", "nowhere.pdf"]).env("LC_ALL", language));
        run.assert_refused("file_unreadable");
        assert!(run.said.contains(sentence), "{run:?}");
    }
}

#[tokio::test]
async fn lists_tell_times_as_programs_read_them() {
    let process = Process::start(&[]).await;
    let (_, keys) = process.run(&["key", "list", "--json"]);
    let key: Value = serde_json::from_str(keys.trim()).unwrap();
    let end = OffsetDateTime::parse(key["expires_at"].as_str().unwrap(), &Rfc3339);
    assert!(end.unwrap().year() > 2026);
}

#[tokio::test]
async fn a_name_in_a_list_steers_no_terminal_and_stays_what_it_is_for_programs() {
    let process = Process::start(&[]).await;
    let name = "Xã \u{202e}uẫM";
    assert!(process.run(&["agency", "add", "--name", name]).0);
    let (_, shown) = process.run(&["agency", "list"]);
    assert!(shown.contains("Xã \u{fffd}uẫM  sealing=") && !shown.contains(name));
    let (_, told) = process.run(&["agency", "list", "--json"]);
    assert!(told.contains(name), "{told}");
}

/// A path as an argument.
fn argument(path: &Path) -> &str {
    path.to_str().unwrap()
}
