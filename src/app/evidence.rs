//! Whom the service asks for time-stamps and about revocation, by the settings.

use super::foundation::anchors;
use crate::config::{Settings, TsaSettings};
use crate::egress::{Egress, EgressSetupError, Tsa};
use crate::evidence::{Authority, Evidence};
use crate::model::Clock;
use crate::pades::TrustAnchors;

/// Asks the authorities of these addresses, or else those of `[[tsa]]`. `trusted` vouches for those
/// whose settings name nobody.
///
/// # Errors
/// A file that the settings name cannot be read, or an address is none.
pub fn evidence(
    settings: &Settings,
    addresses: &[String],
    trusted: &TrustAnchors,
    clock: Clock,
) -> Result<Evidence, EgressSetupError> {
    let egress = Egress::open(&settings.egress)?;
    let given: Vec<_> = addresses.iter().map(|url| named(url)).collect();
    let chosen = if given.is_empty() {
        &settings.tsa
    } else {
        &given
    };
    let authorities = chosen.iter().map(|one| authority(one, trusted));
    Ok(Evidence::new(
        egress,
        authorities.collect::<Result<_, _>>()?,
        clock,
    ))
}

/// An authority that is known by its address alone.
fn named(url: &str) -> TsaSettings {
    TsaSettings {
        name: url.to_owned(),
        url: url.to_owned(),
        ..TsaSettings::default()
    }
}

fn authority(
    settings: &TsaSettings,
    trusted: &TrustAnchors,
) -> Result<Authority, EgressSetupError> {
    let tsa = Tsa::open(settings)?;
    let anchors = match tsa.anchors() {
        [] => trusted.clone(),
        files => anchors(files).map_err(|source| EgressSetupError::File {
            setting: "tsa.anchors",
            path: files.first().cloned().unwrap_or_default(),
            source,
        })?,
    };
    Ok(Authority { tsa, anchors })
}
