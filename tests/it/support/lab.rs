//! Certificates, signatures, time-stamps and answers of any time, honest or not, written by hand:
//! what a thief of a key or a lax authority could make. The product's own builders and OpenSSL's
//! programs make such things for the present only, and never wrongly.

use openssl::asn1::{Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sha::{sha1, sha256};
use openssl::sign::Signer;
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use openssl::x509::{X509, X509Builder, X509Extension, X509Name};
use time::format_description::StaticFormatDescription;
use time::macros::{datetime, format_description};
use time::{OffsetDateTime, UtcOffset};
use trao::pades::{Limits, Report, TrustAnchors, verify};

use super::pdf::{Dictionary, append, draft, one_page};

/// A name, a key, and the root's certificate for them.
pub(crate) struct Holder {
    certificate: X509,
    key: PKey<Private>,
    /// Certificates in DER that go along in messages.
    above: Vec<u8>,
}

/// What stands in a certificate beside its name and its validity.
#[derive(Clone, Copy, Default)]
pub(crate) struct Extras<'e> {
    /// Extended key usages by their object identifiers; the extension is critical …
    pub(crate) usages: &'e [&'e str],
    /// … unless it is lax.
    pub(crate) is_lax: bool,
    /// id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1).
    pub(crate) is_unchecked: bool,
    /// RSA of 1024 bits in the place of P-256.
    pub(crate) is_weak: bool,
    /// Where its responder is, if anywhere.
    pub(crate) ocsp: &'e str,
    /// Where its issuer's list is, if anywhere.
    pub(crate) crl: &'e str,
}

/// What is odd about an `OCSPResponse`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Oddity<'o> {
    /// What stands behind `nextUpdate`.
    pub(crate) single: &'o [u8],
    /// Extensions of the whole.
    pub(crate) whole: &'o [u8],
    /// It is signed over SHA-1.
    pub(crate) is_sha1: bool,
}

/// How a message is written.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    /// With signed attributes.
    pub(crate) has_attributes: bool,
    /// With signing-certificate-v2 among them.
    pub(crate) names_certificate: bool,
    /// Over SHA-1; the key is on P-256.
    pub(crate) is_sha1: bool,
}

/// What an answer says.
#[derive(Clone, Copy)]
pub(crate) enum Word {
    Good,
    Revoked(OffsetDateTime),
    /// Revoked with the reason certificateHold.
    OnHold(OffsetDateTime),
    /// The responder does not know the certificate; a list has no such word.
    Unknown,
}

/// The time in which an answer counts.
pub(crate) type Span = (OffsetDateTime, OffsetDateTime);

pub(crate) const HONEST: Form = Form {
    has_attributes: true,
    names_certificate: true,
    is_sha1: false,
};
pub(crate) const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
pub(crate) const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
const DATA: &str = "1.2.840.113549.1.7.1";
const ECDSA_WITH_SHA1: &str = "1.2.840.10045.4.1";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

impl Holder {
    /// A root that lasts from 2015 to 2045.
    pub(crate) fn root() -> Self {
        let span = (
            datetime!(2015-01-01 0:00 UTC),
            datetime!(2045-01-01 0:00 UTC),
        );
        issue("Root", span, Extras::default(), None)
    }

    /// Somebody below it.
    pub(crate) fn issue(&self, name: &str, span: Span, extras: Extras<'_>) -> Self {
        issue(name, span, extras, Some(self))
    }

    /// A time-stamping authority below it.
    pub(crate) fn tsa(&self, span: Span) -> Self {
        let extras = Extras {
            usages: &[TIME_STAMPING],
            ..Extras::default()
        };
        self.issue("TSA", span, extras)
    }

    /// Somebody whose key and certificates there are already.
    pub(crate) fn of_pem(key: &[u8], certificate: &[u8], above: &[u8]) -> Self {
        Self {
            certificate: X509::from_pem(certificate).unwrap(),
            key: PKey::private_key_from_pem(key).unwrap(),
            above: X509::from_pem(above).unwrap().to_der().unwrap(),
        }
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        self.certificate.to_der().unwrap()
    }

    fn serial(&self) -> Vec<u8> {
        let mut number = self.certificate.serial_number().to_bn().unwrap().to_vec();
        if number.first().is_some_and(|byte| byte & 0x80 != 0) {
            // Else it were negative; of random serials one in a few hundred is such.
            number.insert(0, 0);
        }
        tlv(0x02, &number)
    }

