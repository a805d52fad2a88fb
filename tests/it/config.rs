//! The configuration: its example is complete, its limits hold.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use trao::config::{ConfigError, Settings, TsaSettings};

fn example() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/trao.example.toml");
    std::fs::read_to_string(path).unwrap()
}

/// The example with its commented settings in force: `#name = value`, no space behind the `#`, and
/// heads of tables, `#[[name]]`.
fn uncommented() -> String {
    let is_setting = |line: &str| {
        line.starts_with("[[")
            || line.split_once('=').is_some_and(|(name, _)| {
                let name = name.trim();
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b"_0123456789".contains(&b))
            })
    };
    let example = example();
    let lines = example.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if is_setting(rest) => rest,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn leaves(value: &Value, path: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(section) => {
            for (key, inner) in section {
                leaves(inner, &format!("{path}.{key}"), into);
            }
        }
        Value::Array(items) if items.first().is_some_and(Value::is_object) => {
            for item in items {
                leaves(item, path, into);
            }
        }
        _ => {
            into.insert(path.to_owned());
        }
    }
}

fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trao.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn load(text: &str) -> Result<Settings, ConfigError> {
    let (_folder, path) = written(text);
    Settings::load_with(Some(&path), [])
}

#[test]
fn the_example_names_every_setting_and_nothing_else() {
    let mut known = BTreeSet::new();
    let settings = Settings {
        tsa: vec![TsaSettings::default()],
        ..Settings::default()
    };
    leaves(&serde_json::to_value(settings).unwrap(), "", &mut known);
    let table: toml::Table = uncommented().parse().unwrap();
    let mut named = BTreeSet::new();
    leaves(&serde_json::to_value(table).unwrap(), "", &mut named);
    assert_eq!(known, named);
    load(&uncommented()).unwrap();
}

#[test]
fn the_example_as_it_stands_is_the_defaults() {
    let loaded = serde_json::to_value(load(&example()).unwrap()).unwrap();
    assert_eq!(loaded, serde_json::to_value(Settings::default()).unwrap());
}

#[test]
fn a_setting_that_does_not_exist_is_refused() {
    for text in [
        "listn = \"127.0.0.1:1\"",
        "[limits]\nresult_file = 3",
        "[gate.client]\nbursts = 1",
    ] {
        assert!(
            matches!(load(text), Err(ConfigError::Misfit { .. })),
            "{text}"
        );
    }
}

#[test]
fn a_setting_of_another_type_is_told_by_name_and_line_and_not_by_value() {
    for (text, told) in [
        (
            "[limits]\n\nresult_files = \"S3cret\"",
            "the setting limits.result_files (line 3): expected a whole number, not below 0",
        ),
        (
            "[proxies]\ntrusted = \"S3cret\"",
            "the setting proxies.trusted (line 2): expected a list",
        ),
        (
            "proxies.trusted = [\n  \"10.0.0.0/8\",\n  \"S3cret\",\n]",
            "the setting proxies.trusted[1] (line 3): invalid IP address syntax",
        ),
        (
            "[archive]\nkind = \"S3cret, expected S3cret\"",
            "the setting archive.kind (line 2): expected `files` or `s3`",
        ),
        (
            "[[tsa]]\nname = \"a\"\n[[tsa]]\npassword_file = [\"S3cret\"]",
            "the setting tsa[1].password_file (line 4): expected a text",
        ),
        (
            "limits = \"S3cret\"",
            "the setting limits (line 1): expected a section",
        ),
        (
            "[gate.client]\nbursts = \"S3cret\"",
            "the setting gate.client.bursts (line 2): there is no such setting, but `burst` or `every_s`",
        ),
        (
            "data_dir = 5",
            "the setting data_dir (line 1): expected a text",
        ),
        (
            "public_url = 5",
            "the setting public_url (line 1): expected a text",
        ),
        (
            "[log]\nfilter = 5",
            "the setting log.filter (line 2): expected a text",
        ),
        (
            "listen = 5",
            "the setting listen (line 1): expected an address with a port",
        ),
        (
            "proxies.trusted = [5]",
            "the setting proxies.trusted[0] (line 1): expected IPv4 or IPv6 network address",
        ),
        (
            "[archive.s3]\npath_style = \"S3cret\"",
            "the setting archive.s3.path_style (line 2): expected true or false",
        ),
        (
            "[archive]\nkind = 5",
            "the setting archive.kind (line 2): expected a text",
        ),
        (
            "listen = \"127.0.0.1:1\"\npublic_url = S3cret",
            "the configuration: line 2: string values must be quoted, expected literal string",
        ),
    ] {
        assert_eq!(load(text).unwrap_err().to_string(), told, "{text}");
    }
}

