//! A small public key infrastructure for demonstrations and tests: a root, an issuing CA and the
//! certificate of an agency, made on the spot. Nobody should trust it, and its names say so.

use openssl::asn1::{Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::{Pkcs12, Pkcs12Builder};
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509Extension, X509Name, X509NameRef};
use time::{Duration, OffsetDateTime};

use super::asn1::{object_identifier, sequence, tag, value};
use super::oid;

/// The kind of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA of 2048 bits.
    Rsa2048,
    /// RSA of 3072 bits.
    Rsa3072,
    /// ECDSA over P-256.
    P256,
    /// ECDSA over P-384.
    P384,
}

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// digitalSignature and nonRepudiation: an agency or a person that signs.
    Sign,
    /// keyEncipherment alone: it must not sign.
    Encipher,
    /// A time-stamping unit (RFC 3161 §2.3).
    TimeStamp,
}

/// Where the state of a certificate is asked for. Validators call a certificate without these
/// addresses indeterminate for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationAddresses {
    /// The address of the CRL.
    pub crl: String,
    /// The address of the OCSP responder.
    pub ocsp: String,
}

/// What a certificate below the issuing CA shall be.
#[derive(Clone, Debug)]
pub struct LeafProfile {
    /// Its common name.
    pub subject: String,
    /// Its key.
    pub key: KeyKind,
    /// The beginning of its validity.
    pub not_before: OffsetDateTime,
    /// The end of its validity.
    pub not_after: OffsetDateTime,
    /// What its key may be used for.
    pub purpose: Purpose,
    /// What stands in it, and in the issuing CA's certificate, about revocation.
    pub revocation: Option<RevocationAddresses>,
}

/// A root, an issuing CA and one agency.
pub struct TestPki {
    root: Authority,
    issuing: Authority,
    agency: Issued,
}

/// A certificate below the issuing CA, with its key and the chain above it.
pub struct Issued {
    certificate: X509,
    key: PKey<Private>,
    chain: Vec<X509>,
}

struct Authority {
    certificate: X509,
    key: PKey<Private>,
}

impl TestPki {
    /// Makes all three. The authorities are valid from two years before `now` for twenty years.
    ///
    /// # Errors
    /// When OpenSSL cannot make a key or certificate.
    pub fn new(agency: &LeafProfile, now: OffsetDateTime) -> Result<Self, ErrorStack> {
        let validity = (
            now - Duration::days(2 * 365),
            now + Duration::days(20 * 365),
        );
        let root = authority("Trao thử nghiệm – CA gốc", None, validity, None)?;
        let name = "Trao thử nghiệm – CA cấp phát";
        let issuing = authority(name, Some(&root), validity, agency.revocation.as_ref())?;
        let agency = issue(agency, &issuing, &root)?;
        Ok(Self {
            root,
            issuing,
            agency,
        })
    }

    /// Makes a further certificate below the same issuing CA.
    ///
    /// # Errors
    /// When OpenSSL cannot make a key or certificate.
    pub fn issue(&self, profile: &LeafProfile) -> Result<Issued, ErrorStack> {
        issue(profile, &self.issuing, &self.root)
    }

    /// The agency that the infrastructure was made for.
    #[must_use]
    pub fn agency(&self) -> &Issued {
        &self.agency
    }

    /// The root in PEM: the anchor.
    ///
    /// # Errors
    /// When OpenSSL cannot encode it.
    pub fn root_pem(&self) -> Result<Vec<u8>, ErrorStack> {
        self.root.certificate.to_pem()
    }
}

impl Issued {
    /// The certificate in PEM.
    ///
    /// # Errors
    /// When OpenSSL cannot encode it.
    pub fn certificate_pem(&self) -> Result<Vec<u8>, ErrorStack> {
        self.certificate.to_pem()
    }

    /// The issuing CA and the root in PEM.
    ///
    /// # Errors
    /// When OpenSSL cannot encode them.
    pub fn chain_pem(&self) -> Result<Vec<u8>, ErrorStack> {
        let each: Result<Vec<_>, _> = self.chain.iter().map(|above| above.to_pem()).collect();
        Ok(each?.concat())
    }

