//! Sealing: what was prepared can be read again and has one signature more.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trao_fuzz::pades::{Covers, Pdf, prepare, signatures};
use trao_fuzz::{limits, request};

fuzz_target!(|bytes: &[u8]| {
    let (is_shown, received) = (bytes.len() % 2 == 0, bytes.to_vec());
    let Ok(revision) = prepare(&received, &limits(), &request(is_shown)) else {
        return;
    };
    let appended = revision.filled(&[0x30, 0]).expect("the hole has room");
    let sealed = [received.as_slice(), &appended].concat();
    // Reading both takes more than reading one.
    let mut roomy = limits();
    roomy.work *= 4;
    roomy.work_bytes *= 4;
    let pdf = Pdf::open(&sealed, &roomy).expect("what is sealed can be read");
    let Ok(found) = signatures(&pdf) else { return };
    let ours = found.iter().find(|each| each.covers == Covers::WholeFile);
    assert!(ours.is_some(), "the seal covers the file");
});