#[test]
fn a_number_that_does_not_fit_is_told_as_such_and_not_repeated() {
    for (text, told) in [
        (
            "[gate.client]\nburst = 5000000000",
            "the setting gate.client.burst (line 2): the number is too large",
        ),
        (
            "[gate.client]\nburst = -5",
            "the setting gate.client.burst (line 2): expected a whole number, not below 0",
        ),
        (
            "[gate.client]\nburst = 1.5",
            "the setting gate.client.burst (line 2): expected a whole number, not below 0",
        ),
        (
            "\nsecret = 123456789012345678901234567890",
            "the configuration: line 2: the number is too large",
        ),
        (
            "secret = -123456789012345678901234567890",
            "the configuration: line 1: the number is too small",
        ),
        (
            "secret = 1234567890123456789012345678901234567890123456789012345678901234567890",
            "the configuration: line 1: integer number overflowed",
        ),
    ] {
        assert_eq!(load(text).unwrap_err().to_string(), told, "{text}");
    }
}

#[test]
fn a_variable_that_hides_what_the_file_says_is_the_one_that_is_wrong() {
    let (_folder, path) = written("listen = \"127.0.0.1:1\"");
    for name in ["TRAO_LISTEN", "TRAO_PROXIES__TRUSTED"] {
        let variable = (name.to_owned(), "S3cret".to_owned());
        let refused = Settings::load_with(Some(&path), [variable]);
        assert!(
            matches!(&refused, Err(ConfigError::Variable(named)) if named == name),
            "{refused:?}"
        );
    }
}

#[test]
fn what_the_file_says_in_place_of_a_section_is_told_though_a_variable_is_set_in_it() {
    for (text, variable, told) in [
        (
            "\nlimits = \"S3cret\"",
            "TRAO_LIMITS__RESULT_FILES",
            "the setting limits (line 2): expected a section",
        ),
        (
            "tsa = \"S3cret\"",
            "TRAO_TSA__0__TIMEOUT_S",
            "the setting tsa (line 1): expected a list",
        ),
        (
            "tsa = [\"S3cret\"]",
            "TRAO_TSA__0__TIMEOUT_S",
            "the setting tsa[0] (line 1): expected a section",
        ),
    ] {
        let (_folder, path) = written(text);
        let refused = Settings::load_with(Some(&path), [(variable.to_owned(), "5".to_owned())]);
        assert_eq!(refused.unwrap_err().to_string(), told, "{text}");
    }
}

#[test]
fn a_setting_outside_its_limits_is_told_with_them_and_with_its_line() {
    for (text, told) in [
        (
            "[sealing]\n\nlease_s = 1",
            "the setting sealing.lease_s (line 3): it must be from 5 to 3600",
        ),
        (
            "gate.client.every_s = 0",
            "the setting gate.client.every_s (line 1): it must be from 1 to 86400",
        ),
        (
            "[installation]\nname = \"\"",
            "the setting installation.name (line 2): it must have 1 to 200 letters",
        ),
        (
            "public_url = \"S3cret\"",
            "the setting public_url (line 1): it is no absolute address",
        ),
        (
            "[archive]\nkind = \"s3\"",
            "the setting archive.s3.bucket: it is required where the archive is of kind s3",
        ),
    ] {
        assert_eq!(load(text).unwrap_err().to_string(), told, "{text}");
    }
    // What a variable says stands in no line.
    let (_folder, path) = written("[sealing]\nlease_s = 30");
    let variable = ("TRAO_SEALING__LEASE_S".to_owned(), "1".to_owned());
    let told = Settings::load_with(Some(&path), [variable]).unwrap_err();
    assert_eq!(
        told.to_string(),
        "the setting sealing.lease_s: it must be from 5 to 3600"
    );
}

