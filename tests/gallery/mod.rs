//! Every page with sample data, in both languages: written as plain HTML into the folder that
//! `TRAO_GALLERY` names, to be looked at in a browser, and held to the rules that all pages share.

mod samples;

use std::path::Path;

use super::assets::{Asset, Assets};
use super::texts::Language;

/// A page's name in the gallery, and its markup.
struct Exhibit {
    name: String,
    html: String,
}

fn all() -> Vec<Exhibit> {
    let mut exhibits = Vec::new();
    for language in [Language::Vietnamese, Language::English] {
        for (name, html) in samples::pages(language) {
            exhibits.push(Exhibit {
                name: format!("{name}.{}", language.tag()),
                html,
            });
        }
    }
    exhibits
}

fn rendered(page: &impl askama::Template) -> String {
    page.render().unwrap()
}

/// Writes the gallery as plain files.
fn hang(folder: &Path) {
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    let Assets {
        style,
        script,
        emblem,
    } = Assets::shipped();
    for Asset { path, body, .. } in [style, script, emblem] {
        std::fs::write(folder.join(&path[1..]), body).unwrap();
    }
    for exhibit in all() {
        std::fs::write(folder.join(exhibit.name + ".html"), exhibit.html).unwrap();
    }
}

#[test]
fn every_page_is_written_for_looking_at() {
    if let Some(folder) = std::env::var_os("TRAO_GALLERY") {
        hang(Path::new(&folder));
    }
}

/// The tools of `make tools` lie where `TRAO_TEST_TOOLS` says, else in the cache; without them the
/// test fails.
#[test]
fn axe_finds_nothing_on_any_page() {
    let tools = std::env::var_os("TRAO_TEST_TOOLS").map_or_else(
        || Path::new(&std::env::var_os("HOME").unwrap()).join(".cache/trao-tools"),
        std::path::PathBuf::from,
    );
    let folder = tempfile::tempdir().unwrap();
    hang(folder.path());
    let done = std::process::Command::new("node")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/gallery/axe.mjs"
        ))
        .arg(folder.path())
        .arg(tools.join("node/node_modules"))
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

#[test]
fn no_page_needs_anything_that_the_policy_forbids() {
    for Exhibit { name, html } in all() {
        for forbidden in [
            "style=\"",
            "<style",
            "onclick",
            "onload",
            "javascript:",
            "http-equiv",
        ] {
            assert!(!html.contains(forbidden), "{name} has {forbidden}");
        }
        for script in html.split("<script").skip(1) {
            assert!(
                script.starts_with(" src=\"/assets/"),
                "{name} has a script of its own"
            );
        }
        for (at, _) in html.match_indices("src=\"") {
            assert!(
                html[at + 5..].starts_with('/'),
                "{name} loads from elsewhere"
            );
        }
    }
}

#[test]
fn every_page_has_a_language_a_title_and_one_heading() {
    for Exhibit { name, html } in all() {
        let tag = name.rsplit('.').next().unwrap();
        assert!(html.contains(&format!("<html lang=\"{tag}\">")), "{name}");
        assert!(
            html.contains("<title>") && !html.contains("<title> "),
            "{name}"
        );
        let headings = html.matches("<h1").count();
        assert!(
            headings == 1 || name.starts_with("home-found"),
            "{name}: {headings} headings"
        );
    }
}

#[test]
fn a_citizens_page_weighs_at_most_60_kilobytes() {
    let Assets {
        style,
        script,
        emblem,
    } = Assets::shipped();
    let assets: usize = [style, script, emblem]
        .iter()
        .map(|asset| asset.body.len())
        .sum();
    for Exhibit { name, html } in all() {
        if !name.starts_with("desk-") {
            assert!(
                html.len() + assets <= 60_000,
                "{name}: {}",
                html.len() + assets
            );
        }
    }
}

#[test]
fn no_text_is_missing_from_a_page() {
    for Exhibit { name, html } in all() {
        let visible: String = html
            .split('<')
            .filter_map(|part| part.split('>').nth(1))
            .collect();
        for word in visible.split_whitespace() {
            let like_an_id = word.trim_matches('-').contains('-')
                && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
                && !["e-mail", "one-stop", "time-stamp"].contains(&word);
            assert!(!like_an_id, "{name} shows {word}");
        }
    }
}
