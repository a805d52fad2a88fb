//! What to do about failures: said at the end, once for all files that failed in the same way.

use super::failure::Failure;

/// The words of the family `problem` whose advice fits at a shell too; the others speak of pages.
pub(super) const FIT: [&str; 19] = [
    "database_missing",
    "file_unreadable",
    "image_invalid",
    "key_unseen",
    "keys_foreign",
    "keys_missing",
    "level_not_reached",
    "not_pdf",
    "pdf_active_content",
    "pdf_damaged",
    "pdf_encrypted",
    "pdf_locked",
    "pdf_no_pages",
    "pdf_too_complex",
    "published_unnoted",
    "server_foreign",
    "server_unreached",
    "store_missing",
    "template_invalid",
];

/// The advice that is still to be given.
#[derive(Default)]
pub(super) struct Advice(Vec<String>);

impl Advice {
    /// Takes up what is to be done about a failure.
    pub(super) fn take_up(&mut self, failure: &Failure) {
        if let Some(line) = failure.advice()
            && !self.0.contains(&line)
        {
            self.0.push(line);
        }
    }

    /// The lines, in the order of the failures.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}
