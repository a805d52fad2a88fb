//! The files that pages load: one style sheet, one script, one emblem, all ours, in the binary.
//!
//! A name carries the digest of its content, so a browser may keep the file for ever and a new
//! binary is seen at once.

pub(crate) mod serve;

use std::sync::LazyLock;

use crate::model::Sha256Digest;

/// A file that pages load.
pub(crate) struct Asset {
    /// Its address, `/assets/style-0123456789abcdef.css`.
    pub(crate) path: String,
    /// Its media type.
    pub(crate) kind: &'static str,
    /// Its content.
    pub(crate) body: &'static [u8],
}

/// All of them.
pub(crate) struct Assets {
    /// The style sheet of every page.
    pub(crate) style: Asset,
    /// The script of every page, which none needs.
    pub(crate) script: Asset,
    /// The emblem of an installation that has set none of its own, and the icon of the tab.
    pub(crate) emblem: Asset,
}

impl Assets {
    /// Those built into the binary.
    pub(crate) fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Assets> = LazyLock::new(|| Assets {
            style: asset(
                "style",
                "css",
                "text/css; charset=utf-8",
                include_bytes!("style.css"),
            ),
            script: asset(
                "script",
                "js",
                "text/javascript; charset=utf-8",
                include_bytes!("script.js"),
            ),
            emblem: asset(
                "emblem",
                "svg",
                "image/svg+xml",
                include_bytes!("emblem.svg"),
            ),
        });
        &SHIPPED
    }

    /// The file at an address.
    pub(crate) fn at(&self, path: &str) -> Option<&Asset> {
        [&self.style, &self.script, &self.emblem]
            .into_iter()
            .find(|asset| asset.path == path)
    }
}

/// The custom element for portals. Its address is in their pages and never changes, so it is not
/// among the hashed ones.
pub(crate) const EMBED: &str = include_str!("embed.js");

fn asset(stem: &str, suffix: &str, kind: &'static str, body: &'static [u8]) -> Asset {
    let digest = Sha256Digest::of(body).to_string();
    let short = digest.get(..16).unwrap_or_default();
    Asset {
        path: format!("/assets/{stem}-{short}.{suffix}"),
        kind,
        body,
    }
}