    fn name(&self) -> Vec<u8> {
        self.certificate.subject_name().to_der().unwrap()
    }

    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.sign_over(MessageDigest::sha256(), bytes)
    }

    fn sign_over(&self, digest: MessageDigest, bytes: &[u8]) -> Vec<u8> {
        let mut signer = Signer::new(digest, &self.key).unwrap();
        signer.sign_oneshot_to_vec(bytes).unwrap()
    }

    fn algorithm(&self) -> Vec<u8> {
        match self.key.rsa() {
            Ok(_) => seq(&[&oid("1.2.840.113549.1.1.11"), &[5, 0]]),
            Err(_) => seq(&[&oid("1.2.840.10045.4.3.2")]),
        }
    }

    /// `signed`, the algorithm and the signature, as certificates and lists have them.
    fn enclose(&self, signed: &[u8], more: &[u8]) -> Vec<u8> {
        let signature = tlv(0x03, &[&[0][..], &self.sign(signed)].concat());
        seq(&[signed, &self.algorithm(), &signature, more])
    }

    /// The same over SHA-1; the key is on P-256.
    fn enclose_by_sha1(&self, signed: &[u8], more: &[u8]) -> Vec<u8> {
        let made = self.sign_over(MessageDigest::sha1(), signed);
        let signature = tlv(0x03, &[&[0][..], &made].concat());
        seq(&[signed, &seq(&[&oid(ECDSA_WITH_SHA1)]), &signature, more])
    }
}

fn issue(name: &str, (from, to): Span, extras: Extras<'_>, above: Option<&Holder>) -> Holder {
    let key = if extras.is_weak {
        PKey::from_rsa(Rsa::generate(1024).unwrap())
    } else {
        let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        PKey::from_ec_key(EcKey::generate(&curve).unwrap())
    };
    let key = key.unwrap();
    let mut subject = X509Name::builder().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    let serial = BigNum::from_slice(&sha256(&key.public_key_to_der().unwrap())[..8]).unwrap();
    let mut positive = serial;
    positive.clear_bit(63).unwrap();
    positive.set_bit(62).unwrap();
    builder
        .set_serial_number(&positive.to_asn1_integer().unwrap())
        .unwrap();
    builder.set_subject_name(&subject).unwrap();
    let issuer = above.map_or(&*subject, |above| above.certificate.subject_name());
    builder.set_issuer_name(issuer).unwrap();
    builder.set_pubkey(&key).unwrap();
    let moment = |at: OffsetDateTime| Asn1Time::from_unix(at.unix_timestamp()).unwrap();
    builder.set_not_before(&moment(from)).unwrap();
    builder.set_not_after(&moment(to)).unwrap();
    for extension in extensions(&extras, above.is_none()) {
        builder.append_extension(extension).unwrap();
    }
    let signing = above.map_or(&key, |above| &above.key);
    builder.sign(signing, MessageDigest::sha256()).unwrap();
    let certificate = builder.build();
    Holder {
        certificate,
        key,
        above: Vec::new(),
    }
}

fn extensions(extras: &Extras<'_>, is_root: bool) -> Vec<X509Extension> {
    let mut constraints = BasicConstraints::new();
    let mut usage = KeyUsage::new();
    constraints.critical();
    usage.critical();
    if is_root {
        constraints.ca();
        usage.key_cert_sign().crl_sign();
    } else {
        usage.digital_signature();
    }
    let mut all = vec![constraints.build().unwrap(), usage.build().unwrap()];
    if !extras.usages.is_empty() {
        let mut extended = ExtendedKeyUsage::new();
        if !extras.is_lax {
            extended.critical();
        }
        for usage in extras.usages {
            extended.other(usage);
        }
        all.push(extended.build().unwrap());
    }
    if extras.is_unchecked {
        all.push(plain("1.3.6.1.5.5.7.48.1.5", &[5, 0]));
    }
    let uri = |address: &str| tlv(0x86, address.as_bytes());
    if !extras.ocsp.is_empty() {
        let access = seq(&[&oid("1.3.6.1.5.5.7.48.1"), &uri(extras.ocsp)]);
        all.push(plain("1.3.6.1.5.5.7.1.1", &seq(&[&access])));
    }
    if !extras.crl.is_empty() {
        let point = tlv(0xa0, &tlv(0xa0, &uri(extras.crl)));
        all.push(plain("2.5.29.31", &seq(&[&seq(&[&point])])));
    }
    all
}

