//! The object identifiers that a CMS and a certificate of ours hold, and those we know in others'.

use der::asn1::ObjectIdentifier as Oid;

/// id-data, RFC 5652 §4.
pub(super) const DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.1");
/// id-signedData, RFC 5652 §5.1.
pub(super) const SIGNED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.2");
/// id-ct-TSTInfo, RFC 3161 §2.4.2.
pub(super) const TST_INFO: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// id-contentType, RFC 5652 §11.1.
pub(super) const CONTENT_TYPE: Oid = Oid::new_unwrap("1.2.840.113549.1.9.3");
/// id-messageDigest, RFC 5652 §11.2.
pub(super) const MESSAGE_DIGEST: Oid = Oid::new_unwrap("1.2.840.113549.1.9.4");
/// id-signingTime, RFC 5652 §11.3.
pub(super) const SIGNING_TIME: Oid = Oid::new_unwrap("1.2.840.113549.1.9.5");
/// id-aa-signingCertificate, RFC 2634 §5.4.
pub(super) const SIGNING_CERTIFICATE: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.12");
/// id-aa-signingCertificateV2, RFC 5035 §3.
pub(super) const SIGNING_CERTIFICATE_V2: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.47");
/// id-aa-timeStampToken, RFC 3161 appendix A.
pub(super) const TIME_STAMP_TOKEN: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.14");

/// id-kp-documentSigning, RFC 9336 §3.1.
pub(super) const DOCUMENT_SIGNING: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.3.36");
/// The purpose that Microsoft gave document signing.
pub(super) const DOCUMENT_SIGNING_MICROSOFT: Oid = Oid::new_unwrap("1.3.6.1.4.1.311.10.3.12");
/// Adobe's authentic documents trust.
pub(super) const DOCUMENT_SIGNING_ADOBE: Oid = Oid::new_unwrap("1.2.840.113583.1.1.5");
/// id-ce-cRLReasons, RFC 5280 §5.3.1.
pub(super) const CRL_REASON: Oid = Oid::new_unwrap("2.5.29.21");

/// id-sha1, for what others signed long ago; we never sign with it.
pub(super) const SHA1: Oid = Oid::new_unwrap("1.3.14.3.2.26");
/// id-sha256, RFC 5754 §2.
pub(super) const SHA256: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.1");
/// id-sha384.
pub(super) const SHA384: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.2");
/// id-sha512.
pub(super) const SHA512: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.3");
/// id-sha3-256, RFC 8702.
pub(super) const SHA3_256: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.8");
/// id-sha3-384.
pub(super) const SHA3_384: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.9");
/// id-sha3-512.
pub(super) const SHA3_512: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.10");

/// rsaEncryption, RFC 8017: as a signature's algorithm it leaves the digest to its own field.
pub(super) const RSA_ENCRYPTION: Oid = Oid::new_unwrap("1.2.840.113549.1.1.1");
/// id-mgf1.
pub(super) const MGF1: Oid = Oid::new_unwrap("1.2.840.113549.1.1.8");
/// id-RSASSA-PSS.
pub(super) const RSASSA_PSS: Oid = Oid::new_unwrap("1.2.840.113549.1.1.10");
/// sha1WithRSAEncryption.
pub(super) const RSA_SHA1: Oid = Oid::new_unwrap("1.2.840.113549.1.1.5");
/// sha256WithRSAEncryption.
pub(super) const RSA_SHA256: Oid = Oid::new_unwrap("1.2.840.113549.1.1.11");
/// sha384WithRSAEncryption.
pub(super) const RSA_SHA384: Oid = Oid::new_unwrap("1.2.840.113549.1.1.12");
/// sha512WithRSAEncryption.
pub(super) const RSA_SHA512: Oid = Oid::new_unwrap("1.2.840.113549.1.1.13");
/// ecdsa-with-SHA1.
pub(super) const ECDSA_SHA1: Oid = Oid::new_unwrap("1.2.840.10045.4.1");
/// ecdsa-with-SHA256, RFC 5758 §3.2.
pub(super) const ECDSA_SHA256: Oid = Oid::new_unwrap("1.2.840.10045.4.3.2");
/// ecdsa-with-SHA384.
pub(super) const ECDSA_SHA384: Oid = Oid::new_unwrap("1.2.840.10045.4.3.3");
/// ecdsa-with-SHA512.
pub(super) const ECDSA_SHA512: Oid = Oid::new_unwrap("1.2.840.10045.4.3.4");

/// id-pkix-ocsp-basic, RFC 6960 §4.2.1.
pub(super) const OCSP_BASIC: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.1");
/// id-pkix-ocsp-nonce, RFC 9654.
pub(super) const OCSP_NONCE: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.2");
/// id-pkix-ocsp-nocheck, RFC 6960 §4.2.2.2.1.
pub(super) const OCSP_NOCHECK: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.5");
/// id-pkix-ocsp-archive-cutoff, RFC 6960 §4.4.4.
pub(super) const OCSP_ARCHIVE_CUTOFF: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.6");
/// id-ce-expiredCertsOnCRL, X.509 (2019) §9.5.2.8.
pub(super) const EXPIRED_CERTS_ON_CRL: Oid = Oid::new_unwrap("2.5.29.60");
/// id-ce-issuingDistributionPoint, RFC 5280 §5.2.5.
pub(super) const ISSUING_DISTRIBUTION_POINT: Oid = Oid::new_unwrap("2.5.29.28");
/// id-ce-deltaCRLIndicator, RFC 5280 §5.2.4.
pub(super) const DELTA_CRL: Oid = Oid::new_unwrap("2.5.29.27");

/// id-ce-cRLDistributionPoints, RFC 5280 §4.2.1.13.
pub(super) const CRL_DISTRIBUTION_POINTS: &str = "2.5.29.31";
/// id-pe-authorityInfoAccess, RFC 5280 §4.2.2.1.
pub(super) const AUTHORITY_INFO_ACCESS: &str = "1.3.6.1.5.5.7.1.1";
/// id-ad-caIssuers.
pub(super) const AD_CA_ISSUERS: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.2");
/// id-ad-ocsp, RFC 5280 §4.2.2.1.
pub(super) const AD_OCSP: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1");
