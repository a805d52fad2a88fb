#![cfg(test)]
//! Rules of the house that no compiler holds: the direction of imports, the one door of each
//! mechanism, files that say what they are for, documents that name only what exists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The ranks of the modules, from the edge inwards; each may use what stands in a later rank only.
const RANKS: &[&[&str]] = &[
    &["main"],
    &["cli"],
    &["http"],
    &["app"],
    &["publication", "notice"],
    &["archive", "dossier", "account"],
    &["sealing", "token", "database"],
    &["evidence"],
    &["secrets", "egress"],
    &["pades", "model", "config", "telemetry"],
];

/// Each mechanism's crate and the only modules that may name it.
const DOORS: &[(&str, &[&str])] = &[
    ("lopdf", &["pades"]),
    ("x509_parser", &["pades"]),
    ("openssl", &["pades"]),
    ("cryptoki", &["token"]),
    ("der", &["pades"]),
    ("argon2", &["secrets"]),
    ("hmac", &["secrets"]),
    ("aes_gcm", &["secrets"]),
    ("getrandom", &["secrets"]),
    ("aws_sdk_s3", &["archive"]),
    ("aws_smithy_runtime_api", &["archive"]),
    ("aws_smithy_types", &["archive"]),
    ("hyper_rustls", &["archive"]),
    ("aws_credential_types", &["archive"]),
    ("sqlx", &["database"]),
    ("axum", &["http"]),
    ("hyper", &["http", "archive"]),
    ("hyper_util", &["http", "archive"]),
    ("askama", &["http"]),
    ("utoipa", &["http"]),
    ("clap", &["cli", "main"]),
    ("indicatif", &["cli"]),
    ("reqwest", &["cli", "egress"]),
];

/// Uses that stand beside or left of the user, each with its reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

struct SourceFile {
    path: PathBuf,
    module: String,
    text: String,
}

fn source_files() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, "rs", &mut paths);
    paths
        .into_iter()
        .map(|path| SourceFile {
            module: module_of(&root, &path),
            text: fs::read_to_string(&path).unwrap(),
            path,
        })
        .collect()
}

fn collect(folder: &Path, extension: &str, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, extension, into);
        } else if path.extension().is_some_and(|found| found == extension) {
            into.push(path);
        }
    }
}

/// The top-level module a file belongs to.
fn module_of(root: &Path, path: &Path) -> String {
    let first = path
        .strip_prefix(root)
        .unwrap()
        .components()
        .next()
        .unwrap();
    first
        .as_os_str()
        .to_str()
        .unwrap()
        .trim_end_matches(".rs")
        .to_owned()
}