/// An extension of a certificate that is not critical.
fn plain(kind: &str, content: &[u8]) -> X509Extension {
    let kind = Asn1Object::from_str(kind).unwrap();
    let content = Asn1OctetString::new_from_bytes(content).unwrap();
    X509Extension::new_from_der(&kind, false, &content).unwrap()
}

/// A `SignedData` over data that stand elsewhere or a `TSTInfo` that it encloses, with the
/// time-stamps that `stamps` makes of the signature's value.
fn message(
    by: &Holder,
    kind: &str,
    content: &[u8],
    form: Form,
    stamps: &dyn Fn(&[u8]) -> Vec<Vec<u8>>,
) -> Vec<u8> {
    let (digest_id, digest, algorithm, digested) = if form.is_sha1 {
        let algorithm = seq(&[&oid(ECDSA_WITH_SHA1)]);
        let digest = MessageDigest::sha1();
        ("1.3.14.3.2.26", digest, algorithm, sha1(content).to_vec())
    } else {
        let digest = MessageDigest::sha256();
        let digested = sha256(content).to_vec();
        ("2.16.840.1.101.3.4.2.1", digest, by.algorithm(), digested)
    };
    let digest_id = seq(&[&oid(digest_id)]);
    let mut attributes = vec![
        attribute("1.2.840.113549.1.9.3", &oid(kind)),
        attribute("1.2.840.113549.1.9.4", &tlv(0x04, &digested)),
    ];
    if form.names_certificate {
        let reference = seq(&[&tlv(0x04, &sha256(&by.der()))]);
        let reference = seq(&[&seq(&[&reference])]);
        attributes.push(attribute("1.2.840.113549.1.9.16.2.47", &reference));
    }
    attributes.sort();
    let attributes = attributes.concat();
    let (signed, signature) = if form.has_attributes {
        let signature = by.sign_over(digest, &tlv(0x31, &attributes));
        (tlv(0xa0, &attributes), signature)
    } else {
        (Vec::new(), by.sign_over(digest, content))
    };
    let stamps: Vec<u8> = stamps(&signature)
        .iter()
        .flat_map(|token| attribute("1.2.840.113549.1.9.16.2.14", token))
        .collect();
    let unsigned = if stamps.is_empty() {
        stamps
    } else {
        tlv(0xa1, &stamps)
    };
    let issuer = by.certificate.issuer_name().to_der().unwrap();
    let info = seq(&[
        &tlv(0x02, &[1]),
        &seq(&[&issuer, &by.serial()]),
        &digest_id,
        &signed,
        &algorithm,
        &tlv(0x04, &signature),
        &unsigned,
    ]);
    let enclosed = if kind == DATA {
        Vec::new()
    } else {
        tlv(0xa0, &tlv(0x04, content))
    };
    let data = seq(&[
        &tlv(0x02, &[3]),
        &tlv(0x31, &digest_id),
        &seq(&[&oid(kind), &enclosed]),
        &tlv(0xa0, &[by.der(), by.above.clone()].concat()),
        &tlv(0x31, &info),
    ]);
    seq(&[&oid("1.2.840.113549.1.7.2"), &tlv(0xa0, &data)])
}

/// A time-stamp token over these bytes.
pub(crate) fn token(by: &Holder, about: &[u8], at: OffsetDateTime, form: Form) -> Vec<u8> {
    token_with(by, about, at, form, &[])
}

/// The same with more behind `genTime`.
pub(crate) fn token_with(
    by: &Holder,
    about: &[u8],
    at: OffsetDateTime,
    form: Form,
    more: &[u8],
) -> Vec<u8> {
    token_over(by, &sha256(about), at, form, more)
}

/// The same about what has this SHA-256.
pub(crate) fn token_over(
    by: &Holder,
    digest: &[u8],
    at: OffsetDateTime,
    form: Form,
    more: &[u8],
) -> Vec<u8> {
    let imprint = seq(&[&seq(&[&oid("2.16.840.1.101.3.4.2.1")]), &tlv(0x04, digest)]);
    let info = seq(&[
        &tlv(0x02, &[1]),
        &oid("1.2.3.4"),
        &imprint,
        &tlv(0x02, &[7]),
        &generalized(at),
        more,
    ]);
    message(by, TST_INFO, &info, form, &bare)
}

