//! Dossier codes: what is displayed is read back as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trao_fuzz::code::DossierCode;

fuzz_target!(|text: &str| {
    if let Ok(code) = DossierCode::parse(text) {
        let again = DossierCode::parse(code.as_str()).expect("its own form is a code");
        assert_eq!(again.as_str(), code.as_str());
    }
});