    /// The key in PEM (PKCS#8), in the clear.
    ///
    /// # Errors
    /// When OpenSSL cannot encode it.
    pub fn key_pem(&self) -> Result<Vec<u8>, ErrorStack> {
        self.key.private_key_to_pem_pkcs8()
    }

    /// Key, certificate and chain as PKCS#12 under PBES2 with AES-256, as OpenSSL 3 writes it.
    ///
    /// # Errors
    /// When the passphrase holds a NUL or OpenSSL cannot encode it.
    pub fn pkcs12(&self, passphrase: &str) -> Result<Vec<u8>, ErrorStack> {
        let mut builder = Pkcs12::builder();
        builder
            .key_algorithm(Nid::AES_256_CBC)
            .cert_algorithm(Nid::AES_256_CBC)
            .mac_md(MessageDigest::sha256());
        self.pack(builder, passphrase)
    }

    /// The same in the form of older programs: triple DES and a MAC with SHA-1.
    ///
    /// # Errors
    /// When the passphrase holds a NUL or OpenSSL cannot encode it.
    pub fn pkcs12_of_old(&self, passphrase: &str) -> Result<Vec<u8>, ErrorStack> {
        let mut builder = Pkcs12::builder();
        builder
            .key_algorithm(Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC)
            .cert_algorithm(Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC)
            .mac_md(MessageDigest::sha1());
        self.pack(builder, passphrase)
    }

    fn pack(&self, mut builder: Pkcs12Builder, passphrase: &str) -> Result<Vec<u8>, ErrorStack> {
        if passphrase.contains('\0') {
            return Err(ErrorStack::get());
        }
        let mut chain = Stack::new()?;
        for above in &self.chain {
            chain.push(above.clone())?;
        }
        builder
            .name("Trao")
            .pkey(&self.key)
            .cert(&self.certificate)
            .ca(chain);
        builder.build2(passphrase)?.to_der()
    }
}

fn authority(
    name: &str,
    parent: Option<&Authority>,
    validity: (OffsetDateTime, OffsetDateTime),
    revocation: Option<&RevocationAddresses>,
) -> Result<Authority, ErrorStack> {
    let key = PKey::from_rsa(Rsa::generate(2048)?)?;
    let subject = subject(name)?;
    let mut builder = begin(&subject, &key, validity)?;
    let issuer: &X509NameRef = parent.map_or(&subject, |parent| parent.certificate.subject_name());
    builder.set_issuer_name(issuer)?;
    let mut constraints = BasicConstraints::new();
    constraints.critical().ca();
    if parent.is_some() {
        constraints.pathlen(0);
    }
    builder.append_extension(constraints.build()?)?;
    builder.append_extension(
        KeyUsage::new()
            .critical()
            .key_cert_sign()
            .crl_sign()
            .build()?,
    )?;
    identify(&mut builder, parent)?;
    point_to_revocation(&mut builder, revocation)?;
    builder.sign(
        parent.map_or(&key, |parent| &parent.key),
        MessageDigest::sha256(),
    )?;
    Ok(Authority {
        certificate: builder.build(),
        key,
    })
}

fn issue(
    profile: &LeafProfile,
    issuing: &Authority,
    root: &Authority,
) -> Result<Issued, ErrorStack> {
    let key = generate(profile.key)?;
    let validity = (profile.not_before, profile.not_after);
    let mut builder = begin(&*subject(&profile.subject)?, &key, validity)?;
    builder.set_issuer_name(issuing.certificate.subject_name())?;
    builder.append_extension(BasicConstraints::new().critical().build()?)?;
    let mut usage = KeyUsage::new();
    match profile.purpose {
        Purpose::Sign => usage.critical().digital_signature().non_repudiation(),
        Purpose::Encipher => usage.critical().key_encipherment(),
        Purpose::TimeStamp => usage.critical().digital_signature(),
    };
    builder.append_extension(usage.build()?)?;
    if profile.purpose == Purpose::TimeStamp {
        builder.append_extension(ExtendedKeyUsage::new().critical().time_stamping().build()?)?;
    }
    identify(&mut builder, Some(issuing))?;
    point_to_revocation(&mut builder, profile.revocation.as_ref())?;
    builder.sign(&issuing.key, MessageDigest::sha256())?;
    let chain = vec![issuing.certificate.clone(), root.certificate.clone()];
    Ok(Issued {
        certificate: builder.build(),
        key,
        chain,
    })
}