/// A file of one page signed at `claimed`, with time-stamps on the signature.
pub(crate) fn signed(
    by: &Holder,
    claimed: OffsetDateTime,
    stamps: &dyn Fn(&[u8]) -> Vec<Vec<u8>>,
) -> Vec<u8> {
    signed_as(HONEST, "ETSI.CAdES.detached", by, claimed, stamps)
}

/// The same in another form.
pub(crate) fn signed_as(
    form: Form,
    sub_filter: &str,
    by: &Holder,
    claimed: OffsetDateTime,
    stamps: &dyn Fn(&[u8]) -> Vec<Vec<u8>>,
) -> Vec<u8> {
    let written = format!("D:{}Z", written(claimed));
    let dictionary = Dictionary {
        time: Some(&written),
        sub_filter,
        ..Dictionary::default()
    };
    let draft = draft(&one_page(), 0, &dictionary);
    let covered = draft.covered(draft.honest_range());
    draft.fill(&message(by, DATA, &covered, form, stamps))
}

/// No time-stamps.
pub(crate) fn bare(_: &[u8]) -> Vec<Vec<u8>> {
    Vec::new()
}

/// The file with a document time-stamp as its `nth` signature.
pub(crate) fn stamped(file: &[u8], nth: u32, by: &Holder, at: OffsetDateTime) -> Vec<u8> {
    let stamp = Dictionary {
        kind: "DocTimeStamp",
        sub_filter: "ETSI.RFC3161",
        time: None,
        ..Dictionary::default()
    };
    let draft = draft(file, nth, &stamp);
    let covered = draft.covered(draft.honest_range());
    draft.fill(&token(by, &covered, at, HONEST))
}

/// The file with answers in its security store.
pub(crate) fn with_answers(file: &[u8], ocsps: &[Vec<u8>], crls: &[Vec<u8>]) -> Vec<u8> {
    let mut objects = Vec::new();
    let mut place = |items: &[Vec<u8>]| {
        let mut numbers = Vec::new();
        for item in items {
            let number = 60 + u32::try_from(objects.len()).unwrap();
            let digits = hex::encode(item);
            let length = digits.len() + 1;
            objects.push((
                number,
                format!("<</Length {length}/Filter/ASCIIHexDecode>>stream\n{digits}>\nendstream"),
            ));
            numbers.push(format!("{number} 0 R"));
        }
        numbers.join(" ")
    };
    let (ocsps, crls) = (place(ocsps), place(crls));
    let store = format!("/DSS<</OCSPs[{ocsps}]/CRLs[{crls}]>>");
    let catalog = format!("<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R{store}>>");
    objects.push((1, catalog));
    append(file, &objects)
}

/// An `OCSPResponse` about somebody below `root`, by the root itself or for it.
pub(crate) fn ocsp(about: &Holder, root: &Holder, by: &Holder, word: Word, span: Span) -> Vec<u8> {
    ocsp_with(about, root, by, word, span, &[])
}

/// The same with more behind `nextUpdate`.
pub(crate) fn ocsp_with(
    about: &Holder,
    root: &Holder,
    by: &Holder,
    word: Word,
    span: Span,
    more: &[u8],
) -> Vec<u8> {
    let oddity = Oddity {
        single: more,
        ..Oddity::default()
    };
    ocsp_odd(about, root, by, word, span, oddity)
}

/// An answer that is odd.
pub(crate) fn ocsp_odd(
    about: &Holder,
    root: &Holder,
    by: &Holder,
    word: Word,
    (from, to): Span,
    oddity: Oddity<'_>,
) -> Vec<u8> {
    let status = match word {
        Word::Good => tlv(0x80, &[]),
        Word::Revoked(at) => tlv(0xa1, &generalized(at)),
        Word::OnHold(at) => {
            let reason = tlv(0xa0, &tlv(0x0a, &[6]));
            tlv(0xa1, &[generalized(at), reason].concat())
        }
        Word::Unknown => tlv(0x82, &[]),
    };
    let key = root.key.public_key_to_der().unwrap();
    // The last element of SubjectPublicKeyInfo: an uncompressed point on P-256.
    let key = &key[key.len() - 65..];
    let id = seq(&[
        &seq(&[&oid("1.3.14.3.2.26"), &[5, 0]]),
        &tlv(0x04, &sha1(&root.name())),
        &tlv(0x04, &sha1(key)),
        &about.serial(),
    ]);
    let single = seq(&[
        &id,
        &status,
        &generalized(from),
        &tlv(0xa0, &generalized(to)),
        oddity.single,
    ]);
    let whole = if oddity.whole.is_empty() {
        Vec::new()
    } else {
        tlv(0xa1, &seq(&[oddity.whole]))
    };
    let produced = generalized(from);
    let data = seq(&[&tlv(0xa1, &by.name()), &produced, &seq(&[&single]), &whole]);
    let certificates = tlv(0xa0, &seq(&[&by.der()]));
    let basic = if oddity.is_sha1 {
        by.enclose_by_sha1(&data, &certificates)
    } else {
        by.enclose(&data, &certificates)
    };
    let bytes = seq(&[&oid("1.3.6.1.5.5.7.48.1.1"), &tlv(0x04, &basic)]);
    seq(&[&tlv(0x0a, &[0]), &tlv(0xa0, &bytes)])
}

