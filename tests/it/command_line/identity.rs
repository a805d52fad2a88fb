//! `trao identity`: what is registered, and how far its seals shall be provable.

use serde_json::{Value, json};

use super::desk::Desk;
use crate::support::program::Run;

/// A desk with an agency: its id.
fn desk() -> (Desk, String) {
    let desk = Desk::new();
    let agency = desk.run("C", &["agency", "add", "--name", "a"]).printed;
    (desk, agency.trim().to_owned())
}

/// Registers the key of `agency.p12` for an agency.
fn add(desk: &Desk, agency: &str, more: &[&str]) -> Run {
    let add = ["identity", "add", "--agency", agency, "--name", "Con dấu"];
    let key = ["--identity", "agency.p12", "--passphrase-file", "pass"];
    desk.run("C", &[&add[..], &key, more].concat())
}

/// What the list says of the only identity's policy.
fn policy(desk: &Desk) -> [Value; 3] {
    let listed = desk.run("C", &["identity", "list", "--json"]).lines();
    ["level", "level_min", "revocation"].map(|name| listed[0][name].clone())
}

#[test]
fn what_a_policy_is_not_asked_to_change_stays_as_it_was() {
    let (desk, agency) = desk();
    let levels = ["--level", "lta", "--level-min", "t"];
    let added = add(&desk, &agency, &levels);
    assert_eq!(added.status, Some(0), "{added:?}");
    let id = added.printed.trim();
    let set = |more: &[&str]| desk.run("C", &[&["identity", "policy", id], more].concat());

    assert_eq!(set(&["--unchecked", "hold"]).status, Some(0));
    assert_eq!(
        policy(&desk),
        ["B-LTA", "B-T", "hold"].map(|word| json!(word))
    );
    assert_eq!(set(&["--level-min", "lt"]).status, Some(0));
    assert_eq!(
        policy(&desk),
        ["B-LTA", "B-LT", "hold"].map(|word| json!(word))
    );

    // What stays as it is counts with what is named.
    let refused = set(&["--level", "t"]);
    refused.assert_refused("field_invalid");
    assert!(refused.said.contains("trao: --level-min: "), "{refused:?}");
    assert_eq!(
        policy(&desk),
        ["B-LTA", "B-LT", "hold"].map(|word| json!(word))
    );
    assert_eq!(set(&[]).status, Some(2), "nothing is asked for");

    let listed = desk.run("C", &["identity", "list"]).printed;
    let told = "  level=B-LTA  level-min=B-LT  unchecked=hold\n";
    assert!(listed.ends_with(told), "{listed}");
}

#[test]
fn no_identity_is_added_whose_least_level_is_above_the_one_to_reach() {
    let (desk, agency) = desk();
    let refused = add(&desk, &agency, &["--level-min", "t"]);
    refused.assert_refused("field_invalid");
    assert!(refused.said.contains("trao: --level-min: "), "{refused:?}");
    assert!(desk.run("C", &["identity", "list"]).printed.is_empty());
}