fn generate(kind: KeyKind) -> Result<PKey<Private>, ErrorStack> {
    let on_curve = |curve| PKey::from_ec_key(EcKey::generate(&*EcGroup::from_curve_name(curve)?)?);
    match kind {
        KeyKind::Rsa2048 => PKey::from_rsa(Rsa::generate(2048)?),
        KeyKind::Rsa3072 => PKey::from_rsa(Rsa::generate(3072)?),
        KeyKind::P256 => on_curve(Nid::X9_62_PRIME256V1),
        KeyKind::P384 => on_curve(Nid::SECP384R1),
    }
}

fn subject(common_name: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_text("C", "VN")?;
    name.append_entry_by_text("O", "Trao thử nghiệm")?;
    name.append_entry_by_text("CN", common_name)?;
    Ok(name.build())
}

fn begin(
    subject: &X509NameRef,
    key: &PKey<Private>,
    (from, to): (OffsetDateTime, OffsetDateTime),
) -> Result<X509Builder, ErrorStack> {
    let mut builder = X509Builder::new()?;
    builder.set_version(2)?;
    let mut serial = BigNum::new()?;
    serial.rand(SERIAL_BITS, MsbOption::ONE, false)?;
    let serial = serial.to_asn1_integer()?;
    builder.set_serial_number(&serial)?;
    builder.set_subject_name(subject)?;
    builder.set_pubkey(key)?;
    let (from, to) = (asn1_time(from)?, asn1_time(to)?);
    builder.set_not_before(&from)?;
    builder.set_not_after(&to)?;
    Ok(builder)
}

fn asn1_time(time: OffsetDateTime) -> Result<Asn1Time, ErrorStack> {
    Asn1Time::from_unix(time.unix_timestamp())
}

fn identify(builder: &mut X509Builder, issuer: Option<&Authority>) -> Result<(), ErrorStack> {
    let above = issuer.map(|issuer| issuer.certificate.as_ref());
    let subject_key = SubjectKeyIdentifier::new().build(&builder.x509v3_context(above, None))?;
    builder.append_extension(subject_key)?;
    if above.is_some() {
        let authority_key = AuthorityKeyIdentifier::new()
            .keyid(true)
            .build(&builder.x509v3_context(above, None))?;
        builder.append_extension(authority_key)?;
    }
    Ok(())
}

/// `CRLDistributionPoints` and `AuthorityInfoAccess`, written by hand: the text form that OpenSSL
/// reads would take an address apart at its commas.
fn point_to_revocation(
    builder: &mut X509Builder,
    addresses: Option<&RevocationAddresses>,
) -> Result<(), ErrorStack> {
    let Some(addresses) = addresses else {
        return Ok(());
    };
    let crl = value(URI, addresses.crl.as_bytes());
    let full_name = value(tag::CONTEXT_0, &value(tag::CONTEXT_0, &crl));
    let points = sequence(&[&sequence(&[&full_name])]);
    let ocsp = value(URI, addresses.ocsp.as_bytes());
    let access = sequence(&[&sequence(&[&object_identifier(oid::AD_OCSP), &ocsp])]);
    for (kind, content) in [
        (oid::CRL_DISTRIBUTION_POINTS, points),
        (oid::AUTHORITY_INFO_ACCESS, access),
    ] {
        let kind = Asn1Object::from_str(kind)?;
        let content = Asn1OctetString::new_from_bytes(&content)?;
        builder.append_extension(X509Extension::new_from_der(&kind, false, &content)?)?;
    }
    Ok(())
}

/// A URI in a `GeneralName`: `[6] IMPLICIT IA5String`.
const URI: u8 = 0x86;
/// Random, positive, below the 20 octets of RFC 5280 §4.1.2.2.
const SERIAL_BITS: i32 = 120;