/// The root's list.
pub(crate) fn crl(root: &Holder, revoked: &[(&Holder, Word)], span: Span) -> Vec<u8> {
    crl_with(root, revoked, span, &[], None)
}

/// The same with extensions, and with another algorithm inside than outside.
pub(crate) fn crl_with(
    root: &Holder,
    revoked: &[(&Holder, Word)],
    span: Span,
    extensions: &[u8],
    inner: Option<&str>,
) -> Vec<u8> {
    let algorithm = inner.map_or_else(|| root.algorithm(), |other| seq(&[&oid(other)]));
    root.enclose(&list(root, revoked, span, extensions, &algorithm), &[])
}

/// The root's list, signed over SHA-1.
pub(crate) fn crl_by_sha1(root: &Holder, span: Span) -> Vec<u8> {
    let algorithm = seq(&[&oid(ECDSA_WITH_SHA1)]);
    root.enclose_by_sha1(&list(root, &[], span, &[], &algorithm), &[])
}

/// `TBSCertList`.
fn list(
    root: &Holder,
    revoked: &[(&Holder, Word)],
    (from, to): Span,
    extensions: &[u8],
    algorithm: &[u8],
) -> Vec<u8> {
    let entries: Vec<u8> = revoked
        .iter()
        .flat_map(|(whose, word)| entry(whose, *word))
        .collect();
    let entries = if entries.is_empty() {
        entries
    } else {
        seq(&[&entries])
    };
    let extensions = if extensions.is_empty() {
        Vec::new()
    } else {
        tlv(0xa0, &seq(&[extensions]))
    };
    seq(&[
        &tlv(0x02, &[1]),
        algorithm,
        &root.name(),
        &generalized(from),
        &generalized(to),
        &entries,
        &extensions,
    ])
}

fn entry(whose: &Holder, word: Word) -> Vec<u8> {
    let (at, reason) = match word {
        Word::Good | Word::Unknown => return Vec::new(),
        Word::Revoked(at) => (at, Vec::new()),
        Word::OnHold(at) => (at, seq(&[&extension("2.5.29.21", &tlv(0x0a, &[6]))])),
    };
    seq(&[&whose.serial(), &generalized(at), &reason])
}

/// An extension that is not critical.
pub(crate) fn extension(kind: &str, content: &[u8]) -> Vec<u8> {
    seq(&[&oid(kind), &tlv(0x04, content)])
}

pub(crate) fn judged(file: &[u8], root: &Holder, now: OffsetDateTime) -> Report {
    let anchors = TrustAnchors::from_der(vec![root.der()]);
    verify(&file.to_vec(), &Limits::default(), &anchors, now).unwrap()
}

fn attribute(kind: &str, content: &[u8]) -> Vec<u8> {
    seq(&[&oid(kind), &tlv(0x31, content)])
}

pub(crate) fn generalized(at: OffsetDateTime) -> Vec<u8> {
    tlv(0x18, format!("{}Z", written(at)).as_bytes())
}

fn written(at: OffsetDateTime) -> String {
    const FORM: StaticFormatDescription =
        format_description!("[year][month][day][hour][minute][second]");
    at.to_offset(UtcOffset::UTC).format(FORM).unwrap()
}

pub(crate) fn oid(text: &str) -> Vec<u8> {
    let id = der::asn1::ObjectIdentifier::new(text).unwrap();
    tlv(0x06, id.as_bytes())
}

pub(crate) fn seq(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = match u8::try_from(length) {
        Ok(short @ 0..0x80) => vec![tag, short],
        Ok(long) => vec![tag, 0x81, long],
        Err(_) => {
            let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
            vec![tag, 0x82, high, low]
        }
    };
    out.extend_from_slice(content);
    out
}
