//! `trao renew`: whoever calls it learns of each result that fell short, and why.

use crate::support::program::{Run, program};

#[test]
fn each_result_that_fell_short_is_named_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = program(["demo", "--once", "--json", "--port", "0", "--dir"]);
    Run::of(demo.arg(folder.path())).lines();

    let mut renew = program(["renew", "--level", "t", "--json"]);
    let renew = renew.env("TRAO_DATA_DIR", folder.path());
    for (language, sentence) in [
        ("C", "No time-stamping authority is configured"),
        ("vi_VN.UTF-8", "Chưa khai báo máy chủ dấu thời gian"),
    ] {
        let run = Run::of(renew.env("LC_ALL", language));
        run.assert_refused("some_failed");
        let outcome = &run.all_lines()[0];
        assert_eq!((&outcome["due"], &outcome["done"]), (&1.into(), &0.into()));
        let short = &outcome["short"][0];
        assert_eq!(short["code"], "time_stamp_not_configured");
        let told = format!("trao: {}: {sentence}", short["result"].as_str().unwrap());
        let is_told =
            |line: &str| line.starts_with(&told) && line.ends_with(" [time_stamp_not_configured]");
        assert!(run.said.lines().any(is_told), "{told}: {run:?}");
    }
}

#[test]
fn how_many_results_were_due_is_said_in_the_readers_language() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = program(["demo", "--once", "--json", "--port", "0", "--dir"]);
    Run::of(demo.arg(folder.path())).lines();
    for (arguments, language, told) in [
        (
            ["renew", "--within", "0"],
            "vi_VN.UTF-8",
            "Không có kết quả nào đến hạn",
        ),
        (["renew", "--level", "t"], "vi_VN.UTF-8", "0 / 1 kết quả"),
        (
            ["renew", "--level", "t"],
            "C",
            "0 of 1 results that were due",
        ),
    ] {
        let mut renew = program(arguments);
        let renew = renew.env("TRAO_DATA_DIR", folder.path());
        let run = Run::of(renew.env("LC_ALL", language));
        assert!(run.printed.contains(told), "{told}: {run:?}");
    }
}
