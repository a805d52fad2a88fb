//! What a portal's frame shows.

use askama::Template;

use crate::http::page::Page;

/// The form inside a portal's page.
#[derive(Template)]
#[template(path = "portal/frame.html")]
pub(crate) struct FramePage {
    /// The frame's own frame: no cookie is read, so the language is the browser's.
    pub(crate) page: Page,
    /// The link it posts to, well-formed and no more than that.
    pub(crate) link: String,
}