/// The code without comments and texts, and without the unit tests at its foot.
fn code(text: &str) -> String {
    let body = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(text);
    body.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The words after each `crate::` (or `trao::` in the binary), groups of imports included.
fn uses(text: &str, own: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices(own) {
        let rest = &text[at + own.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            found.extend(heads_of_group(group));
        } else {
            found.insert(word(rest));
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

fn heads_of_group(group: &str) -> Vec<String> {
    let mut depth = 1;
    let mut heads = vec![String::new()];
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => heads.push(String::new()),
            _ if depth == 1 => heads.last_mut().unwrap().push(letter),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads.iter().map(|head| word(head.trim())).collect()
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

fn rank(module: &str) -> Option<usize> {
    RANKS.iter().position(|rank| rank.contains(&module))
}

#[test]
fn every_module_has_its_rank() {
    let unknown: BTreeSet<String> = source_files()
        .into_iter()
        .map(|file| file.module)
        .filter(|module| module != "lib" && rank(module).is_none())
        .collect();
    assert!(
        unknown.is_empty(),
        "modules without a rank in tests/tidy.rs: {unknown:?}"
    );
}

#[test]
fn modules_use_only_what_stands_further_in() {
    let mut wrong = Vec::new();
    for file in source_files() {
        let Some(own) = rank(&file.module) else {
            continue;
        };
        let code = code(&file.text);
        let mut used = uses(&code, "crate::");
        if file.module == "main" {
            used = uses(&code, "trao::");
        }
        for name in used {
            let Some(other) = rank(&name) else { continue };
            let excepted = EXCEPTIONS
                .iter()
                .any(|(from, to, _)| *from == file.module && *to == name);
            if name != file.module && other <= own && !excepted {
                wrong.push(format!("{} uses {name}", file.path.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "against the direction:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn each_mechanism_has_one_door() {
    let mut wrong = Vec::new();
    for file in source_files() {
        let code = code(&file.text);
        for (mechanism, doors) in DOORS {
            let names_it = code
                .match_indices(&format!("{mechanism}::"))
                .any(|(at, _)| {
                    !code[..at]
                        .ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before))
                });
            if names_it && !doors.contains(&file.module.as_str()) {
                wrong.push(format!("{} knows {mechanism}", file.path.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "not through the door:\n{}",
        wrong.join("\n")
    );
}

/// Processes are started in `sealing` alone, a permit to read is made in `database` alone, a grant
/// in `dossier` alone.
#[test]
fn what_has_one_maker_has_one() {
    let makers = [
        ("Command::new", "sealing"),
        ("InspectedPdf {", "sealing"),
        ("SignedPdf {", "sealing"),
        ("ReadPermit {", "database"),
        ("ReleaseGrant {", "dossier"),
    ];
    for file in source_files() {
        let code = code(&file.text);
        for (maker, module) in makers {
            assert!(
                file.module == module || !code.contains(maker),
                "{} makes {maker}, which is {module}'s alone",
                file.path.display()
            );
        }
    }
}

/// Who asks for a permit to read, by the reason: `dossier` alone for a requester, by a call of its
/// own, and one place of `publication` for each of the others.
const READERS: &[(&str, &[&str])] = &[
    ("permit_release(", &["src/dossier/grant.rs"]),
    ("ReadReason::Release", &[]),
    ("ReadReason::Sealing", &["src/publication/sign.rs"]),
    ("ReadReason::ClerkView", &["src/publication/look.rs"]),
    (
        "ReadReason::AgencyCopy",
        &["src/publication/look.rs", "src/publication/evidence.rs"],
    ),
    ("ReadReason::Renewal", &["src/publication/raise.rs"]),
    ("ReadReason::Doctor", &["src/publication/examine.rs"]),
    ("ReadReason::Scrub", &[]),
    ("ReadReason::Backup", &[]),
];

#[test]
fn each_reason_to_read_has_its_place() {
    for file in source_files() {
        let code = code(&file.text);
        for word in code.split("ReadReason::").skip(1).map(word) {
            let reason = format!("ReadReason::{word}");
            assert!(
                READERS.iter().any(|(known, _)| *known == reason),
                "{reason} has no place in tests/tidy.rs"
            );
        }
        for (asks, places) in READERS {
            let is_place = places.iter().any(|place| file.path.ends_with(place));
            assert!(
                is_place || file.module == "database" || !code.contains(asks),
                "{} has no part in {asks}",
                file.path.display()
            );
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for file in source_files() {
        assert!(
            file.text.starts_with("//!"),
            "{} has no heading",
            file.path.display()
        );
    }
}

/// Beyond this a file is more than one subject, most often.
const LINES_MAX: usize = 400;
/// Files that are long and still one subject.
const LONG: &[(&str, &str)] = &[];

#[test]
fn a_file_has_one_subject() {
    let long: BTreeMap<String, usize> = source_files()
        .into_iter()
        .map(|file| {
            (
                file.path.display().to_string(),
                code(&file.text).lines().count(),
            )
        })
        .filter(|(path, lines)| {
            *lines > LINES_MAX && !LONG.iter().any(|(known, _)| path.ends_with(known))
        })
        .collect();
    assert!(long.is_empty(), "longer than {LINES_MAX} lines: {long:#?}");
}

#[test]
fn paths_named_in_documents_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    for document in documents(root) {
        let text = fs::read_to_string(&document).unwrap();
        let folder = document.parent().unwrap();
        for quoted in text.split('`').skip(1).step_by(2) {
            if is_path(quoted) && is_missing(root, folder, quoted.trim_end_matches('/')) {
                missing.push(format!("{}: {quoted}", document.display()));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "named but not there:\n{}",
        missing.join("\n")
    );
}

/// The folders of the repository; `storage` is also where an installation keeps its data.
const TOPS: &[&str] = &[
    ".ci",
    "assets",
    "benches",
    "certs",
    "docs",
    "fuzz",
    "migrations",
    "scripts",
    "src",
    "storage/s3",
    "tests",
];

/// The pages of the top level, those of `docs`, and the README of each folder.
fn documents(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for top in TOPS {
        collect(&root.join(top), "md", &mut found);
    }
    found.push(root.join("storage/README.md"));
    let names = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
    ];
    found.extend(names.map(|name| root.join(name)));
    found
}

/// Whether it is written as a path, and none with a place to be filled in (`tests/found/TARGET`).
fn is_path(quoted: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./".contains(letter);
    let is_open = |part: &str| part.chars().all(|letter| letter.is_ascii_uppercase());
    quoted.contains('/')
        && quoted.chars().all(is_plain)
        && !quoted.trim_end_matches('/').split('/').any(is_open)
}

/// Whether a path of the repository, or one that begins in the page's own folder, leads nowhere.
fn is_missing(root: &Path, folder: &Path, path: &str) -> bool {
    let is_of_the_root = TOPS.iter().any(|top| Path::new(path).starts_with(top));
    let first = path.split('/').next().unwrap();
    let is_of_the_folder = folder != root && folder.join(first).exists();
    (is_of_the_root || is_of_the_folder)
        && ![root, folder].iter().any(|from| from.join(path).exists())
}
