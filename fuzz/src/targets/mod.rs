//! What each fuzz target does with its input, and what must hold whatever that is. One definition
//! serves the fuzzer and the tests, which replay the seeds and what was found (`replay`).

mod certificates;
mod edge;
mod evidence;
mod mark;
mod pdf;
#[cfg(test)]
mod replay;
mod revision;
mod wire;

/// A parser and how it is tried.
pub(crate) struct Target {
    /// Its name, and that of its folder in `tests/found`.
    pub(crate) name: &'static str,
    /// The folder of `fuzz/seeds` that it begins with.
    pub(crate) seeds: &'static str,
    /// Panics where something does not hold.
    pub(crate) run: fn(&[u8]),
}

/// All of them.
pub(crate) const ALL: &[Target] = &[
    target("lexer", "pdf", pdf::lexer),
    target("open", "pdf", pdf::open),
    target("inspect", "pdf", pdf::inspect),
    target("verify", "pdf", pdf::verify),
    target("grounds", "pdf", evidence::grounds),
    target("prepare", "pdf", revision::seal),
    target("rebuild", "pdf", revision::rebuild),
    target("stamp", "pdf", revision::time_stamp),
    target("store", "pdf", revision::validation_data),
    target("filters", "filters", pdf::filters),
    target("words", "words", pdf::words),
    target("date", "date", pdf::date),
    target("der", "cms", evidence::der),
    target("cms", "cms", evidence::signed_data),
    target("ocsp", "ocsp", evidence::ocsp),
    target("crl", "crl", evidence::crl),
    target("token", "token", evidence::time_stamp),
    target("certificate", "certificate", certificates::certificate),
    target("identity", "identity", certificates::identity),
    target("picture", "picture", mark::picture),
    target("template", "template", mark::template),
    target("answer", "answer", wire::answer),
    target("code", "code", edge::code),
    target("range", "range", edge::range),
    target("forwarded", "forwarded", edge::forwarded),
    target("language", "language", edge::language),
    target("form", "form", edge::form),
    target("manifest", "manifest", edge::manifest),
];

const fn target(name: &'static str, seeds: &'static str, run: fn(&[u8])) -> Target {
    Target { name, seeds, run }
}
