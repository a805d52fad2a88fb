//! `trao extend` where what it takes is not to be had: nothing that is there gets worse.

use super::desk::Desk;
use crate::support::damage::without_startxref;
use crate::support::hostile::nested;
use crate::support::pki_service::Mode;
use crate::support::program::Run;

fn extend(desk: &Desk, language: &str) -> Run {
    let tsa = desk.service.tsa_url();
    let call = "extend b.pdf --out out.pdf --level lta --trust root.pem --tsa";
    let call: Vec<&str> = call.split(' ').chain([&*tsa]).collect();
    desk.run(language, &call)
}

fn assert_short(run: &Run, told: &str) {
    run.assert_refused("level_not_reached");
    assert!(!run.said.contains("[some_failed]"), "{run:?}");
    assert!(run.said.contains(told), "{told}: {run:?}");
}

#[test]
fn what_is_not_raised_at_all_is_not_written() {
    let desk = Desk::new();
    desk.seal("b", "b.pdf");
    desk.service.set_tsa(Mode::Down);
    assert_short(
        &extend(&desk, "C"),
        "stays at level B-B, and nothing was written",
    );
    assert!(!desk.path("out.pdf").exists());

    desk.file("out.pdf", b"something else");
    assert_short(
        &extend(&desk, "vi"),
        "tệp vẫn ở mức B-B nên không ghi tệp mới",
    );
    assert_eq!(
        std::fs::read(desk.path("out.pdf")).unwrap(),
        b"something else"
    );
}

#[test]
fn what_is_raised_in_part_replaces_only_what_has_no_higher_level() {
    let desk = Desk::new();
    desk.seal("b", "b.pdf");
    desk.seal("lt", "out.pdf");
    let higher = std::fs::read(desk.path("out.pdf")).unwrap();
    desk.service.set_ocsp(Mode::Down);
    desk.service.set_crl(Mode::Down);
    assert_short(&extend(&desk, "C"), "it got to level B-T only");
    assert!(std::fs::read(desk.path("out.pdf")).unwrap() == higher);

    for there in [
        &*std::fs::read(desk.path("b.pdf")).unwrap(),
        b"something else",
    ] {
        desk.file("out.pdf", there);
        assert_short(&extend(&desk, "C"), "the file was written at level B-T");
        let run = desk.verify("C", &["out.pdf", "--json"]);
        assert_eq!(run.lines()[0]["signatures"][0]["level"], "B-T");
    }
}

#[test]
fn what_is_raised_in_part_replaces_nothing_whose_signatures_could_not_be_judged() {
    let desk = Desk::new();
    desk.seal("b", "b.pdf");
    desk.seal("lt", "out.pdf");
    let higher = std::fs::read(desk.path("out.pdf")).unwrap();
    desk.service.set_ocsp(Mode::Down);
    desk.service.set_crl(Mode::Down);
    for (there, code) in [
        (without_startxref(&higher), "pdf_damaged"),
        (nested(), "pdf_too_complex"),
    ] {
        desk.file("out.pdf", &there);
        let run = extend(&desk, "C");
        run.assert_refused(code);
        assert!(run.said.starts_with("trao: out.pdf: "), "{run:?}");
        assert!(std::fs::read(desk.path("out.pdf")).unwrap() == there);
    }
}

/// Two sealed files, raised as far as may be.
fn extend_many(desk: &Desk) -> Run {
    std::fs::create_dir(desk.path("many")).unwrap();
    for name in ["many/b.pdf", "many/c.pdf"] {
        desk.seal("b", name);
    }
    desk.service.set_ocsp(Mode::Down);
    desk.service.set_crl(Mode::Down);
    let tsa = desk.service.tsa_url();
    let call = "extend many --out out --level lta --trust root.pem --tsa";
    let call: Vec<&str> = call.split(' ').chain([&*tsa]).collect();
    desk.run("C", &call)
}

#[test]
fn what_is_not_written_is_not_counted() {
    let desk = Desk::new();
    desk.service.set_tsa(Mode::Down);
    assert_short(&extend_many(&desk), "trao: 0 / 2 files written\n");
}

#[test]
fn what_is_written_at_a_lower_level_is_counted() {
    let desk = Desk::new();
    let run = extend_many(&desk);
    assert_short(&run, "trao: 2 / 2 files written\n");
    assert_eq!(std::fs::read_dir(desk.path("out")).unwrap().count(), 2);
}

/// No comfort that may be false: a revoked certificate may have made a signature that is no good.
#[test]
fn what_cannot_be_raised_for_a_revoked_certificate_is_not_called_valid() {
    let desk = Desk::new();
    desk.seal("b", "b.pdf");
    desk.service.revoke_agency();
    let run = extend(&desk, "C");
    assert_short(&run, "certificate_revoked: ");
    assert!(!run.said.contains("stays valid"), "{run:?}");
    assert!(
        run.said.contains("with a certificate that is in force"),
        "{run:?}"
    );
    let run = extend(&desk, "vi");
    assert!(!run.said.contains("vẫn hợp lệ"), "{run:?}");
    assert!(run.said.contains("bằng chứng thư còn hiệu lực"), "{run:?}");
}