#[test]
fn each_limit_holds_at_n_and_breaks_at_n_plus_one() {
    for (section, key, least, most) in [
        ("limits", "result_files", 1_u64, 20_u64),
        ("limits", "drain_s", 1, 600),
        ("sealing", "memory_mib", 64, 16_384),
        ("sealing", "lease_s", 5, 3_600),
        ("sealing", "answer_wait_s", 0, 60),
        ("gate", "grant_s", 30, 3_600),
        ("egress", "connect_s", 1, 60),
        ("egress", "time_stamp_bytes", 4_096, 262_144),
        ("egress", "ocsp_bytes", 4_096, 1_048_576),
    ] {
        let with = |value: u64| load(&format!("[{section}]\n{key} = {value}"));
        assert!(with(least).is_ok() && with(most).is_ok(), "{key}");
        assert!(
            least
                .checked_sub(1)
                .is_none_or(|below| with(below).is_err()),
            "{key}"
        );
        assert!(
            matches!(with(most + 1), Err(ConfigError::Invalid { .. })),
            "{key}"
        );
    }
}

#[test]
fn off_the_loopback_the_public_address_is_required_and_https() {
    let listen = "listen = \"0.0.0.0:80\"";
    assert!(matches!(
        load(listen),
        Err(ConfigError::Invalid {
            setting: "public_url",
            ..
        })
    ));
    let with = |url: &str| load(&format!("{listen}\npublic_url = \"{url}\""));
    assert!(with("http://ketqua.example.vn").is_err());
    assert!(with("https://ketqua.example.vn/path").is_err());
    assert!(with("https://user@ketqua.example.vn").is_err());
    assert!(with("ketqua.example.vn").is_err());
    assert!(with("http://127.0.0.1.example.vn").is_err());
    assert_eq!(
        with("https://ketqua.example.vn/").unwrap().public_url(),
        "https://ketqua.example.vn"
    );
    assert!(with("http://localhost:8080").is_ok());
    assert!(with("http://[::1]:8080").is_ok());
    assert_eq!(load("").unwrap().public_url(), "http://127.0.0.1:8080");
}

#[test]
fn an_s3_archive_needs_its_bucket_and_its_key() {
    let refused = load("[archive]\nkind = \"s3\"");
    assert!(matches!(
        refused,
        Err(ConfigError::Invalid {
            setting: "archive.s3.bucket",
            ..
        })
    ));
}

#[test]
fn a_tsa_has_a_name_of_its_own_and_an_address_that_may_be_asked() {
    let name_of = |refused: Result<Settings, ConfigError>| match refused {
        Err(ConfigError::Invalid { setting, .. }) => setting,
        other => panic!("{other:?}"),
    };
    let tsa = |rest: &str| load(&format!("[[tsa]]\nname = \"a\"\n{rest}"));
    let login = "user = \"u\"\npassword_file = \"p\"";
    for (rest, setting) in [
        ("", "tsa.url"),
        ("url = \"ftp://tsa.example.vn\"", "tsa.url"),
        ("url = \"/tsa\"", "tsa.url"),
        ("url = \"https://u:p@tsa.example.vn\"", "tsa.url"),
        (
            "url = \"https://tsa.example.vn\"\npolicy = \"1.2.x\"",
            "tsa.policy",
        ),
        ("url = \"https://tsa.example.vn\"\nuser = \"u\"", "tsa.user"),
        (
            &format!("url = \"http://tsa.example.vn\"\n{login}"),
            "tsa.url",
        ),
        (
            "url = \"https://a.vn\"\n[[tsa]]\nname = \"a\"\nurl = \"https://b.vn\"",
            "tsa.name",
        ),
    ] {
        assert_eq!(name_of(tsa(rest)), setting, "{rest}");
    }
    tsa(&format!("url = \"https://tsa.example.vn:8443/x\"\n{login}")).unwrap();
    tsa(&format!("url = \"http://127.0.0.1:1/\"\n{login}")).unwrap();
    assert_eq!(
        name_of(load("[egress]\nhosts = [\"crl.example.vn\"]")),
        "egress.hosts"
    );
    let nameless = load("[[tsa]]\nurl = \"https://tsa.example.vn\"");
    let told = nameless.unwrap_err().to_string();
    assert_eq!(told, "the setting tsa.name: it is missing");
}
